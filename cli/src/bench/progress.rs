//! Progress bar of a measurement.

use std::{
    io::{self, IsTerminal},
    ops::Range,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::{
    measure::{format_rate, per_second},
    series::INTERVAL,
};
use crate::quantity::format_counted;

/// Progress bar on standard error; hidden unless that is a terminal. Redrawn with each update, ten
/// times a second.
pub(super) struct Progress {
    /// Bar of indicatif, in milliseconds.
    bar: ProgressBar,
    /// Time of the load, from ramp to end.
    time: Range<Instant>,
    /// Time and messages of the last update.
    last: (Instant, u64),
    /// End of the interval of the time series.
    interval_end: Instant,
}

impl Progress {
    /// Bar with this title.
    pub(super) fn new(title: &str) -> Self {
        let is_visible = io::stderr().is_terminal();
        let target =
            if is_visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        // Always true: the template is valid.
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(title.to_owned());
        let now = Instant::now();
        Self { bar, time: now..now, last: (now, 0), interval_end: now }
    }

    /// Shows the number of open connections.
    pub(super) fn opened(&self, count: u64) {
        self.bar.set_message(format_counted(count, "connection", "connections"));
    }

    /// Starts to show the progress of a load. The first interval of the time series begins at `from`.
    pub(super) fn start(&mut self, time: Range<Instant>, from: Instant) {
        self.bar.set_length(millis(time.end - time.start));
        self.last = (time.start, 0);
        self.time = time;
        self.interval_end = from + INTERVAL;
    }

    /// Shows the rate of messages, or that the measurement has not begun. Returns true once for each
    /// interval of the time series: it ends now.
    pub(super) fn update(&mut self, now: Instant, is_measuring: bool, messages: u64) -> bool {
        self.bar.set_position(millis(now - self.time.start));
        if is_measuring {
            let rate = per_second(messages - self.last.1, now - self.last.0);
            self.bar.set_message(format!("{} messages/s", format_rate(rate)));
        } else {
            self.bar.set_message("warming up");
        }
        self.last = (now, messages);
        let is_over = self.interval_end <= now;
        if is_over {
            self.interval_end = now + INTERVAL;
        }
        is_over
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// Whole milliseconds.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
