//! Buttons that views share: with a text or a sign, switches, and undo.

use leptos::prelude::*;

use super::aria;
use crate::language::shared;

/// Button with a text. `title` is the tooltip.
#[component]
pub(crate) fn Button(
    #[prop(optional)] class: &'static str,
    #[prop(into)] label: Signal<&'static str>,
    #[prop(optional)] title: &'static str,
    #[prop(optional, into)] is_disabled: Option<Signal<bool>>,
    #[prop(optional, into)] is_hidden: Option<Signal<bool>>,
    #[prop(into)] on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            title=title
            disabled=move || is_disabled.is_some_and(|it| it.get())
            hidden=move || is_hidden.is_some_and(|it| it.get())
            on:click=move |_| on_click.run(())
        >
            {move || label.get()}
        </button>
    }
}

/// Button with a sign, which is `×` for one that closes or removes what it stands beside. `label` is its name for
/// screen readers, and its tooltip. Attributes given to the component go to the element; none that changes, as in
/// [`VirtualList`](super::virtual_list::VirtualList).
#[component]
pub(crate) fn SignButton(
    #[prop(default = "forget")] class: &'static str,
    #[prop(default = "×")] sign: &'static str,
    #[prop(into)] label: Signal<String>,
    /// State of a switch, as `aria-pressed`.
    #[prop(optional, into)]
    is_on: Option<Signal<bool>>,
    #[prop(optional, into)] is_disabled: Option<Signal<bool>>,
    #[prop(into)] on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=class
            aria-label=move || label.get()
            title=move || label.get()
            aria-pressed=move || is_on.map(|it| aria(it.get()))
            disabled=move || is_disabled.is_some_and(|it| it.get())
            on:click=move |_| on_click.run(())
        >
            {sign}
        </button>
    }
}

/// Sentence about what was done, a button that undoes it, and one that discards the undo.
#[component]
pub(crate) fn UndoLine(
    #[prop(default = "undo-line")] class: &'static str,
    #[prop(into)] says: Signal<String>,
    #[prop(into)] on_undo: Callback<()>,
    #[prop(default = shared().close)] discard: &'static str,
    #[prop(into)] on_discard: Callback<()>,
) -> impl IntoView {
    view! {
        <span class=class>
            <span>{move || says.get()}</span>
            <Button class="undo" label=shared().undo on_click=on_undo />
            <SignButton label=discard on_click=on_discard />
        </span>
    }
}

/// Button that is on or off. Its state is `aria-pressed`; the caller changes it.
#[component]
pub(crate) fn Toggle(
    /// Text on the button, and its name for screen readers; `title` is the tooltip.
    label: &'static str,
    title: &'static str,
    #[prop(into)] is_on: Signal<bool>,
    #[prop(into)] on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="toggle"
            title=title
            // Its width in bold is reserved.
            data-label=label
            aria-pressed=move || aria(is_on.get())
            on:click=move |_| on_click.run(())
        >
            {label}
        </button>
    }
}
