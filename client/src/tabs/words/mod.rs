//! Words of the tabs: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use crate::language::choose;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

pub(crate) struct Words {
    pub(crate) connections: &'static str,
    /// The button, and a tab without an address.
    pub(crate) new: &'static str,
    pub(crate) close: fn(&str) -> String,
    pub(crate) closed: fn(&str) -> String,
    pub(crate) undo: &'static str,
    pub(crate) forget: &'static str,
}
