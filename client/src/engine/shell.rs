//! The page's side of an engine: tells it what the person wants, and publishes what it reports as
//! signals, once a frame at most.

use std::{collections::VecDeque, sync::Arc};

use leptos::prelude::*;
use session::{Close, Message, State};
use web_sys::{Blob, MessageChannel};
use workbench::{
    compose::{Draft, Form, SentHistory},
    connect::{AddressError, Target},
    engine::{
        Command, ComposerCommand, ConnectionCommand, ExchangeCommand, Fetched, LogCommand, Purpose,
        Report, Snapshot,
    },
    exchange::{CommandError, ImportReport, LeftOut, Merged, ShareError, WorkspaceError},
    log::{EntryRef, RegexError},
    payload::Inspected,
};

use crate::{
    browser::clipboard::copy,
    browser::download::download,
    browser::files::Picked,
    engine::host::serve,
    engine::port::{Heard, Port},
    engine::worker::EngineThread,
};

/// Messages that could not be sent and are kept for the person, at most.
const UNSENT: usize = 1_000;

/// One engine, and the signals that show it. Copies are the same one.
#[derive(Clone, Copy)]
pub struct Shell {
    line: StoredValue<Option<Line>, LocalStorage>,
    snapshot: RwSignal<Arc<Snapshot>>,
    state: Memo<State>,
    inspected: RwSignal<Option<Arc<Inspected>>>,
    compared: RwSignal<Option<Arc<Inspected>>>,
    unsent: RwSignal<VecDeque<Message>>,
    draft: RwSignal<Draft>,
    history: StoredValue<SentHistory>,
    /// A file that may be sent, and the one that was given to the engine last.
    file: RwSignal<Option<Picked>, LocalStorage>,
    file_sent: StoredValue<Option<Picked>, LocalStorage>,
    list: RwSignal<String>,
    notice: RwSignal<Option<Notice>>,
    unkept: RwSignal<Option<Notice>>,
    /// Gets where an imported list came from.
    aim: StoredValue<Option<Callback<Target>>>,
}

/// What the person has to know of the tab, beside its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The engine is gone, with what it held. The browser's words for it; none if it could not be
    /// loaded at all.
    Broken(String),
    /// A message was copied.
    Copied,
    /// Copying failed.
    NotCopied,
    /// An entry could not be pinned.
    NotPinned,
    /// More messages could not be sent than are kept.
    NotKept,
    /// A file could not be sent: the connection takes no more, or the file cannot be read.
    FileNotSent,
    /// A message is too large to be edited.
    NotTaken,
    /// The list will not outlive the page.
    ListNotKept,
    /// A file was read, as far as it can be.
    Imported(ImportReport),
    /// Tabs, settings and what is saved will not outlive the page.
    NotStored,
    /// There are as many tabs as there may be.
    NoTab,
    /// A link filled the tab.
    Filled {
        /// The address.
        address: bool,
        /// How many subprotocols.
        subprotocols: usize,
        /// The draft.
        draft: bool,
    },
    /// A link cannot be made, or one that was opened fills nothing.
    Link(ShareError),
    /// No command can be made: the address is wrong.
    Address(AddressError),
    /// A command was copied without the draft, which it cannot hold.
    WithoutDraft,
    /// A command filled the tab.
    Pasted {
        /// How many messages there are in it.
        messages: usize,
        /// What has no counterpart here.
        left_out: Vec<LeftOut>,
    },
    /// A pasted command could not be read.
    NotACommand(CommandError),
    /// The workspace in a file of this name was added to what there is.
    Opened(String, Merged),
    /// A file of this name is no workspace, or has no room here.
    NotOpened(String, WorkspaceError),
}

/// The line to the engine.
struct Line {
    port: Port,
    /// Ends with the shell.
    _thread: Option<EngineThread>,
    /// A snapshot that the next frame will show.
    next: Option<Snapshot>,
}

