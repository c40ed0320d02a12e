//! Run of a scenario: a state machine over its connections. One lane of steps, or several in a
//! parallel block, wait for events and times; every update does as many steps as can be done. Only the
//! first lane forks.

mod acting;
mod event;
mod expecting;
mod lane;
mod matching;
mod peer;
mod plan;
mod program;
mod rules;
mod secrets;
mod serving;
mod verdict;

use std::{collections::HashMap, sync::Arc, time::Duration};

use session::{CloseCode, Time};
use workbench::compose::{FillError, Values};

pub use self::{
    event::{Connected, ConnectionId, Input, Outgoing, Output, Start},
    peer::{BYTES_HELD, Seen},
    plan::Plan,
    secrets::Secrets,
    serving::{Answer, Mock, Request},
    verdict::{Failure, Verdict},
};
use self::{
    lane::{Lane, LaneState, Progress, wait},
    peer::{Arrival, Counterpart, State},
    program::{Instruction, Operation},
    verdict::unknown,
};
use crate::{
    duration,
    syntax::{Action, ConnectOption, Scenario, Span, Text},
};

/// Maximum number of messages that wait for a step, for each connection; pings and pongs count, if a step expects any.
/// One more, or more than [`BYTES_HELD`], fails the run: its steps do not keep up.
pub const MESSAGES_HELD: usize = 10_000;
/// Maximum number of connections that a run makes, one after the other or at the same time. It
/// bounds a loop that connects.
pub const CONNECTIONS: usize = 10_000;
/// Maximum number of latencies kept for `require`. Later ones are not counted.
pub const LATENCIES: usize = 100_000;
/// Maximum number of frames of a message that is sent: they take a few MB beside it. A message that would have more
/// fails its step.
pub const MAX_FRAGMENTS: usize = 1 << 16;
/// Maximum number of steps done at once: a loop over sends lets others have their turn.
const STEPS: usize = 256;

/// Run of one section. A clone is an independent run in the same state.
#[derive(Clone, Debug)]
pub struct Run {
    /// Plan, shared with other runs of the same section.
    plan: Plan,
    /// Variables, time and random numbers.
    values: Values,
    /// Values that failures do not show.
    secrets: Secrets,
    /// Time of the first update; the limit counts from it.
    started: Option<Time>,
    /// Lanes: first that of the run, then those of its parallel block.
    lanes: Vec<Lane>,
    /// Connections by their number; ended ones stay.
    peers: Vec<Counterpart>,
    /// Connections by their names, empty for one without: of several, the latest.
    names: HashMap<String, usize>,
    /// Number of connections found open, or settled, at the end of the test.
    checked: usize,
    /// Times from a message sent to the next one that met an expectation; at most [`LATENCIES`].
    latencies: Vec<Duration>,
    /// Requests of the update that is being made.
    outputs: Vec<Output>,
    /// Result, set once, at the end.
    verdict: Option<Verdict>,
    /// Time until which every lane waits.
    deadline: Option<Time>,
}

impl Run {
    /// A run of a section of `scenario`, or of the whole file if it has none.
    ///
    /// Variables in `values` go before the file's.
    ///
    /// # Errors
    /// A sentence, if a variable of the file refers to one that is not known.
    pub fn new(
        scenario: &Scenario,
        section: Option<usize>,
        values: Values,
    ) -> Result<Self, String> {
        Plan::new(scenario, section).run(values)
    }

    /// Run of a plan that has not begun.
    fn of_plan(plan: Plan, values: Values) -> Self {
        Self {
            plan,
            values,
            secrets: Secrets::default(),
            started: None,
            lanes: vec![Lane::new(0)],
            // Most have one; grown, it would have room for four.
            peers: Vec::with_capacity(1),
            names: HashMap::new(),
            checked: 0,
            latencies: Vec::new(),
            outputs: Vec::new(),
            verdict: None,
            deadline: None,
        }
    }

    /// Hides these values in failures; to be called before the first update. Empty values are left
    /// out.
    pub fn hide(&mut self, secrets: Secrets) {
        self.secrets = secrets;
    }

