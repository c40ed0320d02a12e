//! English.

use workbench::{
    compose::{self, Progress, Removed},
    format::{count, size},
};

use super::{Composer, Files, Repeating, Saving, Variables, Words};
use crate::{
    composer::{Panel, Undo, Unrepeatable},
    language::en::counted,
};

pub(super) static WORDS: Words = Words {
    composer: Composer {
        message: "Message",
        enter: "Enter a message",
        send: "Send",
        is_empty: "The box is empty. ",
        send_empty: "Send an empty message",
        unsent: |messages, is_open| {
            let what = counted(messages as u64, "message was", "messages were");
            let why = if is_open {
                "the other side did not read as fast as they came"
            } else {
                "the connection is not open"
            };
            format!("{what} not sent: {why}. ")
        },
        send_again: "Send again",
        discard: "Discard",
        controls: "What the message is",
        form_of: "Form of the message",
        form: |form| match form {
            compose::Form::Text => "Text",
            compose::Form::Json => "JSON",
            compose::Form::Hex => "Hex",
            compose::Form::Base64 => "Base64",
        },
        format: "Format",
        minify: "Minify",
        keys: "Enter sends, Shift+Enter breaks the line, ↑ brings back what was sent",
        becomes: |text| format!("Becomes: {text}"),
        wrong: |error| sentence(&error.to_string()),
        wrong_when_filled: |error| format!("With its variables filled in, at {error}"),
        go_to: "Go to the mistake",
        as_text: "Send as Text",
        as_text_means: "Send it as it is, although it is not JSON",
        panel: |panel| match panel {
            Panel::Variables => "Variables",
            Panel::Saved => "Saved",
            Panel::Repeat => "Repeat",
        },
        close: "Close this panel",
        unstored: "This browser has no room to keep this, or forbids it: it will be gone when the \
                   page is closed.",
        undone: |undo| match undo {
            Undo::Removed(Removed::Folder { folder, .. }) => {
                let messages = folder.messages().len() as u64;
                let messages = counted(messages, "message", "messages");
                format!("Removed the folder {} with {messages}. ", undo.name())
            }
            Undo::Removed(_) | Undo::Environment(..) => format!("Removed {}. ", undo.name()),
            Undo::Replaced(..) => format!("Replaced {}. ", undo.name()),
        },
        undo: "Undo",
        forget: "Forget what was removed or replaced",
    },
    files: Files {
        file: "File…",
        send: "Send file",
        remove: "Do not send this file",
        too_large: |most| format!("It is larger than {}, and cannot be sent.", size(most)),
        drop_here: "Drop a file here to send it",
    },
    repeating: Repeating {
        every: "Every, in ms",
        times: "Times",
        means: "Sends what is in the box. Without a pause it goes as fast as the connection takes \
                it; without a number, until it is stopped.",
        start: "Start",
        stop: "Stop",
        mistake: |mistake| match mistake {
            Unrepeatable::NotANumber => "Both are whole numbers, or empty.".to_owned(),
            Unrepeatable::Wrong(error) => error.to_string(),
            Unrepeatable::Empty => "Write the message to repeat into the box.".to_owned(),
        },
        progress: |progress, rate| {
            let Progress { sent, of, missed, .. } = *progress;
            let says = match of {
                Some(of) => format!("Repeated {} of {}", count(sent), counted(of, "time", "times")),
                None => format!("Repeated {}", counted(sent, "time", "times")),
            };
            let missed =
                if missed > 0 { format!(", {} missed", count(missed)) } else { String::new() };
            let rate = rate.map_or_else(String::new, |rate| format!(", {} a second", count(rate)));
            says + &missed + &rate
        },
    },
    saving: Saving {
        none_yet: "Nothing is saved yet. Give what is in the box a name to have it at hand.",
        name: "Name",
        folder: "Folder",
        no_folder: "none",
        save: "Save",
        load: "Put it into the box",
        send: "Send",
        send_it: |name| format!("Send {name}"),
        change: "Change",
        change_it: |name| format!("Change {name}"),
        apply: "Apply",
        replace: "Replace by what is in the box",
        remove: "Remove",
        remove_folder: "Remove with its messages",
        mistake: ToString::to_string,
    },
    variables: Variables {
        environment: "Environment",
        none: "none",
        none_yet: "Your own variables live in environments, such as local and production: the same \
                   names with other values. Add one, and write {{name}} in a message.",
        add_environment: "Add an environment",
        new_name: |number| format!("Environment {number}"),
        name_of_environment: "Its name",
        remove_environment: "Remove it",
        add: "Add a variable",
        name: "name",
        value: "value",
        name_of: |number| format!("Name of variable {number}"),
        value_of: |number| format!("Value of variable {number}"),
        remove: |number| format!("Remove variable {number}"),
        wrong: ToString::to_string,
        mistake: ToString::to_string,
        built_in: "Filled in by themselves; a click writes one into the box:",
        meanings: [
            "the time, such as 2026-01-02T03:04:05.678901Z",
            "another one each time",
            "1, 2, 3: one more with each message",
            "a whole number between the two",
        ],
    },
};

/// Begins like one.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
