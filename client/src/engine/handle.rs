//! Handle to an engine: sends commands, and publishes reports as signals; snapshots at most once a frame.

use std::{collections::VecDeque, sync::Arc};

use leptos::prelude::*;
use session::{Message, State};
use workbench::{
    compose::{Draft, Form, SentHistory},
    engine::{Command, FileCommand, LogCommand, Purpose, Report, Snapshot, WATCHDOG_INTERVAL},
    exchange::{Format, ImportReport},
    log::{EntryRef, QueryError, Row},
    payload::Inspected,
};

use super::{
    notice::{Notice, Notices},
    worker_link::WorkerLink,
};
use crate::{
    browser::{
        clipboard::copy,
        file::{Blob, chosen_file::ChosenFile, download::download},
        worker::channel::Incoming,
    },
    messages::words::words,
};

/// Time in which the engine of a page that was just left lets its list go, in milliseconds. A new
/// engine waits for as long, then takes a list of its own.
pub(super) const HANDOVER: u32 = 1_000;

/// Handle to an engine, with the signals that show its state. Copies refer to the same engine.
#[derive(Clone, Copy)]
pub struct EngineHandle {
    /// Worker, if one could be started: commands are dropped otherwise.
    pub(super) worker: StoredValue<Option<WorkerLink>, LocalStorage>,
    /// Number of workers that were started in place of a stopped one.
    pub(crate) starts: RwSignal<u32>,
    /// Snapshot as shown, replaced at most once a frame, however fast messages arrive. Views read
    /// parts of it through a memo, so that a frame renders only those that changed.
    pub snapshot: ReadSignal<Arc<Snapshot>>,
    pub(super) set_snapshot: WriteSignal<Arc<Snapshot>>,
    /// State of the connection, as of the last snapshot.
    pub state: Memo<State>,
    /// Address that the connection uses, tries or closes. `None` while idle.
    pub in_use: Memo<Option<String>>,
    /// Error in the query, if any.
    pub query_error: Memo<Option<QueryError>>,
    /// Entry in the detail pane, reported by the engine some time after it was asked for.
    pub(super) inspection: RwSignal<Inspection>,
    /// Inspected message, or its start if it is long.
    pub(crate) inspected: Memo<Option<Arc<Inspected>>>,
    /// Message that the inspected one is compared with.
    pub(crate) compared: Memo<Option<Arc<Inspected>>>,
    /// Inspected event of a connection.
    pub(crate) event: Memo<Option<Row>>,
    /// Unsent messages, oldest first, within `MAX_UNSENT` and `MAX_UNSENT_BYTES` of `outgoing.rs`. They wait for the
    /// user to send or discard them.
    pub unsent: RwSignal<VecDeque<Message>>,
    /// Draft in the composer. Any part may write it; the engine gets it when it is sent only, and may send it back.
    pub draft: RwSignal<Draft>,
    /// Sent drafts, and the one that was being written when they were recalled.
    pub(super) history: StoredValue<SentHistory>,
    /// File in the composer.
    pub(crate) file: RwSignal<Option<ChosenFile>, LocalStorage>,
    /// File passed to the engine, until it is sent or back in the composer.
    pub(crate) file_sent: RwSignal<Option<ChosenFile>, LocalStorage>,
    /// Name of the persisted list. Changes if another engine owns it, and for a fresh list.
    pub(crate) list: RwSignal<String>,
    /// Notices, at most three.
    pub(crate) notices: RwSignal<Notices>,
    /// Part of the name of the next exported file: what it is of.
    pub(crate) export_name: StoredValue<String>,
    /// Name of the file that is being imported, and the receiver of the result.
    pub(super) on_import: StoredValue<Option<(String, Callback<ImportReport>)>>,
    /// Receiver of the address of each connection that opens.
    pub(crate) on_opened: StoredValue<Option<OnOpened>>,
}

/// Receiver of an address. No `Callback`, which would end with the view that sets it.
type OnOpened = Box<dyn Fn(&str) + Send + Sync>;

/// Entries that are inspected.
#[derive(Default)]
pub(super) struct Inspection {
    /// True while an entry is asked for: a report that comes after the pane was closed is dropped.
    is_open: bool,
    /// True while a message to compare with is asked for.
    is_comparing: bool,
    /// Message in the pane, with its payload or the start of a long one.
    message: Option<Arc<Inspected>>,
    /// Message that the inspected one is compared with.
    compared: Option<Arc<Inspected>>,
    /// Event, in place of a message.
    event: Option<Row>,
}

