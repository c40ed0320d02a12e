//! Ctrl-C and SIGTERM: the first closes cleanly, the second ends the program at once.

use std::io;

use tokio::{signal, sync::watch};

use crate::{exit::Exit, prompt};

/// Whether someone wants the program to stop. Copies are the same wish.
#[derive(Clone)]
pub(crate) struct Interrupt(watch::Sender<bool>);

impl Interrupt {
    /// Handles signals from here on.
    pub(crate) fn listen() -> io::Result<Self> {
        let interrupt = Self(watch::Sender::new(false));
        let raised = interrupt.clone();
        let mut signals = Signals::new()?;
        tokio::spawn(async move {
            loop {
                signals.next().await;
                raised.raise();
            }
        });
        Ok(interrupt)
    }

    /// As if Ctrl-C was pressed: while the prompt reads keys, that is a key and no signal.
    pub(crate) fn raise(&self) {
        if self.0.send_replace(true) {
            prompt::restore_terminal();
            std::process::exit(Exit::Interrupted as i32);
        }
    }

    pub(crate) fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when it is raised, or at once if it was.
    pub(crate) async fn raised(&self) {
        // The sender is in `self`, so that it is not gone.
        let _ = self.0.subscribe().wait_for(|is_raised| *is_raised).await;
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: signal::unix::Signal,
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
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

#[cfg(windows)]
struct Signals(signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
