//! Form state: the target being edited, and its validation.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use leptos::prelude::*;
use session::{EndReason, State};
use workbench::{
    compose::{Template, Values},
    connect::{
        Address, AddressError, Cause, Page, SavedConnection, SubprotocolError, SwitchNote, Target,
        fill_subprotocols, obstacle, shown_address, switch_note,
    },
    engine::ConnectionState,
    relay::{HeaderError, RelayOptions},
};

use super::{
    connection_values::ConnectionValues,
    options::options_tab::{OptionsTab, RouteSection},
    routing::Routing,
    state::{has_failed, retry_at},
    words::words,
};
use crate::browser::{fetch::ask_for_relay, location::server_url};

/// Forms created so far: element ids must differ from form to form.
static FORMS: AtomicU32 = AtomicU32::new(0);

/// Target of the next connection, with validation and status.
#[derive(Clone, Copy)]
pub struct ConnectForm {
    pub(super) routing: Routing,
    pub(super) values: Option<ConnectionValues>,
    /// Connection as the engine reports it.
    pub(super) reported: Signal<ConnectionState>,
    pub(super) is_expanded: RwSignal<bool>,
    pub(super) options_tab: RwSignal<OptionsTab>,
    pub(super) section: RwSignal<Option<RouteSection>>,
    /// True if validation errors are shown; false while typing.
    pub(super) shows_errors: RwSignal<bool>,
    /// Address of the page's server without a path, if there is one.
    origin: StoredValue<Option<String>>,
    /// Answer of the page's server about its relay: there, or refused; `None` before it was asked.
    pub(super) relays: RwSignal<Option<Result<(), Cause>>>,
    /// Last change of the saved connections, or by one of them.
    pub(super) saved_undo: RwSignal<Option<SavedUndo>>,
    number: u32,
}

/// Last change of the saved connections or of the target in the form, with what it replaced.
#[derive(Clone)]
pub(super) enum SavedUndo {
    /// Removed connection, with its index.
    Removed(usize, SavedConnection),
    /// Saved target, by its name, and the one that it replaced.
    Saved(String, Option<Target>),
    /// Saved connection that was filled in, by its name, and the target before.
    Loaded(String, Target),
}

