//! Congestion: messages that come faster than the browser hands them over.
//!
//! A browser gives a page no backpressure, and the time of a message event is that of its handling. So
//! the lag is measured by a probe: a request that takes the same way through the browser as the
//! messages, and waits behind those that came before it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use session::Time;

/// Lag past which the connection is closed. Firefox hoards some 200 MB a second outside the page, and
/// passes the Close frame on only after all that, as it does the page's own commands: Disconnect is to
/// close within a second. A probe in Chromium, which does slow the peer down, is back within 15 ms on a
/// machine with ten times more work than cores.
pub const MAX_LAG: Duration = Duration::from_millis(750);

/// Lag from which the peer's Close frame is not worth waiting for: it is behind all messages.
const LATE_AFTER: Duration = Duration::from_millis(250);

/// Interval of probes.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);

/// Time since the last probe within which messages count as a flood.
const FLOOD_WINDOW: Duration = Duration::from_millis(500);

/// Messages between two probes, at least, unless [`MIN_PROBED_BYTES`] came: browsers keep up with 5,000 a
/// second, and a quiet connection costs no probes.
const MIN_PROBED_MESSAGES: u64 = 500;

/// Bytes between two probes, at least, unless [`MIN_PROBED_MESSAGES`] came.
const MIN_PROBED_BYTES: u64 = 1 << 20;

/// Time without a message after which a lag comes from a computer's sleep.
const SLEEP_GAP: Duration = Duration::from_millis(500);

/// Connection closed because of a lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrun {
    /// Lag of the messages.
    pub lag: Duration,
    /// Messages a second that were handled.
    pub rate: u64,
}

/// Next step after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Goes on.
    Continue,
    /// Sends a probe.
    Probe,
    /// Closes the connection.
    Close(Overrun),
}

/// Measure of the lag of a connection.
#[derive(Debug, Default)]
pub(crate) struct Congestion {
    /// Time of the last probe, and `true` until it is answered.
    probe: Option<(Time, bool)>,
    /// Time of the last message.
    last: Option<Time>,
    /// Messages since the last probe.
    messages: u64,
    /// Bytes since the last probe.
    bytes: u64,
}

impl Congestion {
    /// Counts a received message of `size` bytes.
    pub(crate) fn received(&mut self, size: u64, now: Time) -> Verdict {
        let has_slept = self.last.is_some_and(|last| now.since(last) > SLEEP_GAP);
        self.last = Some(now);
        self.messages += 1;
        self.bytes += size;
        match &mut self.probe {
            Some((at, true)) if has_slept => *at = now,
            Some((at, true)) if now.since(*at) > MAX_LAG => {
                let lag = now.since(*at);
                let millis = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
                return Verdict::Close(Overrun { lag, rate: self.messages * 1_000 / millis });
            }
            Some((_, true)) => {}
            Some((at, false)) if now.since(*at) < PROBE_INTERVAL => {}
            _ if self.messages >= MIN_PROBED_MESSAGES || self.bytes >= MIN_PROBED_BYTES => {
                *self = Self { probe: Some((now, true)), last: self.last, ..Self::default() };
                return Verdict::Probe;
            }
            _ => {}
        }
        Verdict::Continue
    }

    /// Notes the answer to the probe.
    pub(crate) fn answered(&mut self) {
        if let Some((_, is_pending)) = &mut self.probe {
            *is_pending = false;
        }
    }

    /// True if messages lag behind at `now`.
    pub(crate) fn is_late(&self, now: Time) -> bool {
        self.probe.is_some_and(|(at, is_pending)| is_pending && now.since(at) > LATE_AFTER)
    }

    /// True in a flood: the peer's Close frame may be behind many messages, however soon the last probe
    /// came back.
    pub(crate) fn is_flooded(&self, now: Time) -> bool {
        self.probe.is_some_and(|(at, is_pending)| is_pending || now.since(at) <= FLOOD_WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time(0).after(Duration::from_millis(millis))
    }

    /// A connection with a message of 32 bytes in each millisecond from 0 to 499, the last of which
    /// has brought a probe about.
    fn probed() -> Congestion {
        let mut congestion = Congestion::default();
        for millis in 0..499 {
            assert_eq!(congestion.received(32, at(millis)), Verdict::Continue);
        }
        assert_eq!(congestion.received(32, at(499)), Verdict::Probe);
        congestion
    }

    #[test]
    fn a_lag_past_the_limit_closes_the_connection() {
        let mut congestion = probed();
        for millis in 500..=1_249 {
            assert_eq!(congestion.received(32, at(millis)), Verdict::Continue);
        }
        let overrun = Overrun { lag: Duration::from_millis(751), rate: 1_000 };
        assert_eq!(congestion.received(32, at(1_250)), Verdict::Close(overrun));
    }

    #[test]
    fn an_answered_probe_is_followed_by_another_while_many_messages_come() {
        let mut congestion = probed();
        congestion.answered();
        let steps = (500..5_000).map(|millis| congestion.received(32, at(millis)));
        let probe = steps.into_iter().position(|step| step == Verdict::Probe);
        assert_eq!(probe, Some(499));
    }

    #[test]
    fn a_quiet_connection_is_not_probed() {
        let mut congestion = Congestion::default();
        for second in 0..400 {
            assert_eq!(congestion.received(1_000, at(second * 1_000)), Verdict::Continue);
        }
    }

    #[test]
    fn large_messages_are_probed_by_their_bytes() {
        let mut congestion = Congestion::default();
        assert_eq!(congestion.received(1 << 20, at(0)), Verdict::Probe);
        congestion.answered();
        assert_eq!(congestion.received(1 << 20, at(249)), Verdict::Continue);
        assert_eq!(congestion.received(1 << 20, at(250)), Verdict::Probe);
    }

    #[test]
    fn a_computer_that_slept_does_not_lag() {
        let mut congestion = probed();
        assert_eq!(congestion.received(32, at(3_600_000)), Verdict::Continue);
        assert_eq!(congestion.received(32, at(3_600_400)), Verdict::Continue);
        assert!(matches!(congestion.received(32, at(3_600_800)), Verdict::Close(_)));
    }

    #[test]
    fn a_connection_is_late_while_its_probe_is() {
        let mut congestion = probed();
        assert!(!congestion.is_late(at(749)));
        assert!(congestion.is_late(at(750)));
        congestion.answered();
        assert!(!congestion.is_late(at(5_000)));
    }

    #[test]
    fn a_flood_lasts_while_its_probe_is_out_and_shortly_after() {
        let mut congestion = Congestion::default();
        assert!(!congestion.is_flooded(at(0)));
        congestion = probed();
        assert!(congestion.is_flooded(at(5_000)));
        congestion.answered();
        assert!(congestion.is_flooded(at(999)));
        assert!(!congestion.is_flooded(at(1_000)));
    }
}
