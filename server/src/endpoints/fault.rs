//! `/fault/{name}`: the protocol broken, in one way each.

use std::{
    borrow::Cow,
    task::{Context, Poll},
};

use axum::http::HeaderValue;
use protocol::Kind;

use super::{Endpoint, Plan, after::Countdown, close};
use crate::{
    conduct::{Abort, Conduct, Finish, Speech},
    handshake::{Compress, Proof, Terms},
};

const GROUP: &str = "Faults";

/// An extension that no client offers.
const UNOFFERED: HeaderValue = HeaderValue::from_static("x-wsbench-unoffered");

/// A fault in what is sent once the WebSocket is open.
struct Fault {
    path: &'static str,
    summary: &'static str,
    bytes: &'static [u8],
    then: Then,
}

/// What comes after a fault.
#[derive(Clone, Copy)]
enum Then {
    /// Echoes, as if nothing were.
    Echo,
    /// The peer's answer to what was a Close frame, however broken; `code` is what is counted.
    Closed { code: u16 },
    /// The end of the connection.
    End,
}

/// Each sends its bytes once. 0x81 is a whole text, 0x01 the first frame of one, 0x80 the last of a
/// message, 0x88 a Close frame, 0x89 a ping (RFC 6455 section 5.2).
static FAULTS: [Fault; 21] = [
    Fault {
        path: "/fault/masked-frame",
        summary: "A frame of the server is masked (RFC 6455 section 5.1)",
        bytes: b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/reserved-opcode",
        summary: "A frame has opcode 3, which is reserved (RFC 6455 section 5.2)",
        bytes: b"\x83\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/reserved-control-opcode",
        summary: "A frame has opcode 11, which is reserved for control (RFC 6455 section 5.2)",
        bytes: b"\x8b\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/reserved-bit",
        summary: "A frame has RSV2 set, which no extension gave a meaning (RFC 6455 section 5.2)",
        bytes: b"\xa1\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/invalid-utf8",
        summary: "A text is not UTF-8 (RFC 6455 section 8.1)",
        bytes: b"\x81\x06fault\xff",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/invalid-utf8-in-fragments",
        summary: "A text is not UTF-8, which shows only where two of its frames meet \
                  (RFC 6455 section 8.1)",
        bytes: b"\x01\x07fault\xe2\x82\x80\x01\x28",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/unfinished-utf8",
        summary: "A text ends within a character (RFC 6455 section 8.1)",
        bytes: b"\x81\x07fault\xe2\x82",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/long-control",
        summary: "A ping has 126 bytes, one more than a control frame may (RFC 6455 section 5.5)",
        bytes: &long_control(),
        then: Then::Echo,
    },
    Fault {
        path: "/fault/fragmented-control",
        summary: "A ping comes in two frames (RFC 6455 section 5.5)",
        bytes: b"\x09\x02fa\x80\x03ult",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/unexpected-continuation",
        summary: "A frame continues a message that was never begun (RFC 6455 section 5.4)",
        bytes: b"\x80\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/interleaved-message",
        summary: "A message begins before the one before it is complete (RFC 6455 section 5.4)",
        bytes: b"\x01\x03fau\x81\x05fault\x80\x02lt",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/short-payload",
        summary: "A length lies: a frame has fewer bytes than it says, and the connection ends \
                  (RFC 6455 section 5.2)",
        bytes: b"\x81\x7dfault",
        then: Then::End,
    },
    Fault {
        path: "/fault/overlong-length",
        summary: "A length of 5 takes two bytes more than it needs (RFC 6455 section 5.2)",
        bytes: b"\x81\x7e\x00\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/huge-length",
        summary: "A length has its highest bit set, which is past all that may be \
                  (RFC 6455 section 5.2)",
        bytes: b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x05fault",
        then: Then::Echo,
    },
    Fault {
        path: "/fault/close-code",
        summary: "A Close frame has code 1005, which is never sent (RFC 6455 section 7.4.1)",
        bytes: b"\x88\x02\x03\xed",
        then: Then::Closed { code: 1005 },
    },
    Fault {
        path: "/fault/close-code-out-of-range",
        summary: "A Close frame has code 999, which is in no range (RFC 6455 section 7.4.2)",
        bytes: b"\x88\x02\x03\xe7",
        then: Then::Closed { code: 999 },
    },
    Fault {
        path: "/fault/close-payload",
        summary: "A Close frame's payload is one byte, half a code (RFC 6455 section 5.5.1)",
        bytes: b"\x88\x01\x03",
        then: Then::Closed { code: 1005 },
    },
    Fault {
        path: "/fault/close-reason",
        summary: "A Close frame's reason is not UTF-8 (RFC 6455 section 5.5.1)",
        bytes: b"\x88\x08\x03\xe8fault\xff",
        then: Then::Closed { code: 1000 },
    },
    Fault {
        path: "/fault/data-after-close",
        summary: "A text follows the Close frame (RFC 6455 section 5.5.1)",
        bytes: b"\x88\x02\x03\xe8\x81\x05fault",
        then: Then::Closed { code: 1000 },
    },
    Fault {
        path: "/fault/unoffered-compression",
        summary: "A frame has RSV1 set, as if compressed, where no extension is agreed \
                  (RFC 6455 section 5.2)",
        bytes: b"\xc1\x07\x4a\x4b\x2c\xcd\x29\x01\x00",
        then: Then::Echo,
    },
    Fault {
        path: CORRUPT_DEFLATE,
        summary: "A compressed text does not inflate (RFC 7692 section 7.2.2); refused with 400 for \
                  clients that do not offer permessage-deflate",
        // The first three bits are a final block of a kind that is reserved (RFC 1951 section 3.2.3).
        bytes: b"\xc1\x05\x07ault",
        then: Then::Echo,
    },
];

