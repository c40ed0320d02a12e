//! Events of a socket: its opening, what it receives, its end.

use std::net::SocketAddr;

use connector::{ConnectError, OpeningReport};
use protocol::{Deflate, Violation};
use session::{Close, CloseCode, Direction, EndReason, Fact, Frame, Handshake, Message};

use crate::{handshake::shown_url, quantity::format_counted};

/// HTTP status of a handshake that opens a WebSocket.
const SWITCHING_PROTOCOLS: u16 = 101;

/// Event of the socket.
pub(crate) enum SocketEvent {
    /// End of a successful opening handshake.
    Opened(Opened),
    /// Opening that failed; no event follows.
    Failed(ConnectError),
    /// Complete message of the peer.
    Received(Message),
    /// Frames sent and received, in their order; the event that they belong to follows.
    Frames(Vec<(Direction, Frame)>),
    /// Ping received; the pong is sent.
    Ping(Vec<u8>),
    /// Pong of the peer, with its data.
    Pong(Vec<u8>),
    /// Close frame received; [`Self::Ended`] follows.
    Close(Close),
    /// Ready for the next [`Socket::send`](super::Socket::send), or flushed.
    Ready,
    /// End of the socket; no event follows.
    Ended(SocketEnd),
}

impl SocketEvent {
    /// Fact of a message or control frame received, or of the end of an open socket, for records.
    pub(crate) fn fact(&self) -> Option<Fact> {
        Some(match self {
            Self::Received(message) => Fact::Message(Direction::In, message.clone(), None),
            Self::Ping(data) => Fact::Ping(Direction::In, data.clone()),
            Self::Pong(data) => Fact::Pong(Direction::In, data.clone(), None),
            Self::Close(close) => Fact::Close(Direction::In, close.clone()),
            Self::Ended(end) => {
                Fact::Ended(EndReason::Closed(end.close()), end.cause(), Handshake::default())
            }
            Self::Opened(_) | Self::Failed(_) | Self::Frames(_) | Self::Ready => return None,
        })
    }

    /// Fact of the frame by which the socket answers it: a pong or a Close frame; none once this side `has_closed`.
    pub(crate) fn answer(&self, has_closed: bool) -> Option<Fact> {
        match self {
            _ if has_closed => None,
            Self::Ping(data) => Some(Fact::Pong(Direction::Out, data.clone(), None)),
            Self::Close(close) => Some(Fact::Close(Direction::Out, close.clone())),
            _ => None,
        }
    }
}

/// Result of the opening handshake.
pub(crate) struct Opened {
    /// URL of the server, after redirects.
    pub(crate) url: String,
    /// Address of the TCP connection.
    pub(crate) address: Option<SocketAddr>,
    /// Report of the opening; none of one that was accepted.
    pub(crate) report: Option<Box<OpeningReport>>,
    /// Subprotocol that the server selected.
    pub(crate) subprotocol: Option<String>,
    /// Parameters of permessage-deflate, if it was agreed on.
    pub(crate) deflate: Option<Deflate>,
}

impl Opened {
    /// Handshake of attempt `attempt`, for records.
    pub(crate) fn handshake(&self, attempt: Option<u32>) -> Handshake {
        Handshake {
            attempt,
            url: Some(self.url.clone()),
            address: self.address.map(|address| address.to_string()),
            status: Some(SWITCHING_PROTOCOLS),
            subprotocol: self.subprotocol.clone(),
            extensions: self.deflate.map(|deflate| deflate.to_string()),
            closed_by: None,
        }
    }
}

/// Handshake of attempt `attempt` that failed, for records.
pub(crate) fn failed_handshake(
    error: &ConnectError,
    attempt: Option<u32>,
    shows_secrets: bool,
) -> Handshake {
    Handshake {
        attempt,
        url: Some(shown_url(error.url(), shows_secrets)),
        address: error.address().map(|address| address.to_string()),
        status: error.status(),
        ..Handshake::default()
    }
}

/// End of an open socket.
#[derive(Debug)]
pub(crate) enum SocketEnd {
    /// With a Close frame of the peer.
    Closed {
        /// Its code and reason.
        close: Close,
        /// Minimum number of bytes not written, if they belong to messages.
        unsent: Option<u64>,
    },
    /// Without a Close frame of the peer.
    Lost {
        /// I/O error, if any.
        cause: Option<String>,
        /// As of [`Self::Closed`].
        unsent: Option<u64>,
    },
    /// Violation of the protocol, or of the maximum size, by the peer.
    Violation(Violation),
}

impl SocketEnd {
    /// Close code and reason of the end: the peer's; 1006 without a Close frame; after a violation, those of the
    /// Close frame that was sent for it.
    pub(crate) fn close(&self) -> Close {
        match self {
            Self::Closed { close, .. } => close.clone(),
            Self::Lost { .. } => Close::abnormal(),
            Self::Violation(violation) => {
                Close { code: CloseCode(violation.close_code()), reason: String::new() }
            }
        }
    }

    /// Cause in words, if it is known.
    pub(crate) fn cause(&self) -> Option<String> {
        match self {
            Self::Closed { .. } => None,
            Self::Lost { cause, .. } => cause.clone(),
            Self::Violation(violation) => Some(violation.to_string()),
        }
    }
}

/// Sentence about a violation by the peer.
pub(crate) fn violation_sentence(violation: Violation) -> String {
    match violation {
        Violation::LargeFrame(limit) | Violation::LargeMessage(limit) => {
            let limit = format_counted(limit as u64, "byte", "bytes");
            format!("The peer sent a message larger than {limit}; --max-message raises the limit.")
        }
        violation => format!("The peer violated the protocol: {violation}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_answered_once_this_side_has_closed() {
        for event in [SocketEvent::Ping(vec![1]), SocketEvent::Close(Close::normal())] {
            assert!(event.answer(false).is_some());
            assert!(event.answer(true).is_none());
        }
    }
}
