//! Report: a table for the terminal, or one JSON object for a script.

use std::{fmt::Write, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    figures::{Counts, Histogram, quantile},
    flags::BenchFlags,
    measure::{Results, format_rate, per_second},
    verdict,
};
use crate::quantity::{format_count, format_counted, format_duration};

/// Quantiles reported: name in the table, key in JSON, share, and the number of samples that tells
/// it from the maximum.
const QUANTILES: [(&str, &str, f64, u64); 7] = [
    ("p50", "p50", 0.5, 1),
    ("p75", "p75", 0.75, 4),
    ("p90", "p90", 0.9, 10),
    ("p99", "p99", 0.99, 100),
    ("p99.9", "p99_9", 0.999, 1_000),
    ("p99.99", "p99_99", 0.9999, 10_000),
    ("max", "max", 1.0, 1),
];

/// Samples below which JSON has a quantile in any case: `null < 1000` is true for jq.
const ALWAYS: u64 = 100;

/// Delay of the generator that is reported (p99).
const LATE: Duration = Duration::from_millis(1);
/// Share of the latency (p99) that its own delay has to reach to be reported.
const LATE_SHARE: f64 = 0.1;

/// Load as asked for: the part `requested` of a report.
pub(super) struct Requested<'a> {
    pub(super) flags: &'a BenchFlags,
    /// Servers, in the order of the flags.
    pub(super) urls: &'a [String],
    /// Size of a message sent.
    pub(super) size: usize,
}

