//! Compare view: the lines of two messages side by side, the earlier message first.

use std::sync::Arc;

use leptos::prelude::*;
use workbench::payload::{Change, ComparedRow, Comparison, Inspected, Shown};

use super::{
    header::summary,
    rows::{MAX_SHOWN, Rows, line_start, rows_viewport, without_breaks},
    words::words,
};
use crate::ui::button::Toggle;

/// Comparison with `other`, the earlier message first; a hint while none is chosen, or the message
/// itself is. Each message is as it was fetched: a long one is compared by its start.
#[component]
pub(super) fn CompareView(message: Arc<Inspected>, other: Option<Arc<Inspected>>) -> impl IntoView {
    match other.filter(|other| other.id != message.id) {
        Some(other) if other.id < message.id => {
            view! { <Differences before=other after=message /> }.into_any()
        }
        Some(other) => view! { <Differences before=message after=other /> }.into_any(),
        None => view! { <p class="detail-hint compare-hint notice">{words().select_another}</p> }
            .into_any(),
    }
}

/// Lines of both messages in one list, shortened to the changes and some lines around them at
/// first; a button shows all lines. The comparison is computed once, as the view is created.
#[component]
fn Differences(before: Arc<Inspected>, after: Arc<Inspected>) -> impl IntoView {
    let words = words();
    let comparison = Comparison::new(&before, &after);
    let result = (words.compared)(&comparison);
    // Ids of rows are their indices; those of gaps come after them.
    let count = comparison.rows.len();
    let shortened = comparison.shortened();
    let id = |(index, shown): (usize, &Shown)| match shown {
        Shown::Row(row) => *row,
        Shown::LeftOut(_) => count + index,
    };
    let changes: Arc<[usize]> = shortened.iter().enumerate().map(id).collect();
    let is_whole = RwSignal::new(false);
    let ids = Signal::from(Memo::new(move |_| {
        if is_whole.get() { (0..count).collect() } else { changes.clone() }
    }));
    let lines = Arc::new((comparison, shortened));
    let row = Callback::new(move |id: usize| {
        let (comparison, shortened) = &*lines;
        match (comparison.rows.get(id), shortened.get(id.wrapping_sub(count))) {
            (Some(line), _) => line_row(line).into_any(),
            (None, Some(Shown::LeftOut(lines))) => gap_row(*lines).into_any(),
            (None, _) => ().into_any(),
        }
    });
    view! {
        <div class="detail-view">
            <div class="detail-tools">
                // A mark stays on one line with its message.
                <div class="marked">"−"{summary(&before)}</div>
                <div class="marked">"+"{summary(&after)}</div>
            </div>
            <div class="detail-tools">
                <div class="choices" role="group" aria-label=words.differences>
                    <Toggle
                        label=words.changes
                        title=words.changes
                        is_on=move || !is_whole.get()
                        on_click=move || is_whole.set(false)
                    />
                    <Toggle
                        label=words.all_lines
                        title=words.all_lines
                        is_on=is_whole
                        on_click=move || is_whole.set(true)
                    />
                </div>
                <p class="notice">{result}</p>
            </div>
            <Rows label=words.differences ids viewport=rows_viewport(NodeRef::new(), ids) row />
        </div>
    }
}

/// Row of one line: its numbers in both messages, a sign for the change (read out as words), and
/// the text.
fn line_row(line: &ComparedRow) -> impl IntoView + use<> {
    let (class, mark, meaning) = match line.change {
        Change::Same => ("row compare-row", " ", None),
        Change::Removed => ("row compare-row removed", "−", Some(words().only_in_first)),
        Change::Added => ("row compare-row added", "+", Some(words().only_in_second)),
    };
    let number = |number: Option<usize>| number.map_or(String::new(), |it| it.to_string());
    let numbers = format!("{:>5} {:>5}", number(line.before), number(line.after));
    view! {
        <div class=class style:padding-left="12px">
            <span class="numbers">{numbers}</span>
            <span class="mark">{mark}</span>
            {meaning.map(|meaning| view! { <span class="spoken">{meaning}</span> })}
            {marked_line(line)}
        </div>
    }
}

/// Line with the changes inside it marked. At most [`MAX_SHOWN`] bytes of the line are shown, marks
/// beyond them left out.
fn marked_line(line: &ComparedRow) -> AnyView {
    if line.marks.is_empty() {
        return line_start(None, &line.text, 0).into_any();
    }
    let shown = line.text.floor_char_boundary(MAX_SHOWN);
    let part = |from: usize, to: usize| without_breaks(&line.text[from.min(shown)..to.min(shown)]);
    let mut from = 0;
    let mut pieces = Vec::with_capacity(line.marks.len() * 2 + 1);
    for mark in line.marks.iter().filter(|mark| mark.start < shown) {
        pieces.push(part(from, mark.start).into_any());
        let changed = part(mark.start, mark.end);
        pieces.push(match line.change {
            Change::Removed => view! { <del>{changed}</del> }.into_any(),
            _ => view! { <ins>{changed}</ins> }.into_any(),
        });
        from = mark.end.min(shown);
    }
    pieces.push(line_start(None, &line.text, from).into_any());
    view! { <span>{pieces}</span> }.into_any()
}

/// Row in place of unchanged lines. It counts them; the button for all lines shows them.
fn gap_row(lines: usize) -> impl IntoView + use<> {
    view! {
        <div class="row left-out" style:padding-left="0px">
            <span>{(words().left_out)(lines)}</span>
        </div>
    }
}