impl Shell {
    /// Starts an engine that keeps `list` in this browser, in a thread of its own. Where the page
    /// was not built for that it runs here, and keeps nothing.
    #[must_use]
    pub fn new(list: String) -> Self {
        let snapshot = RwSignal::new(Arc::new(Snapshot::default()));
        let shell = Self {
            line: StoredValue::new_local(None),
            snapshot,
            state: Memo::new(move |_| snapshot.with(|snapshot| snapshot.state.clone())),
            inspected: RwSignal::new(None),
            compared: RwSignal::new(None),
            unsent: RwSignal::default(),
            draft: RwSignal::new(Draft::default()),
            history: StoredValue::default(),
            file: RwSignal::new_local(None),
            file_sent: StoredValue::new_local(None),
            list: RwSignal::new(list),
            notice: RwSignal::new(None),
            unkept: RwSignal::new(None),
            aim: StoredValue::new(None),
        };
        if let Ok(channel) = MessageChannel::new() {
            let fails = move |words| shell.hear(Heard::Trouble(words));
            let thread = shell
                .list
                .with_untracked(|list| EngineThread::start(&channel.port2(), list, fails));
            if thread.is_none() {
                serve(channel.port2(), None);
            }
            let port = Port::listen(channel.port1(), move |heard| shell.hear(heard));
            shell.line.set_value(Some(Line { port, _thread: thread, next: None }));
        }
        shell
    }

