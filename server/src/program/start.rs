//! Process of the server: binds, handles signals, serves, and ends with an exit status.

use std::{error::Error, io, process::ExitCode, sync::Arc, time::Duration};

use humantime::format_duration;

use super::{Flags, log};
use crate::{
    accept::{bind::bind, tls::Certificates},
    config::Config,
    run::{Listeners, run},
    shutdown::Signals,
};

/// Open files besides connections: listeners, log, runtime, connections that are being refused.
const OTHER_FILES: usize = 128;

/// Time for the runtime to end the tasks that did not drain.
const RUNTIME_SHUTDOWN: Duration = Duration::from_secs(1);

/// Exit status of a program ended by SIGINT, as shells report it.
const EXIT_SIGINT: i32 = 130;

/// Serves until SIGINT or SIGTERM, then drains. A second signal exits at once with status 130.
///
/// Logs to standard output. An error is one sentence on standard error and exit status 1.
#[must_use]
pub fn start(flags: Flags) -> ExitCode {
    let _written_before_exit = log::init(flags.log_format);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("Cannot start the server's threads: {error}.")),
    };
    let result = runtime.block_on(serve(flags));
    runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
    result.map_or_else(|error| fail(&error.to_string()), |()| ExitCode::SUCCESS)
}

/// Prints an error, for exit status 1.
fn fail(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

/// Binds all addresses, and serves until a signal.
async fn serve(flags: Flags) -> Result<(), Box<dyn Error>> {
    let Flags { listen, admin, open, tls, mut limits, compression, origins, endpoints, .. } = flags;
    let tls = tls.certificates(&listen)?.map(Arc::new);
    let mut listeners = Listeners::default();
    let mut authorities = Vec::new();
    for address in &listen {
        let bound = bind(address).await?;
        listeners.public.extend(bound.listeners);
        authorities.push(bound.authority);
    }
    if let Some(address) = &admin {
        let bound = bind(address).await?;
        listeners.admin = bound.listeners;
        tracing::info!("Health and metrics are at http://{}/metrics", bound.authority);
    }
    // Before the addresses are announced: from then on a signal may come.
    let signals = Signals::new().map_err(|error| format!("Cannot handle signals: {error}."))?;
    if let Some(tls) = &tls {
        reload_on_hangup(Arc::clone(tls))
            .map_err(|error| format!("Cannot handle SIGHUP: {error}."))?;
    }
    announce(&authorities, tls.is_some(), open);
    limits.connections = raise_open_files(limits.connections);
    let shutdown = shut_down(signals, limits.drain);
    let config = Config { limits, compression, origins, tls, endpoints };
    run(listeners, config, shutdown).await;
    Ok(())
}

/// Logs the addresses, and opens the page of the first one if asked to.
fn announce(authorities: &[String], is_tls: bool, open_page: bool) {
    let (ws, http) = if is_tls { ("wss", "https") } else { ("ws", "http") };
    for authority in authorities {
        tracing::info!("WebSocket server is running on {ws}://{authority}");
        tracing::info!("The page is at {http}://{authority}");
    }
    if let Some(authority) = authorities.first().filter(|_| open_page)
        && let Err(error) = open::that_detached(format!("{http}://{authority}"))
    {
        tracing::warn!("Cannot open a browser: {error}. Open {http}://{authority} yourself.");
    }
}

/// Raises the limit on open files to the system's maximum. Returns the connection limit that fits
/// it: accepting one more would fail, and its client would get no answer.
fn raise_open_files(connections: usize) -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
    let allowed = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES);
    if allowed < connections {
        tracing::debug!(
            "Connection limit lowered to {allowed}: the system allows {files} open files"
        );
    }
    connections.min(allowed)
}

/// Resolves at the first signal; a second one exits at once.
async fn shut_down(mut signals: Signals, drain: Duration) {
    signals.recv().await;
    tracing::info!(
        "Shutting down: closing open connections, up to {}. Press Ctrl-C again to exit at once.",
        format_duration(drain)
    );
    tokio::spawn(async move {
        signals.recv().await;
        std::process::exit(EXIT_SIGINT);
    });
}

/// Reloads the certificate on each SIGHUP.
#[cfg(unix)]
fn reload_on_hangup(certificates: Arc<Certificates>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            match certificates.reload() {
                Ok(()) => tracing::info!("Certificate reloaded"),
                Err(error) => {
                    tracing::error!("Certificate reload failed, keeping the old one. {error}");
                }
            }
        }
    });
    Ok(())
}

/// Does nothing: Windows has no SIGHUP, so a new certificate needs a restart.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "fallible on Unix")]
fn reload_on_hangup(_: Arc<Certificates>) -> io::Result<()> {
    Ok(())
}
