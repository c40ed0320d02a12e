//! A long list of rows of one height, of which only those in view are made.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::rows_in_view;

use super::{viewport::Viewport, words};

/// The height of a row in pixels; `--row` in the style sheet.
const ROW: f64 = 20.0;
/// Bytes of a value or line that its row shows, at most: one line of that is laid out at once.
const SHOWN: usize = 1_024;

/// Makes the row with this id.
pub(super) type MakeRow = Arc<dyn Fn(usize) -> AnyView + Send + Sync>;

#[component]
pub(super) fn Rows(
    /// What the rows are of.
    label: &'static str,
    /// The ids of all rows, in order and each once. A row is made anew only if its id is new.
    #[prop(into)]
    ids: Signal<Arc<[usize]>>,
    row: MakeRow,
) -> impl IntoView {
    let viewport = Viewport::new();
    let count = move || ids.with(|ids| ids.len());
    let made = Memo::new(move |_| rows_in_view(viewport.top(), viewport.height(), ROW, count()));
    let each = move || {
        let made = made.get();
        ids.with(|ids| ids.get(made).unwrap_or_default().to_vec())
    };
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 rows")]
    let pixels = |rows: usize| format!("{}px", rows as f64 * ROW);
    view! {
        // tabindex: what scrolls must be reachable by keyboard.
        <div
            class="rows"
            role="group"
            aria-label=label
            tabindex="0"
            node_ref=viewport.element
            on:scroll=move |_| viewport.look()
        >
            <div class="rows-all" style:height=move || pixels(count())>
                <div class="rows-made" style:top=move || pixels(made.with(|made| made.start))>
                    <For each key=|id| *id children=move |id| row(id) />
                </div>
            </div>
        </div>
    }
}

/// The start of a line, and in words what is not shown.
pub(super) fn start_of_line(line: &str) -> AnyView {
    let start = &line[..line.floor_char_boundary(SHOWN)];
    let more = (start.len() < line.len()).then(|| {
        view! { <span class="notice">{words::more(line.len() - start.len())}</span> }
    });
    (start.to_owned(), more).into_any()
}
