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
        let header = Header { compressed: true, ..header_of(kind, 0) };
        write_compressed(header, out, |out| deflater.deflate(message, out));
    }

    /// Appends a part of a message to `out` as a frame of its own (RFC 6455 section 5.4), compressed if
    /// a message of `part.message_len` bytes is. Only control frames may be written between the parts.
    pub fn write_part(&mut self, part: Part<'_>, out: &mut Vec<u8>) {
        let Part { kind, payload, message_len, is_first, is_last } = part;
        let opcode = if is_first { opcode(kind) } else { Opcode::Continuation };
        let len = payload.len() as u64;
        let header = Header { fin: is_last, compressed: false, opcode, mask: None, len };
        if !self.compresses(message_len) {
            header.encode(out);
            return out.extend_from_slice(payload);
        }
        let Some(deflater) = &mut self.deflater else { return };
        // Only the first frame has RSV1 (RFC 7692 section 6.1).
        let header = Header { compressed: is_first, ..header };
        write_compressed(header, out, |out| deflater.deflate_part(payload, is_last, out));
    }

    /// Logarithm of the compressor's window; `None` without compression.
    #[must_use]
    pub fn window_bits(&self) -> Option<u8> {
        self.deflater.as_ref().map(Deflater::bits)
    }

    /// Bytes of memory held by the compressor.
    #[must_use]
    pub fn held(&self) -> usize {
        self.deflater.as_ref().map_or(0, Deflater::held)
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

/// Part of a message, as [`Sender::write_part`] takes it.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Kind of the message.
    pub kind: Kind,
    /// Payload of the part; not empty.
    pub payload: &'a [u8],
    /// Bytes of the message.
    pub message_len: usize,
    /// True for the part that begins the message.
    pub is_first: bool,
    /// True for the part that ends the message.
    pub is_last: bool,
}

/// Message as one compressed frame that any receiver with a window of `bits` can inflate, whatever it
/// received before: it refers to no earlier message.
///
/// A [`Sender`] with context takeover must forget its window with it ([`Sender::release_memory`]),
/// since the receiver's contains this message, too. `message` must not be empty.
#[must_use]
pub fn compressed_frame(kind: Kind, message: &[u8], bits: u8) -> Vec<u8> {
    let negotiated = Deflate { server_max_window_bits: Some(bits), ..Deflate::default() };
    let mut out = Vec::new();
    let header = Header { compressed: true, ..header_of(kind, 0) };
    write_compressed(header, &mut out, |out| Deflater::new(negotiated).deflate(message, out));
    out.shrink_to_fit();
    out
}

/// Appends a frame with the payload that `compress` appends.
fn write_compressed(header: Header, out: &mut Vec<u8>, compress: impl FnOnce(&mut Vec<u8>)) {
    // The size of the header depends on the compressed length: room for the largest.
    let start = out.len();
    out.resize(start + HEADER_LEN, 0);
    compress(out);
    let len = out.len() - start - HEADER_LEN;
    let mut encoded = Vec::with_capacity(HEADER_LEN);
    Header { len: len as u64, ..header }.encode(&mut encoded);
    out.copy_within(start + HEADER_LEN.., start + encoded.len());
    out.truncate(start + encoded.len() + len);
    out[start..start + encoded.len()].copy_from_slice(&encoded);
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
