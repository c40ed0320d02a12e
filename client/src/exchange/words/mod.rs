//! Words of files and links: a struct, so that a word that is missing in a language does not compile.

mod en;
mod ko;

use crate::language::choose;

/// Words in the language of the page.
pub(crate) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// What comes in and goes out as files, links and commands.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) copy_link: &'static str,
    pub(crate) copy_command: &'static str,
    pub(crate) list: &'static str,
    /// How many rows an export has: those that are listed.
    pub(crate) exported: fn(u64) -> String,
    pub(crate) json_lines: &'static str,
    pub(crate) har: &'static str,
    pub(crate) text_log: &'static str,
    pub(crate) import: &'static str,
    pub(crate) workspace: &'static str,
    pub(crate) save: &'static str,
    pub(crate) open: &'static str,
}
