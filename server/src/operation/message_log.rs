//! Message log: a rate-limited log line for each message received.

use std::{
    fmt::Write,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use protocol::Kind;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// Lines in any second, at most, over all connections.
const MAX_LINES: usize = 20;
const SECOND: Duration = Duration::from_secs(1);

/// Bytes of a text to show, at most.
const MAX_TEXT: usize = 200;

/// Rate-limited log of messages.
///
/// Above the rate limit, a message costs one atomic load: no clock is read, no text formatted.
pub(crate) struct MessageLog {
    /// True once [`MAX_LINES`] were written within a second.
    full: AtomicBool,
    became_full: Notify,
    /// Messages without a line, to be reported.
    skipped: AtomicU64,
    /// Times of the last second's lines, oldest first.
    recent: Mutex<Vec<Instant>>,
}

impl MessageLog {
    pub(crate) fn new() -> Self {
        Self {
            full: AtomicBool::new(false),
            became_full: Notify::new(),
            skipped: AtomicU64::new(0),
            recent: Mutex::new(Vec::with_capacity(MAX_LINES)),
        }
    }

    /// Logs `Received: …`. False above the rate limit: count the message by
    /// [`MessageLog::count_skipped`].
    pub(crate) fn received(&self, connection: u64, kind: Kind, payload: &[u8]) -> bool {
        if !tracing::enabled!(tracing::Level::INFO) {
            return true;
        }
        let admitted = !self.full.load(Relaxed) && self.take_line();
        if admitted {
            match kind {
                Kind::Text => tracing::info!(connection, "Received: {}", printable(payload)),
                Kind::Binary => {
                    tracing::info!(connection, "Received: {} bytes of binary data", payload.len());
                }
            }
        }
        admitted
    }

    /// Counts messages without a line.
    pub(crate) fn count_skipped(&self, messages: u64) {
        if messages > 0 {
            self.skipped.fetch_add(messages, Relaxed);
        }
    }

    /// Runs forever: after each flood, logs the number of skipped messages.
    pub(crate) async fn report_skipped(&self) {
        loop {
            self.became_full.notified().await;
            let last = self.recent().last().copied();
            sleep_until(last.unwrap_or_else(Instant::now) + SECOND).await;
            self.full.store(false, Relaxed);
            self.log_skipped();
        }
    }

    /// Logs the number of messages skipped since the last report, if any.
    pub(crate) fn log_skipped(&self) {
        let skipped = self.skipped.swap(0, Relaxed);
        if skipped > 0 {
            tracing::info!("{skipped} more messages were received, not logged one by one");
        }
    }

    /// True if this second has a line left. Uses it up.
    fn take_line(&self) -> bool {
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

    fn recent(&self) -> MutexGuard<'_, Vec<Instant>> {
        // Nothing between lock and unlock can panic.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Text for one terminal line: control and bidirectional characters escaped, and cut after
/// [`MAX_TEXT`] bytes.
fn printable(text: &[u8]) -> String {
    // Leaves out a character that is cut in two.
    let shown =
        text[..text.len().min(MAX_TEXT)].utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let mut line = String::with_capacity(shown.len());
    for character in shown.chars() {
        // Bidirectional controls would reorder the log's own text, too.
        if character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    if shown.len() < text.len() {
        // Writing to a String cannot fail.
        let _ = write!(line, "… ({} bytes)", text.len());
    }
    line
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        expect![[r"two\nlines, \u{1b}[31mred, \u{202e}backwards, 안녕 🙂"]].assert_eq(&printable(
            "two\nlines, \u{1b}[31mred, \u{202e}backwards, 안녕 🙂".as_bytes(),
        ));
    }

    #[test]
    fn long_text_is_cut_at_the_limit() {
        assert_eq!(printable(&[b'a'; MAX_TEXT]), "a".repeat(MAX_TEXT));
        let cut = format!("{}… ({} bytes)", "a".repeat(MAX_TEXT), MAX_TEXT + 1);
        assert_eq!(printable(&[b'a'; MAX_TEXT + 1]), cut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_gets_no_more_lines_until_a_second_has_passed() {
        let message_log = MessageLog::new();
        let admitted =
            |message_log: &MessageLog| (0..1_000).filter(|_| message_log.take_line()).count();
        assert_eq!(admitted(&message_log), MAX_LINES);
        tokio::select! {
            () = message_log.report_skipped() => unreachable!("runs forever"),
            () = tokio::time::sleep(Duration::from_millis(999)) => {}
        }
        assert_eq!(admitted(&message_log), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_lines_than_the_limit() {
        let message_log = std::sync::Arc::new(MessageLog::new());
        let counting = std::sync::Arc::clone(&message_log);
        tokio::spawn(async move { counting.report_skipped().await });
        let mut written = Vec::new();
        for _ in 0..1_000 {
            if message_log.take_line() {
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
    async fn every_message_of_a_slow_conversation_is_logged() {
        let message_log = MessageLog::new();
        for _ in 0..100 {
            assert!(message_log.take_line());
            tokio::time::sleep(SECOND / 15).await;
        }
    }
}
