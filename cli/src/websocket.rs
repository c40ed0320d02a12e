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
use session::{Direction, Frame, Mask, Message};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// Bytes of one read, at most. It bounds the memory of a connection that receives no large message.
const READ: usize = 64 << 10;

/// Capacity of the output that is kept once all of it is written. A larger one, of one large
/// message, is given back.
const MAX_KEPT: usize = 128 << 10;

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
    /// Buffer of one read.
    input: Box<[u8]>,
    /// Bytes of the input that were read and are not decoded.
    pending: Range<usize>,
    /// Encoded frames; grows with each that is sent.
    output: Vec<u8>,
    /// Bytes of the output that were written.
    written: usize,
    /// Time for keep-alive pings.
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
        let mut input = vec![0; READ.max(rest.len())];
        input[..rest.len()].copy_from_slice(rest);
        Self {
            stream,
            is_client: R::IS_CLIENT,
            codec: Box::new(Sides { receiver, sender: Sender::new(role, deflate, compress_from) }),
            frames: None,
            input: input.into(),
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
                            return Poll::Ready(Ok(Received::Progress(0)));
                        }
                    }
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
        let mut buffer = ReadBuf::new(&mut self.input);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Appends a message to the output, unless a Close frame is in it. [`Self::poll_write`] writes
    /// it.
    pub(crate) fn send_message(&mut self, kind: Kind, message: &[u8]) {
        if !self.has_closed {
            let start = self.output.len();
            self.codec.write_message(kind, message, &mut self.output);
            let is_compressed = self.codec.compresses(message.len());
            self.note_sent(start, is_compressed.then_some(message.len()));
        }
    }

    /// Appends a message in fragments of `size` bytes to the output, unless a Close frame is in it.
    /// An empty message is one frame.
    pub(crate) fn send_fragments(&mut self, kind: Kind, message: &[u8], size: usize) {
        if self.has_closed {
            return;
        }
        let mut left = message;
        let mut is_first = true;
        while is_first || !left.is_empty() {
            let (payload, rest) = left.split_at(left.len().min(size.max(1)));
            let (message_len, is_last) = (message.len(), rest.is_empty());
            let start = self.output.len();
            let part = Part { kind, payload, message_len, is_first, is_last };
            self.codec.write_part(part, &mut self.output);
            let is_compressed = self.codec.compresses(message_len);
            self.note_sent(start, is_compressed.then_some(payload.len()));
            (left, is_first) = (rest, false);
        }
    }

    /// Appends raw bytes to the output, unless a Close frame is in it. They may break the protocol.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        if !self.has_closed {
            self.output.extend_from_slice(bytes);
        }
    }

    /// Appends a ping or pong to the output, unless a Close frame is in it.
    pub(crate) fn send_control(&mut self, opcode: Opcode, payload: &[u8]) {
        if !self.has_closed {
            let start = self.output.len();
            self.codec.write_frame(opcode, payload, &mut self.output);
            self.note_sent(start, None);
        }
    }

    /// Appends a Close frame to the output, an empty one for `None`; the first one only.
    pub(crate) fn send_close(&mut self, close: Option<&Close>) {
        if !self.has_closed {
            self.has_closed = true;
            let start = self.output.len();
            self.codec.write_close(close, &mut self.output);
            self.note_sent(start, None);
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
    /// buffer keeps at most [`MAX_KEPT`] of its capacity then.
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

/// Kind and payload of a message to send.
pub(crate) fn kind_of(message: &Message) -> (Kind, &[u8]) {
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
