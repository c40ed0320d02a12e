//! `/fault/{name}`: one violation of the protocol each.
//!
//! Tests that a client fails the connection (RFC 6455 section 7.1.7). A fault in frames is a row of
//! [`FAULTS`]; one in the handshake is a [`Negotiation`] in [`endpoints`].

use std::{
    borrow::Cow,
    task::{Context, Poll},
};

use axum::http::HeaderValue;
use protocol::Kind;

use super::{
    closing::close::after_option,
    countdown::Countdown,
    endpoint::{Endpoint, Group, Plan},
};
use crate::websocket::{
    handler::{Abort, Finish, Handler, Responder},
    handshake::response::{AcceptKey, Compress, Negotiation},
};

/// Extension that no client offers.
const UNOFFERED: HeaderValue = HeaderValue::from_static("x-wsbench-unoffered");

/// Fault in the frames of an open WebSocket.
struct Fault {
    /// Path below `/fault/`, by which tests and documentation name the fault.
    path: &'static str,
    /// Violation.
    summary: &'static str,
    /// Section that forbids it.
    details: &'static str,
    /// Bytes to send as they are, outside all framing.
    bytes: &'static [u8],
    /// Continuation, unless the client fails the connection at once.
    then: Then,
}

/// Continuation after a fault.
#[derive(Clone, Copy)]
enum Then {
    /// Goes on echoing.
    Echo,
    /// Waits for the peer's Close frame, after a faulty one. `code` stands for it in the metrics.
    Closed { code: u16 },
    /// Ends the connection.
    End,
}

/// Faults in frames, each with the bytes to send once. First bytes: 0x81 a text in one frame, 0x01 the
/// first frame of a text, 0x80 the last frame of a message, 0x88 Close, 0x89 ping (RFC 6455 section
/// 5.2).
static FAULTS: [Fault; 21] = [
    Fault {
        path: "/fault/masked-frame",
        summary: "Masked server frame",
        details: "RFC 6455 section 5.1",
        bytes: b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/reserved-opcode",
        summary: "Frame with the reserved opcode 3",
        details: "RFC 6455 section 5.2",
        bytes: b"\x83\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/reserved-control-opcode",
        summary: "Frame with the reserved control opcode 11",
        details: "RFC 6455 section 5.2",
        bytes: b"\x8b\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/reserved-bit",
        summary: "Frame with RSV2 set, without an extension",
        details: "RFC 6455 section 5.2",
        bytes: b"\xa1\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/invalid-utf8",
        summary: "Text that is not UTF-8",
        details: "RFC 6455 section 8.1",
        bytes: b"\x81\x06fault\xff",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/invalid-utf8-in-fragments",
        summary: "Invalid UTF-8 where two text frames join",
        details: "RFC 6455 section 8.1",
        bytes: b"\x01\x07fault\xe2\x82\x80\x01\x28",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/unfinished-utf8",
        summary: "Text that ends within a character",
        details: "RFC 6455 section 8.1",
        bytes: b"\x81\x07fault\xe2\x82",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/long-control",
        summary: "Ping of 126 bytes, one more than allowed",
        details: "RFC 6455 section 5.5",
        bytes: &long_control(),
        then: Then::Echo,
    },
    Fault {
        path: "/fault/fragmented-control",
        summary: "Fragmented ping",
        details: "RFC 6455 section 5.5",
        bytes: b"\x09\x02fa\x80\x03ult",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/unexpected-continuation",
        summary: "Continuation frame without a message",
        details: "RFC 6455 section 5.4",
        bytes: b"\x80\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/interleaved-message",
        summary: "Message inside another fragmented message",
        details: "RFC 6455 section 5.4",
        bytes: b"\x01\x03fau\x81\x05fault\x80\x02lt",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/short-payload",
        summary: "Frame cut short by the connection's end",
        details: "RFC 6455 section 5.2",
        bytes: b"\x81\x7dfault",
        then: Then::End,
    },
    Fault {
        path: "/fault/overlong-length",
        summary: "Length 5 encoded in two extra bytes",
        details: "RFC 6455 section 5.2",
        bytes: b"\x81\x7e\x00\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/huge-length",
        summary: "64-bit length with the highest bit set",
        details: "RFC 6455 section 5.2",
        bytes: b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/close-code",
        summary: "Close frame with the forbidden code 1005",
        details: "RFC 6455 section 7.4.1",
        bytes: b"\x88\x02\x03\xed",
        then: Then::Closed { code: 1005 },
    },
    Fault {
        path: "/fault/close-code-out-of-range",
        summary: "Close frame with code 999, below all ranges",
        details: "RFC 6455 section 7.4.2",
        bytes: b"\x88\x02\x03\xe7",
        then: Then::Closed { code: 999 },
    },
    Fault {
        path: "/fault/close-payload",
        summary: "Close frame with a payload of one byte",
        details: "RFC 6455 section 5.5.1",
        bytes: b"\x88\x01\x03",
        then: Then::Closed { code: 1005 },
    },
    Fault {
        path: "/fault/close-reason",
        summary: "Close frame with a reason in invalid UTF-8",
        details: "RFC 6455 section 5.5.1",
        bytes: b"\x88\x08\x03\xe8fault\xff",
        then: Then::Closed { code: 1000 },
    },
    Fault {
        path: "/fault/data-after-close",
        summary: "Text after the Close frame",
        details: "RFC 6455 section 5.5.1",
        bytes: b"\x88\x02\x03\xe8\x81\x05fault",
        then: Then::Closed { code: 1000 },
    },
    Fault {
        path: "/fault/unoffered-compression",
        summary: "Frame with RSV1 set (compressed), without an extension",
        details: "RFC 6455 section 5.2",
        bytes: b"\xc1\x07\x4a\x4b\x2c\xcd\x29\x01\x00",
        then: Then::Echo,
    },
    Fault {
        path: CORRUPT_DEFLATE,
        summary: "Compressed text that does not inflate",
        details: "RFC 7692 section 7.2.2; 400 for clients that do not offer permessage-deflate",
        // First three bits: a final block of the reserved type (RFC 1951 section 3.2.3).
        bytes: b"\xc1\x05\x07ault",
        then: Then::Echo,
    },
];

