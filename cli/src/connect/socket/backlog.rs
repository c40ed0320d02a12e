//! Bytes given to tungstenite and not written, and a bound on those that the peer causes.

/// Maximum size of pongs that the peer has not read: past it, nothing more is read from the peer until
/// they are written. Some 10,000 pings; a peer that keeps pinging but does not read costs no more.
const MAX_PONGS: u64 = 64 << 10;

/// Frames given to tungstenite, or sent by it, in bytes.
#[derive(Default)]
pub(super) struct Backlog {
    /// All frames but those of tungstenite's own.
    framed: u64,
    /// All pongs, which tungstenite sends by itself.
    ponged: u64,
    /// Pongs since everything was written.
    pongs: u64,
    /// Close frame sent: no pongs are sent from then on.
    is_closing: bool,
}

impl Backlog {
    /// Counts a frame.
    pub(super) fn sent(&mut self, payload: usize, is_close: bool) {
        self.framed += frame_size(payload);
        self.is_closing |= is_close;
    }

    /// Counts the pong to a ping.
    pub(super) fn ponged(&mut self, payload: usize, written: u64) {
        if self.is_closing {
            return;
        }
        if self.unwritten(written) == 0 {
            self.pongs = 0;
        }
        self.ponged += frame_size(payload);
        self.pongs += frame_size(payload);
    }

    /// Bytes that were not written.
    pub(super) fn unwritten(&self, written: u64) -> u64 {
        (self.framed + self.ponged).saturating_sub(written)
    }

    /// True if the peer has left too many pongs unread.
    pub(super) fn has_too_many_pongs(&self, written: u64) -> bool {
        self.pongs.min(self.unwritten(written)) > MAX_PONGS
    }
}

/// Size of a masked frame with a payload of `len` bytes (RFC 6455 section 5.2).
pub(super) fn frame_size(len: usize) -> u64 {
    let head = match len {
        ..=125 => 6,
        126..=0xffff => 8,
        _ => 14,
    };
    head + len as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_pongs_have_a_bound_and_messages_do_not_count() {
        let mut backlog = Backlog::default();
        backlog.sent(1 << 30, false);
        backlog.ponged(125, 0);
        assert!(!backlog.has_too_many_pongs(0), "a message is no pong");
        for _ in 0..MAX_PONGS / 131 {
            backlog.ponged(125, 0);
        }
        assert!(backlog.has_too_many_pongs(0));
        let all = backlog.unwritten(0);
        assert!(!backlog.has_too_many_pongs(all));
        backlog.ponged(125, all);
        assert!(!backlog.has_too_many_pongs(all), "the count starts over");
    }

    #[test]
    fn after_a_close_frame_no_pong_is_counted() {
        let mut backlog = Backlog::default();
        backlog.sent(2, true);
        backlog.ponged(125, 0);
        assert_eq!(backlog.unwritten(0), frame_size(2));
    }
}
