//! Texts of files and links. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;

use crate::language::choose;

/// Words in the current language.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Words of files and links in one language.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) copy_link: &'static str,
    pub(crate) copy_command: &'static str,
    /// The same, with secrets.
    pub(crate) copy_secrets: &'static str,
    pub(crate) list: &'static str,
    /// Number of rows that are exported: those shown.
    pub(crate) exported: fn(u64) -> String,
    pub(crate) json_lines: &'static str,
    pub(crate) har: &'static str,
    /// Choice of a HAR whose headers have their secrets.
    pub(crate) secrets: &'static str,
    pub(crate) text_log: &'static str,
    pub(crate) import: &'static str,
    pub(crate) workspace: &'static str,
    pub(crate) save: &'static str,
    pub(crate) open: &'static str,
}
