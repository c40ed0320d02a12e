//! Messages to bytes.

use std::borrow::Cow;

use crate::{
    close::{Close, REASON_LEN},
    deflate::Deflater,
    frame::{HEADER_LEN, Header, Kind, Opcode},
    handshake::extension::{Deflate, Window},
    mask::mask,
    role::{Role, Server},
};

/// Encoder of messages, in one frame each or in several; `R` is the role of this side.
#[derive(Debug)]
pub struct Sender<R = Server> {
    /// Side of the connection, which decides on masking.
    role: R,
    /// Compressor; `None` without permessage-deflate.
    deflater: Option<Deflater>,
    /// Minimum size of a message to be compressed, in bytes.
    compress_from: usize,
}

impl<R: Role> Sender<R> {
    /// Creates a sender; `deflate` are the negotiated parameters. Messages of fewer bytes than
    /// `compress_from` are not compressed.
    #[must_use]
    pub fn new(role: R, deflate: Option<Deflate>, compress_from: usize) -> Self {
        let window = |deflate: Deflate| {
            if R::IS_CLIENT { deflate.client() } else { deflate.server() }
        };
        Self { role, deflater: deflate.map(window).map(Deflater::new), compress_from }
    }

    /// True if a message of `len` bytes is compressed. An empty one never is: it has nothing to flush.
    #[must_use]
    #[inline]
    pub fn compresses(&self, len: usize) -> bool {
        self.deflater.is_some() && len >= self.compress_from.max(1)
    }

    /// Appends `message` to `out` as one frame, compressed if [`Sender::compresses`].
    #[inline]
    pub fn write_message(&mut self, kind: Kind, message: &[u8], out: &mut Vec<u8>) {
        if self.compresses(message.len()) {
            self.write_compressed_message(kind, message, out);
        } else {
            self.write_frame(opcode(kind), message, out);
        }
    }

    /// Encodes a message in one compressed frame. Without a compressor it writes nothing.
    #[inline(never)]
    fn write_compressed_message(&mut self, kind: Kind, message: &[u8], out: &mut Vec<u8>) {
        let Some(deflater) = &mut self.deflater else { return };
        let header = Header { compressed: true, ..header_of(kind, 0) };
        write_compressed(&mut self.role, header, out, |out| deflater.deflate(message, out));
    }

    /// Appends a part of a message to `out` as a frame of its own (RFC 6455 section 5.4), compressed if
    /// a message of `part.message_len` bytes is. Only control frames may be written between the parts.
    pub fn write_part(&mut self, part: Part<'_>, out: &mut Vec<u8>) {
        let Part { kind, payload, message_len, is_first, is_last } = part;
        let opcode = if is_first { opcode(kind) } else { Opcode::Continuation };
        let header = Header { fin: is_last, opcode, ..header_of(kind, 0) };
        if !self.compresses(message_len) {
            return write(&mut self.role, header, payload, out);
        }
        let Some(deflater) = &mut self.deflater else { return };
        // Only the first frame has RSV1 (RFC 7692 section 6.1).
        let header = Header { compressed: is_first, ..header };
        write_compressed(&mut self.role, header, out, |out| {
            deflater.deflate_part(payload, is_last, out);
        });
    }

    /// Cuts `message`, compressed if [`Sender::compresses`], into fragments of `len` bytes of payload (one
    /// byte for 0), the last one shorter. [`Sender::write_fragment`] writes them.
    #[must_use]
    pub fn fragment<'a>(&mut self, kind: Kind, message: &'a [u8], len: usize) -> Fragments<'a> {
        let mut fragments = Fragments::uncompressed(kind, message, len);
        let compresses = self.compresses(message.len());
        if let (Some(deflater), true) = (&mut self.deflater, compresses) {
            let mut payload = Vec::new();
            deflater.deflate(message, &mut payload);
            fragments.payload = Cow::Owned(payload);
            fragments.next.compressed = true;
        }
        fragments
    }

    /// Appends the next fragment to `out`. True if more are to come; only control frames may be written
    /// before them. Writes nothing after the last one.
    pub fn write_fragment(&mut self, fragments: &mut Fragments<'_>, out: &mut Vec<u8>) -> bool {
        let Fragments { payload, at, len, count, next } = fragments;
        if next.fin {
            return false;
        }
        let left = &payload[*at..];
        let len = if *count > 0 { left.len().div_ceil(*count) } else { left.len().min(*len) };
        let fragment = &left[..len];
        *at += len;
        *count = count.saturating_sub(1);
        next.fin = *count == 0 && *at == payload.len();
        write(&mut self.role, *next, fragment, out);
        // Only the first frame has RSV1 (RFC 7692 section 6.1).
        *next = Header { compressed: false, opcode: Opcode::Continuation, ..*next };
        !next.fin
    }

    /// Appends an unfragmented frame to `out`. The payload of a control frame must not exceed
    /// [`CONTROL_LEN`](crate::CONTROL_LEN) bytes.
    #[inline]
    pub fn write_frame(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        let header = Header { fin: true, compressed: false, opcode, mask: None, len: 0 };
        write(&mut self.role, header, payload, out);
    }

    /// Appends a Close frame to `out`, an empty one for `None`. Cuts a reason of more than [`REASON_LEN`]
    /// bytes.
    pub fn write_close(&mut self, close: Option<&Close>, out: &mut Vec<u8>) {
        let mut payload = Vec::new();
        if let Some(Close { code, reason }) = close {
            payload.extend_from_slice(&code.to_be_bytes());
            payload.extend_from_slice(&reason.as_bytes()[..reason.floor_char_boundary(REASON_LEN)]);
        }
        self.write_frame(Opcode::Close, &payload, out);
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

    /// Frees the memory of the compressor until the next message.
    pub fn release_memory(&mut self) {
        if let Some(deflater) = &mut self.deflater {
            deflater.release_memory();
        }
    }
}

