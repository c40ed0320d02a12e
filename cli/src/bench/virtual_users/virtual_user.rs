//! Virtual user under load: runs the sections of a file again and again, with connections of its
//! own.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use connector::{ConnectError, Connection, connect};
use futures::future::LocalBoxFuture;
use protocol::Violation;
use scenario::{Connected, Input, Output, Plan, Run, Start, Verdict};
use server::ScenarioClock;
use tokio::{
    sync::Semaphore,
    time::{Instant, Sleep, sleep_until},
};
use workbench::compose::Values;

use super::{
    socket::{End, LoadSocket},
    tally::Tally,
};
use crate::{
    bench::{connection::Timetable, measure::Failure},
    connect::CLOSE_TIMEOUT,
    handshake::{HandshakeFlags, sentence},
    process::escape_controls,
    run::{ScenarioFile, frame, target_of, url},
};

/// Reads in one poll, after which other users have their turn.
const ROUNDS: usize = 16;

/// Variable that tells users apart, from 1.
pub(super) const PERSON: &str = "person";

/// Parts of a load that all users share.
pub(super) struct Shared<'a> {
    /// File, for the lines of its steps.
    pub(super) source: &'a ScenarioFile,
    /// Sections to run, in turn; compiled once.
    pub(super) plans: Vec<Plan>,
    /// Variables that take precedence over the file's.
    pub(super) variables: Vec<(String, String)>,
    pub(super) handshake: &'a HandshakeFlags,
    /// Seed of all random values; each iteration has its own, derived from it.
    pub(super) seed: u64,
    /// Clock of all runs.
    pub(super) clock: ScenarioClock,
    /// Openings under way: more would measure the listener's backlog.
    pub(super) connecting: Semaphore,
    /// Read buffer, used by one user at a time.
    pub(super) buffer: RefCell<Box<[u8]>>,
    /// Counts of all users.
    pub(super) tally: RefCell<Tally>,
    /// True once no further iteration begins.
    pub(super) is_over: Cell<bool>,
    /// Sentence about the file or its variables, which ends the load.
    pub(super) mistake: RefCell<Option<String>>,
}

/// Opening under way, and the time that it took once it is over. `Err` is a sentence about the file.
type OpeningFuture<'a> =
    LocalBoxFuture<'a, Result<(Result<Connection, ConnectError>, Duration), String>>;

/// Connection of an iteration.
enum UserConnection<'a> {
    /// Opening handshake under way.
    Opening(OpeningFuture<'a>),
    /// Open connection, boxed to keep an iteration small.
    Open(Box<LoadSocket>),
    /// Ended, refused or dropped.
    Gone,
}

/// One run of a section. A user has one at a time.
struct Iteration<'a> {
    run: Run,
    /// Connections by their number in the run.
    connections: Vec<UserConnection<'a>>,
    /// Kind and sentence of an opening that failed.
    refused: Option<(String, String)>,
    /// Time at which it was due; without a rate, its beginning.
    due: Instant,
    /// Delay of its beginning. It is part of each latency, as if the iteration had begun in time.
    late: Duration,
    /// Time limit of the closing handshakes, once the run is over.
    until: Option<Instant>,
}

