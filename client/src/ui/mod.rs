//! Parts shared by views.

pub(crate) mod element;
pub(crate) mod splitter;
pub(crate) mod viewport;
pub(crate) mod virtual_list;