impl Sender {
    /// Appends the header of a server's uncompressed message of `len` bytes. The payload must follow.
    pub fn write_header(kind: Kind, len: usize, out: &mut Vec<u8>) {
        header_of(kind, len).encode(out);
    }
}

/// Part of a message, as [`Sender::write_part`] takes it.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Kind of the message.
    pub kind: Kind,
    /// Payload of the part.
    pub payload: &'a [u8],
    /// Bytes of the message.
    pub message_len: usize,
    /// True for the part that begins the message.
    pub is_first: bool,
    /// True for the part that ends the message.
    pub is_last: bool,
}

/// Message in fragments, as [`Sender::fragment`] makes it. Holds the compressed message.
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    /// Bytes of all fragments, compressed if the message is.
    payload: Cow<'a, [u8]>,
    /// Bytes of the payload written.
    at: usize,
    /// Bytes of a fragment.
    len: usize,
    /// Fragments to come, if they are counted; 0 if they are cut by `len`.
    count: usize,
    /// Header of the next frame; with FIN once the last one is written.
    next: Header,
}

impl<'a> Fragments<'a> {
    /// Cuts `message` as [`Sender::fragment`] does, uncompressed.
    #[must_use]
    pub fn uncompressed(kind: Kind, message: &'a [u8], len: usize) -> Self {
        let next = Header { fin: false, ..header_of(kind, 0) };
        Self { payload: Cow::Borrowed(message), at: 0, len: len.max(1), count: 0, next }
    }

    /// Cuts into `count` fragments instead (one for 0), whose lengths differ by one byte at most. Those that no
    /// byte is left for are empty.
    #[must_use]
    pub fn counted(self, count: usize) -> Self {
        Self { count: count.max(1), ..self }
    }
}

/// Server's message as one compressed frame that any receiver with a window of `bits` (8 to 15) can
/// inflate, independently of earlier messages: it refers to no earlier message.
///
/// A [`Sender`] with context takeover must forget its window with it ([`Sender::release_memory`]),
/// since the receiver's contains this message, too.
#[must_use]
pub fn compressed_frame(kind: Kind, message: &[u8], bits: u8) -> Vec<u8> {
    let mut deflater = Deflater::new(Window { bits, context_takeover: true });
    let mut out = Vec::new();
    let header = Header { compressed: true, ..header_of(kind, 0) };
    write_compressed(&mut Server, header, &mut out, |out| deflater.deflate(message, out));
    out.shrink_to_fit();
    out
}

/// Appends a frame with this payload.
#[inline]
fn write(role: &mut impl Role, header: Header, payload: &[u8], out: &mut Vec<u8>) {
    let header = Header { mask: role.next_key(), len: payload.len() as u64, ..header };
    out.reserve(HEADER_LEN + payload.len());
    header.encode(out);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = header.mask {
        mask(&mut out[start..], key);
    }
}

/// Appends a frame with the payload that `compress` appends.
fn write_compressed(
    role: &mut impl Role,
    header: Header,
    out: &mut Vec<u8>,
    compress: impl FnOnce(&mut Vec<u8>),
) {
    // The size of the header depends on the compressed length: room for the largest.
    let start = out.len();
    out.resize(start + HEADER_LEN, 0);
    compress(out);
    let payload = start + HEADER_LEN;
    let header = Header { mask: role.next_key(), len: (out.len() - payload) as u64, ..header };
    if let Some(key) = header.mask {
        mask(&mut out[payload..], key);
    }
    let mut encoded = Vec::with_capacity(HEADER_LEN);
    header.encode(&mut encoded);
    out.copy_within(payload.., start + encoded.len());
    out.truncate(out.len() + encoded.len() - HEADER_LEN);
    out[start..start + encoded.len()].copy_from_slice(&encoded);
}

/// Opcode of the first frame of a message.
fn opcode(kind: Kind) -> Opcode {
    match kind {
        Kind::Text => Opcode::Text,
        Kind::Binary => Opcode::Binary,
    }
}

/// Header of an uncompressed message in one frame, without a mask.
fn header_of(kind: Kind, len: usize) -> Header {
    Header { fin: true, compressed: false, opcode: opcode(kind), mask: None, len: len as u64 }
}
