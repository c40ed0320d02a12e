//! List of options of which one is chosen.

use leptos::prelude::*;

/// Option of a list: its value in the DOM, and its text. Options are told apart by their values, which
/// have to differ.
pub(crate) type ChoiceOption = (&'static str, &'static str);

/// Options whose values are their texts.
pub(crate) fn named<const N: usize>(names: [&'static str; N]) -> Vec<ChoiceOption> {
    names.map(|name| (name, name)).into()
}

/// List of options; the chosen one and the choices are indexes.
#[component]
pub(crate) fn Choice(
    #[prop(optional)] class: &'static str,
    /// Text of its `<label>`.
    #[prop(optional)]
    title: Option<&'static str>,
    /// Name for screen readers of a list without one.
    #[prop(optional)]
    label: Option<&'static str>,
    options: Vec<ChoiceOption>,
    #[prop(into)] chosen: Signal<usize>,
    #[prop(into)] on_choose: Callback<usize>,
) -> impl IntoView {
    let option = |(index, (value, text)): (usize, ChoiceOption)| {
        view! { <option value=value prop:selected=move || chosen.get() == index>{text}</option> }
    };
    let views = options.iter().copied().enumerate().map(option).collect_view();
    let choose = move |event| {
        let chosen = event_target_value(&event);
        if let Some(index) = options.iter().position(|(value, _)| *value == chosen) {
            on_choose.run(index);
        }
    };
    let list =
        view! { <select class=class aria-label=label on:change=choose>{views}</select> }.into_any();
    match title {
        Some(title) => view! { <label>{title} {list}</label> }.into_any(),
        None => list,
    }
}
