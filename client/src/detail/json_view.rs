//! JSON view: a tree whose objects and arrays fold, with a current row to copy the value or the
//! path of.

use std::{ops::Range, sync::Arc};

use leptos::{ev, prelude::*, tachys::html::attribute::custom::custom_attribute};
use workbench::{
    log::Marker,
    payload::{Kind, Node, Outline, OutlineLine},
};

use super::{
    columns::columns,
    rows::{Ids, Rows, line_start, rows_viewport, without_breaks},
    words::words,
};
use crate::{
    browser::{clipboard::has_selection, dom::keyboard::has_modifier},
    ui::{
        button::Button,
        marked::{Marking, with_matches},
        viewport::Viewport,
    },
};

/// Levels that indent a row further, at most: deeper ones would push it out of view.
const MAX_INDENT: usize = 32;
/// CSS pixels of a level of indentation.
const INDENT: usize = 16;
/// CSS pixels of the fold button before a row.
const FOLD_WIDTH: usize = 24;
/// Columns that an indentation takes: a level, with some space to spare.
const INDENT_COLUMNS: usize = 2;
/// Columns of the fold button, of the row's end and of the scroll bar.
const EDGE_COLUMNS: usize = 8;
/// Columns of a value, at least: deep values are scrolled to.
const MIN_COLUMNS: usize = 16;

/// Lines searched for the first match to show, at most. Matches further down are marked, but not scrolled to.
const SEARCHED: usize = 2_000;

/// Outline of a message, its fold state and its current node. Copies are the same one.
#[derive(Clone, Copy)]
struct Tree {
    outline: StoredValue<Arc<Outline>>,
    /// By node: true if folded.
    folded: RwSignal<Vec<bool>>,
    /// Index of the current node, the one that keys and copy buttons act on.
    current: RwSignal<usize>,
    /// Visible lines, by the byte that each starts at: its row's id.
    lines: Memo<Arc<[OutlineLine]>>,
}

impl Tree {
    /// Tree with every node unfolded, and the first one current. `columns` is the width of the pane
    /// in characters, by which long values wrap.
    fn new(outline: Arc<Outline>, columns: Memo<usize>) -> Self {
        let folded = RwSignal::new(vec![false; outline.nodes().len()]);
        let outline = StoredValue::new(outline);
        let lines = Memo::new(move |_| {
            let (outline, columns) = (outline.get_value(), columns.get());
            let room = |node: &Node| {
                let indent = node.depth.min(MAX_INDENT) * INDENT_COLUMNS + EDGE_COLUMNS;
                let key = node.key.as_ref().map_or(0, |key| key.len() + 2);
                let room = columns.saturating_sub(indent);
                (room.saturating_sub(key).max(MIN_COLUMNS), room.max(MIN_COLUMNS))
            };
            folded.with(|folded| outline.wrapped_lines(|index| folded[index], room)).into()
        });
        Self { outline, folded, current: RwSignal::new(0), lines }
    }

    /// Line of the row with this id. `None` if the row is folded away.
    fn line(self, id: usize) -> Option<OutlineLine> {
        self.lines.with(|lines| {
            let place = lines.binary_search_by_key(&id, |line| line.text.start).ok()?;
            Some(lines[place].clone())
        })
    }

    /// Folds all but the top level.
    fn fold_all(self) {
        self.folded.update(|folded| folded.iter_mut().skip(1).for_each(|it| *it = true));
    }

    /// Unfolds all nodes, at every level.
    fn unfold_all(self) {
        self.folded.update(|folded| folded.fill(false));
    }

    /// Folds the current node; if it has nothing to fold, goes to the one around it. The ARIA
    /// pattern of a tree: the left arrow.
    fn fold_or_leave(self, viewport: Viewport) {
        let current = self.current.get_untracked();
        let outline = self.outline.get_value();
        let nodes = outline.nodes();
        if folds(&outline, current) && !self.is_folded(current) {
            self.folded.update(|folded| folded[current] = true);
        } else if let Some(around) =
            nodes[..current].iter().rposition(|node| node.depth < nodes[current].depth)
        {
            self.go_to(around, viewport);
        }
    }

    /// Unfolds the current node; if it is unfolded, goes to the first in it. The ARIA pattern of a
    /// tree: the right arrow.
    fn unfold_or_enter(self, viewport: Viewport) {
        let current = self.current.get_untracked();
        if self.is_folded(current) {
            self.folded.update(|folded| folded[current] = false);
        } else if folds(&self.outline.get_value(), current) {
            self.go_to(current + 1, viewport);
        }
    }

    /// Folding state of the node `index`, untracked: key handlers ask for it. False for no node, as
    /// in the tree of a message that is not JSON.
    fn is_folded(self, index: usize) -> bool {
        self.folded.with_untracked(|folded| folded.get(index).copied().unwrap_or(false))
    }

