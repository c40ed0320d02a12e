//! Waiting for a number of messages or a time.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Sleep, sleep};

use super::ask::After;

/// Counts down from the opening.
pub(super) enum Countdown {
    Messages(u64),
    Time(Pin<Box<Sleep>>),
}

impl Countdown {
    pub(super) fn begin(after: After) -> Self {
        match after {
            After::Messages(count) => Self::Messages(count),
            // A timer takes a millisecond at least, and a message may come before it.
            After::Time(Duration::ZERO) => Self::Messages(0),
            After::Time(time) => Self::Time(Box::pin(sleep(time))),
        }
    }

    /// A message came.
    pub(super) fn count(&mut self) {
        if let Self::Messages(left) = self {
            *left = left.saturating_sub(1);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Messages(left) => *left == 0,
            Self::Time(timer) => timer.is_elapsed(),
        }
    }

    /// Ready when it is over, and ever after.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            _ if self.is_over() => Poll::Ready(()),
            Self::Messages(_) => Poll::Pending,
            Self::Time(timer) => timer.as_mut().poll(context),
        }
    }
}
