//! Connection under load: messages out, answers in, latency of each.

mod awaited;
mod frames;
mod payload;
mod reader;
mod schedule;

use std::{
    cell::RefCell,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use connector::{Connection, Transport};
use protocol::Opcode;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, empty},
    time::{Instant, Sleep, sleep_until, timeout},
};

use self::{
    awaited::Awaited,
    frames::masked,
    payload::Answer,
    reader::{Found, Reader},
};
pub(super) use self::{
    frames::FrameBatch,
    payload::Payload,
    schedule::{Schedule, Timetable},
};
use super::measure::{Failure, Window};

/// Timer resolution: a send that is due sooner is busy-waited for. A tokio timer fires up to two
/// milliseconds late, which would count as latency of the server.
const TIMER_RESOLUTION: Duration = Duration::from_millis(3);

/// Time after the end of the load in which messages that were due before it may still be sent.
const SEND_GRACE: Duration = Duration::from_millis(100);

/// Closing handshake timeout, at the end of a load.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Reads and writes in a row, so that a busy connection leaves the others their turn.
const ROUNDS: u32 = 16;

/// Maximum size of pongs to be written, in bytes: to a server that does not read them, later ones
/// are not sent.
const MAX_CONTROL: usize = 4 << 10;

/// Size of the read buffer. Shared by all connections: a read is decoded before the next.
const READ_BUFFER: usize = 256 << 10;

/// State shared by all connections of a run.
pub(super) struct Shared<'a> {
    pub(super) payload: &'a Payload,
    /// Frames of the payload, tagged anew by each connection.
    frames: RefCell<FrameBatch>,
    /// Read buffer.
    buffer: RefCell<Vec<u8>>,
    /// Time after which an answer no longer counts as on its way.
    answer_timeout: Duration,
    /// Messages that a connection may await.
    max_awaited: usize,
}

impl<'a> Shared<'a> {
    /// State for messages sent up to `burst` at once.
    pub(super) fn new(
        payload: &'a Payload,
        burst: u32,
        answer_timeout: Duration,
        max_awaited: usize,
    ) -> Self {
        Self {
            payload,
            frames: FrameBatch::new(payload, burst).into(),
            buffer: vec![0; READ_BUFFER].into(),
            answer_timeout,
            max_awaited,
        }
    }
}

