//! English.

use workbench::{
    compose::{self, Framing, Progress, Removed},
    format::{count, size},
};

use super::{Composer, Files, PairWords, Repeating, Saving, Variables, Words};
use crate::{
    composer::{Panel, RepeatError, Undo},
    language::en::counted,
};

pub(super) static WORDS: Words = Words {
    composer: Composer {
        message: "Message",
        placeholder: "Enter a message",
        send: |framing| match framing {
            Some(Framing::Ping) => "Send ping",
            Some(Framing::Pong) => "Send pong",
            Some(Framing::Close(_)) => "Send close",
            Some(Framing::Raw) => "Send bytes",
            _ => "Send",
        },
        send_hint: "Send (Enter)",
        not_connected: "Not connected",
        is_kept: "Not connected. The message stays in the box. ",
        connect_and_send: "Connect and send",
        connect: "Connect",
        is_empty: "The message is empty. ",
        send_empty: "Send empty message",
        unsent: |messages| {
            format!("{} not sent. ", counted(messages as u64, "message was", "messages were"))
        },
        send_again: "Send again",
        discard: "Discard",
        controls: "Message options",
        form_label: "Message format",
        form: |form| match form {
            compose::Form::Text => "Text",
            compose::Form::Json => "JSON",
            compose::Form::Hex => "Hex",
            compose::Form::Base64 => "Base64",
        },
        framing_label: "Frames",
        framing: |framing| match framing {
            None => "Message",
            Some(Framing::Uncompressed(_)) => "Uncompressed",
            Some(Framing::FragmentBytes(_)) => "Fragments by size",
            Some(Framing::FragmentCount(_)) => "Fragments by number",
            Some(Framing::Ping) => "Ping",
            Some(Framing::Pong) => "Pong",
            Some(Framing::Close(_)) => "Close",
            Some(Framing::Raw) => "Raw bytes",
        },
        fragment_bytes: "Fragment size (bytes)",
        fragment_count: "Number of fragments",
        close_code: "Close code, or empty for none",
        wrong_number: |most| format!("Enter a whole number from 1 to {}.", count(most.into())),
        wrong_code: "Enter a close code from 0 to 65535, or leave it empty.",
        format: "Format",
        minify: "Minify",
        key_hint: "Enter: send, Shift+Enter: new line, ↑: sent messages",
        too_long: "Over 64 KiB, a draft is lost when the page is closed or reloaded.",
        preview: |text| format!("Preview: {text}"),
        invalid: |error| sentence(&error.to_string()),
        invalid_filled: |error| format!("With variables filled in: {error}"),
        go_to_error: "Go to the error",
        as_text: "Send as text",
        as_text_hint: "Send as it is, without checking for JSON",
        panel: |panel| match panel {
            Panel::Variables => "Variables",
            Panel::Saved => "Saved messages",
            Panel::Repeat => "Repeat",
        },
        close: "Close panel",
        unstored: "Changes are not stored, and lost when the page is closed: storage is full or blocked, or a newer version of the page has used it.",
        undone: |undo| match undo {
            Undo::Removed(Removed::Folder { folder, .. }) => {
                let messages = folder.messages().len() as u64;
                let messages = counted(messages, "message", "messages");
                format!("Deleted folder “{}” with {messages}. ", undo.name())
            }
            Undo::Replaced(..) => format!("Replaced “{}”. ", undo.name()),
            Undo::Variable(..) => format!("Deleted variable “{}”. ", undo.name()),
            _ => format!("Deleted “{}”. ", undo.name()),
        },
    },
    files: Files {
        file: "File…",
        send: "Send file",
        remove: "Remove file",
        too_large: |most| format!("Too large to send: the limit is {}.", size(most)),
        left_out: |names| format!("One file can be attached at a time. Left out: {names}."),
        drop_here: "Drop a file here to send it",
    },
    repeating: Repeating {
        interval: "Interval (ms)",
        count: "Count",
        hint: "Sends the message, ping or pong repeatedly. Leave the interval empty to send as fast \
               as possible, the count empty to repeat until stopped.",
        start: "Start",
        stop: "Stop",
        error: |error| match error {
            RepeatError::Interval => {
                "Interval: a whole number from 1 (at most 19 digits), or empty to send as fast as \
                 possible."
            }
            RepeatError::Count => {
                "Count: a whole number from 1 (at most 19 digits), or empty to repeat until stopped."
            }
            RepeatError::EmptyDraft => "Enter the message to repeat.",
            RepeatError::Framing => {
                "A Close frame or raw bytes cannot be repeated. Choose other frames."
            }
        },
        over: |is_whole| if is_whole { "Done." } else { "Stopped." },
        progress: |progress, rate| {
            let Progress { sent, of, missed, .. } = *progress;
            let says = match of {
                Some(of) => format!("Repeated {} of {}", count(sent), counted(of, "time", "times")),
                None => format!("Repeated {}", counted(sent, "time", "times")),
            };
            let missed =
                if missed > 0 { format!(", {} missed", count(missed)) } else { String::new() };
            let rate =
                rate.map_or_else(String::new, |rate| format!(", {} per second", count(rate)));
            says + &missed + &rate
        },
    },
    saving: Saving {
        none_yet: "No saved messages yet. Name the draft to save it.",
        name: "Name",
        saved: |name| format!("Saved “{name}”."),
        folder: "Folder",
        save: "Save",
        load: "Load as draft",
        send: "Send",
        send_named: |name| format!("Send {name}"),
        edit: "Edit",
        edit_named: |name| format!("Edit {name}"),
        apply: "Apply",
        replace: "Replace with current draft",
        replace_named: |name| format!("Replace “{name}”"),
        delete: "Delete",
        delete_folder: "Delete with its messages",
        error: ToString::to_string,
    },
    variables: Variables {
        environment: "Environment",
        none_yet: "Variables belong to environments such as local and production: the same names with \
                   different values. Add an environment, then write {{name}} in a message, an address, the query or a subprotocol.",
        add_environment: "Add environment",
        new_name: |number| format!("Environment {number}"),
        environment_name: "Environment name",
        delete_environment: "Delete environment",
        rows: PairWords { title: "Variables", add: "Add variable", item: "variable" },
        invalid: |error| format!("Not in use and not stored. {error}"),
        error: ToString::to_string,
        built_in: "Built in. Click to insert:",
        meanings: [
            "current time, such as 2026-01-02T03:04:05.678901Z",
            "milliseconds since 1970, such as 1767323045678",
            "new UUID per message",
            "message counter: 1, 2, 3, …",
            "random integer in the range",
        ],
    },
};

/// Capitalizes the first letter.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