/// Virtual user, as a future that ends once the load is over.
pub(super) struct VirtualUser<'a> {
    shared: &'a Shared<'a>,
    /// Number from 0.
    number: u32,
    /// Time of the first iteration.
    begin: Instant,
    /// Times at which iterations are due; without it, one is due when the last is over.
    timetable: Option<Timetable>,
    /// Iterations begun.
    iterations: u64,
    /// True while it waits for the next iteration to be due.
    is_idle: bool,
    iteration: Option<Box<Iteration<'a>>>,
    /// Wakes it at the next deadline.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<'a> VirtualUser<'a> {
    /// User that waits for `begin`.
    pub(super) fn new(
        shared: &'a Shared<'a>,
        number: u32,
        begin: Instant,
        timetable: Option<Timetable>,
    ) -> Self {
        let (iterations, is_idle) = (0, false);
        Self { shared, number, begin, timetable, iterations, is_idle, iteration: None, timer: None }
    }

    /// Ends the iteration without a verdict: closes its connections. With a rate, counts iterations that
    /// have not ended or begun.
    pub(super) fn stop(&mut self) {
        let (shared, now) = (self.shared, Instant::now());
        if let Some(timetable) = &self.timetable {
            let mut tally = shared.tally.borrow_mut();
            let (from, to) = tally.window.times();
            let begun = self.iterations.max(timetable.due_before(from));
            tally.not_begun(timetable.due_before(to).saturating_sub(begun));
        }
        if let Some(iteration) = &mut self.iteration
            && iteration.until.is_none()
        {
            if self.timetable.is_some() {
                shared.tally.borrow_mut().unfinished(iteration.due, now);
            }
            let outputs = iteration.run.fail("");
            iteration.until = Some(now + CLOSE_TIMEOUT);
            let _ = iteration.perform(shared, outputs, now);
        }
    }

    /// Time of the next iteration, not before `begin`.
    fn due(&self) -> Instant {
        self.timetable.map_or(self.begin, |timetable| timetable.due(self.iterations))
    }

    /// Begins the next iteration. `Err` is a sentence. It takes the next section, with variables and
    /// random values of its own.
    fn begin(&mut self) -> Result<(), String> {
        let shared = self.shared;
        let plans = shared.plans.len() as u64;
        let plan = &shared.plans[usize::try_from(self.iterations % plans).unwrap_or_default()];
        let seed = shared.seed ^ (u64::from(self.number) << 32) ^ self.iterations;
        let now = Instant::now();
        let due = if self.timetable.is_some() { self.due() } else { now };
        if std::mem::take(&mut self.is_idle) && self.timetable.is_some() {
            shared.tally.borrow_mut().window.sent_late(due, now);
        }
        self.iterations += 1;
        let mut values = Values::new(seed);
        values.variables.clone_from(&shared.variables);
        values.variables.push((PERSON.to_owned(), (self.number + 1).to_string()));
        let mut iteration = Iteration {
            run: plan.run(values)?,
            connections: Vec::new(),
            refused: None,
            due,
            late: now.saturating_duration_since(due),
            until: None,
        };
        iteration.update(shared, None)?;
        self.iteration = Some(Box::new(iteration));
        Ok(())
    }

    /// Arranges to be polled at `time`. The timer is set again only if it is later or over: the
    /// deadline moves with each step.
    fn wake_at(&mut self, time: Instant, context: &mut Context<'_>) {
        match &mut self.timer {
            Some(timer) if timer.deadline() <= time && !timer.is_elapsed() => return,
            Some(timer) => timer.as_mut().reset(time),
            None => self.timer = Some(Box::pin(sleep_until(time))),
        }
        if let Some(timer) = &mut self.timer
            && timer.as_mut().poll(context).is_ready()
        {
            context.waker().wake_by_ref();
        }
    }

    /// Runs until it has to wait. `Err` is a sentence. After [`ROUNDS`] reads it yields to the other
    /// users.
    fn advance(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, String> {
        let shared = self.shared;
        for _ in 0..ROUNDS {
            let Some(iteration) = &mut self.iteration else {
                if shared.is_over.get() {
                    return Ok(Poll::Ready(()));
                }
                let due = self.due();
                if Instant::now() < due {
                    self.is_idle = true;
                    self.wake_at(due, context);
                    return Ok(Poll::Pending);
                }
                self.begin()?;
                continue;
            };
            let moved = iteration.poll(shared, context)?;
            let now = Instant::now();
            if iteration.is_over(now) {
                self.iteration = None;
                continue;
            }
            let deadline = iteration.deadline(shared);
            if deadline <= now {
                iteration.update(shared, None)?;
            } else if !moved {
                self.wake_at(deadline, context);
                return Ok(Poll::Pending);
            }
        }
        context.waker().wake_by_ref();
        Ok(Poll::Pending)
    }
}

