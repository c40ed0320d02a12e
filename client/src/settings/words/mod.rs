//! Texts of settings and shortcuts. One struct for all languages: a missing text fails to compile.

mod en;
mod ko;

use super::{
    keys::{Action, Scope},
    theme::Theme,
};
use crate::language::choose;

/// Texts in the language of the page.
pub(super) fn words() -> &'static Words {
    choose([&en::WORDS, &ko::WORDS])
}

/// Texts of settings and shortcuts in one language.
pub(super) struct Words {
    pub(super) settings: &'static str,
    pub(super) language: &'static str,
    pub(super) theme: &'static str,
    pub(super) theme_name: fn(Theme) -> &'static str,
    pub(super) title: &'static str,
    pub(super) scope: fn(Scope) -> &'static str,
    pub(super) action: fn(Action) -> &'static str,
    /// Switch for keys without a modifier.
    pub(super) single_keys: &'static str,
}
