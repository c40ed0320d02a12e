//! Composer: values of variables, and the repetition.

use std::time::Duration;

use session::{Message, Time};

use super::{
    command::ComposerCommand,
    log::Log,
    output::{Output, Outputs, Timer},
    report::{NotSent, Report, Warning},
    snapshot::Repeating,
};
use crate::compose::{Composed, Draft, Framing, Repeat, Repetition, Values};

/// Longest time of a timer; a later message takes several. Browsers fire at once beyond 2^31 ms.
const MAX_TIMER: Duration = Duration::from_hours(1);

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
    repeat: Option<Repeated>,
    /// Number of the repetition, for its timers.
    number: u32,
    /// [`Timer::Repeat`] of this number is set.
    is_scheduled: bool,
    /// Draft that waits for the connection to open, with its frames.
    waiting: Option<(Draft, Option<Framing>)>,
}

/// Repetition with its message.
#[derive(Debug)]
struct Repeated {
    composed: Composed,
    framing: Option<Framing>,
    repeat: Repeat,
}

impl Composer {
    pub(super) fn new(seed: u64) -> Self {
        let values = Values::new(seed);
        Self { values, repeat: None, number: 0, is_scheduled: false, waiting: None }
    }

    /// Next value of `{{seq}}`.
    pub(super) fn next_seq(&self) -> u64 {
        self.values.seq
    }

    /// Progress of the current or last repetition.
    pub(super) fn repeating(&self) -> Option<Repeating> {
        let Repeated { repeat, .. } = self.repeat.as_ref()?;
        Some(Repeating { progress: repeat.progress(), is_over: repeat.is_over() })
    }

    pub(super) fn is_repeating(&self) -> bool {
        self.repeat.as_ref().is_some_and(|it| !it.repeat.is_over())
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
            ComposerCommand::SendAgain(id) => {
                return log.message(id).map(|it| Outgoing::Message(it.payload.to_message()));
            }
            ComposerCommand::SendDraft(draft) => {
                self.values.now = now;
                // A number that a message took is used up, also if it cannot be sent.
                match draft.message(&mut self.values) {
                    Ok(message) => return Some(Outgoing::Message(message)),
                    Err(_) => Some(Report::NotSent(NotSent::Draft(draft))),
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
                match message.and_then(|it| Framing::checked(Some(framing), it)) {
                    Ok(message) => return Some(Outgoing::Framed(message, framing, draft)),
                    Err(_) => Some(Report::NotSent(NotSent::Draft(draft))),
                }
            }
            ComposerCommand::SendOnceOpen(draft, framing) => {
                self.waiting = Some((draft, framing));
                None
            }
            ComposerCommand::Repeat(draft, framing, repetition) => {
                self.begin(draft, framing, repetition, now)
            }
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

    /// Takes the draft that waits for the connection to open, with its frames.
    pub(super) fn take_waiting(&mut self) -> Option<(Draft, Option<Framing>)> {
        self.waiting.take()
    }

    fn begin(
        &mut self,
        draft: Draft,
        framing: Option<Framing>,
        repetition: Repetition,
        now: Time,
    ) -> Option<Report> {
        // An empty frame is valid in every form.
        let is_empty = draft.text.is_empty() && framing.is_some();
        let sent = if is_empty { Draft::default() } else { draft.clone() };
        let composed = sent.compose().ok().filter(|_| framing.is_none_or(Framing::can_repeat));
        let Some(composed) = composed else { return Some(Report::NotSent(NotSent::Draft(draft))) };
        // The timer of an earlier one may be far off.
        self.number = self.number.wrapping_add(1);
        self.is_scheduled = false;
        self.repeat = Some(Repeated { composed, framing, repeat: Repeat::new(repetition, now) });
        None
    }

    /// True if the repetition pauses between messages.
    pub(super) fn has_interval(&self) -> bool {
        self.repeat.as_ref().is_some_and(|it| it.repeat.has_interval())
    }

    /// Frames of the repetition, if they are others than one of a message.
    pub(super) fn repeated_framing(&self) -> Option<Framing> {
        self.repeat.as_ref().and_then(|it| it.framing)
    }

    /// Next message of the repetition; `None` if none is due. Stops with a report if it cannot be
    /// filled in.
    pub(super) fn next_message(&mut self, now: Time, outputs: &mut Outputs) -> Option<Message> {
        let Repeated { composed, framing, repeat } = self.repeat.as_mut()?;
        if repeat.due(now) == 0 {
            return None;
        }
        self.values.now = now;
        let message = composed.message(&mut self.values);
        let message = message.and_then(|it| Framing::checked(*framing, it)).ok();
        if message.is_some() {
            repeat.count(1);
        } else {
            repeat.stop();
            let warning = Warning::RepetitionStopped(repeat.progress().sent);
            outputs.push_back(Output::Report(Report::Warning(warning)));
        }
        message
    }

    /// Stops the repetition.
    pub(super) fn stop(&mut self) {
        if let Some(repeated) = &mut self.repeat {
            repeated.repeat.stop();
        }
    }

    /// Sets the timer of the next message, unless it is set.
    pub(super) fn schedule(&mut self, now: Time, outputs: &mut Outputs) {
        let next = self.repeat.as_ref().and_then(|it| it.repeat.next_at());
        if let Some(at) = next.filter(|_| !self.is_scheduled) {
            self.is_scheduled = true;
            let after = at.since(now).min(MAX_TIMER);
            outputs.push_back(Output::Timer(Timer::Repeat(self.number), after));
        }
    }

    /// Notes that [`Timer::Repeat`] fired: of this repetition, or of an earlier one.
    pub(super) fn fired(&mut self, number: u32) {
        self.is_scheduled &= number != self.number;
    }
}
