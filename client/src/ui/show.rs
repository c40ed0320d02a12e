//! Conditional view.

use leptos::prelude::*;

/// Children that are there while `when` is true. One type for all of them, so that the page has their code once
/// ([decision 0002](docs/decisions/0002-page-size.md)); `leptos::prelude::Show` has one for each.
#[component]
pub(crate) fn Show(
    when: impl Fn() -> bool + Send + Sync + 'static,
    children: ChildrenFn,
) -> impl IntoView {
    shown(Box::new(when), children)
}

fn shown(when: Box<dyn Fn() -> bool + Send + Sync>, children: ChildrenFn) -> AnyView {
    let when = ArcMemo::new(move |_| when());
    (move || when.get().then(|| children())).into_any()
}
