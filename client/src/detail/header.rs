//! Header of the detail pane: a summary of the message, and actions on it.

use leptos::prelude::*;
use session::Direction;
use workbench::payload::Inspected;

use super::{tabs::Tab, words::words};
use crate::{
    browser::clock::time_of_day,
    language::{format, shared},
    ui::button::{Button, SignButton},
};

/// Buttons for message `id`; `children` are more of them. Copy, compare and close, in the detail pane's header.
#[component]
pub(super) fn Actions(
    id: u64,
    #[prop(into)] is_comparing: Signal<bool>,
    /// Chosen view: comparing selects its tab.
    chosen: RwSignal<Option<Tab>>,
    on_close: Callback<()>,
    on_copy: Callback<u64>,
    /// Chooses the message to compare with; `None` ends comparing.
    on_compare: Callback<Option<u64>>,
    children: Children,
) -> impl IntoView {
    let words = words();
    let toggle_compare = move |_| {
        let compared = (!is_comparing.get_untracked()).then_some(id);
        chosen.set(compared.map(|_| Tab::Compare));
        on_compare.run(compared);
    };
    view! {
        <div class="detail-actions">
            <Button class="plain" label=words.copy on_click=move || on_copy.run(id) />
            <button
                type="button"
                class="plain"
                aria-pressed=move || is_comparing.get().to_string()
                on:click=toggle_compare
            >
                {words.compare}
            </button>
            {children()}
            <CloseButton on_close />
        </div>
    }
}

/// Close button of a pane, with its name for screen readers.
#[component]
pub(super) fn CloseButton(on_close: Callback<()>) -> impl IntoView {
    view! { <SignButton class="plain close" label=shared().close on_click=on_close /> }
}

/// Direction, time, payload type and size of a message. In one line. Direction is shown by an arrow
/// and read out as a word.
pub(super) fn summary(message: &Inspected) -> impl IntoView + use<> {
    let (arrow, name) = match message.direction {
        Direction::Out => ("↑", "sent"),
        Direction::In => ("↓", "received"),
    };
    let direction = (format().direction)(message.direction);
    view! {
        <p class="detail-summary" data-direction=name>
            <span class="direction" title=direction>
                <span aria-hidden="true">{arrow}</span>
                <span class="spoken">{direction}</span>
            </span>
            <time>{time_of_day(message.at)}</time>
            <span>{(words().kind)(message)}</span>
            <span>{(format().size)(message.size)}</span>
        </p>
    }
}