impl ConnectForm {
    /// Creates a form with folded options. The page's server is not asked for its relay before it matters.
    /// Variables are only the built-in ones without `values`.
    #[must_use]
    pub fn new(
        routing: Routing,
        values: Option<ConnectionValues>,
        reported: Signal<ConnectionState>,
    ) -> Self {
        let url = server_url();
        let origin = url.as_deref().and_then(|url| url.strip_suffix("/ws")).map(str::to_owned);
        Self {
            routing,
            values,
            reported,
            is_expanded: RwSignal::new(false),
            options_tab: RwSignal::new(OptionsTab::Endpoint),
            section: RwSignal::new(Some(RouteSection::Headers)),
            shows_errors: RwSignal::new(false),
            origin: StoredValue::new(origin),
            relays: RwSignal::new(None),
            saved_undo: RwSignal::new(None),
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

    /// Origin of the page (RFC 6454), if it has a server.
    pub(super) fn page_origin(self) -> Option<String> {
        Some(self.origin()?.replacen("ws", "http", 1))
    }

    /// Asks the page's server if it connects to others, unless it said that it does.
    pub(super) fn ask_for_relay(self) {
        if self.relays.get_untracked() != Some(Ok(()))
            && let Some(origin) = self.page_origin()
        {
            // The form may be gone by then.
            ask_for_relay(&origin, move |relays| {
                self.relays.try_set(Some(relays));
            });
        }
    }

    /// Reason for which the page's server connects to no other, if it told one.
    pub(super) fn relay_refusal(self) -> Option<Cause> {
        self.relays.get()?.err()
    }

    /// True if messages can be sent.
    pub(super) fn is_open(self) -> bool {
        self.reported.with(|it| it.state.can_send())
    }

    /// True if a connection is in use: open, opening, closing, or to be retried.
    pub(super) fn is_in_use(self) -> bool {
        !self.reported.with(|it| matches!(it.state, State::Idle(_)))
    }

    /// True if the connection goes through the page's server, or the next one will.
    pub(super) fn is_relayed(self) -> bool {
        self.reported.with(|it| self.routing.is_relayed(&it.state, it.is_relayed))
    }

    /// True if a retry is pending.
    pub(super) fn is_waiting(self) -> bool {
        self.reported.with(|it| retry_at(&it.state).is_some())
    }

    /// Page that connects: its scheme and host decide on the addresses that a browser refuses.
    fn page(self) -> Page {
        Page::from_endpoint(self.origin().as_deref())
    }

    /// Values of variables.
    fn values(self) -> Values {
        self.values.map_or_else(|| Values::new(0), ConnectionValues::get)
    }

    /// Parses an address with its variables expanded.
    fn parse(self, typed: &str) -> Result<Address, AddressError> {
        Address::fill(typed, || self.values(), self.page().is_secure())
    }

    /// Address as it is shown, if it is valid: secret variables stay placeholders.
    fn shown(self, typed: &str) -> Option<String> {
        self.parse(typed).ok()?;
        Some(shown_address(typed, &self.values(), self.page().is_secure()))
    }

    /// Errors in the subprotocols, one result a row.
    pub(super) fn filled_subprotocols(self) -> Vec<Result<String, SubprotocolError>> {
        self.routing.subprotocols.with(|names| fill_subprotocols(names, &self.values()))
    }

    /// State to show: a failure gives way to a mistake in the next address, and to an edit of the address.
    pub(super) fn shown_state(self) -> State {
        let state = self.routing.shown_state(self.reported.with(|it| it.state.clone()));
        let has_failed = state == State::Idle(Some(EndReason::Failed));
        if has_failed && self.is_wrong() { State::Idle(None) } else { state }
    }

    /// Sets the address while typing. An error that is shown stays until it is fixed.
    pub(super) fn edit_address(self, typed: String) {
        let address = untrack(|| self.parse(&typed));
        if address.is_ok_and(|address| self.obstacle_to(&address).is_none()) {
            self.shows_errors.set(false);
        }
        self.routing.address.set(typed);
    }

    /// Completes a path alone, such as `/echo`, by the page's server, and takes user name and password out of the
    /// address, if the connection goes through that server.
    pub(super) fn tidy_address(self) {
        let mut target = self.target();
        let path = target.url.trim_start();
        if path.starts_with('/')
            && !path.starts_with("//")
            && let Some(origin) = self.origin()
        {
            target.url = origin + path;
        }
        target.sign_in();
        if self.routing.address.with_untracked(|address| *address != target.url) {
            self.routing.address.set(target.url);
            self.routing.relay.set(target.relay.map(|it| *it));
        }
    }

    /// Shows the error of an invalid address, once typing has ended.
    pub(super) fn finish_address(self) {
        self.tidy_address();
        if untrack(|| self.routing.address.with(|typed| self.parse(typed))).is_err() {
            self.shows_errors.set(true);
        }
    }

    /// Error in the address, if errors are shown.
    pub(super) fn error(self) -> Option<AddressError> {
        let shows_errors = self.shows_errors.get();
        self.routing.address.with(|typed| self.parse(typed).err()).filter(|_| shows_errors)
    }

    /// True if the address is marked as invalid.
    pub(super) fn is_wrong(self) -> bool {
        self.error().is_some() || self.obstacle().is_some()
    }

    /// Reason for which the browser refuses the address without trying, if errors are shown.
    pub(super) fn obstacle(self) -> Option<Cause> {
        let shows_errors = self.shows_errors.get();
        let address =
            self.routing.address.with(|typed| self.parse(typed).ok()).filter(|_| shows_errors);
        address.and_then(|address| self.obstacle_to(&address))
    }

    /// True of an address that the browser refuses for its port, which the page's server does not.
    pub(super) fn is_blocked(self) -> bool {
        matches!(self.obstacle(), Some(Cause::BlockedPort(_)))
    }

    /// Reason for which the browser would refuse `address`; `None` for a connection through the page's server.
    fn obstacle_to(self, address: &Address) -> Option<Cause> {
        let is_relayed = self.routing.relay.with(Option::is_some);
        if is_relayed { None } else { obstacle(address, &self.page()) }
    }

    /// Error of the first option of the route that is invalid; of a header, with its index.
    fn route_error(self) -> Option<(Option<usize>, HeaderError)> {
        let values = self.values();
        self.routing.relay.with(|relay| relay.as_ref().and_then(|it| it.filled(&values).err()))
    }

    /// The same, if errors are shown.
    pub(super) fn shown_route_error(self) -> Option<(Option<usize>, HeaderError)> {
        self.route_error().filter(|_| self.shows_errors.get())
    }

    /// Target of the next connection, as typed.
    pub(super) fn target(self) -> Target {
        untrack(|| self.routing.target())
    }

    /// Fills in a target as it is. Connects to nothing.
    pub(super) fn set_target(self, target: Target) {
        self.shows_errors.set(false);
        self.routing.set_target(target);
    }

    /// Fills in a saved target, whose options are for its own address, and does what comes `next`. It can be undone
    /// then, where saved connections are listed, until it is connected with later.
    pub(super) fn load_saved(
        self,
        SavedConnection { name, target }: SavedConnection,
        next: impl FnOnce(),
    ) {
        let before = self.target();
        self.set_target(target);
        if let Some((address, shown)) = untrack(|| self.parsed()) {
            self.routing.relay.update(|relay| {
                if let Some(options) = relay {
                    options.bind(&address, &shown);
                }
            });
        }
        // The second of a double click changes nothing: undo stays that of the first.
        let is_own =
            |it: &Option<SavedUndo>| matches!(it, Some(SavedUndo::Loaded(of, _)) if *of == name);
        let is_change = self.target() != before || !self.saved_undo.with_untracked(is_own);
        next();
        if is_change {
            self.saved_undo.set(Some(SavedUndo::Loaded(name, before)));
        }
    }

    /// Address in the box, and its text without secrets, if it is valid.
    pub(super) fn parsed(self) -> Option<(Address, String)> {
        self.routing.address.with(|typed| Some((self.parse(typed).ok()?, self.shown(typed)?)))
    }

    /// Changes the options of the relay. They are bound to the address in the box if that was the last target.
    pub(super) fn set_option(self, change: impl FnOnce(&mut RelayOptions)) {
        let address = untrack(|| self.parsed().filter(|_| self.is_tried()));
        self.routing.relay.update(|relay| {
            let options = relay.get_or_insert_default();
            options.clear_unused_binding();
            change(options);
            if let Some((address, shown)) = address {
                options.bind(&address, &shown);
            }
        });
    }

    /// True if the address is the one that was connected to last through the page's server: a confirmation applies to
    /// no other.
    pub(super) fn is_tried(self) -> bool {
        self.routing.address.with(|typed| self.routing.has_tried(typed))
    }

    /// True of an address without variables.
    pub(super) fn is_constant(self) -> bool {
        self.routing.address.with(|typed| Template::is_constant_text(typed))
    }

    /// Difference of the form from the connection in use, if any.
    pub(super) fn switch_note(self) -> Option<SwitchNote> {
        let address = self.routing.address.with(|typed| self.shown(typed));
        let has_changed = self.routing.has_changed();
        self.reported.with(|it| {
            let [in_use, next, address] =
                [&it.in_use, &it.next_address, &address].map(Option::as_deref);
            switch_note(&it.state, in_use, next, address, has_changed)
        })
    }

    /// Message below the address: an error, or a hint that it differs from the address in use.
    pub(super) fn note(self) -> Option<String> {
        let words = &words().address;
        let address = || self.routing.address.with(|typed| self.shown(typed));
        let expanded = || {
            let address = address().filter(|_| !self.is_in_use() && !self.is_constant());
            address.map(|address| (words.expanded)(&address))
        };
        let has_invalid_subprotocol =
            || self.shows_errors.get() && self.filled_subprotocols().iter().any(Result::is_err);
        if let Some(error) = self.error() {
            Some((words.error)(&error))
        } else if let Some(obstacle) = self.obstacle() {
            Some((self::words().connection.cause)(&obstacle))
        } else if has_invalid_subprotocol() {
            Some(words.invalid_subprotocol.to_owned())
        } else if let Some((_, error)) = self.shown_route_error() {
            // Its group of the route may be folded.
            Some((self::words().route.header_error)(&error))
        } else {
            self.switch_note().map(|note| (words.switch)(&note)).or_else(expanded)
        }
    }

    /// Validates the form, with new values of variables, and completes an address without variables by
    /// its scheme. Returns false, and shows the errors, if the address or a subprotocol is invalid.
    pub(crate) fn complete(self) -> bool {
        self.tidy_address();
        self.shows_errors.set(true);
        if let Some(values) = self.values {
            values.renew();
        }
        self.routing.subprotocols.update(|names| names.retain(|name| !name.is_empty()));
        let filled = untrack(|| self.filled_subprotocols());
        if filled.iter().any(Result::is_err) {
            self.options_tab.set(OptionsTab::Subprotocols);
            self.is_expanded.set(true);
            return false;
        }
        if let Some((header, _)) = untrack(|| self.route_error()) {
            let section = header.map_or(RouteSection::Network, |_| RouteSection::Headers);
            self.section.set(Some(section));
            self.options_tab.set(OptionsTab::Route);
            self.is_expanded.set(true);
            return false;
        }
        let Ok(address) = untrack(|| self.routing.address.with(|typed| self.parse(typed))) else {
            return false;
        };
        if self.obstacle_to(&address).is_some() {
            return false;
        }
        self.shows_errors.set(false);
        self.saved_undo.update(|it| drop(it.take_if(|it| matches!(it, SavedUndo::Loaded(..)))));
        if untrack(|| self.is_constant()) {
            self.routing.address.set(address.to_string());
        }
        true
    }

    /// Probable causes of the last failure, likeliest first. Kept during a retry: a list that flickers cannot be read.
    pub(super) fn causes(self) -> Memo<Vec<Cause>> {
        Memo::new(move |_| {
            let state = self.shown_state();
            if !has_failed(&state) && !matches!(state, State::Connecting(_)) {
                return Vec::new();
            }
            self.reported.with(|it| it.causes.clone())
        })
    }
}
