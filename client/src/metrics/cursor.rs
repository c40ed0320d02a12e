//! Chart cursor: the second of the last minute that is read out, chosen by pointer or keyboard.

use leptos::prelude::*;
use workbench::metrics::{Second, WIDTH};

use super::{
    measured::{Measured, time_of_second},
    words::words,
};

/// Seconds that Page Up and Page Down move the cursor.
const PAGE: usize = 10;

/// Cursor on a second, which moves along with the chart until it is over a minute old. Copies are
/// the same one.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    measured: Measured,
    /// Second since the epoch; `None` without a cursor.
    second: RwSignal<Option<u64>>,
}

impl Cursor {
    /// Cursor on no second, until a pointer or a key sets one.
    pub(super) fn new(measured: Measured) -> Self {
        Self { measured, second: RwSignal::new(None) }
    }

    /// Index of its second in the minute. From 0 for the oldest; `None` without a cursor, or once
    /// its second has left the minute.
    pub(super) fn index(self) -> Option<usize> {
        let second = self.second.get()?;
        let seconds = self.measured.seconds;
        seconds.with(|seconds| seconds.iter().position(|(it, _)| *it == second))
    }

    /// Time and values of its second, as a sentence.
    pub(super) fn figures(self) -> Option<String> {
        let index = self.index()?;
        let (second, figures): (u64, Second) =
            self.measured.seconds.with(|seconds| seconds.get(index).copied())?;
        Some(format!("{}: {}", time_of_second(second), (words().second)(&figures)))
    }

    /// Start of its second.
    pub(super) fn time(self) -> Option<String> {
        self.index()?;
        self.second.get().map(time_of_second)
    }

    /// Moves it to a second of the minute. Beyond the minute nothing changes.
    pub(super) fn set(self, index: usize) {
        let seconds = self.measured.seconds;
        let second = seconds.with_untracked(|seconds| Some(seconds.get(index)?.0));
        if second.is_some() && second != self.second.get_untracked() {
            self.second.set(second);
        }
    }

    /// Hides the cursor.
    pub(super) fn clear(self) {
        self.second.set(None);
    }

    /// Moves or clears it by a key. Returns true if the key was used. Keys of a slider (ARIA):
    /// arrows by a second, Page Up and Page Down by ten, Home, End, and Escape, which removes it.
    /// The first arrow only shows it, at the newest second.
    pub(super) fn on_key(self, key: &str) -> bool {
        let index = untrack(move || self.index());
        let from = index.unwrap_or(WIDTH);
        let to = match key {
            "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" if index.is_none() => from,
            "ArrowLeft" | "ArrowDown" => from.saturating_sub(1),
            "ArrowRight" | "ArrowUp" => from + 1,
            "PageDown" => from.saturating_sub(PAGE),
            "PageUp" => from + PAGE,
            "Home" => 0,
            "End" => WIDTH,
            "Escape" if index.is_some() => {
                self.clear();
                return true;
            }
            _ => return false,
        };
        self.set(to.min(WIDTH));
        true
    }
}
