//! Handle to an engine: sends commands, and publishes reports as signals, at most once a frame.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use leptos::prelude::*;
use session::{Close, Message, State, Time};
use workbench::{
    compose::{Draft, Form, Framing, SentHistory},
    connect::FilledTarget,
    engine::{
        Command, ComposerCommand, ConnectionCommand, ExchangeCommand, LogCommand, NotSent, Purpose,
        Report, Snapshot, Tick, WATCHDOG_INTERVAL, Watchdog,
    },
    exchange::ImportReport,
    log::{EntryRef, QueryError, Row},
    payload::Inspected,
};

use super::{
    notice::{Notice, Notices},
    worker::serve,
};
use crate::{
    browser::{
        archive::{new_list, remove_list},
        clipboard::copy,
        clock::now,
        file::{Blob, download::download, picked::Picked},
        worker::{
            channel::{Channel, Incoming, ports},
            thread::WorkerThread,
        },
    },
    messages::words::words,
};

/// Time in which the engine of a page that was just left lets its list go, in milliseconds. A new
/// engine waits for as long, then takes a list of its own.
const HANDOVER: u32 = 1_000;

/// The same for a worker that was terminated, in milliseconds. Chromium ends one that is busy after 2 s.
const TERMINATION: u32 = 10_000;

/// Bytes of a worker's memory that are worth a new one. An idle worker has some 3 MB. WebAssembly
/// memory grows and never shrinks (see [`EngineHandle::forget`]).
const SPENT: f64 = 32e6;

/// Time after a failure of the engine within which another one ends it for good.
const RECOVERY: Duration = Duration::from_mins(1);

/// Unsent messages to keep, at most. Kept in the page, so that they outlive a worker that is
/// stopped.
const UNSENT: usize = 1_000;

/// Handle to an engine, with the signals that show its state. Copies refer to the same engine.
#[derive(Clone, Copy)]
pub struct EngineHandle {
    /// Worker, if one could be started: commands are dropped otherwise.
    worker: StoredValue<Option<Worker>, LocalStorage>,
    /// Number of workers that were started in place of a stopped one.
    starts: RwSignal<u32>,
    /// Snapshot as shown, replaced at most once a frame.
    snapshot: RwSignal<Arc<Snapshot>>,
    /// State of the connection: a part of the snapshot that changes seldom.
    state: Memo<State>,
    /// Address in use, part of the snapshot.
    in_use: Memo<Option<String>>,
    /// Entry in the detail pane, reported by the engine some time after it was asked for.
    inspection: RwSignal<Inspection>,
    /// Unsent messages, at most [`UNSENT`], oldest first.
    unsent: RwSignal<VecDeque<Message>>,
    /// Draft in the composer; also replaced by drafts that the engine sends back.
    draft: RwSignal<Draft>,
    /// Sent drafts, and the one that was being written when they were recalled.
    history: StoredValue<SentHistory>,
    /// File to be sent.
    file: RwSignal<Option<Picked>, LocalStorage>,
    /// File passed to the engine last, for the case that it cannot be sent.
    file_sent: StoredValue<Option<Picked>, LocalStorage>,
    /// Name of the persisted list. Changes if another engine owns it, and for a fresh list.
    list: RwSignal<String>,
    /// Notices, at most three.
    notices: RwSignal<Notices>,
    /// Receives the result of the import.
    on_import: StoredValue<Option<Callback<ImportReport>>>,
}

/// Entries that are inspected.
#[derive(Default)]
struct Inspection {
    /// Message in the pane, with its payload or the start of a long one.
    message: Option<Arc<Inspected>>,
    /// Message that the inspected one is compared with.
    compared: Option<Arc<Inspected>>,
    /// Event, in place of a message.
    event: Option<Row>,
}

