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
