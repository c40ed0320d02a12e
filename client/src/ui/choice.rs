//! List of names of which one is chosen.

use leptos::prelude::*;

/// List of names, labelled for screen readers; the chosen one and the choices are indexes. Names
/// are told apart by their text, and have to differ.
#[component]
pub(crate) fn Choice(
    class: &'static str,
    /// Name of the list for screen readers.
    label: &'static str,
    names: Vec<&'static str>,
    /// Index of the chosen option.
    chosen: Memo<usize>,
    /// Receives the index of an option that is chosen.
    on_choose: Callback<usize>,
) -> impl IntoView {
    let option = |(index, name): (usize, &'static str)| {
        view! { <option value=name prop:selected=move || chosen.get() == index>{name}</option> }
    };
    let options = names.iter().copied().enumerate().map(option).collect_view();
    let choose = move |event| {
        let name = event_target_value(&event);
        names.iter().position(|it| *it == name).into_iter().for_each(|index| on_choose.run(index));
    };
    view! { <select class=class aria-label=label on:change=choose>{options}</select> }
}