/// Path of the one fault that needs permessage-deflate.
const CORRUPT_DEFLATE: &str = "/fault/corrupt-deflate";

/// Ping with 126 bytes of payload.
const fn long_control() -> [u8; 130] {
    let mut ping = [b'x'; 130];
    ping[0] = 0x89;
    ping[1] = 126;
    ping[2] = 0;
    ping[3] = 126;
    ping
}

/// All faults: those in the handshake, then those in frames.
pub(super) fn endpoints() -> impl Iterator<Item = Endpoint> {
    let handshake = [
        Endpoint::new(
            "/fault/wrong-accept",
            Group::Faults,
            "Sec-WebSocket-Accept that does not match the key",
            |_| {
                Plan::echo(Negotiation { accept_key: AcceptKey::Invalid, ..Negotiation::default() })
            },
        )
        .details("RFC 6455 section 4.1; 400 over HTTP/2, which has none"),
        Endpoint::new(
            "/fault/missing-accept",
            Group::Faults,
            "Missing Sec-WebSocket-Accept",
            |_| {
                Plan::echo(Negotiation { accept_key: AcceptKey::Missing, ..Negotiation::default() })
            },
        )
        .details("RFC 6455 section 4.1; 400 over HTTP/2, which has none"),
        Endpoint::new(
            "/fault/unoffered-extension",
            Group::Faults,
            "Extension that the client did not offer",
            |_| Plan::echo(Negotiation { extension: Some(UNOFFERED), ..Negotiation::default() }),
        )
        .details("RFC 6455 section 4.1"),
    ];
    let frames = FAULTS.iter().map(|fault| {
        Endpoint::new(fault.path, Group::Faults, fault.summary, move |options| {
            let after =
                after_option(options, "Messages or time before the fault; echoes until then");
            let compress = if fault.path == CORRUPT_DEFLATE {
                Compress::Required
            } else {
                // No frame may have a valid RSV1.
                Compress::Never
            };
            let plan =
                Plan::handler(move |_| Faulty { fault, countdown: Some(Countdown::begin(after)) });
            Plan { negotiation: Negotiation { compress, ..Negotiation::default() }, ..plan }
        })
        .details(fault.details)
    });
    handshake.into_iter().chain(frames).map(Endpoint::dangerous)
}

/// Names of all faults.
pub(super) fn names() -> Vec<&'static str> {
    endpoints().filter_map(|endpoint| endpoint.path.strip_prefix("/fault/")).collect()
}

/// Handler that echoes, with one fault.
struct Faulty {
    fault: &'static Fault,
    /// Countdown to the fault; `None` after it.
    countdown: Option<Countdown>,
}

impl Handler for Faulty {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        responder.message(kind, payload);
        if let Some(countdown) = &mut self.countdown {
            countdown.count();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        if self.countdown.as_mut().is_some_and(|it| it.poll(context).is_ready()) {
            self.countdown = None;
            responder.raw(self.fault.bytes);
            match self.fault.then {
                Then::Echo => {}
                Then::Closed { code } => return Poll::Ready(Finish::Closed { code }),
                Then::End => return Poll::Ready(Finish::Abort(Abort::Fin)),
            }
        }
        Poll::Pending
    }
}
