//! Words of settings and shortcuts: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use crate::{
    language::choose,
    settings::shortcuts::{Action, Where},
};

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// The list of keys.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) close: &'static str,
    pub(crate) place: fn(Where) -> &'static str,
    pub(crate) deed: fn(Action) -> &'static str,
    /// The switch for keys without a modifier.
    pub(crate) single_keys: &'static str,
}
