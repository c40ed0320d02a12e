//! Events from the server to a page.

use crate::{
    end::{End, Failure},
    frame::Frame,
    opening::{Opened, Response, Tls},
    record::{self, DecodeError, Record, put_text, put_texts},
};

const READY: u8 = 1;
const RESOLVED: u8 = 2;
const CONNECTED: u8 = 3;
const TLS: u8 = 4;
const REQUEST: u8 = 5;
const RESPONSE: u8 = 6;
const OPENED: u8 = 7;
const FRAME: u8 = 8;
const WRITTEN: u8 = 9;
const FAILED: u8 = 10;
const ENDED: u8 = 11;

/// Event of the server. Until [`Event::Opened`] or [`Event::Failed`] in the order of the variants; those that
/// belong to a stage that did not take place are left out, and those before [`Event::Opened`] come again for the
/// target of a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Answer to [`Command::Hello`](crate::Command::Hello).
    Ready(Ready),
    /// Addresses that a name was resolved to, once for each host that is connected to.
    Resolved {
        /// Host of the target, of a redirect or of the proxy.
        host: String,
        /// IP addresses as text, without ports or brackets.
        addresses: Vec<String>,
    },
    /// TCP connection, to this IP address and port.
    Connected(String),
    /// Result of the TLS handshake, or the certificates that it failed for.
    Tls(Tls),
    /// Head of the request as it was sent, secrets included.
    Request(String),
    /// Head of the response, of any status.
    Response(Response),
    /// WebSocket open.
    Opened(Opened),
    /// Frame sent or received, and the message or control frame that it completes.
    Frame(Frame<'a>),
    /// Number of commands that send something ([`Command::Message`](crate::Command::Message) to
    /// [`Command::Raw`](crate::Command::Raw)) whose bytes are all written, since [`Event::Opened`].
    Written(u64),
    /// Not opened; the last event.
    Failed(Failure),
    /// End of an open WebSocket; the last event.
    Ended(End),
}

/// Version and limits of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// [`VERSION`](crate::VERSION) of the server, the same as the page's.
    pub version: u16,
    /// Bytes of events that may be on their way to the page, see [`Command::Taken`](crate::Command::Taken).
    pub window: u32,
    /// Bytes of a message, in either direction, at most.
    pub max_message: u64,
    /// Names of the client certificates.
    pub certificates: Vec<String>,
}

impl<'a> Event<'a> {
    /// Appends the event to a message; several can be in one.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let payload = self.payload();
        out.reserve(payload.len());
        self.encode_head(out);
        out.extend_from_slice(payload);
    }

    /// Appends the event without its [payload](Event::payload), which must follow.
    pub fn encode_head(&self, out: &mut Vec<u8>) {
        let len = self.payload().len();
        let mut put = |head, fields: &dyn Fn(&mut Vec<u8>)| record::encode(head, len, out, fields);
        match self {
            Self::Ready(ready) => put((READY, 0, ready.version), &|out| {
                out.extend(ready.window.to_be_bytes());
                out.extend(ready.max_message.to_be_bytes());
                put_texts(&ready.certificates, out);
            }),
            Self::Resolved { host, addresses } => put((RESOLVED, 0, 0), &|out| {
                put_text(host, out);
                put_texts(addresses, out);
            }),
            Self::Connected(address) => put((CONNECTED, 0, 0), &|out| put_text(address, out)),
            Self::Tls(tls) => put((TLS, tls.flags(), 0), &|out| tls.put(out)),
            Self::Request(head) => put((REQUEST, 0, 0), &|out| put_text(head, out)),
            Self::Response(response) => {
                put((RESPONSE, 0, response.status), &|out| response.put(out));
            }
            Self::Opened(opened) => put((OPENED, opened.flags(), 0), &|out| opened.put(out)),
            Self::Frame(frame) => put((FRAME, frame.flags(), frame.code()), &|out| frame.put(out)),
            Self::Written(count) => put((WRITTEN, 0, 0), &|out| out.extend(count.to_be_bytes())),
            Self::Failed(failure) => {
                put((FAILED, 0, failure.cause as u16), &|out| failure.put(out));
            }
            Self::Ended(end) => put((ENDED, end.flags(), end.cause as u16), &|out| end.put(out)),
        }
    }

    /// Bytes of the message or control frame that the event completes, or none.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        match self {
            Self::Frame(frame) => frame.payload.unwrap_or_default(),
            _ => &[],
        }
    }

    /// Decodes the events of a message.
    ///
    /// # Errors
    /// [`DecodeError`] as the last item.
    pub fn decode_all(message: &'a [u8]) -> impl Iterator<Item = Result<Self, DecodeError>> {
        record::decode_all(message, Self::decode)
    }

    fn decode(mut record: Record<'a>) -> Result<Self, DecodeError> {
        record.check_flags(match record.kind {
            TLS => Tls::FLAGS,
            OPENED => Opened::FLAGS,
            FRAME => Frame::FLAGS,
            ENDED => End::FLAGS,
            _ => 0,
        })?;
        let (flags, code) = (record.flags, record.code);
        if code != 0 && !matches!(record.kind, READY | RESPONSE | FRAME | FAILED | ENDED) {
            return Err(DecodeError::Value("code"));
        }
        let body = &mut record.body;
        let event = match record.kind {
            READY => Self::Ready(Ready {
                version: code,
                window: body.u32()?,
                max_message: body.u64()?,
                certificates: body.texts()?,
            }),
            RESOLVED => Self::Resolved { host: body.text()?, addresses: body.texts()? },
            CONNECTED => Self::Connected(body.text()?),
            TLS => Self::Tls(Tls::get(flags, body)?),
            REQUEST => Self::Request(body.text()?),
            RESPONSE => Self::Response(Response::get(code, body)?),
            OPENED => Self::Opened(Opened::get(flags, body)?),
            FRAME => Self::Frame(Frame::get(flags, code, body)?),
            WRITTEN => Self::Written(body.u64()?),
            FAILED => Self::Failed(Failure::get(code, body)?),
            ENDED => Self::Ended(End::get(flags, code, body)?),
            kind => return Err(DecodeError::Kind(kind)),
        };
        body.end(event)
    }
}