    /// How everything stands. Changes once a frame at most, however fast messages come.
    #[must_use]
    pub fn snapshot(&self) -> Signal<Arc<Snapshot>> {
        self.snapshot.into()
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> Memo<State> {
        self.state
    }

    /// The message that is looked at, or its start.
    #[must_use]
    pub fn inspected(&self) -> Signal<Option<Arc<Inspected>>> {
        self.inspected.into()
    }

    /// The message that is compared with it.
    #[must_use]
    pub fn compared(&self) -> Signal<Option<Arc<Inspected>>> {
        self.compared.into()
    }

    /// Why the last query finds nothing, if it cannot.
    #[must_use]
    pub fn query_error(&self) -> Signal<Option<RegexError>> {
        let snapshot = self.snapshot;
        Signal::derive(move || snapshot.with(|snapshot| snapshot.query_error.clone()))
    }

    /// How many messages wait because they could not be sent.
    #[must_use]
    pub fn unsent(&self) -> Signal<usize> {
        let unsent = self.unsent;
        Signal::derive(move || unsent.with(VecDeque::len))
    }

    /// What is in the box.
    #[must_use]
    pub fn draft(&self) -> RwSignal<Draft> {
        self.draft
    }

    /// The file that may be sent.
    #[must_use]
    pub fn file(&self) -> RwSignal<Option<Picked>, LocalStorage> {
        self.file
    }

    /// The name under which this browser keeps the list.
    #[must_use]
    pub fn list(&self) -> Signal<String> {
        self.list.into()
    }

    /// What the person has to know.
    #[must_use]
    pub fn notice(&self) -> RwSignal<Option<Notice>> {
        self.notice
    }

    /// What will be gone with the page. It stands beside the [notice](Self::notice).
    #[must_use]
    pub fn unkept(&self) -> RwSignal<Option<Notice>> {
        self.unkept
    }

    /// Connects; while waiting for a retry, makes it now.
    pub fn connect(&self, target: Target) {
        self.command(ConnectionCommand::Connect(target));
    }

    /// Disconnects, or stops retrying.
    pub fn disconnect(&self, close: Close) {
        self.command(ConnectionCommand::Disconnect(close));
    }

    /// Sends what is in the box, and puts there what was being written before a walk through what
    /// was sent.
    pub fn send_draft(&self) {
        let draft = self.draft.get_untracked();
        self.command(ComposerCommand::SendDraft(draft.clone()));
        if let Some(next) = self.history.try_update_value(|history| history.add(draft)) {
            self.draft.set(next);
        }
    }

    /// Walks through what was sent: to the draft before the one in the box, or after it. Returns
    /// whether there was one.
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

    /// Puts a draft into the box. What was there is one step back on a walk.
    pub fn put_draft(&self, draft: Draft) {
        self.fill(draft, Vec::new());
    }

    /// Puts a draft into the box. A walk comes by `next`, and then by what was in the box.
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

    /// Sends the [file](Self::file) as a binary message. If that fails it is there again.
    pub fn send_file(&self) {
        let file = self.file.try_update(Option::take).flatten();
        if let Some(file) = &file {
            self.command_of(file.content(), &ComposerCommand::SendFile(None).into());
        }
        self.file_sent.set_value(file);
    }

    /// Puts what a file of this name holds behind what there is. `aim` gets where that came from, if
    /// the file says so.
    pub fn import(&self, name: String, file: &Blob, aim: Callback<Target>) {
        self.aim.set_value(Some(aim));
        self.command_of(file, &ExchangeCommand::Import { name, text: String::new() }.into());
    }

    /// Sends a message. If it cannot be sent it waits among the [unsent](Self::unsent).
    pub fn send(&self, message: Message) {
        self.command(ComposerCommand::Send(message));
    }

    /// Sends what could not be sent, in its order.
    pub fn send_unsent(&self) {
        for message in self.unsent.try_update(std::mem::take).unwrap_or_default() {
            self.send(message);
        }
    }

    /// Gives up what could not be sent.
    pub fn discard_unsent(&self) {
        self.unsent.set(VecDeque::new());
    }

    /// Looks at an entry, or at none.
    pub fn inspect(&self, pick: Option<EntryRef>) {
        if pick.is_none() {
            self.inspected.set(None);
            self.compared.set(None);
        }
        self.command(LogCommand::Inspect(pick));
    }

    /// Compares an entry with the one that is looked at, or none.
    pub fn compare(&self, id: Option<u64>) {
        match id {
            Some(id) => self.command(LogCommand::Fetch(id, Purpose::Compare)),
            None => self.compared.set(None),
        }
    }

    /// Tells the engine what is wanted.
    pub fn command(&self, command: impl Into<Command>) {
        let command = command.into();
        self.line.try_with_value(|line| {
            if let Some(line) = line {
                line.port.say(&command);
            }
        });
    }

    fn command_of(&self, file: &Blob, command: &Command) {
        self.line.try_with_value(|line| {
            if let Some(line) = line {
                line.port.say_of(file, command);
            }
        });
    }

    /// Reports may come when the tab is gone: then nothing is left to update.
    fn hear(&self, heard: Heard<Report>) {
        match heard {
            Heard::Said(Report::Exported(format), Some(file)) => {
                download(&file, format.extension());
            }
            Heard::Said(report, _) => self.take_in(report),
            Heard::Trouble(words) => self.notify(Notice::Broken(words)),
        }
    }

    fn take_in(&self, report: Report) {
        match report {
            Report::Snapshot(snapshot) => {
                let shell = *self;
                self.line.try_update_value(|line| {
                    if let Some(line) = line
                        && line.next.replace(*snapshot).is_none()
                    {
                        request_animation_frame(move || shell.show());
                    }
                });
            }
            Report::Fetched(fetched) => self.take(fetched),
            Report::NotSent(message) => {
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
            Report::KeptAs(list) => {
                self.list.try_set(list);
            }
            Report::NotKept => {
                self.unkept.try_set(Some(Notice::ListNotKept));
            }
            Report::NotPinned => self.notify(Notice::NotPinned),
            Report::NotComposed(draft) => {
                // What is being written there by now is worth more: the other is in the history.
                if self.draft.try_with_untracked(|draft| draft.text.is_empty()) == Some(true) {
                    self.draft.try_set(draft);
                }
            }
            Report::FileNotSent => {
                let sent = self.file_sent.try_update_value(Option::take).flatten();
                self.file.try_update(|file| *file = file.take().or(sent));
                self.notify(Notice::FileNotSent);
            }
            Report::Imported(imported) => {
                let aim = self.aim.try_update_value(Option::take).flatten();
                if let (Some(aim), Some(target)) = (aim, &imported.target) {
                    aim.run(target.clone());
                }
                self.notify(Notice::Imported(*imported));
            }
            // One without its file is none.
            Report::Exported(_) => {}
        }
    }

    fn show(&self) {
        let next = self.line.try_update_value(|line| line.as_mut()?.next.take());
        if let Some(Some(snapshot)) = next {
            self.snapshot.try_set(Arc::new(snapshot));
            self.command(Command::Shown);
        }
    }

    fn take(&self, fetched: Fetched) {
        match fetched.purpose {
            Purpose::Inspect => {
                self.inspected.try_set(Some(Arc::new(fetched.into())));
            }
            Purpose::Compare => {
                self.compared.try_set(Some(Arc::new(fetched.into())));
            }
            Purpose::Copy => {
                copy(*self, &fetched.as_text(), Notice::Copied);
            }
            Purpose::Edit if fetched.is_whole() => {
                let form = self.draft.try_with_untracked(|draft| draft.form).unwrap_or_default();
                let draft = fetched.to_draft(form);
                // Not every text is JSON.
                let is_right = draft.check().is_ok();
                self.put_draft(if is_right { draft } else { Draft { form: Form::Text, ..draft } });
            }
            Purpose::Edit => self.notify(Notice::NotTaken),
        }
    }

    /// Says something, unless the tab is gone.
    pub(crate) fn notify(&self, notice: Notice) {
        self.notice.try_set(Some(notice));
    }
}
