//! `/stream`: numbered messages, sent unasked.
//!
//! `/stream?rate=1000/s&count=10000&size=1KiB` tests a client for lost, reordered and late messages. The
//! rate is kept on average; the peer's reading speed limits it (backpressure), without loss.

use std::{
    borrow::Cow,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use fastrand::Rng;
use protocol::{Close, Kind, close_code};
use serde_json::json;
use tokio::time::{Instant, Sleep, sleep_until};

use super::time::rfc3339;
use crate::{
    endpoints::{
        endpoint::{Endpoint, Group, Plan},
        options::MAX_MESSAGES,
        quantity::Rate,
    },
    websocket::handler::{Finish, Handler, Responder},
};

/// Bytes of a message, at most: the server's own default limit.
const MAX_SIZE: usize = 16 << 20;

/// Fill of a text.
const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/// Bytes of random fill before it repeats: generating 16 MiB would delay other connections.
const MAX_RANDOM: usize = 64 << 10;

/// Format of a message (`kind`).
#[derive(Clone, Copy)]
enum Form {
    Text,
    Binary,
    Json,
}

/// Fill of a message (`pattern`).
#[derive(Clone, Copy)]
enum Pattern {
    Sequence,
    Random,
    Time,
}

pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Sends messages numbered from 0, and closes with 1000 after the last; ignores input. \
                   Skips none: a slow reader gets them late";
    Endpoint::new("/stream", Group::Streams, summary, |options| {
        let rate = options.rate("rate", "Message rate", "1/s");
        let size = options.size(
            "size",
            "Size of a message; at least that of its number and time",
            32,
            1..=MAX_SIZE,
        );
        let count =
            options.integer_if("count", "Number of messages. Default: endless", 1..=MAX_MESSAGES);
        let form = options.choice(
            "kind",
            "text: number, space, fill; binary: number as 8 bytes, big-endian, then fill; json: \
             {\"seq\":number,\"fill\":fill} as text",
            &[("text", Form::Text), ("binary", Form::Binary), ("json", Form::Json)],
            Form::Text,
        );
        let pattern = options.choice(
            "pattern",
            "Fill. seq: a sequence of letters, in binary of bytes, starting at the number; random: \
             random, repeated after 64 KiB; time: the time (RFC 3339, UTC, and a space; in binary \
             microseconds since 1970 as 8 bytes), then as seq",
            &[("seq", Pattern::Sequence), ("random", Pattern::Random), ("time", Pattern::Time)],
            Pattern::Sequence,
        );
        let rng = options.seed();
        let message = Message { size, form, pattern, rng };
        Plan::handler(move |_| Stream::new(rate, count, message))
    })
}

/// Generator of messages.
struct Message {
    size: usize,
    form: Form,
    pattern: Pattern,
    rng: Rng,
}

/// Handler that sends a message whenever one is due.
struct Stream {
    rate: Rate,
    /// Number of messages; endless without it.
    count: Option<u64>,
    message: Message,
    /// Number of the next message.
    next: u64,
    began: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Stream {
    fn new(rate: Rate, count: Option<u64>, message: Message) -> Self {
        let began = Instant::now();
        Self { rate, count, message, next: 0, began, timer: Box::pin(sleep_until(began)) }
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
            if self.count == Some(self.next) {
                let close = Close { code: close_code::NORMAL, reason: String::new() };
                return Poll::Ready(Finish::Close(Some(close)));
            }
            ready!(self.poll_due(context));
            let (kind, payload) = self.message.make(self.next);
            responder.message(kind, payload.into());
            self.next += 1;
        }
        Poll::Pending
    }
}

impl Message {
    /// Message of this number.
    fn make(&mut self, number: u64) -> (Kind, Vec<u8>) {
        let now = SystemTime::now();
        let mut message = Vec::with_capacity(self.size);
        match self.form {
            Form::Text => {
                message.extend_from_slice(number.to_string().as_bytes());
                if message.len() < self.size || matches!(self.pattern, Pattern::Time) {
                    message.push(b' ');
                }
                if let Pattern::Time = self.pattern {
                    message.extend_from_slice(rfc3339(now).as_bytes());
                    if message.len() < self.size {
                        message.push(b' ');
                    }
                }
                self.fill(number, true, self.size, &mut message);
                (Kind::Text, message)
            }
            Form::Binary => {
                message.extend_from_slice(&number.to_be_bytes());
                if let Pattern::Time = self.pattern {
                    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                    let micros = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
                    message.extend_from_slice(&micros.to_be_bytes());
                }
                self.fill(number, false, self.size, &mut message);
                (Kind::Binary, message)
            }
            Form::Json => {
                let mut object = json!({ "seq": number, "fill": "" });
                if let Pattern::Time = self.pattern {
                    object["time"] = rfc3339(now).into();
                }
                let room = self.size.saturating_sub(object.to_string().len());
                let mut filling = Vec::with_capacity(room);
                self.fill(number, true, room, &mut filling);
                object["fill"] = String::from_utf8_lossy(&filling).into();
                (Kind::Text, object.to_string().into_bytes())
            }
        }
    }

    /// Fills `message` up to `size` bytes, with letters or with any bytes.
    fn fill(&mut self, number: u64, of_letters: bool, size: usize, message: &mut Vec<u8>) {
        let missing = size.saturating_sub(message.len());
        let byte = |value: u64| {
            let low = value.to_le_bytes()[0];
            if of_letters { LETTERS[usize::from(low) % LETTERS.len()] } else { low }
        };
        let rng = &mut self.rng;
        let period = match self.pattern {
            Pattern::Random => {
                (0..missing.min(MAX_RANDOM)).map(|_| byte(rng.u64(..))).collect::<Vec<_>>()
            }
            Pattern::Sequence | Pattern::Time => {
                (number..).map(byte).take(missing.min(256)).collect::<Vec<_>>()
            }
        };
        message.extend(period.iter().cycle().take(missing));
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::{
        operation::metrics::Tally,
        websocket::{handler::ROOM, outbox::Outbox},
    };

    #[tokio::test]
    async fn a_stream_at_max_rate_waits_for_a_peer_that_reads_nothing() {
        for size in [1, 1_000, 100_000] {
            let message =
                Message { size, form: Form::Binary, pattern: Pattern::Sequence, rng: Rng::new() };
            let mut stream = Stream::new(Rate::Max, None, message);
            let (mut outbox, mut tally) = (Outbox::new(None, 0), Tally::default());
            let mut responder = Responder { outbox: &mut outbox, tally: &mut tally };
            for _ in 0..100 {
                let poll = stream.poll(&mut Context::from_waker(Waker::noop()), &mut responder);
                assert_eq!(poll, Poll::Pending);
            }
            assert!((ROOM..ROOM + size + 20).contains(&outbox.waiting()), "{}", outbox.waiting());
        }
    }
}
