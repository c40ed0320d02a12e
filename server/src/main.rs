//! `wsbench-server`: reads the flags, binds, and runs the server until it is told to stop.

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{CommandFactory, Parser, ValueEnum};
use server::{
    Bound, Certificates, Compression, Config, DEFAULT_ADDRESS, Endpoints, Limits, ListenAddress,
    Listeners, Origins,
};
use tokio::signal;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Log lines that wait to be written, at most; more are dropped rather than waited for.
const WAITING_LINES: usize = 1024;

/// Open files that are no connection: listeners, the log, the runtime's own, connections that are
/// told that there is no place.
const OTHER_FILES: usize = 128;

/// Time for the runtime to let go of what did not drain.
const RUNTIME_STOP: Duration = Duration::from_secs(1);

/// The exit status of a program that a SIGINT ended, as shells give it.
const ENDED_BY_SIGNAL: i32 = 130;

/// An echo server for WebSockets, with a page to try it from.
///
/// Text M sent to / or /ws is answered by "Echo: M"; binary comes back as it is. /echo sends both
/// back as they are. A browser that opens / gets the workbench. Endpoints to test clients with, which
/// are slow, silent or wrong on request, are listed at /endpoints.json.
///
/// Sizes are written as 64KiB or 16MiB, times as 250ms or 30s. The environment variable
/// `RUST_LOG` says what is logged: info unless told otherwise.
#[derive(Parser)]
#[command(name = "wsbench-server", version = VERSION)]
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
    /// Where /healthz, /readyz and /metrics are, without TLS. Without it they are public
    #[arg(long, value_name = "HOST:PORT", env = "WSBENCH_ADMIN")]
    admin: Option<ListenAddress>,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    origins: Origins,
    /// How the log is written
    #[arg(long, value_name = "FORMAT", env = "WSBENCH_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// Print completions for a shell, and end
    #[arg(long, value_name = "SHELL")]
    completions: Option<clap_complete::Shell>,
    /// Print the man page, and end
    #[arg(long)]
    man: bool,
    #[command(flatten)]
    tls: TlsFlags,
    #[command(flatten)]
    compression: Compression,
    #[command(flatten)]
    endpoints: Endpoints,
    #[command(flatten)]
    limits: Limits,
}

/// The release, and the commit that it was built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("WSBENCH_COMMIT"), ")");

#[derive(clap::Args)]
#[command(next_help_heading = "TLS")]
struct TlsFlags {
    /// The certificate chain, in PEM format: listen with TLS, for wss:// and https://. Read again
    /// on SIGHUP
    #[arg(long = "tls-cert", value_name = "FILE", env = "WSBENCH_TLS_CERT", requires = "key")]
    chain: Option<PathBuf>,
    /// Its private key, in PEM format
    #[arg(long = "tls-key", value_name = "FILE", env = "WSBENCH_TLS_KEY", requires = "chain")]
    key: Option<PathBuf>,
    /// Listen with TLS and a certificate that no one else trusts, to try wss:// on one's own machine
    #[arg(long = "tls-self-signed", conflicts_with_all = ["chain", "key"])]
    self_signed: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    /// Lines for people
    Text,
    /// A JSON object a line, for programs
    Json,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    if let Some(shell) = flags.completions {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut Flags::command(), "wsbench-server", &mut text);
        return print(&text);
    }
    if flags.man {
        let mut text = Vec::new();
        return match clap_mangen::Man::new(Flags::command()).render(&mut text) {
            Ok(()) => print(&text),
            Err(error) => fail(&format!("Cannot make the man page: {error}.")),
        };
    }
    let _written_before_exit = log_to_stdout(flags.log_format);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("Cannot start the server's threads: {error}")),
    };
    let result = runtime.block_on(serve(flags));
    runtime.shutdown_timeout(RUNTIME_STOP);
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => fail(&sentence),
    }
}

/// Writes `text` to standard output. Who reads no further has what they wanted.
fn print(text: &[u8]) -> ExitCode {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(&format!("Cannot write to standard output: {error}."))
        }
        _ => ExitCode::SUCCESS,
    }
}

