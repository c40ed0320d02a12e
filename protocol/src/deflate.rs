//! Compression of messages by DEFLATE (RFC 7692 section 7.2).
//!
//! The state of each direction, up to 320 KiB to compress and 48 KiB to inflate, is allocated by the first message
//! that needs it.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::{handshake::extension::Window, violation::Violation};

/// End of a sync flush, removed from each message (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Bytes by which an output buffer grows.
const GROWTH: usize = 16 << 10;

/// Bytes up to which an output buffer doubles at most. Data that compresses well needs no more,
/// however long it is.
const MAX_GROWTH: usize = 128 << 10;

/// Bytes of a decompressor's state: its window, tables and counters.
const INFLATER: usize = 48 << 10;

/// Bytes of a compressor's state besides the part that depends on its window: hash chains and
/// counters.
const DEFLATER: usize = 192 << 10;

/// Smallest window of a compressor, as a logarithm: zlib has none of 256 bytes. With this one it refers
/// back by 250 bytes at most, its size without `MIN_LOOKAHEAD`, so that one of 256 inflates all of it.
const MIN_BITS: u8 = 9;

/// Compressor of the messages of one side.
#[derive(Debug)]
pub(crate) struct Deflater {
    /// Negotiated window of this side.
    window: Window,
    /// Compressor with its window; `None` until the first message, and after memory was released.
    state: Option<Box<Compress>>,
}

impl Deflater {
    /// Compressor without memory: it is allocated with the first message.
    pub(crate) fn new(window: Window) -> Self {
        Self { window, state: None }
    }

    /// Logarithm of the window, as negotiated.
    pub(crate) fn bits(&self) -> u8 {
        self.window.bits
    }

    /// Bytes of memory held.
    pub(crate) fn held(&self) -> usize {
        if self.state.is_some() { DEFLATER + (4 << self.window.bits.max(MIN_BITS)) } else { 0 }
    }

    /// Appends `message`, compressed, to `out`.
    pub(crate) fn deflate(&mut self, message: &[u8], out: &mut Vec<u8>) {
        self.deflate_part(message, true, out);
    }

    /// Appends a part of a message, compressed, to `out`.
    pub(crate) fn deflate_part(&mut self, message: &[u8], is_last: bool, out: &mut Vec<u8>) {
        let bits = self.window.bits.max(MIN_BITS);
        let state = self.state.get_or_insert_with(|| {
            Box::new(Compress::new_with_window_bits(Compression::fast(), false, bits))
        });
        if message.is_empty() {
            // Nothing to flush: an empty block without its tail (RFC 7692 section 7.2.3.6).
            out.extend(is_last.then_some(0));
        } else {
            compress(state, message, out);
            if is_last && out.ends_with(&TAIL) {
                out.truncate(out.len() - TAIL.len());
            }
        }
        if is_last && !self.window.context_takeover {
            state.reset();
        }
    }

    /// Frees the state until the next message. That one starts with an empty window, which a compressor
    /// may always do.
    pub(crate) fn release_memory(&mut self) {
        self.state = None;
    }
}

/// Appends `part`, compressed and flushed, to `out`.
fn compress(state: &mut Compress, mut part: &[u8], out: &mut Vec<u8>) {
    loop {
        // Usually room for all of it; a second pass costs a call, not a copy.
        let room = part.len() / 2 + GROWTH.min(part.len() + 64);
        out.reserve(room.min(MAX_GROWTH));
        let before = state.total_in();
        // Compressing cannot fail: it stops only when `out` is full.
        let _ = state.compress_vec(part, out, FlushCompress::Sync);
        part = &part[difference(before, state.total_in())..];
        if part.is_empty() && out.len() < out.capacity() {
            break;
        }
    }
}

/// Decompressor of the messages of one side. Has the largest window whatever was negotiated: some peers
/// promise a smaller one and do not keep to it.
#[derive(Debug)]
pub(crate) struct Inflater {
    /// False if each message begins with an empty window (RFC 7692 section 7.1.1).
    context_takeover: bool,
    /// Decompressor with its window; `None` until the first message, and between messages without
    /// takeover.
    state: Option<Box<Decompress>>,
}

impl Inflater {
    /// Decompressor without memory: it is allocated with the first message.
    pub(crate) fn new(window: Window) -> Self {
        Self { context_takeover: window.context_takeover, state: None }
    }

    /// Bytes of memory held.
    pub(crate) fn held(&self) -> usize {
        if self.state.is_some() { INFLATER } else { 0 }
    }

    /// Inflates `bytes`, a part of a message, and appends the result to `out`, at least `most` bytes
    /// before it stops early. Returns the number of bytes used. Fails with
    /// [`Violation::LargeMessage`] once `out` has more than `limit` bytes, by one at most.
    pub(crate) fn inflate(
        &mut self,
        bytes: &[u8],
        out: &mut Vec<u8>,
        limit: usize,
        most: usize,
    ) -> Result<usize, Violation> {
        let state = self.state.get_or_insert_with(|| Box::new(Decompress::new(false)));
        let enough = out.len().saturating_add(most);
        let mut used = 0;
        loop {
            if out.len() == out.capacity() {
                // One byte above the limit shows that there is more.
                let room = limit.saturating_add(1) - out.len();
                out.reserve_exact(room.min(growth(out.len())));
            }
            let (before, produced) = (state.total_in(), out.len());
            let status = state
                .decompress_vec(&bytes[used..], out, FlushDecompress::Sync)
                .map_err(|_| Violation::Deflate)?;
            if out.len() > limit {
                return Err(Violation::LargeMessage(limit));
            }
            let consumed = difference(before, state.total_in());
            used += consumed;
            let is_used_up = used == bytes.len();
            match status {
                // A final block ends the stream; the next one starts with an empty window.
                Status::StreamEnd => state.reset(false),
                _ if is_used_up && out.len() < out.capacity() => return Ok(used),
                _ if consumed == 0 && out.len() == produced => return Err(Violation::Deflate),
                _ => {}
            }
            if (status == Status::StreamEnd && is_used_up) || (out.len() >= enough && !is_used_up) {
                return Ok(used);
            }
        }
    }

    /// Ends a message that was inflated into `out`.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), Violation> {
        self.inflate(&TAIL, out, limit, usize::MAX)?;
        if let Some(state) = self.state.as_mut().filter(|_| !self.context_takeover) {
            state.reset(false);
        }
        Ok(())
    }

    /// Frees the state, if the next message starts with an empty window.
    pub(crate) fn release_memory(&mut self) {
        if !self.context_takeover {
            self.state = None;
        }
    }
}

/// Bytes by which to enlarge an inflated message of `len` bytes: twice as large while it is small, then
/// by a quarter, so that few are held in vain.
fn growth(len: usize) -> usize {
    len.min(MAX_GROWTH).max(len / 4).max(GROWTH)
}

/// Difference of two byte counters. Bytes of a slice fit a `usize`.
fn difference(before: u64, after: u64) -> usize {
    usize::try_from(after - before).unwrap_or(usize::MAX)
}
