//! Messages to bytes, on the server's side: unmasked.

use crate::{
    close::REASON_LEN,
    deflate::Deflater,
    extension::Deflate,
    frame::{Header, Kind, Opcode},
};

/// Bytes of a header without a mask, at most.
const HEADER_LEN: usize = 10;

/// Encoder of messages, one frame each.
#[derive(Debug)]
pub struct Sender {
    deflater: Option<Deflater>,
    compress_from: usize,
}

impl Sender {
    /// Creates a sender; `deflate` are the negotiated parameters. Messages of fewer bytes than
    /// `compress_from` are not compressed.
    #[must_use]
    pub fn new(deflate: Option<Deflate>, compress_from: usize) -> Self {
        Self { deflater: deflate.map(Deflater::new), compress_from }
    }

    /// True if a message of `len` bytes is compressed. An empty one never is: it has nothing to flush.
    #[must_use]
    pub fn compresses(&self, len: usize) -> bool {
        self.deflater.is_some() && len >= self.compress_from.max(1)
    }

    /// Appends `message` to `out` as one frame, compressed if [`Sender::compresses`].
    pub fn write_message(&mut self, kind: Kind, message: &[u8], out: &mut Vec<u8>) {
        if !self.compresses(message.len()) {
            return write_frame(opcode(kind), message, out);
        }
        let Some(deflater) = &mut self.deflater else { return };
        // The size of the header depends on the compressed length: room for the largest.
        let start = out.len();
        out.resize(start + HEADER_LEN, 0);
        deflater.deflate(message, out);
        let len = out.len() - start - HEADER_LEN;
        let mut header = Vec::with_capacity(HEADER_LEN);
        Header { compressed: true, ..header_of(kind, len) }.encode(&mut header);
        out.copy_within(start + HEADER_LEN.., start + header.len());
        out.truncate(start + header.len() + len);
        out[start..start + header.len()].copy_from_slice(&header);
    }

    /// Appends the header of an uncompressed message of `len` bytes. The payload must follow.
    pub fn write_header(kind: Kind, len: usize, out: &mut Vec<u8>) {
        header_of(kind, len).encode(out);
    }

    /// Frees the memory of the compressor until the next message.
    pub fn release_memory(&mut self) {
        if let Some(deflater) = &mut self.deflater {
            deflater.release_memory();
        }
    }
}

fn opcode(kind: Kind) -> Opcode {
    match kind {
        Kind::Text => Opcode::Text,
        Kind::Binary => Opcode::Binary,
    }
}

fn header_of(kind: Kind, len: usize) -> Header {
    Header { fin: true, compressed: false, opcode: opcode(kind), mask: None, len: len as u64 }
}

/// Appends an unfragmented, unmasked frame to `out`. The payload of a control frame must not exceed
/// [`CONTROL_LEN`](crate::CONTROL_LEN) bytes.
pub fn write_frame(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    let len = payload.len() as u64;
    Header { fin: true, compressed: false, opcode, mask: None, len }.encode(out);
    out.extend_from_slice(payload);
}

/// Appends a Close frame to `out`. Cuts a reason of more than [`REASON_LEN`] bytes.
pub fn write_close(code: u16, reason: &str, out: &mut Vec<u8>) {
    let reason = &reason[..reason.floor_char_boundary(REASON_LEN)];
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    write_frame(Opcode::Close, &payload, out);
}
