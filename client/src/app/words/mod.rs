//! Words of the page as a whole: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use crate::{language::choose, settings::Theme};

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

pub(crate) struct Words {
    pub(crate) name: &'static str,
    pub(crate) language: &'static str,
    pub(crate) colours: &'static str,
    pub(crate) theme: fn(Theme) -> &'static str,
    pub(crate) conversation: &'static str,
    /// The group of what can be done with a message.
    pub(crate) with_message: &'static str,
    pub(crate) pin: &'static str,
    pub(crate) unpin: &'static str,
    pub(crate) send_again: &'static str,
    pub(crate) edit: &'static str,
    pub(crate) detail_width: &'static str,
}
