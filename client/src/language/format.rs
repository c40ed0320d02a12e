//! Formats of numbers, sizes, times and directions, by language.

use std::time::Duration;

use session::Direction;
use workbench::format::{count, size, span};

use super::{choose, ko};

/// Formats of one language.
pub(crate) struct Format {
    pub(crate) count: fn(u64) -> String,
    /// Bytes, with up to three digits.
    pub(crate) size: fn(u64) -> String,
    pub(crate) span: fn(Duration) -> String,
    pub(crate) direction: fn(Direction) -> &'static str,
}

static EN: Format = Format {
    count,
    size,
    span,
    direction: |direction| match direction {
        Direction::Out => "sent",
        Direction::In => "received",
    },
};
static KO: Format = Format {
    count,
    size,
    span: ko::span,
    direction: |direction| match direction {
        Direction::Out => "전송",
        Direction::In => "수신",
    },
};

/// Formats in the current language.
pub(crate) fn format() -> &'static Format {
    choose([&EN, &KO])
}
