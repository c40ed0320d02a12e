//! Target socket: the WebSocket that a page reaches through the relay, as its client.

use std::{
    collections::VecDeque,
    io, mem,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use connector::{Connection, Transport};
use protocol::{
    Client, Close, Fragments, FrameLog, FrameRecord, Header, InvalidHeader, Kind, Limits, Opcode,
    Received, Receiver, Sender, Violation, close_code,
};
use relay::{Direction, Event, Frame, Message, PayloadKind};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, timeout},
};
use tokio_util::io::poll_read_buf;

use super::sink::Sink;

/// Bytes of one read, at most.
const READ: usize = 64 << 10;

/// Bytes of pongs that the target has not read, at most: past it, nothing more is read from the target.
const MAX_PONGS: usize = 64 << 10;

/// Capacity of the output that is kept once all of it is written.
const MAX_KEPT: usize = 64 << 10;

/// Time for the Close frame to a target whose page is gone.
const LEAVE: Duration = Duration::from_secs(2);

/// WebSocket to a target.
pub(super) struct TargetSocket {
    /// TCP or TLS stream.
    stream: Box<dyn Transport>,
    /// Decoder of the target's frames, with a log for the page.
    receiver: Receiver<Client, FrameLog>,
    /// Encoder of masked frames.
    sender: Sender<Client>,
    /// Buffer of reads.
    input: Box<[u8]>,
    /// Bytes of the input that were read and are not decoded.
    pending: Range<usize>,
    /// Encoded frames, some of them written.
    output: Vec<u8>,
    /// Bytes of the output that were written.
    written: usize,
    /// Bytes that were written before the start of the output.
    written_before: u64,
    /// End of each command in all bytes to write, until it is written.
    ends: VecDeque<u64>,
    /// Commands that are written.
    commands: u64,
    /// Bytes of pongs since everything was written.
    pongs: usize,
    /// True once writing failed: reading tells why.
    is_broken: bool,
    /// True once the stream was flushed after the last write.
    is_flushed: bool,
    /// Start of the connection, from which frames are timed.
    began: Instant,
    /// Bytes received.
    pub(super) received: usize,
    /// Kind of the message under way.
    kind: Kind,
    /// Close frame sent.
    pub(super) has_closed: bool,
    /// Close frame received; an empty one has the code 1005 (RFC 6455 section 7.1.5).
    pub(super) peers_close: Option<Close>,
}

/// Step of receiving.
pub(super) enum Step {
    /// Something was received; inflated or joined bytes of it.
    Received(usize),
    /// No more comes after the Close frame, or the connection was lost.
    Ended(Option<io::Error>),
    /// Breach of the protocol or of a limit. A Close frame is in the output.
    Violation(Violation),
}

impl TargetSocket {
    /// WebSocket over a connection. Received messages are bounded by `max_message` bytes; those of fewer bytes than
    /// `compress_from` are sent uncompressed.
    pub(super) fn new(connection: Connection, max_message: usize, compress_from: usize) -> Self {
        let Connection { stream, rest, deflate, client, .. } = connection;
        let limits = Limits { frame: max_message, message: max_message };
        let mut input = vec![0; READ.max(rest.len())];
        input[..rest.len()].copy_from_slice(&rest);
        Self {
            stream,
            receiver: Receiver::observed(limits, deflate, FrameLog::default()),
            sender: Sender::new(client, deflate, compress_from),
            input: input.into(),
            pending: 0..rest.len(),
            output: Vec::new(),
            written: 0,
            written_before: 0,
            ends: VecDeque::new(),
            commands: 0,
            pongs: 0,
            is_broken: false,
            is_flushed: true,
            began: Instant::now(),
            received: rest.len(),
            kind: Kind::Binary,
            has_closed: false,
            peers_close: None,
        }
    }

    /// True once writing failed: reading tells why.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Bytes of the output that are not written.
    pub(super) fn unwritten(&self) -> usize {
        self.output.len() - self.written
    }

