//! Composer: writes, checks, saves, repeats and sends messages.

mod controls;
mod draft_check;
mod file;
mod framing;
mod framing_choice;
mod panels;
mod send_form;
mod state;
mod status_line;
mod text_box;
mod unsent;
mod words;

use leptos::{ev, html, prelude::*};

pub use self::state::ComposerState;
use self::{
    controls::Controls,
    draft_check::draft_check,
    file::{FileChip, attach},
    panels::Panels,
    send_form::SendForm,
    text_box::TextBox,
    unsent::Unsent,
    words::words,
};
pub(crate) use self::{
    panels::RepeatError,
    state::{Panel, Undo},
};
use crate::browser::{
    dom::{keyboard::undo_where_focused, popup::close_on_leave},
    file::chosen_file::dropped_files,
};

/// Composer of a tab. A file dropped on it is attached, not imported.
#[component]
#[must_use]
pub fn Composer(
    /// State of the tab, which outlives this view.
    state: ComposerState,
    /// Connects as the connect bar does; returns false, and shows why there, if its form is invalid.
    on_connect: Callback<(), bool>,
) -> impl IntoView {
    let engine = state.engine;
    let text_box = TextBox::new(engine);
    undo_where_focused();
    let check = draft_check(state);
    let on_drop = move |event: ev::DragEvent| {
        let files = dropped_files(&event);
        if !files.is_empty() {
            event.prevent_default();
            attach(state, files);
        }
    };
    // The text box is part of it: variables are inserted at its caret.
    let part = NodeRef::<html::Section>::new();
    close_on_leave(part, move || state.panel.get().is_some(), move || state.panel.set(None));
    view! {
        <section class="composer" node_ref=part on:drop=on_drop>
            <Unsent composer=state />
            <FileChip composer=state />
            <Controls composer=state />
            <Panels composer=state text_box />
            <SendForm composer=state text_box check on_connect />
            <p class="drop-here" aria-hidden="true">{words().files.drop_here}</p>
        </section>
    }
}