    /// Result, once there is one. After that, updates do nothing.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// Time of the next call of [`Self::update`], if nothing happens before.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.deadline.filter(|_| self.verdict.is_none())
    }

    /// Time at which its limit ends it; `None` before the first update.
    #[must_use]
    pub fn end_of_limit(&self) -> Option<Time> {
        self.started.map(|started| started.after(self.plan.0.limit))
    }

    /// Handles an event, or only the time. Returns the requests that follow, in order.
    ///
    /// At most 256 steps are done: with more to do, the deadline is `now`.
    pub fn update(&mut self, input: Option<(ConnectionId, Input)>, now: Time) -> Vec<Output> {
        if self.verdict.is_some() {
            return Vec::new();
        }
        self.values.now = now;
        let started = *self.started.get_or_insert(now);
        let result = input
            .map_or(Ok(()), |(connection, input)| self.handle(connection, input, now))
            .and_then(|()| self.advance(now));
        let limit = started.after(self.plan.0.limit);
        match result {
            Err(mut failure) => {
                failure.message = self.secrets.hide(&failure.message);
                self.end(Verdict::Failed(failure));
            }
            Ok(()) if self.lanes[0].state == LaneState::Ended => {
                let verdict = self.required();
                self.end(verdict);
            }
            Ok(()) if now >= limit => {
                let span = self.current();
                let limit = duration::print(self.plan.0.limit);
                let failure =
                    Failure::new(span, format!("The run exceeded its time limit of {limit}."));
                self.end(Verdict::Failed(failure));
            }
            Ok(()) => self.deadline = Some(self.deadline.map_or(limit, |at| at.min(limit))),
        }
        std::mem::take(&mut self.outputs)
    }

    /// Ends the run as failed, at the step that it waits for. Returns the requests that follow, as
    /// [`Self::update`] does.
    pub fn fail(&mut self, sentence: &str) -> Vec<Output> {
        if self.verdict.is_none() {
            let failure = Failure::new(self.current(), sentence);
            self.end(Verdict::Failed(failure));
        }
        std::mem::take(&mut self.outputs)
    }

    /// Ends the run at a step of the last update that this machine could not do. Returns the
    /// requests that replace the rest of that update.
    pub fn fail_at(&mut self, span: &Span, sentence: &str) -> Vec<Output> {
        // Before a step that failed in the same update, as it stands before it.
        let failure = Failure { is_error: true, ..Failure::new(span, sentence) };
        self.end(Verdict::Failed(failure));
        std::mem::take(&mut self.outputs)
    }

    /// Place of the step that the run is at: of the first lane that is going, rather than at a
    /// barrier.
    fn current(&self) -> &Span {
        let mut lanes = self.lanes.iter();
        let waits = lanes.find(|lane| lane.state == LaneState::Going).or(self.lanes.last());
        let Instruction { span, operation } = &self.plan.0.program[waits.map_or(0, |lane| lane.at)];
        match (operation, self.peers.get(self.checked)) {
            (Operation::End, Some(peer)) => &peer.span,
            _ => span,
        }
    }

    /// Ends the run, and its connections. Open connections get a Close frame with 1000, opening
    /// ones are dropped.
    fn end(&mut self, verdict: Verdict) {
        for (index, peer) in self.peers.iter().enumerate() {
            let connection = ConnectionId(index);
            self.outputs.extend(match peer.state {
                State::Open => {
                    let close = Outgoing::Close(CloseCode::NORMAL.0, String::new());
                    Some(Output::Send(connection, close))
                }
                State::Opening => Some(Output::Drop(connection)),
                _ => None,
            });
        }
        self.verdict = Some(verdict);
    }

    /// Verdict of the `require` lines, after all steps passed. The first one that is not met fails
    /// the run; the others are listed.
    fn required(&self) -> Verdict {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let percentile = |share: u8| {
            let rank = (sorted.len() * usize::from(share)).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied()
        };
        let requirements = self.plan.requirements().iter();
        let mut unmet =
            requirements.filter_map(|it| it.unmet(percentile).map(|sentence| (it, sentence)));
        let Some((first, message)) = unmet.next() else { return Verdict::Passed };
        let mut failure = Failure::new(&first.span, message);
        failure.differences = unmet.map(|(_, sentence)| sentence).collect();
        failure.differences.push(format!("latencies: {}", sorted.len()));
        Verdict::Failed(failure)
    }

    /// Handles an event of a connection. A connection that is not known is ignored. Fails if too
    /// many messages wait, or a rule does.
    fn handle(&mut self, connection: ConnectionId, input: Input, now: Time) -> Result<(), Failure> {
        let Some(peer) = self.peers.get_mut(connection.0) else { return Ok(()) };
        let is_kept = match input {
            Input::Headers(headers) => {
                if self.plan.0.reads_headers {
                    peer.headers = headers;
                }
                true
            }
            Input::Connected(Connected::Open(subprotocol)) => {
                peer.state = State::Open;
                peer.opened_at = Some(now);
                peer.subprotocol = subprotocol;
                true
            }
            Input::Connected(Connected::Refused(status, cause)) => {
                peer.state = State::Refused { status, cause };
                true
            }
            // After a Close frame, the end of the connection is nothing new.
            Input::Closed(None) if matches!(peer.state, State::Closed(_)) => true,
            Input::Closed(end) => {
                peer.state = State::Closed(end);
                true
            }
            Input::Violated(sentence) => {
                peer.state = State::Violated(sentence);
                true
            }
            Input::Ping(_) | Input::Pong(_) if !self.plan.0.reads_control => true,
            Input::Ping(data) => peer.keep(Arrival::Ping(data)),
            Input::Pong(data) => peer.keep(Arrival::Pong(data)),
            Input::Message(message) => {
                if self.plan.0.notes_messages {
                    peer.note(false, &message, &self.secrets);
                }
                if self.is_taken_by_rule(connection.0, &message)? {
                    true
                } else {
                    self.peers[connection.0].keep(Arrival::Message(message, now))
                }
            }
        };
        if is_kept {
            return Ok(());
        }
        let span = self.current();
        let message = format!(
            "More than {MESSAGES_HELD} messages or {} MiB are waiting for a step.",
            BYTES_HELD >> 20
        );
        Err(Failure::new(span, message))
    }

    /// Does steps until each lane waits. Lanes take turns until none moves; then the deadline is
    /// the earliest of their waits. At most [`STEPS`].
    fn advance(&mut self, now: Time) -> Result<(), Failure> {
        let mut steps = STEPS;
        loop {
            let mut earliest: Option<Time> = None;
            let mut moved = false;
            for lane in 0..self.lanes.len() {
                while self.lanes[lane].state == LaneState::Going {
                    if steps == 0 {
                        self.deadline = Some(now);
                        return Ok(());
                    }
                    steps -= 1;
                    match self.step(lane, now)? {
                        Progress::Wait(until) => {
                            earliest = Some(earliest.map_or(until, |at| at.min(until)));
                            break;
                        }
                        Progress::Jump(to) => self.lanes[lane].go_to(to),
                        Progress::Next => {
                            let Lane { at, since, .. } = self.lanes[lane];
                            let Instruction { span, operation } = &self.plan.0.program[at];
                            let since = since.filter(|_| operation.expects());
                            let waited = since.map(|since| now.since(since));
                            self.outputs.push(Output::Passed(span.clone(), waited));
                            self.lanes[lane].go_to(at + 1);
                        }
                    }
                    moved = true;
                }
            }
            moved |= self.join();
            if !moved {
                self.deadline = earliest;
                return Ok(());
            }
        }
    }

    /// Continues lanes that waited for each other: at a barrier, or the lane that began them.
    /// Returns true if there were any.
    fn join(&mut self) -> bool {
        let LaneState::Forked(after) = self.lanes[0].state else { return false };
        let children = &mut self.lanes[1..];
        if children.iter().all(|lane| lane.state == LaneState::Ended) {
            self.lanes.truncate(1);
            self.lanes[0].state = LaneState::Going;
            self.lanes[0].go_to(after);
            return true;
        }
        let all_wait = children
            .iter()
            .all(|lane| matches!(lane.state, LaneState::AtBarrier | LaneState::Ended));
        if all_wait {
            for lane in children.iter_mut().filter(|lane| lane.state == LaneState::AtBarrier) {
                lane.state = LaneState::Going;
                lane.go_to(lane.at + 1);
            }
        }
        all_wait
    }

    /// Does one step of a lane, or looks again at the one it waits in.
    fn step(&mut self, lane: usize, now: Time) -> Result<Progress, Failure> {
        let since = *self.lanes[lane].since.get_or_insert(now);
        // Shared, not copied: a step is looked at again at each event that it waits for.
        let plan = self.plan.clone();
        let Instruction { span, operation } = &plan.0.program[self.lanes[lane].at];
        match operation {
            Operation::End => {
                if lane == 0
                    && let Some(waits) = self.settle(since, now)?
                {
                    return Ok(waits);
                }
                self.lanes[lane].state = LaneState::Ended;
                Ok(Progress::Jump(self.lanes[lane].at))
            }
            Operation::Linger => self.linger(span, self.lanes[lane].at + 1, since, now),
            Operation::Barrier => {
                self.lanes[lane].state = LaneState::AtBarrier;
                Ok(Progress::Jump(self.lanes[lane].at))
            }
            Operation::Fork { lanes, after } => {
                self.lanes[lane].state = LaneState::Forked(*after);
                self.lanes.extend(lanes.iter().copied().map(Lane::new));
                Ok(Progress::Jump(self.lanes[lane].at))
            }
            Operation::Begin(rounds) => {
                self.lanes[lane].begin(*rounds, now);
                Ok(Progress::Jump(self.lanes[lane].at + 1))
            }
            Operation::Again(begin) => Ok(self.lanes[lane].again(*begin, now)),
            Operation::Connect { name, url, options } => {
                if self.peers.len() == CONNECTIONS {
                    let message = format!("A run can make at most {CONNECTIONS} connections.");
                    return Err(Failure::new(span, message));
                }
                self.connect(span, name.as_ref(), url, options)
                    .map_err(|error| unknown(span, &error))?;
                Ok(Progress::Next)
            }
            Operation::Act { name: None, action: Action::Wait(duration) } => {
                Ok(wait(since, *duration, now))
            }
            Operation::Act { name, action } => self.act(span, name.as_deref(), action, since, now),
            Operation::Gather { needed, expected } => {
                self.gather(lane, span, *needed, expected, since, now)
            }
        }
    }

    /// Begins a connection, with the variables of its URL and options filled in. The latest one of
    /// a name is the one that steps mean.
    fn connect(
        &mut self,
        span: &Span,
        name: Option<&String>,
        url: &Text,
        options: &Arc<[(Span, ConnectOption)]>,
    ) -> Result<(), FillError> {
        let connection = ConnectionId(self.peers.len());
        let peer = Counterpart::new(name.cloned(), span.clone(), Arc::clone(options));
        let values = &mut self.values;
        let url = url.fill(values)?.into_owned();
        let (headers, subprotocols) = (Vec::new(), Vec::new());
        let (span, name_of) = (span.clone(), name.cloned());
        let mut start =
            Start { span, name: name_of, url, headers, subprotocols, compression: false };
        for (_, option) in &**options {
            match option {
                ConnectOption::Header(name, value) => {
                    start.headers.push((name.clone(), value.fill(values)?.into_owned()));
                }
                ConnectOption::Subprotocols(offered) => {
                    for subprotocol in offered {
                        start.subprotocols.push(subprotocol.fill(values)?.into_owned());
                    }
                }
                ConnectOption::Compression(is_on) => start.compression = *is_on,
                // Rules of the open connection, and conditions of a mock.
                _ => {}
            }
        }
        self.names.insert(name.cloned().unwrap_or_default(), connection.0);
        self.peers.push(peer);
        self.outputs.push(Output::Connect(connection, start));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn a_run_of_one_connection_keeps_neither_room_for_more_nor_headers_that_no_step_reads() {
        for (step, kept) in [("< opened", 0), ("< opened header X-Id", 1)] {
            let scenario = parse(&format!("connect ws://host/\n{step}\n")).expect("it is right");
            let mut run = Plan::for_load(&scenario, None).run(Values::new(1)).expect("it is right");
            run.update(None, Time(0));
            let headers = vec![("X-Id".to_owned(), "7".to_owned())];
            run.update(Some((ConnectionId(0), Input::Headers(headers))), Time(1));
            assert_eq!((run.peers.capacity(), run.peers[0].headers.len()), (1, kept), "{step}");
        }
    }
}
