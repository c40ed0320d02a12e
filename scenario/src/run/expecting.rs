//! Expectations of a run: the comparison of a connection's events with its steps.

use session::{CloseCode, Time};
use workbench::compose::Values;

use super::{
    LATENCIES, Run,
    lane::Progress,
    matching::{Candidate, captured, differences, headers, test_header},
    peer::{Arrival, State},
    verdict::{Failure, ended, failure, unconnected, unknown},
};
use crate::{
    duration,
    syntax::{Capture, Condition, Expectation, Matcher, Part, Pattern, Side, Span},
};

impl Run {
    /// Waits until the connection is open. `None` once it is. Up to the timeout of the plan. Fails
    /// if the opening was refused, or the connection has ended.
    pub(super) fn until_open(
        &self,
        span: &Span,
        index: usize,
        since: Time,
        now: Time,
    ) -> Result<Option<Progress>, Failure> {
        let peer = &self.peers[index];
        if !matches!(peer.state, State::Opening) {
            return self.check_alive(span, index).map(|()| None);
        }
        let limit = since.after(self.plan.0.timeout);
        if now < limit {
            return Ok(Some(Progress::Wait(limit)));
        }
        let limit = duration::print(self.plan.0.timeout);
        Err(unconnected(&peer.span, format!("The connection did not open within {limit}.")))
    }

    /// Waits at the end of a test until each connection is open. A connection that has ended
    /// without a step for its end fails the test, unless it was closed normally. `None` once all is
    /// well.
    ///
    /// Connections are checked in their order, each once: `checked` continues from the last call.
    pub(super) fn settle(&mut self, since: Time, now: Time) -> Result<Option<Progress>, Failure> {
        while let Some(peer) = self.peers.get(self.checked) {
            let is_over = peer.is_settled || peer.has_closed || self.plan.0.side == Side::Server;
            let is_normal = |(code, _): &(u16, String)| CloseCode(*code).is_normal();
            match &peer.state {
                State::Closed(end) if !is_over && !end.as_ref().is_some_and(is_normal) => {
                    let message = format!(
                        "The connection was closed{}, but no step expects it.",
                        closed_with(end.as_ref())
                    );
                    return Err(failure(peer, &peer.span, &message));
                }
                State::Closed(_) => {}
                _ if is_over => {}
                _ => {
                    let waits = self.until_open(&peer.span, self.checked, since, now)?;
                    if waits.is_some() {
                        return Ok(waits);
                    }
                }
            }
            self.checked += 1;
        }
        Ok(None)
    }

    /// Compares an event with an expectation that stands alone. Waits up to its own time limit, or
    /// the timeout of the plan.
    pub(super) fn expect(
        &mut self,
        span: &Span,
        index: usize,
        expectation: &Expectation,
        since: Time,
        now: Time,
    ) -> Result<Progress, Failure> {
        let met = match &expectation.pattern {
            // Messages are compared by `gather`.
            Pattern::Message(_) => true,
            Pattern::Ping(_) | Pattern::Pong(_) => self.takes_control(span, index, expectation)?,
            Pattern::Opened(conditions) => {
                if let Some(progress) = self.until_open(span, index, since, now)? {
                    return Ok(progress);
                }
                self.takes_answer(span, index, conditions, &expectation.captures)?;
                true
            }
            Pattern::Refused(conditions) => {
                let is_refused = self.is_refused(span, index, conditions)?;
                if is_refused {
                    self.takes_answer(span, index, conditions, &expectation.captures)?;
                }
                is_refused
            }
            Pattern::Closed(..) | Pattern::Dropped => self.is_closed(span, index, expectation)?,
        };
        if met {
            return Ok(Progress::Next);
        }
        let peer = &self.peers[index];
        let limit = expectation.within.unwrap_or(self.plan.0.timeout);
        let until = since.after(limit);
        if now < until {
            return Ok(Progress::Wait(until));
        }
        let message = format!("It did not happen within {}.", duration::print(limit));
        Err(failure(peer, span, &message))
    }

