//! Errors of JSON in plain words.

use serde_json::error::Category;

/// Describes an error without its position: the value that was expected and the one that was found, or the words of
/// serde.
#[must_use]
pub fn describe_json_error(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(&*words, |(words, _)| words);
    let kinds = ["unknown variant ", "invalid type: ", "invalid value: "];
    let value = kinds.into_iter().find_map(|kind| words.strip_prefix(kind));
    let described = match value.and_then(|value| value.split_once(", expected ")) {
        Some((found, expected)) => format!("expected {expected}, found {found}"),
        None => words.to_owned(),
    };
    described.replace('`', "'")
}

/// Error of a line of JSON Lines, with its column: its line is always 1.
pub(super) fn describe_line(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Syntax => format!("invalid JSON at column {}", error.column()),
        Category::Eof => "the JSON is incomplete".to_owned(),
        Category::Data | Category::Io => {
            format!("{} at column {}", describe_json_error(error), error.column())
        }
    }
}
