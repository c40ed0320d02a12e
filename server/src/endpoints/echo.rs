//! `/echo` with options: late, lost, doubled, out of order, in pieces, cut short.

use std::{
    borrow::Cow,
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use fastrand::Rng;
use protocol::{Close, Kind, code};
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    Endpoint, Plan,
    after::Countdown,
    ask::{After, Ask},
    close,
};
use crate::{
    conduct::{Conduct, Finish, Speech},
    handshake::{Compress, Terms},
};

/// The longest that an echo is kept back, and as much again by chance.
const DELAY: Duration = Duration::from_mins(1);

/// Echoes that change places with each other, at most.
const WINDOW: u64 = 1_000;

/// Bytes of a prefix, at most.
const PREFIX: usize = 1 << 10;

/// Bytes of a frame, at most, and of the largest message that can be allowed.
const LARGEST: usize = 1 << 30;

pub(super) const PATH: &str = "/echo";

pub(super) fn endpoint() -> Endpoint {
    let summary = "Sends each message back, as it came or as the options say";
    Endpoint::new(PATH, "Answers", summary, |ask| {
        let (options, compress) = Options::ask(ask);
        let plan = Plan::conduct(move |opening| {
            ShapedEcho::new(options, opening.server.config.limits.waiting)
        });
        Plan { terms: Terms { compress, ..Terms::default() }, ..plan }
    })
}

/// What is done to each echo.
struct Options {
    prefix: String,
    delay: Duration,
    jitter: Duration,
    drop: f64,
    duplicate: f64,
    reorder: usize,
    fragment: Option<usize>,
    limit: Option<usize>,
    close_after: Option<After>,
    close: Option<Close>,
    rng: Rng,
}

impl Options {
    fn ask(ask: &mut Ask<'_>) -> (Self, Compress) {
        let prefix = ask.text("prefix", "What each answer to a text begins with", "", PREFIX);
        let delay = ask.time(
            "delay",
            "Time that each echo is kept back. The order stays",
            Duration::ZERO,
            Duration::ZERO..=DELAY,
        );
        let jitter = ask.time(
            "jitter",
            "More time by chance, from none to this. The order stays",
            Duration::ZERO,
            Duration::ZERO..=DELAY,
        );
        let drop = ask.probability("drop", "How probably a message gets no echo");
        let duplicate = ask.probability("duplicate", "How probably an echo comes twice");
        let reorder = ask.integer(
            "reorder",
            "Echoes that are collected and then sent in another order; what is collected when the \
             connection closes, or fills --max-waiting, is sent too",
            1,
            1..=WINDOW,
        );
        let fragment =
            ask.size_if("fragment", "Sends each echo in frames of this size", 1..=LARGEST);
        let compress = ask.choice_if(
            "compress",
            "Whether echoes are compressed, for clients that offer permessage-deflate: all of them, \
             or none. Without it, as the server is set up",
            &[("on", Compress::All), ("off", Compress::Nothing)],
        );
        let limit =
            ask.size_if("limit", "Closes with 1009 at a message larger than this", 0..=LARGEST);
        let close_after = ask.after_if("close_after", "Closes after so many messages or this time");
        let close = close::ask_close(ask);
        let options = Self {
            prefix,
            delay,
            jitter,
            drop,
            duplicate,
            // The range fits any machine.
            reorder: usize::try_from(reorder).unwrap_or(usize::MAX),
            fragment,
            limit,
            close_after,
            close,
            rng: ask.seed(),
        };
        (options, compress.unwrap_or_default())
    }
}

/// An echo that waits for its time.
struct Late {
    due: Instant,
    kind: Kind,
    payload: Vec<u8>,
}

/// Bytes that an echo of this payload takes while it waits: an empty one takes some, too.
fn cost(payload: &[u8]) -> usize {
    payload.len() + size_of::<Late>()
}

