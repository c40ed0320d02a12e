//! The last minute as two charts under one cursor, drawn anew once a second.

use std::time::Duration;

use leptos::{ev, prelude::*};
use workbench::metrics::{Chart, HEIGHT, WIDTH};

use super::{
    Measured,
    cursor::Cursor,
    words::{ChartWords, words},
};
use crate::{
    language::format,
    ui::element::{Element, Place},
};

/// Both charts, as one slider from the oldest second to the newest.
pub(super) fn charts(measured: Measured, cursor: Cursor) -> Element {
    let words = words();
    let (count, span) = (words_of_count, words_of_micros);
    let round_trips =
        Memo::new(move |_| measured.seconds.with(|seconds| Chart::of_round_trips(seconds)));
    let on_key = move |event: ev::KeyboardEvent| {
        if cursor.press(&event.key()) {
            event.prevent_default();
        }
    };
    Element::new("div", "charts")
        .attribute("role", "slider")
        .attribute("tabindex", "0")
        .attribute("aria-label", words.charts)
        .attribute("aria-valuemin", "0")
        .attribute("aria-valuemax", &WIDTH.to_string())
        .live("aria-valuenow", move || Some(cursor.place().unwrap_or(WIDTH).to_string()))
        .live("aria-valuetext", move || {
            Some(cursor.time().unwrap_or_else(|| words.how_to_read.to_owned()))
        })
        .on("keydown", on_key)
        .children([
            chart("chart", &words.messages, measured.messages, count, cursor),
            chart("chart of-time", &words.round_trips, round_trips, span, cursor),
        ])
}

fn words_of_count(value: u64) -> String {
    (format().count)(value)
}

fn words_of_micros(value: u64) -> String {
    (format().span)(Duration::from_micros(value))
}

fn chart(
    class: &str,
    words: &'static ChartWords,
    chart: Memo<Chart>,
    label: fn(u64) -> String,
    cursor: Cursor,
) -> Element {
    let legend = |line: usize| {
        let line_like_it = Element::new("span", if line == 0 { "dashed" } else { "solid" });
        Element::new("span", "legend").children([line_like_it]).text(words.lines[line])
    };
    let title = Element::new("p", "chart-title").text(words.title);
    let nothing = move || if chart.with(Chart::is_empty) { words.nothing } else { "" }.to_owned();
    let area = Place::new();
    let point = move |event: ev::PointerEvent| {
        if let Some(area) = area.get_untracked() {
            cursor.put(place_at(event.offset_x(), area.client_width()));
        }
    };
    let line = move || cursor.place().map(|place| format!("M{place} 0V{HEIGHT}"));
    let area = Element::new("div", "plot-area")
        .at(area)
        .on("pointermove", point)
        .on("pointerdown", point)
        .on("pointerleave", move |_: ev::PointerEvent| cursor.take_away())
        .child(plot("plot", chart, Box::new(line)))
        .children([Element::new("p", "nothing notice").live_text(nothing)]);
    Element::new("div", class).children([
        title.children([legend(0), legend(1)]),
        scale(chart, label),
        area,
        times(),
    ])
}

/// The values beside the marks. They change only with the scale.
fn scale(chart: Memo<Chart>, label: fn(u64) -> String) -> Element {
    let scale = Memo::new(move |_| chart.with(|chart| chart.scale));
    Element::new("div", "chart-scale").live_child(move || {
        let mark = |value| Element::new("span", "").text(&label(value)).view();
        scale.get().marks().map(mark).collect::<Vec<_>>().into_any()
    })
}

fn times() -> Element {
    let words = words();
    let times = [words.a_minute_ago, words.half_a_minute_ago, words.now];
    Element::new("div", "chart-times")
        .children(times.map(|time| Element::new("span", "").text(time)))
}

/// The lines of a chart, stretched to wherever they are, and one down at its cursor.
pub(super) fn plot(
    class: &'static str,
    chart: Memo<Chart>,
    cursor: Box<dyn Fn() -> Option<String> + Send>,
) -> AnyView {
    let grid = Memo::new(move |_| chart.with(|chart| chart.scale.grid()));
    let line = move |which: usize| move || chart.with(|chart| chart.lines[which].clone());
    view! {
        <svg
            class=class
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <path class="grid" d=move || grid.get() />
            <path class="solid" d=line(1) />
            <path class="dashed" d=line(0) />
            <path class="cursor" d=cursor />
        </svg>
    }
    .into_any()
}

/// The second at so many pixels of a chart's width.
fn place_at(x: i32, width: i32) -> usize {
    let seconds = i32::try_from(WIDTH).unwrap_or(i32::MAX);
    let nearest = (x.saturating_mul(seconds) + width / 2).checked_div(width).unwrap_or(0);
    usize::try_from(nearest.clamp(0, seconds)).unwrap_or(0)
}
