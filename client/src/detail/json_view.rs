//! The message as a JSON tree that folds.

use std::{collections::HashSet, sync::Arc};

use leptos::prelude::*;
use workbench::detail::{Kind, Outline};

use super::{
    rows::{MakeRow, Rows, start_of_line},
    words,
};

/// Objects and arrays that indent a row further, at most: deeper ones would push it out of view.
const MAX_INDENT: usize = 32;
const INDENT: usize = 16;

/// The objects and arrays that are folded, by their place in the outline.
type Folded = RwSignal<HashSet<usize>>;

#[component]
pub(super) fn JsonView(outline: Arc<Outline>) -> impl IntoView {
    let folded = Folded::default();
    let notice = words::end(outline.end());
    let all = outline.clone();
    // What is at the top stays open: it is what the person looks at.
    let fold_all = move |_| {
        let nodes = all.nodes().iter().enumerate().skip(1);
        folded.set(nodes.filter(|(_, node)| node.kind.is_opening()).map(|(at, _)| at).collect());
    };
    let lines = outline.clone();
    let ids = Memo::new(move |_| -> Arc<[usize]> {
        folded.with(|folded| lines.lines(|index| folded.contains(&index)).into())
    });
    let row: MakeRow = Arc::new(move |index| row(&outline, index, folded));
    view! {
        <div class="detail-tools">
            <button type="button" class="plain" on:click=fold_all>{words::FOLD_ALL}</button>
            <button type="button" class="plain" on:click=move |_| folded.set(HashSet::new())>
                {words::UNFOLD_ALL}
            </button>
        </div>
        {notice.map(|notice| view! { <p class="detail-tools notice">{notice}</p> })}
        <Rows label="JSON" ids row />
    }
}

fn row(outline: &Outline, index: usize, folded: Folded) -> AnyView {
    let Some(node) = outline.nodes().get(index) else { return ().into_any() };
    let key = node.key.as_ref().map(|key| {
        view! { <span class="key">{start_of_line(outline.text(key))}": "</span> }
    });
    let empty = outline.closing_of_empty(index);
    let fold = (node.kind.is_opening() && empty.is_none()).then(|| {
        let label = node.key.as_ref().map_or("", |key| outline.text(key));
        let label = format!("{label} {}", words::items(node.items));
        view! { <Fold index folded label /> }
    });
    let items = fold.is_some().then(|| {
        let closing = if node.kind == Kind::Object { "}" } else { "]" };
        let items = format!(" {} {closing}", words::items(node.items));
        let is_folded = move || folded.with(|folded| folded.contains(&index));
        move || is_folded().then(|| view! { <span class="items">{items.clone()}</span> })
    });
    view! {
        <div class="row json-row" style:padding-left=format!("{}px", indent(node.depth))>
            {fold}
            {key}
            <span class=class(node.kind)>
                {start_of_line(outline.text(&node.text))} {empty.map(str::to_owned)}
                {node.is_cut.then_some("…")}
            </span>
            {items}
        </div>
    }
    .into_any()
}

/// Folds and unfolds one object or array.
#[component]
fn Fold(index: usize, folded: Folded, label: String) -> impl IntoView {
    let is_open = move || folded.with(|folded| !folded.contains(&index));
    let toggle = move |_| {
        folded.update(|folded| {
            if !folded.remove(&index) {
                folded.insert(index);
            }
        });
    };
    view! {
        <button
            type="button"
            class="fold"
            aria-expanded=move || is_open().to_string()
            aria-label=label
            on:click=toggle
        ></button>
    }
}

/// The place for the button that folds is before the row.
fn indent(depth: usize) -> usize {
    24 + depth.min(MAX_INDENT) * INDENT
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "json-string",
        Kind::Number => "json-number",
        Kind::Word => "json-word",
        Kind::Object | Kind::Array | Kind::ObjectEnd | Kind::ArrayEnd => "json-bracket",
    }
}
