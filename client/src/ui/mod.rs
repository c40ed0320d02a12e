//! Parts that views share.

pub(crate) mod element;
pub(crate) mod file_input;
pub(crate) mod splitter;