impl EngineHandle {
    /// Starts an engine in a worker; it persists `list` in this browser. In a page that was not built by
    /// trunk, as in tests, the engine runs in the page and persists nothing.
    #[must_use]
    pub fn new(list: String) -> Self {
        let (snapshot, set_snapshot) = signal(Arc::new(Snapshot::default()));
        let inspection = RwSignal::new(Inspection::default());
        let handle = Self {
            worker: StoredValue::new_local(None),
            starts: RwSignal::new(0),
            snapshot,
            set_snapshot,
            state: part(snapshot, |it| it.connection.state.clone()),
            in_use: part(snapshot, |it| it.connection.in_use.clone()),
            query_error: part(snapshot, |it| it.query_error.clone()),
            inspection,
            inspected: part(inspection.read_only(), |it| it.message.clone()),
            compared: part(inspection.read_only(), |it| it.compared.clone()),
            event: part(inspection.read_only(), |it| it.event.clone()),
            unsent: RwSignal::default(),
            draft: RwSignal::new(Draft::default()),
            history: StoredValue::default(),
            file: RwSignal::new_local(None),
            file_sent: RwSignal::new_local(None),
            list: RwSignal::new(list),
            notices: RwSignal::default(),
            export_name: StoredValue::default(),
            on_import: StoredValue::new(None),
            on_opened: StoredValue::default(),
        };
        handle.start(HANDOVER);
        if let Ok(ticking) = set_interval_with_handle(move || handle.watch(), WATCHDOG_INTERVAL) {
            on_cleanup(move || ticking.clear());
        }
        handle
    }

    /// Sends a command to each worker, and again when a signal that it reads changes. Makes an
    /// effect, so that `command` may read signals: the engine always has their present values.
    pub fn configure<C: Into<Command>>(&self, command: impl Fn() -> C + 'static) {
        self.configure_boxed(Box::new(move || command().into()));
    }

    /// Boxed part of [`Self::configure`], compiled once.
    fn configure_boxed(&self, command: Box<dyn Fn() -> Command>) {
        let handle = *self;
        Effect::new(move || {
            handle.starts.track();
            handle.command(command());
        });
    }

