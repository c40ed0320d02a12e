//! Bytes to messages.

#![expect(clippy::mut_mut, reason = "as `Read` for `&[u8]`: reading advances the slice")]

use std::{borrow::Cow, marker::PhantomData, ops::Range};

use bytes::{BufMut, buf::Limit};

use crate::{
    close::Close,
    deflate::Inflater,
    frame::{CONTROL_LEN, HEADER_LEN, Header, InvalidHeader, Kind, Opcode},
    handshake::extension::Deflate,
    mask::mask,
    observer::Observer,
    role::{Role, Server},
    violation::Violation,
};

/// Bytes to allocate for a declared length before they arrive, at most. Smaller messages take one
/// allocation, and a peer that sends only headers takes no more than this.
const MAX_RESERVED: usize = 1 << 20;

/// Min bytes missing of a payload to read them directly into the message.
const MIN_ROOM: usize = 16 << 10;

/// Bytes to unmask before checking their UTF-8: few enough to be still in the cache. Saves 13 % of the
/// CPU time to echo 1 MiB of text.
const CACHE_BLOCK: usize = 64 << 10;

/// Inflated bytes after which [`Received::Progress`] is returned: few enough to account for memory, and
/// to give other connections their turn, long before a message is at its limit.
const PROGRESS: usize = 128 << 10;

/// First byte of an uncompressed text in one frame.
const FINAL_TEXT: u8 = 0x80 | Opcode::Text as u8;

/// First byte of an uncompressed binary message in one frame.
const FINAL_BINARY: u8 = 0x80 | Opcode::Binary as u8;

/// Limits on the sizes that a peer may send.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Payload bytes of a frame, as sent.
    pub frame: usize,
    /// Bytes of a message, joined and inflated.
    pub message: usize,
}

/// Received message or control frame. Borrowed if it lies in one piece in the received bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// Message.
    Message(Kind, Cow<'a, [u8]>),
    /// Ping, to be answered with a pong of the same payload (RFC 6455 section 5.5.2).
    Ping(Cow<'a, [u8]>),
    /// Pong, solicited or not (section 5.5.3).
    Pong(Cow<'a, [u8]>),
    /// Close frame, the last one of the peer (section 5.5.1). `None` for an empty one.
    Close(Option<Close>),
    /// Bytes by which an incomplete message was inflated. It goes on with the next call.
    Progress(usize),
}

impl Received<'_> {
    /// Copies the payload unless it is owned already.
    #[must_use]
    pub fn into_owned(self) -> Received<'static> {
        let owned = |payload: Cow<'_, [u8]>| Cow::Owned(payload.into_owned());
        match self {
            Self::Message(kind, payload) => Received::Message(kind, owned(payload)),
            Self::Ping(payload) => Received::Ping(owned(payload)),
            Self::Pong(payload) => Received::Pong(owned(payload)),
            Self::Close(close) => Received::Close(close),
            Self::Progress(inflated) => Received::Progress(inflated),
        }
    }
}

/// Decoder of the peer's messages; `R` is the role of this side. Holds no buffer between messages.
#[derive(Debug)]
pub struct Receiver<R = Server, O = ()> {
    /// Maximum sizes of frames and messages.
    limits: Limits,
    /// Bytes of a message that [`Receiver::receive_short`] decodes, at most.
    short: usize,
    /// Decompressor; `None` without permessage-deflate.
    inflater: Option<Inflater>,
    /// Incomplete header, and the number of its bytes received.
    head: ([u8; HEADER_LEN], usize),
    /// Frame with an incomplete payload.
    frame: Option<Frame>,
    /// Incomplete message.
    message: Option<Partial>,
    /// Payload of an incomplete control frame.
    control: Vec<u8>,
    /// Messages completed, and control frames outside of messages; it wraps around.
    completed: u32,
    /// Observer of every frame; the default one does nothing.
    observer: O,
    /// Side of the connection, which decides on masking.
    role: PhantomData<R>,
}

/// Frame with its header decoded.
#[derive(Debug)]
struct Frame {
    /// True for the last frame of a message.
    fin: bool,
    /// RSV1: the message is compressed (RFC 7692 section 6).
    compressed: bool,
    /// Opcode of the header.
    opcode: Opcode,
    /// Masking key, rotated to fit the next byte.
    key: [u8; 4],
    /// Bytes of the payload missing.
    left: usize,
}

