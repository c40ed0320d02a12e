//! `/echo` with options: delayed, dropped, duplicated, reordered, fragmented echoes.
//!
//! An echo passes these steps in order: limit, drop, duplicate, prefix, reorder, delay and jitter,
//! fragment and compress. Without options, `/echo` is the plain echo.

use std::{
    borrow::Cow,
    task::{Context, Poll},
};

use fastrand::Rng;
use protocol::{Close, Kind, close_code};

use crate::{
    endpoints::{
        closing::close::close_option,
        countdown::Countdown,
        delivery::{Conditions, Delivery},
        endpoint::{Endpoint, Group, Plan},
        options::{After, Options},
    },
    websocket::{
        handler::{Finish, Handler, Responder},
        handshake::response::{Compress, Negotiation},
    },
};

/// Bytes of a prefix, at most.
const MAX_PREFIX: usize = 1 << 10;

/// Max size in bytes of a message limit.
const MAX_SIZE: usize = 1 << 30;

/// Path, which is opened without reading options if there are none.
pub(in crate::endpoints) const PATH: &str = "/echo";

/// Declares `/echo`. Of its options only `compress` takes part in the opening handshake.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Echoes each message, modified by the options";
    Endpoint::new(PATH, Group::Echo, summary, |options| {
        let (shape, compress) = Shape::read(options);
        let plan = Plan::handler(move |context| ShapedEcho::new(shape, context.max_waiting));
        Plan { negotiation: Negotiation { compress, ..Negotiation::default() }, ..plan }
    })
}

/// Changes to apply to the echoes.
struct Shape {
    /// Text before each text echo; empty for none.
    prefix: String,
    /// Delay, loss, order and fragments of the echoes.
    conditions: Conditions,
    /// Largest message that is echoed, in bytes; a larger one closes with 1009.
    limit: Option<usize>,
    /// Trigger of the server's close.
    close_after: Option<After>,
    /// Content of that Close frame; `None` for an empty one.
    close: Option<Close>,
    /// Source of all random choices, by the seed of the URL.
    rng: Rng,
}

impl Shape {
    /// Reads the options, in the order in which `/endpoints.json` lists them.
    fn read(options: &mut Options<'_>) -> (Self, Compress) {
        let prefix = options.text("prefix", "Prefix of each text echo", "", MAX_PREFIX);
        let conditions = Conditions::read(options);
        let compress = options.choice_if(
            "compress",
            "Compression of echoes, if the client offers permessage-deflate. Default: the server's \
             setting",
            &[("on", Compress::All), ("off", Compress::Never)],
        );
        let summary = "Maximum message size; larger messages close with 1009";
        let limit = options.size("limit", summary, 0..=MAX_SIZE).optional();
        let summary = "Messages or time before the server closes. Default: never";
        let close_after = options.after("close_after", summary).optional();
        let close = close_option(options);
        let rng = options.seed();
        let shape = Self { prefix, conditions, limit, close_after, close, rng };
        (shape, compress.unwrap_or_default())
    }
}

/// Handler that echoes with changes.
struct ShapedEcho {
    /// Text before each text echo.
    prefix: String,
    /// Largest message, in bytes.
    limit: Option<usize>,
    /// Echoes on their way.
    delivery: Delivery,
    /// Countdown to the server's close; `None` for no close.
    countdown: Option<Countdown>,
    close: Option<Close>,
    /// True once a message passed the limit: nothing is echoed any more.
    is_too_large: bool,
}

impl ShapedEcho {
    /// Starts the countdown with the opening.
    fn new(shape: Shape, max_waiting: usize) -> Self {
        let Shape { prefix, conditions, limit, close_after, close, rng } = shape;
        let delivery = Delivery::new(conditions, rng, max_waiting);
        let countdown = close_after.map(Countdown::begin);
        Self { prefix, limit, delivery, countdown, close, is_too_large: false }
    }
}

impl Handler for ShapedEcho {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, _: &mut Responder<'_>) {
        // Messages after the end are ignored.
        if self.is_too_large || self.countdown.as_ref().is_some_and(Countdown::is_over) {
            return;
        }
        if self.limit.is_some_and(|limit| payload.len() > limit) {
            self.is_too_large = true;
            return;
        }
        let payload = match kind {
            Kind::Text => [self.prefix.as_bytes(), &payload].concat(),
            Kind::Binary => payload.into_owned(),
        };
        self.delivery.push(kind, payload);
        if let Some(countdown) = &mut self.countdown {
            countdown.count();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        if self.is_too_large {
            let reason = "message larger than the URL's limit".to_owned();
            return Poll::Ready(Finish::Close(Some(Close { code: close_code::TOO_BIG, reason })));
        }
        let is_over = self.countdown.as_mut().is_some_and(|it| it.poll(context).is_ready());
        if is_over {
            return Poll::Ready(Finish::Close(self.close.clone()));
        }
        let _ = self.delivery.poll(context, responder);
        Poll::Pending
    }

    fn pending_bytes(&self) -> usize {
        self.delivery.pending_bytes()
    }

    fn discard(&mut self) {
        self.delivery.discard();
    }

    fn before_close(&mut self, responder: &mut Responder<'_>) {
        self.delivery.flush(responder);
    }
}
