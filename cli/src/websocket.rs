//! WebSocket over a stream after the opening handshake: either side of `protocol`, with tokio's reads and
//! writes.

#![expect(clippy::mut_mut, reason = "as `protocol::Receiver`: receiving advances the slice")]

use std::{
    borrow::Cow,
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use connector::{Connection, Transport};
use protocol::{
    Close, Deflate, FrameLog, FrameRecord, Header, InvalidHeader, Kind, Limits, Opcode, Part,
    Received, Receiver, Role, Sender, Violation,
};
use session::{CloseCode, Direction, Fact, Frame, Mask, Message};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// Bytes of one read, at most. It bounds the memory of a connection that receives no large message.
const READ: usize = 64 << 10;

/// Capacity of the output that is kept once all of it is written, in read buffers. A larger one, of one
/// large message, is given back.
const MAX_KEPT: usize = 2;

/// Frame or message to send.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Text or binary message, compressed if that was negotiated.
    Message(Message),
    /// Message, and the size of its fragments in bytes.
    Fragments(Message, usize),
    /// Ping with its data, 125 bytes at most.
    Ping(Vec<u8>),
    /// Pong, also without a ping (RFC 6455 section 5.5.3).
    Pong(Vec<u8>),
    /// Raw bytes, without a frame.
    Raw(Vec<u8>),
    /// Close frame, which begins or ends the closing handshake.
    Close(session::Close),
}

impl Outgoing {
    /// Fact of it, for records; raw bytes have none.
    pub(crate) fn fact(&self) -> Option<Fact> {
        Some(match self {
            Self::Message(message) | Self::Fragments(message, _) => {
                Fact::Message(Direction::Out, message.clone(), None)
            }
            Self::Ping(data) => Fact::Ping(Direction::Out, data.clone()),
            Self::Pong(data) => Fact::Pong(Direction::Out, data.clone(), None),
            Self::Close(close) => Fact::Close(Direction::Out, close.clone()),
            Self::Raw(_) => return None,
        })
    }
}

/// WebSocket of a client or a server.
pub(crate) struct WebSocket {
    /// Stream after the opening handshake.
    stream: Box<dyn Transport>,
    /// Role of this side: it decides on masking and on the end of the stream.
    is_client: bool,
    /// Encoder and decoder of the role.
    codec: Box<dyn Codec>,
    /// Frames to show since they were taken, in their order; `None` if none are shown.
    frames: Option<Vec<(Direction, Frame)>>,
    /// Buffer of one read; small or empty before the first.
    input: Box<[u8]>,
    /// Bytes of the input that were read and are not decoded.
    pending: Range<usize>,
    /// Encoded frames; grows with each that is sent.
    output: Vec<u8>,
    /// Bytes of the output that were written.
    written: usize,
    /// Time of the last write, for the limit of the closing handshake and the end policy.
    last_write: Instant,
    /// True once a Close frame is in the output: no frame follows it (RFC 6455 section 5.5.1).
    has_closed: bool,
}

/// Reason that nothing more can be received.
#[derive(Debug)]
pub(crate) enum ReceiveError {
    /// Failed read, or `None` at the end of the stream.
    Lost(Option<io::Error>),
    /// Breach of the protocol or of a limit.
    Violation(Violation),
}

/// Both directions of the protocol, for either role. Object-safe, so that one type serves both
/// roles.
trait Codec: Send {
    /// Decodes the next message or frame, and advances the slice.
    fn receive<'a>(&mut self, input: &mut &'a mut [u8]) -> Result<Option<Received<'a>>, Violation>;
    /// Frames of the receiver, while they are watched.
    fn frame_log(&mut self) -> &mut Option<FrameLog>;
    /// True if a message of this length is sent compressed.
    fn compresses(&self, len: usize) -> bool;
    /// Encodes a message in one frame.
    fn write_message(&mut self, kind: Kind, message: &[u8], out: &mut Vec<u8>);
    /// Encodes a fragment of a message.
    fn write_part(&mut self, part: Part<'_>, out: &mut Vec<u8>);
    /// Encodes a control frame.
    fn write_frame(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>);
    /// Encodes a Close frame; `None` has no code.
    fn write_close(&mut self, close: Option<&Close>, out: &mut Vec<u8>);
}

/// Receiver and sender of one role.
struct Sides<R> {
    /// Decoder, with a log of frames while they are recorded.
    receiver: Receiver<R, Option<FrameLog>>,
    sender: Sender<R>,
}

impl<R: Role + Send> Codec for Sides<R> {
    fn receive<'a>(&mut self, input: &mut &'a mut [u8]) -> Result<Option<Received<'a>>, Violation> {
        self.receiver.receive(input)
    }

    fn frame_log(&mut self) -> &mut Option<FrameLog> {
        self.receiver.observer()
    }

    fn compresses(&self, len: usize) -> bool {
        self.sender.compresses(len)
    }

    fn write_message(&mut self, kind: Kind, message: &[u8], out: &mut Vec<u8>) {
        self.sender.write_message(kind, message, out);
    }

    fn write_part(&mut self, part: Part<'_>, out: &mut Vec<u8>) {
        self.sender.write_part(part, out);
    }

    fn write_frame(&mut self, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
        self.sender.write_frame(opcode, payload, out);
    }

    fn write_close(&mut self, close: Option<&Close>, out: &mut Vec<u8>) {
        self.sender.write_close(close, out);
    }
}

