//! Text in which the matches of the search are marked, and invisible characters shown as signs.

use std::ops::Range;

use leptos::prelude::*;
use session::place_signs;
use workbench::log::Marker;

/// Marked matches in a piece of text, at most. Each is an element, and a piece of text may be some
/// hundred thousand characters.
const MARKS: usize = 100;

/// Maximum number of signs in a piece of text that a copy leaves out: each is an element.
const SIGNS: usize = 1_000;

/// Search whose matches the views of a message mark; provided as a context. Never compared: each
/// new query marks anew.
#[derive(Clone, Copy)]
pub(crate) struct Marking {
    /// Compiled search; `None` if it is empty or invalid.
    marker: Memo<Option<Marker>>,
    /// Notice at the end of a text that has more matches than are marked.
    more: &'static str,
}

impl Marking {
    /// Marks with the result of `marker`, which may depend on signals.
    pub(crate) fn new(
        marker: impl Fn() -> Option<Marker> + Send + Sync + 'static,
        more: &'static str,
    ) -> Self {
        Self { marker: Memo::new_with_compare(move |_| marker(), |_, _| true), more }
    }

    /// Marker of the search in the context, if there is one. Tracks the search: a view that calls
    /// it is rendered anew with each query.
    pub(crate) fn marker() -> Option<Marker> {
        use_context::<Self>()?.marker.get()
    }
}

/// Piece of text with the first matches of the search in its context marked. Invisible characters
/// are signs, except those that `stays` names; a selection leaves the signs out. At most 100
/// matches and 1,000 signs; a notice tells of further matches.
pub(crate) fn with_matches(text: &str, stays: fn(char) -> bool) -> impl IntoView + use<> {
    let marking = use_context::<Marking>();
    let (text, signs) = place_signs(text, stays);
    let view = move || {
        let marker = marking.and_then(|marking| marking.marker.get());
        let mut marks = marker.map_or_else(Vec::new, |mut it| it.marks(&text, MARKS + 1));
        let is_cut = marks.len() > MARKS;
        marks.truncate(MARKS);
        let more = marking.filter(|_| is_cut).map(|marking| {
            view! { <span class="notice sign">{marking.more}</span> }
        });
        (pieces(&text, &marks, &signs), more).into_any()
    };
    view! { {move || view()} }
}

/// Text with these ranges marked. Ranges are of bytes, in order, on character boundaries.
pub(crate) fn marked(text: &str, marks: &[Range<usize>]) -> AnyView {
    pieces(text, marks, &[]).into_any()
}

/// Text with these ranges marked, and signs in these others. A mark may contain signs: marks are
/// split first.
fn pieces(text: &str, marks: &[Range<usize>], signs: &[Range<usize>]) -> Vec<AnyView> {
    let plain = |range: Range<usize>| {
        split(range, signs.get(..SIGNS).unwrap_or(signs), |part, is_sign| {
            let part = text[part].to_owned();
            if is_sign {
                view! { <span class="sign">{part}</span> }.into_any()
            } else {
                part.into_any()
            }
        })
    };
    split(0..text.len(), marks, |part, is_marked| {
        let part = plain(part);
        if is_marked { view! { <mark>{part}</mark> }.into_any() } else { part.into_any() }
    })
}

/// Views of the parts of a range: those in `ranges`, which are in order, and those between. Calls
/// `view` with each part and `true` for those in `ranges`, cut to `whole`.
fn split(
    whole: Range<usize>,
    ranges: &[Range<usize>],
    view: impl Fn(Range<usize>, bool) -> AnyView,
) -> Vec<AnyView> {
    let first = ranges.partition_point(|range| range.end <= whole.start);
    let inside = ranges[first..].iter().take_while(|range| range.start < whole.end);
    let (mut views, mut from) = (Vec::new(), whole.start);
    for range in inside {
        let (start, end) = (range.start.max(from), range.end.min(whole.end));
        if from < start {
            views.push(view(from..start, false));
        }
        views.push(view(start..end, true));
        from = end;
    }
    if from < whole.end {
        views.push(view(from..whole.end, false));
    }
    views
}
