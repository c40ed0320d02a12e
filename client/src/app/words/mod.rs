//! Texts of the page as a whole. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;

use crate::language::choose;

/// Texts in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Texts of the page in one language.
pub(crate) struct Words {
    /// Alert after a panic.
    pub(crate) failed: &'static str,
    pub(crate) name: &'static str,
    pub(crate) conversation: &'static str,
    pub(crate) message_actions: &'static str,
    pub(crate) pin: &'static str,
    pub(crate) unpin: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) detail_width: &'static str,
}
