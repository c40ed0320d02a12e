//! Bytes to messages, on the server's side.

#![expect(clippy::mut_mut, reason = "as `Read` for `&[u8]`: what is read leaves the slice")]

use std::borrow::Cow;

use bytes::{BufMut, buf::Limit};

use crate::{
    close::Close,
    deflate::Inflater,
    extension::Deflate,
    frame::{HEADER_LEN, Header, Kind, Opcode},
    mask::mask,
    violation::Violation,
};

/// What of a declared length is believed before its bytes are there: one allocation for messages up
/// to this size, and no more than this for a peer that only promises.
const BELIEVED: usize = 1 << 20;

/// A payload with this many bytes still to come is worth reading to where it is kept.
const WORTH_ROOM: usize = 16 << 10;

/// Bytes that are unmasked before they are checked: few enough to be still in the cache then. Of the
/// CPU time to echo 1 MiB of text this spares 13 %, measured beside the server without it.
const IN_CACHE: usize = 64 << 10;

/// How much a peer may send at once.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes in one frame's payload, as it was sent.
    pub frame: usize,
    /// Bytes in one message, its frames joined and inflated.
    pub message: usize,
}

/// What came in, whole. Borrowed where it lay in one piece in the bytes that were received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// A message.
    Message(Kind, Cow<'a, [u8]>),
    /// Must be answered by a pong with the same payload (RFC 6455 section 5.5.2).
    Ping(Cow<'a, [u8]>),
    /// Answers a ping, or nothing (section 5.5.3).
    Pong(Cow<'a, [u8]>),
    /// The peer sends nothing more (section 5.5.1).
    Close(Option<Close>),
}

/// Turns what a client sends into messages. Holds no buffer while none is begun.
#[derive(Debug)]
pub struct Receiver {
    bounds: Bounds,
    inflater: Option<Inflater>,
    /// A header that was cut off by the end of the bytes, and how much of it is there.
    head: ([u8; HEADER_LEN], usize),
    /// The frame whose payload is not whole yet.
    frame: Option<Frame>,
    /// The message that is not whole yet.
    message: Option<Partial>,
    /// The payload so far of a control frame that was cut off.
    control: Vec<u8>,
}

/// A frame whose header was read.
#[derive(Debug)]
struct Frame {
    fin: bool,
    compressed: bool,
    opcode: Opcode,
    /// Turned, so that it fits the next byte.
    key: [u8; 4],
    /// Bytes of the payload still to come.
    left: usize,
}

/// A message whose end has not come.
#[derive(Debug)]
struct Partial {
    kind: Kind,
    compressed: bool,
    payload: Vec<u8>,
    /// Bytes of text that are known to be UTF-8.
    checked: usize,
}

impl Receiver {
    /// For a connection on which `deflate` was agreed, or not.
    #[must_use]
    pub fn new(bounds: Bounds, deflate: Option<Deflate>) -> Self {
        Self {
            bounds,
            inflater: deflate.map(Inflater::new),
            head: ([0; HEADER_LEN], 0),
            frame: None,
            message: None,
            control: Vec::new(),
        }
    }

    /// Takes bytes from the front of `input` up to the end of the next message or control frame;
    /// `None` when `input` is used up before one ends. Payloads are unmasked where they lie.
    ///
    /// # Errors
    /// What the peer did wrong. The receiver must not be asked again.
    pub fn receive<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        loop {
            let frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.begin_frame(input)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            let here = frame.left.min(input.len());
            let (bytes, rest) = std::mem::take(input).split_at_mut(here);
            *input = rest;
            mask(bytes, frame.key);
            let received = if frame.opcode.is_control() {
                self.take_control(frame, bytes)?
            } else {
                self.take_data(frame, bytes)?
            };
            if received.is_some() || (input.is_empty() && self.frame.is_some()) {
                return Ok(received);
            }
        }
    }

    /// Where the next bytes can be read to, instead of through [`Receiver::receive`], if they are
    /// the middle of a payload that is large and lies as it was sent. Call [`Receiver::filled`] after.
    pub fn room(&mut self) -> Option<Limit<&mut Vec<u8>>> {
        let frame = self.frame.as_ref()?;
        let partial = self.message.as_mut()?;
        let fits = !frame.opcode.is_control() && !partial.compressed && frame.left >= WORTH_ROOM;
        fits.then(|| {
            if partial.payload.len() == partial.payload.capacity() {
                partial.payload.reserve(frame.left.min(BELIEVED));
            }
            (&mut partial.payload).limit(frame.left)
        })
    }

    /// `count` bytes were written to [`Receiver::room`]. Returns the message, if they end one.
    ///
    /// # Errors
    /// As [`Receiver::receive`].
    pub fn filled(&mut self, count: usize) -> Result<Option<Received<'static>>, Violation> {
        let (Some(mut frame), Some(partial)) = (self.frame.take(), &mut self.message) else {
            return Ok(None);
        };
        let mut start = partial.payload.len() - count;
        while start < partial.payload.len() {
            let end = partial.payload.len().min(start + IN_CACHE);
            mask(&mut partial.payload[start..end], frame.key);
            frame.advance(end - start);
            if partial.kind == Kind::Text {
                partial.check_text(end, false)?;
            }
            start = end;
        }
        self.advance(frame)
    }

    /// Gives back the memory that inflating holds, where the next message refers to nothing before
    /// it. Does nothing while one is begun.
    pub fn rest(&mut self) {
        if let Some(inflater) = self.inflater.as_mut().filter(|_| self.message.is_none()) {
            inflater.rest();
        }
    }

    fn begin_frame(&mut self, input: &mut &mut [u8]) -> Result<Option<Frame>, Violation> {
        let (head, got) = &mut self.head;
        let header = if *got == 0
            && let Some((header, len)) = Header::decode(input)?
        {
            *input = &mut std::mem::take(input)[len..];
            header
        } else {
            // Cut off: rare, and at most fourteen bytes, so one by one.
            loop {
                let [first, rest @ ..] = std::mem::take(input) else { return Ok(None) };
                *input = rest;
                head[*got] = *first;
                *got += 1;
                if let Some((header, _)) = Header::decode(&head[..*got])? {
                    *got = 0;
                    break header;
                }
            }
        };
        self.check(header).map(Some)
    }

    /// Checks a header against what came before it.
    fn check(&mut self, header: Header) -> Result<Frame, Violation> {
        let Header { fin, compressed, opcode, mask, len } = header;
        // "A server MUST close the connection upon receiving a frame that is not masked" (5.1).
        let key = mask.ok_or(Violation::Unmasked)?;
        // "Set RSV1 on the first frame of a message only" (RFC 7692 section 6.1).
        if compressed && (opcode.kind().is_none() || self.inflater.is_none()) {
            return Err(Violation::ReservedBit);
        }
        match (opcode, &self.message) {
            (Opcode::Continuation, None) => return Err(Violation::NothingToContinue),
            (Opcode::Text | Opcode::Binary, Some(_)) => return Err(Violation::Interleaved),
            _ => {}
        }
        let left = usize::try_from(len).unwrap_or(usize::MAX);
        if left > self.bounds.frame {
            return Err(Violation::LargeFrame(self.bounds.frame));
        }
        let (before, inflates) = match &self.message {
            Some(partial) if !opcode.is_control() => (partial.payload.len(), partial.compressed),
            _ => (0, compressed),
        };
        if !inflates && before.saturating_add(left) > self.bounds.message {
            return Err(Violation::LargeMessage(self.bounds.message));
        }
        Ok(Frame { fin, compressed, opcode, key, left })
    }

    /// `bytes` are the next of a control frame, unmasked.
    fn take_control<'a>(
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
        Ok(Some(match frame.opcode {
            Opcode::Ping => Received::Ping(payload),
            Opcode::Close => Received::Close(Close::decode(&payload)?),
            _ => Received::Pong(payload),
        }))
    }

    /// `bytes` are the next of a data frame, unmasked.
    fn take_data<'a>(
        &mut self,
        mut frame: Frame,
        bytes: &'a [u8],
    ) -> Result<Option<Received<'a>>, Violation> {
        frame.advance(bytes.len());
        let partial = match (&mut self.message, frame.opcode.kind()) {
            (Some(partial), _) => partial,
            // A message of one frame that is all here: nothing is copied.
            (None, Some(kind)) if frame.fin && frame.left == 0 && !frame.compressed => {
                if kind == Kind::Text {
                    simdutf8::basic::from_utf8(bytes).map_err(|_| Violation::Utf8)?;
                }
                return Ok(Some(Received::Message(kind, Cow::Borrowed(bytes))));
            }
            (None, Some(kind)) => self.message.insert(Partial::new(kind, frame.compressed)),
            (None, None) => return Err(Violation::NothingToContinue),
        };
        if partial.compressed {
            let Some(inflater) = &mut self.inflater else { return Err(Violation::ReservedBit) };
            inflater.inflate(bytes, &mut partial.payload, self.bounds.message)?;
            if frame.fin && frame.left == 0 {
                inflater.finish(&mut partial.payload, self.bounds.message)?;
            }
        } else {
            if partial.payload.capacity() == 0 {
                partial.payload.reserve_exact((bytes.len() + frame.left).min(BELIEVED));
            }
            partial.payload.extend_from_slice(bytes);
        }
        self.advance(frame)
    }

    /// Checks what was added to the message, and ends it or keeps the frame it waits for.
    fn advance(&mut self, frame: Frame) -> Result<Option<Received<'static>>, Violation> {
        let Some(partial) = &mut self.message else { return Ok(None) };
        let is_last = frame.fin && frame.left == 0;
        if partial.kind == Kind::Text {
            partial.check_text(partial.payload.len(), is_last)?;
        }
        if frame.left > 0 {
            self.frame = Some(frame);
        }
        if !is_last {
            return Ok(None);
        }
        let whole = self.message.take();
        Ok(whole.map(|whole| Received::Message(whole.kind, Cow::Owned(whole.payload))))
    }
}

impl Frame {
    /// `count` more bytes of the payload are there.
    fn advance(&mut self, count: usize) {
        self.left -= count;
        self.key.rotate_left(count % 4);
    }
}

impl Partial {
    fn new(kind: Kind, compressed: bool) -> Self {
        Self { kind, compressed, payload: Vec::new(), checked: 0 }
    }

    /// Checks the text up to `end` that was not checked yet. A character may be cut off there, but
    /// not where the message ends; anything else that is wrong is found with the byte that makes it
    /// so.
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
