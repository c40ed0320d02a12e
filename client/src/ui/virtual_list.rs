//! Virtual list: rows of one height, of which only those near the view are in the DOM.

use std::hash::Hash;

use leptos::prelude::*;

use super::viewport::Viewport;

/// A scrolled element, a spacer as high as all rows, and the rendered rows moved to their place.
///
/// `keys` names the rendered rows from row number `first` on, and a node lives as long as its key
/// does. Keyed by slot (0, 1, 2, …) nodes form a fixed pool that is rebound on scroll; keyed by row
/// they keep their focus while rows come and go around them. Attributes and event handlers given to
/// the component go to the scrolled element.
#[component]
pub(crate) fn VirtualList<KeysFn, Keys, Key, RowFn, RowView>(
    viewport: Viewport,
    /// Class of the scrolled element.
    class: &'static str,
    /// Class of the element around the rendered rows.
    rows_class: &'static str,
    #[prop(into)] first: Signal<u64>,
    keys: KeysFn,
    row: RowFn,
) -> impl IntoView
where
    KeysFn: Fn() -> Keys + Send + Sync + 'static,
    Keys: IntoIterator<Item = Key> + Send + 'static,
    Key: Copy + Eq + Hash + Send + Sync + 'static,
    RowFn: Fn(Key) -> RowView + Clone + Send + Sync + 'static,
    RowView: IntoView + 'static,
{
    view! {
        <div class=class node_ref=viewport.scroller() on:scroll=move |_| viewport.on_scroll()>
            <div class="space" style:height=move || format!("{}px", viewport.scroll_height())>
                <div
                    class=rows_class
                    style:transform=move || format!("translateY({}px)", viewport.offset(first.get()))
                >
                    <For each=keys key=|key| *key children=row />
                </div>
            </div>
        </div>
    }
}