    /// `true` for an unfolded node, as the value of an attribute.
    fn is_expanded(self, index: usize) -> String {
        self.folded.with(|folded| !folded[index]).to_string()
    }

    /// `true` for the current node, as the value of an attribute.
    fn is_current(self, index: usize) -> String {
        (self.current.get() == index).to_string()
    }

    /// Makes a node current, and reveals it.
    fn go_to(self, node: usize, viewport: Viewport) {
        self.current.set(node);
        let line = self.lines.with_untracked(|it| it.partition_point(|line| line.node < node));
        viewport.reveal(line as u64);
    }

    /// First line with a match, of the first [`SEARCHED`]. Keys count as well as values. `None` for no match.
    fn first_match(self, marker: &mut Marker) -> Option<u64> {
        let outline = self.outline.get_value();
        let mut matches = |text: &Range<usize>| !marker.marks(outline.text(text), 1).is_empty();
        let line = self.lines.with_untracked(|lines| {
            lines.iter().take(SEARCHED).position(|line| {
                let key = outline.nodes().get(line.node).and_then(|node| node.key.as_ref());
                matches(&line.text) || key.is_some_and(&mut matches)
            })
        });
        line.map(|line| line as u64)
    }

    /// Makes the node before or after the current one current, and reveals it. Nodes that are
    /// folded away are skipped; at either end nothing happens.
    fn step(self, is_back: bool, viewport: Viewport) {
        let current = self.current.get_untracked();
        let node = self.lines.with_untracked(|lines| {
            let place = if is_back {
                lines.partition_point(|line| line.node < current).checked_sub(1)?
            } else {
                lines.partition_point(|line| line.node <= current)
            };
            Some(lines.get(place)?.node)
        });
        if let Some(node) = node {
            self.go_to(node, viewport);
        }
    }

    /// Text of the current value, as it stands in the message: numbers keep their digits. `None` if only its start is
    /// known.
    fn value(self) -> Option<String> {
        self.outline.with_value(|it| it.value(self.current.get_untracked()).map(str::to_owned))
    }

    /// True if only the start of the current value is known.
    fn is_cut(self) -> bool {
        self.outline.with_value(|it| it.value(self.current.get()).is_none())
    }

    /// Path of the current node from the root, as in `data.items[0].id`. Tracks the current node.
    fn path(self) -> String {
        self.outline.with_value(|it| it.path(self.current.get()))
    }
}

