//! `/echo` with options: delayed, dropped, duplicated, reordered, fragmented echoes.
//!
//! An echo passes these steps in order: limit, drop, duplicate, prefix, reorder, delay and jitter,
//! fragment and compress. Without options, `/echo` is the plain echo.

use std::{
    borrow::Cow,
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use fastrand::Rng;
use protocol::{Close, Kind, close_code};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    endpoints::{
        closing::close::close_option,
        countdown::Countdown,
        endpoint::{Endpoint, Group, Plan},
        options::{After, Options},
    },
    websocket::{
        handler::{Finish, Handler, Responder},
        handshake::response::{Compress, Negotiation},
    },
};

/// Max delay of an echo, and max jitter on top of it.
const MAX_DELAY: Duration = Duration::from_mins(1);

/// Max echoes to reorder among each other.
const MAX_WINDOW: u64 = 1_000;

/// Bytes of a prefix, at most.
const MAX_PREFIX: usize = 1 << 10;

/// Max size in bytes of a frame, and of a message limit.
const MAX_SIZE: usize = 1 << 30;

/// Path, which is opened without reading options if there are none.
pub(in crate::endpoints) const PATH: &str = "/echo";

pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Echoes each message as the options say";
    Endpoint::new(PATH, Group::Echo, summary, |options| {
        let (shape, compress) = Shape::read(options);
        let plan = Plan::handler(move |opening| ShapedEcho::new(shape, opening.max_waiting));
        Plan { negotiation: Negotiation { compress, ..Negotiation::default() }, ..plan }
    })
}

/// Changes to apply to the echoes.
struct Shape {
    prefix: String,
    delay: Duration,
    jitter: Duration,
    /// Probability, 0 to 1.
    drop: f64,
    /// Probability, 0 to 1.
    duplicate: f64,
    /// Echoes of a window; 1 to keep the order.
    reorder: usize,
    /// Bytes of a frame.
    fragment: Option<usize>,
    /// Bytes of a message.
    limit: Option<usize>,
    close_after: Option<After>,
    close: Option<Close>,
    rng: Rng,
}

impl Shape {
    fn read(options: &mut Options<'_>) -> (Self, Compress) {
        let prefix = options.text("prefix", "Prefix of each text echo", "", MAX_PREFIX);
        let delay =
            options.time("delay", "Delay of each echo", Duration::ZERO, Duration::ZERO..=MAX_DELAY);
        let jitter = options.time(
            "jitter",
            "Max additional random delay; keeps the order",
            Duration::ZERO,
            Duration::ZERO..=MAX_DELAY,
        );
        let drop = options.probability("drop", "Drop probability of each echo");
        let duplicate = options.probability("duplicate", "Duplicate probability of each echo");
        let reorder = options.integer(
            "reorder",
            "Number of echoes to shuffle. Sent early when the connection closes or --max-waiting is \
             full",
            1,
            1..=MAX_WINDOW,
        );
        let fragment =
            options.size_if("fragment", "Frame size; larger echoes are fragmented", 1..=MAX_SIZE);
        let compress = options.choice_if(
            "compress",
            "Compression of echoes, if the client offers permessage-deflate. Default: the server's \
             setting",
            &[("on", Compress::All), ("off", Compress::Never)],
        );
        let limit = options.size_if(
            "limit",
            "Max message size; larger messages close with 1009",
            0..=MAX_SIZE,
        );
        let close_after = options
            .after_if("close_after", "Messages or time before the server closes. Default: never");
        let close = close_option(options);
        let shape = Self {
            prefix,
            delay,
            jitter,
            drop,
            duplicate,
            // At most 1,000.
            reorder: usize::try_from(reorder).unwrap_or(usize::MAX),
            fragment,
            limit,
            close_after,
            close,
            rng: options.seed(),
        };
        (shape, compress.unwrap_or_default())
    }
}

/// Echo waiting for its time.
struct Delayed {
    due: Instant,
    kind: Kind,
    payload: Vec<u8>,
}

/// Bytes that a waiting echo takes, its place in the queue included.
fn cost(payload: &[u8]) -> usize {
    payload.len() + size_of::<Delayed>()
}