    /// Memo over a part of the snapshot.
    pub(crate) fn part<T: PartialEq + Send + Sync + 'static>(
        &self,
        of: fn(&Arc<Snapshot>) -> T,
    ) -> Memo<T> {
        part(self.snapshot, of)
    }

    /// Imports a file: appends its entries to the log. `on_end` receives the result. One import at
    /// a time: the callback of one that has not ended is replaced.
    pub fn import(&self, name: String, file: &Blob, on_end: Callback<ImportReport>) {
        self.on_import.set_value(Some((name.clone(), on_end)));
        self.file_command(&FileCommand::Import(name), file);
    }

    /// Inspects an entry, or none. Inspecting nothing closes the pane at once; an entry appears
    /// when the engine has reported it.
    pub fn inspect(&self, pick: Option<EntryRef>) {
        self.inspection.update(|it| match pick {
            Some(_) => it.is_open = true,
            None => *it = Inspection::default(),
        });
        self.command(LogCommand::Inspect(pick));
    }

    /// Compares an entry with the inspected one; `None` ends the comparison. The comparison needs
    /// the other payload, which the engine reports.
    pub fn compare(&self, id: Option<u64>) {
        self.inspection.update(|it| (it.is_comparing, it.compared) = (id.is_some(), None));
        if let Some(id) = id {
            self.command(LogCommand::Fetch(id, Purpose::Compare));
        }
    }

    /// Sends a command to the engine. Dropped if there is no worker, or the tab is closed.
    pub fn command(&self, command: impl Into<Command>) {
        let command = command.into();
        self.with_worker(|worker| worker.channel.send(&command));
    }

    /// Sends a command about a file with a reference to it: the worker reads the content.
    pub(super) fn file_command(&self, command: &FileCommand, file: &Blob) {
        self.with_worker(|worker| worker.channel.send_file(command, file));
    }

    /// Calls `act` with the worker, if there is one. It must not call this again.
    pub(super) fn with_worker<T>(&self, act: impl FnOnce(&mut WorkerLink) -> T) -> Option<T> {
        self.worker.try_update_value(|worker| worker.as_mut().map(act)).flatten()
    }

    /// Handles a message of the engine. After the tab is closed there are no signals left to
    /// update. An answer to a ping tells the worker's memory in bytes, and ends its being stuck.
    pub(super) fn receive(&self, incoming: Incoming<Report, (Format, u64)>) {
        match incoming {
            Incoming::Message(report) => self.report(report),
            Incoming::File((format, entries), file) => {
                let Some(of) = self.export_name.try_get_value() else { return };
                let name = download(&file, &of, format.extension());
                self.notify(Notice::Exported(name, entries));
            }
            Incoming::Answer(memory) => {
                self.with_worker(|worker| worker.answered(memory));
                self.unstick();
            }
            Incoming::Failure(words) => self.fail(words),
        }
    }

    /// Removes the notice of a worker that does not answer.
    pub(super) fn unstick(&self) {
        if self.notices.try_with_untracked(|it| it.has(&Notice::Stuck)) == Some(true) {
            self.notices.update(|notices| notices.remove_if(|it| *it == Notice::Stuck));
        }
    }

    /// Performs a report. Snapshots are collected for the next frame; all other reports take effect at once.
    fn report(&self, report: Report) {
        match report {
            Report::Snapshot(snapshot) => {
                let handle = *self;
                let is_first = self.with_worker(|worker| worker.next.replace(*snapshot).is_none());
                if is_first == Some(true) {
                    request_animation_frame(move || handle.show());
                }
            }
            Report::Fetched(message, purpose) => self.fetched(message, purpose),
            Report::Event(row, Purpose::Copy) => self.copy(&words().list.event(&row.shows)),
            Report::Event(row, _) => self.show_inspected(None, Some(*row)),
            Report::NotSent(unsent) => self.keep(unsent),
            Report::Opened(address) => {
                self.on_opened.try_with_value(|it| it.as_ref().map(|it| it(&address)));
            }
            Report::DraftSent(draft) => self.put_away(draft),
            Report::FileSent => {
                self.file_sent.try_set(None);
            }
            Report::KeptAs(list) => {
                self.list.try_set(list);
            }
            Report::Emptied => self.renew(),
            Report::Warning(warning) => self.notify(Notice::Engine(warning)),
            Report::Imported(imported) => {
                if let Some((_, on_end)) = self.on_import.try_update_value(Option::take).flatten() {
                    on_end.run(*imported);
                }
            }
        }
    }

    /// Publishes the newest snapshot, in an animation frame, and gives the engine the credit for
    /// another: a page in the background draws no frames, and gets no snapshots.
    fn show(&self) {
        if let Some(Some(snapshot)) = self.with_worker(|worker| worker.next.take()) {
            // There is no connection left to stop.
            if matches!(snapshot.connection.state, State::Idle(_)) {
                self.unstick();
            }
            self.set_snapshot.try_set(Arc::new(snapshot));
            self.command(Command::Shown);
        }
    }

    /// Shows the inspected entry, unless the pane was closed meanwhile.
    fn show_inspected(&self, message: Option<Arc<Inspected>>, event: Option<Row>) {
        self.inspection.try_update(|it| {
            if it.is_open {
                (it.message, it.event) = (message, event);
            }
        });
    }

    /// Performs the purpose for which a payload was fetched. A message that was cut off cannot be
    /// edited: resending its start would alter it.
    fn fetched(&self, fetched: Inspected, purpose: Purpose) {
        match purpose {
            Purpose::Inspect => self.show_inspected(Some(Arc::new(fetched)), None),
            Purpose::Compare => {
                let compared = Some(Arc::new(fetched));
                self.inspection.try_update(|it| it.compared = compared.filter(|_| it.is_comparing));
            }
            Purpose::Copy if fetched.is_whole() => self.copy(&fetched.as_text()),
            Purpose::Copy => self.copy_as(&fetched.as_text(), Notice::CopiedStart),
            Purpose::Edit if fetched.is_whole() => {
                let form = self.draft.try_with_untracked(|draft| draft.form).unwrap_or_default();
                let draft = Draft::of(fetched.payload(), form);
                // Not every text is JSON.
                let is_right = draft.check().is_ok();
                self.put_draft(if is_right { draft } else { Draft { form: Form::Text, ..draft } });
            }
            Purpose::Edit => self.notify(Notice::TooLargeToEdit),
        }
    }

    /// Copies text to the clipboard. A notice tells the result.
    pub fn copy(&self, text: &str) {
        self.copy_as(text, Notice::Copied);
    }

    /// Copies text to the clipboard; `notice` tells of success. A failure has a notice of its own.
    pub(crate) fn copy_as(&self, text: &str, notice: Notice) {
        let handle = *self;
        copy(text, move |is_done| handle.notify(if is_done { notice } else { Notice::NotCopied }));
    }

    /// Shows a notice, unless the tab is closed.
    pub(crate) fn notify(&self, notice: Notice) {
        self.notices.try_update(|notices| notices.add(notice));
    }
}

/// Memo over a part of a signal, so that a change that leaves it alone renders nothing. `of` is a
/// pointer: one memo is compiled for each type, not for each part.
fn part<W, T>(whole: ReadSignal<W>, of: fn(&W) -> T) -> Memo<T>
where
    W: Send + Sync + 'static,
    T: PartialEq + Send + Sync + 'static,
{
    Memo::new(move |_| whole.with(of))
}