/// Tree (ARIA `role="tree"`) of a message that is JSON or ends in JSON, with fold and copy buttons
/// above it. Arrow keys walk and fold it.
///
/// Scrolls to the first match of the search once it is laid out.
#[component]
pub(super) fn JsonView(outline: Arc<Outline>, on_copy_text: Callback<String>) -> impl IntoView {
    let (scroller, probe) = (NodeRef::new(), NodeRef::new());
    let tree = Tree::new(outline, columns(scroller, probe));
    let line_ids =
        move || tree.lines.with(|lines| lines.iter().map(|line| line.text.start).collect());
    let ids: Ids = Memo::new(move |_| line_ids()).into();
    let viewport = rows_viewport(scroller, ids);
    let is_laid_out = Memo::new(move |_| viewport.is_laid_out());
    Effect::new(move || {
        if let Some(mut marker) = Marking::marker()
            && is_laid_out.get()
            && let Some(line) = tree.first_match(&mut marker)
        {
            // After the effect that sets the spacer's height.
            queue_microtask(move || viewport.reveal(line));
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let copies = (event.ctrl_key() || event.meta_key()) && !has_selection();
        match event.key().as_str() {
            "c" if copies => match tree.value() {
                Some(value) => on_copy_text.run(value),
                None => return,
            },
            _ if has_modifier(&event) => return,
            "ArrowDown" => tree.step(false, viewport),
            "ArrowUp" => tree.step(true, viewport),
            "ArrowLeft" => tree.fold_or_leave(viewport),
            "ArrowRight" => tree.unfold_or_enter(viewport),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="detail-view">
            <Tools tree on_copy_text />
            <div class="probe" node_ref=probe></div>
            <Rows
                label="JSON"
                role="tree"
                ids
                viewport
                row=Callback::new(move |id| view! { <JsonRow tree id /> }.into_any())
                active=Signal::derive(move || Some(format!("json-{}", tree.current.get())))
                on_key=Some(Callback::new(on_key))
            />
        </div>
    }
}

/// Buttons of the tree, the text before the JSON, the path of the current node with what copies it, and the
/// place at which cut or wrong JSON ends.
#[component]
fn Tools(tree: Tree, on_copy_text: Callback<String>) -> impl IntoView {
    let words = words();
    let (prefix, end) = tree.outline.with_value(|outline| {
        let prefix = outline.prefix();
        let prefix = (!prefix.is_empty()).then(|| without_breaks(prefix));
        (prefix, (words.outline_end)(outline.end()))
    });
    let copy_value = move || tree.value().into_iter().for_each(|value| on_copy_text.run(value));
    view! {
        <div class="detail-tools">
            <Button class="plain" label=words.fold_all on_click=move || tree.fold_all() />
            <Button class="plain" label=words.unfold_all on_click=move || tree.unfold_all() />
            <code class="json-prefix">{prefix}</code>
            <div class="json-current">
                <code class="json-path" data-title=words.path title=move || tree.path()>
                    {move || without_breaks(&tree.path())}
                </code>
                <Button
                    class="plain copy-value"
                    label=words.copy_value
                    is_hidden=Signal::derive(move || tree.is_cut())
                    on_click=copy_value
                />
                <span class="notice">{move || tree.is_cut().then_some(words.cut_value)}</span>
                <Button
                    class="plain copy-path"
                    label=words.copy_path
                    on_click=move || on_copy_text.run(untrack(|| tree.path()))
                />
            </div>
            <p class="notice">{end}</p>
        </div>
    }
}

/// Row of the tree, by the byte at which its line starts. The first line of a node has its key, its
/// fold button and its role; further lines of a long value have the text alone.
#[component]
fn JsonRow(tree: Tree, id: usize) -> impl IntoView {
    let outline = tree.outline.get_value();
    let index = untrack(|| tree.line(id))?.node;
    let node = outline.nodes().get(index)?.clone();
    let is_first = id == node.text.start;
    let indent = FOLD_WIDTH + node.depth.min(MAX_INDENT) * INDENT;
    let choose = move |_| tree.current.set(index);
    let range = Memo::new(move |_| tree.line(id).map(|line| line.text));
    let text = {
        let outline = outline.clone();
        move || range.get().map(|range: Range<usize>| with_matches(outline.text(&range), |_| false))
    };
    let cut = (node.is_cut, node.text.end);
    let cut = move || {
        let is_last = range.with(|range| range.as_ref().is_some_and(|range| range.end == cut.1));
        (cut.0 && is_last).then(|| view! { <span class="notice">"…"</span> })
    };
    let key = node.key.as_ref().filter(|_| is_first).map(|key| {
        view! { {line_start(Some("key"), outline.text(key), 0)} <span class="key">": "</span> }
    });
    let empty_end = outline.closing_of_empty(index).filter(|_| is_first).map(str::to_owned);
    let folds = is_first && folds(&outline, index);
    // Hidden by the style sheet while unfolded.
    let items = folds.then(|| {
        let items = (words().items)(node.items);
        format!(" {items} {}", outline.closing(index).unwrap_or("…"))
    });
    Some(view! {
        <div
            class="row json-row"
            id=is_first.then(|| format!("json-{index}"))
            role=if is_first { "treeitem" } else { "none" }
            // Leptos has no method for it.
            {..custom_attribute("aria-level", is_first.then(|| (node.depth + 1).to_string()))}
            aria-expanded=move || folds.then(|| tree.is_expanded(index))
            aria-selected=move || is_first.then(|| tree.is_current(index))
            data-current=move || tree.is_current(index)
            style:padding-left=format!("{indent}px")
            on:click=choose
        >
            {folds.then(|| view! { <FoldButton tree index /> })}
            {key}
            <span class=class(node.kind)>{move || text()}</span>
            {move || cut()}
            {empty_end.map(|end| view! { <span class="bracket">{end}</span> })}
            {items.map(|items| view! { <span class="items">{items}</span> })}
        </div>
    })
}

/// `true` for an object or array that is not empty.
fn folds(outline: &Outline, index: usize) -> bool {
    outline.nodes().get(index).is_some_and(|node| node.kind.is_opening())
        && outline.closing_of_empty(index).is_none()
}

/// Class by type, for its color.
fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Object | Kind::Array | Kind::ObjectEnd | Kind::ArrayEnd => "bracket",
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Word => "word",
    }
}

/// Fold button of a node. Its label names the key and the number of items.
#[component]
fn FoldButton(tree: Tree, index: usize) -> impl IntoView {
    let folded = tree.folded;
    let label = tree.outline.with_value(|outline| label(outline, &outline.nodes()[index]));
    view! {
        <button
            type="button"
            class="fold"
            // The tree is one stop of the keyboard: arrow keys fold.
            tabindex="-1"
            aria-expanded=move || tree.is_expanded(index)
            aria-label=label
            on:click=move |_| folded.update(|folded| folded[index] = !folded[index])
        />
    }
}

/// Label of a fold button: `"key", 2 items`.
fn label(outline: &Outline, node: &Node) -> String {
    let items = (words().items)(node.items);
    match &node.key {
        Some(key) => format!("{}, {items}", outline.text(key)),
        None => items,
    }
}
