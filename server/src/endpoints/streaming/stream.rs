//! `/stream`: numbered messages, sent unasked.
//!
//! `/stream?rate=1000/s&count=10000&size=1KiB` tests a client for lost, reordered and late messages. The
//! rate is kept on average; the peer's reading speed limits it (backpressure), without loss. A large
//! message is sent in parts, each made when there is room for it: no peer makes the server hold a whole
//! one.

use std::{
    borrow::Cow,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use fastrand::Rng;
use protocol::{Close, Kind, Part, close_code};
use serde_json::json;
use tokio::time::{Instant, Sleep, sleep_until};

use super::time::rfc3339;
use crate::{
    endpoints::{
        endpoint::{Endpoint, Group, Plan},
        options::MAX_MESSAGES,
        rate::Rate,
    },
    websocket::handler::{Finish, Handler, Responder},
};

/// Bytes of a message, at most: the server's own default limit.
const MAX_SIZE: usize = 16 << 20;

/// Letters of a text's fill: 64, so that a byte maps to them evenly.
const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/// Bytes of a part of a message.
const PART: usize = 16 << 10;

/// Bytes after which a sequence repeats.
const PERIOD: usize = 256;

/// Format of a message (`kind`).
#[derive(Clone, Copy)]
enum PayloadForm {
    /// Text: the number, a space, and letters.
    Text,
    /// Binary: the number in 8 bytes, then any bytes.
    Binary,
    /// Text: a JSON object with the number and a string of letters.
    Json,
}

/// Fill of a message (`pattern`).
#[derive(Clone, Copy)]
enum Pattern {
    /// Letters or bytes in order, beginning at the number, so that a client can check them.
    Sequence,
    /// Random letters or bytes, which do not compress well.
    Random,
    /// Time of day, then as [`Pattern::Sequence`]: for latencies, if both clocks agree.
    Time,
}

/// Declares `/stream`, endless unless `count` is given.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Sends numbered messages at a chosen rate";
    let details = "Numbers start at 0. Closes with 1000 after the last; ignores input. Skips none: a slow \
                   reader gets them late. Frames have up to 16 KiB";
    Endpoint::new("/stream", Group::Streams, summary, |options| {
        let rate = options.rate("rate", "Message rate", "1/s");
        let summary = "Size of a message; at least that of its number and time";
        let size = options.size("size", summary, 1..=MAX_SIZE).or(32);
        let count = options.integer("count", "Number of messages. Default: endless", 1..=MAX_MESSAGES);
        let count = count.optional();
        let form = options.choice(
            "kind",
            "Format. text: number, space, filler; binary: number as 8 bytes, big-endian, then filler; \
             json: {\"seq\":number,\"fill\":filler} as text",
            &[
                ("text", PayloadForm::Text),
                ("binary", PayloadForm::Binary),
                ("json", PayloadForm::Json),
            ],
        );
        let pattern = options.choice(
            "pattern",
            "Filler. seq: a sequence of letters, in binary of bytes, starting at the number; random: \
             random; time: the time (RFC 3339, UTC, and a space; in binary \
             microseconds since 1970 as 8 bytes), then as seq",
            &[("seq", Pattern::Sequence), ("random", Pattern::Random), ("time", Pattern::Time)],
        );
        let rng = options.seed();
        let message = StreamMessage { size, form, pattern, rng };
        Plan::handler(move |_| Stream::new(rate, count, message))
    })
    .details(details)
}

/// Generator of messages.
struct StreamMessage {
    /// Size in bytes; a message that is longer without a fill has none.
    size: usize,
    form: PayloadForm,
    pattern: Pattern,
    /// Source of a random fill.
    rng: Rng,
}

/// Message that is being sent: `head`, then the fill, then `tail`.
struct Sending {
    kind: Kind,
    /// Bytes before the fill: number and time.
    head: Vec<u8>,
    /// Bytes after the fill: the end of a JSON object.
    tail: Vec<u8>,
    /// One period of the fill; empty if it is random.
    period: Vec<u8>,
    /// Bytes of the message.
    len: usize,
    /// Bytes sent.
    sent: usize,
}

/// Handler that sends a message whenever one is due.
struct Stream {
    /// Rate on average.
    rate: Rate,
    /// Number of messages; endless without it.
    count: Option<u64>,
    message: StreamMessage,
    /// Number of the next message.
    next: u64,
    /// Message that is not sent to its end.
    sending: Option<Sending>,
    /// Time of the opening, from which each message's time is computed.
    began: Instant,
    /// Timer of the next message.
    timer: Pin<Box<Sleep>>,
}

impl Stream {
    /// Starts the clock; the first message is due at once.
    fn new(rate: Rate, count: Option<u64>, message: StreamMessage) -> Self {
        let began = Instant::now();
        Self {
            rate,
            count,
            message,
            next: 0,
            sending: None,
            began,
            timer: Box::pin(sleep_until(began)),
        }
    }

    /// Ready when the next message is due. Times count from the start, so that one delay does not slow
    /// the rest.
    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Rate::PerSecond(rate) = self.rate else { return Poll::Ready(()) };
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 years at the max rate")]
        let after = Duration::from_secs_f64(self.next as f64 / rate);
        let due = self.began + after;
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        if self.timer.deadline() != due {
            self.timer.as_mut().reset(due);
        }
        self.timer.as_mut().poll(context)
    }
}

