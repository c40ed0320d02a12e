//! Virtual list: rows of one height, of which only those near the view are in the DOM.

use leptos::{ev::KeyboardEvent, html, prelude::*};

use super::{keyed::keyed, viewport::Viewport};

/// A scrolled element, a spacer as high as all rows, and the rendered rows moved to their place.
///
/// `keys` names the rendered rows from row number `first` on, and a node lives as long as its key
/// does. Keyed by slot (0, 1, 2, …) nodes form a fixed pool that is bound to other rows on scroll; keyed by row
/// they keep their focus while rows come and go around them. Attributes given to the component go to the
/// scrolled element; none that changes, which Leptos 0.8 forgets to take over where it builds a view anew.
#[component]
pub(crate) fn VirtualList(
    viewport: Viewport,
    class: &'static str,
    #[prop(optional)] rows_class: Option<&'static str>,
    /// Number of the row that the first key names.
    #[prop(into)]
    first: Signal<u64>,
    /// Rendered rows, by slot or by row.
    #[prop(into)]
    keys: Signal<Vec<u64>>,
    /// View of the row with a key.
    row: Callback<u64, AnyView>,
    /// Element that the rows are in.
    #[prop(optional)]
    rows: NodeRef<html::Div>,
    #[prop(optional, into)] active: Signal<Option<String>>,
    #[prop(optional_no_strip)] on_key: Option<Callback<KeyboardEvent>>,
) -> impl IntoView {
    view! {
        <div
            class=class
            node_ref=viewport.scroller
            aria-activedescendant=move || active.get()
            on:scroll=move |_| viewport.on_scroll()
            on:keydown=move |event| if let Some(on_key) = on_key { on_key.run(event) }
        >
            <div class="space" style:height=move || viewport.scroll_height()>
                <div
                    class=rows_class
                    node_ref=rows
                    style:transform=move || format!("translateY({})", viewport.offset(first.get()))
                >
                    {keyed(keys, row)}
                </div>
            </div>
        </div>
    }
}