fn fail(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

async fn serve(flags: Flags) -> Result<(), String> {
    let tls = flags.tls.certificates(&flags.listen)?.map(Arc::new);
    let mut listeners = Listeners::default();
    let mut authorities = Vec::new();
    for address in &flags.listen {
        let bound = bind(address).await?;
        listeners.public.extend(bound.listeners);
        authorities.push(bound.authority);
    }
    if let Some(address) = &flags.admin {
        let bound = bind(address).await?;
        listeners.admin = bound.listeners;
        tracing::info!("Health and metrics are at http://{}/metrics", bound.authority);
    }
    // The handlers are there before anyone can know that there is something to stop.
    let signals = StopSignals::new().map_err(|error| format!("Cannot handle signals: {error}."))?;
    if let Some(tls) = &tls {
        reload_on_hangup(Arc::clone(tls))
            .map_err(|error| format!("Cannot handle SIGHUP: {error}."))?;
    }
    let (ws, http) = if tls.is_some() { ("wss", "https") } else { ("ws", "http") };
    for authority in &authorities {
        tracing::info!("WebSocket server is running on {ws}://{authority}");
        tracing::info!("The page is at {http}://{authority}");
    }
    if let Some(authority) = authorities.first().filter(|_| flags.open)
        && let Err(error) = open::that_detached(format!("{http}://{authority}"))
    {
        tracing::warn!("Cannot open a browser: {error}. Open {http}://{authority} yourself.");
    }
    let Flags { mut limits, compression, origins, endpoints, .. } = flags;
    limits.connections = allow_open_files(limits.connections);
    let config = Config { limits, compression, origins, tls, endpoints };
    server::run(listeners, config, stop(signals)).await;
    Ok(())
}

async fn bind(address: &ListenAddress) -> Result<Bound, String> {
    server::bind(address).await.map_err(|error| error.to_string())
}

impl TlsFlags {
    fn certificates(&self, listen: &[ListenAddress]) -> Result<Option<Certificates>, String> {
        let certificates = match (&self.chain, &self.key) {
            (Some(chain), Some(key)) => Certificates::read(chain.clone(), key.clone()),
            _ if self.self_signed => {
                let loopback = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
                let hosts = listen.iter().map(|it| it.host().to_owned());
                Certificates::self_signed(loopback.into_iter().chain(hosts).collect())
            }
            _ => return Ok(None),
        };
        certificates.map(Some).map_err(|error| error.to_string())
    }
}

/// Raises the limit on open files to what the system allows, and returns how many connections
/// that leaves: one more than that would fail to be accepted, without a word to its peer.
fn allow_open_files(connections: usize) -> usize {
    let allowed = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES);
    if allowed < connections {
        tracing::debug!("The system allows {allowed} connections");
    }
    connections.min(allowed)
}

/// Reads the certificate again on each SIGHUP.
#[cfg(unix)]
fn reload_on_hangup(certificates: Arc<Certificates>) -> io::Result<()> {
    let mut hangups = signal::unix::signal(signal::unix::SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            match certificates.reload() {
                Ok(()) => tracing::info!("The certificate was read again"),
                Err(error) => tracing::error!("The certificate stays as it was. {error}"),
            }
        }
    });
    Ok(())
}

/// There is no SIGHUP: a new certificate needs a new start.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "on Unix there is something to go wrong")]
fn reload_on_hangup(_: Arc<Certificates>) -> io::Result<()> {
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
fn log_to_stdout(format: LogFormat) -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Flags::command().debug_assert();
    }

    #[test]
    fn compression_is_switched_by_a_word() {
        let parsed = |word| Flags::try_parse_from(["server", "--compression", word]);
        assert!(parsed("on").is_ok_and(|flags| flags.compression.offered));
        assert!(parsed("off").is_ok_and(|flags| !flags.compression.offered));
        assert!(parsed("maybe").is_err());
    }
}
