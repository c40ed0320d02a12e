//! Report: a table for a person, or one JSON object for a script.

use std::{fmt::Write, time::Duration};

use serde_json::{Value, json};

use super::measure::{Histogram, Results, per_second, quantile};
use crate::quantity::{format_count, format_counted, format_duration};

/// Quantiles reported, with their names.
const QUANTILES: [(&str, f64); 7] = [
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("p99.99", 0.9999),
    ("max", 1.0),
];

/// Report on one server.
pub(super) struct Report<'a> {
    pub(super) url: String,
    pub(super) results: &'a Results,
    /// Size of a message sent.
    pub(super) size: usize,
    /// True if latency counts from the scheduled send time.
    pub(super) is_scheduled: bool,
}

impl Report<'_> {
    /// Table for a person.
    pub(super) fn text(&self) -> String {
        let results = self.results;
        let window = &results.window;
        let mut text = format!(
            "{}\n  {} of {}, {}\n",
            self.url,
            format_counted(u64::from(results.connections), "connection", "connections"),
            format_counted(self.size as u64, "byte a message", "bytes a message"),
            format_duration(results.time),
        );
        let mut line = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {name:<9} {value}");
        };
        let rate = format_rate(results.messages_per_second());
        line("Messages", &format!("{}, {rate} per second", format_count(window.messages)));
        let bytes_in = per_second(window.payload, results.time);
        let bytes_out = per_second(window.messages * self.size as u64, results.time);
        line("Payload", &format!("{} out, {} in", megabytes(bytes_out), megabytes(bytes_in)));
        let of = if self.is_scheduled { ", from the scheduled send time" } else { "" };
        line("Latency", &format!("{}{of}", quantiles(&window.latency)));
        if window.missing > 0 {
            line(
                "Missing",
                &format!("{} without an answer at the end", format_count(window.missing)),
            );
        }
        line("Connect", &quantiles(&results.connect));
        if results.failures.is_empty() {
            line("Errors", "none");
        }
        for (failure, count) in &results.failures {
            line("Errors", &format!("{} × {}", format_count(*count), failure.kind()));
        }
        if let Some(error) = &results.first_error {
            line("First error:", error);
        }
        text
    }

    /// Object for a script. Keys are stable: they carry their unit.
    pub(super) fn json(&self) -> Value {
        let results = self.results;
        let window = &results.window;
        let errors: serde_json::Map<String, Value> = results
            .failures
            .iter()
            .map(|(failure, count)| (failure.kind(), json!(count)))
            .collect();
        json!({
            "url": self.url,
            "connections": results.connections,
            "size": self.size,
            "seconds": results.time.as_secs_f64(),
            "messages": window.messages,
            "messages_per_second": results.messages_per_second(),
            "bytes_out_per_second":
                per_second(window.messages * self.size as u64, results.time),
            "bytes_in_per_second": per_second(window.payload, results.time),
            "latency_us": micros(&window.latency),
            "latency_from_schedule": self.is_scheduled,
            "missing": window.missing,
            "connect_us": micros(&results.connect),
            "errors": errors,
            "first_failure": results.first_error,
        })
    }
}

/// Tables, and a sentence that compares two.
pub(super) fn text_of_all(reports: &[Report]) -> String {
    let mut text = reports.iter().map(Report::text).collect::<Vec<_>>().join("\n");
    if let [one, other] = reports {
        let sentence = match (message_ratio(one, other), p99_ratio(one, other)) {
            // With a rate, both answer the same number of messages.
            (_, Some(ratio)) if one.is_scheduled => {
                format!(
                    "At this rate, the p99 of the first server is {ratio:.2} times that of the second."
                )
            }
            (Some(ratio), _) if !one.is_scheduled => {
                format!("The first server answers {ratio:.2} times as many messages as the second.")
            }
            _ => "No comparison: one server answered nothing.".to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{sentence}");
    }
    text
}

/// JSON object of both servers, or of the first if interrupted before the second.
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

/// Throughput ratio of first to second; `None` if either answered nothing.
fn message_ratio(one: &Report, other: &Report) -> Option<f64> {
    let [one, other] = [one, other].map(|report| report.results.messages_per_second());
    (one > 0.0 && other > 0.0).then(|| one / other)
}

/// Ratio of the p99 latencies of first to second; `None` if either answered nothing.
fn p99_ratio(one: &Report, other: &Report) -> Option<f64> {
    message_ratio(one, other)?;
    let p99 = |report: &Report| quantile(&report.results.window.latency, 0.99);
    Some(p99(one)?.as_secs_f64() / p99(other)?.as_secs_f64())
}

/// Quantiles as text: `p50 1.2 ms, …`.
fn quantiles(times: &Histogram) -> String {
    let shown = QUANTILES.iter().filter_map(|(name, share)| {
        quantile(times, *share).map(|time| format!("{name} {}", format_duration(time)))
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// Quantiles in microseconds; `null` if empty.
fn micros(times: &Histogram) -> Value {
    let micros = |time: Duration| json!(time.as_secs_f64() * 1e6);
    let object: serde_json::Map<String, Value> = QUANTILES
        .iter()
        .filter_map(|(name, share)| Some(((*name).to_owned(), micros(quantile(times, *share)?))))
        .collect();
    if object.is_empty() { Value::Null } else { object.into() }
}

/// Formats a rate to a tenth if it is low, else to a whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for a person to read")]
pub(super) fn format_rate(per_second: f64) -> String {
    if per_second < 100.0 { format!("{per_second:.1}") } else { format_count(per_second as u64) }
}

/// Formats a throughput in megabytes (10^6 bytes).
fn megabytes(bytes_per_second: f64) -> String {
    format!("{:.1} MB/s", bytes_per_second / 1e6)
}