/// Incomplete message.
#[derive(Debug)]
struct Partial {
    /// Kind by the first frame.
    kind: Kind,
    /// True if the message is compressed.
    compressed: bool,
    /// Payload so far, inflated.
    payload: Vec<u8>,
    /// Bytes of a text checked to be UTF-8.
    checked: usize,
}

impl<R: Role> Receiver<R> {
    /// Creates a receiver; `deflate` are the negotiated parameters.
    #[must_use]
    pub fn new(limits: Limits, deflate: Option<Deflate>) -> Self {
        Self::observed(limits, deflate, ())
    }
}

impl<R: Role, O: Observer> Receiver<R, O> {
    /// Creates a receiver that shows each frame to `observer`.
    #[must_use]
    pub fn observed(limits: Limits, deflate: Option<Deflate>, observer: O) -> Self {
        let window = |deflate: Deflate| {
            if R::IS_CLIENT { deflate.server() } else { deflate.client() }
        };
        Self {
            limits,
            short: CONTROL_LEN.min(limits.frame).min(limits.message),
            inflater: deflate.map(window).map(Inflater::new),
            head: ([0; HEADER_LEN], 0),
            frame: None,
            message: None,
            control: Vec::new(),
            completed: 0,
            observer,
            role: PhantomData,
        }
    }

    /// Observer of the frames.
    pub fn observer(&mut self) -> &mut O {
        &mut self.observer
    }

