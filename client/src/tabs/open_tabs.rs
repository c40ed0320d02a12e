//! Open tabs of the window, with their persistence.

use std::time::Duration;

use leptos::{ev, prelude::*};
use workbench::{
    connect::Target,
    engine::Command,
    open_tabs::{MAX_TABS, OpenTab, OpenTabs, TabLabel},
};

use super::{tab::Tab, window::WindowStore};
use crate::{
    browser::{
        archive::{new_list, remove_list, tidy_lists},
        location::server_url,
    },
    engine::notice::{Notice, Notices},
    library::Library,
    settings::Settings,
};

/// Delay after a change; changes within it are stored together. Short enough that a crash loses a
/// few letters at most.
const STORING: Duration = Duration::from_millis(300);

/// Open tabs of this window.
#[derive(Clone, Copy)]
pub struct Tabs {
    /// Open tabs in the order of the tab bar, at most [`MAX_TABS`].
    pub(super) open: RwSignal<Vec<Tab>>,
    active: RwSignal<u32>,
    /// Tab closed last, with its index, for undo.
    closed: RwSignal<Option<(usize, Tab)>>,
    /// Reactive owners, which keep each tab's signals and engine alive.
    owners: StoredValue<Vec<(u32, Owner)>>,
    /// Owner of the whole page, the parent of each tab's owner: views that are rendered anew must not end a tab.
    root: StoredValue<Option<Owner>>,
    settings: Settings,
    library: Library,
    /// Id given last. Ids are never used twice in a window.
    last: StoredValue<u32>,
    /// True once the failure to store was reported.
    is_warned: StoredValue<bool>,
}

/// Initial tab, for the page's own server. It has a list of its own, and is to connect at once.
fn home_tab() -> OpenTab {
    let target = Target { url: server_url().unwrap_or_default(), ..Target::default() };
    OpenTab { list: new_list(), target, is_connected: true, ..OpenTab::default() }
}

