//! What the detail pane says: every sentence and label of it, in one place.

use workbench::{
    Direction,
    detail::{Comparison, End, Form, Inspected, MAX_DEPTH, MAX_NODES, Mistake, size_in_words},
};

pub(super) const PANE: &str = "Message";
pub(super) const NOTHING_PICKED: &str = "Pick a message in the list to look at it closely.";
pub(super) const COPY: &str = "Copy";
pub(super) const COMPARE: &str = "Compare";
pub(super) const CLOSE: &str = "Close";
pub(super) const VIEWS: &str = "Views of the message";
pub(super) const READ_AS: &str = "Read as";
pub(super) const FOLD_ALL: &str = "Fold all";
pub(super) const UNFOLD_ALL: &str = "Unfold all";
pub(super) const CHANGES: &str = "Changes";
pub(super) const ALL_LINES: &str = "All lines";
pub(super) const PICK_ANOTHER: &str = "Pick the message to compare this one with in the list.";
pub(super) const TEXT: &str = "Text";
pub(super) const HEXADECIMAL: &str = "Hexadecimal";
pub(super) const DIFFERENCES: &str = "Differences";
pub(super) const ONLY_IN_FIRST: &str = "only in the first";
pub(super) const ONLY_IN_SECOND: &str = "only in the second";
pub(super) const WIDTH: &str = "Width of the message pane";

pub(super) fn direction(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Out => ("↑", "sent"),
        Direction::In => ("↓", "received"),
    }
}

pub(super) fn kind(message: &Inspected) -> &'static str {
    if message.is_text { "text" } else { "binary" }
}

/// What must be known of a message before its bytes are read.
pub(super) fn notice(message: &Inspected) -> Option<String> {
    if message.size == 0 {
        return Some("The message is empty: it has no bytes.".to_owned());
    }
    (!message.is_whole()).then(|| {
        let part = size_in_words(message.part.len() as u64);
        let whole = size_in_words(message.size);
        format!("The first {part} of {whole} are shown. Copy takes the whole message.")
    })
}

/// How much of a text was not in its encoding.
pub(super) fn invalid(count: usize, encoding: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("One place is not valid {encoding}. A � stands for it.")),
        _ => Some(format!("{count} places are not valid {encoding}. A � stands for each.")),
    }
}

/// Why an outline ends early, or is not one.
pub(super) fn end(end: &End) -> Option<String> {
    match end {
        End::Whole => None,
        End::Cut => Some("The outline ends with the part of the message that is shown.".into()),
        End::Full => Some(format!("The outline ends after {MAX_NODES} lines.")),
        End::Deep => Some(format!("The outline ends where {MAX_DEPTH} brackets are open.")),
        End::Wrong(mistake) => Some(not_json(mistake)),
    }
}

fn not_json(mistake: &Mistake) -> String {
    format!("This is not JSON. At {mistake}.")
}

/// What the button folds that folds an object or array.
pub(super) fn fold(key: Option<&str>, count: usize) -> String {
    match key {
        Some(key) => format!("{key}, {}", items(count)),
        None => items(count),
    }
}

/// What is in a folded object or array.
pub(super) fn items(count: usize) -> String {
    match count {
        1 => "1 item".to_owned(),
        _ => format!("{count} items"),
    }
}

/// What a value's row does not show of it.
pub(super) fn more(bytes: usize) -> String {
    format!("… {} more", size_in_words(bytes as u64))
}

pub(super) fn left_out(lines: usize) -> String {
    match lines {
        1 => "⋯ 1 line that is the same".to_owned(),
        _ => format!("⋯ {lines} lines that are the same"),
    }
}

/// What a comparison came to.
pub(super) fn differences(comparison: &Comparison) -> String {
    let what = match comparison.form {
        Form::Json => "Compared as JSON, laid out",
        Form::Text => "Compared as text",
        Form::Hex => "Compared as bytes",
    };
    let differences = match comparison.changes() {
        0 => "no line differs".to_owned(),
        1 => "1 line differs".to_owned(),
        count => format!("{count} lines differ"),
    };
    let bounds = if comparison.is_whole { "" } else { " Only the first part was compared." };
    format!("{what}: {differences}.{bounds}")
}
