//! Service manager: sockets passed by it (`LISTEN_FDS`), and notifications to it (`sd_notify`).

use std::{io, net::TcpListener};

/// Name of a socket for health and metrics: `FileDescriptorName=` of a systemd socket unit.
#[cfg(unix)]
const ADMIN: &str = "admin";

/// Listening sockets that the service manager handed over.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    /// Sockets in place of the addresses of `--listen`.
    pub(super) public: Vec<TcpListener>,
    /// Sockets in place of the one of `--admin`.
    pub(super) admin: Vec<TcpListener>,
}

/// Error with a socket that was handed over, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
#[error(
    "The service manager handed over a socket that cannot be used: {0}. \
     Use ListenStream= with an address and a port, and Accept=no."
)]
pub(super) struct SocketError(#[from] io::Error);

#[cfg(unix)]
impl Sockets {
    /// Takes the sockets over. They are this process's alone, so its variables are removed: call it before
    /// other threads start.
    pub(super) fn take() -> Result<Self, SocketError> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut handed = listenfd::ListenFd::from_env();
        let mut sockets = Self::default();
        for index in 0..handed.len() {
            let is_admin = names.next() == Some(ADMIN);
            let Some(socket) = handed.take_tcp_listener(index)? else { continue };
            socket.set_nonblocking(true)?;
            let of_kind = if is_admin { &mut sockets.admin } else { &mut sockets.public };
            of_kind.push(socket);
        }
        Ok(sockets)
    }
}

#[cfg(windows)]
impl Sockets {
    /// No sockets: Windows has no such protocol.
    #[expect(clippy::unnecessary_wraps, reason = "fallible on Unix")]
    pub(super) fn take() -> Result<Self, SocketError> {
        Ok(Self::default())
    }
}

/// Tells the service manager that the server listens, and from then on, twice in each `WatchdogSec=`, that its
/// runtime is alive. Does nothing without one. Needs a tokio runtime.
#[cfg(unix)]
pub(super) fn notify_ready() {
    use sd_notify::NotifyState::{Ready, Watchdog};

    notify(Ready);
    if let Some(limit) = sd_notify::watchdog_enabled() {
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(limit / 2);
            loop {
                ticks.tick().await;
                notify(Watchdog);
            }
        });
    }
}

/// True if a service manager waits to be told the state.
pub(super) fn is_managed() -> bool {
    std::env::var_os("NOTIFY_SOCKET").is_some()
}

/// Tells the service manager that the server drains.
#[cfg(unix)]
pub(super) fn notify_stopping() {
    notify(sd_notify::NotifyState::Stopping);
}

/// Tells the service manager a state; a failure is a warning in the log.
#[cfg(unix)]
fn notify(state: sd_notify::NotifyState) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!("Cannot tell the service manager: {error}");
    }
}

#[cfg(windows)]
pub(super) fn notify_ready() {}

/// Does nothing on Windows.
#[cfg(windows)]
pub(super) fn notify_stopping() {}