    /// Compares the oldest Ping or Pong frame with an expectation; `<~` passes over frames with
    /// other data. Returns true if it is met.
    fn takes_control(
        &mut self,
        span: &Span,
        index: usize,
        expectation: &Expectation,
    ) -> Result<bool, Failure> {
        let (is_ping, wanted) = match &expectation.pattern {
            Pattern::Ping(data) => (true, data),
            Pattern::Pong(data) => (false, data),
            _ => return Ok(false),
        };
        let wanted = wanted.as_ref().map(|text| text.fill(&mut self.values)).transpose();
        let wanted = wanted.map_err(|error| unknown(span, &error))?;
        let peer = &mut self.peers[index];
        while let Some(data) = peer.take_control(is_ping) {
            if wanted.as_ref().is_none_or(|wanted| wanted.as_bytes() == data) {
                return Ok(true);
            }
            if !expectation.passes_over {
                let data = self.secrets.hide(&String::from_utf8_lossy(&data));
                return Err(failure(peer, span, "The frame has different data.").with([data]));
            }
        }
        self.check_alive(span, index)?;
        Ok(false)
    }

    /// Fails if nothing can arrive any more. An expectation without a matching event would wait in
    /// vain.
    fn check_alive(&self, span: &Span, index: usize) -> Result<(), Failure> {
        let peer = &self.peers[index];
        match &peer.state {
            State::Opening | State::Open => Ok(()),
            State::Refused { cause, .. } => Err(unconnected(&peer.span, cause.clone())),
            State::Closed(end) => Err(ended(
                peer,
                span,
                &format!("The connection was closed{}.", closed_with(end.as_ref())),
            )),
            State::Violated(sentence) => Err(failure(peer, span, sentence)),
        }
    }

    /// True if the opening was refused, by the status that is expected, if one is. Fails if it
    /// succeeded.
    fn is_refused(
        &mut self,
        span: &Span,
        index: usize,
        conditions: &[Condition],
    ) -> Result<bool, Failure> {
        let peer = &mut self.peers[index];
        let other = |status| {
            conditions.iter().find_map(|it| match it {
                Condition::Status(wanted) if *wanted != status => Some(*wanted),
                _ => None,
            })
        };
        match &peer.state {
            State::Opening => Ok(false),
            State::Refused { status: Some(status), cause } => {
                if let Some(wanted) = other(*status) {
                    let status = format!("status: expected {wanted}, got {status}");
                    let message = "Refused with a different status.";
                    return Err(failure(peer, span, message).with([status, cause.clone()]));
                }
                peer.is_settled = true;
                Ok(true)
            }
            State::Refused { cause, .. } => Err(unconnected(span, cause.clone())),
            State::Open | State::Closed(_) | State::Violated(_) => {
                Err(failure(peer, span, "The server accepted the connection."))
            }
        }
    }

    /// Checks the answer to the opening handshake, apart from its status, and captures headers of
    /// it.
    fn takes_answer(
        &mut self,
        span: &Span,
        index: usize,
        conditions: &[Condition],
        captures: &[Capture],
    ) -> Result<(), Failure> {
        let Self { peers, values, secrets, .. } = self;
        let peer = &peers[index];
        for condition in conditions {
            match condition {
                Condition::Status(_) => {}
                Condition::Subprotocol(wanted) => {
                    let wanted = wanted.fill(values).map_err(|error| unknown(span, &error))?;
                    if Some(&*wanted) != peer.subprotocol.as_deref() {
                        let selected = peer.subprotocol.as_deref().unwrap_or("none");
                        let message = format!("Selected subprotocol: {selected}.");
                        return Err(failure(peer, span, &message));
                    }
                }
                Condition::Header(name, test) => {
                    let found: Vec<_> = headers(&peer.headers, name).collect();
                    let differences = test_header(&found, name, test, values)
                        .map_err(|error| unknown(span, &error))?;
                    if !differences.is_empty() {
                        let message = "The response has different headers.";
                        let differences = differences.iter().map(|it| secrets.hide(it));
                        return Err(failure(peer, span, message).with(differences));
                    }
                }
            }
        }
        for Capture { name, part } in captures {
            let Part::Header(header) = part else { continue };
            let Some(value) = headers(&peer.headers, header).next() else {
                let message = format!("Cannot capture {name}: no header {header}.");
                return Err(failure(peer, span, &message));
            };
            set(values, name, value.to_owned());
        }
        Ok(())
    }

