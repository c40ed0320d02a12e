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
    io::{AsyncRead, AsyncWrite, ReadBuf, empty},
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

/// Time for the answers to what is on its way when the load is over.
const GRACE: Duration = Duration::from_secs(1);

/// Time for the answer to a Close frame after that.
const CLOSE: Duration = Duration::from_secs(1);

/// When messages are to be sent.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// Never; and what comes is no answer.
    Idle,
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
    /// What would be due from then on is not sent.
    end: Option<Instant>,
    /// The server answered while it was measured.
    is_answered: bool,
    trouble: Option<Trouble>,
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
    /// A connection that is idle yet.
    pub(super) fn new(
        connection: Connection,
        outgoing: &'a Outgoing,
        window: &'a RefCell<Window>,
        buffer: &'a RefCell<Vec<u8>>,
        in_flight: u32,
    ) -> Self {
        let mut loaded = Self {
            stream: connection.stream,
            reader: Reader::default(),
            outgoing,
            window,
            buffer,
            pace: Pace::Idle,
            in_flight,
            end: None,
            is_answered: false,
            trouble: None,
            sent: VecDeque::new(),
            on_their_way: 0,
            unwritten: 0,
            offset: 0,
            control: Vec::new(),
            timer: None,
        };
        if let Err(trouble) = loaded.take(&connection.rest) {
            loaded.fail(trouble);
        }
        loaded
    }

    /// Sends at this pace from now on.
    pub(super) fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// Loads the connection. Resolves when that is not possible any more.
    pub(super) async fn load(&mut self) {
        if self.trouble.is_none() {
            let trouble = poll_fn(|context| self.poll(context)).await;
            self.fail(trouble);
        }
    }

    /// Ends the load that was to last until `end`: waits a while for what is on its way, counts what
    /// is missing, and closes the connection. Returns what was wrong with it.
    pub(super) async fn settle(mut self, end: Instant) -> Option<Trouble> {
        self.end = Some(end);
        if self.trouble.is_none()
            && let Ok(Err(trouble)) =
                timeout(GRACE, poll_fn(|context| self.poll_settled(context))).await
        {
            self.fail(trouble);
        }
        let is_missing = self.on_their_way > 0;
        self.count_the_missing(end);
        if self.trouble.is_none() {
            // What the server does with it does not count any more.
            let _ = timeout(CLOSE, self.close()).await;
            if is_missing && !self.is_answered {
                return Some(Trouble::Silent);
            }
        }
        self.trouble
    }

    fn fail(&mut self, trouble: Trouble) {
        self.trouble = Some(trouble);
        // The server is not left to wait for more.
        self.stream = Box::new(empty());
    }

    /// Resolves when all that was due before the end is answered, or cannot be.
    fn poll_settled(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Trouble>> {
        if !self.is_settled()
            && let Poll::Ready(trouble) = self.poll(context)
        {
            return Poll::Ready(Err(trouble));
        }
        if self.is_settled() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn is_settled(&self) -> bool {
        let is_sent = match (self.pace, self.end) {
            (Pace::Scheduled { first, .. }, Some(end)) => first >= end,
            _ => true,
        };
        is_sent && self.on_their_way == 0
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
        let all = self.buffer;
        let mut buffer = all.borrow_mut();
        let mut into = ReadBuf::new(&mut buffer);
        let count = match Pin::new(&mut self.stream).poll_read(context, &mut into) {
            Poll::Pending => return Ok(false),
            Poll::Ready(Ok(())) => into.filled().len(),
            Poll::Ready(Err(error)) => return Err(Trouble::of(&error)),
        };
        if count == 0 {
            return Err(Trouble::Lost("no Close frame came".to_owned()));
        }
        self.take(into.filled())?;
        Ok(true)
    }

    /// Takes in what came.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let found = self.reader.read(bytes);
        let found = found.map_err(|error| Trouble::Violation(error.to_string()))?;
        // A greeting is no answer.
        if !matches!(self.pace, Pace::Idle) && (found.payload > 0 || found.messages > 0) {
            self.answered(found.messages, found.payload)?;
        }
        if let Some(payload) = found.ping {
            self.control.extend(masked(0xa, &payload));
        }
        match found.close {
            Some(code) => Err(Trouble::Closed(code)),
            None => Ok(()),
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
        self.is_answered |= messages > 0 && window.has_begun(now);
        while messages > 0
            && let Some((at, count)) = self.sent.front_mut()
        {
            let of_these = messages.min(*count);
            window.latency(*at, now, of_these);
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
        let end = self.end;
        let is_over = |due| end.is_some_and(|end| end <= due);
        match &mut self.pace {
            Pace::AsAnswered if room > 0 && end.is_none() => {
                self.queue(Instant::now(), room);
            }
            Pace::AsAnswered | Pace::Idle => {}
            Pace::Scheduled { first, every } => {
                let now = Instant::now();
                let (mut due, every) = (*first, *every);
                for _ in 0..room {
                    if due > now || is_over(due) {
                        break;
                    }
                    self.queue(due, 1);
                    due += every;
                }
                self.pace = Pace::Scheduled { first: due, every };
                if due <= now || is_over(due) {
                    // The next answer makes room, or there is none to wait for.
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
    /// spare a server that stalls, or that drops connections.
    fn count_the_missing(&mut self, end: Instant) {
        let until = Instant::now().max(end);
        let mut window = self.window.borrow_mut();
        for (at, count) in self.sent.drain(..) {
            window.missing(at, until, count);
        }
        let Pace::Scheduled { first: mut due, every } = self.pace else { return };
        while due < end {
            // What was due in the warm-up was not sent in the window.
            if window.has_begun(due) {
                window.missing(due, until, 1);
            }
            due += every;
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.pace = Pace::Idle;
        // What is half written ends first.
        let frame = self.outgoing.frame();
        self.unwritten = if self.offset == 0 { 0 } else { frame - self.offset };
        poll_fn(|context| self.poll_all_written(context)).await?;
        self.control.extend(masked(0x8, &1000_u16.to_be_bytes()));
        poll_fn(|context| self.poll_all_written(context)).await?;
        // The Close frame is an end like any.
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