/// Worker of the engine, and the channel to it. Dropping it ends the thread, and with it the engine
/// and its socket.
struct Worker {
    channel: Channel,
    /// Terminated with the handle. `None` for an engine that runs in the page, as in tests.
    _thread: Option<WorkerThread>,
    /// Snapshot for the next frame. One that was not shown yet is replaced: a frame shows the
    /// newest only.
    next: Option<Snapshot>,
    /// Watchdog, pinged once an interval.
    watchdog: Watchdog,
    /// Is to discard the cleared rows, once its memory is known.
    forgets: bool,
    /// Has answered: its script is loaded.
    has_answered: bool,
    /// Holds more than [`SPENT`], as of the last answer.
    is_spent: bool,
    /// Time at which the worker before failed; `None` if it did not.
    failed_at: Option<Time>,
}

impl EngineHandle {
    /// Starts an engine in a worker; it persists `list` in this browser. In a page that was not built by
    /// trunk, as in tests, the engine runs in the page and persists nothing.
    #[must_use]
    pub fn new(list: String) -> Self {
        let snapshot = RwSignal::new(Arc::new(Snapshot::default()));
        let handle = Self {
            worker: StoredValue::new_local(None),
            starts: RwSignal::new(0),
            snapshot,
            state: snapshot_part(snapshot.into(), |it| it.state.clone()),
            in_use: snapshot_part(snapshot.into(), |it| it.in_use.clone()),
            inspection: RwSignal::default(),
            unsent: RwSignal::default(),
            draft: RwSignal::new(Draft::default()),
            history: StoredValue::default(),
            file: RwSignal::new_local(None),
            file_sent: StoredValue::new_local(None),
            list: RwSignal::new(list),
            notices: RwSignal::default(),
            on_import: StoredValue::new(None),
        };
        handle.start(HANDOVER);
        if let Ok(ticking) = set_interval_with_handle(move || handle.watch(), WATCHDOG_INTERVAL) {
            on_cleanup(move || ticking.clear());
        }
        handle
    }

    /// Starts a worker, in place of the present one. Waits for the list for `patience`
    /// milliseconds, if the worker before still holds it. Commands of [`Self::configure`] follow by
    /// their effects.
    fn start(&self, patience: u32) {
        let handle = *self;
        handle.worker.set_value(None);
        let fails = move |words| handle.receive(Incoming::Failure(words));
        let thread = handle.list.with_untracked(|list| WorkerThread::start(list, patience, fails));
        let port = thread.as_ref().map(WorkerThread::port).or_else(|| {
            let (here, there) = ports()?;
            serve(there, None);
            Some(here)
        });
        if let Some(here) = port {
            let channel = Channel::open(here, move |incoming| handle.receive(incoming));
            let worker = Worker {
                channel,
                _thread: thread,
                next: None,
                watchdog: Watchdog::default(),
                forgets: false,
                has_answered: false,
                is_spent: false,
                failed_at: None,
            };
            handle.worker.set_value(Some(worker));
            // Before any command: one may bring so many messages that the worker answers no more.
            handle.watch();
        }
    }

    /// Terminates a worker that does not answer, and with it the connection. A new one goes on with the
    /// tab's settings; messages of the list may be missing.
    pub(crate) fn stop(&self) {
        self.restart(TERMINATION);
        self.notices.update(|notices| notices.retract(|it| *it == Notice::Stuck));
        self.notify(Notice::Stopped);
    }

    /// Starts another worker with the state of a new engine: no rows, nothing inspected. Counts the
    /// start, at which every configuration is sent again.
    fn restart(&self, patience: u32) {
        self.start(patience);
        self.snapshot.set(Arc::default());
        self.inspection.set(Inspection::default());
        self.starts.update(|starts| *starts += 1);
    }

