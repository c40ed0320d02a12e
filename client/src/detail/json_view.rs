//! JSON view: a tree whose objects and arrays fold.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Node, Outline};

use super::{
    rows::{Ids, Rows, line_start},
    words::words,
};

/// Levels that indent a row further, at most: deeper ones would push it out of view.
const MAX_INDENT: usize = 32;
/// Pixels a level.
const INDENT: usize = 16;
/// Pixels of the fold button before a row.
const FOLD_WIDTH: usize = 24;

/// Outline of a message, and its fold state.
#[derive(Clone)]
struct Tree {
    outline: Arc<Outline>,
    /// By node: true if folded.
    folded: RwSignal<Vec<bool>>,
    /// Nodes that have a row.
    ids: Ids,
}

impl Tree {
    fn new(outline: Arc<Outline>) -> Self {
        let folded = vec![false; outline.nodes().len()];
        let ids = Ids::new(lines(&outline, &folded));
        Self { outline, folded: RwSignal::new(folded), ids }
    }

    fn fold(&self, change: impl FnOnce(&mut Vec<bool>)) {
        self.folded.update(change);
        self.ids.set(self.folded.with_untracked(|folded| lines(&self.outline, folded)));
    }

    /// Folds all but the top level.
    fn fold_all(&self) {
        self.fold(|folded| folded.iter_mut().skip(1).for_each(|it| *it = true));
    }

    fn unfold_all(&self) {
        self.fold(|folded| folded.fill(false));
    }
}

fn lines(outline: &Outline, folded: &[bool]) -> Arc<[usize]> {
    outline.lines(|index| folded[index]).into()
}

#[component]
pub(super) fn JsonView(outline: Arc<Outline>) -> impl IntoView {
    let words = words();
    let tree = Tree::new(outline);
    let end = (words.outline_end)(tree.outline.end());
    let ids = tree.ids;
    let (all, none) = (tree.clone(), tree.clone());
    let row = move |index| {
        let tree = tree.clone();
        view! { <JsonRow tree index /> }
    };
    view! {
        <div class="detail-view">
            <div class="detail-tools">
                <button type="button" class="plain" on:click=move |_| all.fold_all()>
                    {words.fold_all}
                </button>
                <button type="button" class="plain" on:click=move |_| none.unfold_all()>
                    {words.unfold_all}
                </button>
                <p class="notice">{end}</p>
            </div>
            <Rows label="JSON" ids row />
        </div>
    }
}

#[component]
fn JsonRow(tree: Tree, index: usize) -> impl IntoView {
    let outline = tree.outline.clone();
    let node = outline.nodes().get(index)?;
    let indent = FOLD_WIDTH + node.depth.min(MAX_INDENT) * INDENT;
    let is_bracket = node.kind.is_opening() || node.kind.is_closing();
    let empty_end = outline.closing_of_empty(index).map(str::to_owned);
    let folds = node.kind.is_opening() && empty_end.is_none();
    // Hidden by the style sheet while unfolded.
    let items = folds.then(|| {
        let items = (words().items)(node.items);
        format!(" {items} {}", outline.closing(index).unwrap_or("…"))
    });
    Some(view! {
        <div class="row" style:padding-left=format!("{indent}px")>
            {folds.then(|| view! { <FoldButton tree index /> })}
            {node.key.as_ref().map(|key| view! {
                {line_start(Some("key"), outline.text(key))}
                <span class="key">": "</span>
            })}
            {line_start(is_bracket.then_some("key"), outline.text(&node.text))}
            {node.is_cut.then(|| view! { <span class="notice">"…"</span> })}
            {empty_end.map(|end| view! { <span class="key">{end}</span> })}
            {items.map(|items| view! { <span class="items">{items}</span> })}
        </div>
    })
}

#[component]
fn FoldButton(tree: Tree, index: usize) -> impl IntoView {
    let folded = tree.folded;
    let label = label(&tree.outline, &tree.outline.nodes()[index]);
    view! {
        <button
            type="button"
            class="fold"
            aria-expanded=move || folded.with(|folded| !folded[index]).to_string()
            aria-label=label
            on:click=move |_| tree.fold(|folded| folded[index] = !folded[index])
        />
    }
}

/// `"key", 2 items`
fn label(outline: &Outline, node: &Node) -> String {
    let items = (words().items)(node.items);
    match &node.key {
        Some(key) => format!("{}, {items}", outline.text(key)),
        None => items,
    }
}
