//! Thresholds: conditions on the results that make a run fail.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    figures::{Counts, Histogram},
    measure::Results,
};
use crate::quantity::{format_count, format_duration, parse_duration};

/// Condition such as `p99>50ms`, under which a run fails. Parsed once, from the command line.
#[derive(Clone, Debug)]
pub(super) struct Threshold {
    /// Text as typed, for sentences about it.
    text: String,
    figure: Figure,
    /// Comparison under which the run fails.
    holds: Comparison,
    /// Limit in its unit; a time in seconds.
    limit: f64,
    unit: Unit,
}

/// Figure of the results.
#[derive(Clone, Copy, Debug)]
enum Figure {
    /// Shortest latency.
    Min,
    /// Mean latency.
    Mean,
    /// Quantile of the latency, from 0 to 1.
    Quantile(f64),
    /// Answers per second.
    Rate,
    /// Number of messages with this outcome, by its name.
    Count(&'static str, Count),
    /// Failed connections.
    Failed,
}

/// Number of messages with an outcome.
type Count = fn(&Counts) -> u64;

/// Numbers of messages by their names.
const COUNTS: [(&str, Count); 5] = [
    ("missing", Counts::missing),
    ("not-sent", |counts| counts.not_sent),
    ("unanswered", |counts| counts.unanswered),
    ("errors", |counts| counts.errors),
    ("pushes", |counts| counts.pushes),
];

/// Comparison of a figure with its limit.
type Comparison = fn(&f64, &f64) -> bool;

/// Comparisons by their signs.
const COMPARISONS: [(&str, Comparison); 4] =
    [("<=", f64::le), (">=", f64::ge), ("<", f64::lt), (">", f64::gt)];

/// Unit of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// Time; the limit is in seconds.
    Time,
    Number,
    /// Percentage of the messages to be sent.
    Percent,
}

