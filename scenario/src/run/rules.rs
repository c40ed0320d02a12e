//! Rules of a connection: messages that `never`, `ignore` and `on` take before any step.

use std::sync::Arc;

use session::Message;

use super::{
    Run,
    acting::outgoing,
    event::Output,
    matching::{Candidate, differences},
    verdict::{Failure, failure, unknown},
};
use crate::syntax::{Action, ConnectOption, Matcher, Side, Span};

impl Run {
    /// Applies `never`, `ignore` and `on`, in this order. Returns true if the message is not for a
    /// step.
    pub(super) fn is_taken_by_rule(
        &mut self,
        index: usize,
        message: &Message,
    ) -> Result<bool, Failure> {
        let Self { peers, values, .. } = self;
        let peer = &peers[index];
        let message = Candidate::new(message);
        let mut matches = |span: &Span, matcher: &Matcher| {
            let differences = differences(matcher, &message, values);
            differences.map(|it| it.is_empty()).map_err(|error| unknown(span, &error))
        };
        for (span, matcher) in &peer.never {
            if matches(span, matcher)? {
                let message = "A forbidden message arrived (never).";
                return Err(failure(peer, span, message));
            }
        }
        for (span, option) in &*peer.options {
            if let ConnectOption::Ignore(matcher) = option
                && matches(span, matcher)?
            {
                return Ok(true);
            }
        }
        let mut rules = peer.options.iter();
        let rule = loop {
            match rules.next() {
                None => return Ok(false),
                Some((span, ConnectOption::On(wanted, _))) if matches(span, wanted)? => {
                    break peer.options.len() - rules.len() - 1;
                }
                Some(_) => {}
            }
        };
        let options = Arc::clone(&peer.options);
        if let (span, ConnectOption::On(_, action)) = &options[rule] {
            self.answer(index, span, action)?;
        }
        Ok(true)
    }

    /// Answers by a rule. After a Close frame, nothing is sent. Answers of a mock that end the
    /// connection end its conversation.
    fn answer(&mut self, index: usize, span: &Span, action: &Action) -> Result<(), Failure> {
        if self.peers[index].has_closed {
            return Ok(());
        }
        if let Some(outgoing) = outgoing(span, action, &mut self.values)? {
            self.send(index, outgoing);
        } else {
            self.end_without_close(index);
            self.peers[index].has_closed = true;
        }
        self.outputs.push(Output::Passed(span.clone(), None));
        if self.peers[index].has_closed && self.plan.0.side == Side::Server {
            self.skip_to_end();
        }
        Ok(())
    }
}
