//! Outbox: frames waiting to be written to one peer.

use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, IoSlice},
    mem,
    ops::Deref,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use protocol::{Close, Deflate, Kind, Opcode, Part, Sender, Server};
use tokio::io::AsyncWrite;

use super::{blocking, shared_message::SharedMessage};
use crate::memory::account::Held;

/// Min size of an owned payload to be written without a copy. A smaller one is copied, so that one
/// system call writes many.
const OWN_CHUNK: usize = 16 << 10;

/// Size from which the tail grows no more. It is freed only once all of it is written, and to a peer that
/// is always a little behind there is always something left to write.
const FULL_CHUNK: usize = 64 << 10;

/// Largest header of a frame by a server, in bytes (RFC 6455 section 5.2): it has no mask.
const HEADER: usize = 10;

/// Chunks of one vectored write, at most.
const SLICES: usize = 16;

/// Queue of encoded frames, in the order of writing.
pub(crate) struct Outbox {
    /// Encoder of frames, with the state of the compressor.
    sender: Sender,
    /// Chunks before the tail, which do not grow.
    chunks: VecDeque<Chunk>,
    /// Frames of this connection, to which the next ones are appended.
    tail: Vec<u8>,
    /// Bytes already written of the first chunk, or of the tail without one.
    written: usize,
    /// Bytes to be written, over all chunks and the tail.
    waiting: usize,
    /// Bytes of the shared chunks.
    shared: usize,
}

/// Bytes to be written.
enum Chunk {
    /// Frames of this connection.
    Own(Vec<u8>),
    /// Frame that others write, too, and the part of its bytes that falls to this peer.
    Shared(Bytes, usize),
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes, _) => bytes,
        }
    }
}

impl Outbox {
    /// Creates an outbox; `deflate` are the negotiated parameters. Messages of fewer bytes than
    /// `compress_from` are not compressed.
    pub(crate) fn new(deflate: Option<Deflate>, compress_from: usize) -> Self {
        let sender = Sender::new(Server, deflate, compress_from);
        let (chunks, tail) = (VecDeque::new(), Vec::new());
        Self { sender, chunks, tail, written: 0, waiting: 0, shared: 0 }
    }

    /// Bytes to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Memory held: queued bytes, written bytes of an unfinished chunk, and the state of the
    /// compressor.
    pub(crate) fn held(&self) -> Held {
        let own = self.waiting + self.written - self.shared + self.sender.held();
        Held { own, shared: self.shared, portion: self.portion() }
    }

    /// Room that the tail keeps for more while frames wait. Meaningless while a buffer is lent.
    pub(super) fn room(&self) -> usize {
        if self.waiting == 0 { 0 } else { self.tail.capacity() - self.tail.len() }
    }

    /// Bytes of the shared chunks that fall to this peer. Handlers queue few: they stop at a backlog.
    fn portion(&self) -> usize {
        if self.shared == 0 {
            return 0;
        }
        let portion = |chunk: &Chunk| match chunk {
            Chunk::Own(_) => 0,
            Chunk::Shared(_, portion) => *portion,
        };
        self.chunks.iter().map(portion).sum()
    }

    /// Lends the outbox a buffer to encode frames into, unless frames wait. [`Outbox::reclaim`] takes it
    /// back.
    pub(crate) fn lend(&mut self, buffer: &mut Vec<u8>) {
        if self.waiting == 0 {
            mem::swap(&mut self.tail, buffer);
        }
    }

    /// Takes the lent buffer back, if all of it is written. What is kept of it is no larger than a tail of its own.
    pub(crate) fn reclaim(&mut self, buffer: &mut Vec<u8>) {
        if self.waiting == 0 {
            let lent = mem::take(&mut self.tail);
            if lent.capacity() > buffer.capacity() {
                *buffer = lent;
            }
        } else {
            self.tail.shrink_to(FULL_CHUNK);
        }
    }

    /// Frees the tail, if all of it is written: it keeps its capacity.
    pub(crate) fn free_written(&mut self) {
        if self.waiting == 0 {
            self.tail = Vec::new();
        }
    }

