//! Tabs of this window in storage, beside other windows' tabs: each window writes a key of its own,
//! so that none overwrites another's (decision 0013).

use leptos::prelude::*;
use workbench::open_tabs::OpenTabs;

use crate::browser::{archive::new_list, clock::now, storage};

/// Start of the keys of windows, and key of a window's own tabs in its session. The name is that of
/// an earlier version: another would lose the tabs stored under it.
const TABS_KEY: &str = "wsbench.desk";

/// Key of the name under which this window last stored its tabs.
const WINDOW: &str = "wsbench.window";

/// Storage of the tabs of this window. Copies are the same one.
#[derive(Clone, Copy)]
pub(super) struct WindowStore {
    /// Key of this window in the storage of all windows: new for each load of the page, so that a
    /// duplicated window differs.
    key: StoredValue<String>,
    /// Tabs that this load of the page is to reconnect.
    pub(super) reconnects: Reconnects,
    /// True while the page is left: closed, or kept by the browser for the way back.
    pub(super) is_left: StoredValue<bool>,
}

/// Tabs that a load of the page reconnects, of those that were connected.
#[derive(Clone, Copy)]
pub(super) enum Reconnects {
    /// All: the window has tabs of its own, by a reload, a restored session or a duplicate of a window.
    All,
    /// Those to the page's own server: no window that stored tabs lives, so that the browser was opened again. The
    /// user did not ask to connect elsewhere.
    Own,
    /// None: the tabs are copies, and a window that lives may be connected by the originals.
    None,
}

impl WindowStore {
    /// Opens the storage. Returns the tabs of this window; in a new window, those of all windows.
    ///
    /// Replaces the keys that these tabs are from. A window that still lives notices, and stores its tabs again.
    pub(super) fn open() -> (OpenTabs, Self) {
        let own = storage::get_of_window(TABS_KEY);
        let key = StoredValue::new(format!("{TABS_KEY}.{}", new_list()));
        let own = OpenTabs::read(&own.unwrap_or_default());
        let mut reconnects = Reconnects::All;
        let (tabs, replaced) = if own.tabs.is_empty() {
            let read = |key: String| Some((OpenTabs::read(&storage::get(&key)?), key));
            let windows = storage::keys_with(TABS_KEY).into_iter().filter_map(read);
            let windows: Vec<_> = windows.map(|(tabs, key)| (key, tabs)).collect();
            let lives = windows.iter().any(|(_, tabs)| !tabs.is_left);
            reconnects = if lives { Reconnects::None } else { Reconnects::Own };
            OpenTabs::merge(windows)
        } else {
            (own, storage::get_of_window(WINDOW).into_iter().collect())
        };
        let store = Self { key, reconnects, is_left: StoredValue::new(false) };
        // The same for the life of the page.
        let is_named = key.with_value(|key| storage::set_of_window(WINDOW, key));
        if is_named && store.set(tabs.clone()) {
            for key in &replaced {
                storage::remove(key);
            }
        }
        (tabs, store)
    }

    /// Stores the tabs. Returns `true` on success. Two writes: the session of the window, and the storage of all
    /// windows. A window whose page is being closed stores nothing, which is no failure.
    pub(super) fn set(self, tabs: OpenTabs) -> bool {
        let Some((key, is_left)) = self.key.try_get_value().zip(self.is_left.try_get_value())
        else {
            return true;
        };
        let text = OpenTabs { at: now().0 / 1_000, is_left, ..tabs }.to_text();
        storage::set_of_window(TABS_KEY, &text) && storage::set(&key, &text)
    }

    /// Calls `act` when another window has replaced the stored tabs. Ends with the current owner.
    pub(super) fn on_replaced(self, act: impl Fn() + 'static) {
        let key = self.key.get_value();
        storage::on_change(key.clone(), move || {
            if storage::get(&key).is_none() {
                act();
            }
        });
    }

    /// Message lists of the tabs of all windows, some of them twice.
    pub(super) fn lists() -> Vec<String> {
        let texts = storage::keys_with(TABS_KEY).into_iter().filter_map(|key| storage::get(&key));
        texts.flat_map(|text| OpenTabs::read(&text).tabs).map(|tab| tab.list).collect()
    }
}
