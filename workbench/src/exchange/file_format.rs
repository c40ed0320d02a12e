//! File formats of an exported list.

use serde::{Deserialize, Serialize};

/// File format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// `docs/json-lines.md`. Reads back, and so does the terminal client.
    JsonLines,
    /// HTTP Archive 1.2 with the messages where Chrome's developer tools have them. Reads back, and
    /// they read it.
    Har,
    /// A line for each thing that happened, for people. Does not read back.
    TextLog,
}

impl Format {
    /// All of them.
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

    /// The media type (RFC 6838). HAR and JSON Lines have none that is registered.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::JsonLines => "application/jsonl",
            Self::Har => "application/json",
            Self::TextLog => "text/plain;charset=utf-8",
        }
    }
}
