//! Keyed list: a view for each key, which lives as long as its key is there.

use leptos::prelude::*;

/// Views of the rows with these keys, in order. One type for all lists, so that the page has their
/// code once (decision 0002).
///
/// A row is created when its key appears and dropped when that goes; it is not called again for a
/// key that stays. Keys are unique.
pub(crate) fn keyed(keys: Signal<Vec<u64>>, row: Callback<u64, AnyView>) -> AnyView {
    view! { <For each=move || keys.get() key=|key| *key children=move |key| row.run(key) /> }
        .into_any()
}

/// Views of `count` rows, by their index. A row stays while `count` exceeds its index: its content
/// has to be read from a signal.
pub(crate) fn indexed(
    count: impl Fn() -> usize + Send + Sync + 'static,
    row: impl Fn(usize) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let keys = Signal::derive(move || (0..count() as u64).collect());
    keyed(keys, Callback::new(move |key| row(usize::try_from(key).unwrap_or_default())))
}
