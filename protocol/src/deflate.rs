//! Compression of whole messages (RFC 7692 section 7.2).
//!
//! Both directions get their state with the first message that needs it: a connection on which
//! compression was agreed and never used costs nothing more.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::{extension::Deflate, violation::Violation};

/// What a sync flush ends with, and what is left out of each message (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Bytes by which a buffer grows for what is compressed or inflated next.
const GROWTH: usize = 16 << 10;

/// Compresses what the server sends.
#[derive(Debug)]
pub(crate) struct Deflater {
    bits: u8,
    takes_over: bool,
    state: Option<Box<Compress>>,
}

impl Deflater {
    pub(crate) fn new(agreed: Deflate) -> Self {
        Self {
            bits: agreed.server_bits(),
            takes_over: !agreed.server_no_context_takeover,
            state: None,
        }
    }

    /// Appends `message`, compressed, to `out`.
    pub(crate) fn deflate(&mut self, mut message: &[u8], out: &mut Vec<u8>) {
        let state = self.state.get_or_insert_with(|| {
            Box::new(Compress::new_with_window_bits(Compression::fast(), false, self.bits))
        });
        loop {
            // Room for all of it, most often: a second pass costs a call, not a copy.
            out.reserve(message.len() / 2 + GROWTH.min(message.len() + 64));
            let before = state.total_in();
            // With room left it cannot fail, and without any it asks for more.
            let _ = state.compress_vec(message, out, FlushCompress::Sync);
            message = &message[taken(before, state.total_in())..];
            if message.is_empty() && out.len() < out.capacity() {
                break;
            }
        }
        if out.ends_with(&TAIL) {
            out.truncate(out.len() - TAIL.len());
        }
        if !self.takes_over {
            state.reset();
        }
    }

    /// Gives the memory back, about 300 KiB, until the next message. That one refers to nothing
    /// before it, which a compressor may always do.
    pub(crate) fn rest(&mut self) {
        self.state = None;
    }
}

/// Inflates what the client sent.
#[derive(Debug)]
pub(crate) struct Inflater {
    bits: u8,
    takes_over: bool,
    state: Option<Box<Decompress>>,
}

impl Inflater {
    pub(crate) fn new(agreed: Deflate) -> Self {
        Self {
            bits: agreed.client_bits(),
            takes_over: !agreed.client_no_context_takeover,
            state: None,
        }
    }

    /// Appends what `bytes`, a part of a message, inflate to; never more than `bound` bytes to
    /// all of `out`.
    pub(crate) fn inflate(
        &mut self,
        mut bytes: &[u8],
        out: &mut Vec<u8>,
        bound: usize,
    ) -> Result<(), Violation> {
        let bits = self.bits;
        let state = self
            .state
            .get_or_insert_with(|| Box::new(Decompress::new_with_window_bits(false, bits)));
        loop {
            if out.len() == out.capacity() {
                // One byte past the bound shows that there is more.
                let room = (bound + 1).saturating_sub(out.len());
                out.reserve_exact(room.min(out.len().max(GROWTH)));
            }
            let (before, produced) = (state.total_in(), out.len());
            let status = state
                .decompress_vec(bytes, out, FlushDecompress::Sync)
                .map_err(|_| Violation::Deflate)?;
            if out.len() > bound {
                return Err(Violation::LargeMessage(bound));
            }
            let consumed = taken(before, state.total_in());
            bytes = &bytes[consumed..];
            match status {
                // A final block ends the stream; the next begins with an empty window.
                Status::StreamEnd => state.reset(false),
                _ if bytes.is_empty() && out.len() < out.capacity() => return Ok(()),
                _ if consumed == 0 && out.len() == produced => return Err(Violation::Deflate),
                _ => {}
            }
            if status == Status::StreamEnd && bytes.is_empty() {
                return Ok(());
            }
        }
    }

    /// Ends the message that was inflated into `out`.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>, bound: usize) -> Result<(), Violation> {
        self.inflate(&TAIL, out, bound)?;
        if !self.takes_over {
            self.state = None;
        }
        Ok(())
    }
}

/// How far a counter of bytes went; what was taken from a slice fits a `usize`.
fn taken(before: u64, after: u64) -> usize {
    usize::try_from(after - before).unwrap_or(usize::MAX)
}
