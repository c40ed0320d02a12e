//! Errors of a draft.

use thiserror::Error;

use super::template::{FillError, TemplateError};
use crate::{
    format::count,
    payload::{Base64Error, HexError, JsonError, LineColumn},
};

/// Maximum size of formatted JSON in bytes: indentation grows with the square of the depth, and
/// this is more than a server accepts in one message.
pub const MAX_FORMATTED_BYTES: usize = 16 << 20;

/// Invalid draft. Positions are in the draft if [`Draft::check`](super::Draft::check) or a change of layout found the
/// error, and in the expanded text if it was found on sending; positions of variables are always in
/// the draft.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// Invalid template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Variables that cannot be expanded.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// Invalid JSON.
    #[error("{0}.")]
    Json(JsonError),
    /// Invalid hexadecimal.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// Invalid base64.
    #[error(transparent)]
    Base64(#[from] Base64Error),
    /// The formatted JSON would exceed [`MAX_FORMATTED_BYTES`].
    #[error("Formatted JSON would exceed {} MiB. Send it unformatted.", MAX_FORMATTED_BYTES >> 20)]
    TooLong,
    /// Longer than its frames can carry; of 0 bytes, a Close frame without a code.
    #[error("{}", too_long(*.most))]
    TooLongFor {
        /// Bytes that fit.
        most: usize,
    },
}

/// Sentence about frames with more than `most` bytes; 0 for a Close frame without a code.
fn too_long(most: usize) -> String {
    match most {
        0 => "A close reason requires a code. Enter one beside the frames.".to_owned(),
        most => format!("Too long for these frames: at most {} bytes fit.", count(most as u64)),
    }
}

impl From<JsonError> for DraftError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl DraftError {
    /// Position of the error, if it has one.
    #[must_use]
    pub fn place(&self) -> Option<LineColumn> {
        match self {
            Self::Template(error) | Self::Fill(FillError::Placeholder(error)) => Some(error.place),
            Self::Json(error) => Some(error.place),
            Self::Hex(error) => Some(error.place()),
            Self::Base64(error) => Some(error.place()),
            Self::Fill(FillError::TooLong) | Self::TooLong | Self::TooLongFor { .. } => None,
        }
    }
}
