//! Words of notices: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use crate::{engine::shell::Notice, language::choose};

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

pub(crate) struct Words {
    pub(crate) close: &'static str,
    pub(crate) says: fn(&Notice) -> String,
}