/// Connection under load. As a future, it sends and receives, and resolves when it fails. One task
/// runs them all; they share the read buffer and the frames.
pub(super) struct BenchConnection<'a> {
    /// Number among the connections of a run.
    number: u32,
    /// Stream after the opening handshake; an empty one after a failure.
    stream: Box<dyn Transport>,
    reader: Reader,
    shared: &'a Shared<'a>,
    /// Counts of its server.
    window: &'a RefCell<Window>,
    schedule: Schedule,
    /// End of the load: messages due later are not sent.
    end: Option<Instant>,
    /// Reason that it ended, before the end of the load.
    failure: Option<Failure>,
    awaited: Awaited,
    /// Messages to be sent now.
    ready: usize,
    /// Send time of the messages that are ready.
    now: Instant,
    /// Bytes written of a partial frame: the last message awaited.
    offset: usize,
    /// True from a write that the peer did not take until everything due is written: lateness is
    /// the server's then.
    is_blocked: bool,
    /// Control frames, written between messages. At most [`MAX_CONTROL`] bytes, and a frame.
    control: Vec<u8>,
    /// Wakes it for the next message that is due or overdue.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a> BenchConnection<'a> {
    /// Idle connection. Bytes that came with the end of the handshake are handled.
    pub(super) fn new(
        number: u32,
        connection: Connection,
        shared: &'a Shared<'a>,
        window: &'a RefCell<Window>,
    ) -> Self {
        let mut this = Self {
            number,
            stream: connection.stream,
            reader: Reader::new(shared.payload.head()),
            shared,
            window,
            schedule: Schedule::Idle,
            end: None,
            failure: None,
            awaited: Awaited::new(shared.max_awaited),
            ready: 0,
            now: Instant::now(),
            offset: 0,
            is_blocked: false,
            control: Vec::new(),
            timer: None,
        };
        if let Err(failure) = this.handle_bytes(&connection.rest) {
            this.fail(failure);
        }
        this
    }

    /// Sends messages on this schedule from now on.
    pub(super) fn with_schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Number among the connections of a run. Servers take turns by it.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Ends the load at `end`: waits up to `wait` for outstanding answers, counts missing ones, and
    /// closes the connection. Returns its failure, if any.
    pub(super) async fn settle(mut self, end: Instant, wait: Duration) -> Option<Failure> {
        self.end = Some(end);
        if self.failure.is_none()
            && let Ok(Err(failure)) =
                timeout(wait, poll_fn(|context| self.poll_settled(context))).await
        {
            self.fail(failure);
        }
        self.count_missing(end);
        if self.failure.is_none() {
            // The server's answer does not count any more.
            let _ = timeout(CLOSE_TIMEOUT, self.close()).await;
        }
        self.failure
    }

    /// Ends the connection with a failure. Dropping the stream closes the connection.
    fn fail(&mut self, failure: Failure) {
        self.failure = Some(failure);
        self.stream = Box::new(empty());
    }

    /// Ready when every message due before the end is answered, or cannot be.
    fn poll_settled(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        if !self.is_settled()
            && let Poll::Ready(failure) = self.poll_load(context)
        {
            return Poll::Ready(Err(failure));
        }
        if self.is_settled() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// True if every message due before the end was answered, and none is left to be sent.
    fn is_settled(&self) -> bool {
        let is_sent = match (self.schedule, self.end) {
            (Schedule::Fixed(times), Some(end)) => {
                end <= times.due(self.awaited.next()) || end + SEND_GRACE <= Instant::now()
            }
            _ => true,
        };
        is_sent && self.awaited.is_empty()
    }

    /// Ready when the connection fails. After [`ROUNDS`] rounds it yields to the other connections.
    fn poll_load(&mut self, context: &mut Context<'_>) -> Poll<Failure> {
        for _ in 0..ROUNDS {
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
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Reads once, and handles the bytes. True if there were any.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Result<bool, Failure> {
        let shared = self.shared;
        let mut buffer = shared.buffer.borrow_mut();
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

    /// Handles bytes received: answers, pushes and control frames. Only the last ping of a read is
    /// answered (RFC 6455, section 5.5.3).
    fn handle_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let now = Instant::now();
        let Found { payload, ping, close } = self.handle_messages(bytes, now)?;
        self.window.borrow_mut().received(now, payload);
        if let Some(payload) = ping
            && self.control.len() < MAX_CONTROL
        {
            self.control.extend(masked(Opcode::Pong, &payload));
        }
        match close {
            Some(code) => Err(Failure::Closed(code)),
            None => Ok(()),
        }
    }

    /// Matches answers with sent messages, and records latencies. Returns the control frames of the
    /// bytes.
    fn handle_messages(&mut self, bytes: &[u8], now: Instant) -> Result<Found, Failure> {
        let Self { awaited, reader, number: connection, shared, .. } = self;
        let mut window = self.window.borrow_mut();
        // Messages sent at the same time are recorded together.
        let mut run = (now, false, 0);
        let found = reader.read(bytes, |head, size| {
            let (number, is_error) = match shared.payload.recognize(*connection, head, size) {
                Answer::Good(number) => (number, false),
                Answer::Error(number) => (number, true),
                Answer::Push => return window.pushed(now),
            };
            let sent = match number {
                Some(number) => awaited.take(number),
                None => awaited.take_oldest(),
            };
            match sent {
                Some(at) if (run.0, run.1) == (at, is_error) => run.2 += 1,
                Some(at) => {
                    window.answered(run.0, now, run.1, run.2);
                    run = (at, is_error, 1);
                }
                // A second answer, or a greeting.
                None => window.pushed(now),
            }
        });
        window.answered(run.0, now, run.1, run.2);
        found.map_err(|error| Failure::Violation(error.to_string()))
    }

    /// Determines the messages to be sent now, and arranges to be polled for the next one. Their
    /// number is [`Self::ready`].
    fn queue_due(&mut self, context: &mut Context<'_>) {
        match self.schedule {
            Schedule::Idle => {}
            Schedule::WhenAnswered(in_flight) => self.queue_answered(in_flight, context),
            Schedule::Fixed(times) => self.queue_scheduled(times, context),
        }
    }

    /// Closed model: a message for each one answered, or overdue.
    fn queue_answered(&mut self, in_flight: u32, context: &mut Context<'_>) {
        self.ready = 0;
        if self.end.is_some() {
            return;
        }
        let timeout = self.shared.answer_timeout;
        if self.timer.as_ref().is_some_and(|timer| timer.is_elapsed()) {
            let now = Instant::now();
            match self.awaited.mark_overdue(|at| at + timeout <= now) {
                Some(next) => self.wake_at(next + timeout, context),
                None => self.timer = None,
            }
        }
        let room = in_flight - self.awaited.in_flight();
        if room > 0 {
            self.now = Instant::now();
            self.ready = room as usize;
            if self.timer.is_none() {
                self.wake_at(self.now + timeout, context);
            }
        }
    }

    /// Open model: messages that are due, answered or not.
    fn queue_scheduled(&mut self, times: Timetable, context: &mut Context<'_>) {
        self.now = Instant::now();
        self.ready = 0;
        if self.end.is_some_and(|end| end + SEND_GRACE <= self.now) {
            return;
        }
        let most = self.shared.frames.borrow().copies();
        let next = self.awaited.next();
        while self.ready < most {
            let due = times.due(next + self.ready as u64);
            if self.end.is_some_and(|end| end <= due) {
                return;
            }
            if self.now < due {
                if due - self.now < TIMER_RESOLUTION {
                    context.waker().wake_by_ref();
                } else {
                    self.wake_at(due - TIMER_RESOLUTION, context);
                }
                return;
            }
            self.ready += 1;
        }
    }

    /// Arranges to be polled at `time`. One timer serves all reasons to wake.
    fn wake_at(&mut self, time: Instant, context: &mut Context<'_>) {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(time)));
        timer.as_mut().reset(time);
        // Polled once, so that its waker is registered.
        if timer.as_mut().poll(context).is_ready() {
            context.waker().wake_by_ref();
        }
    }

    /// Writes as much as the socket accepts: control frames between messages first. True if it
    /// wrote. A partial frame is completed before anything else.
    fn poll_write(&mut self, context: &mut Context<'_>) -> io::Result<bool> {
        let mut wrote = false;
        loop {
            let is_control = self.offset == 0 && !self.control.is_empty();
            let partial = usize::from(self.offset > 0);
            if !is_control && self.ready + partial == 0 {
                self.is_blocked = false;
                break;
            }
            let mut frames = self.shared.frames.borrow_mut();
            let bytes = if is_control {
                &self.control
            } else {
                let first = self.awaited.next() - partial as u64;
                &frames.fill(self.number, first, self.ready + partial)[self.offset..]
            };
            let count = match Pin::new(&mut self.stream).poll_write(context, bytes) {
                Poll::Ready(count) => count?,
                Poll::Pending => {
                    self.is_blocked = true;
                    break;
                }
            };
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            wrote = true;
            if is_control {
                self.control.drain(..count);
            } else {
                let size = frames.frame();
                drop(frames);
                let end = self.offset + count;
                self.begin(end.div_ceil(size) - partial);
                self.offset = end % size;
            }
        }
        if wrote {
            // TLS buffers records until flushed.
            let _ = Pin::new(&mut self.stream).poll_flush(context)?;
        }
        Ok(wrote)
    }

    /// Awaits the answers of the next `count` messages, of whose frames a first byte is written.
    /// Latency counts from the schedule, or from the write.
    fn begin(&mut self, count: usize) {
        self.ready -= count;
        let mut window = self.window.borrow_mut();
        for _ in 0..count {
            let at = match self.schedule {
                Schedule::Fixed(times) => {
                    let due = times.due(self.awaited.next());
                    if !self.is_blocked {
                        window.sent_late(due, self.now);
                    }
                    due
                }
                _ => self.now,
            };
            if let Some(forgotten) = self.awaited.push(at) {
                window.unanswered(forgotten);
            }
        }
    }

    /// Counts messages without an answer, and due messages that were not sent.
    fn count_missing(&mut self, end: Instant) {
        let mut window = self.window.borrow_mut();
        let next = self.awaited.next();
        for at in self.awaited.drain() {
            window.unanswered(at);
        }
        if let Schedule::Fixed(times) = self.schedule {
            let first = next.max(times.due_before(window.from()));
            window.not_sent(times.due_before(end).saturating_sub(first));
        }
    }

    /// Closing handshake (RFC 6455, section 7.1.2), after the rest of a partial frame.
    async fn close(&mut self) -> io::Result<()> {
        self.schedule = Schedule::Idle;
        self.ready = 0;
        poll_fn(|context| self.poll_all_written(context)).await?;
        self.control.extend(masked(Opcode::Close, &1000_u16.to_be_bytes()));
        poll_fn(|context| self.poll_all_written(context)).await?;
        poll_fn(|context| self.poll_read_all(context)).await;
        Ok(())
    }

    /// Reads what there is. Ready at the end: an error, or the Close frame, which ends reading like one.
    fn poll_read_all(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            match self.poll_read(context) {
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
                Err(_) => return Poll::Ready(()),
            }
        }
    }

    /// Ready when every byte is written, or the peer is gone. It reads meanwhile: a peer may write
    /// before it reads on.
    fn poll_all_written(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_write(context) {
            Err(error) => Poll::Ready(Err(error)),
            Ok(_) if self.offset == 0 && self.control.is_empty() => Poll::Ready(Ok(())),
            // A peer that waits for its answers to be read does not read more until they are.
            Ok(_) => self.poll_read_all(context).map(Ok),
        }
    }
}

impl Future for BenchConnection<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.failure.is_none()
            && let Poll::Ready(failure) = self.poll_load(context)
        {
            self.fail(failure);
        }
        if self.failure.is_some() { Poll::Ready(()) } else { Poll::Pending }
    }
}
