//! Line charts of the last minute: axis scale and points.
//!
//! A chart is [`WIDTH`] units wide, one per second, and [`HEIGHT`] high, with the origin at the top
//! left, as in SVG; it is stretched when drawn.

use std::{fmt::Write, time::Duration};

use crate::metrics::{SECONDS, Second};

/// Width in units.
pub const WIDTH: usize = SECONDS - 1;

/// Height in units: finer than the pixels of a chart.
pub const HEIGHT: u64 = 1_000;

/// Maximum number of steps of an axis, so that labels fit.
const MAX_STEPS: u64 = 5;

/// Axis from zero, with round marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Step between marks: 1, 2 or 5 times a power of ten.
    pub step: u64,
    /// Highest mark.
    pub top: u64,
}

impl Scale {
    /// Axis for values up to `highest`.
    pub(crate) fn up_to(highest: u64) -> Self {
        let powers = (0..=u64::MAX.ilog10()).map(|power| 10_u64.pow(power));
        let mut steps = powers.flat_map(|power| [1, 2, 5].map(|it| power.saturating_mul(it)));
        let step = steps.find(|step| step.saturating_mul(MAX_STEPS) >= highest).unwrap_or(u64::MAX);
        Self { step, top: highest.div_ceil(step).max(1).saturating_mul(step) }
    }

    /// Values of the marks, evenly spaced from the top down to zero.
    pub fn marks(self) -> impl Iterator<Item = u64> {
        (0..=self.top / self.step).rev().map(move |mark| mark * self.step)
    }

    /// Grid lines as SVG path data.
    #[must_use]
    pub fn grid(self) -> String {
        let mut path = String::new();
        for value in self.marks() {
            let _ = write!(path, "M0 {}H{WIDTH}", self.y(value));
        }
        path
    }

    /// Place of a value from the top, in units of the chart.
    fn y(self, value: u64) -> u64 {
        let up = u128::from(value.min(self.top)) * u128::from(HEIGHT) / u128::from(self.top);
        HEIGHT - u64::try_from(up).unwrap_or(HEIGHT)
    }
}

/// Chart of two lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Scale of the axis.
    pub scale: Scale,
    /// Lines as SVG path data; empty without data.
    pub lines: [String; 2],
}

impl Chart {
    /// Chart of sent and received messages per second.
    #[must_use]
    pub fn of_messages(seconds: &[(u64, Second)]) -> Self {
        let is_silent = seconds.iter().all(|(_, second)| second.is_silent());
        Self::new(seconds, |second| {
            (!is_silent).then_some([second.sent.messages, second.received.messages])
        })
    }

    /// Chart of mean and longest round trip per second, in microseconds.
    #[must_use]
    pub fn of_round_trips(seconds: &[(u64, Second)]) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros());
        Self::new(seconds, |second| {
            Some([micros(second.mean()?).ok()?, micros(second.longest).ok()?])
        })
    }

    /// Chart of two lines, scaled to their highest value.
    fn new(seconds: &[(u64, Second)], values: impl Fn(&Second) -> Option<[u64; 2]>) -> Self {
        let values: Vec<_> = seconds.iter().map(|(_, second)| values(second)).collect();
        let highest = values.iter().flatten().flatten().max().copied().unwrap_or(0);
        let scale = Scale::up_to(highest);
        let line = |which: usize| line(scale, values.iter().map(|it| it.map(|it| it[which])));
        Self { scale, lines: [line(0), line(1)] }
    }

    /// True if the chart has no data.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(String::is_empty)
    }
}

/// Line through these values, interrupted at `None`. A value between two interruptions is a line of one second: a
/// point would not be seen.
fn line(scale: Scale, values: impl Iterator<Item = Option<u64>>) -> String {
    let mut path = String::new();
    let mut is_drawn = false;
    let mut values = values.enumerate().peekable();
    while let Some((x, value)) = values.next() {
        if let Some(value) = value {
            let (command, second) = match values.peek() {
                _ if is_drawn => ('L', ""),
                Some((_, Some(_))) => ('M', ""),
                _ => ('M', "m-.5 0h1"),
            };
            let _ = write!(path, "{command}{x} {}{second}", scale.y(value));
        }
        is_drawn = value.is_some();
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::Tally;

    fn second(sent: u64, received: u64, round_trips: &[u64]) -> Second {
        let tally = |messages| Tally { messages, bytes: 0 };
        let mut second =
            Second { sent: tally(sent), received: tally(received), ..Second::default() };
        for micros in round_trips {
            second.count_round_trip(Duration::from_micros(*micros));
        }
        second
    }

    #[test]
    fn marks_are_round_and_few() {
        for (highest, step, top) in [
            (0, 1, 1),
            (1, 1, 1),
            (5, 1, 5),
            (6, 2, 6),
            (11, 5, 15),
            (26, 10, 30),
            (1_001, 500, 1_500),
            (123_456, 50_000, 150_000),
        ] {
            assert_eq!(Scale::up_to(highest), Scale { step, top }, "{highest}");
        }
        let marks: Vec<_> = Scale::up_to(11).marks().collect();
        assert_eq!(marks, [15, 10, 5, 0]);
    }

    #[test]
    fn a_mark_has_a_line_across() {
        assert_eq!(Scale { step: 5, top: 10 }.grid(), "M0 0H59M0 500H59M0 1000H59");
    }

    #[test]
    fn messages_are_lines_that_do_not_break() {
        let seconds = [second(0, 4, &[]), second(0, 0, &[]), second(2, 1, &[])];
        let chart = Chart::of_messages(&seconds.map(|it| (0, it)));
        assert_eq!(chart.scale, Scale { step: 1, top: 4 });
        assert_eq!(chart.lines, ["M0 1000L1 1000L2 500", "M0 0L1 1000L2 750"]);
    }

    #[test]
    fn round_trips_are_lines_where_there_were_any() {
        let seconds = [second(0, 2, &[100, 300]), second(9, 9, &[]), second(1, 1, &[500])];
        let chart = Chart::of_round_trips(&seconds.map(|it| (0, it)));
        assert_eq!(chart.scale, Scale { step: 100, top: 500 });
        assert_eq!(chart.lines, ["M0 600m-.5 0h1M2 0m-.5 0h1", "M0 400m-.5 0h1M2 0m-.5 0h1"]);
    }

    #[test]
    fn no_traffic_draws_no_line() {
        let silence = [(7, Second::default()); SECONDS];
        assert!(Chart::of_messages(&silence).is_empty());
        assert!(Chart::of_round_trips(&silence).is_empty());
    }

    proptest! {
        #[test]
        fn every_value_has_its_place(highest in any::<u64>(), part in 0..=100_u64) {
            let scale = Scale::up_to(highest);
            prop_assert!(highest <= scale.top);
            prop_assert!((1..=MAX_STEPS).contains(&(scale.top / scale.step)));
            prop_assert_eq!(scale.marks().last(), Some(0));
            prop_assert!(scale.y(highest / 100 * part) <= HEIGHT);
            // A chart is used well: no more than a step is left over it.
            prop_assert!(scale.top - highest <= scale.step);
        }
    }
}
