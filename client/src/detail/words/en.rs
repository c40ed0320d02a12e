//! English.

use workbench::{
    format::{percent, size},
    payload::{ComparedAs, End, MAX_DEPTH, MAX_NODES},
    relay::Stage,
};

use super::{Event, Frames, Handshake, MOST_COPIED, Words};
use crate::language::en::counted;

pub(super) static WORDS: Words = Words {
    event: Event {
        title: "Connection event",
        details: "Details",
        address: "Address",
        outage: "Downtime",
        code: "Close code",
        meaning: |code| format!("{code} ({})", code.meaning()),
        reason: "Reason",
        close: ToString::to_string,
        handshake: "Closing handshake",
        clean: "complete",
        unclean: "incomplete: no Close frame",
        lasted: "Duration",
        round_trip: "Round trip",
        probable_cause: "Probable cause",
        cause_text: ToString::to_string,
    },
    handshake: Handshake {
        stage: |stage| match stage {
            Stage::Name => "Name",
            Stage::Tcp => "TCP",
            Stage::Proxy => "Proxy",
            Stage::Tls => "TLS",
            Stage::Http => "Handshake",
        },
        failed: ", failed",
        resolved: "Addresses",
        connected: "Connected to",
        trusted: "trusted",
        not_trusted: "not trusted, but accepted",
        refused: "The certificate was refused",
        certificate: "Certificate",
        request: "Request",
        response: "Response",
        body: "Body",
        header: |name| match name {
            "connection" | "upgrade" => "Requests the upgrade to WebSocket",
            "sec-websocket-key" => "Random key, answered by Sec-WebSocket-Accept",
            "sec-websocket-accept" => "Answer to the key: the server supports WebSocket",
            "sec-websocket-version" => "Version of the protocol: 13 is RFC 6455",
            "sec-websocket-protocol" => "Subprotocols offered, or the one selected",
            "sec-websocket-extensions" => "Extensions offered or agreed on, such as compression",
            "origin" => "Origin of the page",
            "host" => "Host and port of the server",
            _ => "",
        },
    },
    frames: Frames {
        title: |frames| {
            let (all, first) = (frames.count, frames.first.len());
            let ratio = frames.ratio().map(|it| format!(", compressed to {}", percent(it)));
            let shown = (all > first as u64).then(|| format!(", the first {first} are shown"));
            [Some(counted(all, "frame", "frames")), ratio, shown].into_iter().flatten().collect()
        },
        opcode: "Opcode",
        opcode_name: |opcode| {
            Some(match opcode {
                0 => "continuation",
                1 => "text",
                2 => "binary",
                8 => "close",
                9 => "ping",
                10 => "pong",
                _ => return None,
            })
        },
        flags: "Flags",
        head: "Header",
        payload: "Payload",
        inflated: "Inflated",
        control: "Frame",
    },
    title: "Message",
    copy: "Copy",
    compare: "Compare",
    views: "Views of the message",
    text: "Text",
    hex: "Hex",
    hexadecimal: "Hexadecimal",
    kind: |message| if message.is_text { "text" } else { "binary" },
    notice: |message| {
        if message.size == 0 {
            return Some("The message is empty (0 bytes).".to_owned());
        }
        (!message.is_whole()).then(|| {
            let part = size(message.part.len() as u64);
            let whole = size(message.size);
            let copied = match message.size {
                ..=MOST_COPIED => "the whole message".to_owned(),
                _ => format!("the first {} MiB", MOST_COPIED >> 20),
            };
            format!("Showing the first {part} of {whole}, to stay fast. Copy copies {copied}.")
        })
    },
    encoding: "Encoding",
    invalid: |sequences, encoding| match sequences {
        1 => format!("1 invalid {encoding} sequence, shown as �."),
        _ => format!("{sequences} invalid {encoding} sequences, shown as �."),
    },
    fold_all: "Fold all",
    unfold_all: "Unfold all",
    copy_value: "Copy value",
    cut_value: "Shown in part: it cannot be copied alone.",
    path: "Path: ",
    copy_path: "Copy path",
    outline_end: |end| match end {
        // What is above all views says it.
        End::Whole | End::Cut => None,
        End::Full => Some(format!("Stopped after {MAX_NODES} lines.")),
        End::Deep => Some(format!("Stopped at nesting depth {MAX_DEPTH}.")),
        End::Wrong(mistake) => Some(format!("Invalid JSON at {mistake}.")),
    },
    items: |items| counted(items as u64, "item", "items"),
    more: |bytes| format!("… {} more", size(bytes)),
    select_another: "Select another message in the list to compare.",
    differences: "Differences",
    changes: "Changes",
    all_lines: "All lines",
    only_in_first: "only in the first",
    only_in_second: "only in the second",
    left_out: |lines| format!("⋯ {}", counted(lines as u64, "unchanged line", "unchanged lines")),
    compared: |comparison| {
        let form = match comparison.form {
            ComparedAs::Json => "formatted JSON",
            ComparedAs::Text => "text",
            ComparedAs::Hex => "bytes",
        };
        let differences = match comparison.changes() {
            0 => "No differences".to_owned(),
            lines => counted(lines as u64, "line differs", "lines differ"),
        };
        let bound =
            if comparison.is_whole { "" } else { " Only the first part of each was compared." };
        format!("{differences} ({form}).{bound}")
    },
};
