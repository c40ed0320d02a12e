//! Pings that await their pongs.

use std::{collections::VecDeque, time::Duration};

use session::Time;

/// Maximum number of pings remembered. The oldest is forgotten for another.
const MAX_PENDING: usize = 64;

/// Pings sent and not yet answered, oldest first.
#[derive(Default)]
pub(super) struct Pings {
    /// Payloads and send times, oldest first.
    pending: VecDeque<(Vec<u8>, Time)>,
    /// Number of automatic pings so far.
    numbered: u64,
}

impl Pings {
    /// Payload of the next automatic ping: a running number.
    pub(super) fn next_payload(&mut self) -> Vec<u8> {
        self.numbered += 1;
        self.numbered.to_string().into_bytes()
    }

    /// Remembers a ping.
    pub(super) fn sent(&mut self, payload: Vec<u8>, now: Time) {
        if self.pending.len() == MAX_PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back((payload, now));
    }

    /// Round-trip time of the ping that a pong answers; older pings are dropped, since a peer may
    /// answer only the latest (RFC 6455 section 5.5.3). `None` for an unsolicited pong.
    pub(super) fn answered(&mut self, payload: &[u8], now: Time) -> Option<Duration> {
        let index = self.pending.iter().position(|(pending, _)| pending == payload)?;
        let (_, sent) = self.pending.drain(..=index).next_back()?;
        Some(now.since(sent))
    }

    /// Forgets the pings of the previous connection.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_answers_its_ping_and_the_older_ones() {
        let mut pings = Pings::default();
        let first = pings.next_payload();
        let second = pings.next_payload();
        pings.sent(first.clone(), Time(1_000));
        pings.sent(second.clone(), Time(2_000));
        assert_eq!(pings.answered(b"unsolicited", Time(3_000)), None);
        assert_eq!(pings.answered(&second, Time(5_000)), Some(Duration::from_millis(3)));
        assert_eq!(pings.answered(&first, Time(6_000)), None);
    }

    #[test]
    fn only_the_latest_pings_are_remembered() {
        let mut pings = Pings::default();
        for _ in 0..=MAX_PENDING {
            let payload = pings.next_payload();
            pings.sent(payload, Time(0));
        }
        assert_eq!(pings.answered(b"1", Time(1)), None);
        assert!(pings.answered(b"2", Time(1)).is_some());
    }
}
