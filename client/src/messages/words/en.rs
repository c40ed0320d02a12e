//! English.

use workbench::{
    format::{count, span},
    log::Origin,
};

use super::{Announcer, List, Pins, Standing, Toolbar, Words};
use crate::{language::en::counted, settings::TimeShown};

pub(super) static WORDS: Words = Words {
    toolbar: Toolbar {
        title: "List",
        find: "Find",
        find_what: "Find…",
        match_case: "Match upper and lower case",
        expression: "Regular expression",
        what_is_listed: "What is listed",
        sent: "Sent",
        list_sent: "List what was sent",
        received: "Received",
        list_received: "List what was received",
        events: "Events",
        list_events: "List what the connection did",
        more: "More",
        kind: "Kind",
        any_kind: "text and binary",
        text: "text",
        binary: "binary",
        bytes_at_least: "Bytes, at least",
        bytes_at_most: "Bytes, at most",
        any: "any",
        time: "Time",
        time_shown: |time| match time {
            TimeShown::Clock => "clock",
            TimeShown::SinceStart => "since start",
            TimeShown::SinceBefore => "since previous",
        },
        rows_held: "Rows held, at most",
        mebibytes_held: "MiB held, at most",
        pause: "Pause",
        resume: "Resume",
        pause_means: "Stop the list; nothing is lost meanwhile",
        clear: "Clear",
        clear_means: "Empty the list",
    },
    standing: Standing {
        not_an_expression: ToString::to_string,
        found: |found, held| format!("{} of {}", count(found), counted(held, "row", "rows")),
        looking: |more| format!("looking at {} more", count(more)),
        paused: |new| format!("paused, {} new since", count(new)),
        evicted: |rows| counted(rows, "older row was let go", "older rows were let go"),
        cleared: |rows| counted(rows, "row cleared. ", "rows cleared. "),
        undo: "Undo",
        forget: "Forget what was cleared",
    },
    list: List {
        title: "Messages",
        nothing_found: "No message is like this. Change what is looked for, or clear it.",
        begin: "Type a message and press Enter, or begin with this one:",
        send_first: "Send “hi”",
        to_newest: "To the newest",
        new: |new| format!("{} new", count(new)),
        opened: |negotiated, outage| {
            let opened = match outage {
                Some(outage) => format!("Reconnected after {}", span(outage)),
                None => "Connected".to_owned(),
            };
            match negotiated.subprotocol.as_str() {
                "" => opened,
                subprotocol => format!("{opened}, subprotocol {subprotocol}"),
            }
        },
        ended: ToString::to_string,
        brought: |brought| {
            let rows = match brought.entries {
                1 => "The row above is".to_owned(),
                rows => format!("The {} rows above are", count(rows)),
            };
            match &brought.from {
                Origin::LastVisit => format!("{rows} from before the page was loaded"),
                Origin::File(name) => format!("{rows} from {name}"),
            }
        },
    },
    pins: Pins { title: "Pinned messages", unpin: "Unpin" },
    announcer: Announcer {
        received: |start| format!("Received: {start}"),
        received_many: |messages| counted(messages, "message received", "messages received"),
    },
};
