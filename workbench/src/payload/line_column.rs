//! Line and column of a text position, as in an editor.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LineColumn {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1; in bytes where serde counts, as in a HAR.
    pub column: usize,
}

impl LineColumn {
    /// Start of a text.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// Position of byte `at` of `text`, which is a character boundary.
    pub(crate) fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Line and column, with the column in bytes, as serde counts.
    pub(crate) fn of_bytes(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { column: before.len() - line_start + 1, ..Self::of(text, at) }
    }
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
