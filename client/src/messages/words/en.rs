//! English.

use session::{Direction, EndReason, PayloadKind};
use workbench::{
    connect::Cause,
    format::{count, span},
    log::{ActiveFilter, Origin},
    relay::ControlKind,
};

use super::{Actions, Announcer, Chips, Find, List, Pins, Status, Toolbar, Words, of};
use crate::{
    language::en::{counted, overrun_text},
    settings::TimeShown,
};

pub(super) static WORDS: Words = Words {
    find: Find {
        title: "Find",
        placeholder: "Find…",
        match_case: "Match case",
        regex: "Regular expression",
        mode: "Rows without a match",
        filter: "Filter",
        filter_title: "List only the rows that match",
        mark: "Mark",
        mark_title: "List all rows and mark the matches",
        previous: "Previous match (Shift+F3)",
        next: "Next match (F3)",
        position: |at, matches| match at {
            Some(at) => format!("{} of {}", count(at), count(matches)),
            None => counted(matches, "match", "matches"),
        },
        unmarked: " (more matches, not marked)",
    },
    chips: Chips {
        title: "Active filters",
        name: |filter| match filter {
            ActiveFilter::Text(text, false) => text.clone(),
            ActiveFilter::Text(text, true) => format!("/{text}/"),
            ActiveFilter::WithoutSent => "sent hidden".to_owned(),
            ActiveFilter::WithoutReceived => "received hidden".to_owned(),
            ActiveFilter::WithoutEvents => "events hidden".to_owned(),
            ActiveFilter::WithoutFrames => "control frames hidden".to_owned(),
            ActiveFilter::Kind(PayloadKind::Text) => "text only".to_owned(),
            ActiveFilter::Kind(PayloadKind::Binary) => "binary only".to_owned(),
            ActiveFilter::AtLeast(bytes) => format!("at least {} B", count(*bytes)),
            ActiveFilter::AtMost(bytes) => format!("at most {} B", count(*bytes)),
            ActiveFilter::Field(field) => field.clone(),
        },
        remove: |name| format!("Remove filter: {name}"),
        clear: "Clear filters",
    },
    toolbar: Toolbar {
        title: "List",
        shown: "Shown rows",
        show_sent: "Show sent messages",
        show_received: "Show received messages",
        events: "Events",
        show_events: "Show connection events",
        frames: "Control",
        show_frames: "Show control frames: pings, pongs and Close",
        more: "More",
        kind: "Payload",
        any_kind: "text and binary",
        text: "text",
        binary: "binary",
        min_size: "Min size (bytes)",
        max_size: "Max size (bytes)",
        any: "any",
        invalid_size: "Enter a whole number, or leave empty.",
        field: "JSON field",
        field_placeholder: "data.price > 10",
        field_help: "Also type:trade (contains), type = \"trade\", items[0].id, items[*].id != 7, or \
                     only a field.",
        time: "Time",
        time_shown: |time| match time {
            TimeShown::Clock => "clock",
            TimeShown::SinceStart => "since start",
            TimeShown::SinceBefore => "since previous",
        },
        rows: "Rows",
        normal_rows: "normal",
        compact_rows: "compact",
        max_rows: "Max rows",
        max_mebibytes: "Max stored (MiB)",
        invalid_limit: |most| format!("Enter a whole number from 1 to {}.", count(most.into())),
        pause: "Pause list",
        resume: "Resume list",
        pause_title: "Pause the list; new messages are still recorded",
        pause_reading: "Stop reading",
        resume_reading: "Resume reading",
        reading_title: "Let the server send no more than buffers hold, as to a slow client",
        clear: "Clear",
        clear_title: "Clear the list",
    },
    status: Status {
        query_error: ToString::to_string,
        found: |found, held| format!("{} of {}", count(found), counted(held, "row", "rows")),
        searching: |more| format!("searching {} more", count(more)),
        not_reading: "Reading stopped",
        paused: |new| format!("Paused: {} new", count(new)),
        folded: |frames| {
            format!("{} not listed", counted(frames, "more ping or pong", "more pings and pongs"))
        },
        evicted: |rows| {
            let rows = counted(rows, "oldest row", "oldest rows");
            format!("{rows} dropped (limit reached)")
        },
        cleared: |rows| counted(rows, "row cleared. ", "rows cleared. "),
        discard: "Discard the cleared rows",
    },
    list: List {
        title: "Messages",
        no_matches: "No matches. Change or clear the filter.",
        by_field: |condition| format!("Filter by the JSON field: {condition}"),
        not_connected: "Press Connect, or enter another address.",
        paused: "The list is paused. Press Resume list to see what is new.",
        first_message: "Type a message and press Enter, or start with this one:",
        send_first: "Send “hi”",
        jump_to_newest: "Jump to newest",
        new: |new| format!("{} new", count(new)),
        opened: |opened| {
            let to = match &*opened.address {
                "" => String::new(),
                address => format!(" to {address}"),
            };
            let says = match opened.outage {
                Some(outage) => format!("Reconnected{to} after {}", span(outage)),
                None => format!("Connected{to}"),
            };
            match opened.negotiated.subprotocol.as_str() {
                "" => says,
                subprotocol => format!("{says}, subprotocol {subprotocol}"),
            }
        },
        ended: |ended| {
            let says = match &ended.reason {
                EndReason::Failed => match &ended.causes[..] {
                    [] => "Could not connect".to_owned(),
                    [cause] => format!("Could not connect: {cause}"),
                    [cause, ..] => format!("Could not connect. Probable cause: {cause}"),
                },
                EndReason::Cancelled => "Cancelled before the connection opened".to_owned(),
                EndReason::Closed(_) if ended.is_unanswered() => {
                    "Closed: the server did not confirm it".to_owned()
                }
                EndReason::Closed(_) if ended.causes == [Cause::Overrun] => {
                    Cause::Overrun.to_string()
                }
                EndReason::Closed(close) if ended.is_own || ended.address.is_empty() => {
                    format!("Closed: {close}")
                }
                EndReason::Closed(close) if !ended.is_clean() => match &ended.causes[..] {
                    [cause, ..] => format!("Connection lost: {cause}"),
                    [] => format!("Connection lost: {}, without a Close frame", close.code),
                },
                EndReason::Closed(close) => format!("Closed by the server: {close}"),
            };
            says + &of(&ended.address)
        },
        imported: |imported| {
            let rows = counted(imported.entries, "row", "rows");
            match &imported.from {
                Origin::LastVisit => format!("{rows} restored from your last visit"),
                Origin::File(name) => format!("{rows} imported from {name}"),
            }
        },
        overrun: overrun_text,
        control: |frame, text| {
            let name = match (frame.kind, frame.direction) {
                (ControlKind::Ping, Direction::Out) => "Ping sent",
                (ControlKind::Ping, Direction::In) => "Ping received",
                (ControlKind::Pong, Direction::Out) => "Pong sent",
                (ControlKind::Pong, Direction::In) => "Pong received",
                (ControlKind::Close, Direction::Out) => "Close sent",
                (ControlKind::Close, Direction::In) => "Close received",
                (ControlKind::Raw, Direction::Out) => "Raw bytes sent",
                (ControlKind::Raw, Direction::In) => "Header of an invalid frame received",
            };
            if text.is_empty() { name.to_owned() } else { format!("{name}: {text}") }
        },
        handshake: |opening| match &opening.connected {
            Some(address) => format!("Opening handshake with {address}"),
            None => "Opening handshake".to_owned(),
        },
        switched: |switched| format!("Switching from {} to {}", switched.from, switched.to),
    },
    pins: Pins {
        title: "Pinned messages",
        pinned: |pins| format!("Pinned ({pins})"),
        unpin: "Unpin",
        unpin_all: "Unpin all",
    },
    actions: Actions {
        title: "Row actions",
        copy: "Copy message",
        send_again: "Send message again",
        pin: "Pin message",
    },
    announcer: Announcer {
        received: |start| format!("Received: {start}"),
        received_many: |messages| counted(messages, "message received", "messages received"),
    },
};
