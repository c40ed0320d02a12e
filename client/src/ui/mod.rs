//! Parts shared by views.

pub(crate) mod button;
pub(crate) mod choice;
pub(crate) mod file_input;
pub(crate) mod keyed;
pub(crate) mod marked;
pub(crate) mod row_editor;
pub(crate) mod show;
pub(crate) mod splitter;
pub(crate) mod tab_list;
pub(crate) mod text_input;
pub(crate) mod viewport;
pub(crate) mod virtual_list;

/// Value of an ARIA attribute that is `true` or `false`.
pub(crate) fn aria(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}