    /// Decodes the next message or control frame, and advances `input` past it. `None` when `input` is
    /// used up before its end. Unmasks payloads in place.
    ///
    /// # Errors
    /// [`Violation`] of the peer. The receiver must not be used afterwards.
    #[expect(clippy::inline_always, reason = "a sixth of the instructions to echo 32 bytes")]
    #[inline(always)]
    pub fn receive<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        match self.receive_short(input)? {
            None => self.receive_any(input),
            short => Ok(short),
        }
    }

    /// Decodes a short message in one frame, if all of it is at the start of `input`: most messages are,
    /// and this takes one pass for header, mask and UTF-8.
    #[expect(clippy::inline_always, reason = "as `receive`")]
    #[inline(always)]
    fn receive_short<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        let (mask_bit, start) = if R::IS_CLIENT { (0, 2) } else { (0x80, 6) };
        let &[first @ (FINAL_TEXT | FINAL_BINARY), second, ..] = &**input else { return Ok(None) };
        // Too large for a short frame, if the mask bit is not that of the role.
        let len = usize::from(second ^ mask_bit);
        if len > self.short || input.len() < start + len || self.begun().is_some() {
            return Ok(None);
        }
        let (frame, rest) = std::mem::take(input).split_at_mut(start + len);
        *input = rest;
        let (head, payload) = frame.split_at_mut(start);
        let key = head.last_chunk().copied().filter(|_| !R::IS_CLIENT);
        let is_ascii = match key {
            Some(key) => mask(payload, key),
            None => payload.is_ascii(),
        };
        let (opcode, kind) = match first {
            FINAL_TEXT => (Opcode::Text, Kind::Text),
            _ => (Opcode::Binary, Kind::Binary),
        };
        let header = Header { fin: true, compressed: false, opcode, mask: key, len: len as u64 };
        self.observer.begin(&header);
        if kind == Kind::Text && !is_ascii {
            simdutf8::basic::from_utf8(payload).map_err(|_| Violation::Utf8)?;
        }
        self.observer.end();
        self.completed = self.completed.wrapping_add(1);
        Ok(Some(Received::Message(kind, Cow::Borrowed(payload))))
    }

    /// Decodes the next message or control frame, of any kind.
    #[inline(never)]
    fn receive_any<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        let mut inflated = 0;
        loop {
            let frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.begin_frame(input)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            let here = frame.left.min(input.len());
            let whole = std::mem::take(input);
            let is_ascii = unmask::<R>(&mut whole[..here], frame.key);
            let received = if self.is_compressed(&frame) {
                let mut frame = frame;
                let used = self.inflate(&mut frame, &whole[..here], &mut inflated)?;
                // Masks what is left again, for the next call.
                unmask::<R>(&mut whole[used..here], frame.key);
                *input = &mut whole[used..];
                self.advance(frame)?
            } else {
                let (bytes, rest) = whole.split_at_mut(here);
                *input = rest;
                if frame.opcode.is_control() {
                    self.receive_control(frame, bytes)?
                } else {
                    self.receive_data(frame, bytes, is_ascii)?
                }
            };
            if received.is_some() || (input.is_empty() && self.frame.is_some()) {
                return Ok(received);
            }
            if inflated >= PROGRESS {
                return Ok(Some(Received::Progress(inflated)));
            }
        }
    }

    /// Number of the message or control frame that has begun and is not complete; `None` between them.
    /// Control frames within a message have no number of their own.
    #[must_use]
    #[inline]
    pub fn begun(&self) -> Option<u32> {
        let has_begun = self.message.is_some() || self.frame.is_some() || self.head.1 > 0;
        has_begun.then_some(self.completed)
    }

    /// Bytes of memory held: the incomplete message, and the state of the decompressor.
    #[must_use]
    pub fn held(&self) -> usize {
        let message = self.message.as_ref().map_or(0, |partial| partial.payload.capacity());
        message + self.inflater.as_ref().map_or(0, Inflater::held)
    }

    /// Buffer to read the next bytes into directly, instead of through [`Receiver::receive`]. Available
    /// in the middle of a large, uncompressed payload. Call [`Receiver::filled`] afterwards.
    pub fn room(&mut self) -> Option<Limit<&mut Vec<u8>>> {
        let frame = self.frame.as_ref()?;
        let partial = self.message.as_mut()?;
        let fits = !frame.opcode.is_control() && !partial.compressed && frame.left >= MIN_ROOM;
        fits.then(|| {
            if partial.payload.len() == partial.payload.capacity() {
                partial.payload.reserve(frame.left.min(MAX_RESERVED));
            }
            (&mut partial.payload).limit(frame.left)
        })
    }

    /// Decodes `count` bytes written to [`Receiver::room`]. Returns the message that they complete.
    ///
    /// # Errors
    /// As [`Receiver::receive`].
    pub fn filled(&mut self, count: usize) -> Result<Option<Received<'static>>, Violation> {
        let (Some(mut frame), Some(partial)) = (self.frame.take(), &mut self.message) else {
            return Ok(None);
        };
        let mut start = partial.payload.len() - count;
        while start < partial.payload.len() {
            let end = partial.payload.len().min(start + CACHE_BLOCK);
            if unmask::<R>(&mut partial.payload[start..end], frame.key) {
                partial.skip_ascii(start..end);
            }
            frame.advance(end - start);
            if partial.kind == Kind::Text {
                partial.check_text(end, false)?;
            }
            start = end;
        }
        self.advance(frame)
    }

    /// Frees the memory of the decompressor, if the next message starts with an empty window. Does
    /// nothing during a message.
    pub fn release_memory(&mut self) {
        if let Some(inflater) = self.inflater.as_mut().filter(|_| self.message.is_none()) {
            inflater.release_memory();
        }
    }

    /// True if the payload of `frame` is to be inflated.
    fn is_compressed(&self, frame: &Frame) -> bool {
        let goes_on = || self.message.as_ref().is_some_and(|partial| partial.compressed);
        self.inflater.is_some() && !frame.opcode.is_control() && (frame.compressed || goes_on())
    }

    /// Decodes a header from the input and from bytes kept of earlier input. `None` until it is
    /// complete.
    fn begin_frame(&mut self, input: &mut &mut [u8]) -> Result<Option<Frame>, Violation> {
        let (head, got) = &mut self.head;
        let mut decoded = if *got == 0 { Header::decode(input) } else { Ok(None) };
        if let Ok(Some((_, len))) = decoded {
            *input = &mut std::mem::take(input)[len..];
        }
        // Incomplete: rare, and at most fourteen bytes, so one by one.
        while let Ok(None) = decoded {
            let [first, rest @ ..] = std::mem::take(input) else { return Ok(None) };
            *input = rest;
            head[*got] = *first;
            *got += 1;
            decoded = Header::decode(&head[..*got]);
        }
        let Ok(Some((header, _))) = decoded else {
            let rest = input.len().min(HEADER_LEN - *got);
            head[*got..][..rest].copy_from_slice(&input[..rest]);
            if let Some(header) = InvalidHeader::read(&head[..*got + rest]) {
                self.observer.refuse(&header);
            }
            return decoded.map(|_| None);
        };
        *got = 0;
        self.observer.begin(&header);
        self.check(header).map(Some)
    }

    /// Checks a header against the frames before it and, unless it is of a control frame, which has a limit of its own,
    /// against the limits.
    fn check(&mut self, header: Header) -> Result<Frame, Violation> {
        let Header { fin, compressed, opcode, mask, len } = header;
        // "A server MUST close the connection upon receiving a frame that is not masked", "a client MUST
        // close a connection if it detects a masked frame" (5.1).
        let key = match mask {
            Some(_) if R::IS_CLIENT => return Err(Violation::Masked),
            None if !R::IS_CLIENT => return Err(Violation::Unmasked),
            key => key.unwrap_or_default(),
        };
        // "Set RSV1 on the first frame of a message only" (RFC 7692 section 6.1).
        if compressed && (opcode.kind().is_none() || self.inflater.is_none()) {
            return Err(Violation::ReservedBit(0x40));
        }
        match (opcode, &self.message) {
            (Opcode::Continuation, None) => return Err(Violation::NothingToContinue),
            (Opcode::Text | Opcode::Binary, Some(_)) => return Err(Violation::Interleaved),
            _ => {}
        }
        let left = usize::try_from(len).unwrap_or(usize::MAX);
        let frame = Frame { fin, compressed, opcode, key, left };
        if opcode.is_control() {
            return Ok(frame);
        }
        if left > self.limits.frame {
            return Err(Violation::LargeFrame(self.limits.frame));
        }
        let (before, inflates) = match &self.message {
            Some(partial) => (partial.payload.len(), partial.compressed),
            None => (0, compressed),
        };
        if !inflates && before.saturating_add(left) > self.limits.message {
            return Err(Violation::LargeMessage(self.limits.message));
        }
        Ok(frame)
    }

    /// Adds unmasked `bytes` to a control frame.
    fn receive_control<'a>(
        &mut self,
        mut frame: Frame,
        bytes: &'a [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        frame.advance(bytes.len());
        let payload = if frame.left == 0 && self.control.is_empty() {
            Cow::Borrowed(bytes)
        } else {
            self.control.extend_from_slice(bytes);
            if frame.left > 0 {
                self.frame = Some(frame);
                return Ok(None);
            }
            Cow::Owned(std::mem::take(&mut self.control))
        };
        self.observer.end();
        if self.message.is_none() {
            self.completed = self.completed.wrapping_add(1);
        }
        Ok(Some(match frame.opcode {
            Opcode::Ping => Received::Ping(payload),
            Opcode::Close => Received::Close(Close::decode(&payload)?),
            _ => Received::Pong(payload),
        }))
    }

    /// Adds unmasked `bytes` to a message. `is_ascii` tells that they need no check.
    fn receive_data<'a>(
        &mut self,
        mut frame: Frame,
        bytes: &'a [u8],
        is_ascii: bool,
    ) -> Result<Option<Received<'a>>, Violation> {
        frame.advance(bytes.len());
        let partial = match (&mut self.message, frame.opcode.kind()) {
            (Some(partial), _) => partial,
            // A complete message in one frame: borrowed, not copied.
            (None, Some(kind)) if frame.fin && frame.left == 0 && !frame.compressed => {
                if kind == Kind::Text && !is_ascii {
                    simdutf8::basic::from_utf8(bytes).map_err(|_| Violation::Utf8)?;
                }
                self.observer.end();
                self.completed = self.completed.wrapping_add(1);
                return Ok(Some(Received::Message(kind, Cow::Borrowed(bytes))));
            }
            (None, Some(kind)) => self.message.insert(Partial::new(kind, frame.compressed)),
            (None, None) => return Err(Violation::NothingToContinue),
        };
        if partial.payload.capacity() == 0 {
            partial.payload.reserve_exact((bytes.len() + frame.left).min(MAX_RESERVED));
        }
        let start = partial.payload.len();
        partial.payload.extend_from_slice(bytes);
        if is_ascii {
            partial.skip_ascii(start..partial.payload.len());
        }
        self.advance(frame)
    }

    /// Adds unmasked `bytes` of a compressed payload to a message, until [`PROGRESS`] bytes are inflated,
    /// which are added to `progress`. Returns the number of bytes used.
    fn inflate(
        &mut self,
        frame: &mut Frame,
        bytes: &[u8],
        progress: &mut usize,
    ) -> Result<usize, Violation> {
        let Some(inflater) = &mut self.inflater else { return Err(Violation::ReservedBit(0x40)) };
        let partial = match (&mut self.message, frame.opcode.kind()) {
            (Some(partial), _) => partial,
            (message, Some(kind)) => message.insert(Partial::new(kind, true)),
            (None, None) => return Err(Violation::NothingToContinue),
        };
        let limit = self.limits.message;
        let before = partial.payload.len();
        let mut result = inflater.inflate(bytes, &mut partial.payload, limit, PROGRESS);
        if let Ok(used) = result {
            frame.advance(used);
            if frame.fin && frame.left == 0 {
                result = inflater.finish(&mut partial.payload, limit).map(|()| used);
            }
        }
        let used = result.map_err(|violation| partial.first_violation(violation))?;
        self.observer.inflate(partial.payload.len() - before);
        *progress += partial.payload.len() - before;
        Ok(used)
    }

    /// Checks the bytes added to the message, and completes it or keeps the frame.
    fn advance(&mut self, frame: Frame) -> Result<Option<Received<'static>>, Violation> {
        let Some(partial) = &mut self.message else { return Ok(None) };
        let is_last = frame.fin && frame.left == 0;
        if partial.kind == Kind::Text {
            partial.check_text(partial.payload.len(), is_last)?;
        }
        if frame.left > 0 {
            self.frame = Some(frame);
        } else {
            self.observer.end();
        }
        if !is_last {
            return Ok(None);
        }
        self.completed = self.completed.wrapping_add(1);
        let whole = self.message.take();
        Ok(whole.map(|whole| Received::Message(whole.kind, Cow::Owned(whole.payload))))
    }
}

