//! `wsbench bench merge`: summary of several latency logs.

use std::{io::Write, path::PathBuf};

use serde_json::{Value, json};

use super::{
    hdr::{self, Merged},
    measure::per_second,
    report::{counted_rate, counts_json, micros, quantiles, seconds, sent},
};
use crate::{
    process::{Exit, fail, print_document},
    quantity::{format_counted, format_duration},
};

/// Merges the logs and prints the summary. Failures are sentences on standard error.
pub(super) fn run(files: &[PathBuf], is_json: bool) -> Exit {
    let merged = match hdr::merge(files) {
        Ok(merged) => merged,
        Err(sentence) => return fail(&sentence),
    };
    let text = if is_json { json(files, &merged) } else { text(files, &merged) };
    print_document(|out| out.write_all(text.as_bytes()))
}

fn text(files: &[PathBuf], merged: &Merged) -> String {
    let logs = format_counted(files.len() as u64, "log", "logs");
    let time = format_duration(merged.time);
    let messages = counted_rate(merged.latency.len(), merged.time);
    let sent = merged.counts.as_ref().map(|counts| format!("  Sent      {}\n", sent(counts)));
    format!(
        "{logs}, {time}\n  Messages  {messages}\n{}  Latency   {}\n",
        sent.unwrap_or_default(),
        quantiles(&merged.latency),
    )
}

/// Summary as one JSON object on a line. Numbers of messages are left out if a log lacks them.
fn json(files: &[PathBuf], merged: &Merged) -> String {
    let messages = merged.latency.len();
    let rate = per_second(messages, merged.time);
    let mut object = json!({
        "files": files,
        "seconds": seconds(merged.time),
        "messages": messages,
        "messages_per_second": (rate * 10.0).round() / 10.0,
        "latency_us": micros(&merged.latency),
    });
    let counts = merged.counts.as_ref().map(counts_json);
    if let (Value::Object(object), Some(Value::Object(counts))) = (&mut object, counts) {
        object.extend(counts);
    }
    format!("{object}\n")
}
