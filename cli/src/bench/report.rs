//! What a bench says: a table for a person, one JSON object for a script.

use std::{fmt::Write, time::Duration};

use serde_json::{Value, json};

use super::measure::{Measured, Times, a_second, quantile};
use crate::quantity::{show_count, show_counted, show_duration};

/// The quantiles that are shown, with their names.
const QUANTILES: [(&str, f64); 7] = [
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("p99.99", 0.9999),
    ("max", 1.0),
];

/// What is said of each server.
pub(super) struct Report<'a> {
    pub(super) url: String,
    pub(super) measured: &'a Measured,
    /// Bytes in a message out.
    pub(super) size: usize,
    /// Latency counts from when a message was due.
    pub(super) is_scheduled: bool,
}

impl Report<'_> {
    pub(super) fn text(&self) -> String {
        let measured = self.measured;
        let window = &measured.window;
        let mut text = format!(
            "{}\n  {} of {}, {}\n",
            self.url,
            show_counted(u64::from(measured.connections), "connection", "connections"),
            show_counted(self.size as u64, "byte a message", "bytes a message"),
            show_duration(measured.time),
        );
        let mut line = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name:<9} {value}");
        };
        let rate = show_rate(measured.messages_a_second());
        line("Messages", &format!("{}, {rate} a second", show_count(window.messages)));
        let bytes_in = a_second(window.payload, measured.time);
        let bytes_out = a_second(window.messages * self.size as u64, measured.time);
        line("Payload", &format!("{} out, {} in", megabytes(bytes_out), megabytes(bytes_in)));
        let of = if self.is_scheduled { ", from when each was due" } else { "" };
        line("Latency", &format!("{}{of}", quantiles(&window.latency)));
        if window.missing > 0 {
            line(
                "Missing",
                &format!("{} were without an answer at the end", show_count(window.missing)),
            );
        }
        line("Connect", &quantiles(&measured.connect));
        if measured.troubles.is_empty() {
            line("Errors", "none");
        }
        for (trouble, count) in &measured.troubles {
            line("Errors", &format!("{} × {}", show_count(*count), trouble.kind()));
        }
        if let Some(failure) = &measured.first_failure {
            line("The first", failure);
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let measured = self.measured;
        let window = &measured.window;
        let errors: serde_json::Map<String, Value> = measured
            .troubles
            .iter()
            .map(|(trouble, count)| (trouble.kind(), json!(count)))
            .collect();
        json!({
            "url": self.url,
            "connections": measured.connections,
            "size": self.size,
            "seconds": measured.time.as_secs_f64(),
            "messages": window.messages,
            "messages_per_second": measured.messages_a_second(),
            "bytes_out_per_second":
                a_second(window.messages * self.size as u64, measured.time),
            "bytes_in_per_second": a_second(window.payload, measured.time),
            "latency_us": micros(&window.latency),
            "latency_from_schedule": self.is_scheduled,
            "missing": window.missing,
            "connect_us": micros(&measured.connect),
            "errors": errors,
            "first_failure": measured.first_failure,
        })
    }
}

/// The table of each, and how two compare.
pub(super) fn text_of_all(reports: &[Report]) -> String {
    let mut text = reports.iter().map(Report::text).collect::<Vec<_>>().join("\n");
    if let [one, other] = reports {
        let sentence = match (message_ratio(one, other), p99_ratio(one, other)) {
            // The rate is what was asked for, of both.
            (_, Some(ratio)) if one.is_scheduled => {
                format!("At this rate the first's p99 is {ratio:.2} times the second's.")
            }
            (Some(ratio), _) if !one.is_scheduled => {
                format!("The first answers {ratio:.2} times as many messages.")
            }
            _ => "They do not compare: one answered nothing.".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{sentence}");
    }
    text
}

/// One object of both servers, or of the first if it did not come to the second.
pub(super) fn json_of_both(reports: &[Report]) -> Value {
    let ratio = |ratio: fn(&Report, &Report) -> Option<f64>| match reports {
        [one, other] => ratio(one, other),
        _ => None,
    };
    json!({
        "servers": reports.iter().map(Report::json).collect::<Vec<_>>(),
        "ratio": ratio(message_ratio),
        "p99_ratio": ratio(p99_ratio),
    })
}

/// The first's messages a second by the second's; none if either has none.
fn message_ratio(one: &Report, other: &Report) -> Option<f64> {
    let [one, other] = [one, other].map(|report| report.measured.messages_a_second());
    (one > 0.0 && other > 0.0).then(|| one / other)
}

/// The first's p99 by the second's; none if either answered nothing.
fn p99_ratio(one: &Report, other: &Report) -> Option<f64> {
    message_ratio(one, other)?;
    let p99 = |report: &Report| quantile(&report.measured.window.latency, 0.99);
    Some(p99(one)?.as_secs_f64() / p99(other)?.as_secs_f64())
}

fn quantiles(times: &Times) -> String {
    let shown = QUANTILES.iter().filter_map(|(name, share)| {
        quantile(times, *share).map(|time| format!("{name} {}", show_duration(time)))
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// Microseconds; `null` where there are none.
fn micros(times: &Times) -> Value {
    let micros = |time: Duration| json!(time.as_secs_f64() * 1e6);
    let object: serde_json::Map<String, Value> = QUANTILES
        .iter()
        .filter_map(|(name, share)| Some(((*name).to_owned(), micros(quantile(times, *share)?))))
        .collect();
    if object.is_empty() { Value::Null } else { object.into() }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for a person to read")]
pub(super) fn show_rate(a_second: f64) -> String {
    if a_second < 100.0 { format!("{a_second:.1}") } else { show_count(a_second as u64) }
}

fn megabytes(bytes_a_second: f64) -> String {
    format!("{:.1} MB/s", bytes_a_second / 1e6)
}