    /// True if the connection has ended as expected: by a Close frame with this code and reason, of
    /// this side first (RFC 6455, section 7.1.5), or without one. Messages before the end fail it,
    /// unless it passes over them.
    fn is_closed(
        &mut self,
        span: &Span,
        index: usize,
        expectation: &Expectation,
    ) -> Result<bool, Failure> {
        let peer = &self.peers[index];
        if !expectation.passes_over && peer.next_message().is_some() {
            return Err(failure(peer, span, "A message arrived before the end."));
        }
        let end = match &peer.state {
            State::Opening | State::Open => return Ok(false),
            State::Refused { cause, .. } => return Err(unconnected(&peer.span, cause.clone())),
            State::Closed(end) => end,
            State::Violated(sentence) => return Err(failure(peer, span, sentence)),
        };
        let met = match (&expectation.pattern, end) {
            (Pattern::Closed(code, reason, by), Some((found, why))) => {
                let first =
                    if peer.has_closed { self.plan.0.side } else { self.plan.0.side.other() };
                if by.is_some_and(|by| by != first) {
                    let name = first.name();
                    let message = format!("The connection was closed by the {name} first.");
                    return Err(failure(peer, span, &message));
                }
                code.is_none_or(|code| code == *found)
                    && reason.as_ref().is_none_or(|reason| reason.matches(why.as_bytes()))
            }
            (Pattern::Dropped, None) => true,
            _ => false,
        };
        if !met {
            let message = format!("The connection was closed{}.", closed_with(end.as_ref()));
            return Err(failure(peer, span, &message));
        }
        self.peers[index].is_settled = true;
        Ok(true)
    }

    /// Compares messages of several connections with the expectations of a block, in any order,
    /// until `needed` of them are met.
    ///
    /// Each takes at most one message. The time limit is that of the first expectation that is not
    /// met.
    pub(super) fn gather(
        &mut self,
        lane: usize,
        span: &Span,
        needed: usize,
        expected: &[(Span, Option<String>, Expectation)],
        since: Time,
        now: Time,
    ) -> Result<Progress, Failure> {
        self.lanes[lane].met.resize(expected.len(), false);
        // Each connection once, in order; few stand in a block.
        let mut seen: Vec<Option<&str>> = Vec::new();
        for (step, name, _) in expected {
            let name = name.as_deref();
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let Some(&index) = self.names.get(name.unwrap_or_default()) else {
                return Err(Failure::new(step, "There is no such connection."));
            };
            while self.count(lane) < needed && self.takes_message(lane, index, name, expected)? {}
        }
        if self.count(lane) >= needed {
            return Ok(Progress::Next);
        }
        let open = expected.iter().zip(&self.lanes[lane].met).find(|(_, met)| !**met);
        let Some(((step, name, expectation), _)) = open else { return Ok(Progress::Next) };
        let name = name.as_deref().unwrap_or_default();
        let Some(&index) = self.names.get(name) else { return Ok(Progress::Next) };
        let limit = expectation.within.unwrap_or(self.plan.0.timeout);
        let until = since.after(limit);
        let step = if expected.len() == 1 { span } else { step };
        self.check_alive(step, index)?;
        if now < until {
            return Ok(Progress::Wait(until));
        }
        let message = format!("No matching message within {}.", duration::print(limit));
        Err(failure(&self.peers[index], step, &message))
    }

