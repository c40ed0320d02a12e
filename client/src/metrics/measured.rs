//! Metrics of a tab, read once a second.

use std::sync::Arc;

use leptos::prelude::*;
use session::Time;
use workbench::{
    engine::Snapshot,
    metrics::{Chart, Second},
};

use crate::browser::clock::{seconds_from, time_of_day};

/// Microseconds after the end of a second until its messages have reached the page: some frames.
const SETTLED: Time = Time(100_000);

/// Metrics up to the last whole second. They change once a second, however many messages pass.
/// Copies share its memos.
#[derive(Clone, Copy)]
pub struct Measured {
    /// Snapshot of the tab, read at the end of each second only.
    pub(super) snapshot: Signal<Arc<Snapshot>>,
    /// The last minute by whole seconds, oldest first, each with its start.
    pub(super) seconds: Memo<Vec<(u64, Second)>>,
    pub(super) messages: Memo<Chart>,
}

impl Measured {
    /// Starts a clock, which ends with the current owner.
    #[must_use]
    pub fn new(snapshot: Signal<Arc<Snapshot>>) -> Self {
        let time = seconds_from(SETTLED);
        let second = Memo::new(move |_| time.get().since(SETTLED).as_secs());
        let seconds: Memo<Vec<_>> = Memo::new(move |_| {
            let now = Time::from_secs(second.get());
            snapshot.with_untracked(|snapshot| snapshot.minute.whole_seconds(now).collect())
        });
        let messages = Memo::new(move |_| seconds.with(|seconds| Chart::of_messages(seconds)));
        Self { snapshot, seconds, messages }
    }

    /// Reads the snapshot now, and then once a second. Tracks the seconds, not the snapshot.
    pub(super) fn each_second<T>(self, read: impl FnOnce(&Snapshot) -> T) -> T {
        // Read, since a memo without readers is not updated.
        self.seconds.with(|_| ());
        self.snapshot.with_untracked(|snapshot| read(snapshot))
    }

    /// The last whole second. Zeros before the first.
    pub(super) fn last(self) -> Second {
        self.seconds.with(|seconds| seconds.last().map(|(_, second)| *second)).unwrap_or_default()
    }

    /// True if the tab has sent or received a message since its start, or a ping was answered, also before the
    /// last minute.
    pub(super) fn has_messages(self) -> bool {
        self.each_second(|snapshot| {
            let messages = snapshot.sent.messages + snapshot.received.messages;
            messages > 0 || snapshot.round_trips.is_some()
        })
    }
}

/// Local time of day at which a second began, in whole seconds.
pub(super) fn time_of_second(second: u64) -> String {
    let time = time_of_day(Time::from_secs(second));
    time.split('.').next().unwrap_or_default().to_owned()
}
