//! Persistence: restores the log at the start, and writes its changes to the store.

use std::time::Duration;

use session::Time;

use super::{
    input::{Input, StoreInput},
    log::Log,
    output::{Output, Outputs, StoreOutput, Timer},
    report::{Report, Warning},
};
use crate::log::{Imported, Item, LogEvent, Origin, PersistedChunks};

/// Time limit for reading the store, after which the engine starts without it.
const RESTORE_TIMEOUT: Duration = Duration::from_secs(3);

/// Delay of a write after a change: rare in a flood, and soon enough for a page that is reloaded.
const PERSIST_DELAY: Duration = Duration::from_millis(300);

/// State of the store.
#[derive(Debug, Default, PartialEq)]
enum State {
    /// There is none, or it failed.
    #[default]
    Off,
    /// It is being read. Commands wait.
    Restoring,
    /// The last change is written.
    Idle,
    /// A change is to be written when [`Timer::Persist`] fires.
    Scheduled,
    /// A change is being written.
    Writing,
}

/// State of persistence.
#[derive(Debug, Default)]
pub(super) struct Persistence {
    /// Account of the stored chunks.
    persisted: PersistedChunks,
    state: State,
    /// True if the next write is to follow the present one at once.
    is_due: bool,
    /// [`Timer::Persist`] is set.
    is_timed: bool,
    /// Inputs that wait until the log is restored.
    held: Vec<Input>,
}

impl Persistence {
    /// True until the stored list is read: inputs of the view are to be [held](Self::hold).
    pub(super) fn is_restoring(&self) -> bool {
        self.state == State::Restoring
    }

    /// Holds an input back until the log is restored.
    pub(super) fn hold(&mut self, input: Input) {
        self.held.push(input);
    }

    /// Handles an event of the store. Returns the inputs that waited for it.
    pub(super) fn store(
        &mut self,
        input: StoreInput,
        log: &mut Log,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Input> {
        match input {
            StoreInput::Opened(new_list) => {
                self.state = State::Restoring;
                outputs.extend(new_list.map(|list| Output::Report(Report::KeptAs(list))));
                outputs.push_back(Output::Store(StoreOutput::Read));
                outputs.push_back(Output::Timer(Timer::Restore, RESTORE_TIMEOUT));
                Vec::new()
            }
            // Too late is too late: the rows that came meanwhile have their numbers.
            StoreInput::Restored(chunks) if self.is_restoring() => {
                self.state = State::Idle;
                self.restore(&chunks, log, now, outputs);
                std::mem::take(&mut self.held)
            }
            StoreInput::Written if self.state == State::Writing => {
                // Something may have come meanwhile.
                if std::mem::take(&mut self.is_due) {
                    self.state = State::Scheduled;
                    self.write(log, outputs);
                } else {
                    self.state = State::Idle;
                    self.schedule(outputs);
                }
                Vec::new()
            }
            StoreInput::Absent | StoreInput::Restored(_) | StoreInput::Written => Vec::new(),
            StoreInput::Failed => self.fail(outputs),
        }
    }

    /// Gives up on a store that was not read in time. Returns the inputs that waited for it.
    pub(super) fn time_out(&mut self, outputs: &mut Outputs) -> Vec<Input> {
        if self.is_restoring() { self.fail(outputs) } else { Vec::new() }
    }

    /// Turns persistence off after an error, once reported. Returns the inputs that waited for it.
    fn fail(&mut self, outputs: &mut Outputs) -> Vec<Input> {
        if self.state != State::Off {
            self.state = State::Off;
            outputs.push_back(Output::Report(Report::Warning(Warning::NotPersisted)));
        }
        std::mem::take(&mut self.held)
    }

    /// Restores the stored list, ahead of entries of this start.
    fn restore(
        &mut self,
        chunks: &[(u32, Vec<u8>)],
        log: &mut Log,
        now: Time,
        outputs: &mut Outputs,
    ) {
        let entries = self.persisted.restore(chunks);
        let count = entries.len() as u64;
        // A list that was left without new entries ends with a divider already.
        let has_divider =
            matches!(entries.last(), None | Some((_, Item::Event(LogEvent::Imported(_)), _)));
        log.restore(entries, outputs);
        if !has_divider {
            let divider = Imported { entries: count, from: Origin::LastVisit };
            log.push(now, Item::Event(LogEvent::Imported(divider)), None, outputs);
        }
        self.schedule(outputs);
    }

    /// Sets the timer of the next write, unless a write is due or under way.
    pub(super) fn schedule(&mut self, outputs: &mut Outputs) {
        if self.state == State::Idle {
            self.state = State::Scheduled;
            // One that is left over from a write without it comes sooner.
            if !std::mem::replace(&mut self.is_timed, true) {
                outputs.push_back(Output::Timer(Timer::Persist, PERSIST_DELAY));
            }
        }
    }

    /// Writes the changes since the last write: at once, or after the one under way.
    pub(super) fn persist(&mut self, log: &Log, outputs: &mut Outputs) {
        self.is_due = self.state == State::Writing;
        self.write(log, outputs);
    }

    /// Handles [`Timer::Persist`].
    pub(super) fn fired(&mut self, log: &Log, outputs: &mut Outputs) {
        self.is_timed = false;
        self.write(log, outputs);
    }

    fn write(&mut self, log: &Log, outputs: &mut Outputs) {
        if self.state != State::Scheduled {
            return;
        }
        match log.persist(&mut self.persisted) {
            Some(change) => {
                self.state = State::Writing;
                outputs.push_back(Output::Store(StoreOutput::Change(change)));
            }
            None => self.state = State::Idle,
        }
    }
}
