//! Focus of a row that was just added to a form.

use leptos::{html, prelude::*};

use crate::browser::dom::focus::focus_node;

/// State of a list of rows: true from a click on its add button until the new row has the focus.
/// Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct NewRow(StoredValue<bool>);

impl NewRow {
    /// No row is expected.
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(false))
    }

    /// Lets the next row take the focus.
    pub(crate) fn expect(self) {
        self.0.set_value(true);
    }

    /// Reference for a row's first input, which takes the focus if the row was just added. Of
    /// several new rows the first to be mounted takes it.
    pub(crate) fn first_input(self) -> NodeRef<html::Input> {
        let input = NodeRef::new();
        input.on_load(move |_| {
            if self.0.get_value() {
                self.0.set_value(false);
                focus_node(input);
            }
        });
        input
    }
}
