//! Languages of the page.
//!
//! The words of a view stand beside it, in its folder's `words/`. A view reads them once, when it is
//! created: a change of language creates the whole page anew.

mod choice;
pub(crate) mod en;
mod format;
pub(crate) mod ko;
mod shared;

pub use self::choice::Language;
pub(crate) use self::{choice::choose, format::format, shared::shared};
