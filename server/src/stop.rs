//! The word that the server is to stop.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio_util::sync::CancellationToken;

/// Said once, heard by all. To ask whether it was said takes no lock.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    is_said: AtomicBool,
    token: CancellationToken,
}

impl Stop {
    pub(crate) fn say(&self) {
        self.is_said.store(true, Relaxed);
        self.token.cancel();
    }

    pub(crate) fn is_said(&self) -> bool {
        self.is_said.load(Relaxed)
    }

    /// Resolves when it is said.
    pub(crate) async fn said(&self) {
        self.token.cancelled().await;
    }
}
