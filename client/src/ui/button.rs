//! Buttons that views share: with a text, `×`, and switches.

use leptos::prelude::*;

/// Button with a text. `title` is the tooltip.
#[component]
pub(crate) fn Button(
    #[prop(optional)] class: Option<&'static str>,
    #[prop(into)] label: Signal<&'static str>,
    #[prop(optional)] title: Option<&'static str>,
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

/// Button `×`, which closes or removes what it stands beside. Attributes given to the component go to the element;
/// none that changes, as in [`VirtualList`](super::virtual_list::VirtualList).
#[component]
pub(crate) fn CrossButton(
    #[prop(default = "forget")] class: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button type="button" class=class aria-label=label on:click=move |_| on_click.run(())>
            "×"
        </button>
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
            aria-pressed=move || is_on.get().to_string()
            on:click=move |_| on_click.run(())
        >
            {label}
        </button>
    }
}