    /// Memory held.
    pub(super) fn held(&self) -> usize {
        let state = self.receiver.held() + self.sender.held();
        state + self.input.len() + self.output.capacity() + self.ends.capacity() * 8
    }

    /// Receives once, into `sink`. Pending also while the target must read its pongs first.
    pub(super) fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        sink: &mut Sink<'_, '_>,
    ) -> Poll<Step> {
        // Reading tells why writing failed.
        if !self.is_broken && self.pongs.min(self.unwritten()) > MAX_PONGS {
            return Poll::Pending;
        }
        if self.pending.is_empty() {
            if self.peers_close.is_some() {
                let read = ready!(self.poll_read(context));
                return Poll::Ready(match read {
                    // Nothing counts after a Close frame.
                    Ok(1..) => Step::Received(0),
                    _ => Step::Ended(None),
                });
            }
            if let Some(mut room) = self.receiver.room() {
                let read = ready!(poll_read_buf(Pin::new(&mut self.stream), context, &mut room));
                let count = match read {
                    Ok(0) => return Poll::Ready(Step::Ended(None)),
                    Ok(count) => count,
                    Err(error) => return Poll::Ready(Step::Ended(Some(error))),
                };
                self.received = self.received.saturating_add(count);
                let received = self.receiver.filled(count);
                return Poll::Ready(self.on_received(received, sink));
            }
            match ready!(self.poll_read(context)) {
                Ok(0) => return Poll::Ready(Step::Ended(None)),
                Ok(count) => {
                    self.received = self.received.saturating_add(count);
                    self.pending = 0..count;
                }
                Err(error) => return Poll::Ready(Step::Ended(Some(error))),
            }
        }
        if self.peers_close.is_some() {
            self.pending = 0..0;
            return Poll::Ready(Step::Received(0));
        }
        // Out of the way of `take`, which writes answers.
        let mut input = mem::take(&mut self.input);
        let mut left = &mut input[self.pending.clone()];
        let received = self.receiver.receive(&mut left);
        self.pending.start = self.pending.end - left.len();
        let step = self.on_received(received, sink);
        self.input = input;
        Poll::Ready(step)
    }

    /// Reads once into the input; 0 at the end of the stream.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(&mut self.input);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Passes on received messages with their frames, and answers pings and the Close frame.
    fn on_received(
        &mut self,
        received: Result<Option<Received<'_>>, Violation>,
        sink: &mut Sink<'_, '_>,
    ) -> Step {
        let time = self.time();
        let mut frames = self.receiver.observer().take();
        // The one that completes what was received.
        let last = match &received {
            Ok(None | Some(Received::Progress(_))) | Err(_) => None,
            Ok(Some(_)) => frames.pop(),
        };
        // The one with the violation, unless it has no valid header.
        frames.extend(self.receiver.observer().incomplete().filter(|_| received.is_err()));
        for record in &frames {
            self.kind = record.header.opcode.kind().unwrap_or(self.kind);
            let is_control = record.header.opcode.is_control();
            let kind = if is_control { PayloadKind::Binary } else { kind_of(self.kind) };
            sink.event(&Event::Frame(frame(record, kind, time)));
        }
        if let Some(header) = self.receiver.observer().refused().filter(|_| received.is_err()) {
            sink.event(&Event::Frame(refused(header, time)));
        }
        let mut complete = |payload: &[u8]| {
            if let Some(record) = &last {
                let frame = frame(record, PayloadKind::Binary, time);
                sink.event(&Event::Frame(Frame { payload: Some(payload), ..frame }));
            }
        };
        match received {
            Ok(None) => Step::Received(0),
            Ok(Some(Received::Progress(inflated))) => Step::Received(inflated),
            Ok(Some(Received::Message(kind, payload))) => {
                let len = payload.len();
                if let Some(record) = &last {
                    let frame = frame(record, kind_of(kind), time);
                    sink.message(frame, payload);
                }
                Step::Received(len)
            }
            Ok(Some(Received::Ping(payload))) => {
                complete(&payload);
                let before = self.output.len();
                self.send_control(Opcode::Pong, &payload, sink);
                self.pongs += self.output.len() - before;
                Step::Received(0)
            }
            Ok(Some(Received::Pong(payload))) => {
                complete(&payload);
                Step::Received(0)
            }
            Ok(Some(Received::Close(close))) => {
                let code = close.as_ref().map(|close| close.code);
                let reason = close.as_ref().map_or("", |close| &close.reason).as_bytes();
                complete(&close_payload(code, reason));
                self.send_close(code, reason, sink);
                let empty = Close { code: close_code::NONE, reason: String::new() };
                self.peers_close = Some(close.unwrap_or(empty));
                Step::Received(0)
            }
            Err(violation) => {
                self.send_close(Some(violation.close_code()), b"", sink);
                Step::Violation(violation)
            }
        }
    }

    /// Microseconds since the opening.
    fn time(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Queues a message.
    pub(super) fn send_message(&mut self, message: &Message<'_>, sink: &mut Sink<'_, '_>) {
        let Message { kind, compress, fragments, payload } = *message;
        if self.has_closed {
            return;
        }
        let kind = match kind {
            PayloadKind::Text => Kind::Text,
            PayloadKind::Binary => Kind::Binary,
        };
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        let len = match fragments {
            relay::Fragments::Bytes(bytes @ 1..) => number(bytes),
            _ => usize::MAX,
        };
        let is_compressed = compress && self.sender.compresses(payload.len());
        let mut left = if is_compressed {
            self.sender.fragment(kind, payload, len)
        } else {
            Fragments::uncompressed(kind, payload, len)
        };
        if let relay::Fragments::Count(count) = fragments {
            left = left.counted(number(count));
        }
        let mut is_more = true;
        while is_more {
            let start = self.output.len();
            is_more = self.sender.write_fragment(&mut left, &mut self.output);
            // The bytes that each frame inflates to are not known: all are told with the last.
            let inflated = is_compressed.then_some(if is_more { 0 } else { payload.len() });
            self.note_sent(start, kind, inflated, sink);
        }
    }

    /// Queues a ping or pong with a payload of at most 125 bytes.
    pub(super) fn send_control(&mut self, opcode: Opcode, payload: &[u8], sink: &mut Sink<'_, '_>) {
        if !self.has_closed {
            let start = self.output.len();
            self.sender.write_frame(opcode, payload, &mut self.output);
            self.note_control(start, payload, sink);
        }
    }

    /// Queues a Close frame, the first one only, with any code and at most 123 bytes of reason.
    pub(super) fn send_close(&mut self, code: Option<u16>, reason: &[u8], sink: &mut Sink<'_, '_>) {
        self.send_control(Opcode::Close, &close_payload(code, reason), sink);
        self.has_closed = true;
    }

    /// Queues bytes as they are.
    pub(super) fn send_raw(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    /// Ends a command, of which [`Event::Written`] tells.
    pub(super) fn end_command(&mut self) {
        self.ends.push_back(self.written_before + self.output.len() as u64);
    }

    /// Reports a sent data frame, whose bytes begin at `start` of the output.
    fn note_sent(
        &self,
        start: usize,
        kind: Kind,
        inflated: Option<usize>,
        sink: &mut Sink<'_, '_>,
    ) {
        if let Ok(Some((header, _))) = Header::decode(&self.output[start..]) {
            let record = FrameRecord { header, inflated: inflated.map(|len| len as u64) };
            let frame = frame(&record, kind_of(kind), self.time());
            sink.event(&Event::Frame(Frame { direction: Direction::Sent, ..frame }));
        }
    }

    /// Reports a sent control frame with its payload.
    fn note_control(&self, start: usize, payload: &[u8], sink: &mut Sink<'_, '_>) {
        if let Ok(Some((header, _))) = Header::decode(&self.output[start..]) {
            let frame =
                frame(&FrameRecord { header, inflated: None }, PayloadKind::Binary, self.time());
            let (direction, payload) = (Direction::Sent, Some(payload));
            sink.event(&Event::Frame(Frame { direction, payload, ..frame }));
        }
    }

    /// Writes the output, and tells of the commands in it. Ready once all is written.
    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        sink: &mut Sink<'_, '_>,
    ) -> Poll<()> {
        let poll = self.poll_output(context);
        let written = self.written_before + self.written as u64;
        let before = self.commands;
        while self.ends.front().is_some_and(|end| *end <= written) {
            self.ends.pop_front();
            self.commands += 1;
        }
        if self.commands > before {
            sink.event(&Event::Written(self.commands));
        }
        poll
    }

    /// Writes and flushes the output. Ready once all is written, or writing has failed.
    fn poll_output(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_flushed && self.output.is_empty() {
            return Poll::Ready(());
        }
        self.is_flushed = false;
        while self.unwritten() > 0 && !self.is_broken {
            let left = &self.output[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(context, left)) {
                Ok(count @ 1..) => self.written += count,
                _ => self.is_broken = true,
            }
            // What is written is at least half: each byte is moved once at most.
            if self.written >= MAX_KEPT && self.written >= self.unwritten() {
                self.forget_written();
            }
        }
        if self.unwritten() == 0 {
            self.forget_written();
            self.output.shrink_to(MAX_KEPT);
            self.pongs = 0;
        }
        self.is_flushed = true;
        Pin::new(&mut self.stream).poll_flush(context).map(|_| ())
    }

    /// Removes written bytes from the output.
    fn forget_written(&mut self) {
        self.output.drain(..self.written);
        self.written_before += self.written as u64;
        self.written = 0;
    }

    /// Closes with 1001: the page is gone.
    pub(super) async fn leave(mut self) {
        if !self.has_closed {
            let close = Close { code: close_code::AWAY, reason: String::new() };
            self.sender.write_close(Some(&close), &mut self.output);
        }
        let writing = std::future::poll_fn(|context| self.poll_output(context));
        let _ = timeout(LEAVE, writing).await;
    }
}