    /// Queues a message, compressed if that was negotiated and it is large enough.
    #[expect(clippy::inline_always, reason = "as `Receiver::receive`")]
    #[inline(always)]
    pub(crate) fn message(&mut self, kind: Kind, payload: Cow<'_, [u8]>) {
        match payload {
            Cow::Owned(payload) if payload.len() >= OWN_CHUNK => self.large_message(kind, payload),
            payload => self.append(|sender, tail| sender.write_message(kind, &payload, tail)),
        }
    }

    /// Queues a message as [`Outbox::message`], without a copy unless it is compressed.
    #[inline(never)]
    fn large_message(&mut self, kind: Kind, payload: Vec<u8>) {
        if self.sender.compresses(payload.len()) {
            blocking::compress(payload.len(), || {
                self.append(|sender, tail| sender.write_message(kind, &payload, tail));
            });
        } else {
            self.append(|_, tail| Sender::write_header(kind, payload.len(), tail));
            self.push(Chunk::Own(payload));
        }
    }

    /// Queues a binary message that begins with `head`, uncompressed. A large owned payload is not copied.
    pub(crate) fn headed_message(&mut self, head: &[u8], payload: Cow<'_, [u8]>) {
        let len = head.len() + payload.len();
        self.append(|_, chunk| {
            Sender::write_header(Kind::Binary, len, chunk);
            chunk.extend_from_slice(head);
        });
        match payload {
            Cow::Owned(payload) if payload.len() >= OWN_CHUNK => self.push(Chunk::Own(payload)),
            payload => self.append(|_, chunk| chunk.extend_from_slice(&payload)),
        }
    }

    /// Queues a message that others get, too. A large one is not copied.
    pub(crate) fn shared_message(&mut self, message: &SharedMessage) {
        let frame = match self.sender.window_bits() {
            Some(bits) if self.sender.compresses(message.len()) => {
                // The next message must not refer to what this compressor has not seen.
                self.sender.release_memory();
                message.compressed(bits)
            }
            _ => message.frame(),
        };
        if frame.len() < OWN_CHUNK {
            return self.raw(&frame);
        }
        let portion = message.portion(frame.len());
        self.shared += frame.len();
        self.push(Chunk::Shared(frame, portion));
    }

    /// Queues a part of a message. Only control frames may be queued between the parts.
    pub(crate) fn part(&mut self, part: Part<'_>) {
        self.append(|sender, tail| sender.write_part(part, tail));
    }

    /// Queues a message as [`Outbox::message`], in frames of `len` bytes.
    pub(crate) fn fragmented_message(&mut self, kind: Kind, payload: &[u8], len: usize) {
        let mut fragments = self.sender.fragment(kind, payload, len);
        self.append(|sender, tail| while sender.write_fragment(&mut fragments, tail) {});
    }

