//! What the log says of messages: enough to follow a conversation, never so much that it slows the
//! server or floods a terminal.

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

/// Message lines in any second, at most, over all connections.
const LINES: usize = 20;
const SECOND: Duration = Duration::from_secs(1);

/// Bytes of a text that a line shows, at most.
const SHOWN: usize = 200;

/// Writes a line for each message, as long as they are few.
///
/// While too many arrive, a message costs one atomic load; no clock is read and no
/// text is formatted.
pub(crate) struct Journal {
    /// [`LINES`] were written within a second.
    full: AtomicBool,
    became_full: Notify,
    /// Messages since `full` was set.
    left_out: AtomicU64,
    /// When the lines of the last second were written, oldest first.
    recent: Mutex<Vec<Instant>>,
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self {
            full: AtomicBool::new(false),
            became_full: Notify::new(),
            left_out: AtomicU64::new(0),
            recent: Mutex::new(Vec::with_capacity(LINES)),
        }
    }

    /// Writes `Received: …`. False if there were too many lines: then the message is to be
    /// counted by [`Journal::leave_out`].
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

    /// `messages` had no line.
    pub(crate) fn leave_out(&self, messages: u64) {
        if messages > 0 {
            self.left_out.fetch_add(messages, Relaxed);
        }
    }

    /// Runs for ever: after each flood, writes how many messages had no line of their own.
    pub(crate) async fn count_what_was_left_out(&self) {
        loop {
            self.became_full.notified().await;
            let last = self.recent().last().copied();
            sleep_until(last.unwrap_or_else(Instant::now) + SECOND).await;
            self.full.store(false, Relaxed);
            self.say_what_was_left_out();
        }
    }

    /// Writes how many messages had no line of their own since it was last said.
    pub(crate) fn say_what_was_left_out(&self) {
        let left_out = self.left_out.swap(0, Relaxed);
        if left_out > 0 {
            tracing::info!("{left_out} more messages were received and are not shown");
        }
    }

    /// Takes one of this second's lines, if one is left.
    fn take_line(&self) -> bool {
        let now = Instant::now();
        let mut recent = self.recent();
        recent.retain(|written| now - *written < SECOND);
        if recent.len() == LINES {
            return false;
        }
        recent.push(now);
        if recent.len() == LINES {
            self.full.store(true, Relaxed);
            self.became_full.notify_one();
        }
        true
    }

    fn recent(&self) -> MutexGuard<'_, Vec<Instant>> {
        // A list of times cannot be left half changed.
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text in one line that a terminal shows as it is: control and direction characters escaped,
/// and cut after [`SHOWN`] bytes.
fn printable(text: &[u8]) -> String {
    // A character that the cut splits is left out.
    let shown =
        text[..text.len().min(SHOWN)].utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let mut line = String::with_capacity(shown.len());
    for character in shown.chars() {
        // The bidirectional controls reorder what stands beside them, the log's own words included.
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
    fn long_text_is_cut_at_the_bound() {
        assert_eq!(printable(&[b'a'; SHOWN]), "a".repeat(SHOWN));
        let cut = format!("{}… ({} bytes)", "a".repeat(SHOWN), SHOWN + 1);
        assert_eq!(printable(&[b'a'; SHOWN + 1]), cut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_gets_its_lines_and_then_none_until_a_second_has_passed() {
        let journal = Journal::new();
        let admitted = |journal: &Journal| (0..1_000).filter(|_| journal.take_line()).count();
        assert_eq!(admitted(&journal), LINES);
        tokio::select! {
            () = journal.count_what_was_left_out() => unreachable!("runs for ever"),
            () = tokio::time::sleep(Duration::from_millis(999)) => {}
        }
        assert_eq!(admitted(&journal), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_lines_than_the_bound() {
        let journal = std::sync::Arc::new(Journal::new());
        let counting = std::sync::Arc::clone(&journal);
        tokio::spawn(async move { counting.count_what_was_left_out().await });
        let mut written = Vec::new();
        for _ in 0..1_000 {
            if journal.take_line() {
                written.push(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(7)).await;
        }
        for (index, start) in written.iter().enumerate() {
            let in_second = written[index..].iter().filter(|at| **at - *start < SECOND).count();
            assert!(in_second <= LINES, "{in_second} lines in a second");
        }
        assert!(written.len() >= 3 * LINES, "the journal opens again: {}", written.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_conversation_is_shown_whole() {
        let journal = Journal::new();
        for _ in 0..100 {
            assert!(journal.take_line());
            tokio::time::sleep(SECOND / 15).await;
        }
    }
}
