//! Countdown of messages or time since the opening.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

use super::options::After;

/// Countdown to an event.
pub(super) enum Countdown {
    /// Number of messages left.
    Messages(u64),
    /// Timer that began with the opening.
    Time(Pin<Box<Sleep>>),
}

impl Countdown {
    /// Begins at the opening of the WebSocket.
    pub(super) fn begin(after: After) -> Self {
        match after {
            After::Messages(count) => Self::Messages(count),
            // A timer takes at least a millisecond; a message may come before.
            After::Time(Duration::ZERO) => Self::Messages(0),
            After::Time(time) => Self::Time(Box::pin(sleep(time))),
        }
    }

    /// Counts a message; no effect on a timer.
    pub(super) fn count(&mut self) {
        if let Self::Messages(left) = self {
            *left = left.saturating_sub(1);
        }
    }

    /// True once the number of messages came, or the time is over.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Messages(left) => *left == 0,
            Self::Time(timer) => timer.is_elapsed(),
        }
    }

    /// Ready once it is over, and on every later call.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            _ if self.is_over() => Poll::Ready(()),
            Self::Messages(_) => Poll::Pending,
            Self::Time(timer) => timer.as_mut().poll(context),
        }
    }
}