/// Frame that was received and completes nothing.
fn frame(record: &FrameRecord, kind: PayloadKind, time: u64) -> Frame<'static> {
    let FrameRecord { header, inflated } = *record;
    Frame {
        direction: Direction::Received,
        opcode: header.opcode as u8,
        fin: header.fin,
        compressed: header.compressed,
        masked: header.mask.is_some(),
        head_len: header.encoded_len(),
        wire_len: header.len,
        inflated,
        time,
        kind,
        payload: None,
    }
}

/// Frame of a header that is a violation in itself.
fn refused(header: InvalidHeader, time: u64) -> Frame<'static> {
    Frame {
        direction: Direction::Received,
        opcode: header.first & 0x3f,
        fin: header.first & 0x80 != 0,
        compressed: header.first & 0x40 != 0,
        masked: header.mask.is_some(),
        head_len: header.encoded_len,
        wire_len: header.len.unwrap_or_default(),
        inflated: None,
        time,
        kind: PayloadKind::Binary,
        payload: None,
    }
}

/// Kind in the relay's protocol.
fn kind_of(kind: Kind) -> PayloadKind {
    match kind {
        Kind::Text => PayloadKind::Text,
        Kind::Binary => PayloadKind::Binary,
    }
}

/// Payload of a Close frame; empty without a code.
fn close_payload(code: Option<u16>, reason: &[u8]) -> Vec<u8> {
    code.map_or(Vec::new(), |code| [&code.to_be_bytes(), reason].concat())
}
