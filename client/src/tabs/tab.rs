//! State of a tab, and the list of open tabs with its persistence.

use std::time::Duration;

use leptos::{ev, prelude::*};
use session::{Retries, State};
use workbench::{
    compose::Draft,
    connect::{Target, without_user},
    engine::{ComposerCommand, ConnectionCommand, LogCommand},
    log::Query,
    open_tabs::{OpenTab, OpenTabs, TABS, TabLabel},
    relay::RelayOptions,
};

use super::{window::WindowStore, words::words};
use crate::{
    ComposerState, EngineHandle,
    browser::{
        archive::{new_list, remove_list, tidy_lists},
        dom::focus::is_attended,
        location::server_url,
    },
    composer::library::Library,
    connect::{Filling, Routing},
    engine::notice::{Notice, Notices},
    settings::Settings,
};

/// Delay after a change; changes within it are stored together. Short enough that a crash loses a
/// few letters at most.
const STORING: Duration = Duration::from_millis(300);

/// Time in which what was cleared, closed, discarded or replaced can be restored, longer while its line is pointed
/// at or focused.
pub(crate) const RESTORABLE: Duration = Duration::from_secs(20);

/// Tab: engine, draft, target and filter. A handle of signals that is copied into every view; its
/// signals live until the owner of the tab is cleaned up.
#[derive(Clone, Copy)]
pub struct Tab {
    /// Unique in this window.
    pub id: u32,
    /// Name given by the user; empty if it is named by its address.
    pub name: RwSignal<String>,
    /// Handle to the tab's engine.
    pub engine: EngineHandle,
    /// Composer state.
    pub composing: StoredValue<ComposerState>,
    /// Address of the next connection, as typed.
    pub address: RwSignal<String>,
    /// Subprotocols of the next connection.
    pub subprotocols: RwSignal<Vec<String>>,
    /// Route of the next connection.
    pub routing: Routing,
    /// Values of the variables in the address and the subprotocols.
    pub filling: Filling,
    /// Retry limit of a lost connection.
    pub retries: RwSignal<Retries>,
    /// Filter of the message list.
    pub query: RwSignal<Query>,
    /// True while the list follows its newest row.
    pub follows: RwSignal<bool>,
    /// Number of clears, the last of which can be undone; 0 if none can. Each clear starts the time
    /// of [`RESTORABLE`] anew.
    clears: RwSignal<u32>,
    /// List of the stored tab, and the list of the tab that it is a copy of.
    stored: StoredValue<[String; 2]>,
    /// Address that the tab was connected to when the page was last closed; also for the first tab.
    was_connected: StoredValue<Option<String>>,
}

impl Tab {
    /// Restores a tab, and starts its engine, which restores the list by itself.
    ///
    /// Effects keep the engine's configuration in step with the tab: retry limit, storage limits,
    /// variables and query go to every worker that is started. Expects a reactive owner of its own
    /// ([`Tabs::put`]): its cleanup ends the engine.
    fn new(id: u32, settings: Settings, library: Library, stored: OpenTab) -> Self {
        let engine = EngineHandle::new(stored.list.clone());
        let connected =
            if stored.in_use.is_empty() { stored.target.url.clone() } else { stored.in_use };
        let tab = Self {
            id,
            name: RwSignal::new(stored.name),
            engine,
            composing: StoredValue::new(ComposerState::new(engine, library)),
            address: RwSignal::new(stored.target.url),
            subprotocols: RwSignal::new(stored.target.subprotocols),
            routing: Routing::new(stored.target.relay.map(|it| *it)),
            filling: Filling::new(library),
            retries: RwSignal::new(stored.retries),
            query: RwSignal::new(Query::default()),
            follows: RwSignal::new(true),
            clears: RwSignal::new(0),
            stored: StoredValue::new([stored.list, stored.origin]),
            was_connected: StoredValue::new(stored.is_connected.then_some(connected)),
        };
        engine.configure(move || ConnectionCommand::LimitRetries(tab.retries.get()));
        engine.configure(move || LogCommand::Bound(settings.bounds.get()));
        // A question about a limit is over once another tab has set it lower.
        Effect::new(move || {
            let bounds = settings.bounds.get();
            let is_over = |notice: &Notice| matches!(notice, Notice::LowerLimit(limit) if !limit.is_below(bounds));
            engine.notices().update(|notices| notices.retract(is_over));
        });
        engine.configure(move || ComposerCommand::SetVariables(library.variables()));
        engine.configure(move || LogCommand::Find(tab.query.get()));
        Effect::new(move || {
            let forget = move || {
                if !is_attended(".cleared") {
                    tab.forget();
                }
            };
            if tab.clears.get() > 0
                && let Ok(interval) = set_interval_with_handle(forget, RESTORABLE)
            {
                on_cleanup(move || interval.clear());
            }
        });
        let starts = engine.starts();
        Effect::new(move |before: Option<u32>| {
            if before.is_some() {
                tab.was_connected.set_value(None);
            }
            starts.get()
        });
        tab.engine.draft().set(stored.draft);
        tab
    }