    /// Replaces a worker that failed, since nothing in it works any more. One that cannot be loaded, or fails
    /// again at once, is given up.
    fn fail(&self, words: String) {
        let has_recovered = |worker: &Option<Worker>| {
            worker.as_ref().is_some_and(|it| {
                it.has_answered && it.failed_at.is_none_or(|at| now().since(at) > RECOVERY)
            })
        };
        if self.worker.try_with_value(has_recovered) == Some(true) {
            self.restart(TERMINATION);
            self.worker.update_value(|worker| {
                if let Some(worker) = worker {
                    worker.failed_at = Some(now());
                }
            });
            self.notify(Notice::Restarted(words));
        } else {
            self.worker.set_value(None);
            self.snapshot.set(Arc::default());
            self.inspection.set(Inspection::default());
            let is_over = |it: &Notice| matches!(it, Notice::Stuck | Notice::Restarted(_));
            self.notices.update(|notices| notices.retract(is_over));
            self.notify(Notice::Broken(words));
        }
    }

    /// Discards the cleared rows. WebAssembly gives no memory back: an idle worker with nothing
    /// else is replaced by another, with a list of its own, if it holds too much.
    ///
    /// Asynchronous: the worker's answer to a ping tells its memory, and the engine then tells if it has
    /// nothing else: the snapshot of a hidden page is old.
    pub(crate) fn forget(&self) {
        self.worker.update_value(|worker| {
            if let Some(worker) = worker {
                worker.forgets = true;
                worker.channel.ping();
            }
        });
    }

    /// Replaces a worker that has nothing else, if it holds too much memory.
    fn renew(&self) {
        let is_spent =
            self.worker.try_with_value(|worker| worker.as_ref().is_some_and(|it| it.is_spent));
        if is_spent == Some(true) {
            remove_list(self.list.get_untracked());
            self.list.set(new_list());
            self.restart(HANDOVER);
        }
    }

    /// Watches the worker, once an interval of the watchdog: sends the ping that is due, or shows
    /// that it is stuck.
    fn watch(&self) {
        let tick = self.worker.try_update_value(|worker| {
            let worker = worker.as_mut()?;
            let tick = worker.watchdog.tick();
            if tick == Tick::Ping {
                worker.channel.ping();
            }
            Some(tick)
        });
        if tick == Some(Some(Tick::Stuck)) {
            self.notify(Notice::Stuck);
        }
    }

    /// Number of workers that were started in place of a stopped one.
    #[must_use]
    pub fn starts(&self) -> Signal<u32> {
        self.starts.into()
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

    /// Snapshot of the engine. Changes at most once a frame, however fast messages arrive. Views
    /// read parts of it through a memo, so that a frame renders only those that changed.
    #[must_use]
    pub fn snapshot(&self) -> Signal<Arc<Snapshot>> {
        self.snapshot.into()
    }

    /// Memo over a part of the snapshot.
    pub(crate) fn part<T: PartialEq + Send + Sync + 'static>(
        &self,
        part: fn(&Snapshot) -> T,
    ) -> Memo<T> {
        snapshot_part(self.snapshot.into(), part)
    }

    /// State of the session, as of the last snapshot.
    #[must_use]
    pub fn state(&self) -> Memo<State> {
        self.state
    }

    /// Address that the connection uses, tries or closes. `None` while idle.
    #[must_use]
    pub fn in_use(&self) -> Memo<Option<String>> {
        self.in_use
    }

    /// Inspected message, or its start if it is long.
    #[must_use]
    pub fn inspected(&self) -> Signal<Option<Arc<Inspected>>> {
        self.inspected_part(|it| it.message.clone())
    }

    /// Inspected event of a connection.
    #[must_use]
    pub fn event(&self) -> Signal<Option<Row>> {
        self.inspected_part(|it| it.event.clone())
    }

