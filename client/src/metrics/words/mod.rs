//! Words of the metrics: a struct, so that a missing translation does not compile.

mod en;
mod ko;

use workbench::metrics::{NumberForm, Numbered, Second};

use crate::language::choose;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the metrics. Labels stand before their numbers.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) dock_size: &'static str,
    pub(crate) dock_below: &'static str,
    pub(crate) dock_beside: &'static str,
    /// Frames of no message, and what they are.
    pub(crate) frames: &'static str,
    pub(crate) rows: fn(u64) -> &'static str,
    pub(crate) per_second: fn(String) -> String,
    /// The worst fault of a numbered stream, in a word.
    pub(crate) fault: fn(&Numbered) -> Option<String>,
    pub(crate) no_messages: &'static str,
    /// Name of the charts, and how to read them by keyboard.
    pub(crate) charts: &'static str,
    pub(crate) how_to_read: &'static str,
    pub(crate) messages: ChartWords,
    pub(crate) round_trips: ChartWords,
    pub(crate) a_minute_ago: &'static str,
    pub(crate) half_a_minute_ago: &'static str,
    pub(crate) now: &'static str,
    pub(crate) second: fn(&Second) -> String,
    pub(crate) total: &'static str,
    pub(crate) all_round_trips: &'static str,
    pub(crate) echoes: &'static str,
    pub(crate) mean: &'static str,
    pub(crate) max: &'static str,
    /// Explanation of a round trip, where there was none.
    pub(crate) no_round_trips: &'static str,
    /// Tooltip of p50 and p99.
    pub(crate) percentiles: &'static str,
    pub(crate) numbered: &'static str,
    /// Explanation of a numbered stream, where there is none.
    pub(crate) not_numbered: &'static str,
    pub(crate) numbers: &'static str,
    pub(crate) form: fn(NumberForm) -> &'static str,
    pub(crate) next: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) repeats: &'static str,
    pub(crate) late: &'static str,
    pub(crate) table: &'static str,
    pub(crate) table_caption: &'static str,
    pub(crate) time: &'static str,
    pub(crate) sent_bytes: &'static str,
    pub(crate) received_bytes: &'static str,
}

/// A chart of two lines.
pub(crate) struct ChartWords {
    pub(crate) title: &'static str,
    pub(crate) lines: [&'static str; 2],
    /// Text in place of empty lines.
    pub(crate) empty: &'static str,
}