/// Unmasks a part of a payload that `R` received, or masks it again. True if that shows it to be ASCII.
fn unmask<R: Role>(bytes: &mut [u8], key: [u8; 4]) -> bool {
    !R::IS_CLIENT && mask(bytes, key)
}

impl Frame {
    /// Counts bytes of the payload received.
    fn advance(&mut self, count: usize) {
        self.left -= count;
        self.key.rotate_left(count % 4);
    }
}

impl Partial {
    /// Begins a message without payload.
    fn new(kind: Kind, compressed: bool) -> Self {
        Self { kind, compressed, payload: Vec::new(), checked: 0 }
    }

    /// Leaves `bytes` of the payload out of the check, unless a character is incomplete before them.
    fn skip_ascii(&mut self, bytes: Range<usize>) {
        if self.checked == bytes.start {
            self.checked = bytes.end;
        }
    }

    /// `violation`, or invalid UTF-8 in the text before it: which of the two is found must not
    /// depend on how the payload is split over reads.
    fn first_violation(&mut self, violation: Violation) -> Violation {
        match self.kind {
            Kind::Text => self.check_text(self.payload.len(), false).err().unwrap_or(violation),
            Kind::Binary => violation,
        }
    }

    /// Checks the text up to `end` to be UTF-8, failing at the first wrong byte. A character may be cut
    /// at `end`, but not at the end of the message.
    fn check_text(&mut self, end: usize, is_last: bool) -> Result<(), Violation> {
        match simdutf8::compat::from_utf8(&self.payload[self.checked..end]) {
            Ok(_) => self.checked = end,
            Err(error) if error.error_len().is_none() && !is_last => {
                self.checked += error.valid_up_to();
            }
            Err(_) => return Err(Violation::Utf8),
        }
        Ok(())
    }
}
