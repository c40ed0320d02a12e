//! The tabs: each a connection with a list, a draft and a filter of its own.

use std::time::Duration;

use leptos::{ev, prelude::*};
use session::{Retries, State};
use wasm_bindgen_futures::spawn_local;
use workbench::{Command, Desk, DeskTab, Query, TABS, Target};

use super::words::words;
use crate::{
    ComposerState, Shell,
    browser::{
        archive::{Archive, new_list},
        location::server_url,
        storage,
    },
    composer::library::Library,
    engine::shell::Notice,
    settings::Settings,
};

/// What the open tabs are stored under.
const DESK: &str = "wsbench.desk";

/// Changes are stored this much later, together.
const STORING: Duration = Duration::from_millis(300);

/// One tab. Copies are the same one.
#[derive(Clone, Copy)]
pub struct Tab {
    /// Never used twice.
    pub id: u32,
    /// The engine behind it.
    pub shell: Shell,
    /// What is composed in it.
    pub composing: StoredValue<ComposerState>,
    /// Where the next connection goes, as it is typed.
    pub address: RwSignal<String>,
    /// The subprotocols that the next connection offers.
    pub subprotocols: RwSignal<Vec<String>>,
    /// How often a lost connection is tried again.
    pub retries: RwSignal<Retries>,
    /// What is listed.
    pub query: RwSignal<Query>,
    /// The list follows its end.
    pub follows: RwSignal<bool>,
    /// Whether it was connected when its page was left; a first tab begins as if.
    pub was_connected: bool,
}

impl Tab {
    fn new(id: u32, settings: Settings, library: Library, kept: DeskTab) -> Self {
        let shell = Shell::new(kept.list);
        let tab = Self {
            id,
            shell,
            composing: StoredValue::new(ComposerState::new(shell, library)),
            address: RwSignal::new(kept.target.url),
            subprotocols: RwSignal::new(kept.target.subprotocols),
            retries: RwSignal::new(kept.retries),
            query: RwSignal::new(Query::default()),
            follows: RwSignal::new(true),
            was_connected: kept.is_connected,
        };
        Effect::new(move || tab.shell.command(Command::LimitRetries(tab.retries.get())));
        Effect::new(move || tab.shell.command(Command::Bound(settings.bounds.get())));
        Effect::new(move || tab.shell.command(Command::Variables(library.variables())));
        tab.shell.draft().set(kept.draft);
        tab
    }

    /// What is kept of it.
    fn to_desk(self) -> DeskTab {
        // A page that is left before its engine has said anything leaves it as it was.
        let was_connected = self.was_connected;
        let is_connected = self
            .shell
            .state()
            .with(|state| state.can_disconnect() || was_connected && *state == State::Idle(None));
        DeskTab {
            list: self.shell.list().get(),
            target: Target { url: self.address.get(), subprotocols: self.subprotocols.get() },
            retries: self.retries.get(),
            draft: self.shell.draft().get(),
            is_connected,
        }
    }

    /// Whether it is about to connect to the server that served the page.
    #[must_use]
    pub fn is_at_home(self) -> bool {
        server_url().is_some_and(|url| self.address.with_untracked(|address| *address == url))
    }

    /// Connects to what is in the address box.
    pub fn connect(self) {
        self.shell.connect(self.target());
    }

    /// Where the next connection goes.
    #[must_use]
    pub fn target(self) -> Target {
        let subprotocols = self.subprotocols.get_untracked();
        Target { url: self.address.get_untracked(), subprotocols }
    }

    /// Has the next connection go elsewhere.
    pub fn aim(self, target: Target) {
        self.address.set(target.url);
        self.subprotocols.set(target.subprotocols);
    }

    /// Changes what is listed; the newest of it is shown.
    pub fn find(self, change: impl FnOnce(&mut Query)) {
        self.query.update(change);
        self.follows.set(true);
        self.shell.command(Command::Find(self.query.get_untracked()));
    }

    /// What stands on it: the address without its scheme.
    #[must_use]
    pub fn name(self) -> String {
        let address = self.address.get();
        let name = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        if name.is_empty() { words().new.to_owned() } else { name.to_owned() }
    }
}

/// All tabs. Copies are the same ones.
#[derive(Clone, Copy)]
pub struct Tabs {
    open: RwSignal<Vec<Tab>>,
    active: RwSignal<u32>,
    /// Closed, and can be brought back.
    closed: RwSignal<Option<(usize, Tab)>>,
    /// What keeps a tab's signals, and its engine, alive.
    owners: StoredValue<Vec<(u32, Owner)>>,
    root: StoredValue<Option<Owner>>,
    settings: Settings,
    library: Library,
    last: StoredValue<u32>,
    /// The person knows that nothing will be stored.
    is_warned: StoredValue<bool>,
}

/// A tab for the server that served the page.
fn at_home() -> DeskTab {
    let target = Target { url: server_url().unwrap_or_default(), subprotocols: Vec::new() };
    DeskTab { list: new_list(), target, is_connected: true, ..DeskTab::default() }
}

