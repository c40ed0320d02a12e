//! Log on standard output, as text or JSON.

use std::io::{self, IsTerminal};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Log lines that wait to be written, at most; further ones are dropped.
const MAX_WAITING_LINES: usize = 1024;

/// Format of a log line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object per line, for programs
    Json,
}

/// Installs the global log at the level of `RUST_LOG`, else `info`. The guard writes what still
/// waits when it is dropped.
///
/// Lines are written by a thread of their own: a terminal that has stopped reading (Ctrl-S, a full
/// pipe) must not stop the server.
///
/// # Panics
/// If a global log is installed already.
pub(super) fn init(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(MAX_WAITING_LINES)
        .lossy(true)
        .finish(io::stdout());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stdout().is_terminal())
        .with_writer(writer);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    guard
}
