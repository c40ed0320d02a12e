//! Formats of numbers, sizes, times and directions, by language.

use std::time::Duration;

use session::Direction;
use workbench::{
    format::{count, size, span},
    relay::ShownCertificate,
};

use super::{choose, en, ko};

/// Formats of one language. Function pointers, so that a language is a constant.
pub(crate) struct Format {
    /// Number with separators of thousands.
    pub(crate) count: fn(u64) -> String,
    /// Bytes, with up to three digits.
    pub(crate) size: fn(u64) -> String,
    /// Length of time with its unit, from µs to hours.
    pub(crate) span: fn(Duration) -> String,
    /// Direction of a message, as an adjective or noun of a row.
    pub(crate) direction: fn(Direction) -> &'static str,
    /// Certificate in a sentence.
    pub(crate) certificate: fn(&ShownCertificate) -> String,
}

static EN: Format = Format {
    count,
    size,
    span,
    direction: |direction| match direction {
        Direction::Out => "sent",
        Direction::In => "received",
    },
    certificate: en::certificate,
};
/// Korean formats. Numbers and sizes are as in English.
static KO: Format = Format {
    count,
    size,
    span: ko::span,
    direction: |direction| match direction {
        Direction::Out => "보냄",
        Direction::In => "받음",
    },
    certificate: ko::certificate,
};

/// Formats in the current language.
pub(crate) fn format() -> &'static Format {
    choose([&EN, &KO])
}