impl Requested<'_> {
    /// Values of the flags; flags of the other model of load are null.
    fn json(&self) -> Value {
        let flags = self.flags;
        let message = &flags.message;
        let payload = match (&message.text, &message.file) {
            _ if message.receive_only => "none",
            (Some(_), _) => "text",
            (_, Some(_)) => "file",
            _ => "generated",
        };
        json!({
            "urls": self.urls,
            "connections": flags.connections,
            "rate": flags.rate,
            "in_flight": if flags.rate.is_none() { Some(flags.in_flight) } else { None },
            "payload": payload,
            "size": self.size,
            "binary": message.binary,
            "answers": message.answers.name(),
            "ramp_seconds": seconds(flags.ramp),
            "warmup_seconds": seconds(flags.warmup),
            "duration_seconds": seconds(flags.duration),
            "answer_timeout_seconds": seconds(flags.answer_timeout),
            "turns": flags.compare.is_some().then_some(flags.turns),
            "fail_if": flags.output.fail_if.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

/// Report on one server, or on all together. Printed as a table or as JSON.
pub(super) struct Report<'a> {
    requested: &'a Requested<'a>,
    /// Address of the load, without user and password.
    url: String,
    results: &'a Results,
    /// Sentences about failed conditions, once judged.
    complaints: Vec<String>,
}

impl<'a> Report<'a> {
    /// Report that is not judged yet.
    pub(super) fn new(requested: &'a Requested<'a>, url: &str, results: &'a Results) -> Self {
        Self { requested, url: url.to_owned(), results, complaints: Vec::new() }
    }

    /// Judges the results. Returns a sentence for each failed condition, with the URL if there are
    /// two servers.
    pub(super) fn judge(&mut self) -> Vec<String> {
        self.complaints = verdict::complaints(self.requested.flags, self.results);
        let complaints = self.complaints.iter();
        match self.requested.flags.compare {
            Some(_) => complaints.map(|it| format!("{}: {it}", self.url)).collect(),
            None => complaints.cloned().collect(),
        }
    }

    /// True if latency counts from the scheduled send time.
    fn is_scheduled(&self) -> bool {
        self.requested.flags.rate.is_some()
    }

    /// Tables for the terminal: this one, then those of its parts.
    pub(super) fn text_with(&self, parts: &[Report]) -> String {
        let texts = [self].into_iter().chain(parts).map(Report::text);
        texts.collect::<Vec<_>>().join("\n")
    }

    /// Table for the terminal.
    fn text(&self) -> String {
        let (results, size) = (self.results, self.requested.size as u64);
        let is_receiving = self.requested.flags.message.receive_only;
        let connections =
            format_counted(u64::from(results.connections), "connection", "connections");
        let messages = if is_receiving {
            String::new()
        } else {
            format!(" of {}", format_counted(size, "byte a message", "bytes a message"))
        };
        let mut text =
            format!("{}\n  {connections}{messages}, {}\n", self.url, format_duration(results.time));
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(text, "  {name:<9} {value}");
        };
        let counts = &results.counts;
        if !is_receiving {
            line("Messages", &counted_rate(results.messages, results.time));
            line("Sent", &sent(counts));
        }
        if is_receiving || counts.pushes > 0 {
            line("Pushes", &counted_rate(counts.pushes, results.time));
        }
        let bytes_out = per_second(counts.sent() * size, results.time);
        let bytes_in = per_second(results.payload, results.time);
        line("Payload", &format!("{} out, {} in", megabytes(bytes_out), megabytes(bytes_in)));
        if !is_receiving {
            let of = self.is_scheduled().then_some("send time");
            line("Latency", &latency(results, of));
        }
        outcome(&mut line, results);
        text
    }

    /// Object for a script: the results of any load, and what messages of one size add.
    fn json(&self) -> Map<String, Value> {
        let (results, size) = (self.results, self.requested.size as u64);
        let rate = self.requested.flags.rate;
        let mut report = object(json!({
            "url": self.url,
            "size": size,
            "rate_reached": rate.map(|rate| verdict::is_reached(rate, results)),
            "bytes_out_per_second": tenths(per_second(results.counts.sent() * size, results.time)),
        }));
        report.extend(results_json(results, self.is_scheduled()));
        report
    }

    /// JSON object for a script, with an object for each part if there are any. Failed conditions
    /// are those of all together.
    pub(super) fn json_with(&self, parts: &[Report]) -> Value {
        let mut object = self.json();
        if !parts.is_empty() {
            let per_url = parts.iter().map(|part| {
                let mut part = part.json();
                // The rate is that of all.
                part.remove("rate_reached");
                part
            });
            object.insert("per_url".to_owned(), per_url.collect());
        }
        object.insert("failed".to_owned(), json!(self.complaints));
        object.insert("requested".to_owned(), self.requested.json());
        object.into()
    }
}

/// Results of any load, for a script; latency counts from scheduled times if it `is_scheduled`. Keys are stable:
/// they carry their unit. Times are in microseconds, rates per second.
pub(super) fn results_json(results: &Results, is_scheduled: bool) -> Map<String, Value> {
    let counts = &results.counts;
    let failures = results.failures.iter();
    let errors: Map<_, _> =
        failures.map(|(failure, count)| (failure.kind(), json!(count))).collect();
    let per_second = |count| tenths(per_second(count, results.time));
    let mut report = object(json!({
        "connections": results.connections,
        "seconds": seconds(results.time),
        "messages": results.messages,
        "messages_per_second": per_second(results.messages),
        "sent_per_second": per_second(counts.sent()),
        "pushes_per_second": per_second(counts.pushes),
        "bytes_in_per_second": per_second(results.payload),
        "latency_us": micros(&results.latency),
        "latency_from_schedule": is_scheduled,
        "generator_late_us": micros(&results.late),
        "connect_us": micros(&results.connect),
        "errors": errors,
        "first_failure": results.first_error,
    }));
    report.extend(object(counts_json(counts)));
    if let Some(series) = &results.series {
        report.insert("series".to_owned(), series.json());
    }
    report
}

/// Latency as text, counted from a scheduled time if `scheduled` names one.
pub(super) fn latency(results: &Results, scheduled: Option<&str>) -> String {
    let from = scheduled.map(|time| format!(", from the scheduled {time}")).unwrap_or_default();
    format!("{}{from}", quantiles(&results.latency))
}

/// Lines about the generator, the connections and their failures.
pub(super) fn outcome(line: &mut impl FnMut(&str, &str), results: &Results) {
    if let Some(late) = late(results) {
        line(
            "Note",
            &format!(
                "the generator itself was late by {} (p99), included in the latency",
                format_duration(late)
            ),
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
}

/// Delay of the generator (p99), if it is a considerable part of the latency: at least [`LATE`] and
/// [`LATE_SHARE`].
fn late(results: &Results) -> Option<Duration> {
    let late = quantile(&results.late, 0.99)?;
    let latency = quantile(&results.latency, 0.99).unwrap_or_default();
    (late >= LATE && late >= latency.mul_f64(LATE_SHARE)).then_some(late)
}

/// Tables of two servers, and a sentence that compares them: throughput, or p99 at a rate.
pub(super) fn text_of_both(reports: &[Report]) -> String {
    let mut text = reports.iter().map(Report::text).collect::<Vec<_>>().join("\n");
    if let [one, other] = reports {
        let sentence = match (message_ratio(one, other), p99_ratio(one, other)) {
            // With a rate, both answer the same number of messages.
            (_, Some(ratio)) if one.is_scheduled() => {
                format!(
                    "At this rate, the p99 of the first server is {ratio:.2} times that of the second."
                )
            }
            (Some(ratio), _) if !one.is_scheduled() => {
                format!("The first server answers {ratio:.2} times as many messages as the second.")
            }
            _ => "No comparison: one server answered nothing.".to_owned(),
        };
        let _ = writeln!(text, "\n{sentence}");
    }
    text
}

/// JSON object of both servers, or of the first if interrupted before the second. Ratios have three
/// decimals, and are null if a server answered nothing.
pub(super) fn json_of_both(reports: &[Report]) -> Value {
    let ratio = |ratio: fn(&Report, &Report) -> Option<f64>| match reports {
        [one, other] => ratio(one, other).map(|ratio| (ratio * 1e3).round() / 1e3),
        _ => None,
    };
    let servers = reports.iter().map(|report| {
        let mut server = report.json();
        server.insert("failed".to_owned(), json!(report.complaints));
        server
    });
    json!({
        "servers": servers.collect::<Vec<_>>(),
        "ratio": ratio(message_ratio),
        "p99_ratio": ratio(p99_ratio),
        "requested": reports.first().map(|report| report.requested.json()),
    })
}

/// Numbers of messages as an object. Keys are those of a log's comment, too.
pub(super) fn counts_json(counts: &Counts) -> Value {
    json!({
        "sent": counts.sent(),
        "not_sent": counts.not_sent,
        "unanswered": counts.unanswered,
        "missing": counts.missing(),
        "answered": counts.answered,
        "answered_with_error": counts.errors,
        "pushes": counts.pushes,
    })
}

/// Numbers of messages as text.
pub(super) fn sent(counts: &Counts) -> String {
    format!(
        "{}; {} not sent, {} unanswered, {} answered with an error",
        format_count(counts.sent()),
        format_count(counts.not_sent),
        format_count(counts.unanswered),
        format_count(counts.errors),
    )
}

/// Count and rate as text.
pub(super) fn counted_rate(count: u64, time: Duration) -> String {
    format!("{}, {} per second", format_count(count), format_rate(per_second(count, time)))
}

/// Throughput ratio of first to second; `None` if either answered nothing.
fn message_ratio(one: &Report, other: &Report) -> Option<f64> {
    let [one, other] = [one, other].map(|report| report.results.messages_per_second());
    (one > 0.0 && other > 0.0).then(|| one / other)
}

/// Ratio of the p99 latencies of first to second; `None` if either answered nothing.
fn p99_ratio(one: &Report, other: &Report) -> Option<f64> {
    message_ratio(one, other)?;
    let p99 = |report: &Report| quantile(&report.results.latency, 0.99);
    Some(p99(one)?.as_secs_f64() / p99(other)?.as_secs_f64())
}

/// Quantiles as text: `p50 1.2 ms, …`. Quantiles that need more samples are left out; `none` for no
/// sample.
pub(super) fn quantiles(times: &Histogram) -> String {
    let shown = QUANTILES.iter().filter_map(|(name, _, share, samples)| {
        let time = quantile(times, *share).filter(|_| *samples <= times.len())?;
        Some(format!("{name} {}", format_duration(time)))
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// Times in microseconds; `null` if empty. A quantile that needs more samples is `null`, too.
pub(super) fn micros(times: &Histogram) -> Value {
    if times.is_empty() {
        return Value::Null;
    }
    let quantiles = QUANTILES.iter().map(|(_, key, share, samples)| {
        let is_shown = *samples <= times.len().max(ALWAYS);
        let time = quantile(times, *share).filter(|_| is_shown);
        ((*key).to_owned(), json!(time.map(|time| tenths(time.as_secs_f64() * 1e6))))
    });
    let min = Duration::from_nanos(times.min()).as_secs_f64();
    let others = [("min", min), ("mean", times.mean() / 1e9)];
    let others = others.map(|(key, seconds)| (key.to_owned(), json!(tenths(seconds * 1e6))));
    others.into_iter().chain(quantiles).collect::<Map<_, _>>().into()
}

/// Fields of an object made by `json!`.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Rounds to a tenth: no measurement is more exact.
fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// Seconds, rounded to a microsecond.
pub(super) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

/// Formats a throughput in megabytes (10^6 bytes).
fn megabytes(bytes_per_second: f64) -> String {
    format!("{:.1} MB/s", bytes_per_second / 1e6)
}
