//! The second of the last minute whose figures are asked for, by pointer or keyboard.

use leptos::prelude::*;
use workbench::metrics::{Second, WIDTH};

use super::{Measured, time_of_second, words::words};

/// Seconds from one page of them to the next.
const PAGE: usize = 10;

/// A second that goes along with its chart, until it is over a minute old.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    measured: Measured,
    second: RwSignal<Option<u64>>,
}

impl Cursor {
    pub(super) fn new(measured: Measured) -> Self {
        Self { measured, second: RwSignal::new(None) }
    }

    /// Which second of the minute it is on.
    pub(super) fn place(self) -> Option<usize> {
        let second = self.second.get()?;
        let seconds = self.measured.seconds;
        seconds.with(|seconds| seconds.iter().position(|(it, _)| *it == second))
    }

    /// When its second began, and what passed in it.
    pub(super) fn figures(self) -> Option<String> {
        let place = self.place()?;
        let (second, figures): (u64, Second) =
            self.measured.seconds.with(|seconds| seconds.get(place).copied())?;
        Some(format!("{}: {}", time_of_second(second), (words().second)(&figures)))
    }

    /// When its second began.
    pub(super) fn time(self) -> Option<String> {
        self.place()?;
        self.second.get().map(time_of_second)
    }

    /// Puts it on a second of the minute.
    pub(super) fn put(self, place: usize) {
        let seconds = self.measured.seconds;
        let second = seconds.with_untracked(|seconds| Some(seconds.get(place)?.0));
        if second.is_some() && second != self.second.get_untracked() {
            self.second.set(second);
        }
    }

    pub(super) fn take_away(self) {
        self.second.set(None);
    }

    /// Does what a key says. Whether it says anything.
    pub(super) fn press(self, key: &str) -> bool {
        let place = untrack(move || self.place());
        let from = place.unwrap_or(WIDTH);
        let to = match key {
            "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" if place.is_none() => from,
            "ArrowLeft" | "ArrowDown" => from.saturating_sub(1),
            "ArrowRight" | "ArrowUp" => from + 1,
            "PageDown" => from.saturating_sub(PAGE),
            "PageUp" => from + PAGE,
            "Home" => 0,
            "End" => WIDTH,
            "Escape" if place.is_some() => {
                self.take_away();
                return true;
            }
            _ => return false,
        };
        self.put(to.min(WIDTH));
        true
    }
}
