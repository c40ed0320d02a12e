//! Log on standard output, as text or JSON.

use std::{
    env::{self, VarError},
    io::{self, IsTerminal},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::timeout};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, ParseError},
};

/// Log lines that wait to be written, at most; further ones are dropped.
const MAX_WAITING_LINES: usize = 1024;

/// Time for the lines that wait to be written at the end, more than the appender takes of itself (1.1
/// s). A reader that stopped must not keep the process.
const FLUSH: Duration = Duration::from_secs(2);

/// Environment variable with the filter.
const FILTER: &str = "RUST_LOG";

/// Filter without the variable.
const DEFAULT_FILTER: &str = "info";

/// Format of a log line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Lines of text
    Text,
    /// One JSON object per line
    Json,
}

/// Error in the filter, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    /// Value that does not parse as a filter.
    #[error(
        "{FILTER}='{text}' is not a log filter: {source}. \
         Give it a level: error, warn, info, debug or trace."
    )]
    Malformed { text: String, source: ParseError },
    /// Word that is no level, and would be taken for the name of a module.
    #[error("{FILTER}='{0}' is not a level: give error, warn, info, debug or trace.")]
    NoLevel(String),
    /// Value that is not UTF-8.
    #[error("{FILTER} is not text. Give it a level: error, warn, info, debug or trace.")]
    NotText,
}

/// Installed log.
pub(super) struct Log(WorkerGuard);

/// Installs the global log at the level of `RUST_LOG`, else `info`.
///
/// Lines are written by a thread of their own: a terminal that has stopped reading (Ctrl-S, a full
/// pipe) must not stop the server.
///
/// # Panics
/// If a global log is installed already.
pub(super) fn init(format: LogFormat) -> Result<Log, FilterError> {
    let filter = filter(env::var(FILTER))?;
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(MAX_WAITING_LINES)
        .lossy(true)
        .finish(io::stdout());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stdout().is_terminal())
        .with_writer(writer);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(Log(guard))
}

impl Log {
    /// Writes the waiting lines, as far as they are read within [`FLUSH`].
    pub(super) async fn flush(self) {
        // Dropping the guard waits for the thread that writes, and itself writes when that is stuck.
        let _ = timeout(FLUSH, spawn_blocking(move || drop(self.0))).await;
    }
}

/// Filter of the environment variable's value.
fn filter(value: Result<String, VarError>) -> Result<EnvFilter, FilterError> {
    let text = match value {
        Ok(text) if !text.is_empty() => text,
        Ok(_) | Err(VarError::NotPresent) => DEFAULT_FILTER.to_owned(),
        Err(VarError::NotUnicode(_)) => return Err(FilterError::NotText),
    };
    if !text.contains(['=', ',', '[']) && text.parse::<LevelFilter>().is_err() {
        return Err(FilterError::NoLevel(text));
    }
    EnvFilter::builder().parse(&text).map_err(|source| FilterError::Malformed { text, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_valid_or_an_error() {
        for (value, expected) in [
            (Err(VarError::NotPresent), "info"),
            (Ok(""), "info"),
            (Ok("warn"), "warn"),
            (Ok("server=debug,info"), "server=debug,info"),
        ] {
            assert_eq!(filter(value.map(str::to_owned)).unwrap().to_string(), expected);
        }
        let error = filter(Ok("verbose".to_owned())).unwrap_err().to_string();
        assert!(error.starts_with("RUST_LOG='verbose' is not a level"), "{error}");
        assert!(filter(Err(VarError::NotUnicode("x".into()))).is_err());
    }
}