impl Tabs {
    /// The tabs that this window had when its page was left; in a new one those that any window had;
    /// else one, for the server that served the page.
    #[must_use]
    pub fn load(settings: Settings, library: Library) -> Self {
        let tabs = Self {
            open: RwSignal::default(),
            active: RwSignal::new(0),
            closed: RwSignal::new(None),
            owners: StoredValue::default(),
            root: StoredValue::new(Owner::current()),
            settings,
            library,
            last: StoredValue::new(0),
            is_warned: StoredValue::new(false),
        };
        let desk = Desk::read(&storage::get_of_window(DESK).unwrap_or_default());
        for kept in desk.tabs {
            tabs.put(kept);
        }
        match tabs.open.with_untracked(|open| open.get(desk.shown).map(|tab| tab.id)) {
            Some(shown) => tabs.active.set(shown),
            None => drop(tabs.put(at_home())),
        }
        tabs.keep();
        tabs
    }

    /// Stores the tabs from now on, whenever something about them changes.
    fn keep(self) {
        let desk = Memo::new(move |_| self.to_desk());
        let store = move || {
            if let Some(desk) = desk.try_get_untracked()
                && !storage::set_of_window(DESK, &desk.to_text())
            {
                self.warn();
            }
        };
        let waits = StoredValue::new(false);
        Effect::new(move || {
            desk.track();
            if !waits.get_value() {
                waits.set_value(true);
                let store_later = move || {
                    waits.try_set_value(false);
                    store();
                };
                set_timeout(store_later, STORING);
            }
        });
        let leaving = window_event_listener(ev::pagehide, move |_| store());
        on_cleanup(move || leaving.remove());
        let lists =
            untrack(|| self.to_desk()).tabs.into_iter().map(|tab| tab.list).collect::<Vec<_>>();
        spawn_local(async move {
            // Where nothing is kept there is nothing to tidy.
            if let Ok(archive) = Archive::open().await {
                let _ = archive.tidy(&lists).await;
            }
        });
    }

    /// Has the tab that is shown say that nothing will be stored, once.
    fn warn(self) {
        if !self.is_warned.get_value()
            && let Some(tab) = untrack(|| self.active())
        {
            self.is_warned.set_value(true);
            tab.shell.unkept().update(|unkept| {
                unkept.get_or_insert(Notice::NotStored);
            });
        }
    }

    fn to_desk(self) -> Desk {
        let open = self.open.get();
        let shown = open.iter().position(|tab| tab.id == self.active.get());
        Desk { shown: shown.unwrap_or(0), tabs: open.into_iter().map(Tab::to_desk).collect() }
    }

    /// The tabs that are open, in their order.
    #[must_use]
    pub fn open(self) -> Signal<Vec<Tab>> {
        self.open.into()
    }

    /// The tab that is shown.
    #[must_use]
    pub fn active(self) -> Option<Tab> {
        let id = self.active.get();
        self.open.with(|open| open.iter().find(|tab| tab.id == id).copied())
    }

    /// The tab that was closed last, as long as it can be brought back.
    #[must_use]
    pub fn closed(self) -> Option<Tab> {
        self.closed.get().map(|(_, tab)| tab)
    }

    /// Whether there may be another.
    #[must_use]
    pub fn may_add(self) -> bool {
        self.open.with(|open| open.len() < TABS)
    }

    /// Opens a tab and shows it.
    pub fn add(self) {
        self.put(DeskTab { is_connected: false, ..at_home() });
    }

    /// Opens a tab with what was kept of it, and shows it; unless there are as many as there may be.
    pub(crate) fn put(self, kept: DeskTab) -> Option<Tab> {
        if !untrack(|| self.may_add()) {
            return None;
        }
        let id = self.last.get_value() + 1;
        self.last.set_value(id);
        let owner = self.root.with_value(|root| root.as_ref().map(Owner::child))?;
        let tab = owner.with(|| Tab::new(id, self.settings, self.library, kept));
        self.owners.update_value(|owners| owners.push((id, owner)));
        self.open.update(|open| open.push(tab));
        self.active.set(id);
        Some(tab)
    }

    /// Shows a tab.
    pub fn show(self, id: u32) {
        self.active.set(id);
    }

    /// Closes a tab; it can be brought back until the next one is closed. There is always one.
    pub fn close(self, id: u32) {
        self.forget();
        let Some(index) = self.open.with_untracked(|open| open.iter().position(|it| it.id == id))
        else {
            return;
        };
        if self.open.with_untracked(Vec::len) == 1 {
            self.add();
        }
        if self.active.get_untracked() == id {
            let next = self.open.with_untracked(|open| {
                open.get(index + 1).or_else(|| open.get(index.checked_sub(1)?)).map(|tab| tab.id)
            });
            self.active.set(next.unwrap_or_default());
        }
        let tab = self.open.try_update(|open| open.remove(index));
        self.closed.set(tab.map(|tab| (index, tab)));
    }

    /// Brings back the tab that was closed last, as it was.
    pub fn reopen(self) {
        if let Some((index, tab)) = self.closed.try_update(Option::take).flatten() {
            self.open.update(|open| open.insert(index.min(open.len()), tab));
            self.active.set(tab.id);
        }
    }

    /// Ends the tab that was closed last.
    pub fn forget(self) {
        if let Some((_, tab)) = self.closed.try_update(Option::take).flatten() {
            let list = tab.shell.list().get_untracked();
            spawn_local(async move {
                if let Ok(archive) = Archive::open().await {
                    let _ = archive.remove(&list).await;
                }
            });
            self.owners.update_value(|owners| {
                owners.retain(|(id, owner)| {
                    if *id == tab.id {
                        owner.cleanup();
                    }
                    *id != tab.id
                });
            });
        }
    }
}
