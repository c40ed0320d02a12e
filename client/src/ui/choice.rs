//! List of options of which one is chosen, and a switch.

use leptos::prelude::*;

/// Texts of options.
pub(crate) fn named<const N: usize>(names: [&'static str; N]) -> Vec<String> {
    names.map(str::to_owned).into()
}

/// List of options by their texts; the chosen one and the choices are indexes.
#[component]
pub(crate) fn Choice(
    #[prop(optional)] class: &'static str,
    /// Text of its `<label>`.
    #[prop(optional)]
    title: Option<&'static str>,
    /// Name for screen readers of a list without one.
    #[prop(optional)]
    label: Option<&'static str>,
    #[prop(into)] options: Signal<Vec<String>>,
    #[prop(into)] chosen: Signal<usize>,
    #[prop(into)] on_choose: Callback<usize>,
) -> impl IntoView {
    let option = move |(index, text): (usize, String)| {
        view! { <option value=index.to_string() prop:selected=move || chosen.get() == index>{text}</option> }
    };
    let options = move || options.get().into_iter().enumerate().map(option).collect_view();
    let choose = move |event| {
        if let Ok(index) = event_target_value(&event).parse() {
            on_choose.run(index);
        }
    };
    let list = view! {
        <select class=class aria-label=label on:change=choose>
            {move || options()}
        </select>
    }
    .into_any();
    match title {
        Some(title) => view! { <label>{title} {list}</label> }.into_any(),
        None => list,
    }
}

/// Switch with a text.
#[component]
pub(crate) fn Checkbox(
    #[prop(optional)] class: &'static str,
    label: &'static str,
    #[prop(into)] is_on: Signal<bool>,
    #[prop(into)] set: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class=class>
            <input
                type="checkbox"
                prop:checked=move || is_on.get()
                on:change=move |event| set.run(event_target_checked(&event))
            />
            {label}
        </label>
    }
}
