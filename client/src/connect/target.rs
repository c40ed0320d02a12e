//! What a person wants to connect to: what the parts of the bar share.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use leptos::prelude::*;
use session::State;
use workbench::connect::{Address, AddressError, AddressSpace, Page, causes, wrong_subprotocols};

use super::{
    standing::{has_failed, waits_until},
    words::words,
};
use crate::browser::location::server_url;

/// Bars made so far: elements name each other by ids, and those must differ from bar to bar.
static BARS: AtomicU32 = AtomicU32::new(0);

/// The wish, and what is said about it. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) address: RwSignal<String>,
    pub(super) subprotocols: RwSignal<Vec<String>>,
    pub(super) state: Signal<State>,
    /// Whether the query and so on are shown.
    pub(super) is_unfolded: RwSignal<bool>,
    /// Whether mistakes are named: not while the person is still typing.
    pub(super) names_mistakes: RwSignal<bool>,
    /// What was last connected to, and the subprotocols that were asked for.
    tried: RwSignal<(String, Vec<String>)>,
    /// The address of the page's server without a path, if there is one.
    origin: StoredValue<Option<String>>,
    bar: u32,
}

impl Target {
    pub(super) fn new(
        address: RwSignal<String>,
        subprotocols: RwSignal<Vec<String>>,
        state: Signal<State>,
    ) -> Self {
        let url = server_url();
        let origin = url.as_deref().and_then(|url| url.strip_suffix("/ws")).map(str::to_owned);
        Self {
            address,
            subprotocols,
            state,
            is_unfolded: RwSignal::new(false),
            names_mistakes: RwSignal::new(false),
            tried: RwSignal::new((address.get_untracked(), subprotocols.get_untracked())),
            origin: StoredValue::new(origin),
            bar: BARS.fetch_add(1, Relaxed),
        }
    }

    /// The id of one of this bar's elements.
    pub(super) fn id(self, element: &str) -> String {
        format!("connect-{}-{element}", self.bar)
    }

    /// The address of the page's server without a path, if there is one.
    pub(super) fn origin(self) -> Option<String> {
        self.origin.get_value()
    }

    /// Whether messages can be sent.
    pub(super) fn is_open(self) -> bool {
        self.state.with(State::can_send)
    }

    /// Whether the next attempt is waited for.
    pub(super) fn is_waiting(self) -> bool {
        self.state.with(|state| waits_until(state).is_some())
    }

    /// What the browser knows of this page; one that no server sent is this computer's.
    fn page(self) -> Page {
        let server = self.origin().and_then(|origin| Address::parse(&origin, false).ok());
        let at_home = Page { is_secure: false, space: AddressSpace::Loopback };
        server.map_or(at_home, |server| Page::from(&server))
    }

    fn parse(self, typed: &str) -> Result<Address, AddressError> {
        Address::parse(typed, self.page().is_secure)
    }

    /// Takes what is in the box while the person types: a mistake that was named is followed until
    /// it is put right, and no other is named before the person has done.
    pub(super) fn type_address(self, typed: String) {
        if self.parse(&typed).is_ok() {
            self.names_mistakes.set(false);
        }
        self.address.set(typed);
    }

    /// The person has done typing.
    pub(super) fn leave_address(self) {
        if self.address.with_untracked(|typed| self.parse(typed)).is_err() {
            self.names_mistakes.set(true);
        }
    }

    /// What is wrong with the address, if mistakes are named.
    pub(super) fn mistake(self) -> Option<AddressError> {
        let names_mistakes = self.names_mistakes.get();
        self.address.with(|typed| self.parse(typed).err()).filter(|_| names_mistakes)
    }

    /// What there is to say below the address: a mistake, or that it is not the one in use.
    pub(super) fn note(self) -> Option<String> {
        let words = &words().address;
        let is_in_use = self.state.with(State::can_disconnect);
        let is_changed =
            || self.address.with(|typed| self.tried.with(|(tried, _)| typed.trim() != tried));
        let has_wrong_subprotocol = || {
            self.names_mistakes.get()
                && self
                    .subprotocols
                    .with(|names| wrong_subprotocols(names).iter().any(Option::is_some))
        };
        if let Some(mistake) = self.mistake() {
            Some((words.mistake)(&mistake))
        } else if has_wrong_subprotocol() {
            Some(words.subprotocol_is_wrong.to_owned())
        } else {
            (is_in_use && is_changed()).then(|| words.for_the_next.to_owned())
        }
    }

    /// Takes the address for one to connect to, if it is, and completes it. If it or a subprotocol
    /// is wrong, that is said from now on.
    pub(super) fn settle(self) -> bool {
        self.names_mistakes.set(true);
        let mut names = self.subprotocols.get_untracked();
        names.retain(|name| !name.is_empty());
        if wrong_subprotocols(&names).iter().any(Option::is_some) {
            self.is_unfolded.set(true);
            return false;
        }
        let Ok(address) = self.address.with_untracked(|typed| self.parse(typed)) else {
            return false;
        };
        self.names_mistakes.set(false);
        self.tried.set((address.as_str().to_owned(), names.clone()));
        self.subprotocols.set(names);
        self.address.set(address.to_string());
        true
    }

    /// The usual causes of the last failure, most likely first, as sentences. They stay while it is
    /// tried again: a list that comes and goes cannot be read.
    pub(super) fn causes(self) -> Memo<Vec<String>> {
        let page = self.page();
        Memo::new(move |before: Option<&Vec<String>>| {
            let is_trying = self.state.with(|state| matches!(state, State::Connecting(_)));
            if is_trying {
                return before.cloned().unwrap_or_default();
            }
            if !self.state.with(has_failed) {
                return Vec::new();
            }
            self.tried.with_untracked(|(tried, names)| match self.parse(tried) {
                Ok(address) => {
                    causes(&address, names, page).iter().map(words().connection.cause).collect()
                }
                Err(mistake) => vec![(words().address.mistake)(&mistake)],
            })
        })
    }
}
