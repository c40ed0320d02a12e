//! Recent addresses, kept in the browser's storage.

use leptos::prelude::*;
use workbench::connect::Recent;

use crate::browser::storage;

/// Storage key; the value holds one address a line.
const RECENT: &str = "wsbench.recent";

/// Recent addresses, newest first.
#[derive(Clone, Copy)]
pub struct Recents(RwSignal<Recent>);

impl Recents {
    /// Loads the stored addresses.
    #[must_use]
    pub fn load() -> Self {
        Self(RwSignal::new(Recent::read(&storage::get(RECENT).unwrap_or_default())))
    }

    /// Addresses, newest first.
    #[must_use]
    pub fn addresses(self) -> Signal<Vec<String>> {
        Signal::derive(move || self.0.with(|recent| recent.addresses().to_vec()))
    }

    /// Moves or adds `address` to the front, and stores the list.
    pub fn add(self, address: &str) {
        self.change(|recent| recent.add(address));
    }

    /// Removes `address`, and stores the list.
    pub fn remove(self, address: &str) {
        self.change(|recent| recent.remove(address));
    }

    fn change(self, change: impl FnOnce(&mut Recent)) {
        self.0.try_update(|recent| {
            // Another window may have added some meanwhile.
            let stored = storage::get(RECENT).unwrap_or_default();
            *recent = Recent::read(&format!("{}\n{stored}", recent.to_text()));
            change(recent);
            // Without storage they last as long as the page.
            let _ = storage::set(RECENT, &recent.to_text());
        });
    }
}
