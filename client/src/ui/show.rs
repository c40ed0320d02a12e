//! Conditional view.

use leptos::prelude::*;

/// Children that are there while `when` is true. One type for all of them, so that the page has
/// their code once (decision 0002); `leptos::prelude::Show` has one for each.
///
/// `when` is memoized: children are created only when it turns true, and are not rendered anew
/// while it stays.
#[component]
pub(crate) fn Show(#[prop(into)] when: Signal<bool>, children: ChildrenFn) -> impl IntoView {
    let when = ArcMemo::new(move |_| when.get());
    move || when.get().then(|| children())
}
