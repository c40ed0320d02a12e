//! English.

use workbench::{
    format::{count, size, span},
    metrics::{NumberForm, Numbered, Tally},
};

use super::{ChartWords, Words};
use crate::language::en::counted;

pub(super) static WORDS: Words = Words {
    title: "Measure",
    sent: "Sent",
    received: "Received",
    held: "Held",
    rows: |rows| if rows == 1 { "row" } else { "rows" },
    a_second: |amount| format!("{amount}/s"),
    fault: |stream| match stream {
        Numbered { missing: 1.., .. } => Some(format!("{} missing", count(stream.missing))),
        Numbered { repeats: 1.., .. } => Some(counted(stream.repeats, "repeat", "repeats")),
        Numbered { late: 1.., .. } => Some(format!("{} late", count(stream.late))),
        _ => None,
    },
    nothing_yet: "Nothing has passed yet. Once something does, here are messages a second over \
            the last minute, how long echoes take, and what is missing of messages that are \
            numbered. Connect and send one.",
    charts: "The last minute by second",
    how_to_read: "Point at a second, or use the arrow keys on the charts, for its figures.",
    messages: ChartWords {
        title: "Messages a second",
        lines: ["sent", "received"],
        nothing: "Nothing passed within the last minute.",
    },
    round_trips: ChartWords {
        title: "Round-trip time",
        lines: ["mean", "longest"],
        nothing: "No echo came within the last minute.",
    },
    a_minute_ago: "60 s ago",
    half_a_minute_ago: "30 s",
    now: "now",
    second: |second| {
        let Tally { messages, bytes } = second.sent;
        let sent = format!("sent {} ({})", count(messages), size(bytes));
        let Tally { messages, bytes } = second.received;
        let received = format!("received {} ({})", count(messages), size(bytes));
        let round_trips = second.mean().map_or_else(String::new, |mean| {
            let trips = counted(second.round_trips, "round trip", "round trips");
            format!("; {trips}, mean {}, longest {}", span(mean), span(second.longest))
        });
        format!("{sent}, {received}{round_trips}")
    },
    passed: "Messages",
    count: "Echoes",
    mean: "Mean",
    longest: "Longest",
    no_round_trips: "None yet. A round trip is measured where a message comes back as it was \
            sent, or with “Echo: ” before it, as from /ws and /echo.",
    numbered: "Numbered stream",
    not_numbered: "None seen. Messages that begin with a number, or are JSON with a “seq”, are \
            checked for gaps, as those of /stream are.",
    numbers: "Numbers",
    form: |form| match form {
        NumberForm::Text => "begin a text",
        NumberForm::Json => "are in JSON",
        NumberForm::Binary => "begin the binary",
    },
    next: "Next",
    missing: "Missing",
    repeats: "Repeats",
    late: "Late",
    table: "As a table",
    table_caption: "The last minute by second, newest first. Seconds in which nothing passed \
            are left out.",
    time: "Time",
    sent_bytes: "Sent, size",
    received_bytes: "Received, size",
};
