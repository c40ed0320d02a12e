//! Socket of a virtual user: as small as can be, since there are thousands. Reads go through a
//! shared buffer.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use connector::{Connection, Transport};
use protocol::{Client, Close, Limits, Opcode, Received, Receiver, Sender, Violation};
use scenario::{Input, Outgoing};
use session::CloseCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::websocket::{kind_of, to_message};

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

/// Open WebSocket. Events are those of a scenario's run; it answers pings and Close frames by
/// itself.
pub(super) struct LoadSocket {
    /// Stream after the opening handshake.
    stream: Box<dyn Transport>,
    receiver: Receiver<Client>,
    sender: Sender<Client>,
    /// Bytes to be written; empty without capacity while there are none.
    output: Vec<u8>,
    /// True once a Close frame was sent: nothing follows it.
    has_closed: bool,
    /// True once a Close frame was received.
    is_closed: bool,
}

impl LoadSocket {
    /// Socket of an open connection, and the bytes that were received with the end of its
    /// handshake.
    pub(super) fn new(connection: Connection) -> (Self, Vec<u8>) {
        let Connection { stream, rest, deflate, client, .. } = connection;
        let receiver = Receiver::new(Limits { frame: MESSAGE, message: MESSAGE }, deflate);
        let sender = Sender::new(client, deflate, 0);
        let (output, has_closed, is_closed) = (Vec::new(), false, false);
        (Self { stream, receiver, sender, output, has_closed, is_closed }, rest)
    }

    /// True while the peer reads: few bytes wait to be written.
    pub(super) fn is_flowing(&self) -> bool {
        self.output.len() < UNWRITTEN
    }

    /// Reads once into `buffer`, and adds the events to `inputs`.
    pub(super) fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        inputs: &mut Vec<Input>,
    ) -> Poll<Result<(), End>> {
        let mut into = ReadBuf::new(buffer);
        match ready!(Pin::new(&mut self.stream).poll_read(context, &mut into)) {
            Ok(()) if !into.filled().is_empty() => {
                Poll::Ready(self.decode(into.filled_mut(), inputs))
            }
            _ if self.is_closed => Poll::Ready(Err(End::Closed)),
            _ => Poll::Ready(Err(End::Lost)),
        }
    }

    /// Decodes bytes, answers pings and a Close frame, and adds the events to `inputs`.
    pub(super) fn decode(
        &mut self,
        mut bytes: &mut [u8],
        inputs: &mut Vec<Input>,
    ) -> Result<(), End> {
        while !bytes.is_empty() && !self.is_closed {
            match self.receiver.receive(&mut bytes).map_err(End::Violation)? {
                None | Some(Received::Progress(_)) => {}
                Some(Received::Message(kind, payload)) => {
                    inputs.push(Input::Message(to_message(kind, payload)));
                }
                Some(Received::Ping(payload)) => {
                    self.write(|sender, output| sender.write_frame(Opcode::Pong, &payload, output));
                    inputs.push(Input::Ping(payload.into_owned()));
                }
                Some(Received::Pong(payload)) => inputs.push(Input::Pong(payload.into_owned())),
                Some(Received::Close(close)) => {
                    self.write(|sender, output| sender.write_close(close.as_ref(), output));
                    (self.has_closed, self.is_closed) = (true, true);
                    let close = close
                        .map_or((CloseCode::NO_STATUS.0, String::new()), |it| (it.code, it.reason));
                    inputs.push(Input::Closed(Some(close)));
                }
            }
        }
        Ok(())
    }

    /// Queues a message or frame. A file has to be read before: its path is ignored.
    pub(super) fn send(&mut self, outgoing: &Outgoing) {
        let is_close = matches!(outgoing, Outgoing::Close(..));
        self.write(|sender, output| match outgoing {
            Outgoing::Message(message) => {
                let (kind, payload) = kind_of(message);
                sender.write_message(kind, payload, output);
            }
            Outgoing::Fragments(message, size) => {
                let (kind, payload) = kind_of(message);
                let mut fragments = sender.fragment(kind, payload, *size);
                while sender.write_fragment(&mut fragments, output) {}
            }
            Outgoing::Ping(data) => sender.write_frame(Opcode::Ping, data.as_bytes(), output),
            Outgoing::Pong(data) => sender.write_frame(Opcode::Pong, data.as_bytes(), output),
            Outgoing::Close(code, reason) => {
                let close = Close { code: *code, reason: reason.clone() };
                sender.write_close(Some(&close), output);
            }
            Outgoing::File(..) => {}
        });
        self.has_closed |= is_close;
    }

    /// Encodes by `write`, unless a Close frame was sent (RFC 6455, section 5.5.1).
    fn write(&mut self, write: impl FnOnce(&mut Sender<Client>, &mut Vec<u8>)) {
        if !self.has_closed {
            write(&mut self.sender, &mut self.output);
        }
    }

    /// Writes the queued bytes. Holds no memory once all of it is written.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut written = 0;
        let result = loop {
            let left = &self.output[written..];
            if left.is_empty() {
                self.output = Vec::new();
                return if written > 0 {
                    // TLS holds records until flushed.
                    Pin::new(&mut self.stream).poll_flush(context)
                } else {
                    Poll::Ready(Ok(()))
                };
            }
            match Pin::new(&mut self.stream).poll_write(context, left) {
                Poll::Ready(Ok(0)) => break Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => written += count,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.output.drain(..written);
        result
    }
}
