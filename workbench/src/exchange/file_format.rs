//! File formats of an exported list.

use serde::{Deserialize, Serialize};

/// File format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// JSON Lines (`docs/json-lines.md`). Can be imported, also by the terminal client.
    JsonLines,
    /// HTTP Archive 1.2 with messages as in Chrome's developer tools. Can be imported here and
    /// there.
    Har,
    /// Text log, one line per event. Cannot be imported.
    TextLog,
}

/// Name of the first field of a text that is a JSON object: it tells the files of the page apart.
pub(super) fn first_field(text: &str) -> Option<&str> {
    let inside = text.trim_start().strip_prefix('{')?.trim_start();
    Some(inside.strip_prefix('"')?.split_once('"')?.0)
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::JsonLines, Self::Har, Self::TextLog];

    /// File extension without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Har => "har",
            Self::TextLog => "log",
        }
    }

    /// Media type (RFC 6838). HAR and JSON Lines have no registered one.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/jsonl",
            Self::Har => "application/json",
            Self::TextLog => "text/plain;charset=utf-8",
        }
    }
}
