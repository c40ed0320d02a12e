//! Pop-ups: Escape, and a press or the focus elsewhere, close each; Escape returns the focus to its opener.
//!
//! Menus are the browser's own popovers, which do the same.

use leptos::{html, prelude::*};

use crate::browser::dom::outside::on_leave;

/// Closes a pop-up by `is_open`. `part` holds both the pop-up and its opener, which has `aria-expanded`.
pub(crate) use crate::browser::dom::outside::on_leave as close_outside;

/// Closes a `details` element that is used as a pop-up.
pub(crate) fn close_details_outside(part: NodeRef<html::Details>) {
    let details = move || part.get_untracked();
    on_leave(
        part,
        move || details().is_some_and(|it| it.open()),
        move || {
            if let Some(details) = details() {
                details.set_open(false);
            }
        },
    );
}
