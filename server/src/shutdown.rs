//! Shutdown: the signals that request it, and the broadcast that reaches every task.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use tokio::signal;
use tokio_util::sync::CancellationToken;

/// Shutdown broadcast: requested once, heard by every task. Asking for it takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Shutdown {
    /// True from the signal on.
    is_announced: AtomicBool,
    /// True once connections are to close.
    is_requested: AtomicBool,
    /// Wakes the tasks that wait for the request.
    token: CancellationToken,
}

impl Shutdown {
    /// Announces that a shutdown is to follow: the server serves, and is not ready any more.
    pub(crate) fn announce(&self) {
        self.is_announced.store(true, Relaxed);
    }

    /// True from the signal on, so that `/readyz` answers 503.
    pub(crate) fn is_announced(&self) -> bool {
        self.is_announced.load(Relaxed)
    }

    /// Requests the end of all connections, after the lame-duck time.
    pub(crate) fn request(&self) {
        self.is_requested.store(true, Relaxed);
        self.token.cancel();
    }

    /// True once connections are to close. Takes no lock, unlike a poll of [`Self::requested`].
    pub(crate) fn is_requested(&self) -> bool {
        self.is_requested.load(Relaxed)
    }

    /// Resolves once shutdown is requested, at once if it was before.
    pub(crate) async fn requested(&self) {
        self.token.cancelled().await;
    }
}

/// Stop signals: SIGINT (Ctrl-C) and SIGTERM.
///
/// Handled from the moment this is created, for the rest of the process: the default action, to end
/// it, does not come back.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    /// SIGINT.
    interrupt: signal::unix::Signal,
    /// SIGTERM.
    terminate: signal::unix::Signal,
}

/// Stop signal: Ctrl-C.
///
/// Handled from the moment this is created, for the rest of the process.
#[cfg(windows)]
#[derive(Debug)]
pub struct Signals(signal::windows::CtrlC);

#[cfg(unix)]
impl Signals {
    /// Installs the handlers. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves at the next signal.
    pub async fn recv(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
impl Signals {
    /// Installs the handler. Needs a tokio runtime.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn new() -> io::Result<Self> {
        signal::windows::ctrl_c().map(Self)
    }

    /// Resolves at the next signal.
    pub async fn recv(&mut self) {
        self.0.recv().await;
    }
}
