//! Tabs: each a connection with a list, a draft and a filter of its own.

pub(crate) mod tab;
pub(crate) mod tab_bar;
mod words;