impl Tabs {
    /// Restores the tabs of this window; in a new window, those of all windows; otherwise one tab for the page's own
    /// server.
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
        let (open_tabs, window) = WindowStore::open();
        for tab in open_tabs.tabs {
            tabs.put(tab);
        }
        match tabs.open.with_untracked(|open| open.get(open_tabs.shown).map(|tab| tab.id)) {
            Some(shown) => tabs.active.set(shown),
            None => drop(tabs.put(home_tab())),
        }
        for tab in tabs.open.get_untracked() {
            tab.reconnect(window.reconnects);
        }
        tabs.persist(window);
        Effect::new(move || {
            if let Some(entries) = library.unread.get() {
                tabs.notify(Notice::Unread(entries));
            }
        });
        tabs
    }

    /// Stores the tabs at each change, and deletes old lists. Storing is delayed by [`STORING`],
    /// and happens at once when the page is hidden or left, or another window takes the tabs over.
    fn persist(self, window: WindowStore) {
        // Number of delays that are over.
        let delays = RwSignal::new(0);
        Effect::new(move |before: Option<u32>| {
            let now = delays.get();
            if before == Some(now) {
                let end = move || {
                    delays.try_set(now + 1);
                };
                set_timeout(end, STORING);
            } else {
                self.store(window);
            }
            now
        });
        let persist = move || {
            untrack(|| self.store(window));
            self.library.store_waiting();
            for tab in self.open.get_untracked() {
                tab.engine.command(Command::Persist);
            }
        };
        // A page in the background may end without another event. One that is left is hidden as well, and stored
        // already; on the way back it is shown again.
        let leaving = window_event_listener(ev::pagehide, move |_| {
            window.is_left.set_value(true);
            persist();
        });
        let hiding = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                if window.is_left.try_update_value(std::mem::take) == Some(true) {
                    untrack(|| self.store(window));
                }
            } else if !window.is_left.get_value() {
                persist();
            }
        });
        on_cleanup(move || {
            leaving.remove();
            hiding.remove();
        });
        window.on_replaced(move || untrack(|| self.store(window)));
        tidy_lists(WindowStore::lists());
    }

    /// Stores the tabs, and reports a first failure. Tracks each signal that is stored.
    fn store(self, window: WindowStore) {
        if !window.set(self.to_open_tabs()) && !self.is_warned.get_value() {
            self.is_warned.set_value(true);
            self.notify(Notice::NotStored);
        }
    }

    /// Runs `act` on the active tab.
    pub(crate) fn with_active(self, act: impl FnOnce(Tab)) {
        if let Some(tab) = untrack(|| self.active()) {
            act(tab);
        }
    }

    /// Gives notice in the active tab.
    pub(crate) fn notify(self, notice: Notice) {
        self.with_active(|tab| tab.engine.notify(notice));
    }

    /// Snapshot of all tabs.
    fn to_open_tabs(self) -> OpenTabs {
        let open = self.open.get();
        let shown = open.iter().position(|tab| tab.id == self.active.get());
        OpenTabs {
            shown: shown.unwrap_or(0),
            tabs: open.into_iter().map(Tab::to_open_tab).collect(),
            ..OpenTabs::default()
        }
    }

    /// Label of each open tab, with its id. Labels that would be equal get numbers.
    pub(super) fn labels(self) -> Vec<(u32, TabLabel)> {
        let open = self.open.get();
        let mut labels: Vec<_> = open.iter().map(|tab| tab.label()).collect();
        TabLabel::number(&mut labels);
        open.into_iter().map(|tab| tab.id).zip(labels).collect()
    }

    /// Active tab. `None` only while the first tab is created.
    #[must_use]
    pub fn active(self) -> Option<Tab> {
        let id = self.active.get();
        self.open.with(|open| open.iter().find(|tab| tab.id == id).copied())
    }

    /// True of the active tab.
    pub(super) fn is_active(self, id: u32) -> bool {
        self.active.get() == id
    }

    /// Label of the tab closed last, while it can be reopened.
    pub(super) fn closed(self) -> Option<TabLabel> {
        self.closed.get().map(|(_, tab)| tab.label())
    }

    /// True if the limit of tabs is not reached.
    #[must_use]
    pub fn may_add(self) -> bool {
        self.open.with(|open| open.len() < MAX_TABS)
    }

    /// Opens a new tab and activates it.
    pub fn add(self) {
        self.put(OpenTab { is_connected: false, ..home_tab() });
    }

    /// Opens a stored tab and activates it; `None`, and a notice, if the limit of tabs is reached. The last
    /// tab within the limit takes the place of the one closed last.
    pub(crate) fn put(self, stored: OpenTab) -> Option<Tab> {
        if !untrack(|| self.may_add()) {
            self.notify(Notice::NoTab);
            return None;
        }
        if self.open.with_untracked(Vec::len) + 1 == MAX_TABS {
            self.discard();
        }
        let id = self.last.get_value() + 1;
        self.last.set_value(id);
        let owner = self.root.with_value(|root| root.as_ref().map(Owner::child))?;
        let tab = owner.with(|| Tab::new(id, self.settings, self.library, stored));
        self.owners.update_value(|owners| owners.push((id, owner)));
        self.open.update(|open| open.push(tab));
        self.active.set(id);
        Some(tab)
    }

    /// Activates a tab.
    pub fn show(self, id: u32) {
        self.active.set(id);
    }

    /// Closes a tab; its connection stays open, and it can be reopened, until the next one is
    /// closed or [`Self::discard`] is called. The last tab is replaced by a new one.
    pub fn close(self, id: u32) {
        self.discard();
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

    /// Reopens the tab closed last. It gets its former place, and is active then.
    pub fn reopen(self) {
        if let Some((index, tab)) = self.closed.try_update(Option::take).flatten() {
            self.open.update(|open| open.insert(index.min(open.len()), tab));
            self.active.set(tab.id);
        }
    }

    /// Discards the tab closed last, with its stored list.
    pub fn discard(self) {
        if let Some((_, tab)) = self.closed.try_update(Option::take).flatten() {
            self.end(tab);
        }
    }

    /// Closes a tab for good, without undo. If it was active, the first of `back_to` that is open
    /// becomes active, else the last tab. Notices of the tab move to the active one.
    pub(crate) fn withdraw(self, id: u32, back_to: [Option<u32>; 2]) {
        let open = self.open.get_untracked();
        let (gone, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|tab| tab.id == id);
        if self.active.get_untracked() == id {
            let is_open = |id: &u32| open.iter().any(|tab| tab.id == *id);
            let next = back_to.into_iter().flatten().find(is_open);
            self.active.set(next.or_else(|| open.last().map(|tab| tab.id)).unwrap_or_default());
        }
        self.open.set(open);
        let notices = gone.iter().filter_map(|tab| tab.engine.notices.try_update(Notices::take));
        notices.flatten().for_each(|notice| self.notify(notice));
        // Its engine may be the one that is calling.
        set_timeout(move || gone.into_iter().for_each(|tab| self.end(tab)), Duration::ZERO);
    }

    /// Ends the engine of a tab, and deletes its list. Cleaning up the owner drops the worker, and
    /// with it the connection.
    fn end(self, tab: Tab) {
        remove_list(tab.engine.list.get_untracked());
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