    /// Queues raw bytes.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.append(|_, tail| tail.extend_from_slice(bytes));
    }

    /// Queues a pong, with the payload of the ping.
    pub(crate) fn pong(&mut self, payload: &[u8]) {
        self.append(|sender, tail| sender.write_frame(Opcode::Pong, payload, tail));
    }

    /// Queues a ping, with at most 125 bytes of payload.
    pub(crate) fn ping(&mut self, payload: &[u8]) {
        self.append(|sender, tail| sender.write_frame(Opcode::Ping, payload, tail));
    }

    /// Queues a Close frame; an empty one for `None`.
    pub(crate) fn close(&mut self, close: Option<&Close>) {
        self.append(|sender, tail| sender.write_close(close, tail));
    }

    /// Frees the memory of the compressor until the next message, and room for chunks.
    pub(crate) fn release_memory(&mut self) {
        self.sender.release_memory();
        self.chunks.shrink_to_fit();
    }

    /// Writes everything. Returns the number of bytes written, also when some are left.
    pub(crate) fn poll_write(
        &mut self,
        mut io: Pin<&mut impl AsyncWrite>,
        context: &mut Context<'_>,
    ) -> (usize, Poll<io::Result<()>>) {
        let before = self.waiting;
        let poll = loop {
            if self.waiting == 0 {
                break io.as_mut().poll_flush(context);
            }
            match self.poll_write_once(io.as_mut(), context) {
                Poll::Ready(Ok(())) => {}
                other => break other,
            }
        };
        (before - self.waiting, poll)
    }

    /// Writes once, and drops the chunks that are written.
    fn poll_write_once(
        &mut self,
        io: Pin<&mut impl AsyncWrite>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let first = &self.chunks.front().map_or(&self.tail[..], |chunk| chunk)[self.written..];
        let count = if first.len() == self.waiting {
            ready!(io.poll_write(context, first))?
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES];
            slices[0] = IoSlice::new(first);
            let others = self.chunks.iter().skip(1).map(Deref::deref).chain([&self.tail[..]]);
            for (slice, chunk) in slices[1..].iter_mut().zip(others) {
                *slice = IoSlice::new(chunk);
            }
            ready!(io.poll_write_vectored(context, &slices))?
        };
        if count == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.waiting -= count;
        self.written += count;
        while let Some(len) = self.chunks.front().map(|chunk| chunk.len())
            && len <= self.written
        {
            self.written -= len;
            if let Some(Chunk::Shared(..)) = self.chunks.pop_front() {
                self.shared -= len;
            }
        }
        if self.waiting == 0 {
            self.tail.clear();
            self.written = 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Adds a chunk that does not grow: later frames are not appended to it.
    fn push(&mut self, chunk: Chunk) {
        self.end_tail();
        self.waiting += chunk.len();
        self.chunks.push_back(chunk);
    }

    /// Makes the tail a chunk that does not grow, and holds little more than its bytes. A header alone is copied: the
    /// buffer stays.
    fn end_tail(&mut self) {
        let mut chunk = match self.tail.len() {
            0 => return,
            1..=HEADER => self.tail.drain(..).collect(),
            _ => mem::take(&mut self.tail),
        };
        chunk.shrink_to(2 * chunk.len());
        self.chunks.push_back(Chunk::Own(chunk));
    }

    /// Appends to the tail.
    #[inline]
    fn append(&mut self, write: impl FnOnce(&mut Sender, &mut Vec<u8>)) {
        if self.tail.len() >= FULL_CHUNK {
            self.end_tail();
        }
        let before = self.tail.len();
        write(&mut self.sender, &mut self.tail);
        self.waiting += self.tail.len() - before;
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, time::Duration};

    use tokio::{
        io::{AsyncReadExt, duplex},
        time::timeout,
    };

    use protocol::Header;

    use super::*;
    use crate::memory::budget::Budget;

    const SOON: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_peer_that_is_always_behind_takes_bounded_memory() {
        const MESSAGE: usize = 1_000;
        let (mut here, mut there) = duplex(MESSAGE);
        let mut outbox = Outbox::new(None, 0);
        // A buffer that has grown with another peer's answers.
        let mut buffer = Vec::with_capacity(1 << 20);
        outbox.lend(&mut buffer);
        outbox.message(Kind::Binary, vec![0; MESSAGE].into());
        outbox.reclaim(&mut buffer);
        for _ in 0..1_000 {
            // One message more than the peer has read.
            outbox.message(Kind::Binary, vec![0; MESSAGE].into());
            let mut taken = [0; MESSAGE];
            let mut reading = pin!(there.read_exact(&mut taken));
            let exchanging = poll_fn(|context| {
                let _ = outbox.poll_write(Pin::new(&mut here), context);
                reading.as_mut().poll(context)
            });
            timeout(SOON, exchanging).await.expect("there is enough to read").unwrap();
            assert!(outbox.waiting() > 0);
            let capacity = |chunk: &Chunk| match chunk {
                Chunk::Own(bytes) => bytes.capacity(),
                Chunk::Shared(..) => 0,
            };
            let held = outbox.chunks.iter().map(capacity).sum::<usize>() + outbox.tail.capacity();
            assert!(held <= 4 * FULL_CHUNK, "{held} bytes for {}", outbox.waiting());
            let known = 2 * outbox.held().own + outbox.room();
            assert!(held <= known, "{held} bytes, {:?}", outbox.held());
        }
    }

    #[tokio::test]
    async fn what_is_written_holds_nothing() {
        let (mut here, mut there) = duplex(1 << 20);
        let mut outbox = Outbox::new(None, 0);
        outbox.message(Kind::Binary, vec![0; OWN_CHUNK - 1].into());
        outbox.free_written();
        assert_eq!(outbox.waiting(), OWN_CHUNK - 1 + 4);
        poll_fn(|context| outbox.poll_write(Pin::new(&mut here), context).1).await.unwrap();
        outbox.free_written();
        assert_eq!(outbox.chunks.len() + outbox.tail.capacity(), 0);
        outbox.ping(&[]);
        poll_fn(|context| outbox.poll_write(Pin::new(&mut here), context).1).await.unwrap();
        there.read_exact(&mut vec![0; OWN_CHUNK - 1 + 4 + 2]).await.unwrap();
    }

    #[tokio::test]
    async fn frames_are_written_in_order() {
        let (mut here, mut there) = duplex(700);
        let mut outbox = Outbox::new(None, 0);
        let mut expected = Vec::new();
        let budget = Budget::new(usize::MAX);
        let sizes = [3, OWN_CHUNK, 5, 0, FULL_CHUNK, 2 * OWN_CHUNK, 1, 126, 3 * OWN_CHUNK];
        for (byte, size) in (0..).zip(sizes) {
            let payload = vec![byte; size];
            Sender::new(Server, None, 0).write_frame(Opcode::Binary, &payload, &mut expected);
            match size % 3 {
                0 => outbox.message(Kind::Binary, Cow::Owned(payload)),
                1 => outbox.message(Kind::Binary, Cow::Borrowed(&payload[..])),
                _ => outbox.shared_message(&SharedMessage::new(Kind::Binary, &payload, 2, &budget)),
            }
        }
        assert_eq!(outbox.waiting(), expected.len());
        let Held { own, shared, portion } = outbox.held();
        assert_eq!((own + shared, portion), (expected.len(), shared / 2));
        assert!((shared..shared + 256).contains(&budget.held()), "small ones were copied");
        let writing = poll_fn(|context| outbox.poll_write(Pin::new(&mut here), context).1);
        let mut written = vec![0; expected.len()];
        let (done, read) = tokio::join!(writing, there.read_exact(&mut written));
        done.unwrap();
        read.unwrap();
        assert_eq!(written, expected);
        assert_eq!(outbox.waiting(), 0);
        assert_eq!((outbox.held(), budget.held()), (Held::default(), 0));
    }

    #[test]
    fn what_many_get_is_held_once() {
        const LEN: usize = 1 << 20;
        let budget = Budget::new(usize::MAX);
        let mut outboxes = (0..100).map(|_| Outbox::new(None, 0)).collect::<Vec<_>>();
        let message = SharedMessage::new(Kind::Binary, &vec![7; LEN], outboxes.len(), &budget);
        for outbox in &mut outboxes {
            outbox.shared_message(&message);
            assert!(outbox.held().own < 64, "{:?}", outbox.held());
        }
        drop(message);
        assert!((LEN..LEN + 256).contains(&budget.held()), "{}", budget.held());
        outboxes.truncate(1);
        assert!(budget.held() >= LEN);
        drop(outboxes);
        assert_eq!(budget.held(), 0);
    }

    /// Each peer inflates it, whatever it got before, and what comes after.
    #[test]
    fn what_many_get_is_compressed_once() {
        let budget = Budget::new(usize::MAX);
        let text = "a text that compresses well ".repeat(100);
        let deflate = Some(Deflate::default());
        let (mut one, mut other) = (Outbox::new(deflate, 0), Outbox::new(deflate, 0));
        let mut inflater = flate2::Decompress::new(false);
        let message = SharedMessage::new(Kind::Text, text.as_bytes(), 2, &budget);
        one.message(Kind::Text, Cow::Borrowed(text.as_bytes()));
        for outbox in [&mut one, &mut other] {
            outbox.shared_message(&message);
            assert_eq!(outbox.held().own, outbox.waiting(), "no compressor is held");
        }
        one.message(Kind::Text, Cow::Borrowed(text.as_bytes()));
        let chunks = one.chunks.iter().map(Deref::deref).chain([&one.tail[..]]);
        let frames = chunks.collect::<Vec<_>>().concat();
        let mut rest = &frames[..];
        let mut texts = 0;
        while let Some((header, len)) = Header::decode(rest).unwrap() {
            let (payload, after) = rest[len..].split_at(usize::try_from(header.len).unwrap());
            rest = after;
            let mut out = Vec::with_capacity(2 * text.len());
            let payload = [payload, &[0, 0, 0xff, 0xff]].concat();
            inflater.decompress_vec(&payload, &mut out, flate2::FlushDecompress::Sync).unwrap();
            assert_eq!(out, text.as_bytes());
            texts += 1;
        }
        assert_eq!(texts, 3);
    }
}
