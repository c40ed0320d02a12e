//! Interrupt: SIGINT (Ctrl-C) or SIGTERM. The first closes the connection, the second exits at once.

use std::io;

use server::shutdown::Signals;
use tokio::sync::watch;

use super::{console::fail, exit::Exit, group, terminal_mode};

/// Interrupt flag, shared by its clones.
#[derive(Clone)]
pub(crate) struct Interrupt(watch::Sender<bool>);

impl Interrupt {
    /// Installs the signal handlers, or prints why that failed. Needs a tokio runtime.
    pub(crate) fn listen() -> Result<Self, Exit> {
        let interrupt = Self(watch::Sender::new(false));
        let raised = interrupt.clone();
        let mut signals = Signals::new().map_err(|error| not_handled(&error))?;
        tokio::spawn(async move {
            loop {
                signals.recv().await;
                raised.raise();
            }
        });
        Ok(interrupt)
    }

    /// Raises the flag at SIGHUP, too: the terminal is gone. Fails as [`Interrupt::listen`]. Only Unix has
    /// this signal.
    pub(crate) fn raise_at_hangup(&self) -> Result<(), Exit> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut hangup = signal(SignalKind::hangup()).map_err(|error| not_handled(&error))?;
            let raised = self.clone();
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    raised.raise();
                }
            });
        }
        Ok(())
    }

    /// Raises the flag; exits with status 130 if it was raised before.
    ///
    /// Called for a signal, and by the prompt: while it reads keys, Ctrl-C is a key and no signal.
    pub(crate) fn raise(&self) {
        if self.0.send_replace(true) {
            terminal_mode::restore();
            group::kill_all();
            std::process::exit(Exit::Interrupted as i32);
        }
    }

    /// True once interrupted.
    pub(crate) fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves once the flag is raised, at once if it was before.
    pub(crate) async fn raised(&self) {
        // Cannot fail: `self` holds the sender.
        let _ = self.0.subscribe().wait_for(|is_raised| *is_raised).await;
    }
}

/// Exit status for handlers that cannot be installed, with its sentence.
fn not_handled(error: &io::Error) -> Exit {
    fail(&format!("Cannot handle signals: {error}."))
}
