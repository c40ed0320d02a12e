//! Metrics in a real browser, over snapshots made by hand.

#![cfg(target_arch = "wasm32")]

mod harness;

use std::{ops::Deref, sync::Arc, time::Duration};

use client::{Measured, MetricsBar, MetricsDock, Settings};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;
use workbench::{
    engine::Snapshot,
    metrics::{Minute, NumberForm, Numbered, RoundTrips, Second, Tally},
};

use crate::harness::{GLANCE_MILLIS, Mounted, press, until};

wasm_bindgen_test_configure!(run_in_browser);

const MILLI: Duration = Duration::from_millis(1);

/// The bar and the dock, over snapshots.
struct Metrics {
    mounted: Mounted,
    snapshot: RwSignal<Arc<Snapshot>>,
}

impl Deref for Metrics {
    type Target = Mounted;

    fn deref(&self) -> &Mounted {
        &self.mounted
    }
}

impl Metrics {
    fn new(first: Snapshot, is_unfolded: bool) -> Self {
        let snapshot = RwSignal::new(Arc::new(first));
        let view = move || {
            let settings = Settings::load();
            settings.is_dock_open.set(is_unfolded);
            let measured = Measured::new(snapshot.into());
            view! {
                <MetricsDock measured settings />
                <MetricsBar measured is_unfolded=settings.is_dock_open />
            }
            .into_any()
        };
        Self { mounted: Mounted::new("", view), snapshot }
    }

    fn text(&self, selector: &str) -> String {
        self.one(selector).text_content().unwrap_or_default()
    }

    async fn reads(&self, selector: &str, expected: &str) {
        let reads = |it: &HtmlElement| it.text_content().as_deref() == Some(expected);
        until(expected, || self.all(selector).iter().any(reads)).await;
    }

    fn press(&self, key: &str) {
        press(&self.one(".charts"), key);
    }
}

/// A tab in which, ten seconds ago, four messages were sent and three came back.
fn measured() -> Snapshot {
    let (sent, received) = (tally(4), tally(3));
    let second = Second { sent, received, round_trips: 3, sum: 6 * MILLI, longest: 3 * MILLI };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of now")]
    let now = (js_sys::Date::now() / 1_000.0) as u64;
    Snapshot {
        sent,
        received,
        minute: Minute { end: now - 10, seconds: vec![second] },
        round_trips: Some(RoundTrips {
            count: 3,
            p50: 2 * MILLI,
            p95: 3 * MILLI,
            p99: 3 * MILLI,
            longest: 3 * MILLI,
        }),
        ..Snapshot::default()
    }
}

fn tally(messages: u64) -> Tally {
    Tally { messages, bytes: messages * 512 }
}

#[wasm_bindgen_test]
async fn the_line_says_what_passed_and_makes_no_chart() {
    let page = Metrics::new(measured(), false);
    assert_eq!(page.text("[data-count=sent]"), "4");
    assert_eq!(page.text("[data-count=p99]"), "3.00 ms");
    assert!(page.text(".tallies").contains("(1.5 KiB)"));
    assert_eq!(page.all(".plot, .measured").len(), 0);
    page.one(".unfold-measure").click();
    page.has(".plot", 2).await;
    page.one(".unfold-measure").click();
    page.has(".plot, .measured", 0).await;
}

#[wasm_bindgen_test]
async fn nothing_yet_says_what_will_be_there() {
    let page = Metrics::new(Snapshot::default(), true);
    assert!(page.text(".measured").contains("No messages yet."));
    page.snapshot.set(Arc::new(measured()));
    page.has(".plot", 2).await;
}

#[wasm_bindgen_test]
async fn faults_of_a_stream_stand_in_the_line_and_by_number_in_the_view() {
    let stream = |missing, gaps, repeats, late| Snapshot {
        numbered: Some(Numbered {
            form: NumberForm::Json,
            next: 120,
            received: 90,
            missing,
            gaps,
            repeats,
            late,
        }),
        ..measured()
    };
    let page = Metrics::new(stream(0, Vec::new(), 0, 0), true);
    assert_eq!(page.text(".fault"), "");
    for (snapshot, fault, row) in [
        (stream(0, Vec::new(), 0, 1), "1 out of order", "Out of order1"),
        (stream(0, Vec::new(), 2, 1), "2 duplicate numbers", "Duplicates2"),
        (stream(4, vec![5..6, 7..10], 2, 1), "4 missing", "Missing4: 5, 7–9"),
        (stream(9, vec![3..4, 7..10], 2, 1), "9 missing", "Missing9: … 3, 7–9"),
    ] {
        page.snapshot.set(Arc::new(snapshot));
        page.reads(".fault", fault).await;
        page.reads(".group dl > div", row).await;
    }
}

#[wasm_bindgen_test]
async fn arrow_keys_move_over_seconds() {
    let page = Metrics::new(measured(), true);
    assert_eq!(page.all(".cursor[d]").len(), 0);
    let hint = page.text(".readout");
    page.press("Home");
    page.has(".charts[aria-valuenow='0'] .cursor[d='M0 0V1000']", 2).await;
    page.press("ArrowLeft");
    page.press("PageUp");
    page.has(".charts[aria-valuenow='10'], .charts[aria-valuenow='9']", 1).await;
    page.press("End");
    for _ in 0..15 {
        page.press("ArrowLeft");
        TimeoutFuture::new(GLANCE_MILLIS).await;
        if page.text(".readout").contains("sent 4") {
            break;
        }
    }
    assert!(
        page.text(".readout").ends_with(
            ": sent 4 (2 KiB), received 3 (1.5 KiB); 3 round trips, mean 2.00 ms, max 3.00 ms"
        ),
        "{}",
        page.text(".readout")
    );
    assert_eq!(page.one(".readout").get_attribute("role").as_deref(), Some("status"));
    let said = page.one(".charts").get_attribute("aria-valuetext").expect("a value in words");
    assert!(!said.is_empty() && page.text(".readout").starts_with(&said), "{said}");
    page.press("Escape");
    page.reads(".readout", &hint).await;
}

#[wasm_bindgen_test]
async fn what_is_silent_slides_on_by_the_clock_of_the_page() {
    let page = Metrics::new(measured(), true);
    let line = || page.all(".plot .solid")[0].get_attribute("d");
    let first = line();
    until("another line", || line() != first).await;
}

#[wasm_bindgen_test]
async fn a_table_has_the_seconds_in_which_something_passed() {
    let page = Metrics::new(measured(), true);
    assert_eq!(page.all("table").len(), 0);
    page.one(".as-table > summary").click();
    page.has("tbody tr", 1).await;
    let cells: Vec<_> =
        page.all("tbody td").iter().filter_map(|cell| cell.text_content()).collect();
    assert_eq!(cells, ["4", "2 KiB", "3", "1.5 KiB", "3", "2.00 ms", "3.00 ms"]);
    assert!(page.text("caption").contains("newest first"), "{}", page.text("caption"));
    assert_eq!(page.all("th[scope=col]").len(), 8);
    page.one(".as-table > summary").click();
    page.has("table", 0).await;
}

#[wasm_bindgen_test]
async fn a_chart_without_echoes_says_so() {
    let minute = measured().minute;
    let silent = Second { round_trips: 0, ..minute.seconds[0] };
    let minute = Minute { seconds: vec![silent], ..minute };
    let page = Metrics::new(Snapshot { minute, round_trips: None, ..measured() }, true);
    page.reads(".nothing", "No echoes or pongs in the last minute.").await;
    assert!(page.text(".groups").contains("None yet. Measured when a message comes back"));
}
