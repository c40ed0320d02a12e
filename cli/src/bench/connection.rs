//! Connection under load: messages out, echoes in, latency of each.

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
    io::{AsyncRead, AsyncWrite, ReadBuf, empty},
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{
    frames::{FrameBatch, Reader, masked},
    measure::{Failure, Window},
};
use crate::connector::{Connection, Transport};

/// Timer resolution: a send that is due sooner is busy-waited for. tokio's timers fire up to two
/// milliseconds late, which would count as latency of the server.
const TIMER_RESOLUTION: Duration = Duration::from_millis(3);

/// Wait for answers at the end of the load.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// Close handshake timeout after that.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Send schedule.
#[derive(Clone, Copy)]
pub(super) enum Schedule {
    /// No messages; messages received are greetings, not answers.
    Idle,
    /// One message for each answer.
    WhenAnswered,
    /// One message every `interval`, answered or not.
    Fixed { next: Instant, interval: Duration },
}

/// Connection under load.
pub(super) struct BenchConnection<'a> {
    stream: Box<dyn Transport>,
    reader: Reader,
    frames: &'a FrameBatch,
    window: &'a RefCell<Window>,
    /// Read buffer, shared by all connections.
    buffer: &'a RefCell<Vec<u8>>,
    schedule: Schedule,
    max_in_flight: u32,
    /// End of the load: messages due later are not sent.
    end: Option<Instant>,
    /// True once an answer was received during the measurement.
    is_answered: bool,
    failure: Option<Failure>,
    /// Send times (scheduled, if there is a rate) and numbers of the messages in flight.
    sent: VecDeque<(Instant, u32)>,
    in_flight: u32,
    /// Bytes left to write.
    unwritten: usize,
    /// Offset of their start in a frame.
    offset: usize,
    /// Control frames, written between messages.
    control: Vec<u8>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a> BenchConnection<'a> {
    /// Idle connection.
    pub(super) fn new(
        connection: Connection,
        frames: &'a FrameBatch,
        window: &'a RefCell<Window>,
        buffer: &'a RefCell<Vec<u8>>,
        max_in_flight: u32,
    ) -> Self {
        let mut this = Self {
            stream: connection.stream,
            reader: Reader::default(),
            frames,
            window,
            buffer,
            schedule: Schedule::Idle,
            max_in_flight,
            end: None,
            is_answered: false,
            failure: None,
            sent: VecDeque::new(),
            in_flight: 0,
            unwritten: 0,
            offset: 0,
            control: Vec::new(),
            timer: None,
        };
        if let Err(failure) = this.handle_bytes(&connection.rest) {
            this.fail(failure);
        }
        this
    }

    /// Sends messages on this schedule from now on.
    pub(super) fn set_schedule(&mut self, schedule: Schedule) {
        self.schedule = schedule;
    }

    /// Sends and receives. Resolves when the connection fails.
    pub(super) async fn run(&mut self) {
        if self.failure.is_none() {
            let failure = poll_fn(|context| self.poll(context)).await;
            self.fail(failure);
        }
    }

    /// Ends the load at `end`: waits for outstanding answers, counts missing ones, closes the
    /// connection. Returns its failure, if any.
    pub(super) async fn settle(mut self, end: Instant) -> Option<Failure> {
        self.end = Some(end);
        if self.failure.is_none()
            && let Ok(Err(failure)) =
                timeout(ANSWER_TIMEOUT, poll_fn(|context| self.poll_settled(context))).await
        {
            self.fail(failure);
        }
        let is_missing = self.in_flight > 0;
        self.count_missing(end);
        if self.failure.is_none() {
            // The server's answer does not count any more.
            let _ = timeout(CLOSE_TIMEOUT, self.close()).await;
            if is_missing && !self.is_answered {
                return Some(Failure::NoAnswer);
            }
        }
        self.failure
    }

    /// Ends the connection with a failure.
    fn fail(&mut self, failure: Failure) {
        self.failure = Some(failure);
        // Closes the connection.
        self.stream = Box::new(empty());
    }

    /// Ready when every message due before the end is answered, or cannot be.
    fn poll_settled(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        if !self.is_settled()
            && let Poll::Ready(failure) = self.poll(context)
        {
            return Poll::Ready(Err(failure));
        }
        if self.is_settled() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// True if every message due before the end was sent and answered.
    fn is_settled(&self) -> bool {
        let is_sent = match (self.schedule, self.end) {
            (Schedule::Fixed { next, .. }, Some(end)) => next >= end,
            _ => true,
        };
        is_sent && self.in_flight == 0
    }

    /// Ready when the connection fails.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Failure> {
        loop {
            let read = match self.poll_read(context) {
                Ok(progress) => progress,
                Err(failure) => return Poll::Ready(failure),
            };
            self.queue_due(context);
            let wrote = match self.poll_write(context) {
                Ok(progress) => progress,
                Err(error) => return Poll::Ready(Failure::of(&error)),
            };
            if !read && !wrote {
                return Poll::Pending;
            }
        }
    }

    /// Reads once, and handles the bytes. True if there were any.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Result<bool, Failure> {
        let all = self.buffer;
        let mut buffer = all.borrow_mut();
        let mut into = ReadBuf::new(&mut buffer);
        let count = match Pin::new(&mut self.stream).poll_read(context, &mut into) {
            Poll::Pending => return Ok(false),
            Poll::Ready(Ok(())) => into.filled().len(),
            Poll::Ready(Err(error)) => return Err(Failure::of(&error)),
        };
        if count == 0 {
            return Err(Failure::Lost("no Close frame".to_owned()));
        }
        self.handle_bytes(into.filled())?;
        Ok(true)
    }

    /// Handles bytes received.
    fn handle_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let found = self.reader.read(bytes);
        let found = found.map_err(|error| Failure::Violation(error.to_string()))?;
        // A greeting is not an answer.
        if !matches!(self.schedule, Schedule::Idle) && (found.payload > 0 || found.messages > 0) {
            self.answered(found.messages, found.payload)?;
        }
        if let Some(payload) = found.ping {
            self.control.extend(masked(0xa, &payload));
        }
        match found.close {
            Some(code) => Err(Failure::Closed(code)),
            None => Ok(()),
        }
    }

    /// Records answers.
    fn answered(&mut self, mut messages: u32, payload: u64) -> Result<(), Failure> {
        let now = Instant::now();
        let mut window = self.window.borrow_mut();
        window.received(now, u64::from(messages), payload);
        if messages > self.in_flight {
            return Err(Failure::Violation("more messages received than sent".to_owned()));
        }
        self.in_flight -= messages;
        self.is_answered |= messages > 0 && window.has_begun(now);
        while messages > 0
            && let Some((at, count)) = self.sent.front_mut()
        {
            let answered = messages.min(*count);
            window.latency(*at, now, answered);
            *count -= answered;
            messages -= answered;
            if *count == 0 {
                self.sent.pop_front();
            }
        }
        Ok(())
    }

    /// Queues the messages that are due, and arranges to be polled for the next one.
    fn queue_due(&mut self, context: &mut Context<'_>) {
        let room = self.max_in_flight - self.in_flight;
        let end = self.end;
        let is_over = |due| end.is_some_and(|end| end <= due);
        match &mut self.schedule {
            Schedule::WhenAnswered if room > 0 && end.is_none() => {
                self.queue(Instant::now(), room);
            }
            Schedule::WhenAnswered | Schedule::Idle => {}
            Schedule::Fixed { next, interval } => {
                let now = Instant::now();
                let (mut due, interval) = (*next, *interval);
                for _ in 0..room {
                    if due > now || is_over(due) {
                        break;
                    }
                    self.queue(due, 1);
                    due += interval;
                }
                self.schedule = Schedule::Fixed { next: due, interval };
                if due <= now || is_over(due) {
                    // No room until the next answer, or nothing left to send.
                } else if due - now < TIMER_RESOLUTION {
                    context.waker().wake_by_ref();
                } else {
                    let mut timer = Box::pin(sleep_until(due - TIMER_RESOLUTION));
                    // Polled to register the waker.
                    let _ = timer.as_mut().poll(context);
                    self.timer = Some(timer);
                }
            }
        }
    }

    /// Queues `count` messages, sent or due at `at`.
    fn queue(&mut self, at: Instant, count: u32) {
        self.sent.push_back((at, count));
        self.in_flight += count;
        self.unwritten += self.frames.frame() * count as usize;
    }

    /// Writes as much as the socket accepts: control frames between messages first. True if it
    /// wrote.
    fn poll_write(&mut self, context: &mut Context<'_>) -> io::Result<bool> {
        let mut wrote = false;
        loop {
            let is_at_boundary = self.offset == 0;
            let bytes = if is_at_boundary && !self.control.is_empty() {
                &self.control
            } else if self.unwritten > 0 {
                self.frames.slice(self.offset, self.unwritten)
            } else {
                break;
            };
            let is_control = is_at_boundary && !self.control.is_empty();
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
                self.offset = (self.offset + count) % self.frames.frame();
            }
        }
        if wrote {
            // TLS buffers records until flushed.
            let _ = Pin::new(&mut self.stream).poll_flush(context)?;
        }
        Ok(wrote)
    }

    /// Counts messages without an answer, with the time waited as latency: leaving them out would
    /// favor a server that stalls or drops connections.
    fn count_missing(&mut self, end: Instant) {
        let until = Instant::now().max(end);
        let mut window = self.window.borrow_mut();
        for (at, count) in self.sent.drain(..) {
            window.missing(at, until, count);
        }
        let Schedule::Fixed { next: mut due, interval } = self.schedule else { return };
        while due < end {
            // Messages due in the warm-up do not count.
            if window.has_begun(due) {
                window.missing(due, until, 1);
            }
            due += interval;
        }
    }

    /// Close handshake, after the rest of a partial frame.
    async fn close(&mut self) -> io::Result<()> {
        self.schedule = Schedule::Idle;
        // A partial frame is completed first.
        let frame = self.frames.frame();
        self.unwritten = if self.offset == 0 { 0 } else { frame - self.offset };
        poll_fn(|context| self.poll_all_written(context)).await?;
        self.control.extend(masked(0x8, &1000_u16.to_be_bytes()));
        poll_fn(|context| self.poll_all_written(context)).await?;
        // Until the Close frame, which ends reading like an error.
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

    /// Ready when every byte is written, or the peer is gone.
    fn poll_all_written(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_write(context) {
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) if self.unwritten == 0 && self.control.is_empty() => Poll::Ready(Ok(())),
            // A peer that waits for its answers to be read does not read more until they are.
            Ok(_) => match self.poll_read(context) {
                Ok(_) => Poll::Pending,
                Err(_) => Poll::Ready(Ok(())),
            },
        }
    }
}
