//! Conditional view.

use leptos::prelude::*;

/// Children that are there while `when` is true. One type for all of them, so that the page has
/// their code once (decision 0002); `leptos::prelude::Show` has one for each.
///
/// `when` is memoized: children are created only when it turns true, and are not rendered anew
/// while it stays.
#[component]
pub(crate) fn Show(
    when: impl Fn() -> bool + Send + Sync + 'static,
    children: ChildrenFn,
) -> impl IntoView {
    shown(Box::new(when), children)
}

/// Boxed part of [`Show`], compiled once.
fn shown(when: Box<dyn Fn() -> bool + Send + Sync>, children: ChildrenFn) -> AnyView {
    let when = ArcMemo::new(move |_| when());
    (move || when.get().then(|| children())).into_any()
}