const CORRUPT_DEFLATE: &str = "/fault/corrupt-deflate";

const fn long_control() -> [u8; 130] {
    let mut ping = [b'x'; 130];
    ping[0] = 0x89;
    ping[1] = 126;
    ping[2] = 0;
    ping[3] = 126;
    ping
}

pub(super) fn endpoints() -> impl Iterator<Item = Endpoint> {
    let handshake = [
        Endpoint::new(
            "/fault/wrong-accept",
            GROUP,
            "Sec-WebSocket-Accept does not fit the key (RFC 6455 section 4.1); refused with 400 over \
             HTTP/2, which has none",
            |_| Plan::echo(Terms { proof: Proof::Wrong, ..Terms::default() }),
        ),
        Endpoint::new(
            "/fault/missing-accept",
            GROUP,
            "Sec-WebSocket-Accept is missing (RFC 6455 section 4.1); refused with 400 over HTTP/2, \
             which has none",
            |_| Plan::echo(Terms { proof: Proof::Missing, ..Terms::default() }),
        ),
        Endpoint::new(
            "/fault/unoffered-extension",
            GROUP,
            "An extension is chosen that was not offered (RFC 6455 section 4.1)",
            |_| Plan::echo(Terms { extension: Some(UNOFFERED), ..Terms::default() }),
        ),
    ];
    let frames = FAULTS.iter().map(|fault| {
        Endpoint::new(fault.path, GROUP, fault.summary, move |ask| {
            let after = close::ask_after(ask, "When the fault comes; echoes until then");
            let compress = if fault.path == CORRUPT_DEFLATE {
                Compress::Insist
            } else {
                // RSV1 is to have no meaning, and a frame no other one.
                Compress::Nothing
            };
            let plan =
                Plan::conduct(move |_| Faulty { fault, countdown: Some(Countdown::begin(after)) });
            Plan { terms: Terms { compress, ..Terms::default() }, ..plan }
        })
    });
    handshake.into_iter().chain(frames).map(Endpoint::dangerous)
}

/// The names of all.
pub(super) fn names() -> Vec<&'static str> {
    endpoints().filter_map(|endpoint| endpoint.path.strip_prefix("/fault/")).collect()
}

/// Echoes, and does one thing wrong.
struct Faulty {
    fault: &'static Fault,
    /// Until the fault; none after it.
    countdown: Option<Countdown>,
}

impl Conduct for Faulty {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        speech.message(kind, payload);
        if let Some(countdown) = &mut self.countdown {
            countdown.count();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        if self.countdown.as_mut().is_some_and(|it| it.poll(context).is_ready()) {
            self.countdown = None;
            speech.raw(self.fault.bytes);
            match self.fault.then {
                Then::Echo => {}
                Then::Closed { code } => return Poll::Ready(Finish::Closed { code }),
                Then::End => return Poll::Ready(Finish::Abort(Abort::Fin)),
            }
        }
        Poll::Pending
    }
}
