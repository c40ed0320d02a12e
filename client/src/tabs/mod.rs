//! Tabs: each with its own connection, message list, draft and filter.

pub(crate) mod open_tabs;
pub(crate) mod tab;
pub(crate) mod tab_bar;
mod window;
mod words;
