//! Process of the server: binds, handles signals, serves, and ends with an exit status.

use std::{borrow::Cow, error::Error, fs, path::PathBuf, process::ExitCode, sync::Arc};

use super::{
    Flags, capacity, log,
    port_file::PortFile,
    service::{self, SocketError, Sockets},
};
use crate::{
    accept::bind::{ListenAddress, adopt, bind},
    access::hosts::Hosts,
    config::Config,
    mock::{Mock, MockError},
    routes::own_paths,
    run::{Listeners, is_private, run},
    shutdown::Signals,
};

/// Exit status of a program ended by SIGINT, as shells report it.
const EXIT_SIGINT: i32 = 130;

/// Exit status for a wrong argument, as clap has it, or a wrong file.
const EXIT_USAGE: u8 = 2;

/// Serves until SIGINT or SIGTERM, then drains. A second signal exits at once with status 130.
///
/// Logs to standard output. An error is one sentence on standard error and exit status 1.
#[must_use]
pub fn start(flags: Flags) -> ExitCode {
    // Before the log's thread starts.
    let sockets = match Sockets::take() {
        Ok(sockets) => sockets,
        Err(error) => return fail(&error.to_string()),
    };
    let log = match log::init(flags.log_format) {
        Ok(log) => log,
        Err(error) => return fail(&error.to_string()),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("Cannot start the server's threads: {error}.")),
    };
    // The runtime outlives the log: until the last line is written, a second signal still counts.
    let result = runtime.block_on(async {
        let result = serve(flags, sockets).await;
        log.flush().await;
        result
    });
    // Tasks that did not drain end with the process.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let is_usage = matches!(error.downcast_ref(), Some(MockError::Mistakes(_)));
            let failed = fail(&error.to_string());
            if is_usage { ExitCode::from(EXIT_USAGE) } else { failed }
        }
    }
}