/// Examples in the error of a threshold that cannot be parsed.
const EXAMPLES: &str =
    "write a metric, < or >, and a value, like p99>50ms, missing>0.1% or rate<1000";

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.find(['<', '>']).ok_or(EXAMPLES)?;
        let (name, rest) = text.split_at(at);
        let (holds, value) = COMPARISONS
            .into_iter()
            .find_map(|(sign, holds)| Some((holds, rest.strip_prefix(sign)?.trim())))
            .ok_or(EXAMPLES)?;
        let figure = Figure::parse(name.trim())
            .ok_or_else(|| format!("'{}' is not a metric; {EXAMPLES}", name.trim()))?;
        let (limit, unit) = figure.parse_limit(value)?;
        Ok(Self { text: text.to_owned(), figure, holds, limit, unit })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Figure {
    /// Parses the name of a figure, such as `p99.9`; `_` stands for `.` and `-`.
    fn parse(name: &str) -> Option<Self> {
        let is_count = |(count, _): &(&str, _)| *count == name.replace('_', "-");
        if let Some((name, count)) = COUNTS.into_iter().find(is_count) {
            return Some(Self::Count(name, count));
        }
        Some(match name {
            "min" => Self::Min,
            "mean" => Self::Mean,
            "max" => Self::Quantile(1.0),
            "rate" => Self::Rate,
            "failed" => Self::Failed,
            _ => {
                let percent: f64 = name.strip_prefix('p')?.replace('_', ".").parse().ok()?;
                (0.0..=100.0).contains(&percent).then_some(Self::Quantile(percent / 100.0))?
            }
        })
    }

    /// Parses a limit: a duration for a latency, a percentage for a number of messages, otherwise a
    /// number that is not negative.
    fn parse_limit(self, value: &str) -> Result<(f64, Unit), String> {
        if let Self::Min | Self::Mean | Self::Quantile(_) = self {
            return Ok((parse_duration(value)?.as_secs_f64(), Unit::Time));
        }
        let (number, unit) = match value.strip_suffix('%') {
            Some(number) if matches!(self, Self::Count(..)) => (number, Unit::Percent),
            _ => (value, Unit::Number),
        };
        match number.trim().parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok((number, unit)),
            _ => Err(format!("'{value}' is not a number; {EXAMPLES}")),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 messages are more than are sent")]
impl Threshold {
    /// Sentence about the threshold if it holds, with the measured value. A threshold on a figure
    /// that was not measured holds.
    pub(super) fn check(&self, results: &Results) -> Option<String> {
        let text = &self.text;
        let Some(measured) = self.measure(results) else {
            return Some(format!("Threshold reached: {text} (nothing was measured)."));
        };
        let holds = (self.holds)(&measured, &self.limit);
        holds.then(|| format!("Threshold reached: {text} (measured {}).", self.format(measured)))
    }

    /// True if this threshold is about messages not sent or not answered.
    pub(super) fn is_about_missing(&self) -> bool {
        matches!(self.figure, Figure::Count("missing" | "not-sent" | "unanswered", _))
    }

    /// True if this threshold is about messages answered with an error.
    pub(super) fn is_about_errors(&self) -> bool {
        matches!(self.figure, Figure::Count("errors", _))
    }

    /// True if this threshold is about the rate.
    pub(super) fn is_about_rate(&self) -> bool {
        matches!(self.figure, Figure::Rate)
    }

    /// Value of the figure in the unit of the limit; `None` if there is none.
    fn measure(&self, results: &Results) -> Option<f64> {
        let latency = &results.latency;
        match self.figure {
            Figure::Min => latency_seconds(latency, latency.min() as f64),
            Figure::Mean => latency_seconds(latency, latency.mean()),
            Figure::Quantile(share) => {
                latency_seconds(latency, latency.value_at_quantile(share) as f64)
            }
            Figure::Rate => Some(results.messages_per_second()),
            Figure::Failed => Some(results.failed() as f64),
            Figure::Count(_, count) => {
                let count = count(&results.counts) as f64;
                match self.unit {
                    Unit::Percent => {
                        let due = results.counts.due();
                        (due > 0).then(|| 100.0 * count / due as f64)
                    }
                    _ => Some(count),
                }
            }
        }
    }

    /// Measured value in the unit of the limit.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    fn format(&self, measured: f64) -> String {
        match (self.unit, self.figure) {
            (Unit::Time, _) => format_duration(Duration::from_secs_f64(measured)),
            (Unit::Percent, _) => format!("{measured:.3}%"),
            (Unit::Number, Figure::Rate) => format!("{measured:.1}"),
            (Unit::Number, _) => format_count(measured as u64),
        }
    }
}

/// Nanoseconds of a latency in seconds; `None` if no message was answered.
fn latency_seconds(latency: &Histogram, nanos: f64) -> Option<f64> {
    (!latency.is_empty()).then_some(nanos / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let mut results = Results::new();
        results.time = Duration::from_secs(2);
        results.messages = 98;
        results.counts = Counts { answered: 98, unanswered: 2, errors: 0, not_sent: 0, pushes: 7 };
        for millis in 1..=98 {
            results.latency.record(millis * 1_000_000).unwrap();
        }
        results
    }

    fn said(threshold: &str) -> Option<String> {
        threshold.parse::<Threshold>().unwrap().check(&results())
    }

    #[test]
    fn thresholds_name_themselves_and_what_was_measured() {
        for (threshold, measured) in [
            ("p50>20ms", "49 ms"),
            ("missing > 1%", "2.000%"),
            ("rate<1000", "49.0"),
            ("missing>=2", "2"),
        ] {
            let sentence = format!("Threshold reached: {threshold} (measured {measured}).");
            assert_eq!(said(threshold), Some(sentence));
        }
    }

    #[test]
    fn thresholds_hold_or_not() {
        for text in ["p99.9>90ms", "p99_9>90ms", "max>=98ms", "mean>40ms", "min<2ms", "pushes>6"] {
            assert!(said(text).is_some(), "{text}");
        }
        for text in ["max>99ms", "missing>2", "missing<=1%", "errors>0", "failed>0", "rate<49"] {
            assert!(said(text).is_none(), "{text}");
        }
        let unmeasured: Threshold = "p99>1s".parse().unwrap();
        assert!(unmeasured.check(&Results::new()).unwrap().contains("nothing was measured"));
    }

    #[test]
    fn other_thresholds_are_refused() {
        for text in [
            "", "p99", "p99=1ms", "p101>1s", "px>1s", "p99>fast", "p99>1%", "rate<1%", "lost>0",
            "missing>-1", "missing>", "errors>x%",
        ] {
            assert!(text.parse::<Threshold>().is_err(), "{text}");
        }
    }
}