    /// Memo over a part of the inspection, so that replacing it with an equal one renders nothing.
    fn inspected_part<T: Clone + PartialEq + Send + Sync + 'static>(
        &self,
        part: fn(&Inspection) -> T,
    ) -> Signal<T> {
        let inspection = self.inspection;
        Memo::new(move |_| inspection.with(part)).into()
    }

    /// Message that the inspected one is compared with.
    #[must_use]
    pub fn compared(&self) -> Signal<Option<Arc<Inspected>>> {
        self.inspected_part(|it| it.compared.clone())
    }

    /// Error in the query, if any.
    #[must_use]
    pub fn query_error(&self) -> Signal<Option<QueryError>> {
        let snapshot = self.snapshot;
        Signal::derive(move || snapshot.with(|snapshot| snapshot.query_error.clone()))
    }

    /// Number of unsent messages. At most 1,000; they wait for the user to send or discard them.
    #[must_use]
    pub fn unsent(&self) -> Signal<usize> {
        let unsent = self.unsent;
        Signal::derive(move || unsent.with(VecDeque::len))
    }

    /// Draft in the composer. Any part may write it; the engine gets it when it is sent only.
    #[must_use]
    pub fn draft(&self) -> RwSignal<Draft> {
        self.draft
    }

    /// File in the composer.
    #[must_use]
    pub fn file(&self) -> RwSignal<Option<Picked>, LocalStorage> {
        self.file
    }

    /// Name of the persisted list. It changes if another engine owns the list (`Report::KeptAs`).
    #[must_use]
    pub fn list(&self) -> Signal<String> {
        self.list.into()
    }

    /// Notices that are shown.
    #[must_use]
    pub fn notices(&self) -> RwSignal<Notices> {
        self.notices
    }

    /// Connects; during a retry delay, retries at once. Another connection in use is closed first.
    pub fn connect(&self, target: impl Into<FilledTarget>) {
        self.command(ConnectionCommand::Connect(target.into()));
    }

    /// Disconnects, or stops retrying. `close` is the code and reason of the Close frame (RFC 6455,
    /// section 5.5.1).
    pub fn disconnect(&self, close: Close) {
        self.command(ConnectionCommand::Disconnect(close));
    }

    /// Ends a connection that is closing, without waiting for the peer.
    pub fn close_now(&self) {
        self.command(ConnectionCommand::CloseNow);
    }

    /// Sends the draft, in frames of its own if `framing` is given. The composer then holds the
    /// draft that was being written before the history was recalled, if any.
    ///
    /// An empty draft is sent, too, but is not added to the history.
    pub fn send_draft(&self, framing: Option<Framing>) {
        let draft = self.draft.get_untracked();
        self.command(match framing {
            Some(framing) => ComposerCommand::SendFramed(draft.clone(), framing),
            None => ComposerCommand::SendDraft(draft.clone()),
        });
        if draft.text.is_empty() {
            return;
        }
        if let Some(next) = self.history.try_update_value(|history| history.add(draft)) {
            self.draft.set(next);
        }
    }

    /// Recalls the previous or next draft of the history. Returns `true` if there is one. The draft
    /// that was being written becomes the newest step.
    #[expect(clippy::must_use_candidate, reason = "it walks")]
    pub fn walk(&self, is_back: bool) -> bool {
        let next = self.history.try_update_value(|history| {
            let current = self.draft.get_untracked();
            if is_back { history.older(&current) } else { history.newer(&current) }
        });
        let Some(Some(next)) = next else { return false };
        self.draft.set(next);
        true
    }

    /// Replaces the draft. The former one is added to the history.
    pub fn put_draft(&self, draft: Draft) {
        self.fill(draft, Vec::new());
    }

    /// Replaces the draft, and adds to the history: the former draft, then `next`, last first.
    pub fn fill(&self, draft: Draft, next: Vec<Draft>) {
        let Some(before) = self.draft.try_update(|it| std::mem::replace(it, draft)) else { return };
        self.history.try_update_value(|history| {
            let unfinished = (!before.text.is_empty()).then(|| history.add(before));
            let kept = unfinished.filter(|draft| !draft.text.is_empty());
            for draft in kept.into_iter().chain(next.into_iter().rev()) {
                history.add(draft);
            }
        });
    }

    /// Sends the [file](Self::file) as a binary message. If that fails, it is put back. Reading
    /// happens in the worker: the page only passes the reference.
    pub fn send_file(&self) {
        let file = self.file.try_update(Option::take).flatten();
        if let Some(file) = &file {
            self.command_with_file(file.content(), &ComposerCommand::SendFile(None).into());
        }
        self.file_sent.set_value(file);
    }

    /// Imports a file: appends its entries to the log. `on_end` receives the result. One import at
    /// a time: the callback of one that has not ended is replaced.
    pub fn import(&self, name: String, file: &Blob, on_end: Callback<ImportReport>) {
        self.on_import.set_value(Some(on_end));
        self.command_with_file(file, &ExchangeCommand::Import { name, text: String::new() }.into());
    }

    /// Sends a message. If it cannot be sent, it is kept among the [unsent](Self::unsent) ones.
    /// Sends as is, without variables; the composer's draft stays.
    pub fn send(&self, message: Message) {
        self.command(ComposerCommand::Send(message));
    }

    /// Sends the unsent messages, in order. Those that fail again are kept again, in the same
    /// order.
    pub fn send_unsent(&self) {
        for message in self.unsent.try_update(std::mem::take).unwrap_or_default() {
            self.send(message);
        }
    }

    /// Discards the unsent messages. The notice of it can undo that.
    pub fn discard_unsent(&self) {
        let discarded = self.unsent.try_update(std::mem::take).unwrap_or_default();
        self.notify(Notice::Discarded(Arc::new(discarded)));
    }

    /// Puts discarded messages back, before those that came later. A notice tells if there is not
    /// room for all.
    pub(crate) fn put_unsent(&self, mut discarded: VecDeque<Message>) {
        let has_room = self.unsent.try_update(|unsent| {
            discarded.append(unsent);
            let has_room = discarded.len() <= UNSENT;
            discarded.truncate(UNSENT);
            *unsent = discarded;
            has_room
        });
        if has_room == Some(false) {
            self.notify(Notice::NotKept);
        }
    }

    /// Inspects an entry, or none. Inspecting nothing closes the pane at once; an entry appears
    /// when the engine has reported it.
    pub fn inspect(&self, pick: Option<EntryRef>) {
        if pick.is_none() {
            self.inspection.set(Inspection::default());
        }
        self.command(LogCommand::Inspect(pick));
    }

    /// Compares an entry with the inspected one; `None` ends the comparison. The comparison needs
    /// the other payload, which the engine reports.
    pub fn compare(&self, id: Option<u64>) {
        match id {
            Some(id) => self.command(LogCommand::Fetch(id, Purpose::Compare)),
            None => self.inspection.update(|it| it.compared = None),
        }
    }

    /// Sends a command to the engine. Dropped if there is no worker, or the tab is closed.
    pub fn command(&self, command: impl Into<Command>) {
        let command = command.into();
        self.worker.try_with_value(|worker| {
            if let Some(worker) = worker {
                worker.channel.send(&command);
            }
        });
    }

    /// Sends a command with a reference to a file, whose content the worker reads.
    fn command_with_file(&self, file: &Blob, command: &Command) {
        self.worker.try_with_value(|worker| {
            if let Some(worker) = worker {
                worker.channel.send_with_file(command, file);
            }
        });
    }

    /// Handles a message of the engine. After the tab is closed there are no signals left to
    /// update. An answer to a ping tells the worker's memory in bytes, and ends its being stuck.
    fn receive(&self, incoming: Incoming<Report>) {
        match incoming {
            Incoming::Message(Report::Exported(format), Some(file)) => {
                download(&file, format.extension());
            }
            Incoming::Message(report, _) => self.report(report),
            Incoming::Answer(memory) => {
                let forgets = self.worker.try_update_value(|worker| {
                    let worker = worker.as_mut()?;
                    worker.watchdog.answered();
                    worker.has_answered = true;
                    worker.is_spent = memory > SPENT;
                    Some(std::mem::take(&mut worker.forgets))
                });
                if forgets.flatten() == Some(true) {
                    self.command(LogCommand::Forget);
                }
                let is_stuck = self.notices.try_with_untracked(|it| it.has(&Notice::Stuck));
                if is_stuck == Some(true) {
                    self.notices.update(|notices| notices.retract(|it| *it == Notice::Stuck));
                }
            }
            Incoming::Failure(words) => self.fail(words),
        }
    }

    /// Performs a report. Snapshots are collected for the next frame; all other reports take effect
    /// at once.
    fn report(&self, report: Report) {
        match report {
            Report::Snapshot(snapshot) => {
                let handle = *self;
                self.worker.try_update_value(|worker| {
                    if let Some(worker) = worker
                        && worker.next.replace(*snapshot).is_none()
                    {
                        request_animation_frame(move || handle.show());
                    }
                });
            }
            Report::Fetched(message, purpose) => self.fetched(message, purpose),
            Report::Event(row, Purpose::Copy) => self.copy(&words().list.event(&row.shows)),
            Report::Event(row, _) => {
                self.inspection.try_update(|it| (it.message, it.event) = (None, Some(*row)));
            }
            Report::NotSent(unsent) => self.keep(unsent),
            Report::KeptAs(list) => {
                self.list.try_set(list);
            }
            Report::Emptied => self.renew(),
            Report::Warning(warning) => self.notify(Notice::Engine(warning)),
            Report::Imported(imported) => {
                if let Some(on_end) = self.on_import.try_update_value(Option::take).flatten() {
                    on_end.run(*imported);
                }
            }
            // Handled with its file in `receive`.
            Report::Exported(_) => {}
        }
    }

    /// Keeps what could not be sent where the person can send it again.
    fn keep(&self, unsent: NotSent) {
        match unsent {
            NotSent::Message(message) => {
                let is_kept = self.unsent.try_update(|unsent| {
                    let has_room = unsent.len() < UNSENT;
                    if has_room {
                        unsent.push_back(message);
                    }
                    has_room
                });
                if is_kept == Some(false) {
                    self.notify(Notice::NotKept);
                }
            }
            NotSent::Draft(draft) => {
                // A newer draft takes precedence; the refused one is in the history.
                if self.draft.try_with_untracked(|draft| draft.text.is_empty()) == Some(true) {
                    self.draft.try_set(draft);
                }
            }
            NotSent::File => {
                let sent = self.file_sent.try_update_value(Option::take).flatten();
                self.file.try_update(|file| *file = file.take().or(sent));
                self.notify(Notice::FileNotSent);
            }
        }
    }

    /// Publishes the newest snapshot, in an animation frame, and gives the engine the credit for
    /// another: a page in the background draws no frames, and gets no snapshots.
    fn show(&self) {
        let next = self.worker.try_update_value(|worker| worker.as_mut()?.next.take());
        if let Some(Some(snapshot)) = next {
            self.snapshot.try_set(Arc::new(snapshot));
            self.command(Command::Shown);
        }
    }

    /// Performs the purpose for which a payload was fetched. A message that was cut off cannot be
    /// edited: resending its start would alter it.
    fn fetched(&self, fetched: Inspected, purpose: Purpose) {
        match purpose {
            Purpose::Inspect => {
                let message = Some(Arc::new(fetched));
                self.inspection.try_update(|it| (it.message, it.event) = (message, None));
            }
            Purpose::Compare => {
                let compared = Some(Arc::new(fetched));
                self.inspection.try_update(|it| it.compared = compared);
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
            Purpose::Edit => self.notify(Notice::NotTaken),
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

/// Memo over a part of a snapshot, so that a snapshot that leaves it alone renders nothing. `part` is a
/// pointer: one memo is compiled for each type, not for each part.
pub(crate) fn snapshot_part<T: PartialEq + Send + Sync + 'static>(
    snapshot: Signal<Arc<Snapshot>>,
    part: fn(&Snapshot) -> T,
) -> Memo<T> {
    Memo::new(move |_| snapshot.with(|it| part(it)))
}
