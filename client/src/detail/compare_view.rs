//! Two messages line by line, the earlier one first.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Change, Comparison, Inspected, Shown};

use super::{
    header::summary,
    rows::{Ids, Row, rows},
    words::words,
};
use crate::ui::element::Element;

pub(super) fn compare_view(message: Arc<Inspected>, other: Option<Arc<Inspected>>) -> AnyView {
    let words = words();
    let Some(other) = other.filter(|other| other.id != message.id) else {
        return Element::new("p", "detail-hint notice").text(words.pick_another).view();
    };
    let (before, after) = if message.id < other.id { (message, other) } else { (other, message) };
    let comparison = Comparison::new(&before, &after);
    let result = (words.compared)(&comparison);
    // Ids of rows are their places; those of rows that stand for others come after them.
    let count = comparison.rows.len();
    let shortened = comparison.shortened();
    let id = |(place, shown): (usize, &Shown)| match shown {
        Shown::Row(row) => *row,
        Shown::LeftOut(_) => count + place,
    };
    let changes: Arc<[usize]> = shortened.iter().enumerate().map(id).collect();
    let ids = Ids::new(changes.clone());
    let row =
        move |id: usize| match (comparison.rows.get(id), shortened.get(id.wrapping_sub(count))) {
            (Some(line), _) => row(line),
            (None, Some(Shown::LeftOut(lines))) => {
                let cells = vec![("", (words.left_out)(*lines))];
                Row { class: "row left-out", cells, ..Row::default() }
            }
            (None, _) => Row::default(),
        };
    // A mark stays on one line with its message.
    let marked = |mark, message: &Inspected| {
        Element::new("div", "marked").text(mark).children([summary(message)])
    };
    let legend =
        Element::new("div", "detail-tools").children([marked("−", &before), marked("+", &after)]);
    let tools = Element::new("div", "detail-tools").children([
        Element::button("plain", move || ids.set(changes.clone())).text(words.changes),
        Element::button("plain", move || ids.set((0..count).collect())).text(words.all_lines),
        Element::new("p", "notice").text(&result),
    ]);
    let rows = rows(words.differences, ids, Arc::new(row));
    Element::new("div", "detail-view").children([legend, tools, rows]).view()
}

fn row(line: &workbench::payload::ComparedRow) -> Row {
    let (class, mark, meaning) = match line.change {
        Change::Same => ("row compare-row", " ", ""),
        Change::Removed => ("row compare-row removed", "−", words().only_in_first),
        Change::Added => ("row compare-row added", "+", words().only_in_second),
    };
    let number = |number: Option<usize>| number.map_or(String::new(), |it| it.to_string());
    let numbers = format!("{:>5} {:>5}", number(line.before), number(line.after));
    let cells = vec![("numbers", numbers), ("mark", mark.to_owned())];
    let mut row = Row { class, indent: 12, cells, ..Row::default() };
    if !meaning.is_empty() {
        row.cells.push(("spoken", meaning.to_owned()));
    }
    row.push_start("", &line.text);
    row
}
