//! The addresses that were connected to, remembered by the browser.

use leptos::prelude::*;
use workbench::connect::Recent;

use crate::browser::storage;

/// What they are stored under: one address a line.
const RECENT: &str = "wsbench.recent";

/// The recent addresses, newest first. Copies are the same.
#[derive(Clone, Copy)]
pub struct Recents(RwSignal<Recent>);

impl Recents {
    /// What the browser remembers.
    #[must_use]
    pub fn load() -> Self {
        Self(RwSignal::new(Recent::read(&storage::get(RECENT).unwrap_or_default())))
    }

    /// The addresses, newest first.
    #[must_use]
    pub fn addresses(self) -> Signal<Vec<String>> {
        Signal::derive(move || self.0.with(|recent| recent.addresses().to_vec()))
    }

    /// Puts `address` first.
    pub fn add(self, address: &str) {
        self.0.try_update(|recent| {
            // Another window may have stored some since; a browser that stores nothing has ours.
            let stored = storage::get(RECENT).unwrap_or_default();
            *recent = Recent::read(&format!("{}\n{stored}", recent.to_text()));
            recent.add(address);
            // They stay in this window in any case.
            let _ = storage::set(RECENT, &recent.to_text());
        });
    }
}
