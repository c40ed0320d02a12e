//! Words of the message list: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use std::time::Duration;

use session::{EndReason, Negotiated};
use workbench::log::{Imported, RegexError};

use crate::{language::choose, settings::TimeShown};

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of the message list, in one language.
pub(crate) struct Words {
    pub(crate) toolbar: Toolbar,
    pub(crate) standing: Standing,
    pub(crate) list: List,
    pub(crate) pins: Pins,
    pub(crate) announcer: Announcer,
}

/// What is looked for, and what can be done with the list.
pub(crate) struct Toolbar {
    pub(crate) title: &'static str,
    pub(crate) find: &'static str,
    /// In the empty box.
    pub(crate) find_what: &'static str,
    pub(crate) match_case: &'static str,
    pub(crate) expression: &'static str,
    pub(crate) what_is_listed: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) list_sent: &'static str,
    pub(crate) received: &'static str,
    pub(crate) list_received: &'static str,
    pub(crate) events: &'static str,
    pub(crate) list_events: &'static str,
    pub(crate) more: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) any_kind: &'static str,
    pub(crate) text: &'static str,
    pub(crate) binary: &'static str,
    pub(crate) bytes_at_least: &'static str,
    pub(crate) bytes_at_most: &'static str,
    /// In an empty box for a number.
    pub(crate) any: &'static str,
    pub(crate) time: &'static str,
    pub(crate) time_shown: fn(TimeShown) -> &'static str,
    pub(crate) rows_held: &'static str,
    pub(crate) mebibytes_held: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) pause_means: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) clear_means: &'static str,
}

/// What the list is, where that is not plain.
pub(crate) struct Standing {
    pub(crate) not_an_expression: fn(&RegexError) -> String,
    /// Rows that are listed, of those that are held.
    pub(crate) found: fn(u64, u64) -> String,
    pub(crate) looking: fn(u64) -> String,
    pub(crate) paused: fn(u64) -> String,
    pub(crate) evicted: fn(u64) -> String,
    pub(crate) cleared: fn(u64) -> String,
    pub(crate) undo: &'static str,
    pub(crate) forget: &'static str,
}

pub(crate) struct List {
    pub(crate) title: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) begin: &'static str,
    pub(crate) send_first: &'static str,
    pub(crate) to_newest: &'static str,
    pub(crate) new: fn(u64) -> String,
    /// What was agreed on, and how long there was no connection if it was lost before.
    pub(crate) opened: fn(&Negotiated, Option<Duration>) -> String,
    pub(crate) ended: fn(&EndReason) -> String,
    pub(crate) brought: fn(&Imported) -> String,
}

pub(crate) struct Pins {
    pub(crate) title: &'static str,
    pub(crate) unpin: &'static str,
}

pub(crate) struct Announcer {
    /// The start of a message.
    pub(crate) received: fn(&str) -> String,
    pub(crate) received_many: fn(u64) -> String,
}
