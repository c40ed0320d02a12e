//! The figures in groups: of what passed, of round trips, and of a numbered stream. They change
//! once a second.

use std::ops::Range;

use workbench::metrics::{Numbered, RoundTrips, Tally};

use super::{Measured, words::words};
use crate::{language::format, ui::element::Element};

/// A label and its figure.
type Row = (&'static str, String);

pub(super) fn groups(measured: Measured) -> Element {
    let words = words();
    let round_trips = move || {
        let of = measured.each_second(|snapshot| snapshot.round_trips);
        of.map(rows_of_round_trips).ok_or(words.no_round_trips)
    };
    let numbered = move || {
        let of = measured.each_second(|snapshot| snapshot.numbered.as_ref().map(rows_of_stream));
        of.ok_or(words.not_numbered)
    };
    Element::new("div", "groups").children([
        group(words.passed, move || Ok(rows_of_tallies(measured))),
        group(words.round_trips.title, round_trips),
        group(words.numbered, numbered),
    ])
}

/// Rows, or a sentence that says why there are none.
fn group(
    title: &str,
    rows: impl Fn() -> Result<Vec<Row>, &'static str> + Send + 'static,
) -> Element {
    let content = move || match rows() {
        Ok(rows) => Element::new("dl", "").children(rows.into_iter().map(row)).view(),
        Err(sentence) => Element::new("p", "notice").text(sentence).view(),
    };
    Element::new("div", "group").children([Element::new("h2", "").text(title)]).live_child(content)
}

fn row((label, figure): Row) -> Element {
    Element::new("div", "")
        .children([Element::new("dt", "").text(label), Element::new("dd", "").text(&figure)])
}

/// How much in all, and how much in the last second.
fn rows_of_tallies(measured: Measured) -> Vec<Row> {
    let (words, figures) = (words(), format());
    let row = |all: Tally, last: Tally| {
        let [all_bytes, last_bytes] = [all, last].map(|it| (figures.size)(it.bytes));
        let [all, last] = [all, last].map(|it| (figures.count)(it.messages));
        let [last, last_bytes] = [last, last_bytes].map(words.a_second);
        format!("{all} ({all_bytes}), {last} ({last_bytes})")
    };
    let (sent, received) = measured.each_second(|snapshot| (snapshot.sent, snapshot.received));
    let last = measured.last();
    vec![(words.sent, row(sent, last.sent)), (words.received, row(received, last.received))]
}

fn rows_of_round_trips(of: RoundTrips) -> Vec<Row> {
    let (words, figures) = (words(), format());
    vec![
        ("p50", (figures.span)(of.p50)),
        ("p95", (figures.span)(of.p95)),
        ("p99", (figures.span)(of.p99)),
        (words.longest, (figures.span)(of.longest)),
        (words.count, (figures.count)(of.count)),
    ]
}

fn rows_of_stream(of: &Numbered) -> Vec<Row> {
    let (words, count) = (words(), format().count);
    let missing = match of.missing {
        0 => count(0),
        missing => format!("{}: {}", count(missing), gaps(of)),
    };
    vec![
        (words.numbers, (words.form)(of.form).to_owned()),
        (words.next, of.next.to_string()),
        (words.missing, missing),
        (words.repeats, count(of.repeats)),
        (words.late, count(of.late)),
    ]
}

/// `… 5, 7–9`: the newest gaps, the newest last.
fn gaps(of: &Numbered) -> String {
    let shown: u64 = of.gaps.iter().map(|gap| gap.end - gap.start).sum();
    let gap = |gap: &Range<u64>| match gap.end - gap.start {
        1 => gap.start.to_string(),
        _ => format!("{}–{}", gap.start, gap.end - 1),
    };
    let gaps = of.gaps.iter().map(gap).collect::<Vec<_>>().join(", ");
    if shown < of.missing { format!("… {gaps}") } else { gaps }
}
