//! Parts that views share.

pub(crate) mod element;
pub(crate) mod splitter;
