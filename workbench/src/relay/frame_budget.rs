//! Budget of the rows of pings and pongs: a flood of them pushes no messages out of the list, nor out of what is stored.

use std::time::Duration;

use session::{Direction, Time};

use super::{ControlFrame, ControlKind};

/// Rows of the pings of a side, and of the pongs to them, that come one after the other, at most: a quarter of what is
/// stored of a list. A flood of the peer's leaves the rows of a person's own.
const MAX_FRAME_ROWS: u64 = 2_500;

/// Time after which there is room for one more: a sample of a flood, and all of a ping and its pong every 20 s. It takes
/// twenty hours to fill the rest of what is stored.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// Rows left for pings and pongs, and the number of frames without one.
#[derive(Debug, Default)]
pub(crate) struct FrameBudget {
    /// Of the peer's pings, and of this side's.
    sides: [Rows; 2],
    /// Pings and pongs without a row.
    pub(crate) folded: u64,
}

/// Rows left for one side.
#[derive(Debug)]
struct Rows {
    /// Rows that may follow without a pause.
    left: u64,
    /// Time up to which room was added.
    at: Time,
}

impl Default for Rows {
    fn default() -> Self {
        Self { left: MAX_FRAME_ROWS, at: Time(0) }
    }
}

impl FrameBudget {
    /// True if the frame gets a row. Else it is counted.
    pub(crate) fn admits(&mut self, frame: &ControlFrame, now: Time) -> bool {
        let is_admitted = self.takes(frame, now);
        self.folded += u64::from(!is_admitted);
        is_admitted
    }

    /// Takes room for the row of a frame, if there is some.
    pub(crate) fn takes(&mut self, frame: &ControlFrame, now: Time) -> bool {
        let is_own = match (frame.kind, frame.direction) {
            (ControlKind::Ping, Direction::Out) | (ControlKind::Pong, Direction::In) => true,
            (ControlKind::Ping | ControlKind::Pong, _) => false,
            (ControlKind::Close | ControlKind::Raw, _) => return true,
        };
        self.sides[usize::from(is_own)].take(now)
    }

    /// Takes room for rows that were cleared and are listed again, as a budget `before` counted them.
    pub(crate) fn retake(&mut self, before: &Self) {
        self.folded += before.folded;
        for (side, before) in self.sides.iter_mut().zip(&before.sides) {
            side.left = side.left.saturating_sub(MAX_FRAME_ROWS - before.left);
            side.at = side.at.max(before.at);
        }
    }
}

impl Rows {
    fn take(&mut self, now: Time) -> bool {
        let passed = now.since(self.at).as_millis() / MIN_INTERVAL.as_millis();
        if passed > 0 || now < self.at {
            let room = u64::try_from(passed).unwrap_or(u64::MAX);
            self.left = self.left.saturating_add(room).min(MAX_FRAME_ROWS);
            self.at = now;
        }
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(direction: Direction, kind: ControlKind) -> ControlFrame {
        ControlFrame { direction, kind, payload: Vec::new(), frame: None, time: 0 }
    }

    #[test]
    fn a_flood_gets_its_rows_and_then_a_sample() {
        let mut budget = FrameBudget::default();
        let mut admitted = |from: u64, seconds: u64, kind, direction| {
            let times = (0..seconds * 1_000).map(|at| Time::from_secs(from).0 + at * 1_000);
            let frame = frame(direction, kind);
            times.filter(|at| budget.admits(&frame, Time(*at))).count() as u64
        };
        // An hour of a thousand a second.
        let rows = admitted(1_000, 3_600, ControlKind::Ping, Direction::In);
        assert_eq!(rows, MAX_FRAME_ROWS + 359);
        // Those of this side have their own, and a Close frame is never one too many.
        assert_eq!(admitted(4_600, 1, ControlKind::Ping, Direction::Out), 1_000);
        assert_eq!(admitted(4_601, 1, ControlKind::Pong, Direction::In), 1_000);
        assert_eq!(admitted(4_602, 1, ControlKind::Close, Direction::In), 1_000);
        assert_eq!(budget.folded, 3_600_000 - MAX_FRAME_ROWS - 359);
        // What comes at an ordinary pace gets all its rows, also once the clock was set back.
        let pong = frame(Direction::Out, ControlKind::Pong);
        budget.admits(&pong, Time(0));
        for second in 1..20 {
            assert!(budget.admits(&pong, Time::from_secs(second * 10)));
        }
    }
}
