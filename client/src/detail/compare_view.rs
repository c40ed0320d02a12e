//! Two messages line by line, the earlier one first.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::detail::{Change, Comparison, Inspected, Shown};

use super::{
    header::summary,
    rows::{MakeRow, Rows, start_of_line},
    words,
};

#[component]
pub(super) fn CompareView(message: Arc<Inspected>, other: Arc<Inspected>) -> impl IntoView {
    if message.id == other.id {
        return view! { <p class="detail-hint notice">{words::PICK_ANOTHER}</p> }.into_any();
    }
    let (before, after) = if message.id < other.id { (message, other) } else { (other, message) };
    let comparison = Arc::new(Comparison::new(&before, &after));
    let shows_all = RwSignal::new(false);
    let result = words::differences(&comparison);
    // Ids are places in another list each time, so that the rows are made anew.
    let rows = move || rows(&comparison, shows_all.get());
    view! {
        <div class="detail-tools compared">
            <span class="removed">"− "</span>{summary(&before)}
            <span class="added">"+ "</span>{summary(&after)}
        </div>
        <div class="detail-tools">
            <p class="notice" role="status">{result}</p>
            <label class="all-lines">
                <input type="checkbox" bind:checked=shows_all />
                {words::ALL_LINES}
            </label>
        </div>
        {rows}
    }
    .into_any()
}

fn rows(comparison: &Arc<Comparison>, shows_all: bool) -> impl IntoView + use<> {
    let shown: Vec<_> = if shows_all {
        (0..comparison.rows.len()).map(Shown::Row).collect()
    } else {
        comparison.shortened()
    };
    let ids: Arc<[usize]> = (0..shown.len()).collect();
    let comparison = Arc::clone(comparison);
    let row: MakeRow = Arc::new(move |index| match shown.get(index) {
        Some(Shown::Row(place)) => row(&comparison, *place),
        Some(Shown::LeftOut(count)) => {
            view! { <div class="row left-out">"⋯ " {words::left_out(*count)}</div> }.into_any()
        }
        None => ().into_any(),
    });
    view! { <Rows label="Differences" ids=Signal::stored(ids) row /> }
}

fn row(comparison: &Comparison, place: usize) -> AnyView {
    let row = &comparison.rows[place];
    let (class, mark, meaning) = match row.change {
        Change::Same => ("row compare-row", " ", None),
        Change::Removed => ("row compare-row removed", "−", Some("only in the first")),
        Change::Added => ("row compare-row added", "+", Some("only in the second")),
    };
    let number = |number: Option<usize>| number.map_or(String::new(), |it| it.to_string());
    let numbers = format!("{:>5} {:>5}", number(row.before), number(row.after));
    view! {
        <div class=class>
            <span class="numbers">{numbers}</span>
            <span class="mark" role=meaning.map(|_| "img") aria-label=meaning>{mark}</span>
            <span>{start_of_line(&row.text)}</span>
        </div>
    }
    .into_any()
}
