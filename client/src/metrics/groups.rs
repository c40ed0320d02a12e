//! Values in groups: messages, round trips and a numbered stream. They change once a second.

use std::ops::Range;

use leptos::prelude::*;
use workbench::metrics::{Numbered, RoundTrips, Tally};

use super::{measured::Measured, words::words};
use crate::{
    language::{format, shared},
    ui::show::Show,
};

/// Percentiles that the summary line shows, too.
const LINE: [&str; 2] = ["p50", "p99"];

/// Label and value.
type Row = (&'static str, String);

/// Rows of a group, or the reason that there are none.
type Rows = Result<Vec<Row>, &'static str>;

/// All groups, without the values that a whole summary line (`is_line_whole`) shows already.
#[component]
pub(super) fn Groups(measured: Measured, is_line_whole: Signal<bool>) -> impl IntoView {
    let words = words();
    let round_trips = move || -> Rows {
        let round_trips = measured.each_second(|snapshot| snapshot.round_trips);
        let mut rows = round_trips.map(rows_of_round_trips).ok_or(words.no_round_trips)?;
        rows.retain(|(label, _)| !(is_line_whole.get() && LINE.contains(label)));
        Ok(rows)
    };
    let frames = move || measured.each_second(|snapshot| snapshot.control_frames);
    let totals = move || -> Rows {
        let mut rows = Vec::new();
        if !is_line_whole.get() {
            rows = rows_of_tallies(measured);
        }
        if frames() != 0 {
            rows.push((words.frames, (format().count)(frames())));
        }
        Ok(rows)
    };
    let numbered = move || {
        let rows = measured.each_second(|snapshot| snapshot.numbered.as_ref().map(rows_of_stream));
        rows.ok_or(words.not_numbered)
    };
    view! {
        <div class="groups">
            <Show when=move || !is_line_whole.get() || frames() != 0>
                <Group title=words.total rows=totals />
            </Show>
            <Group title=words.all_round_trips rows=round_trips />
            <Group title=words.numbered rows=numbered />
        </div>
    }
}

/// Titled rows, or the reason that there are none. Rows are a definition list (HTML `dl`).
#[component]
fn Group(title: &'static str, #[prop(into)] rows: Callback<(), Rows>) -> impl IntoView {
    let row = |(label, figure): Row| {
        view! {
            <div>
                <dt>{label}</dt>
                <dd>{figure}</dd>
            </div>
        }
    };
    let content = move || match rows.run(()) {
        Ok(rows) => {
            let rows = rows.into_iter().map(row).collect::<Vec<_>>();
            view! { <dl>{rows}</dl> }.into_any()
        }
        Err(reason) => view! { <p class="notice">{reason}</p> }.into_any(),
    };
    view! {
        <div class="group">
            <h2>{title}</h2>
            {move || content()}
        </div>
    }
}

/// Messages and bytes in total, and in the last second.
fn rows_of_tallies(measured: Measured) -> Vec<Row> {
    let (words, figures) = (words(), format());
    let row = |all: Tally, last: Tally| {
        let [all_bytes, last_bytes] = [all, last].map(|it| (figures.size)(it.bytes));
        let [all, last] = [all, last].map(|it| (figures.count)(it.messages));
        let [last, last_bytes] = [last, last_bytes].map(words.per_second);
        format!("{all} ({all_bytes}), {last} ({last_bytes})")
    };
    let (sent, received) = measured.each_second(|snapshot| (snapshot.sent, snapshot.received));
    let (words, last) = (shared(), measured.last());
    vec![(words.sent, row(sent, last.sent)), (words.received, row(received, last.received))]
}

/// Percentiles, maximum and count of the round trips measured by echoes.
fn rows_of_round_trips(round_trips: RoundTrips) -> Vec<Row> {
    let (words, figures) = (words(), format());
    vec![
        ("p50", (figures.span)(round_trips.p50)),
        ("p95", (figures.span)(round_trips.p95)),
        ("p99", (figures.span)(round_trips.p99)),
        (words.max, (figures.span)(round_trips.longest)),
        (words.echoes, (figures.count)(round_trips.count)),
    ]
}

/// State of a numbered stream: form of its numbers, next number, missing, repeated and late ones.
fn rows_of_stream(stream: &Numbered) -> Vec<Row> {
    let (words, count) = (words(), format().count);
    let missing = match stream.missing {
        0 => count(0),
        missing => format!("{}: {}", count(missing), gaps(stream)),
    };
    vec![
        (words.numbers, (words.form)(stream.form).to_owned()),
        (words.next, stream.next.to_string()),
        (words.missing, missing),
        (words.repeats, count(stream.repeats)),
        (words.late, count(stream.late)),
    ]
}

/// `… 5, 7–9`: the newest gaps, in ascending order. Ranges are inclusive. The ellipsis stands for
/// gaps that are no longer kept.
fn gaps(stream: &Numbered) -> String {
    let shown: u64 = stream.gaps.iter().map(|gap| gap.end - gap.start).sum();
    let gap = |gap: &Range<u64>| match gap.end - gap.start {
        1 => gap.start.to_string(),
        _ => format!("{}–{}", gap.start, gap.end - 1),
    };
    let gaps = stream.gaps.iter().map(gap).collect::<Vec<_>>().join(", ");
    if shown < stream.missing { format!("… {gaps}") } else { gaps }
}
