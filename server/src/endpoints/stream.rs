//! `/stream`: the server sends, and numbers what it sends.

use std::{
    borrow::Cow,
    pin::Pin,
    task::{Context, Poll, ready},
    time::{Duration, SystemTime},
};

use fastrand::Rng;
use protocol::{Close, Kind, code};
use serde_json::json;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    Endpoint, Plan,
    ask::{MOST_MESSAGES, Rate},
    time::shown,
};
use crate::conduct::{Conduct, Finish, Speech};

/// Bytes of a message, at most: what the server takes itself, unless told otherwise.
const LARGEST: usize = 16 << 20;

/// What a text is filled with.
const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/// The filling that takes most of its time to be made is repeated past this many bytes: a message of
/// 16 MiB must not hold up others.
const RANDOM: usize = 64 << 10;

#[derive(Clone, Copy)]
enum Form {
    Text,
    Binary,
    Json,
}

#[derive(Clone, Copy)]
enum Pattern {
    Sequence,
    Random,
    Time,
}

pub(super) fn endpoint() -> Endpoint {
    let summary = "Sends messages that are numbered from 0, and closes with 1000 after the last; \
                   answers nothing. None is left out: a slow reader gets them later";
    Endpoint::new("/stream", "Speaks", summary, |ask| {
        let rate = ask.rate("rate", "How fast", "1/s");
        let size = ask.size(
            "size",
            "Bytes of a message; never less than its number, and time, take",
            32,
            1..=LARGEST,
        );
        let count =
            ask.integer_if("count", "How many, without end unless given", 1..=MOST_MESSAGES);
        let form = ask.choice(
            "kind",
            "text: the number, a space, the filling; binary: the number in 8 bytes, big-endian, and \
             the filling; json: {\"seq\":number,\"fill\":filling} as text",
            &[("text", Form::Text), ("binary", Form::Binary), ("json", Form::Json)],
            Form::Text,
        );
        let pattern = ask.choice(
            "pattern",
            "seq: filled with a row of letters that begins one further each time, in binary with \
             bytes that count up from the number; random: by chance, the first 64 KiB over and over; \
             time: with the moment (RFC 3339, UTC, and a space; in binary microseconds since 1970 in 8 \
             bytes), then as seq",
            &[("seq", Pattern::Sequence), ("random", Pattern::Random), ("time", Pattern::Time)],
            Pattern::Sequence,
        );
        let rng = ask.seed();
        let message = Message { size, form, pattern, rng };
        Plan::conduct(move |_| Stream::new(rate, count, message))
    })
}

/// What a message is made of.
struct Message {
    size: usize,
    form: Form,
    pattern: Pattern,
    rng: Rng,
}

struct Stream {
    rate: Rate,
    count: Option<u64>,
    message: Message,
    next: u64,
    began: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Stream {
    fn new(rate: Rate, count: Option<u64>, message: Message) -> Self {
        let began = Instant::now();
        Self { rate, count, message, next: 0, began, timer: Box::pin(sleep_until(began)) }
    }

    /// Ready when the next message is due. Counted from the beginning, so that being late once does
    /// not slow the rest.
    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Rate::PerSecond(rate) = self.rate else { return Poll::Ready(()) };
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 years at the greatest rate")]
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

impl Conduct for Stream {
    fn answer(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Speech<'_>) {}

    fn poll(&mut self, context: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        while speech.has_room() {
            if self.count == Some(self.next) {
                let close = Close { code: code::NORMAL, reason: String::new() };
                return Poll::Ready(Finish::Close(Some(close)));
            }
            ready!(self.poll_due(context));
            let (kind, payload) = self.message.make(self.next);
            speech.message(kind, payload.into());
            self.next += 1;
        }
        Poll::Pending
    }
}

impl Message {
    /// The message of this number.
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
                    message.extend_from_slice(shown(now).as_bytes());
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
                    object["time"] = shown(now).into();
                }
                let room = self.size.saturating_sub(object.to_string().len());
                let mut filling = Vec::with_capacity(room);
                self.fill(number, true, room, &mut filling);
                object["fill"] = String::from_utf8_lossy(&filling).into();
                (Kind::Text, object.to_string().into_bytes())
            }
        }
    }

    /// Appends to `message` until it has `size` bytes, of letters or of any bytes.
    fn fill(&mut self, number: u64, of_letters: bool, size: usize, message: &mut Vec<u8>) {
        let missing = size.saturating_sub(message.len());
        let byte = |value: u64| {
            // The low byte is what is meant.
            let low = value.to_le_bytes()[0];
            if of_letters { LETTERS[usize::from(low) % LETTERS.len()] } else { low }
        };
        let rng = &mut self.rng;
        let period = match self.pattern {
            Pattern::Random => {
                (0..missing.min(RANDOM)).map(|_| byte(rng.u64(..))).collect::<Vec<_>>()
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
    use crate::{conduct::ROOM, metrics::Tally, outbox::Outbox};

    #[tokio::test]
    async fn the_fastest_stream_waits_for_a_peer_that_takes_nothing() {
        for size in [1, 1_000, 100_000] {
            let message =
                Message { size, form: Form::Binary, pattern: Pattern::Sequence, rng: Rng::new() };
            let mut stream = Stream::new(Rate::Max, None, message);
            let (mut outbox, mut tally) = (Outbox::new(None, 0), Tally::default());
            let mut speech = Speech { outbox: &mut outbox, tally: &mut tally };
            for _ in 0..100 {
                let poll = stream.poll(&mut Context::from_waker(Waker::noop()), &mut speech);
                assert_eq!(poll, Poll::Pending);
            }
            assert!((ROOM..ROOM + size + 20).contains(&outbox.waiting()), "{}", outbox.waiting());
        }
    }
}
