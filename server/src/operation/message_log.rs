//! Message log: a rate-limited log line for each message received.

use protocol::Kind;
use session::visible_line;
use tracing::{Level, level_filters::LevelFilter};

use super::line_limit::LineLimit;

/// Bytes of a text to show, at most.
const MAX_TEXT: usize = 200;

/// Choice to log messages with their text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogMessages {
    /// While every --listen address is a loopback address and neither --allow-host nor --trusted-proxy is given
    #[default]
    Auto,
    /// Always
    On,
    /// Never
    Off,
}

/// Rate-limited log of messages.
pub(crate) struct MessageLog {
    /// False if no message is to be logged.
    is_on: bool,
    /// Limit over all connections.
    pub(crate) limit: LineLimit,
}

impl MessageLog {
    /// Creates a log. [`LogMessages::Auto`] must be decided before: here it counts as on.
    pub(crate) fn new(choice: LogMessages) -> Self {
        let limit = LineLimit::new("more messages were received, not logged one by one");
        Self { is_on: choice != LogMessages::Off, limit }
    }

    /// Logs `Received: …`. False above the rate limit: count the message by
    /// [`LineLimit::count_skipped`].
    #[inline]
    pub(crate) fn received(&self, connection: u64, kind: Kind, payload: &[u8]) -> bool {
        // Two loads where it is off, as it is under load.
        if !self.is_on || LevelFilter::current() < LevelFilter::INFO {
            return true;
        }
        self.log(connection, kind, payload)
    }

    /// Writes the line, unless the limit or the filter leaves it out. Apart from
    /// [`Self::received`], which is inlined and called for each message.
    #[inline(never)]
    fn log(&self, connection: u64, kind: Kind, payload: &[u8]) -> bool {
        if !tracing::enabled!(Level::INFO) {
            return true;
        }
        let admitted = self.limit.admit();
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
}

/// Text for one terminal line, cut after [`MAX_TEXT`] bytes.
fn printable(text: &[u8]) -> String {
    // Leaves out a character that is cut in two.
    let shown =
        text[..text.len().min(MAX_TEXT)].utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let line = visible_line(shown);
    if shown.len() == text.len() {
        return line.into_owned();
    }
    format!("{line}… ({} bytes)", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_at_the_limit() {
        assert_eq!(printable(&[b'a'; MAX_TEXT]), "a".repeat(MAX_TEXT));
        let cut = format!("{}… ({} bytes)", "a".repeat(MAX_TEXT), MAX_TEXT + 1);
        assert_eq!(printable(&[b'a'; MAX_TEXT + 1]), cut);
    }
}
