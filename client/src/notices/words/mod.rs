//! Texts of notices. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;

use workbench::format::count;

use crate::{engine::notice::Notice, language::choose};

/// Texts in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Texts of notices in one language.
pub(crate) struct Words {
    pub(crate) close: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) relay: &'static str,
    /// Confirms lower limits.
    pub(crate) lower: &'static str,
    pub(crate) text: fn(&Notice) -> String,
}

/// Limit of bytes.
fn mebibytes(bytes: usize) -> String {
    format!("{} MiB", count((bytes >> 20) as u64))
}
