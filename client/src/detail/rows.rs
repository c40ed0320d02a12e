//! Rows of a view of the message: a virtual list keyed by row, whose nodes keep their focus while
//! rows above and below come and go.

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, html, prelude::*};
use session::with_signs;

use super::words::words;
use crate::ui::{
    marked::with_matches,
    viewport::{RowSpan, Viewport},
    virtual_list::VirtualList,
};

/// Row height in pixels; `--row` in the style sheet. A row is placed by arithmetic, so that both
/// numbers have to agree.
const ROW_HEIGHT: f64 = 24.0;

/// Bytes of a value or line that its row shows, at most: one line of that is laid out at once.
pub(super) const MAX_SHOWN: usize = 1_024;

/// Ids of all rows, in order and each once. Their meaning is the view's: an index, or the byte at which a line starts.
pub(super) type Ids = Signal<Arc<[usize]>>;

/// Viewport on rows with these ids, in the element that [`Rows`] mounts as `scroller`. Opens at the first row, and
/// follows no end.
pub(super) fn rows_viewport(scroller: NodeRef<html::Div>, ids: Ids) -> Viewport {
    let span = Memo::new(move |_| ids.with(|ids| RowSpan { generation: 0, rows: 0..count(ids) }));
    Viewport::new(scroller, span, Signal::stored(ROW_HEIGHT), None)
}

/// Scrolled rows, of which those near the view are in the DOM, keyed by their ids. The scrolled
/// element takes the focus, for keys.
#[component]
pub(super) fn Rows(
    label: &'static str,
    /// ARIA role, `tree` or `group`.
    #[prop(default = "group")]
    role: &'static str,
    #[prop(into)] ids: Ids,
    /// Viewport on `ids`, by [`rows_viewport`].
    viewport: Viewport,
    /// View of the row with an id; called once for as long as it is rendered.
    row: Callback<usize, AnyView>,
    #[prop(optional, into)] active: Signal<Option<String>>,
    #[prop(optional_no_strip)] on_key: Option<Callback<KeyboardEvent>>,
) -> impl IntoView {
    let first = Memo::new(move |_| viewport.rendered().start);
    let end = Memo::new(move |_| viewport.rendered().end);
    let keys = Signal::derive(move || {
        let index = |row| usize::try_from(row).unwrap_or(usize::MAX);
        let range = index(first.get())..index(end.get());
        ids.with(|ids| ids.get(range).unwrap_or_default().iter().map(|id| *id as u64).collect())
    });
    view! {
        <VirtualList
            viewport
            class="rows"
            first
            keys
            row=Callback::new(move |id| row.run(usize::try_from(id).unwrap_or_default()))
            active
            on_key
            attr:role=role
            attr:aria-label=label
            // What scrolls must be reachable by keyboard.
            attr:tabindex="0"
        />
    }
}

/// Text without line breaks, its invisible characters as signs. For parts of the message in a line of their own.
pub(super) fn without_breaks(text: &str) -> String {
    with_signs(text, |_| false).into_owned()
}

/// Start of a line from the byte `from` on, up to [`MAX_SHOWN`], and the number of bytes left out after it.
pub(super) fn line_start(
    class: Option<&'static str>,
    line: &str,
    from: usize,
) -> impl IntoView + use<> {
    let end = line.floor_char_boundary(MAX_SHOWN).max(from);
    let left_out = (line.len() - end) as u64;
    let more = (left_out > 0).then(|| (words().more)(left_out));
    view! {
        <span class=class>{with_matches(&line[from..end], |_| false)}</span>
        {more.map(|more| view! { <span class="notice">{more}</span> })}
    }
}

/// Number of rows, for a viewport.
fn count(ids: &[usize]) -> u64 {
    ids.len() as u64
}
