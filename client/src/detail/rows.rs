//! A long list of rows of one height, of which only those in view are made.

use std::{ops::Range, sync::Arc};

use leptos::{ev, prelude::*};
use workbench::payload::rows_in_view;

use super::{viewport::Viewport, words::words};
use crate::ui::element::Element;

/// The height of a row in pixels; `--row` in the style sheet.
const ROW: u32 = 24;
/// Bytes of a value or line that its row shows, at most: one line of that is laid out at once.
const SHOWN: usize = 1_024;

/// The ids of all rows, in order and each once. A row is made anew only if its id is new.
pub(super) type Ids = RwSignal<Arc<[usize]>>;

/// Makes the row with this id.
pub(super) type MakeRow = Arc<dyn Fn(usize) -> Row + Send + Sync>;

/// What a row shows.
#[derive(Default)]
pub(super) struct Row {
    pub(super) class: &'static str,
    /// Pixels before its first cell.
    pub(super) indent: usize,
    /// What folds the rows below it.
    pub(super) fold: Option<Element>,
    /// Classes and texts.
    pub(super) cells: Vec<(&'static str, String)>,
}

impl Row {
    /// Adds the start of a line, and in words what is not shown of it.
    pub(super) fn push_start(&mut self, class: &'static str, line: &str) {
        let start = &line[..line.floor_char_boundary(SHOWN)];
        self.cells.push((class, start.to_owned()));
        if start.len() < line.len() {
            let rest = (line.len() - start.len()) as u64;
            self.cells.push(("notice", (words().more)(rest)));
        }
    }

    fn element(self) -> Element {
        let indent = self.indent;
        let cell = |(class, text): (&'static str, String)| Element::new("span", class).text(&text);
        Element::new("div", self.class)
            .style("padding-left", move || format!("{indent}px"))
            .children(self.fold)
            .children(self.cells.into_iter().map(cell))
    }
}

pub(super) fn rows(label: &'static str, ids: Ids, make: MakeRow) -> Element {
    let viewport = Viewport::new();
    let in_view = move |ids: &[usize]| -> Range<usize> {
        let (top, height) = viewport.top_and_height();
        rows_in_view(top.into(), height.into(), ROW.into(), ids.len())
    };
    let each = move || ids.with(|ids| ids[in_view(ids)].to_vec());
    let pixels = |rows: usize| format!("{}px", rows * ROW as usize);
    let height = move || pixels(ids.with(|ids| ids.len()));
    let top = move || pixels(ids.with(|ids| in_view(ids).start));
    let shown = view! { <For each key=|id| *id children=move |id| make(id).element().view() /> };
    Element::new("div", "rows")
        .attribute("role", "group")
        .attribute("aria-label", label)
        // What scrolls must be reachable by keyboard.
        .attribute("tabindex", "0")
        .at(viewport.element)
        .on("scroll", move |_: ev::Event| viewport.look())
        .children([Element::new("div", "rows-made")
            .style("height", height)
            .style("padding-top", top)
            .child(shown.into_any())])
}
