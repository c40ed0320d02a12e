//! Words of the detail pane: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use workbench::payload::{Comparison, End, Inspected};

use crate::language::choose;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// The pane that shows one message closely.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) nothing_picked: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) compare: &'static str,
    pub(crate) close: &'static str,
    pub(crate) views: &'static str,
    pub(crate) text: &'static str,
    pub(crate) hex: &'static str,
    pub(crate) hexadecimal: &'static str,
    pub(crate) kind: fn(&Inspected) -> &'static str,
    /// What must be known of a message before its bytes are read.
    pub(crate) notice: fn(&Inspected) -> Option<String>,
    pub(crate) read_as: &'static str,
    /// Places that are not valid in the encoding of this name; at least one.
    pub(crate) invalid: fn(usize, &str) -> String,
    pub(crate) fold_all: &'static str,
    pub(crate) unfold_all: &'static str,
    /// Why an outline ends early, or is not one.
    pub(crate) end: fn(&End) -> Option<String>,
    /// What is in a folded object or array.
    pub(crate) items: fn(usize) -> String,
    /// Bytes that a value's row does not show of it.
    pub(crate) more: fn(u64) -> String,
    pub(crate) pick_another: &'static str,
    pub(crate) differences: &'static str,
    pub(crate) changes: &'static str,
    pub(crate) all_lines: &'static str,
    pub(crate) only_in_first: &'static str,
    pub(crate) only_in_second: &'static str,
    pub(crate) left_out: fn(usize) -> String,
    /// What a comparison came to.
    pub(crate) compared: fn(&Comparison) -> String,
}
