//! Form state: the target being edited, and its validation.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use leptos::prelude::*;
use session::State;
use workbench::connect::{
    Address, AddressError, AddressSpace, Cause, Page, causes, obstacle, switch_note,
    wrong_subprotocols,
};

use super::{
    options::kind::OptionsTab,
    state::{has_failed, retry_at},
    words::words,
};
use crate::browser::location::server_url;

/// Forms created so far: element ids must differ from form to form.
static FORMS: AtomicU32 = AtomicU32::new(0);

/// Target of the next connection, with validation and status.
#[derive(Clone, Copy)]
pub(super) struct ConnectForm {
    pub(super) address: RwSignal<String>,
    pub(super) subprotocols: RwSignal<Vec<String>>,
    pub(super) state: Signal<State>,
    /// Address that the connection uses, tries or closes.
    in_use: Signal<Option<String>>,
    /// Address to connect to once the connection has closed.
    next_address: Signal<Option<String>>,
    /// True if the options are expanded.
    pub(super) is_expanded: RwSignal<bool>,
    /// Group of options that was chosen last.
    pub(super) options_tab: RwSignal<OptionsTab>,
    /// True if validation errors are shown; false while typing.
    pub(super) shows_errors: RwSignal<bool>,
    /// Address and subprotocols of the last attempt.
    attempted: RwSignal<(String, Vec<String>)>,
    /// Address of the page's server without a path, if there is one.
    origin: StoredValue<Option<String>>,
    number: u32,
}

impl ConnectForm {
    pub(super) fn new(
        address: RwSignal<String>,
        subprotocols: RwSignal<Vec<String>>,
        state: Signal<State>,
        in_use: Signal<Option<String>>,
        next_address: Signal<Option<String>>,
    ) -> Self {
        let url = server_url();
        let origin = url.as_deref().and_then(|url| url.strip_suffix("/ws")).map(str::to_owned);
        Self {
            address,
            subprotocols,
            state,
            in_use,
            next_address,
            is_expanded: RwSignal::new(false),
            options_tab: RwSignal::new(OptionsTab::Endpoint),
            shows_errors: RwSignal::new(false),
            attempted: RwSignal::new((address.get_untracked(), subprotocols.get_untracked())),
            origin: StoredValue::new(origin),
            number: FORMS.fetch_add(1, Relaxed),
        }
    }

    /// Element id, unique to this form.
    pub(super) fn id(self, element: &str) -> String {
        format!("connect-{}-{element}", self.number)
    }

    /// Address of the page's server without a path, if there is one.
    pub(super) fn origin(self) -> Option<String> {
        self.origin.get_value()
    }

    /// True if messages can be sent.
    pub(super) fn is_open(self) -> bool {
        self.state.with(State::can_send)
    }

    /// True if a connection is in use: open, opening, closing, or to be retried.
    pub(super) fn is_in_use(self) -> bool {
        !self.state.with(|state| matches!(state, State::Idle(_)))
    }

    /// True if a retry is pending.
    pub(super) fn is_waiting(self) -> bool {
        self.state.with(|state| retry_at(state).is_some())
    }

    /// Security and address space of this page; loopback if no server sent it.
    fn page(self) -> Page {
        let server = self.origin().and_then(|origin| Address::parse(&origin, false).ok());
        let local = Page { is_secure: false, space: AddressSpace::Loopback };
        server.map_or(local, |server| Page::from(&server))
    }

    fn parse(self, typed: &str) -> Result<Address, AddressError> {
        Address::parse(typed, self.page().is_secure)
    }

    /// Sets the address while typing. An error that is shown stays until it is fixed.
    pub(super) fn edit_address(self, typed: String) {
        if self.parse(&typed).is_ok_and(|address| obstacle(&address, self.page()).is_none()) {
            self.shows_errors.set(false);
        }
        self.address.set(typed);
    }

    /// Shows the error of an invalid address, once typing has ended.
    pub(super) fn finish_address(self) {
        if self.address.with_untracked(|typed| self.parse(typed)).is_err() {
            self.shows_errors.set(true);
        }
    }

    /// Error in the address, if errors are shown.
    pub(super) fn error(self) -> Option<AddressError> {
        let shows_errors = self.shows_errors.get();
        self.address.with(|typed| self.parse(typed).err()).filter(|_| shows_errors)
    }

    /// True if the address is marked as invalid.
    pub(super) fn is_wrong(self) -> bool {
        self.error().is_some() || self.obstacle().is_some()
    }

    /// Reason for which the browser refuses the address without trying, if errors are shown.
    fn obstacle(self) -> Option<Cause> {
        let shows_errors = self.shows_errors.get();
        let address = self.address.with(|typed| self.parse(typed).ok()).filter(|_| shows_errors);
        address.and_then(|address| obstacle(&address, self.page()))
    }

    /// Message below the address: an error, or a hint that it differs from the address in use.
    pub(super) fn note(self) -> Option<String> {
        let words = &words().address;
        let switch = || {
            let (in_use, next) = (self.in_use.get(), self.next_address.get());
            let is_secure = self.page().is_secure;
            self.state.with(|state| {
                self.address.with(|typed| {
                    switch_note(state, in_use.as_deref(), next.as_deref(), typed, is_secure)
                })
            })
        };
        let has_invalid_subprotocol = || {
            self.shows_errors.get()
                && self
                    .subprotocols
                    .with(|names| wrong_subprotocols(names).iter().any(Option::is_some))
        };
        if let Some(error) = self.error() {
            Some((words.error)(&error))
        } else if let Some(obstacle) = self.obstacle() {
            Some((self::words().connection.cause)(&obstacle))
        } else if has_invalid_subprotocol() {
            Some(words.invalid_subprotocol.to_owned())
        } else {
            switch().map(|note| (words.switch)(&note))
        }
    }

    /// Validates the form and completes the address with its scheme. Returns false, and shows the
    /// errors, if the address or a subprotocol is invalid.
    pub(super) fn complete(self) -> bool {
        self.shows_errors.set(true);
        let mut names = self.subprotocols.get_untracked();
        names.retain(|name| !name.is_empty());
        if wrong_subprotocols(&names).iter().any(Option::is_some) {
            self.options_tab.set(OptionsTab::Subprotocols);
            self.is_expanded.set(true);
            return false;
        }
        let Ok(address) = self.address.with_untracked(|typed| self.parse(typed)) else {
            return false;
        };
        if obstacle(&address, self.page()).is_some() {
            return false;
        }
        self.shows_errors.set(false);
        self.attempted.set((address.as_str().to_owned(), names.clone()));
        self.subprotocols.set(names);
        self.address.set(address.to_string());
        true
    }

    /// Common causes of the last failure, likeliest first, as sentences. Kept during a retry: a list
    /// that flickers cannot be read.
    pub(super) fn causes(self) -> Memo<Vec<String>> {
        let page = self.page();
        Memo::new(move |before: Option<&Vec<String>>| {
            let is_connecting = self.state.with(|state| matches!(state, State::Connecting(_)));
            if is_connecting {
                return before.cloned().unwrap_or_default();
            }
            if !self.state.with(has_failed) {
                return Vec::new();
            }
            self.attempted.with_untracked(|(attempted, names)| match self.parse(attempted) {
                Ok(address) => {
                    causes(&address, names, page).iter().map(words().connection.cause).collect()
                }
                Err(error) => vec![(words().address.error)(&error)],
            })
        })
    }
}
