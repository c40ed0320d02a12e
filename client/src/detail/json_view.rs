//! The message as a JSON tree that folds.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::Outline;

use super::{
    rows::{Ids, Row, rows},
    words::words,
};
use crate::ui::element::Element;

/// Objects and arrays that indent a row further, at most: deeper ones would push it out of view.
const MAX_INDENT: usize = 32;
const INDENT: usize = 16;
/// The button that folds stands before the row.
const FOLD: usize = 24;

/// An outline, and what of it is folded.
#[derive(Clone)]
struct Tree {
    outline: Arc<Outline>,
    /// For each node whether it is folded.
    folded: RwSignal<Vec<bool>>,
    /// The nodes that have a row.
    ids: Ids,
}

impl Tree {
    fn fold(&self, change: impl FnOnce(&mut Vec<bool>)) {
        self.folded.update(change);
        self.ids.set(self.folded.with_untracked(|folded| lines(&self.outline, folded)));
    }

    fn row(&self, index: usize) -> Row {
        let mut row = Row { class: "row", ..Row::default() };
        let outline = &self.outline;
        let Some(node) = outline.nodes().get(index) else { return row };
        row.indent = FOLD + node.depth.min(MAX_INDENT) * INDENT;
        if let Some(key) = &node.key {
            row.push_start("key", outline.text(key));
            row.cells.push(("key", ": ".to_owned()));
        }
        let is_bracket = node.kind.is_opening() || node.kind.is_closing();
        row.push_start(if is_bracket { "key" } else { "" }, outline.text(&node.text));
        if node.is_cut {
            row.cells.push(("notice", "…".to_owned()));
        }
        if let Some(closing) = outline.closing_of_empty(index) {
            row.cells.push(("key", closing.to_owned()));
        } else if node.kind.is_opening() {
            let items = (words().items)(node.items);
            row.fold = Some(self.fold_button(index));
            let closing = outline.closing(index).unwrap_or("…");
            // Shown when folded.
            row.cells.push(("items", format!(" {items} {closing}")));
        }
        row
    }

    fn fold_button(&self, index: usize) -> Element {
        let (tree, folded) = (self.clone(), self.folded);
        let node = &self.outline.nodes()[index];
        let items = (words().items)(node.items);
        let label = match &node.key {
            Some(key) => format!("{}, {items}", self.outline.text(key)),
            None => items,
        };
        let is_open = move || folded.with(|folded| !folded[index]).to_string();
        let toggle = move || tree.fold(|folded| folded[index] = !folded[index]);
        Element::button("fold", toggle)
            .live("aria-expanded", move || Some(is_open()))
            .attribute("aria-label", &label)
    }
}

fn lines(outline: &Outline, folded: &[bool]) -> Arc<[usize]> {
    outline.lines(|index| folded[index]).into()
}

pub(super) fn json_view(outline: Arc<Outline>) -> AnyView {
    let words = words();
    let folded = vec![false; outline.nodes().len()];
    let ids = Ids::new(lines(&outline, &folded));
    let tree = Tree { outline, folded: RwSignal::new(folded), ids };
    let (all, none) = (tree.clone(), tree.clone());
    // What is at the top stays open: it is what the person looks at.
    let fold_all = move || all.fold(|folded| folded.iter_mut().skip(1).for_each(|it| *it = true));
    let unfold_all = move || none.fold(|folded| folded.fill(false));
    let tools = Element::new("div", "detail-tools").children([
        Element::button("plain", fold_all).text(words.fold_all),
        Element::button("plain", unfold_all).text(words.unfold_all),
        Element::new("p", "notice").text(&(words.end)(tree.outline.end()).unwrap_or_default()),
    ]);
    let rows = rows("JSON", ids, Arc::new(move |index| tree.row(index)));
    Element::new("div", "detail-view").children([tools, rows]).view()
}
