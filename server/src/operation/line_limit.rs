//! Line limit: log lines of one kind in a second, over all connections.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tracing::Level;

/// Lines in any second, at most.
const MAX_LINES: usize = 20;
/// Window of the limit.
const SECOND: Duration = Duration::from_secs(1);

/// Rate limit on log lines. Lines left out are counted, and reported once the flood is over.
///
/// Above the limit, a line costs one atomic load: no clock is read, no text formatted.
pub(crate) struct LineLimit {
    /// True for lines at level WARN, false for INFO.
    warns: bool,
    /// Report of the lines left out, after their number.
    report: &'static str,
    /// True once [`MAX_LINES`] were written within a second.
    full: AtomicBool,
    /// Wakes [`LineLimit::report_skipped`] when a flood begins.
    became_full: Notify,
    /// Lines left out, to be reported.
    skipped: AtomicU64,
    /// Times of the last second's lines, oldest first.
    recent: Mutex<Vec<Instant>>,
}

impl LineLimit {
    /// Creates a limit. `report` follows the number of lines left out.
    pub(crate) fn new(report: &'static str) -> Self {
        Self {
            warns: false,
            report,
            full: AtomicBool::new(false),
            became_full: Notify::new(),
            skipped: AtomicU64::new(0),
            recent: Mutex::new(Vec::with_capacity(MAX_LINES)),
        }
    }

    /// Creates a limit on warnings.
    pub(crate) fn on_warnings(report: &'static str) -> Self {
        Self { warns: true, ..Self::new(report) }
    }

    /// True if this second has a line left. Uses it up.
    pub(crate) fn admit(&self) -> bool {
        !self.full.load(Relaxed) && self.admits_line()
    }

    /// Writes a line by `log` at the level of the limit, or counts it as left out.
    pub(crate) fn log(&self, log: impl FnOnce()) {
        let is_on = if self.warns {
            tracing::enabled!(Level::WARN)
        } else {
            tracing::enabled!(Level::INFO)
        };
        if !is_on {
            return;
        }
        if self.admit() {
            log();
        } else {
            self.count_skipped(1);
        }
    }

    /// Counts lines left out.
    pub(crate) fn count_skipped(&self, lines: u64) {
        if lines > 0 {
            self.skipped.fetch_add(lines, Relaxed);
        }
    }

    /// Runs forever: after each flood, logs the number of lines left out.
    pub(crate) async fn report_skipped(&self) {
        loop {
            self.became_full.notified().await;
            let last = self.recent().last().copied();
            sleep_until(last.unwrap_or_else(Instant::now) + SECOND).await;
            self.full.store(false, Relaxed);
            self.log_skipped();
        }
    }

    /// Logs the number of lines left out since the last report, if any.
    pub(crate) fn log_skipped(&self) {
        let skipped = self.skipped.swap(0, Relaxed);
        if skipped > 0 && self.warns {
            tracing::warn!("{skipped} {}", self.report);
        } else if skipped > 0 {
            tracing::info!("{skipped} {}", self.report);
        }
    }

    /// Counts a line among the lines of the last second; false if that is full.
    fn admits_line(&self) -> bool {
        let now = Instant::now();
        let mut recent = self.recent();
        recent.retain(|written| now - *written < SECOND);
        if recent.len() == MAX_LINES {
            return false;
        }
        recent.push(now);
        if recent.len() == MAX_LINES {
            self.full.store(true, Relaxed);
            self.became_full.notify_one();
        }
        true
    }

    /// Locks the times of the last lines.
    fn recent(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.recent.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_gets_no_more_lines_until_a_second_has_passed() {
        let limit = LineLimit::new("lines");
        let admitted = |limit: &LineLimit| (0..1_000).filter(|_| limit.admits_line()).count();
        assert_eq!(admitted(&limit), MAX_LINES);
        tokio::select! {
            () = limit.report_skipped() => unreachable!("runs forever"),
            () = tokio::time::sleep(Duration::from_millis(999)) => {}
        }
        assert_eq!(admitted(&limit), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_lines_than_the_limit() {
        let limit = std::sync::Arc::new(LineLimit::new("lines"));
        let counting = std::sync::Arc::clone(&limit);
        tokio::spawn(async move { counting.report_skipped().await });
        let mut written = Vec::new();
        for _ in 0..1_000 {
            if limit.admits_line() {
                written.push(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(7)).await;
        }
        for (index, start) in written.iter().enumerate() {
            let in_second = written[index..].iter().filter(|at| **at - *start < SECOND).count();
            assert!(in_second <= MAX_LINES, "{in_second} lines in a second");
        }
        assert!(written.len() >= 3 * MAX_LINES, "logging resumes: {}", written.len());
    }

    #[tokio::test(start_paused = true)]
    async fn every_line_is_written_while_there_are_few() {
        let limit = LineLimit::new("lines");
        for _ in 0..100 {
            assert!(limit.admits_line());
            tokio::time::sleep(SECOND / 15).await;
        }
    }
}