    /// Snapshot for storage. Leaves out header values and other secrets, by `Target::stored`.
    fn to_open_tabs(self) -> OpenTab {
        // Until the engine reports a state, the stored one is stored.
        let was_connected = self.was_connected.get_value();
        let is_connected = self.engine.state().with(|state| {
            state.can_disconnect() || was_connected.is_some() && *state == State::Idle(None)
        });
        let list = self.engine.list().get();
        // With another list it is a copy of the stored tab, which another window has.
        let [stored, origin] = self.stored.get_value();
        let origin = if origin.is_empty() && stored != list { stored } else { origin };
        OpenTab {
            name: self.name.get(),
            list,
            origin,
            target: Target {
                url: self.address.get(),
                subprotocols: self.subprotocols.get(),
                relay: self.routing.relay.get().map(Box::new),
            }
            .stored(),
            retries: self.retries.get(),
            draft: self.engine.draft().get(),
            is_connected,
            in_use: self.engine.in_use().get().or(was_connected).unwrap_or_default(),
        }
    }

    /// Reconnects to the address used before the page was closed; in a new window, only to the
    /// page's own server: it was not asked to connect elsewhere.
    ///
    /// Options of the relay are kept if the address box still has that address. An invalid option
    /// is reported as a notice.
    fn reconnect(self, is_reload: bool) {
        let Some(url) = self.was_connected.get_value() else { return };
        if is_reload || server_url().as_ref() == Some(&url) {
            // Headers and certificates are for the address in the box.
            let is_typed = self.is_typed(&url);
            let other = || Target { url, relay: None, ..self.target() };
            let target = if is_typed { self.target() } else { other() };
            if !self.connect_to(&target) {
                let values = untrack(|| self.filling.values());
                let wrong = target.relay.and_then(|options| options.filled(&values).err());
                self.engine.notify(Notice::NotReconnected(wrong.map(|(_, error)| error)));
            }
        }
    }

    /// True if the address in the address box is `url`. Compares with the variables filled in, as
    /// the address was when it was used.
    fn is_typed(self, url: &str) -> bool {
        // Headers say nothing of the address, and may lack their secrets.
        let target = Target { relay: None, ..self.target() };
        let filled = untrack(|| target.filled(&self.filling.values(), is_page_secure()));
        filled.is_some_and(|filled| filled.shown.url == url)
    }

    /// Connects to the address in the address box. Returns `false` if that is invalid.
    #[expect(clippy::must_use_candidate, reason = "it connects")]
    pub fn connect(self) -> bool {
        self.connect_to(&self.target())
    }

    /// Connects to a target, as [`Self::connect`] does to the one in the address box. A valid one
    /// becomes the target of the status views; the notices of a failed reconnect and of a pasted command are gone with it.
    fn connect_to(self, target: &Target) -> bool {
        let used = target.clone();
        let target = untrack(|| target.filled(&self.filling.values(), is_page_secure()));
        let is_valid = target.is_some();
        if let Some(target) = target {
            let bound_to = target.target.relay.as_ref().map(|options| options.bound_to.clone());
            self.engine.connect(target);
            // That any certificate is accepted holds for this connection.
            self.routing.relay.update(|relay| {
                *relay = relay.as_ref().map(RelayOptions::checked);
                if let (Some(options), Some(bound_to)) = (relay, bound_to) {
                    options.bound_to = bound_to;
                }
            });
            let relay = used.relay.and_then(|_| self.routing.relay.get_untracked().map(Box::new));
            self.routing.used.set(Some(Target { relay, ..used }));
            let is_over = |notice: &Notice| {
                matches!(notice, Notice::NotReconnected(_) | Notice::Pasted { .. })
            };
            self.engine.notices().update(|notices| notices.retract(is_over));
        }
        is_valid
    }

    /// True if the connection goes through the page's server, or the next one will.
    pub(super) fn is_relayed(self) -> bool {
        let snapshot = self.engine.snapshot();
        self.engine.state().with(|state| {
            self.routing.is_relayed(state, snapshot.with(|snapshot| snapshot.is_relayed))
        })
    }

    /// Target of the next connection, as typed.
    #[must_use]
    pub fn target(self) -> Target {
        self.routing.target(self.address, self.subprotocols)
    }

    /// Sets the target of the next connection. Does not connect.
    pub fn aim(self, target: Target) {
        self.routing.aim(target, self.address, self.subprotocols);
    }

    /// Sets the target of the next connection, and the draft if there is one, as they were before.
    /// The present draft is added to the history then.
    pub(crate) fn restore(self, (target, draft): (Target, Option<Draft>)) {
        self.aim(target);
        if let Some(draft) = draft
            && self.engine.draft().with_untracked(|present| *present != draft)
        {
            self.engine.put_draft(draft);
        }
    }

    /// Clears the list, for good after a while.
    pub(crate) fn clear(self) {
        self.engine.command(LogCommand::Clear);
        self.clears.update(|clears| *clears += 1);
    }

    /// Restores the rows that were cleared last.
    pub(crate) fn unclear(self) {
        self.engine.command(LogCommand::Unclear);
        self.clears.set(0);
    }

