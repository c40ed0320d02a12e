//! Composer: values of variables, and the repetition.

use session::{Message, Time};

use super::{
    command::ComposerCommand,
    log::Log,
    output::{Output, Outputs, Timer},
    report::Report,
    snapshot::Repeating,
};
use crate::compose::{Composed, Draft, Framing, Repeat, Repetition, Values};

/// Message to send, by its origin: that decides the report if it cannot be sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// Composed or repeated from the log.
    Message(Message),
    /// Content of a file, which stays with the view.
    File(Vec<u8>),
    /// Message in other frames, and its draft.
    Framed(Message, Framing, Draft),
}

/// State of the composer.
#[derive(Debug)]
pub(super) struct Composer {
    values: Values,
    repeat: Option<(Composed, Repeat)>,
    /// [`Timer::Repeat`] is set.
    is_scheduled: bool,
}

impl Composer {
    pub(super) fn new(seed: u64) -> Self {
        Self { values: Values::new(seed), repeat: None, is_scheduled: false }
    }

    /// Next value of `{{seq}}`.
    pub(super) fn next_seq(&self) -> u64 {
        self.values.seq
    }

    /// Progress of the current or last repetition.
    pub(super) fn repeating(&self) -> Option<Repeating> {
        let (_, repeat) = self.repeat.as_ref()?;
        Some(Repeating { progress: repeat.progress(), is_over: repeat.is_over() })
    }

    pub(super) fn is_repeating(&self) -> bool {
        self.repeat.as_ref().is_some_and(|(_, repeat)| !repeat.is_over())
    }

    /// Performs a command. Returns the message to send.
    pub(super) fn update(
        &mut self,
        command: ComposerCommand,
        log: &Log,
        now: Time,
        outputs: &mut Outputs,
    ) -> Option<Outgoing> {
        let report = match command {
            ComposerCommand::Send(message) => return Some(Outgoing::Message(message)),
            ComposerCommand::SendFile(Some(bytes)) => return Some(Outgoing::File(bytes)),
            ComposerCommand::SendFile(None) => Some(Report::FileNotSent),
            ComposerCommand::SendAgain(id) => {
                return log.message(id).map(|it| Outgoing::Message(it.payload.to_message()));
            }
            ComposerCommand::SendDraft(draft) => {
                self.values.now = now;
                // A number that a message took is used up, also if it cannot be sent.
                match draft.message(&mut self.values) {
                    Ok(message) => return Some(Outgoing::Message(message)),
                    Err(_) => Some(Report::NotComposed(draft)),
                }
            }
            ComposerCommand::SendFramed(draft, framing) => {
                self.values.now = now;
                // An empty frame is valid in every form.
                let message = if draft.text.is_empty() {
                    Ok(Message::Text(String::new()))
                } else {
                    draft.message(&mut self.values)
                };
                match message.and_then(|it| framing.check(it)) {
                    Ok(message) => return Some(Outgoing::Framed(message, framing, draft)),
                    Err(_) => Some(Report::NotComposed(draft)),
                }
            }
            ComposerCommand::Repeat(draft, repetition) => self.begin(draft, repetition, now),
            ComposerCommand::StopRepeating => {
                self.stop();
                None
            }
            ComposerCommand::SetVariables(variables) => {
                self.values.variables = variables;
                None
            }
        };
        outputs.extend(report.map(Output::Report));
        None
    }

    fn begin(&mut self, draft: Draft, repetition: Repetition, now: Time) -> Option<Report> {
        let Ok(composed) = draft.clone().compose() else {
            return Some(Report::NotComposed(draft));
        };
        self.values.seq = 1;
        self.repeat = Some((composed, Repeat::new(repetition, now)));
        None
    }

    /// `true` if the repetition pauses between messages.
    pub(super) fn has_interval(&self) -> bool {
        self.repeat.as_ref().is_some_and(|(_, repeat)| repeat.has_interval())
    }

    /// Next message of the repetition; `None` if none is due. Stops with a report if it cannot be
    /// filled in.
    pub(super) fn next_message(&mut self, now: Time, outputs: &mut Outputs) -> Option<Message> {
        let (composed, repeat) = self.repeat.as_mut()?;
        if repeat.due(now) == 0 {
            return None;
        }
        self.values.now = now;
        let message = composed.message(&mut self.values).ok();
        if message.is_some() {
            repeat.count(1);
        } else {
            repeat.stop();
            let report = Report::RepetitionStopped(repeat.progress().sent);
            outputs.push_back(Output::Report(report));
        }
        message
    }

    /// Stops the repetition.
    pub(super) fn stop(&mut self) {
        if let Some((_, repeat)) = &mut self.repeat {
            repeat.stop();
        }
    }

    /// Sets the timer of the next message, unless it is set.
    pub(super) fn schedule(&mut self, now: Time, outputs: &mut Outputs) {
        let next = self.repeat.as_ref().and_then(|(_, repeat)| repeat.next_at());
        if let Some(at) = next.filter(|_| !self.is_scheduled) {
            self.is_scheduled = true;
            outputs.push_back(Output::Timer(Timer::Repeat, at.since(now)));
        }
    }

    /// Notes that [`Timer::Repeat`] fired.
    pub(super) fn fired(&mut self) {
        self.is_scheduled = false;
    }
}
