//! Boxes of one line: for text, and for a number; and the form around them.

use leptos::{ev, html, prelude::*};

/// Text box of one line, without the browser's suggestions and spell check. Attributes given to the component
/// go to the element; none that changes, as in [`VirtualList`](super::virtual_list::VirtualList).
#[component]
pub(crate) fn TextInput(
    #[prop(optional)] class: &'static str,
    /// Name for screen readers of a box without a `<label>`.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional, into)] placeholder: String,
    /// Id of the element that describes the box, such as that of its error.
    #[prop(optional, into)]
    description: Option<String>,
    #[prop(optional, into)] is_invalid: Option<Signal<bool>>,
    /// True for a text that is masked while it is not edited.
    #[prop(optional, into)]
    is_secret: Option<Signal<bool>>,
    #[prop(optional)] input: NodeRef<html::Input>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
) -> impl IntoView {
    view! {
        <input
            class=class
            class:secret=move || is_secret.is_some_and(|it| it.get())
            aria-label=label
            placeholder=placeholder
            autocomplete="off"
            spellcheck="false"
            aria-describedby=description
            aria-invalid=move || is_invalid.is_some_and(|it| it.get()).then_some("true")
            node_ref=input
            prop:value=move || value.get()
            on:input=move |event| on_input.run(event_target_value(&event))
        />
    }
}

/// Labelled box for a whole number; empty for none, unless one `is_required`. What is no number within the bounds is
/// marked, with the sentence `invalid` below it, and changes nothing.
#[component]
pub(crate) fn NumberInput(
    label: &'static str,
    /// Element id of the sentence, which describes the box.
    id: &'static str,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] is_required: bool,
    min: u32,
    #[prop(optional)] max: Option<u32>,
    #[prop(optional)] placeholder: &'static str,
    #[prop(into)] value: Signal<Option<u64>>,
    /// Receives the number as it is typed if `is_live`, else once the box is left.
    #[prop(into)]
    set: Callback<Option<u64>>,
    #[prop(optional)] is_live: bool,
    #[prop(into)] invalid: Signal<String>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let value = Memo::new(move |_| value.get());
    // Numbers so far. The next one, which may come from elsewhere, takes the place of what was typed.
    let count = Memo::new(move |before: Option<&u32>| {
        value.track();
        before.map_or(0, |before| before + 1)
    });
    let wrong_at = RwSignal::new(None);
    let is_invalid = move || wrong_at.get() == Some(count.get());
    let text_of = |value: Option<u64>| value.map(|it| it.to_string()).unwrap_or_default();
    let apply = move || {
        let Some(input) = input.get_untracked() else { return };
        let text = input.value();
        let number = text.parse().ok();
        // To the browser, `5.0` and `1e3` are valid, too.
        let is_wrong = !input.check_validity() || number.is_none() && !text.is_empty();
        wrong_at.set(is_wrong.then(|| count.get_untracked()));
        if !is_wrong {
            set.run(number);
            if !is_live {
                // What is in force, which may be another.
                input.set_value(&text_of(value.get_untracked()));
            }
        }
    };
    view! {
        <div>
            <label>
                {label}
                <input
                    type="number"
                    class=class
                    required=is_required
                    min=min.to_string()
                    max=max.map(|max| max.to_string())
                    placeholder=placeholder
                    aria-invalid=move || is_invalid().then_some("true")
                    aria-describedby=id
                    node_ref=input
                    prop:value=move || text_of(value.get())
                    on:input=move |_| if is_live { apply() }
                    on:change=move |_| apply()
                />
            </label>
            <span class="bad" role="alert" id=id>{move || is_invalid().then(|| invalid.get())}</span>
        </div>
    }
}

/// Handler of a form's `submit` event, which keeps the page from being left. The form has no
/// address to be submitted to.
pub(crate) fn on_submit(action: impl Fn()) -> impl Fn(ev::SubmitEvent) {
    move |event| {
        event.prevent_default();
        action();
    }
}
