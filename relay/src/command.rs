//! Commands of a page to the server.

use session::PayloadKind;

use crate::{
    TOKEN_LEN,
    open::Open,
    record::{self, DecodeError, Record, flags},
};

const HELLO: u8 = 1;
const OPEN: u8 = 2;
const MESSAGE: u8 = 3;
const PING: u8 = 4;
const PONG: u8 = 5;
const CLOSE: u8 = 6;
const RAW: u8 = 7;
const PAUSE: u8 = 8;
const RESUME: u8 = 9;
const TAKEN: u8 = 10;

/// Flag of a text message; a binary one has none.
const TEXT: u8 = 1;
/// Flag of a message that is sent without compression.
const UNCOMPRESSED: u8 = 2;
/// Flag of a message whose writing is to be reported.
const COUNTED: u8 = 4;

/// Flag of [`CLOSE`].
const CODE: u8 = 1;

/// Command of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// First command: version of the page, and the token that proves it.
    Hello {
        /// [`VERSION`](crate::VERSION) of the page.
        version: u16,
        /// Token of this start of the server.
        token: [u8; TOKEN_LEN],
    },
    /// Second command: opens the connection. One for each WebSocket of the relay.
    Open(Box<Open>),
    /// Sends a message.
    Message(Message<'a>),
    /// Sends a ping with a payload of at most 125 bytes (RFC 6455 section 5.5).
    Ping(&'a [u8]),
    /// Sends a pong that answers no ping, as [`Command::Ping`].
    Pong(&'a [u8]),
    /// Begins or answers the closing handshake.
    Close {
        /// Any code, also one that RFC 6455 section 7.4 forbids; `None` for an empty frame.
        code: Option<u16>,
        /// Reason of at most 123 bytes, UTF-8 or not.
        reason: &'a [u8],
    },
    /// Sends bytes as they are, in no frame.
    Raw(&'a [u8]),
    /// Stops reading from the target, until [`Command::Resume`] or [`Command::Close`].
    Pause,
    /// Goes on reading.
    Resume,
    /// Bytes of the server's messages that the page is done with, since the start of the relay. The server
    /// does not read from the target while [`Ready::window`](crate::Ready::window) bytes are on their way.
    Taken(u64),
}

/// Message to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Text or binary. A text need not be UTF-8: it is sent as it is.
    pub kind: PayloadKind,
    /// False to send it uncompressed, though compression was agreed on.
    pub compress: bool,
    /// Frames that the payload is cut into.
    pub fragments: Fragments,
    /// Payload, at most [`Ready::max_message`](crate::Ready::max_message) bytes.
    pub payload: &'a [u8],
}

/// Frames of a message that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fragments {
    /// As many as it takes with this many bytes of the payload in each, of which 0 is one frame.
    Bytes(u32),
    /// This many, of which 0 is one, too. Those that no byte is left for are empty.
    Count(u32),
}

impl Fragments {
    /// One frame.
    pub const NONE: Self = Self::Bytes(0);

    /// Frames of a message of `len` bytes: as many, or fewer if it is compressed before it is cut. One that cannot
    /// be compressed grows by 5 bytes for each 64 KiB (RFC 1951 section 3.2.4), and takes as many more as these fill.
    #[must_use]
    pub fn frames(self, len: usize) -> usize {
        let frames = match self {
            Self::Bytes(0) => 1,
            Self::Bytes(bytes) => len.div_ceil(usize::try_from(bytes).unwrap_or(usize::MAX)),
            Self::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
        };
        frames.max(1)
    }
}

impl<'a> Command<'a> {
    /// Appends the command to a message; several can be in one.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let payload = self.payload();
        out.reserve(payload.len());
        let mut put = |head, fields: &dyn Fn(&mut Vec<u8>)| {
            record::encode(head, payload.len(), out, fields);
        };
        match self {
            Self::Hello { version, token } => put((HELLO, 0, *version), &|out| out.extend(token)),
            Self::Open(open) => put((OPEN, open.flags(), 0), &|out| open.put(out)),
            Self::Message(message) => {
                let (is_counted, number) = match message.fragments {
                    Fragments::Bytes(bytes) => (false, bytes),
                    Fragments::Count(count) => (true, count),
                };
                let flags = flags([
                    (message.kind == PayloadKind::Text, TEXT),
                    (!message.compress, UNCOMPRESSED),
                    (is_counted, COUNTED),
                ]);
                put((MESSAGE, flags, 0), &|out| out.extend(number.to_be_bytes()));
            }
            Self::Ping(_) => put((PING, 0, 0), &|_| {}),
            Self::Pong(_) => put((PONG, 0, 0), &|_| {}),
            Self::Close { code, .. } => {
                let flags = flags([(code.is_some(), CODE)]);
                put((CLOSE, flags, code.unwrap_or_default()), &|_| {});
            }
            Self::Raw(_) => put((RAW, 0, 0), &|_| {}),
            Self::Pause => put((PAUSE, 0, 0), &|_| {}),
            Self::Resume => put((RESUME, 0, 0), &|_| {}),
            Self::Taken(bytes) => put((TAKEN, 0, 0), &|out| out.extend(bytes.to_be_bytes())),
        }
        out.extend_from_slice(payload);
    }

    /// Decodes the commands of a message.
    ///
    /// # Errors
    /// [`DecodeError`] as the last item.
    pub fn decode_all(message: &'a [u8]) -> impl Iterator<Item = Result<Self, DecodeError>> {
        record::decode_all(message, Self::decode)
    }

    fn decode(mut record: Record<'a>) -> Result<Self, DecodeError> {
        record.check_flags(match record.kind {
            OPEN => Open::FLAGS,
            MESSAGE => TEXT | UNCOMPRESSED | COUNTED,
            CLOSE => CODE,
            _ => 0,
        })?;
        let (flags, code) = (record.flags, record.code);
        let has_code = record.kind == HELLO || record.kind == CLOSE && flags & CODE != 0;
        if code != 0 && !has_code {
            return Err(DecodeError::Value("code"));
        }
        let body = &mut record.body;
        let command = match record.kind {
            HELLO => Self::Hello { version: code, token: body.array()? },
            OPEN => Self::Open(Box::new(Open::get(flags, body)?)),
            MESSAGE => Self::Message(Message {
                kind: if flags & TEXT == 0 { PayloadKind::Binary } else { PayloadKind::Text },
                compress: flags & UNCOMPRESSED == 0,
                fragments: match (flags & COUNTED, body.u32()?) {
                    (0, bytes) => Fragments::Bytes(bytes),
                    (_, count) => Fragments::Count(count),
                },
                payload: body.rest(),
            }),
            PING => Self::Ping(body.rest()),
            PONG => Self::Pong(body.rest()),
            CLOSE => Self::Close { code: has_code.then_some(code), reason: body.rest() },
            RAW => Self::Raw(body.rest()),
            PAUSE => Self::Pause,
            RESUME => Self::Resume,
            TAKEN => Self::Taken(body.u64()?),
            kind => return Err(DecodeError::Kind(kind)),
        };
        body.end(command)
    }

    /// Bytes after the fields of the record; empty for commands without payload.
    fn payload(&self) -> &'a [u8] {
        match self {
            Self::Message(message) => message.payload,
            Self::Ping(payload)
            | Self::Pong(payload)
            | Self::Raw(payload)
            | Self::Close { reason: payload, .. } => payload,
            _ => &[],
        }
    }
}
