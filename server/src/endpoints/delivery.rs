//! Delivery of messages under bad conditions: delayed, dropped, duplicated, reordered, fragmented.
//!
//! A message passes these steps in order: drop, duplicate, reorder, delay and jitter, fragment.

use std::{
    collections::VecDeque,
    iter::repeat_n,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use fastrand::Rng;
use protocol::Kind;
use tokio::time::{Instant, Sleep, sleep_until};

use super::options::Options;
use crate::websocket::handler::Responder;

/// Max delay of an echo, and max jitter on top of it.
const MAX_DELAY: Duration = Duration::from_mins(1);

/// Max echoes to reorder among each other.
const MAX_WINDOW: u64 = 1_000;

/// Max size in bytes of a frame.
const MAX_FRAME: usize = 1 << 30;

/// Names of the options that [`Conditions::read`] and the seed have.
pub(crate) const OPTIONS: [&str; 7] =
    ["delay", "jitter", "drop", "duplicate", "reorder", "fragment", "seed"];

/// Conditions of a delivery, as the options of a URL say them.
pub(crate) struct Conditions {
    /// Time before each message is sent.
    delay: Duration,
    /// Largest random addition to the delay.
    jitter: Duration,
    /// Probability that a message is lost, 0 to 1.
    drop: f64,
    /// Probability that a message is sent twice, 0 to 1.
    duplicate: f64,
    /// Number of messages in a window, which is sent in random order; 1 keeps the order.
    reorder: usize,
    /// Largest payload of a frame, in bytes; `None` for one frame a message.
    fragment: Option<usize>,
}

impl Conditions {
    /// Reads the options named in [`OPTIONS`], but for the seed.
    pub(crate) fn read(options: &mut Options<'_>) -> Self {
        let delay = options
            .time("delay", "Delay of each echo", Duration::ZERO..=MAX_DELAY)
            .or(Duration::ZERO);
        let summary = "Maximum additional random delay; keeps the order";
        let jitter = options.time("jitter", summary, Duration::ZERO..=MAX_DELAY).or(Duration::ZERO);
        let drop = options.probability("drop", "Probability that an echo is dropped");
        let duplicate = options.probability("duplicate", "Probability that an echo is sent twice");
        let summary = "Number of echoes to shuffle. Sent early when the connection closes or --max-waiting is full";
        let reorder = options.integer("reorder", summary, 1..=MAX_WINDOW).or(1);
        let fragment = options
            .size("fragment", "Frame size; larger echoes are fragmented", 1..=MAX_FRAME)
            .optional();
        // At most 1,000.
        let reorder = usize::try_from(reorder).unwrap_or(usize::MAX);
        Self { delay, jitter, drop, duplicate, reorder, fragment }
    }
}

/// Message waiting for its time.
struct Delayed {
    /// Time to send it.
    due: Instant,
    message: Outgoing,
}

/// Message on its way.
#[derive(Clone)]
struct Outgoing {
    kind: Kind,
    /// Uncompressed payload.
    payload: Vec<u8>,
    /// Largest payload of a frame of this message, in bytes.
    fragment: Option<usize>,
}

/// Memory of a waiting message in bytes, its place in the queue included.
fn cost(payload: &[u8]) -> usize {
    payload.len() + size_of::<Delayed>()
}

/// Messages on their way to one peer.
pub(crate) struct Delivery {
    conditions: Conditions,
    /// Source of the random choices. Its seed and the messages determine them, not the time.
    rng: Rng,
    /// Bytes of a window to be sent before it is full.
    max_window_bytes: usize,
    /// Messages collected to be reordered.
    window: Vec<Outgoing>,
    /// Sum of the [`cost`] of the window.
    window_bytes: usize,
    /// Messages waiting for their time, in order of time.
    delayed: VecDeque<Delayed>,
    /// Sum of the [`cost`] of the delayed messages.
    delayed_bytes: usize,
    /// Timer for the first delayed message.
    timer: Pin<Box<Sleep>>,
}

impl Delivery {
    /// Creates a delivery without messages. `max_window_bytes` bounds memory where a window of
    /// large messages would not fill.
    pub(crate) fn new(conditions: Conditions, rng: Rng, max_window_bytes: usize) -> Self {
        Self {
            conditions,
            rng,
            max_window_bytes,
            window: Vec::new(),
            window_bytes: 0,
            delayed: VecDeque::new(),
            delayed_bytes: 0,
            timer: Box::pin(sleep_until(Instant::now())),
        }
    }

    /// Adds a message.
    pub(crate) fn push(&mut self, kind: Kind, payload: Vec<u8>) {
        self.push_fragmented(kind, payload, None);
    }

    /// Adds a message to be sent in frames of `fragment` bytes, or of fewer if the conditions say so.
    pub(crate) fn push_fragmented(
        &mut self,
        kind: Kind,
        payload: Vec<u8>,
        fragment: Option<usize>,
    ) {
        let fragment = fragment.into_iter().chain(self.conditions.fragment).min();
        let message = Outgoing { kind, payload, fragment };
        // Both are drawn for each message, so that neither option changes the effect of the other.
        let is_dropped = self.rng.f64() < self.conditions.drop;
        let is_duplicated = self.rng.f64() < self.conditions.duplicate;
        let copies = if is_dropped { 0 } else { 1 + usize::from(is_duplicated) };
        for message in repeat_n(message, copies) {
            self.window_bytes += cost(&message.payload);
            self.window.push(message);
            if self.window.len() >= self.conditions.reorder
                || self.window_bytes >= self.max_window_bytes
            {
                self.release_window();
            }
        }
    }

    /// Releases the window, in random order. A message is never due before the one ahead of it, so
    /// jitter keeps the order.
    pub(crate) fn release_window(&mut self) {
        self.rng.shuffle(&mut self.window);
        self.window_bytes = 0;
        for message in std::mem::take(&mut self.window) {
            let chance = self.rng.f64();
            let wait = self.conditions.delay + self.conditions.jitter.mul_f64(chance);
            let due = Instant::now() + wait;
            let due = self.delayed.back().map_or(due, |before| due.max(before.due));
            self.delayed_bytes += cost(&message.payload);
            self.delayed.push_back(Delayed { due, message });
        }
    }

    /// Sends the messages that are due, as long as there is room. Ready when none is left but in the window.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        responder: &mut Responder<'_>,
    ) -> Poll<()> {
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
            if let Some(Delayed { message, .. }) = self.delayed.pop_front() {
                self.send(message, responder);
            }
        }
        if self.delayed.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Sends all messages at once.
    pub(crate) fn flush(&mut self, responder: &mut Responder<'_>) {
        self.release_window();
        while let Some(Delayed { message, .. }) = self.delayed.pop_front() {
            self.send(message, responder);
        }
    }

    /// Memory of the waiting messages, in bytes.
    pub(crate) fn pending_bytes(&self) -> usize {
        self.delayed_bytes + self.window_bytes
    }

    /// Frees the waiting messages, unsent.
    pub(crate) fn discard(&mut self) {
        (self.window, self.window_bytes) = (Vec::new(), 0);
        (self.delayed, self.delayed_bytes) = (VecDeque::new(), 0);
    }

    /// Sends a message that is no longer among the delayed ones.
    fn send(&mut self, message: Outgoing, responder: &mut Responder<'_>) {
        let Outgoing { kind, payload, fragment } = message;
        self.delayed_bytes -= cost(&payload);
        match fragment {
            Some(len) => responder.fragmented_message(kind, &payload, len),
            None => responder.message(kind, payload.into()),
        }
    }
}
