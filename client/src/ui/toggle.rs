//! Button that is on or off.

use leptos::prelude::*;

/// Button that is on or off. Its state is `aria-pressed`; the caller changes it.
#[component]
pub(crate) fn Toggle(
    /// Text on the button, and its name for screen readers; `title` is the tooltip.
    label: &'static str,
    title: &'static str,
    is_on: Signal<bool>,
    on_click: Callback<()>,
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
