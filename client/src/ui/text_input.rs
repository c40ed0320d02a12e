//! Text box of one line.

use leptos::{html, prelude::*};

/// Text box of one line, without the browser's suggestions and spell check. Attributes given to the component
/// go to the element; none that changes, as in [`VirtualList`](super::virtual_list::VirtualList).
#[component]
pub(crate) fn TextInput(
    #[prop(optional)] class: Option<&'static str>,
    /// Name for screen readers of a box without a `<label>`.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
    /// Id of the element that describes the box, such as that of its error.
    #[prop(optional, into)]
    description: Option<String>,
    #[prop(optional, into)] is_invalid: Signal<bool>,
    /// True for a text that is masked while it is not edited.
    #[prop(optional, into)]
    is_secret: Signal<bool>,
    /// Reference to the element.
    #[prop(optional)]
    input: NodeRef<html::Input>,
    #[prop(into)] value: Signal<String>,
    /// Receives the text at each keystroke.
    #[prop(into)]
    on_input: Callback<String>,
) -> impl IntoView {
    view! {
        <input
            class=class
            class:secret=move || is_secret.get()
            aria-label=label
            placeholder=placeholder
            autocomplete="off"
            spellcheck="false"
            aria-describedby=description
            aria-invalid=move || is_invalid.get().then_some("true")
            node_ref=input
            prop:value=move || value.get()
            on:input=move |event| on_input.run(event_target_value(&event))
        />
    }
}