impl WebSocket {
    /// Client's WebSocket over `connection`. Received messages are bounded by `max_message` bytes;
    /// those of fewer bytes than `compress_from` are sent uncompressed. `compress_from` matters
    /// only if permessage-deflate was negotiated.
    pub(crate) fn new(connection: Connection, max_message: usize, compress_from: usize) -> Self {
        let Connection { stream, rest, deflate, client, .. } = connection;
        Self::of_role(client, stream, &rest, deflate, max_message, compress_from)
    }

    /// WebSocket of a role over a stream from which `rest` was read already.
    pub(crate) fn of_role<R: Role + Send + 'static>(
        role: R,
        stream: Box<dyn Transport>,
        rest: &[u8],
        deflate: Option<Deflate>,
        max_message: usize,
        compress_from: usize,
    ) -> Self {
        let limits = Limits { frame: max_message, message: max_message };
        let receiver = Receiver::observed(limits, deflate, None);
        Self {
            stream,
            is_client: R::IS_CLIENT,
            codec: Box::new(Sides { receiver, sender: Sender::new(role, deflate, compress_from) }),
            frames: None,
            input: rest.into(),
            pending: 0..rest.len(),
            output: Vec::new(),
            written: 0,
            last_write: Instant::now(),
            has_closed: false,
        }
    }

    /// Records frames from here on, for [`Self::take_frames`].
    pub(crate) fn watch_frames(&mut self) {
        self.frames = Some(Vec::new());
        *self.codec.frame_log() = Some(FrameLog::default());
    }

    /// Takes the frames sent and received, in their order: those of one read and one message, at
    /// most. Of a violation, the frame with it is the last.
    pub(crate) fn take_frames(&mut self) -> Vec<(Direction, Frame)> {
        self.frames.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Next message or control frame; [`Received::Progress`] also if there are frames to take. Pings are not
    /// answered.
    pub(crate) fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Received<'static>, ReceiveError>> {
        loop {
            if let Some(received) = self.decode()? {
                return Poll::Ready(Ok(received));
            }
            ready!(self.poll_fill(context))?;
        }
    }

    /// As [`Self::poll_receive`], of the bytes that were read already; `None` after the last.
    pub(crate) fn decode(&mut self) -> Result<Option<Received<'static>>, ReceiveError> {
        while !self.pending.is_empty() {
            let mut left = &mut self.input[self.pending.clone()];
            let received = self.codec.receive(&mut left);
            let received = received.map(|received| received.map(Received::into_owned));
            self.pending.start = self.pending.end - left.len();
            if let (Some(frames), Some(log)) = (&mut self.frames, self.codec.frame_log()) {
                let mut whole: Vec<_> = log.take().into_iter().map(shown).collect();
                if received.is_err() {
                    // The one with the violation.
                    whole.extend(log.refused().map(refused).or(log.incomplete().map(shown)));
                }
                frames.extend(whole.into_iter().map(|frame| (Direction::In, frame)));
            }
            match received.map_err(ReceiveError::Violation)? {
                None | Some(Received::Progress(_)) => {
                    if self.frames.as_ref().is_some_and(|frames| !frames.is_empty()) {
                        return Ok(Some(Received::Progress(0)));
                    }
                }
                received => return Ok(received),
            }
        }
        Ok(None)
    }

    /// Reads once, for [`Self::decode`]; an error at the end of the stream.
    pub(crate) fn poll_fill(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), ReceiveError>> {
        match ready!(self.poll_read(context)) {
            Ok(0) => return Poll::Ready(Err(ReceiveError::Lost(None))),
            Ok(count) => self.pending = 0..count,
            Err(error) => return Poll::Ready(Err(ReceiveError::Lost(Some(error)))),
        }
        Poll::Ready(Ok(()))
    }

    /// Exchanges the buffer of one read, which many connections can share: each takes it to read and to
    /// decode all of it, and gives it back with a second call.
    pub(crate) fn swap_buffer(&mut self, buffer: &mut Box<[u8]>) {
        std::mem::swap(&mut self.input, buffer);
    }

    /// Ready when the stream may be dropped after both Close frames: at its end for a client, once
    /// all is written for a server, which "closes the TCP connection first" (RFC 6455 section
    /// 7.1.1). Discards earlier bytes.
    pub(crate) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_client {
            return self.poll_write(context, 0).map(drop);
        }
        while let Ok(1..) = ready!(self.poll_read(context)) {}
        Poll::Ready(())
    }

    /// Reads into the input, which has to be decoded. Returns the number of bytes; none at the end.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.len() < READ {
            self.input = vec![0; READ].into();
        }
        let mut buffer = ReadBuf::new(&mut self.input);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Appends a message or frame to the output, unless a Close frame is in it. [`Self::poll_write`]
    /// writes it.
    pub(crate) fn send(&mut self, outgoing: &Outgoing) {
        if self.has_closed {
            return;
        }
        let (start, mut inflated) = (self.output.len(), None);
        match outgoing {
            Outgoing::Message(message) => {
                let (kind, payload) = kind_of(message);
                self.codec.write_message(kind, payload, &mut self.output);
                inflated = self.codec.compresses(payload.len()).then_some(payload.len());
            }
            Outgoing::Fragments(message, size) => return self.send_fragments(message, *size),
            Outgoing::Raw(bytes) => return self.output.extend_from_slice(bytes),
            Outgoing::Ping(data) => {
                self.codec.write_frame(Opcode::Ping, data, &mut self.output);
            }
            Outgoing::Pong(data) => {
                self.codec.write_frame(Opcode::Pong, data, &mut self.output);
            }
            Outgoing::Close(session::Close { code, reason }) => {
                self.has_closed = true;
                // 1005 stands for a frame without a code (RFC 6455 section 7.4.1).
                let has_code = *code != CloseCode::NO_STATUS;
                let close = has_code.then(|| Close { code: code.0, reason: reason.clone() });
                self.codec.write_close(close.as_ref(), &mut self.output);
            }
        }
        self.note_sent(start, inflated);
    }

    /// Appends a message in fragments of `size` bytes to the output. An empty message is one frame.
    fn send_fragments(&mut self, message: &Message, size: usize) {
        let (kind, mut left) = kind_of(message);
        let message_len = left.len();
        let mut is_first = true;
        while is_first || !left.is_empty() {
            let (payload, rest) = left.split_at(left.len().min(size.max(1)));
            let is_last = rest.is_empty();
            let start = self.output.len();
            let part = Part { kind, payload, message_len, is_first, is_last };
            self.codec.write_part(part, &mut self.output);
            let is_compressed = self.codec.compresses(message_len);
            self.note_sent(start, is_compressed.then_some(payload.len()));
            (left, is_first) = (rest, false);
        }
    }

    /// Keeps the frame at `start` of the output, with the bytes that it inflates to.
    fn note_sent(&mut self, start: usize, inflated: Option<usize>) {
        if let Some(frames) = &mut self.frames
            && let Ok(Some((header, _))) = Header::decode(&self.output[start..])
        {
            let inflated = inflated.map(|len| len as u64);
            frames.push((Direction::Out, shown(FrameRecord { header, inflated })));
        }
    }

    /// Bytes of the output that are not written. A caller that bounds it has to wait for writes.
    pub(crate) fn unwritten(&self) -> usize {
        self.output.len() - self.written
    }

    /// Time of the last write.
    pub(crate) fn last_write(&self) -> Instant {
        self.last_write
    }

    /// Writes the output until at most `rest` bytes of it are left. Flushes if that is none. The
    /// buffer keeps at most [`MAX_KEPT`] of its capacity then; nothing while the read buffer is another's.
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
        self.output.shrink_to(MAX_KEPT * self.input.len());
        self.written = 0;
        Pin::new(&mut self.stream).poll_flush(context)
    }
}

