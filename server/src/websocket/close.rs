//! Closing handshake, and other ends of a connection (RFC 6455 section 7).
//!
//! | reason | Close frame sent | then |
//! | --- | --- | --- |
//! | Close frame of the peer | the same code and reason | end |
//! | violation | 1002, 1007 or 1009 | end |
//! | idle timeout, shutdown | 1001 | wait for the peer's Close frame, end |
//! | message timeout | 1008 | wait for the peer's Close frame, end |
//! | memory limit | 1013, if nothing of the backlog was to be written | end |
//! | handler | its own | wait for the peer's Close frame, end |
//! | connection lost, peer gone | none | end |

use std::{borrow::Cow, time::Duration};

use protocol::{Close, close_code};

use super::{
    handler::{Abort, Finish},
    socket::{End, Socket},
    transport::Transport,
};
use crate::operation::record::EndRecord;

/// Reason a connection ends.
pub(super) enum EndReason {
    /// Close frame, violation or lost connection of the peer.
    Peer(End),
    /// No sign of life from the peer, or nothing read by it.
    PeerGone,
    /// No message for [`Limits::idle`](crate::Limits::idle).
    Idle,
    /// Message not complete within [`Limits::message_timeout`](crate::Limits::message_timeout).
    MessageTimeout,
    /// Too much memory held for all peers ([`Limits::memory`](crate::Limits::memory)), and for this one
    /// more than for others.
    MemoryLimit,
    /// Shutdown of the server.
    Shutdown,
    /// End by the endpoint's handler.
    Handler(Finish),
}

impl EndReason {
    /// Close code, sent or standing for it (RFC 6455 sections 7.1.5 and 7.4.1).
    pub(super) fn code(&self) -> u16 {
        match self {
            Self::Peer(End::Closed(close)) | Self::Handler(Finish::Close(close)) => {
                close.as_ref().map_or(close_code::NONE, |it| it.code)
            }
            Self::Peer(End::Violation(violation)) => violation.close_code(),
            Self::Handler(Finish::Closed { code }) => *code,
            Self::Peer(End::Dropped) | Self::PeerGone | Self::Handler(Finish::Abort(_)) => {
                close_code::ABNORMAL
            }
            Self::Idle | Self::Shutdown => close_code::AWAY,
            Self::MessageTimeout => close_code::POLICY,
            Self::MemoryLimit => close_code::TRY_LATER,
        }
    }

    /// End of the connection, for log and metrics.
    pub(super) fn record(&self) -> EndRecord {
        let (closed_by, cause) = match self {
            Self::Peer(End::Closed(_)) => ("client", "client"),
            Self::Peer(End::Violation(_)) => ("server", "violation"),
            Self::Peer(End::Dropped) => ("nobody", "lost"),
            Self::PeerGone => ("server", "no_pong"),
            Self::Idle => ("server", "idle"),
            Self::MessageTimeout => ("server", "message_timeout"),
            Self::MemoryLimit => ("server", "memory"),
            Self::Shutdown => ("server", "shutdown"),
            Self::Handler(_) => ("server", "endpoint"),
        };
        EndRecord { code: self.code(), closed_by, cause, reason: self.reason().into_owned() }
    }

    /// Reason in the Close frame; empty without one.
    fn reason(&self) -> Cow<'_, str> {
        match self {
            Self::Peer(End::Closed(close)) | Self::Handler(Finish::Close(close)) => {
                close.as_ref().map_or("", |close| &close.reason).into()
            }
            Self::Peer(End::Violation(violation)) => violation.to_string().into(),
            Self::Idle => "idle timeout: no message".into(),
            Self::MessageTimeout => "message timeout: not complete in time".into(),
            Self::MemoryLimit => "the server is short of memory".into(),
            Self::Shutdown => "the server is shutting down".into(),
            Self::Peer(End::Dropped)
            | Self::PeerGone
            | Self::Handler(Finish::Closed { .. } | Finish::Abort(_)) => "".into(),
        }
    }

    /// Writes the backlog and the Close frame, waits for the peer's, and ends the connection.
    ///
    /// Gives up when the peer reads nothing, or sends no Close frame, for `limit`
    /// ([`Limits::close_timeout`](crate::Limits::close_timeout)).
    pub(super) async fn close<T: Transport>(self, mut socket: Socket<T>, limit: Duration) {
        let ours = || Some(Close { code: self.code(), reason: self.reason().into_owned() });
        let (close, is_answered) = match self {
            Self::Peer(End::Closed(close)) => (close, false),
            Self::Peer(End::Violation(_)) | Self::MemoryLimit => (ours(), false),
            Self::Idle | Self::MessageTimeout | Self::Shutdown => (ours(), true),
            Self::Handler(Finish::Close(close)) => (close, true),
            Self::Handler(Finish::Closed { .. }) => {
                if socket.flush(limit).await {
                    socket.read_until_close(limit).await;
                    socket.finish().await;
                }
                return;
            }
            Self::Handler(Finish::Abort(Abort::Reset)) => return socket.reset(),
            // A peer that has ended only its own direction may still read.
            Self::Peer(End::Dropped) | Self::Handler(Finish::Abort(Abort::Fin)) => {
                if socket.flush(limit).await {
                    socket.finish().await;
                }
                return;
            }
            Self::PeerGone => return,
        };
        socket.outbox.close(close.as_ref());
        if !socket.flush(limit).await {
            return;
        }
        if is_answered {
            socket.read_until_close(limit).await;
        }
        socket.finish().await;
    }
}
