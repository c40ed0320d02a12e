//! English.

use workbench::{
    format::{count, size, span},
    metrics::{NumberForm, Numbered, Tally},
};

use super::{ChartWords, Words};
use crate::language::en::counted;

pub(super) static WORDS: Words = Words {
    title: "Metrics",
    dock_size: "Size of the metrics pane",
    dock_below: "Move to the bottom",
    dock_beside: "Move to the side",
    frames: "Control frames",
    rows: |rows| if rows == 1 { "row" } else { "rows" },
    per_second: |amount| format!("{amount}/s"),
    fault: |stream| match stream {
        Numbered { missing: 1.., .. } => Some(format!("{} missing", count(stream.missing))),
        Numbered { repeats: 1.., .. } => {
            Some(counted(stream.repeats, "duplicate number", "duplicate numbers"))
        }
        Numbered { late: 1.., .. } => Some(format!("{} out of order", count(stream.late))),
        _ => None,
    },
    no_messages: "No messages yet. Connect and send one to see messages per second, round-trip \
            times and gaps in numbered streams.",
    charts: "Last minute by second",
    how_to_read: "Point at a second, or use the arrow keys on the charts, to see its values.",
    messages: ChartWords {
        title: "Messages per second",
        lines: ["sent", "received"],
        empty: "No messages in the last minute.",
    },
    round_trips: ChartWords {
        title: "Round-trip time",
        lines: ["mean", "max"],
        empty: "No echoes or pongs in the last minute.",
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
            format!("; {trips}, mean {}, max {}", span(mean), span(second.longest))
        });
        format!("{sent}, {received}{round_trips}")
    },
    total: "Messages",
    all_round_trips: "All round trips",
    echoes: "Echoes and pongs",
    mean: "Mean",
    max: "Max",
    no_round_trips: "None yet. Measured when a message comes back as sent, or prefixed with \
            “Echo: ”, as from /ws and /echo, or a ping is answered.",
    percentiles: "Round-trip time percentiles: half of the echoes and pongs (p50) or 99 % of them (p99) \
            took at most this long",
    numbered: "Numbered stream",
    not_numbered: "None detected. Messages that start with a number, or JSON with a “seq” field, \
            are checked for gaps. /stream sends such messages.",
    numbers: "Numbers from",
    form: |form| match form {
        NumberForm::Text => "start of text",
        NumberForm::Json => "JSON field “seq”",
        NumberForm::Binary => "start of binary",
    },
    next: "Next",
    missing: "Missing",
    repeats: "Duplicates",
    late: "Out of order",
    table: "Show as table",
    table_caption: "Last minute by second, newest first. Seconds without messages are omitted.",
    time: "Time",
    sent_bytes: "Sent size",
    received_bytes: "Received size",
};
