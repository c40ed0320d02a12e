//! Shared message: encoded once, sent to many peers.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use protocol::{Kind, Sender, compressed_frame};

use super::blocking;
use crate::memory::budget::Budget;

/// Bytes of memory of one frame beside its own: the bookkeeping of what owns it, and of its allocations.
const OVERHEAD: usize = 96;

/// Message for many peers, with its frames: one uncompressed, and one for each size of window.
pub(crate) struct SharedMessage {
    kind: Kind,
    /// Uncompressed frame.
    frame: Bytes,
    /// Bytes of the frame before its payload.
    header_len: usize,
    /// Peers that it is for.
    audience: usize,
    /// Compressed frames, by the logarithm of the window. Each is made for the first peer that needs it.
    compressed: Mutex<Vec<(u8, Bytes)>>,
    /// Budget that the frames are charged to.
    budget: Arc<Budget>,
}

impl SharedMessage {
    /// Encodes a message for `audience` peers. It is charged to `budget` once.
    pub(crate) fn new(kind: Kind, payload: &[u8], audience: usize, budget: &Arc<Budget>) -> Self {
        let mut frame = Vec::new();
        Sender::write_header(kind, payload.len(), &mut frame);
        let header_len = frame.len();
        frame.reserve_exact(payload.len());
        frame.extend_from_slice(payload);
        Self {
            kind,
            frame: budget.charged(frame, size_of::<Self>() + OVERHEAD),
            header_len,
            audience: audience.max(1),
            compressed: Mutex::default(),
            budget: Arc::clone(budget),
        }
    }

    /// Bytes of the payload.
    pub(crate) fn len(&self) -> usize {
        self.frame.len() - self.header_len
    }

    /// Uncompressed frame.
    pub(super) fn frame(&self) -> Bytes {
        self.frame.clone()
    }

    /// Compressed frame for a window of `bits`. Inflates whatever the peer received before.
    pub(super) fn compressed(&self, bits: u8) -> Bytes {
        if let Some(frame) = self.compressed.try_lock().and_then(|it| found(&it, bits)) {
            return frame;
        }
        // Those who wait for the lock block their workers as much as who compresses.
        blocking::compress(self.len(), || self.compress(bits))
    }

    fn compress(&self, bits: u8) -> Bytes {
        let mut compressed = self.compressed.lock();
        if let Some(frame) = found(&compressed, bits) {
            return frame;
        }
        let frame = compressed_frame(self.kind, &self.frame[self.header_len..], bits);
        let frame = self.budget.charged(frame, OVERHEAD);
        compressed.push((bits, frame.clone()));
        frame
    }

    /// Part of `bytes` that falls to one peer.
    pub(crate) fn portion(&self, bytes: usize) -> usize {
        bytes / self.audience
    }
}

/// Frame among those that were compressed for a window of `bits`.
fn found(compressed: &[(u8, Bytes)], bits: u8) -> Option<Bytes> {
    compressed.iter().find(|it| it.0 == bits).map(|it| it.1.clone())
}
