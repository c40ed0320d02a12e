//! Text in which the matches of the search are marked.

use std::ops::Range;

use leptos::prelude::*;
use workbench::log::Marker;

/// Marked matches in a piece of text, at most.
const MARKS: usize = 100;

/// Search whose matches the views of a message mark; provided as a context.
#[derive(Clone, Copy)]
pub(crate) struct Marking(Memo<Option<Marker>>);

impl Marking {
    /// Marks with what `marker` returns, which may depend on signals.
    pub(crate) fn new(marker: impl Fn() -> Option<Marker> + Send + Sync + 'static) -> Self {
        Self(Memo::new_with_compare(move |_| marker(), |_, _| true))
    }
}

/// Piece of text with the first matches of the search in its context marked.
pub(crate) fn with_matches(text: String) -> impl IntoView {
    let marking = use_context::<Marking>();
    move || match marking.and_then(|marking| marking.0.get()) {
        Some(mut marker) => marked(&text, &marker.marks(&text, MARKS)),
        None => text.clone().into_any(),
    }
}

/// Text with these ranges marked.
pub(crate) fn marked(text: &str, marks: &[Range<usize>]) -> AnyView {
    let mut pieces = Vec::with_capacity(marks.len() * 2 + 1);
    let mut from = 0;
    for mark in marks {
        pieces.push(text[from..mark.start].to_owned().into_any());
        pieces.push(view! { <mark>{text[mark.clone()].to_owned()}</mark> }.into_any());
        from = mark.end;
    }
    pieces.push(text[from..].to_owned().into_any());
    pieces.into_any()
}