/// Echoes as its options say.
struct ShapedEcho {
    options: Options,
    /// Bytes past which a window is sent before it is full.
    bound: usize,
    /// Echoes that are collected to be sent in another order.
    window: Vec<(Kind, Vec<u8>)>,
    window_bytes: usize,
    /// Those that wait for their time, in the order of it.
    late: VecDeque<Late>,
    late_bytes: usize,
    timer: Pin<Box<Sleep>>,
    countdown: Option<Countdown>,
    is_too_large: bool,
}

impl ShapedEcho {
    fn new(options: Options, bound: usize) -> Self {
        let countdown = options.close_after.map(Countdown::begin);
        Self {
            options,
            bound,
            window: Vec::new(),
            window_bytes: 0,
            late: VecDeque::new(),
            late_bytes: 0,
            timer: Box::pin(sleep_until(Instant::now())),
            countdown,
            is_too_large: false,
        }
    }

    /// Lets the window go, in an order of chance.
    fn release_window(&mut self) {
        self.options.rng.shuffle(&mut self.window);
        self.window_bytes = 0;
        for (kind, payload) in std::mem::take(&mut self.window) {
            let chance = self.options.rng.f64();
            let wait = self.options.delay + self.options.jitter.mul_f64(chance);
            let due = Instant::now() + wait;
            let due = self.late.back().map_or(due, |before| due.max(before.due));
            self.late_bytes += cost(&payload);
            self.late.push_back(Late { due, kind, payload });
        }
    }

    fn say(&mut self, Late { kind, payload, .. }: Late, speech: &mut Speech<'_>) {
        self.late_bytes -= cost(&payload);
        match self.options.fragment {
            Some(len) => speech.message_in_frames(kind, &payload, len),
            None => speech.message(kind, payload.into()),
        }
    }
}

impl Conduct for ShapedEcho {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, _: &mut Speech<'_>) {
        // What comes after the end is not answered.
        if self.is_too_large || self.countdown.as_ref().is_some_and(Countdown::is_over) {
            return;
        }
        if self.options.limit.is_some_and(|limit| payload.len() > limit) {
            self.is_too_large = true;
            return;
        }
        // Both are drawn for each message: what one option does is no other with another beside it.
        let is_dropped = self.options.rng.f64() < self.options.drop;
        let is_doubled = self.options.rng.f64() < self.options.duplicate;
        let copies = if is_dropped { 0 } else { 1 + usize::from(is_doubled) };
        for _ in 0..copies {
            let payload = match kind {
                Kind::Text => [self.options.prefix.as_bytes(), &payload].concat(),
                Kind::Binary => payload.to_vec(),
            };
            self.window_bytes += cost(&payload);
            self.window.push((kind, payload));
            if self.window.len() >= self.options.reorder || self.window_bytes >= self.bound {
                self.release_window();
            }
        }
        if let Some(countdown) = &mut self.countdown {
            countdown.count();
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        if self.is_too_large {
            let reason = "a message is larger than the URL allows".to_owned();
            return Poll::Ready(Finish::Close(Some(Close { code: code::TOO_BIG, reason })));
        }
        let is_over = self.countdown.as_mut().is_some_and(|it| it.poll(context).is_ready());
        if is_over {
            return Poll::Ready(Finish::Close(self.options.close.clone()));
        }
        while speech.has_room()
            && let Some(Late { due, .. }) = self.late.front()
        {
            if *due > Instant::now() {
                if self.timer.deadline() != *due {
                    self.timer.as_mut().reset(*due);
                }
                if self.timer.as_mut().poll(context).is_pending() {
                    break;
                }
            }
            if let Some(late) = self.late.pop_front() {
                self.say(late, speech);
            }
        }
        Poll::Pending
    }

    fn held(&self) -> usize {
        self.late_bytes + self.window_bytes
    }

    fn last_words(&mut self, speech: &mut Speech<'_>) {
        self.release_window();
        while let Some(late) = self.late.pop_front() {
            self.say(late, speech);
        }
    }
}
