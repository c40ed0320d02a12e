//! Round trips of pings, by the clock of the page's server.

use std::{collections::VecDeque, time::Duration};

use session::Direction;

use crate::relay::{ControlFrame, ControlKind};

/// Pings that wait for their pong, at most; the oldest are forgotten.
const MAX_WAITING: usize = 1_024;

/// Pings that were sent on a connection and are not answered, oldest first.
#[derive(Debug, Default)]
pub(super) struct Pings {
    /// Payloads, and microseconds since the opening.
    waiting: VecDeque<(Vec<u8>, u64)>,
    /// Pings on their way to the page's server.
    queued: usize,
}

impl Pings {
    /// Counts a ping that the page's server will tell of once it sends it.
    pub(super) fn queue(&mut self) {
        self.queued += 1;
    }

    /// Number of pings without a pong.
    pub(super) fn pending(&self) -> usize {
        self.queued + self.waiting.len()
    }

    /// Handles a control frame. Returns the round trip if it is a pong: since the last ping of the same payload, as a
    /// peer may answer only that (RFC 6455 section 5.5.3). The pings before it wait no longer.
    pub(super) fn handle(&mut self, frame: &ControlFrame) -> Option<Duration> {
        match (frame.kind, frame.direction) {
            (ControlKind::Ping, Direction::Out) => {
                self.queued = self.queued.saturating_sub(1);
                if self.waiting.len() == MAX_WAITING {
                    self.waiting.pop_front();
                }
                self.waiting.push_back((frame.payload.clone(), frame.time));
                None
            }
            (ControlKind::Pong, Direction::In) => {
                let at = self.waiting.iter().rposition(|(payload, _)| *payload == frame.payload)?;
                let (_, sent) = self.waiting.drain(..=at).next_back()?;
                Some(Duration::from_micros(frame.time.saturating_sub(sent)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: ControlKind, direction: Direction, payload: &[u8], time: u64) -> ControlFrame {
        ControlFrame { direction, kind, payload: payload.to_vec(), frame: None, time }
    }

    fn ping(payload: &[u8], time: u64) -> ControlFrame {
        frame(ControlKind::Ping, Direction::Out, payload, time)
    }

    fn pong(payload: &[u8], time: u64) -> ControlFrame {
        frame(ControlKind::Pong, Direction::In, payload, time)
    }

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn a_pong_answers_the_last_ping_of_its_payload_and_those_before() {
        let mut pings = Pings::default();
        for (payload, time) in [(b"a", 10), (b"b", 20), (b"a", 30), (b"c", 40)] {
            assert_eq!(pings.handle(&ping(payload, time)), None);
        }
        assert_eq!(pings.handle(&pong(b"d", 41)), None, "it answers none");
        assert_eq!(pings.handle(&pong(b"a", 42)), Some(micros(12)));
        assert_eq!(pings.handle(&pong(b"b", 43)), None, "it is answered with the later one");
        assert_eq!(pings.handle(&pong(b"c", 44)), Some(micros(4)));
        assert_eq!(pings.pending(), 0);
        // Those of the other side are no business of ours.
        assert_eq!(pings.handle(&frame(ControlKind::Ping, Direction::In, b"x", 50)), None);
        assert_eq!(pings.handle(&frame(ControlKind::Pong, Direction::In, b"x", 60)), None);
    }

    #[test]
    fn pings_without_a_pong_are_bounded() {
        let mut pings = Pings::default();
        for time in 0..=MAX_WAITING as u64 {
            pings.queue();
            pings.handle(&ping(&time.to_be_bytes(), time));
        }
        assert_eq!(pings.pending(), MAX_WAITING);
        assert_eq!(pings.handle(&pong(&0_u64.to_be_bytes(), 9_999)), None);
        assert_eq!(pings.handle(&pong(&1_u64.to_be_bytes(), 9_999)), Some(micros(9_998)));
    }
}
