//! Keep-alive pings, the idle timeout, and the message timeout.
//!
//! A check runs every [`Limits::ping`]. A peer that sent nothing since the last check is pinged; if it
//! is silent for [`Limits::pong`] after that, it is gone. So is a peer that reads nothing of its backlog
//! for that time. A peer whose messages are not read is pinged as well: its silence means nothing, but writing
//! fails if it is gone.

use std::{
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep, sleep},
};

use super::{socket::Socket, transport::Transport};
use crate::limits::Limits;

/// Keep-alive timer: pings a silent peer, and detects one that is gone.
pub(super) struct KeepAlive {
    /// Timer of the next check.
    next: Pin<Box<Sleep>>,
    /// True if a message came since the last check.
    had_message: bool,
    /// True if nothing came before the last check.
    was_silent: bool,
    /// True if bytes waited for the peer at the last check.
    had_backlog: bool,
}

/// State of the peer at a check.
pub(super) enum PeerState {
    /// Not silent since the last check.
    Alive,
    /// Silent since the last check, or not read on this side: to be pinged.
    Silent,
    /// Silent in spite of a ping, or reading nothing of its backlog.
    Gone,
}

impl KeepAlive {
    /// Starts with the opening; the first check is after [`Limits::ping`].
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            next: Box::pin(sleep(limits.ping)),
            had_message: false,
            was_silent: false,
            had_backlog: false,
        }
    }

    /// Notes that a message came.
    pub(super) fn on_message(&mut self) {
        self.had_message = true;
    }

    /// Ready at each check. `is_reading` is false while the socket is not read, so that silence means
    /// nothing.
    pub(super) fn poll<T: Transport>(
        &mut self,
        context: &mut Context<'_>,
        limits: &Limits,
        socket: &mut Socket<T>,
        is_reading: bool,
    ) -> Poll<PeerState> {
        ready!(poll_timer(&mut self.next, context));
        if !mem::take(&mut self.had_message) {
            socket.release_memory();
        }
        let traffic = mem::take(&mut socket.traffic);
        let has_backlog = socket.outbox.waiting() > 0;
        let is_stuck = has_backlog && self.had_backlog && !traffic.written;
        // A peer that is reading its backlog need not send, nor one that is not read.
        let is_silent = !traffic.read && !has_backlog && is_reading;
        let was_silent = mem::replace(&mut self.was_silent, is_silent);
        self.had_backlog = has_backlog;
        let wait = if is_silent || has_backlog { limits.pong } else { limits.ping };
        self.next.as_mut().reset(Instant::now() + wait);
        Poll::Ready(match (is_stuck, was_silent, is_silent) {
            (true, _, _) | (_, true, true) => PeerState::Gone,
            (_, false, true) => PeerState::Silent,
            (_, _, false) if !is_reading && !has_backlog => PeerState::Silent,
            (_, _, false) => PeerState::Alive,
        })
    }
}

/// Polls a timer outside tokio's task budget: a peer that uses it up must not stop the clock.
fn poll_timer(timer: &mut Pin<Box<Sleep>>, context: &mut Context<'_>) -> Poll<()> {
    pin!(unconstrained(timer.as_mut())).poll(context)
}

/// Idle timeout: time without a message ([`Limits::idle`]).
pub(super) struct IdleTimeout {
    /// Time without a message until the connection is closed.
    limit: Duration,
    /// Time of the last message, or of the opening.
    last: Instant,
    /// Timer, set to the end of the limit at most: a message need not move it.
    next: Pin<Box<Sleep>>,
}

impl IdleTimeout {
    /// Starts with the opening.
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, last: Instant::now(), next: Box::pin(sleep(limit)) }
    }

    /// Ready when the time is over. `had_message` tells that a message came just now.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, had_message: bool) -> Poll<()> {
        if had_message {
            self.last = Instant::now();
        }
        loop {
            ready!(poll_timer(&mut self.next, context));
            let end = self.last + self.limit;
            if end <= Instant::now() {
                return Poll::Ready(());
            }
            self.next.as_mut().reset(end);
        }
    }
}

/// Message timeout: time from the first byte of a message to its last ([`Limits::message_timeout`]).
#[derive(Default)]
pub(super) struct MessageTimeout {
    /// Number and timer of the message that has begun. None is set for a message that arrives at once.
    timer: Option<Box<(u32, Pin<Box<Sleep>>)>>,
}

impl MessageTimeout {
    /// Ready when the time is over. `begun` is the number of the message that has begun; `None` also
    /// while the socket is not read, which is no fault of the peer.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        limits: &Limits,
        begun: Option<u32>,
    ) -> Poll<()> {
        let timer = self.timer.take().filter(|timer| Some(timer.0) == begun);
        self.timer =
            timer.or_else(|| Some(Box::new((begun?, Box::pin(sleep(limits.message_timeout))))));
        match &mut self.timer {
            Some(timer) => poll_timer(&mut timer.1, context),
            None => Poll::Pending,
        }
    }
}