/// Handler that echoes with changes.
struct ShapedEcho {
    shape: Shape,
    /// Bytes of a window to be sent before it is full.
    max_window_bytes: usize,
    /// Echoes collected to be reordered.
    window: Vec<(Kind, Vec<u8>)>,
    window_bytes: usize,
    /// Echoes waiting for their time, in order of time.
    delayed: VecDeque<Delayed>,
    delayed_bytes: usize,
    timer: Pin<Box<Sleep>>,
    countdown: Option<Countdown>,
    is_too_large: bool,
}

impl ShapedEcho {
    fn new(shape: Shape, max_window_bytes: usize) -> Self {
        let countdown = shape.close_after.map(Countdown::begin);
        Self {
            shape,
            max_window_bytes,
            window: Vec::new(),
            window_bytes: 0,
            delayed: VecDeque::new(),
            delayed_bytes: 0,
            timer: Box::pin(sleep_until(Instant::now())),
            countdown,
            is_too_large: false,
        }
    }

    /// Releases the window, in random order.
    fn release_window(&mut self) {
        self.shape.rng.shuffle(&mut self.window);
        self.window_bytes = 0;
        for (kind, payload) in std::mem::take(&mut self.window) {
            let chance = self.shape.rng.f64();
            let wait = self.shape.delay + self.shape.jitter.mul_f64(chance);
            let due = Instant::now() + wait;
            let due = self.delayed.back().map_or(due, |before| due.max(before.due));
            self.delayed_bytes += cost(&payload);
            self.delayed.push_back(Delayed { due, kind, payload });
        }
    }

    fn send(&mut self, Delayed { kind, payload, .. }: Delayed, responder: &mut Responder<'_>) {
        self.delayed_bytes -= cost(&payload);
        match self.shape.fragment {
            Some(len) => responder.fragmented_message(kind, &payload, len),
            None => responder.message(kind, payload.into()),
        }
    }
}

impl Handler for ShapedEcho {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, _: &mut Responder<'_>) {
        // Messages after the end are ignored.
        if self.is_too_large || self.countdown.as_ref().is_some_and(Countdown::is_over) {
            return;
        }
        if self.shape.limit.is_some_and(|limit| payload.len() > limit) {
            self.is_too_large = true;
            return;
        }
        // Both are drawn for each message, so that neither option changes the effect of the other.
        let is_dropped = self.shape.rng.f64() < self.shape.drop;
        let is_duplicated = self.shape.rng.f64() < self.shape.duplicate;
        let copies = if is_dropped { 0 } else { 1 + usize::from(is_duplicated) };
        for _ in 0..copies {
            let payload = match kind {
                Kind::Text => [self.shape.prefix.as_bytes(), &payload].concat(),
                Kind::Binary => payload.to_vec(),
            };
            self.window_bytes += cost(&payload);
            self.window.push((kind, payload));
            if self.window.len() >= self.shape.reorder || self.window_bytes >= self.max_window_bytes
            {
                self.release_window();
            }
        }
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
            return Poll::Ready(Finish::Close(self.shape.close.clone()));
        }
        while responder.has_room()
            && let Some(Delayed { due, .. }) = self.delayed.front()
        {
            if *due > Instant::now() {
                if self.timer.deadline() != *due {
                    self.timer.as_mut().reset(*due);
                }
                if self.timer.as_mut().poll(context).is_pending() {
                    break;
                }
            }
            if let Some(echo) = self.delayed.pop_front() {
                self.send(echo, responder);
            }
        }
        Poll::Pending
    }

    fn pending_bytes(&self) -> usize {
        self.delayed_bytes + self.window_bytes
    }

    fn discard(&mut self) {
        (self.window, self.window_bytes) = (Vec::new(), 0);
        (self.delayed, self.delayed_bytes) = (VecDeque::new(), 0);
    }

    fn before_close(&mut self, responder: &mut Responder<'_>) {
        self.release_window();
        while let Some(echo) = self.delayed.pop_front() {
            self.send(echo, responder);
        }
    }
}