    /// Number of expectations of this step that are met.
    fn count(&self, lane: usize) -> usize {
        self.lanes[lane].met.iter().filter(|met| **met).count()
    }

    /// Compares the oldest message of a connection with the open expectations of that connection.
    /// Returns false if there is no message, or none is to be taken yet.
    ///
    /// The latency since the last message sent is kept for `require`, up to [`LATENCIES`] of them.
    /// A message that meets none fails the step with its differences from the first of them, unless
    /// one passes over others.
    fn takes_message(
        &mut self,
        lane: usize,
        index: usize,
        name: Option<&str>,
        expected: &[(Span, Option<String>, Expectation)],
    ) -> Result<bool, Failure> {
        let of_peer =
            || expected.iter().enumerate().filter(|(_, (_, of, _))| of.as_deref() == name);
        let met = &self.lanes[lane].met;
        let Some(at) = self.peers[index].next_message() else { return Ok(false) };
        if of_peer().all(|(which, (.., expectation))| met[which] && !expectation.passes_over) {
            return Ok(false);
        }
        let Some(Arrival::Message(message, arrived)) = self.peers[index].take(at) else {
            return Ok(false);
        };
        let candidate = Candidate::new(&message);
        let mut closest: Option<(&Span, &Matcher, Vec<String>)> = None;
        for (which, (step, _, expectation)) in of_peer() {
            let Pattern::Message(matcher) = &expectation.pattern else { continue };
            if self.lanes[lane].met[which] {
                continue;
            }
            let found = differences(matcher, &candidate, &mut self.values);
            let found = found.map_err(|error| unknown(step, &error))?;
            if found.is_empty() {
                self.lanes[lane].met[which] = true;
                self.keep(step, index, &expectation.captures, &candidate)?;
                if let Some(sent) = self.peers[index].sent_at.take()
                    && !self.plan.requirements().is_empty()
                    && self.latencies.len() < LATENCIES
                {
                    self.latencies.push(arrived.since(sent));
                }
                return Ok(true);
            }
            closest.get_or_insert((step, matcher, found));
        }
        match closest {
            Some((step, matcher, mut found)) if !of_peer().any(|(_, (.., it))| it.passes_over) => {
                if !self.secrets.is_empty() {
                    let message = self.secrets.hide_in_message(&message);
                    let mut values = self.secrets.hide_in_values(&self.values);
                    let message = Candidate::new(&message);
                    found = differences(matcher, &message, &mut values).unwrap_or_default();
                }
                Err(failure(&self.peers[index], step, "The message does not match.").with(found))
            }
            _ => Ok(true),
        }
    }

    /// Sets the variables that a step captures. Fails if the message lacks such a part.
    fn keep(
        &mut self,
        span: &Span,
        index: usize,
        captures: &[Capture],
        message: &Candidate<'_>,
    ) -> Result<(), Failure> {
        for Capture { name, part } in captures {
            let value = captured(part, message).map_err(|sentence| {
                let message = format!("Cannot capture {name}: {sentence}.");
                failure(&self.peers[index], span, &message)
            })?;
            set(&mut self.values, name, value);
        }
        Ok(())
    }
}

/// Sets a variable. One that exists keeps its place.
fn set(values: &mut Values, name: &str, value: String) {
    match values.variables.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => values.variables.push((name.to_owned(), value)),
    }
}

/// End of a sentence: the close code and reason of the peer, with control characters made visible.
fn closed_with(end: Option<&(u16, String)>) -> String {
    match end {
        Some((code, reason)) if reason.is_empty() => format!(" with code {code}"),
        Some((code, reason)) => {
            format!(" with code {code}, \"{}\"", session::visible_line(reason))
        }
        None => " without a Close frame".to_owned(),
    }
}
