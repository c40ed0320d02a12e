//! Buttons that views share: with a text, `×`, and switches.

use leptos::prelude::*;

/// Button with a text that stays.
#[component]
pub(crate) fn Button(
    #[prop(optional)] class: Option<&'static str>,
    label: &'static str,
    #[prop(into)] on_click: Callback<()>,
) -> impl IntoView {
    view! {
        <button type="button" class=class on:click=move |_| on_click.run(())>
            {label}
        </button>
    }
}

/// Button `×`, which closes or removes what it stands beside. Attributes given to the component go to the element;
/// none that changes, as in [`VirtualList`](super::virtual_list::VirtualList).
#[component]
pub(crate) fn CrossButton(
    #[prop(default = "forget")] class: &'static str,
    /// Name for screen readers.
    #[prop(into)]
    label: String,
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