    /// Discards the rows that were cleared. The engine deletes them from the store; a worker that
    /// holds too much memory is replaced.
    pub(crate) fn forget(self) {
        self.engine.forget();
        self.clears.set(0);
    }

    /// Changes the filter and scrolls to the newest row. A filter changes the rows in view, so that
    /// the list follows its end again.
    pub fn find(self, change: impl FnOnce(&mut Query)) {
        self.query.update(change);
        self.follows.set(true);
    }

    /// Address of the connection in use, else that in the address box without its user name and password.
    pub(super) fn shown_address(self) -> String {
        self.engine.in_use().get().unwrap_or_else(|| self.address.with(|it| without_user(it)))
    }

    /// Label, not told apart from equal ones of other tabs.
    fn label(self) -> TabLabel {
        let address = self.shown_address();
        let address = if address.is_empty() { words().new } else { &address };
        self.name.with(|name| TabLabel::new(name, address))
    }
}

/// True for a page over TLS, where browsers refuse `ws:` (mixed content).
fn is_page_secure() -> bool {
    server_url().is_some_and(|url| url.starts_with("wss:"))
}

/// Open tabs of this window.
#[derive(Clone, Copy)]
pub struct Tabs {
    /// Open tabs in the order of the tab bar, at most [`TABS`].
    open: RwSignal<Vec<Tab>>,
    /// Id of the active tab.
    active: RwSignal<u32>,
    /// Tab closed last, with its index, for undo.
    closed: RwSignal<Option<(usize, Tab)>>,
    /// Reactive owners, which keep each tab's signals and engine alive.
    owners: StoredValue<Vec<(u32, Owner)>>,
    /// Owner of the whole page, the parent of each tab's owner: views that are rendered anew must
    /// not end a tab.
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
    /// Restores the tabs of this window; in a new window, those of all windows; otherwise one tab for the page's own server.
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
            tab.reconnect(window.is_reload());
        }
        tabs.persist(window);
        tabs
    }

    /// Stores the tabs at each change, and deletes old lists. Storing is delayed by [`STORING`],
    /// and happens at once when the page is left (`pagehide`) or another window takes the tabs
    /// over.
    fn persist(self, window: WindowStore) {
        let open_tabs = Memo::new(move |_| self.to_open_tabs());
        let store = move || {
            if let Some(open_tabs) = open_tabs.try_get_untracked()
                && !window.set(open_tabs)
            {
                self.warn();
            }
        };
        let is_scheduled = StoredValue::new(false);
        Effect::new(move || {
            open_tabs.track();
            if !is_scheduled.get_value() {
                is_scheduled.set_value(true);
                let store_later = move || {
                    is_scheduled.try_set_value(false);
                    store();
                };
                set_timeout(store_later, STORING);
            }
        });
        let leaving = window_event_listener(ev::pagehide, move |_| store());
        on_cleanup(move || leaving.remove());
        window.on_replaced(store);
        tidy_lists(WindowStore::lists());
    }

    /// Reports once that tabs cannot be stored.
    fn warn(self) {
        if !self.is_warned.get_value()
            && let Some(tab) = untrack(|| self.active())
        {
            self.is_warned.set_value(true);
            tab.engine.notify(Notice::NotStored);
        }
    }

    /// Snapshot of all tabs. Tracks each signal that is stored, so that a change schedules a store.
    fn to_open_tabs(self) -> OpenTabs {
        let open = self.open.get();
        let shown = open.iter().position(|tab| tab.id == self.active.get());
        OpenTabs {
            shown: shown.unwrap_or(0),
            tabs: open.into_iter().map(Tab::to_open_tabs).collect(),
            ..OpenTabs::default()
        }
    }

    /// Open tabs in order.
    #[must_use]
    pub fn open(self) -> Signal<Vec<Tab>> {
        self.open.into()
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

    /// Label of the tab closed last, while it can be reopened.
    pub(super) fn closed(self) -> Option<TabLabel> {
        self.closed.get().map(|(_, tab)| tab.label())
    }

    /// True if the limit of tabs is not reached.
    #[must_use]
    pub fn may_add(self) -> bool {
        self.open.with(|open| open.len() < TABS)
    }

    /// Opens a new tab and activates it.
    pub fn add(self) {
        self.put(OpenTab { is_connected: false, ..home_tab() });
    }

    /// Opens a stored tab and activates it; `None` if the limit of tabs is reached.
    pub(crate) fn put(self, stored: OpenTab) -> Option<Tab> {
        if !untrack(|| self.may_add()) {
            return None;
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
        if let Some(shown) = untrack(|| self.active()) {
            let notices =
                gone.iter().filter_map(|tab| tab.engine.notices().try_update(Notices::take));
            notices.flatten().for_each(|notice| shown.engine.notify(notice));
        }
        // Its engine may be the one that is calling.
        set_timeout(move || gone.into_iter().for_each(|tab| self.end(tab)), Duration::ZERO);
    }

    /// Ends the engine of a tab, and deletes its list. Cleaning up the owner drops the worker, and
    /// with it the connection.
    fn end(self, tab: Tab) {
        remove_list(tab.engine.list().get_untracked());
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