/// Kind and payload of a message to send.
fn kind_of(message: &Message) -> (Kind, &[u8]) {
    match message {
        Message::Text(text) => (Kind::Text, text.as_bytes()),
        Message::Binary(bytes) => (Kind::Binary, bytes),
    }
}

/// Message of a received payload. The receiver has checked that a text is UTF-8.
pub(crate) fn to_message(kind: Kind, payload: Cow<'_, [u8]>) -> Message {
    let payload = payload.into_owned();
    match kind {
        Kind::Text => Message::Text(String::from_utf8(payload).unwrap_or_default()),
        Kind::Binary => Message::Binary(payload),
    }
}

/// Close frame received; without a code it is 1005 (RFC 6455 section 7.1.5).
pub(crate) fn to_close(close: Option<Close>) -> session::Close {
    close.map_or(
        session::Close { code: CloseCode::NO_STATUS, reason: String::new() },
        |Close { code, reason }| session::Close { code: CloseCode(code), reason },
    )
}

/// Frame in the form of a record.
fn shown(FrameRecord { header, inflated }: FrameRecord) -> Frame {
    Frame {
        opcode: (header.opcode as u8).into(),
        fin: header.fin,
        rsv1: header.compressed,
        rsv2: false,
        rsv3: false,
        mask: header.mask.map(Mask),
        header: header.encoded_len(),
        size: Some(header.len),
        inflated,
    }
}

/// Frame of a header that is a violation in itself. Its fields are those that could be read.
fn refused(header: InvalidHeader) -> Frame {
    let has = |bit| header.first & bit != 0;
    Frame {
        opcode: (header.first & 0x0f).into(),
        fin: has(0x80),
        rsv1: has(0x40),
        rsv2: has(0x20),
        rsv3: has(0x10),
        mask: header.mask.map(Mask),
        header: header.encoded_len,
        size: header.len,
        inflated: None,
    }
}
