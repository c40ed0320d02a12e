//! Account of one connection: memory held for its peer, and bytes that the peer sent for it.

use std::{
    ops::Add,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    task::Waker,
};

/// Bytes credited to every peer when the memory held for it is weighed, so that one answer or the state of a compressor
/// does not make a new peer suspect.
const GRACE: usize = 64 << 10;

/// Bytes held for a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Bytes of its own.
    pub(crate) own: usize,
    /// Bytes shared with other peers.
    pub(crate) shared: usize,
    /// Part of `shared` that falls to this peer, if all of them keep their share.
    pub(crate) portion: usize,
}

impl Held {
    /// Bytes of its own, nothing shared.
    pub(crate) fn own(bytes: usize) -> Self {
        Self { own: bytes, ..Self::default() }
    }

    /// True if nothing is held.
    pub(crate) fn is_nothing(self) -> bool {
        self.own == 0 && self.shared == 0
    }
}

impl Add for Held {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            own: self.own + other.own,
            shared: self.shared + other.shared,
            portion: self.portion + other.portion,
        }
    }
}

/// Connection in the budget's list, while it holds memory.
#[derive(Debug)]
pub(super) struct Account {
    /// Index in the budget's list. Written under its lock.
    pub(super) slot: AtomicUsize,
    /// Bytes held for the peer alone.
    own: AtomicUsize,
    /// Bytes shared with other peers.
    shared: AtomicUsize,
    /// Part of `shared` that falls to this peer.
    portion: AtomicUsize,
    /// Bytes received from the peer.
    received: AtomicUsize,
    /// True once the budget sheds the connection: it is to free its memory, and to end.
    is_shed: AtomicBool,
    /// Waker of the connection's task.
    pub(super) waker: Waker,
}

impl Account {
    /// Creates an account that holds nothing.
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            slot: AtomicUsize::new(0),
            own: AtomicUsize::new(0),
            shared: AtomicUsize::new(0),
            portion: AtomicUsize::new(0),
            received: AtomicUsize::new(0),
            is_shed: AtomicBool::new(false),
            waker,
        }
    }

    /// Sets the memory held, for a peer that has sent `received` bytes. Returns the peer's own
    /// bytes before.
    pub(super) fn set(&self, held: Held, received: usize) -> usize {
        self.received.store(received, Relaxed);
        self.shared.store(held.shared, Relaxed);
        self.portion.store(held.portion, Relaxed);
        self.own.swap(held.own, Relaxed)
    }

    /// Bytes of its own.
    pub(super) fn own(&self) -> usize {
        self.own.load(Relaxed)
    }

    /// True if nothing is held.
    pub(super) fn is_nothing(&self) -> bool {
        self.own() == 0 && self.shared.load(Relaxed) == 0
    }

    /// Bytes held for each MiB that the peer sent.
    pub(super) fn weight(&self) -> u64 {
        let held = self.own().saturating_add(self.shared.load(Relaxed)) as u64;
        let sent = self.received.load(Relaxed).saturating_add(GRACE) as u64;
        held.saturating_mul(1 << 20) / sent
    }

    /// Bytes that the end of the connection frees, if all that share with it end, too.
    pub(super) fn freed_by_end(&self) -> usize {
        self.own.load(Relaxed).saturating_add(self.portion.load(Relaxed))
    }

    /// Sheds the connection. Under the budget's lock.
    pub(super) fn shed(&self) {
        self.is_shed.store(true, Relaxed);
    }

    /// True if the connection is shed; it stays so.
    pub(super) fn is_shed(&self) -> bool {
        self.is_shed.load(Relaxed)
    }
}
