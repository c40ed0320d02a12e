//! `wsbench-server`: reads the flags, binds, and runs the server until it is told to stop.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use server::{DEFAULT_ADDRESS, Limits, ListenAddress};
use tokio::signal;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Log lines that wait to be written, at most; more are dropped rather than waited for.
const WAITING_LINES: usize = 1024;

/// Time for the runtime to let go of what did not drain.
const RUNTIME_STOP: Duration = Duration::from_secs(1);

/// The exit status of a program that a SIGINT ended, as shells give it.
const ENDED_BY_SIGNAL: i32 = 130;

/// An echo server for WebSockets, with a page to try it from.
///
/// Text M sent to / or /ws is answered by "Echo: M"; binary comes back as it is. /echo sends both
/// back as they are. A browser that opens / gets the workbench.
#[derive(Parser)]
#[command(name = "wsbench-server", version)]
struct Flags {
    /// Where to listen; can be given several times. The host localhost is both loopback addresses;
    /// port 0 picks a free port
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "WSBENCH_LISTEN",
        value_delimiter = ',',
        default_value = DEFAULT_ADDRESS
    )]
    listen: Vec<ListenAddress>,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let _written_before_exit = log_to_stdout();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("Cannot start the server's threads: {error}")),
    };
    let result = runtime.block_on(serve(&flags));
    runtime.shutdown_timeout(RUNTIME_STOP);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => fail(&sentence),
    }
}

fn fail(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

async fn serve(flags: &Flags) -> Result<(), String> {
    let mut listeners = Vec::new();
    let mut authorities = Vec::new();
    for address in &flags.listen {
        let bound = server::bind(address).await.map_err(|error| error.to_string())?;
        listeners.extend(bound.listeners);
        authorities.push(bound.authority);
    }
    // The handlers are there before anyone can know that there is something to stop.
    let signals = StopSignals::new().map_err(|error| format!("Cannot handle signals: {error}."))?;
    for authority in &authorities {
        tracing::info!("WebSocket server is running on ws://{authority}");
        tracing::info!("The page is at http://{authority}");
    }
    if let Some(authority) = authorities.first().filter(|_| flags.open)
        && let Err(error) = open::that_detached(format!("http://{authority}"))
    {
        tracing::warn!("Cannot open a browser: {error}. Open http://{authority} yourself.");
    }
    server::run(listeners, Limits::DEFAULT, stop(signals)).await;
    Ok(())
}

/// Resolves at the first signal to stop; a second one ends the process at once.
async fn stop(mut signals: StopSignals) {
    signals.next().await;
    tracing::info!("Stopping: open connections are closed. Press Ctrl-C again to end at once.");
    tokio::spawn(async move {
        signals.next().await;
        std::process::exit(ENDED_BY_SIGNAL);
    });
}

/// SIGINT (Ctrl-C) and SIGTERM, handled from the moment this is made.
#[cfg(unix)]
struct StopSignals {
    interrupt: signal::unix::Signal,
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn new() -> io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(windows)]
struct StopSignals(signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    fn new() -> io::Result<Self> {
        signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// Log lines go to standard output through a thread of their own: a terminal that stopped reading
/// (Ctrl-S, a full pipe) must not stop the server. `RUST_LOG` chooses what is logged.
fn log_to_stdout() -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .lossy(true)
        .finish(io::stdout());
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stdout().is_terminal())
        .with_writer(writer)
        .init();
    guard
}
