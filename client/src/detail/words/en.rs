//! English.

use workbench::{
    format::size_rounded_down,
    payload::{ComparedAs, End, MAX_DEPTH, MAX_NODES},
};

use super::Words;

pub(super) static WORDS: Words = Words {
    title: "Message",
    nothing_picked: "EntryRef a message in the list to look at it closely.",
    copy: "Copy",
    compare: "Compare",
    close: "Close",
    views: "Views of the message",
    text: "Text",
    hex: "Hex",
    hexadecimal: "Hexadecimal",
    kind: |message| if message.is_text { "text" } else { "binary" },
    notice: |message| {
        if message.size == 0 {
            return Some("The message is empty: it has no bytes.".to_owned());
        }
        (!message.is_whole()).then(|| {
            let part = size_rounded_down(message.part.len() as u64);
            let whole = size_rounded_down(message.size);
            format!("The first {part} of {whole} are shown. Copy takes the whole message.")
        })
    },
    read_as: "Read as",
    invalid: |places, encoding| match places {
        1 => format!("One place is not valid {encoding}. A � stands for it."),
        _ => format!("{places} places are not valid {encoding}. A � stands for each."),
    },
    fold_all: "Fold all",
    unfold_all: "Unfold all",
    end: |end| match end {
        End::Whole => None,
        End::Cut => Some("The outline ends with the part of the message that is shown.".into()),
        End::Full => Some(format!("The outline ends after {MAX_NODES} lines.")),
        End::Deep => Some(format!("The outline ends where {MAX_DEPTH} brackets are open.")),
        End::Wrong(mistake) => Some(format!("This is not JSON. At {mistake}.")),
    },
    items: |items| match items {
        1 => "1 item".to_owned(),
        _ => format!("{items} items"),
    },
    more: |bytes| format!("… {} more", size_rounded_down(bytes)),
    pick_another: "EntryRef the message to compare this one with in the list.",
    differences: "Differences",
    changes: "Changes",
    all_lines: "All lines",
    only_in_first: "only in the first",
    only_in_second: "only in the second",
    left_out: |lines| match lines {
        1 => "⋯ 1 line that is the same".to_owned(),
        _ => format!("⋯ {lines} lines that are the same"),
    },
    compared: |comparison| {
        let what = match comparison.form {
            ComparedAs::Json => "Compared as JSON, laid out",
            ComparedAs::Text => "Compared as text",
            ComparedAs::Hex => "Compared as bytes",
        };
        let differences = match comparison.changes() {
            0 => "no line differs".to_owned(),
            1 => "1 line differs".to_owned(),
            lines => format!("{lines} lines differ"),
        };
        let bound = if comparison.is_whole { "" } else { " Only the first part was compared." };
        format!("{what}: {differences}.{bound}")
    },
};
