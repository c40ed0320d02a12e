//! Tab list (ARIA Authoring Practices) over a panel.

use leptos::{ev, html, prelude::*};

use super::aria;
use crate::browser::dom::{focus::focus_node, keyboard::has_modifier};

/// Tabs by their index. Arrow keys go from one to the next and wrap around, Home and End to the
/// first and last; the focus goes along. Only the shown tab is in the tab order.
#[component]
pub(crate) fn TabList(
    class: &'static str,
    label: &'static str,
    /// Element id and name of each tab.
    tabs: Vec<(String, &'static str)>,
    panel: String,
    #[prop(into)] shown: Signal<usize>,
    /// Tab that is hidden while it is not offered; the others always are.
    optional: usize,
    #[prop(into)] is_offered: Signal<bool>,
    /// Tab that is marked: something in its panel is wrong.
    #[prop(optional)]
    wrong: Signal<Option<usize>>,
    #[prop(into)] on_choose: Callback<usize>,
) -> impl IntoView {
    let panel = StoredValue::new(panel);
    let buttons: Vec<_> = tabs.iter().map(|_| NodeRef::<html::Button>::new()).collect();
    let tab = |(index, (id, name)): (usize, (String, &'static str))| {
        view! {
            <button
                type="button"
                role="tab"
                id=id
                aria-controls=panel.get_value()
                aria-selected=move || aria(shown.get() == index)
                tabindex=move || if shown.get() == index { "0" } else { "-1" }
                class:is-wrong=move || wrong.get() == Some(index)
                hidden=move || index == optional && !is_offered.get()
                node_ref=buttons[index]
                on:click=move |_| on_choose.run(index)
            >
                {name}
            </button>
        }
    };
    let tabs = tabs.into_iter().enumerate().map(tab).collect_view();
    let on_key = move |event: ev::KeyboardEvent| {
        let is_there = |index: &usize| *index != optional || is_offered.get_untracked();
        let offered: Vec<_> = (0..buttons.len()).filter(is_there).collect();
        let shown = shown.get_untracked();
        let at = offered.iter().position(|it| *it == shown).unwrap_or_default();
        let to = match event.key().as_str() {
            _ if has_modifier(&event) => return,
            "ArrowRight" => offered.get(at + 1).or(offered.first()),
            "ArrowLeft" => at.checked_sub(1).and_then(|at| offered.get(at)).or(offered.last()),
            "Home" => offered.first(),
            "End" => offered.last(),
            _ => return,
        };
        event.prevent_default();
        if let Some(to) = to {
            on_choose.run(*to);
            focus_node(buttons[*to]);
        }
    };
    view! { <div class=class role="tablist" aria-label=label on:keydown=on_key>{tabs}</div> }
}
