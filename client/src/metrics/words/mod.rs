//! Words of the metrics: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use workbench::metrics::{NumberForm, Numbered, Second};

use crate::language::choose;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// What was measured. Labels stand before their numbers.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) received: &'static str,
    pub(crate) held: &'static str,
    pub(crate) rows: fn(u64) -> &'static str,
    /// A number within a second.
    pub(crate) a_second: fn(String) -> String,
    /// The worst that is wrong with a numbered stream, in a word.
    pub(crate) fault: fn(&Numbered) -> Option<String>,
    /// What will be here once something passes.
    pub(crate) nothing_yet: &'static str,
    /// What the charts are, and how they are read by keyboard.
    pub(crate) charts: &'static str,
    pub(crate) how_to_read: &'static str,
    pub(crate) messages: ChartWords,
    pub(crate) round_trips: ChartWords,
    pub(crate) a_minute_ago: &'static str,
    pub(crate) half_a_minute_ago: &'static str,
    pub(crate) now: &'static str,
    /// The figures of a second.
    pub(crate) second: fn(&Second) -> String,
    /// The heading of how much passed.
    pub(crate) passed: &'static str,
    pub(crate) count: &'static str,
    pub(crate) mean: &'static str,
    pub(crate) longest: &'static str,
    /// What a round trip is, where there was none.
    pub(crate) no_round_trips: &'static str,
    pub(crate) numbered: &'static str,
    /// What a numbered stream is, where there is none.
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
    /// Where there is nothing to show.
    pub(crate) nothing: &'static str,
}
