//! Two charts of the last minute under one cursor, redrawn once a second. Both have the same time
//! axis, so that one second is read in both.

use leptos::{ev, html, prelude::*};
use workbench::{
    format::mark,
    metrics::{Chart, WIDTH},
};

use super::{
    cursor::Cursor,
    measured::Measured,
    plot::Plot,
    words::{ChartWords, words},
};
use crate::{browser::dom::keyboard::has_modifier, language::format};

/// Both charts, as one slider from the oldest second to the newest. A slider (ARIA) has a value as
/// text: the time of the second under the cursor.
#[component]
pub(super) fn Charts(measured: Measured, cursor: Cursor) -> impl IntoView {
    let words = words();
    let round_trips =
        Memo::new(move |_| measured.seconds.with(|seconds| Chart::of_round_trips(seconds)));
    let on_key = move |event: ev::KeyboardEvent| {
        if !has_modifier(&event) && cursor.on_key(&event.key()) {
            event.prevent_default();
        }
    };
    view! {
        <div
            class="charts"
            role="slider"
            tabindex="0"
            aria-label=words.charts
            aria-valuemin="0"
            aria-valuemax=WIDTH.to_string()
            aria-valuenow=move || cursor.index().unwrap_or(WIDTH).to_string()
            aria-valuetext=move || cursor.time().unwrap_or_else(|| words.how_to_read.to_owned())
            on:keydown=on_key
        >
            <ChartView
                class="chart"
                words=&words.messages
                chart=measured.messages
                label=|value, _| (format().count)(value)
                cursor
            />
            <ChartView
                class="chart of-time"
                words=&words.round_trips
                chart=round_trips
                label=mark
                cursor
            />
        </div>
    }
}

/// Chart with title, legend, scale and times; a pointer over it moves the cursor.
#[component]
fn ChartView(
    class: &'static str,
    words: &'static ChartWords,
    chart: Memo<Chart>,
    /// Text of a mark, by its value and the highest one.
    label: fn(u64, u64) -> String,
    cursor: Cursor,
) -> impl IntoView {
    let area = NodeRef::<html::Div>::new();
    let point = move |event: ev::PointerEvent| {
        if let Some(area) = area.get_untracked() {
            cursor.set(second_at(event.offset_x(), area.client_width()));
        }
    };
    let empty = move || if chart.with(Chart::is_empty) { words.empty } else { "" };
    view! {
        <div class=class>
            <p class="chart-title">
                {words.title}
                <span class="legend"><span class="dashed" />{words.lines[0]}</span>
                <span class="legend"><span class="solid" />{words.lines[1]}</span>
            </p>
            <ChartScale chart label />
            <div
                class="plot-area"
                node_ref=area
                on:pointermove=point
                on:pointerdown=point
                // A touch has no hover: the chart is left as the finger is lifted.
                on:pointerleave=move |event| if event.pointer_type() != "touch" { cursor.clear() }
            >
                <Plot class="plot" chart cursor=Signal::derive(move || cursor.index()) />
                <p class="nothing notice">{move || empty()}</p>
            </div>
            <ChartTimes />
        </div>
    }
}

/// Values beside the marks; none without data.
#[component]
fn ChartScale(chart: Memo<Chart>, label: fn(u64, u64) -> String) -> impl IntoView {
    let marks = move || {
        let scale = chart.with(|chart| (!chart.is_empty()).then_some(chart.scale))?;
        let mark = |value| view! { <span>{label(value, scale.top)}</span> };
        Some(scale.marks().map(mark).collect::<Vec<_>>())
    };
    view! { <div class="chart-scale">{move || marks()}</div> }
}

/// Times below a chart: a minute ago, half a minute ago, now.
#[component]
fn ChartTimes() -> impl IntoView {
    let words = words();
    view! {
        <div class="chart-times">
            <span>{words.a_minute_ago}</span>
            <span>{words.half_a_minute_ago}</span>
            <span>{words.now}</span>
        </div>
    }
}

/// Second of the minute at pixel `x` of a chart `width` pixels wide. The nearest one, from 0 to the
/// number of seconds; 0 for a chart without width.
fn second_at(x: i32, width: i32) -> usize {
    let seconds = i32::try_from(WIDTH).unwrap_or(i32::MAX);
    let nearest = (x.saturating_mul(seconds) + width / 2).checked_div(width).unwrap_or(0);
    usize::try_from(nearest.clamp(0, seconds)).unwrap_or(0)
}
