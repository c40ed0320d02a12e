//! Two messages line by line, the earlier one first.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::{Change, Comparison, Inspected, Shown};

use super::{
    button,
    header::summary,
    rows::{Ids, Row, rows},
    words,
};

pub(super) fn compare_view(message: Arc<Inspected>, other: Option<Arc<Inspected>>) -> AnyView {
    let Some(other) = other.filter(|other| other.id != message.id) else {
        return view! { <p class="detail-hint notice">{words::PICK_ANOTHER}</p> }.into_any();
    };
    let (before, after) = if message.id < other.id { (message, other) } else { (other, message) };
    let comparison = Comparison::new(&before, &after);
    let result = words::differences(&comparison);
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
                let cells = vec![("", words::left_out(*lines))];
                Row { class: "row left-out", cells, ..Row::default() }
            }
            (None, _) => Row::default(),
        };
    view! {
        <div class="detail-tools compared">
            "− " {summary(&before)} "+ " {summary(&after)}
        </div>
        <div class="detail-tools">
            {button(words::CHANGES, move || ids.set(changes.clone()))}
            {button(words::ALL_LINES, move || ids.set((0..count).collect()))}
            <p class="notice">{result}</p>
        </div>
        {rows(words::DIFFERENCES, ids, Arc::new(row))}
    }
    .into_any()
}

fn row(line: &workbench::detail::Row) -> Row {
    let (class, mark, meaning) = match line.change {
        Change::Same => ("row compare-row", " ", ""),
        Change::Removed => ("row compare-row removed", "−", words::ONLY_IN_FIRST),
        Change::Added => ("row compare-row added", "+", words::ONLY_IN_SECOND),
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
