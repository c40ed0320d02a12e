//! One loaded connection: messages out, echoes in, and how long each took.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{
    frames::{Outgoing, Reader, masked},
    measure::{Trouble, Window},
};
use crate::{connect::Connection, dial::Carrier};

/// Timers fire up to two milliseconds late; what is due sooner than this is waited for without one,
/// so that the latency that is measured is the server's.
const COARSE: Duration = Duration::from_millis(3);

/// Time for the answer to a Close frame when the load is over.
const CLOSE: Duration = Duration::from_secs(1);

/// When messages are to be sent.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// One for each that comes back.
    AsAnswered,
    /// One every `every` from `first` on, answered or not.
    Scheduled { first: Instant, every: Duration },
}

/// A connection under load.
pub(super) struct Loaded<'a> {
    stream: Box<dyn Carrier>,
    reader: Reader,
    outgoing: &'a Outgoing,
    window: &'a RefCell<Window>,
    /// What all connections read into, one at a time.
    buffer: &'a RefCell<Vec<u8>>,
    pace: Pace,
    in_flight: u32,
    /// When the messages on their way were sent, or were due; with how many.
    sent: VecDeque<(Instant, u32)>,
    on_their_way: u32,
    /// Bytes that are to be written, and how far into a frame they begin.
    unwritten: usize,
    offset: usize,
    /// Control frames; they go between messages.
    control: Vec<u8>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a> Loaded<'a> {
    pub(super) fn new(
        connection: Connection,
        outgoing: &'a Outgoing,
        window: &'a RefCell<Window>,
        buffer: &'a RefCell<Vec<u8>>,
        pace: Pace,
        in_flight: u32,
    ) -> Result<Self, Trouble> {
        let mut reader = Reader::default();
        // A greeting is no echo.
        reader.read(&connection.rest).map_err(|error| Trouble::Violation(error.to_string()))?;
        Ok(Self {
            stream: connection.stream,
            reader,
            outgoing,
            window,
            buffer,
            pace,
            in_flight,
            sent: VecDeque::new(),
            on_their_way: 0,
            unwritten: 0,
            offset: 0,
            control: Vec::new(),
            timer: None,
        })
    }

    /// Loads the connection until `end`, then closes it.
    pub(super) async fn run(mut self, end: Instant) -> Result<(), Trouble> {
        let trouble = tokio::time::timeout_at(end, poll_fn(|context| self.poll(context))).await;
        if let Ok(trouble) = trouble {
            return Err(trouble);
        }
        self.count_the_missing(end);
        // What the server does with it does not count any more.
        let _ = timeout(CLOSE, self.close()).await;
        Ok(())
    }

    /// Resolves when the connection cannot be loaded on.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Trouble> {
        loop {
            let read = match self.poll_read(context) {
                Ok(progress) => progress,
                Err(trouble) => return Poll::Ready(trouble),
            };
            self.schedule(context);
            let wrote = match self.poll_write(context) {
                Ok(progress) => progress,
                Err(error) => return Poll::Ready(Trouble::of(&error)),
            };
            if !read && !wrote {
                return Poll::Pending;
            }
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Result<bool, Trouble> {
        let mut buffer = self.buffer.borrow_mut();
        let mut into = ReadBuf::new(&mut buffer);
        let count = match Pin::new(&mut self.stream).poll_read(context, &mut into) {
            Poll::Pending => return Ok(false),
            Poll::Ready(Ok(())) => into.filled().len(),
            Poll::Ready(Err(error)) => return Err(Trouble::of(&error)),
        };
        if count == 0 {
            return Err(Trouble::Lost("the connection was lost without a Close frame".to_owned()));
        }
        let found = self.reader.read(into.filled());
        let found = found.map_err(|error| Trouble::Violation(error.to_string()))?;
        if found.payload > 0 || found.messages > 0 {
            self.answered(found.messages, found.payload)?;
        }
        if let Some(payload) = found.ping {
            self.control.extend(masked(0xa, &payload));
        }
        match found.close {
            Some(code) => Err(Trouble::Closed(code)),
            None => Ok(true),
        }
    }

    /// Takes note of messages that came.
    fn answered(&mut self, mut messages: u32, payload: u64) -> Result<(), Trouble> {
        let now = Instant::now();
        let mut window = self.window.borrow_mut();
        window.received(now, u64::from(messages), payload);
        if messages > self.on_their_way {
            return Err(Trouble::Violation("more messages came than were sent".to_owned()));
        }
        self.on_their_way -= messages;
        while messages > 0
            && let Some((at, count)) = self.sent.front_mut()
        {
            let of_these = messages.min(*count);
            window.latency(now, now - *at, of_these);
            *count -= of_these;
            messages -= of_these;
            if *count == 0 {
                self.sent.pop_front();
            }
        }
        Ok(())
    }

    /// Queues what is due, and sees to it that what will be is not missed.
    fn schedule(&mut self, context: &mut Context<'_>) {
        let room = self.in_flight - self.on_their_way;
        match &mut self.pace {
            Pace::AsAnswered if room > 0 => self.queue(Instant::now(), room),
            Pace::AsAnswered => {}
            Pace::Scheduled { first, every } => {
                let now = Instant::now();
                let (mut due, every) = (*first, *every);
                for _ in 0..room {
                    if due > now {
                        break;
                    }
                    self.queue(due, 1);
                    due += every;
                }
                self.pace = Pace::Scheduled { first: due, every };
                if due <= now {
                    // The next answer makes room.
                } else if due - now < COARSE {
                    context.waker().wake_by_ref();
                } else {
                    let mut timer = Box::pin(sleep_until(due - COARSE));
                    // Polled so that it wakes this task; it has not passed.
                    let _ = timer.as_mut().poll(context);
                    self.timer = Some(timer);
                }
            }
        }
    }

    fn queue(&mut self, at: Instant, count: u32) {
        self.sent.push_back((at, count));
        self.on_their_way += count;
        self.unwritten += self.outgoing.frame() * count as usize;
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> io::Result<bool> {
        let mut wrote = false;
        loop {
            let is_between = self.offset == 0;
            let bytes = if is_between && !self.control.is_empty() {
                &self.control
            } else if self.unwritten > 0 {
                self.outgoing.slice(self.offset, self.unwritten)
            } else {
                break;
            };
            let is_control = is_between && !self.control.is_empty();
            let count = match Pin::new(&mut self.stream).poll_write(context, bytes) {
                Poll::Ready(count) => count?,
                Poll::Pending => return Ok(wrote),
            };
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            wrote = true;
            if is_control {
                self.control.drain(..count);
            } else {
                self.unwritten -= count;
                self.offset = (self.offset + count) % self.outgoing.frame();
            }
        }
        if wrote {
            // TLS holds records back until then.
            let _ = Pin::new(&mut self.stream).poll_flush(context)?;
        }
        Ok(wrote)
    }

    /// Messages that were due and have no answer took at least until now: leaving them out would
    /// spare a server that stalls.
    fn count_the_missing(&mut self, end: Instant) {
        let Pace::Scheduled { first, every } = self.pace else { return };
        let mut window = self.window.borrow_mut();
        for (at, count) in self.sent.drain(..) {
            window.missing(end.saturating_duration_since(at), count);
        }
        let mut due = first;
        while due < end {
            window.missing(end - due, 1);
            due += every;
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        // What is half written ends first.
        let frame = self.outgoing.frame();
        self.unwritten = if self.offset == 0 { 0 } else { frame - self.offset };
        poll_fn(|context| self.poll_all_written(context)).await?;
        self.control.extend(masked(0x8, &1000_u16.to_be_bytes()));
        poll_fn(|context| self.poll_all_written(context)).await?;
        // The measuring is over: what comes is not counted, and the Close frame is an end like any.
        self.on_their_way = u32::MAX;
        poll_fn(|context| {
            loop {
                match self.poll_read(context) {
                    Ok(true) => {}
                    Ok(false) => return Poll::Pending,
                    Err(_) => return Poll::Ready(Ok(())),
                }
            }
        })
        .await
    }

    fn poll_all_written(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_write(context) {
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) if self.unwritten == 0 && self.control.is_empty() => Poll::Ready(Ok(())),
            // A peer that waits for its answers to be read takes no more until they are.
            Ok(_) => match self.poll_read(context) {
                Ok(_) => Poll::Pending,
                Err(_) => Poll::Ready(Ok(())),
            },
        }
    }
}
