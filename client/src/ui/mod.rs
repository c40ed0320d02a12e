//! Parts shared by views.

pub(crate) mod columns;
pub(crate) mod file_input;
pub(crate) mod splitter;
pub(crate) mod viewport;
pub(crate) mod virtual_list;
