//! Socket of a virtual user: as small as can be, since there are thousands. Reads go through a
//! shared buffer.

use std::task::{Context, Poll};

use connector::Connection;
use protocol::{Received, Violation};
use scenario::Input;

use crate::websocket::{Outgoing, ReceiveError, WebSocket, to_close, to_message};

/// Maximum size of a received message, in bytes.
const MESSAGE: usize = 16 << 20;
/// Bytes that may wait to be written; beyond, nothing more is read, and so answered.
const UNWRITTEN: usize = 128 << 10;

/// End of a socket.
pub(super) enum End {
    /// End of the stream, after a Close frame.
    Closed,
    /// End of the stream, without a Close frame.
    Lost,
    /// Violation of the protocol by the server.
    Violation(Violation),
}

impl From<ReceiveError> for End {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Lost(_) => Self::Lost,
            ReceiveError::Violation(violation) => Self::Violation(violation),
        }
    }
}

/// Open WebSocket. Events are those of a scenario's run; it answers pings and Close frames by
/// itself.
pub(super) struct LoadSocket {
    websocket: WebSocket,
    /// True once a Close frame was received.
    is_closed: bool,
}

impl LoadSocket {
    /// Socket of an open connection. What was received with the end of its handshake is to be decoded.
    pub(super) fn new(connection: Connection) -> Self {
        Self { websocket: WebSocket::new(connection, MESSAGE, 0), is_closed: false }
    }

    /// Writes what is queued. Ready if there is room for more, or a write has failed: reading tells
    /// the end.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.websocket.poll_write(context, 0) {
            Poll::Pending if !self.is_flowing() => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }

    /// True while the peer reads: few bytes wait to be written.
    pub(super) fn is_flowing(&self) -> bool {
        self.websocket.unwritten() < UNWRITTEN
    }

    /// Reads once into `buffer`, and adds the events to `inputs`.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut Box<[u8]>,
        inputs: &mut Vec<Input>,
    ) -> Poll<Result<(), End>> {
        self.websocket.swap_buffer(buffer);
        let read = if self.is_closed {
            self.websocket.poll_end(context).map(|()| Err(End::Closed))
        } else {
            self.websocket.poll_fill(context).map_err(End::from)
        };
        let read = read.map(|read| read.and_then(|()| self.decode(inputs)));
        self.websocket.swap_buffer(buffer);
        read
    }

    /// Decodes what was read, answers pings and a Close frame, and adds the events to `inputs`.
    pub(super) fn decode(&mut self, inputs: &mut Vec<Input>) -> Result<(), End> {
        while !self.is_closed
            && let Some(received) = self.websocket.decode()?
        {
            match received {
                Received::Progress(_) => {}
                Received::Message(kind, payload) => {
                    inputs.push(Input::Message(to_message(kind, payload)));
                }
                Received::Ping(payload) => {
                    self.websocket.send(&Outgoing::Pong(payload.to_vec()));
                    inputs.push(Input::Ping(payload.into_owned()));
                }
                Received::Pong(payload) => inputs.push(Input::Pong(payload.into_owned())),
                Received::Close(close) => {
                    let close = to_close(close);
                    self.websocket.send(&Outgoing::Close(close.clone()));
                    self.is_closed = true;
                    inputs.push(Input::Closed(Some((close.code.0, close.reason))));
                }
            }
        }
        Ok(())
    }

    /// Queues a message or frame.
    pub(super) fn send(&mut self, outgoing: &Outgoing) {
        self.websocket.send(outgoing);
    }
}
