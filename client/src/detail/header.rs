//! Frame of the detail pane, with its header: a summary, and actions.

use leptos::{ev, prelude::*};
use session::Direction;
use workbench::payload::Inspected;

use super::{tabs::Tab, words::words};
use crate::{
    browser::clock::time_of_day,
    language::{format, shared},
    ui::{
        aria,
        button::{Button, SignButton},
    },
};

/// Pane with a header of summary, actions and Close button above its content. Escape closes it.
#[component]
pub(super) fn DetailFrame(
    title: &'static str,
    summary: AnyView,
    actions: AnyView,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            on_close.run(());
        }
    };
    view! {
        <section class="detail" aria-label=title on:keydown=on_key>
            <header class="detail-header">
                {summary}
                <div class="detail-actions">
                    {actions}
                    <SignButton class="plain close" label=shared().close on_click=on_close />
                </div>
            </header>
            {children()}
        </section>
    }
}

/// Buttons that copy message `id`, and compare it with another.
#[component]
pub(super) fn Actions(
    id: u64,
    #[prop(into)] is_comparing: Signal<bool>,
    /// Chosen view: comparing selects its tab.
    chosen: RwSignal<Option<Tab>>,
    on_copy: Callback<u64>,
    /// Chooses the message to compare with; `None` ends comparing.
    on_compare: Callback<Option<u64>>,
) -> impl IntoView {
    let words = words();
    let toggle_compare = move |_| {
        let compared = (!is_comparing.get_untracked()).then_some(id);
        chosen.set(compared.map(|_| Tab::Compare));
        on_compare.run(compared);
    };
    view! {
        <Button class="plain" label=words.copy on_click=move || on_copy.run(id) />
        <button
            type="button"
            class="plain"
            aria-pressed=move || aria(is_comparing.get())
            on:click=toggle_compare
        >
            {words.compare}
        </button>
    }
}

/// Direction, time, payload type and size of a message. In one line. Direction is shown by an arrow
/// and read out as a word.
pub(super) fn summary(message: &Inspected) -> AnyView {
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
    .into_any()
}
