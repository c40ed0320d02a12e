//! Life of a server: serve, then drain.

use std::{net::SocketAddr, sync::Arc};

use humantime::format_duration;
use tokio::{
    net::TcpListener,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    accept::listener::{accept, accept_admin},
    access::hosts::Hosts,
    config::Config,
    limits::Limits,
    operation::message_log::LogMessages,
    relay::Relay,
    routes,
    state::Server,
};

/// Sockets that a server accepts connections on.
#[derive(Debug, Default)]
pub struct Listeners {
    /// Sockets of the clients, bound and listening.
    pub public: Vec<TcpListener>,
    /// Sockets of the operator, for `/healthz`, `/readyz` and `/metrics`, without TLS. Without any,
    /// these paths are public.
    pub admin: Vec<TcpListener>,
}

impl Listeners {
    /// True if only this machine can connect to the public sockets.
    fn are_local(&self) -> bool {
        let is_local = |listener: &TcpListener| {
            listener.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback())
        };
        self.public.iter().all(is_local)
    }
}

/// Relay, if it is on. By default it is on where only programs and users of this machine can reach
/// the server.
fn relay(listeners: &Listeners, config: &Config) -> Option<Relay> {
    if config.mock.is_alone() || !config.relay.decide(is_private(listeners, config)).ok()? {
        return None;
    }
    let addresses = |listeners: &[TcpListener]| -> Vec<SocketAddr> {
        listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    };
    let relay = Relay::new(&addresses(&listeners.public), addresses(&listeners.admin));
    relay.inspect_err(|error| tracing::error!("The relay is off: no random token: {error}")).ok()
}

/// True if only this machine can reach the public paths: by their sockets, by their host names, and
/// not through a proxy.
pub(crate) fn is_private(listeners: &Listeners, config: &Config) -> bool {
    listeners.are_local() && config.hosts.are_local() && config.proxies.trusted.is_empty()
}

/// Allows the addresses that these sockets listen on.
fn allow(hosts: &mut Hosts, listeners: &[TcpListener]) {
    for address in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        hosts.allow(&address.ip().to_string());
    }
}

/// Serves on `listeners` until `shutdown` resolves, for [`Limits::lame_duck`] not ready any more, then
/// drains: accepts no new connection, answers the messages that have arrived, closes each WebSocket
/// with 1001.
///
/// Returns once all connections have ended, at the latest after [`Limits::drain`]; those left end with
/// the runtime.
pub async fn run(listeners: Listeners, mut config: Config, shutdown: impl Future<Output = ()>) {
    let Limits { lame_duck, drain, .. } = config.limits;
    allow(&mut config.hosts, &listeners.public);
    allow(&mut config.admin_hosts, &listeners.admin);
    if config.log_messages == LogMessages::Auto && !is_private(&listeners, &config) {
        tracing::info!(
            "Messages are not logged, because others can connect; --log-messages on logs them."
        );
        config.log_messages = LogMessages::Off;
    }
    let relay = relay(&listeners, &config);
    let mut server = Server::new(config);
    server.relay = relay.map(Arc::new);
    let server = Arc::new(server);

    let app = routes::public(&server, listeners.admin.is_empty());
    for listener in listeners.public {
        server.tasks.spawn(accept(listener, app.clone(), Arc::clone(&server)));
    }
    // Health and metrics are served until the last connection is drained.
    let mut admin = JoinSet::new();
    for listener in listeners.admin {
        admin.spawn(accept_admin(listener, routes::admin(&server), Arc::clone(&server)));
    }

    let serving = async {
        shutdown.await;
        server.shutdown.announce();
        if !lame_duck.is_zero() {
            let time = format_duration(lame_duck);
            tracing::info!("Shutting down in {time}; /readyz returns 503 until then");
            sleep(lame_duck).await;
        }
    };
    tokio::select! {
        () = serving => {}
        () = server.message_log.limit.report_skipped() => {}
        () = server.event_log.report_skipped() => {}
    }

    let open = match server.connections.open_count() {
        1 => "1 connection".to_owned(),
        open => format!("{open} connections"),
    };
    tracing::info!(
        "Shutting down: closing {open}, up to {}. A second signal exits at once.",
        format_duration(drain)
    );
    server.shutdown.request();
    server.tasks.close();
    if timeout(drain, server.tasks.wait()).await.is_err() {
        let open = server.tasks.len();
        tracing::warn!("Drain timeout; connections still open: {open}");
    }
    server.message_log.limit.log_skipped();
    server.event_log.log_skipped();
}
