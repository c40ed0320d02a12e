//! WebSocket over a stream after the opening handshake: the client's side of `protocol`, with tokio's reads
//! and writes.

use std::{
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use connector::{Connection, Transport};
use protocol::{Client, Close, Kind, Limits, Opcode, Received, Receiver, Sender, Violation};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// Bytes of one read, at most.
const READ: usize = 64 << 10;

/// Capacity of the output that is kept once all of it is written.
const MAX_KEPT: usize = 128 << 10;

/// WebSocket of a client.
pub(crate) struct WebSocket {
    stream: Box<dyn Transport>,
    receiver: Receiver<Client>,
    sender: Sender<Client>,
    input: Box<[u8]>,
    /// Bytes of the input that were read and are not decoded.
    pending: Range<usize>,
    output: Vec<u8>,
    /// Bytes of the output that were written.
    written: usize,
    last_write: Instant,
    /// True once a Close frame is in the output: no frame follows it (RFC 6455 section 5.5.1).
    has_closed: bool,
}

/// End of what can be received.
#[derive(Debug)]
pub(crate) enum ReceiveError {
    /// Failed read, or `None` at the end of the stream.
    Lost(Option<io::Error>),
    /// Breach of the protocol or of a limit.
    Violation(Violation),
}

impl WebSocket {
    /// WebSocket over `connection`. Received messages are bounded by `max_message` bytes.
    pub(crate) fn new(connection: Connection, max_message: usize) -> Self {
        let Connection { stream, rest, deflate, client, .. } = connection;
        let mut input = vec![0; READ.max(rest.len())];
        input[..rest.len()].copy_from_slice(&rest);
        Self {
            stream,
            receiver: Receiver::new(Limits { frame: max_message, message: max_message }, deflate),
            sender: Sender::new(client, deflate, 0),
            input: input.into(),
            pending: 0..rest.len(),
            output: Vec::new(),
            written: 0,
            last_write: Instant::now(),
            has_closed: false,
        }
    }

    /// Next message or control frame. Pings are not answered.
    pub(crate) fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Received<'static>, ReceiveError>> {
        loop {
            while !self.pending.is_empty() {
                let mut left = &mut self.input[self.pending.clone()];
                let received = self.receiver.receive(&mut left);
                let received = received.map_err(ReceiveError::Violation)?;
                let received = received.map(Received::into_owned);
                self.pending.start = self.pending.end - left.len();
                match received {
                    None | Some(Received::Progress(_)) => {}
                    Some(received) => return Poll::Ready(Ok(received)),
                }
            }
            match ready!(self.poll_read(context)) {
                Ok(0) => return Poll::Ready(Err(ReceiveError::Lost(None))),
                Ok(count) => self.pending = 0..count,
                Err(error) => return Poll::Ready(Err(ReceiveError::Lost(Some(error)))),
            }
        }
    }

    /// Ready at the end of the stream, or when reading fails. Discards what comes before.
    pub(crate) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Ok(1..) = ready!(self.poll_read(context)) {}
        Poll::Ready(())
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(&mut self.input);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Appends a message to the output, unless a Close frame is in it.
    pub(crate) fn send_message(&mut self, kind: Kind, message: &[u8]) {
        if !self.has_closed {
            self.sender.write_message(kind, message, &mut self.output);
        }
    }

    /// Appends a ping or pong to the output, unless a Close frame is in it.
    pub(crate) fn send_control(&mut self, opcode: Opcode, payload: &[u8]) {
        if !self.has_closed {
            self.sender.write_frame(opcode, payload, &mut self.output);
        }
    }

    /// Appends a Close frame to the output, an empty one for `None`; the first one only.
    pub(crate) fn send_close(&mut self, close: Option<&Close>) {
        if !self.has_closed {
            self.has_closed = true;
            self.sender.write_close(close, &mut self.output);
        }
    }

    /// Bytes of the output that are not written.
    pub(crate) fn unwritten(&self) -> usize {
        self.output.len() - self.written
    }

    /// Time of the last write.
    pub(crate) fn last_write(&self) -> Instant {
        self.last_write
    }

    /// Writes the output until at most `rest` bytes of it are left. Flushes if that is none.
    pub(crate) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        rest: usize,
    ) -> Poll<io::Result<()>> {
        while self.unwritten() > rest {
            let left = &self.output[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(context, left))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
            self.last_write = Instant::now();
        }
        if self.unwritten() > 0 {
            self.output.drain(..self.written);
            self.written = 0;
            return Poll::Ready(Ok(()));
        }
        self.output.clear();
        self.output.shrink_to(MAX_KEPT);
        self.written = 0;
        Pin::new(&mut self.stream).poll_flush(context)
    }
}
