//! What passed, in one line: what has no room in it is left to the view that unfolds.

use std::time::Duration;

use leptos::prelude::*;
use workbench::{
    engine::Snapshot,
    metrics::{RoundTrips, Tally},
};

use super::{Measured, VIEW, charts::plot, words::words};
use crate::{language::format, ui::element::Element};

pub(super) fn line(measured: Measured, is_unfolded: RwSignal<bool>) -> Element {
    let (words, figures) = (words(), format());
    let rate = move |messages: u64| (words.a_second)((figures.count)(messages));
    let quantile = move |quantile: fn(RoundTrips) -> Duration| {
        let time = measured.snapshot.with(|snapshot| snapshot.round_trips.map(quantile));
        time.map_or_else(|| "–".to_owned(), figures.span)
    };
    let held = move || measured.snapshot.with(|snapshot| snapshot.held);
    let rows = Element::new("span", "")
        .text(words.held)
        .children([figure("held").live_text(move || (figures.count)(held()))])
        .live_text(move || (words.rows)(held()).to_owned());
    let fault = move || {
        let snapshot = measured.snapshot;
        snapshot.with(|snapshot| snapshot.numbered.as_ref().and_then(words.fault))
    };
    let tallies = Element::new("div", "tallies")
        .children([
            tally(measured, "sent", words.sent, |snapshot| snapshot.sent),
            tally(measured, "received", words.received, |snapshot| snapshot.received),
            rate_of("↑", words.sent, move || rate(measured.last().sent.messages)),
            rate_of("↓", words.received, move || rate(measured.last().received.messages)),
            named("p50", move || quantile(|it| it.p50)),
            named("p99", move || quantile(|it| it.p99)),
        ])
        .child(plot("sparkline", measured.messages, Box::new(|| None)))
        .children([rows]);
    let fault = Element::new("strong", "fault").live_text(move || fault().unwrap_or_default());
    let unfold =
        Element::button("plain unfold-measure", move || is_unfolded.update(|it| *it = !*it))
            .attribute("aria-controls", VIEW)
            .live("aria-expanded", move || Some(is_unfolded.get().to_string()))
            .text(words.title)
            .children([Element::new("span", "fold-mark").attribute("aria-hidden", "true")]);
    Element::new("div", "measure-line").children([tallies, fault, unfold])
}

fn figure(name: &'static str) -> Element {
    Element::new("b", "").attribute("data-count", name)
}

fn tally(
    measured: Measured,
    name: &'static str,
    label: &str,
    tally: fn(&Snapshot) -> Tally,
) -> Element {
    let figures = format();
    let of = move || measured.snapshot.with(|snapshot| tally(snapshot));
    Element::new("span", "tally")
        .text(label)
        .children([figure(name).live_text(move || (figures.count)(of().messages))])
        .children([Element::new("span", "size")
            .live_text(move || format!("({})", (figures.size)(of().bytes)))])
}

fn named(name: &'static str, figure: impl Fn() -> String + Send + 'static) -> Element {
    Element::new("span", "").text(name).children([self::figure(name).live_text(figure)])
}

/// A rate behind an arrow, which `label` stands for when it is read out.
fn rate_of(
    arrow: &'static str,
    label: &'static str,
    rate: impl Fn() -> String + Send + 'static,
) -> Element {
    let arrow = Element::new("span", "").attribute("aria-hidden", "true").text(arrow);
    let label = Element::new("span", "spoken").text(label);
    Element::new("span", "").children([arrow, label, figure("rate").live_text(rate)])
}
