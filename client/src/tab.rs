//! The tabs: each a connection with a list, a draft and a filter of its own.

use leptos::prelude::*;
use workbench::{Command, Query, Retries, Target};

use crate::{Shell, language::words, place::server_url, settings::Settings};

/// Tabs open at once, at most: each has a thread.
const TABS: usize = 32;

/// One tab. Copies are the same one.
#[derive(Clone, Copy)]
pub struct Tab {
    /// Never used twice.
    pub id: u32,
    /// The engine behind it.
    pub shell: Shell,
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
}

impl Tab {
    fn new(id: u32, settings: Settings) -> Self {
        let tab = Self {
            id,
            shell: Shell::new(),
            address: RwSignal::new(server_url().unwrap_or_default()),
            subprotocols: RwSignal::new(Vec::new()),
            retries: RwSignal::new(Retries::UNLIMITED),
            query: RwSignal::new(Query::default()),
            follows: RwSignal::new(true),
        };
        Effect::new(move || tab.shell.command(Command::LimitRetries(tab.retries.get())));
        Effect::new(move || tab.shell.command(Command::Bound(settings.bounds.get())));
        tab
    }

    /// Connects to what is in the address box.
    pub fn connect(self) {
        let url = self.address.get_untracked();
        self.shell.connect(Target { url, subprotocols: self.subprotocols.get_untracked() });
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
        if name.is_empty() { words().tabs.new.to_owned() } else { name.to_owned() }
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
    last: StoredValue<u32>,
}

impl Tabs {
    /// One tab, for the server that served the page.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let tabs = Self {
            open: RwSignal::default(),
            active: RwSignal::new(0),
            closed: RwSignal::new(None),
            owners: StoredValue::default(),
            root: StoredValue::new(Owner::current()),
            settings,
            last: StoredValue::new(0),
        };
        tabs.add();
        tabs
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
        if !untrack(|| self.may_add()) {
            return;
        }
        let id = self.last.get_value() + 1;
        self.last.set_value(id);
        let Some(owner) = self.root.with_value(|root| root.as_ref().map(Owner::child)) else {
            return;
        };
        let tab = owner.with(|| Tab::new(id, self.settings));
        self.owners.update_value(|owners| owners.push((id, owner)));
        self.open.update(|open| open.push(tab));
        self.active.set(id);
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