/// Prints an error on standard error. Returns exit status 1.
fn fail(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

/// Binds all addresses, and serves until a signal.
async fn serve(flags: Flags, sockets: Sockets) -> Result<(), Box<dyn Error>> {
    let Flags { listen, admin, port_file, open, tls, mut limits, .. } = flags;
    let Flags { compression, mut hosts, origins, proxies, log_messages, endpoints, .. } = flags;
    let Flags { mock, mock_alone, relay, .. } = flags;
    let is_alone = mock_alone.is_some();
    let mock = Mock::read(mock, mock_alone.unwrap_or_default(), own_paths(is_alone), is_alone)?;
    let port_path = port_file.clone();
    let port_file = port_file.map(PortFile::new).transpose()?;
    let tls = tls.certificates(&listen)?.map(Arc::new);
    relay.check_identities()?;
    let Listening { listeners, authorities, ports, admin_hosts } =
        listen_on(&listen, admin.as_ref(), sockets, &mut hosts).await?;
    capacity::settle(&mut limits)?;
    // Before the addresses are announced: from then on a signal may come.
    let signals = Signals::new().map_err(|error| format!("Cannot handle signals: {error}."))?;
    if let Some(tls) = &tls {
        let hosts = hosts.known();
        tls.warn(&hosts);
        let tls = Arc::clone(tls);
        on_hangup(move || match tls.reload() {
            Ok(()) => {
                tracing::info!("Certificate reloaded");
                tls.warn(&hosts);
            }
            Err(error) => {
                tracing::error!("Certificate reload failed, keeping the old one. {error}");
            }
        })?;
    }
    if let Some(file) = &port_file {
        file.write(&ports)?;
    }
    if mock.is_on() {
        let mock = mock.clone();
        on_hangup(move || match mock.reload() {
            Ok(()) => tracing::info!("Mock reloaded"),
            Err(error) => tracing::error!("Mock reload failed, keeping the old one. {error}"),
        })?;
    }
    if service::is_managed() && !mock.is_on() && tls.is_none() {
        // SIGHUP would end it.
        on_hangup(|| tracing::info!("Nothing to reload"))?;
    }
    let is_tls = tls.is_some();
    let config = Config {
        limits,
        compression,
        hosts,
        admin_hosts,
        origins,
        proxies,
        tls,
        log_messages,
        endpoints,
        mock,
        relay,
    };
    config.relay.decide(is_private(&listeners, &config))?;
    announce(&authorities, is_tls, open, &config.mock);
    service::notify_ready();
    run(listeners, config, shut_down(signals, port_path)).await;
    Ok(())
}

/// Sockets that listen, and the names of the public ones.
#[derive(Default)]
struct Listening {
    /// Sockets to accept on.
    listeners: Listeners,
    /// `HOST:PORT` of each public address.
    authorities: Vec<String>,
    /// Port of each public address, for the port file.
    ports: Vec<u16>,
    /// Hosts by which clients may call the admin ones.
    admin_hosts: Hosts,
}

/// Takes over `sockets`, and binds the addresses of the flags of the kind, public or admin, that has none there.
/// Adds the hosts by which clients may call the public ones.
async fn listen_on(
    listen: &[ListenAddress],
    admin: Option<&ListenAddress>,
    sockets: Sockets,
    hosts: &mut Hosts,
) -> Result<Listening, Box<dyn Error>> {
    let mut listening = Listening::default();
    let mut public = Vec::new();
    if sockets.public.is_empty() {
        for address in listen {
            let bound = bind(address).await;
            public.push(bound.map_err(|error| error.with_remedy("--listen"))?);
            hosts.allow(address.host());
        }
    } else {
        tracing::info!("Listening on the sockets of the service manager; --listen is ignored");
    }
    for socket in sockets.public {
        public.push(adopt(socket).map_err(SocketError::from)?);
    }
    for bound in public {
        listening.listeners.public.extend(bound.listeners);
        listening.authorities.push(bound.authority);
        listening.ports.push(bound.port);
    }
    let mut private = Vec::new();
    if let Some(address) = admin.filter(|_| sockets.admin.is_empty()) {
        let bound = bind(address).await;
        private.push(bound.map_err(|error| error.with_remedy("--admin"))?);
        listening.admin_hosts.allow(address.host());
    }
    for socket in sockets.admin {
        private.push(adopt(socket).map_err(SocketError::from)?);
    }
    for bound in private {
        tracing::info!("Health and metrics are at http://{}/metrics", bound.authority);
        listening.listeners.admin.extend(bound.listeners);
    }
    Ok(listening)
}

/// Logs the addresses, and opens the page of the first one if asked to.
fn announce(authorities: &[String], is_tls: bool, open_page: bool, mock: &Mock) {
    let (ws, http) = if is_tls { ("wss", "https") } else { ("ws", "http") };
    for authority in authorities {
        tracing::info!("WebSocket server is running on {ws}://{authority}");
        let authority = reachable(authority);
        if !mock.is_alone() {
            tracing::info!("The page is at {http}://{authority}");
        }
        if mock.is_on() {
            tracing::info!("Mock report: {http}://{authority}/mock");
        }
    }
    if let Some(authority) = authorities.first().filter(|_| open_page).map(|it| reachable(it))
        && let Err(error) = open::that_detached(format!("{http}://{authority}"))
    {
        tracing::warn!("Cannot open a browser: {error}. Open {http}://{authority} yourself.");
    }
}

/// `HOST:PORT` for a browser on this machine: not all systems connect to the address that stands for all.
fn reachable(authority: &str) -> Cow<'_, str> {
    match authority.rsplit_once(':') {
        Some(("[::]", port)) => format!("localhost:{port}").into(),
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}").into(),
        _ => authority.into(),
    }
}

/// Resolves at the first signal; a second one removes the port file and exits at once.
async fn shut_down(mut signals: Signals, port_file: Option<PathBuf>) {
    signals.recv().await;
    service::notify_stopping();
    tokio::spawn(async move {
        signals.recv().await;
        let _ = port_file.map(fs::remove_file);
        std::process::exit(EXIT_SIGINT);
    });
}

/// Calls `reload` on each SIGHUP.
#[cfg(unix)]
fn on_hangup(reload: impl Fn() + Send + 'static) -> Result<(), String> {
    use tokio::signal::unix::{SignalKind, signal};

    let hangups = signal(SignalKind::hangup());
    let mut hangups = hangups.map_err(|error| format!("Cannot handle SIGHUP: {error}."))?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            reload();
        }
    });
    Ok(())
}

/// Does nothing: Windows has no SIGHUP, so that new files need a restart.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "fallible on Unix")]
fn on_hangup(_: impl Fn() + Send + 'static) -> Result<(), String> {
    Ok(())
}
