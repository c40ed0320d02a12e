//! Texts of tabs. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;

use crate::language::choose;

/// Texts in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Texts of tabs in one language.
pub(crate) struct Words {
    pub(crate) connections: &'static str,
    /// Label of the add button and of a tab without an address.
    pub(crate) new: &'static str,
    /// Label of the button that lists this many tabs.
    pub(crate) all: fn(usize) -> String,
    pub(crate) name: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) rename: &'static str,
    pub(crate) close_tab: &'static str,
    /// Hint on renaming a tab, in its tooltip.
    pub(crate) rename_hint: &'static str,
    pub(crate) close: fn(&str) -> String,
    pub(crate) closed: fn(&str) -> String,
    /// Mark of a tab that does not respond.
    pub(crate) stuck: &'static str,
    pub(crate) discard: &'static str,
}