impl Future for VirtualUser<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.advance(context).unwrap_or_else(|sentence| {
            self.shared.mistake.borrow_mut().get_or_insert(sentence);
            Poll::Ready(())
        })
    }
}

impl<'a> Iteration<'a> {
    /// Time of the next update, if nothing happens before; after the run, the end of the closing
    /// handshakes.
    fn deadline(&self, shared: &Shared<'_>) -> Instant {
        // A peer that does not read holds up what is sent, up to the limit of the section.
        let is_flowing = self
            .connections
            .iter()
            .all(|it| !matches!(it, UserConnection::Open(socket) if !socket.is_flowing()));
        let at = if is_flowing { self.run.deadline() } else { self.run.end_of_limit() };
        let of_run = || at.map(|at| shared.clock.instant(at));
        self.until.or_else(of_run).unwrap_or_else(|| Instant::now() + CLOSE_TIMEOUT)
    }

    /// True once the run and its connections are over, or the time for closing them is.
    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| {
            until <= now || self.connections.iter().all(|it| matches!(it, UserConnection::Gone))
        })
    }

    /// Polls the connections, and passes their events to the run. Returns true if there was any.
    fn poll(&mut self, shared: &'a Shared<'a>, context: &mut Context<'_>) -> Result<bool, String> {
        let mut moved = false;
        let mut inputs = Vec::new();
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            match connection {
                UserConnection::Gone => continue,
                UserConnection::Opening(opening) => {
                    let Poll::Ready(result) = opening.as_mut().poll(context) else { continue };
                    let (result, took) = result?;
                    if let Err(error) = &result {
                        let sentence = sentence(error, shared.handshake.show_secrets);
                        self.refused = Some((error.kind().to_string(), escape_controls(&sentence)));
                    }
                    *connection = opened(shared, result, took, &mut inputs);
                }
                UserConnection::Open(socket) => {
                    if socket.poll_write(context).is_pending() {
                        continue;
                    }
                    let buffer = &mut shared.buffer.borrow_mut();
                    match socket.poll_read(context, buffer, &mut inputs) {
                        Poll::Pending => continue,
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(end)) => {
                            *connection = UserConnection::Gone;
                            lost(shared, &end, &mut inputs);
                        }
                    }
                }
            }
            moved = true;
            for input in inputs.drain(..) {
                self.update(shared, Some((scenario::ConnectionId(index), input)))?;
            }
            if let UserConnection::Open(socket) = &mut self.connections[index] {
                let _ = socket.poll_write(context);
            }
        }
        Ok(moved)
    }

    /// Passes an event or the time to the run, counts the steps that passed, and performs the
    /// outputs. A verdict is counted once; the connections are closed after it.
    fn update(
        &mut self,
        shared: &'a Shared<'a>,
        event: Option<(scenario::ConnectionId, Input)>,
    ) -> Result<(), String> {
        if self.until.is_some() {
            return Ok(());
        }
        let now = Instant::now();
        if let Some((_, Input::Message(message))) = &event {
            shared.tally.borrow_mut().window.received(now, message.len() as u64);
        }
        let outputs = self.run.update(event, shared.clock.now());
        self.perform(shared, outputs, now)?;
        if let Some(verdict) = self.run.verdict() {
            let failure = match verdict {
                Verdict::Passed => None,
                Verdict::Failed(failure) => Some(failure),
            };
            let mut tally = shared.tally.borrow_mut();
            tally.ended(failure, self.due, now);
            if let Some(failure) = failure.filter(|failure| failure.is_error) {
                let (kind, sentence) = self
                    .refused
                    .take()
                    .unwrap_or_else(|| (failure.message.clone(), failure.message.clone()));
                tally.broken(Failure::Connect(kind), &sentence, now);
            }
            self.until = Some(now + CLOSE_TIMEOUT);
        }
        Ok(())
    }

    /// Performs outputs of the run: connects, sends, drops, and counts waiting times. `Err` is a
    /// sentence about a file to send.
    fn perform(
        &mut self,
        shared: &'a Shared<'a>,
        outputs: Vec<Output>,
        now: Instant,
    ) -> Result<(), String> {
        for output in outputs {
            match output {
                Output::Passed(span, Some(waited)) => {
                    shared.tally.borrow_mut().passed(&span, waited + self.late, now);
                }
                Output::Passed(_, None) => {}
                Output::Connect(_, start) => {
                    self.connections.push(UserConnection::Opening(open(shared, start)));
                }
                Output::Drop(connection) => self.connections[connection.0] = UserConnection::Gone,
                Output::Send(connection, outgoing) => {
                    let of_line = |(span, sentence)| {
                        let place = shared.source.text.place(&span);
                        format!("{}:{}: {sentence}", place.file, place.at.line)
                    };
                    let outgoing = frame(shared.source.path(), outgoing).map_err(of_line)?;
                    if let UserConnection::Open(socket) = &mut self.connections[connection.0] {
                        socket.send(&outgoing);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Begins to connect. At most [`CONNECTING`](crate::bench::load::CONNECTING) are under way.
fn open<'a>(shared: &'a Shared<'a>, start: Start) -> OpeningFuture<'a> {
    Box::pin(async move {
        let _permit = shared.connecting.acquire().await;
        // Made now, in a box of its own: thousands that wait for their turn take little memory.
        Box::pin(async move {
            let target = target_of(shared.handshake.target(url(&start)?)?, start)?;
            let begin = Instant::now();
            let result = connect(&target, &|_| {}).await;
            Ok((result, begin.elapsed()))
        })
        .await
    })
}

/// Adds the events of an opening that has ended, and returns its connection.
fn opened<'a>(
    shared: &Shared<'_>,
    result: Result<Connection, ConnectError>,
    took: Duration,
    inputs: &mut Vec<Input>,
) -> UserConnection<'a> {
    let opening = match &result {
        Ok(connection) => &connection.opening,
        Err(error) => error.opening(),
    };
    inputs.extend(opening.response.as_ref().map(|it| Input::Headers(it.head.to_text())));
    match result {
        Ok(connection) => {
            shared.tally.borrow_mut().opened(took);
            inputs.push(Input::Connected(Connected::Open(connection.subprotocol.clone())));
            let mut socket = LoadSocket::new(connection);
            match socket.decode(inputs) {
                Ok(()) => UserConnection::Open(Box::new(socket)),
                Err(end) => {
                    lost(shared, &end, inputs);
                    UserConnection::Gone
                }
            }
        }
        Err(error) => {
            let sentence = sentence(&error, shared.handshake.show_secrets);
            inputs.push(Input::Connected(Connected::Refused(error.status(), sentence)));
            UserConnection::Gone
        }
    }
}

/// Adds the end of a connection. A violation also counts as a failure of the load.
fn lost(shared: &Shared<'_>, end: &End, inputs: &mut Vec<Input>) {
    if let End::Violation(violation) = end {
        let (cause, sentence) = match violation {
            // A bound of this program, not of the protocol.
            Violation::LargeFrame(limit) | Violation::LargeMessage(limit) => {
                let cause = format!("a message is larger than {} MiB", limit >> 20);
                let sentence = format!(
                    "The peer sent a message larger than {} MiB, the limit of wsbench bench.",
                    limit >> 20
                );
                (cause, sentence)
            }
            violation => (
                format!("protocol error: {violation}"),
                format!("The peer violated the protocol: {violation}."),
            ),
        };
        shared.tally.borrow_mut().broken(Failure::Violation(cause.clone()), &cause, Instant::now());
        inputs.push(Input::Violated(sentence));
    }
    if matches!(end, End::Lost) {
        inputs.push(Input::Closed(None));
    }
}
