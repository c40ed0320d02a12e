//! Summary line: counts, rates, round-trip percentiles and faults of a numbered stream.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;
use workbench::{
    engine::Snapshot,
    metrics::{RoundTrips, Tally},
};

use super::{measured::Measured, plot::Plot, words::words};
use crate::language::{format, shared};

/// Id of the dock that the button unfolds.
pub(super) const PANEL: &str = "measured";

/// Summary of the metrics, and the button that unfolds the dock. Tallies and percentiles follow each
/// snapshot, rates whole seconds.
#[component]
pub fn MetricsBar(
    measured: Measured,
    /// True while the dock is open.
    is_unfolded: RwSignal<bool>,
) -> impl IntoView {
    let words = words();
    let snapshot = measured.snapshot;
    let stored = move || snapshot.with(|snapshot| snapshot.held);
    let fault = move || snapshot.with(|snapshot| snapshot.numbered.as_ref().and_then(words.fault));
    view! {
        <footer class="measure">
            <div class="tallies">
                <Traffic
                    snapshot
                    name="sent"
                    arrow="↑"
                    label=shared().sent
                    tally=|it| it.sent
                    rate=Signal::derive(move || measured.last().sent.messages)
                />
                <Traffic
                    snapshot
                    name="received"
                    arrow="↓"
                    label=shared().received
                    tally=|it| it.received
                    rate=Signal::derive(move || measured.last().received.messages)
                />
                <span class="percentiles" title=words.percentiles>
                    <Percentile snapshot name="p50" percentile=|it| it.p50 />
                    <Percentile snapshot name="p99" percentile=|it| it.p99 />
                </span>
                <span class="stored">
                    <b data-count="held">{move || (format().count)(stored())}</b>
                    {move || (words.rows)(stored())}
                </span>
                <Plot class="sparkline" chart=measured.messages />
            </div>
            <strong class="fault">{move || fault()}</strong>
            <button
                type="button"
                class="plain unfold-measure"
                aria-controls=PANEL
                aria-expanded=move || is_unfolded.get().to_string()
                on:click=move |_| is_unfolded.update(|it| *it = !*it)
            >
                {words.title}
                <span class="fold-mark" aria-hidden="true" />
            </button>
        </footer>
    }
}

/// Messages and bytes of one direction in total, and messages in the last whole second. Screen readers read the arrow
/// as `label`.
#[component]
fn Traffic(
    snapshot: Signal<Arc<Snapshot>>,
    /// Name in `data-count`, by which tests find it.
    name: &'static str,
    arrow: &'static str,
    label: &'static str,
    tally: fn(&Snapshot) -> Tally,
    rate: Signal<u64>,
) -> impl IntoView {
    let tally = move || snapshot.with(|snapshot| tally(snapshot));
    view! {
        <span class="tally">
            <span aria-hidden="true">{arrow}</span>
            <span class="spoken">{label}</span>
            <b data-count=name>{move || (format().count)(tally().messages)}</b>
            <span class="size">{move || format!("({})", (format().size)(tally().bytes))}</span>
            <b class="rate">{move || (words().per_second)((format().count)(rate.get()))}</b>
        </span>
    }
}

/// Percentile of the round trips; a dash before the first.
#[component]
fn Percentile(
    snapshot: Signal<Arc<Snapshot>>,
    /// Name of the percentile, the same in every language.
    name: &'static str,
    percentile: fn(RoundTrips) -> Duration,
) -> impl IntoView {
    let time = move || snapshot.with(|snapshot| snapshot.round_trips.map(percentile));
    let micros = move || time().and_then(|it| u64::try_from(it.as_micros()).ok());
    view! {
        {name}
        // The label is rounded, which a benchmark must not be.
        <b data-count=name data-micros=move || micros().map(|it| it.to_string())>
            {move || time().map_or_else(|| "–".to_owned(), format().span)}
        </b>
    }
}
