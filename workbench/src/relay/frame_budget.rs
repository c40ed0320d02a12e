//! Budget of the rows of pings and pongs: a flood of them pushes no messages out of the list.

use std::time::Duration;

use session::Time;

use super::{ControlFrame, ControlKind};

/// Rows of pings and pongs that come one after the other, at most: half of what is stored of a list.
const FRAME_ROWS: u64 = 5_000;

/// Time after which there is room for one more: a sample of a flood.
const INTERVAL: Duration = Duration::from_millis(100);

/// Rows left for pings and pongs, and the number of frames without one.
#[derive(Debug)]
pub(crate) struct FrameBudget {
    /// Rows that may follow without a pause.
    left: u64,
    /// Time up to which room was added.
    at: Time,
    /// Pings and pongs without a row.
    pub(crate) folded: u64,
}

impl Default for FrameBudget {
    fn default() -> Self {
        Self { left: FRAME_ROWS, at: Time(0), folded: 0 }
    }
}

impl FrameBudget {
    /// True if the frame gets a row. Else it is counted.
    pub(crate) fn admits(&mut self, frame: &ControlFrame, now: Time) -> bool {
        if !matches!(frame.kind, ControlKind::Ping | ControlKind::Pong) {
            return true;
        }
        let passed = now.since(self.at).as_millis() / INTERVAL.as_millis();
        if passed > 0 || now < self.at {
            let room = u64::try_from(passed).unwrap_or(u64::MAX);
            self.left = self.left.saturating_add(room).min(FRAME_ROWS);
            self.at = now;
        }
        let is_admitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.folded += u64::from(!is_admitted);
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use session::Direction;

    use super::*;

    #[test]
    fn a_flood_gets_its_rows_and_then_a_sample() {
        let frame = |kind| ControlFrame {
            direction: Direction::In,
            kind,
            payload: Vec::new(),
            frame: None,
            time: 0,
        };
        let mut budget = FrameBudget::default();
        let mut admitted = |from: u64, seconds: u64, kind| {
            let times = (0..seconds * 100_000).map(|at| Time::from_secs(from).0 + at * 10);
            times.filter(|at| budget.admits(&frame(kind), Time(*at))).count() as u64
        };
        // Ten seconds of a hundred thousand a second.
        assert_eq!(admitted(1_000, 10, ControlKind::Ping), FRAME_ROWS + 99);
        // A Close frame is never one too many.
        assert_eq!(admitted(1_010, 1, ControlKind::Close), 100_000);
        assert_eq!(budget.folded, 1_000_000 - FRAME_ROWS - 99);
        // What comes at an ordinary pace gets all its rows, also once the clock was set back.
        budget.admits(&frame(ControlKind::Pong), Time(0));
        for second in 1..20 {
            assert!(budget.admits(&frame(ControlKind::Pong), Time::from_secs(second)));
        }
    }
}