impl Handler for Stream {
    fn on_message(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Responder<'_>) {}

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        while responder.has_room() {
            if let Some(sending) = &mut self.sending {
                sending.send_part(&mut self.message.rng, responder);
                self.sending.take_if(|sending| sending.sent == sending.len);
                continue;
            }
            if self.count == Some(self.next) {
                let close = Close { code: close_code::NORMAL, reason: String::new() };
                return Poll::Ready(Finish::Close(Some(close)));
            }
            ready!(self.poll_due(context));
            self.sending = Some(self.message.begin(self.next));
            self.next += 1;
        }
        Poll::Pending
    }
}

impl StreamMessage {
    /// Begins the message of this number.
    fn begin(&self, number: u64) -> Sending {
        let now = matches!(self.pattern, Pattern::Time).then(SystemTime::now);
        let (kind, head, tail) = match self.form {
            PayloadForm::Text => (Kind::Text, self.text_head(number, now), Vec::new()),
            PayloadForm::Binary => (Kind::Binary, binary_head(number, now), Vec::new()),
            PayloadForm::Json => {
                let (head, tail) = json_ends(number, now);
                (Kind::Text, head, tail)
            }
        };
        let len = self.size.max(head.len() + tail.len());
        let byte = |value| fill_byte(kind, value);
        let period = match self.pattern {
            Pattern::Random => Vec::new(),
            Pattern::Sequence | Pattern::Time => (number..).map(byte).take(PERIOD).collect(),
        };
        Sending { kind, head, tail, period, len, sent: 0 }
    }

    /// Number and time of a text, with a space after each that something follows.
    fn text_head(&self, number: u64, now: Option<SystemTime>) -> Vec<u8> {
        let mut head = number.to_string();
        if head.len() < self.size || now.is_some() {
            head.push(' ');
        }
        if let Some(now) = now {
            head.push_str(&rfc3339(now));
            if head.len() < self.size {
                head.push(' ');
            }
        }
        head.into_bytes()
    }
}

/// Number and time of a binary message.
fn binary_head(number: u64, now: Option<SystemTime>) -> Vec<u8> {
    let mut head = number.to_be_bytes().to_vec();
    if let Some(now) = now {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        head.extend_from_slice(&micros.to_be_bytes());
    }
    head
}

/// JSON object before and after its fill.
fn json_ends(number: u64, now: Option<SystemTime>) -> (Vec<u8>, Vec<u8>) {
    const FILL: &str = "\"fill\":\"";
    let mut object = json!({ "seq": number, "fill": "" });
    if let Some(now) = now {
        object["time"] = rfc3339(now).into();
    }
    let mut head = object.to_string().into_bytes();
    let fill = head.windows(FILL.len()).position(|part| part == FILL.as_bytes());
    let tail = head.split_off(fill.map_or(0, |at| at + FILL.len()));
    (head, tail)
}

/// Byte of the fill for a number: any byte, or in text a letter.
fn fill_byte(kind: Kind, value: u64) -> u8 {
    let low = value.to_le_bytes()[0];
    match kind {
        Kind::Text => LETTERS[usize::from(low) % LETTERS.len()],
        Kind::Binary => low,
    }
}

impl Sending {
    /// Sends the next part.
    fn send_part(&mut self, rng: &mut Rng, responder: &mut Responder<'_>) {
        let is_first = self.sent == 0;
        let mut payload = Vec::with_capacity(PART.min(self.len - self.sent));
        while payload.len() < PART && self.sent < self.len {
            let before = payload.len();
            self.append(PART - before, rng, &mut payload);
            self.sent += payload.len() - before;
        }
        let is_last = self.sent == self.len;
        let (kind, message_len) = (self.kind, self.len);
        responder.part(Part { kind, payload: &payload, message_len, is_first, is_last });
    }

    /// Appends the next bytes of the message, up to `room`.
    fn append(&self, room: usize, rng: &mut Rng, out: &mut Vec<u8>) {
        let fill_end = self.len - self.tail.len();
        let next = if self.sent < self.head.len() {
            &self.head[self.sent..]
        } else if self.sent >= fill_end {
            &self.tail[self.sent - fill_end..]
        } else {
            let room = room.min(fill_end - self.sent);
            if self.period.is_empty() {
                return out.extend((0..room).map(|_| fill_byte(self.kind, rng.u64(..))));
            }
            let part = &self.period[(self.sent - self.head.len()) % PERIOD..];
            &part[..part.len().min(room)]
        };
        out.extend_from_slice(&next[..next.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::{
        operation::record::Tally,
        websocket::{handler::ROOM, outbox::Outbox},
    };

    #[tokio::test]
    async fn a_stream_at_max_rate_waits_for_a_peer_that_reads_nothing() {
        for size in [1, 1_000, 100_000] {
            let message = StreamMessage {
                size,
                form: PayloadForm::Binary,
                pattern: Pattern::Sequence,
                rng: Rng::new(),
            };
            let mut stream = Stream::new(Rate::Max, None, message);
            let (mut outbox, mut tally) = (Outbox::new(None, 0), Tally::default());
            let mut responder = Responder { outbox: &mut outbox, tally: &mut tally };
            for _ in 0..100 {
                let poll = stream.poll(&mut Context::from_waker(Waker::noop()), &mut responder);
                assert_eq!(poll, Poll::Pending);
            }
            let most = ROOM + size.min(PART) + 20;
            assert!((ROOM..most).contains(&outbox.waiting()), "{}", outbox.waiting());
        }
    }
}
