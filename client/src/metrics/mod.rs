//! What is measured: a line of figures at the bottom of the page, and what unfolds above it.

mod charts;
mod cursor;
mod groups;
mod line;
mod table;
mod words;

use std::sync::Arc;

use leptos::prelude::*;
use session::Time;
use workbench::{
    engine::Snapshot,
    metrics::{Chart, Second},
};

use self::{
    charts::charts, cursor::Cursor, groups::groups, line::line, table::table, words::words,
};
use crate::{
    browser::clock::{ticking, time_of_day},
    ui::element::Element,
};

/// What a second brought has reached the page this much after its end: some frames.
const SETTLED: Time = Time(100_000);

/// What the button unfolds.
const VIEW: &str = "measured";

/// What was measured, as of the last second that is over. Changes once a second, whatever passes.
#[derive(Clone, Copy)]
struct Measured {
    snapshot: Signal<Arc<Snapshot>>,
    /// The last minute by whole seconds, oldest first, each with when it began.
    seconds: Memo<Vec<(u64, Second)>>,
    messages: Memo<Chart>,
}

impl Measured {
    fn new(snapshot: Signal<Arc<Snapshot>>) -> Self {
        let time = ticking();
        let second = Memo::new(move |_| time.get().since(SETTLED).as_secs());
        let seconds: Memo<Vec<_>> = Memo::new(move |_| {
            let now = Time::from_secs(second.get());
            snapshot.with_untracked(|snapshot| snapshot.minute.whole_seconds(now).collect())
        });
        let messages = Memo::new(move |_| seconds.with(|seconds| Chart::of_messages(seconds)));
        Self { snapshot, seconds, messages }
    }

    /// Reads the snapshot now, and then once a second.
    fn each_second<T>(self, read: impl FnOnce(&Snapshot) -> T) -> T {
        self.seconds.track();
        self.snapshot.with_untracked(|snapshot| read(snapshot))
    }

    /// The last whole second.
    fn last(self) -> Second {
        self.seconds.with(|seconds| seconds.last().map(|(_, second)| *second)).unwrap_or_default()
    }

    /// Whether anything passed since the start.
    fn has_any(self) -> bool {
        self.each_second(|snapshot| snapshot.sent.messages + snapshot.received.messages > 0)
    }
}

/// The figures of `snapshot` in one line, and the rest of them while it `is_unfolded`.
#[component]
pub fn MeasureBar(
    #[prop(into)] snapshot: Signal<Arc<Snapshot>>,
    is_unfolded: RwSignal<bool>,
) -> impl IntoView {
    let measured = Measured::new(snapshot);
    let view = move || if is_unfolded.get() { view(measured) } else { ().into_any() };
    Element::new("footer", "measure")
        .children([line(measured, is_unfolded)])
        .live_child(view)
        .view()
}

fn view(measured: Measured) -> AnyView {
    let has_any = Memo::new(move |_| measured.has_any());
    let content = move || {
        if has_any.get() {
            full(measured).view()
        } else {
            Element::new("p", "notice").text(words().nothing_yet).view()
        }
    };
    Element::new("section", "measured")
        .attribute("id", VIEW)
        .attribute("aria-label", words().title)
        .live_child(content)
        .view()
}

fn full(measured: Measured) -> Element {
    let cursor = Cursor::new(measured);
    let readout = Element::new("p", "readout notice")
        .attribute("role", "status")
        .live_text(move || cursor.figures().unwrap_or_else(|| words().how_to_read.to_owned()));
    Element::new("div", "measured-parts").children([
        charts(measured, cursor),
        readout,
        groups(measured),
        table(measured),
    ])
}

/// The local time of day at which a second began.
fn time_of_second(second: u64) -> String {
    let time = time_of_day(Time::from_secs(second));
    time.split('.').next().unwrap_or_default().to_owned()
}
