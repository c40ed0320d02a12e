//! Actions of a run: those of its steps, and what is sent for them.

use std::borrow::Cow;

use session::{MAX_REASON_BYTES, Message, Time};
use workbench::compose::Values;

use super::{
    MAX_FRAGMENTS, Run,
    event::{ConnectionId, Outgoing, Output},
    lane::{Progress, wait},
    peer::State,
    verdict::{Failure, failure, unknown},
};
use crate::syntax::{Action, Payload, Span, Text};

/// Maximum payload of a control frame (RFC 6455 section 5.5).
const CONTROL_BYTES: usize = 125;

impl Run {
    /// Does a step of a connection: sends, waits, or compares events with an expectation.
    ///
    /// `since` is the time at which the step began. A step that cannot be done yet waits for the
    /// connection to open; one that sends after a Close frame fails.
    pub(super) fn act(
        &mut self,
        span: &Span,
        name: Option<&str>,
        action: &Action,
        since: Time,
        now: Time,
    ) -> Result<Progress, Failure> {
        // Checked by the parser.
        let Some(&index) = self.names.get(name.unwrap_or_default()) else {
            return Err(Failure::new(span, "There is no such connection."));
        };
        match action {
            Action::Expect(expectation) => self.expect(span, index, expectation, since, now),
            Action::Wait(duration) => Ok(wait(since, *duration, now)),
            _ => match self.until_open(span, index, since, now)? {
                Some(waits) => Ok(waits),
                None => self.act_open(span, index, action, since, now),
            },
        }
    }

    /// Does a step of a connection that is open.
    fn act_open(
        &mut self,
        span: &Span,
        index: usize,
        action: &Action,
        since: Time,
        now: Time,
    ) -> Result<Progress, Failure> {
        let peer = &mut self.peers[index];
        match action {
            Action::Silent(_) if peer.next_message().is_some() => {
                return Err(failure(peer, span, "Unexpected message."));
            }
            // A step that waited for the opening began before the silence.
            Action::Silent(duration) => {
                return Ok(wait(since.max(peer.opened_at.unwrap_or_default()), *duration, now));
            }
            // Once, however often a loop comes by.
            Action::Never(matcher) if !peer.never.iter().any(|(known, _)| known == span) => {
                peer.never.push((span.clone(), matcher.clone()));
            }
            Action::Drop => self.end_without_close(index),
            Action::Send(_) | Action::Ping(_) | Action::Pong(_) | Action::Close(..)
                if peer.has_closed =>
            {
                let message = "The connection is closing: a Close frame was already sent.";
                return Err(failure(peer, span, message));
            }
            _ => {
                if let Some(outgoing) = outgoing(span, action, &mut self.values)? {
                    if matches!(outgoing, Outgoing::Message(_) | Outgoing::Fragments(..)) {
                        peer.sent_at = Some(now);
                    }
                    self.send(index, outgoing);
                }
            }
        }
        Ok(Progress::Next)
    }

    /// Sends a frame or message. Messages are kept for the report of a failure.
    pub(super) fn send(&mut self, index: usize, outgoing: Outgoing) {
        let peer = &mut self.peers[index];
        match &outgoing {
            Outgoing::Message(message) | Outgoing::Fragments(message, _)
                if self.plan.0.notes_messages =>
            {
                peer.note(true, message, &self.secrets);
            }
            Outgoing::Close(..) => peer.has_closed = true,
            _ => {}
        }
        self.outputs.push(Output::Send(ConnectionId(index), outgoing));
    }

    /// Ends a connection without a Close frame.
    pub(super) fn end_without_close(&mut self, index: usize) {
        let peer = &mut self.peers[index];
        peer.state = State::Closed(None);
        peer.is_settled = true;
        self.outputs.push(Output::Drop(ConnectionId(index)));
    }
}

/// Frame or message that an action sends, with its variables replaced; `None` if it sends none.
///
/// # Errors
/// An unknown variable, too many fragments, or a text that a control frame has no room for.
pub(super) fn outgoing(
    span: &Span,
    action: &Action,
    values: &mut Values,
) -> Result<Option<Outgoing>, Failure> {
    Ok(Some(match action {
        Action::Send(payload) => message(span, payload, values)?,
        Action::Ping(data) => Outgoing::Ping(fill_control(span, data, values, CONTROL_BYTES)?),
        Action::Pong(data) => Outgoing::Pong(fill_control(span, data, values, CONTROL_BYTES)?),
        Action::Close(code, reason) => {
            Outgoing::Close(*code, fill_control(span, reason, values, MAX_REASON_BYTES)?)
        }
        Action::Drop
        | Action::Expect(_)
        | Action::Wait(_)
        | Action::Silent(_)
        | Action::Never(_) => return Ok(None),
    }))
}

/// Message of a payload, in at most [`MAX_FRAGMENTS`] frames.
fn message(span: &Span, payload: &Payload, values: &mut Values) -> Result<Outgoing, Failure> {
    Ok(match payload {
        Payload::Text(text) => Outgoing::Message(Message::Text(fill(span, text, values)?)),
        Payload::Binary(bytes) => Outgoing::Message(Message::Binary(bytes.clone())),
        Payload::File(path) => Outgoing::File(fill(span, path, values)?, span.clone()),
        Payload::Fragments(bytes, payload) => match message(span, payload, values)? {
            Outgoing::Message(message) if message.len().div_ceil(*bytes) > MAX_FRAGMENTS => {
                let message =
                    format!("The message would have more than {MAX_FRAGMENTS} fragments.");
                return Err(Failure::new(span, message));
            }
            Outgoing::Message(message) => Outgoing::Fragments(message, *bytes),
            other => other,
        },
    })
}

/// Text of a control frame with its variables replaced, of `limit` bytes at most.
fn fill_control(
    span: &Span,
    text: &Text,
    values: &mut Values,
    limit: usize,
) -> Result<String, Failure> {
    let text = fill(span, text, values)?;
    if text.len() > limit {
        let bytes = text.len();
        let message = format!("The frame has room for {limit} bytes, not for {bytes}.");
        return Err(Failure::new(span, message));
    }
    Ok(text)
}

/// Text with its variables replaced.
fn fill(span: &Span, text: &Text, values: &mut Values) -> Result<String, Failure> {
    text.fill(values).map(Cow::into_owned).map_err(|error| unknown(span, &error))
}
