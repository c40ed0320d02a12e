//! Form state: the target being edited, and its validation.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use leptos::prelude::*;
use session::{EndReason, State};
use workbench::{
    compose::Template,
    connect::{
        Address, AddressError, Cause, Page, SavedConnection, SubprotocolError, SwitchNote, Target,
        missing_secret, obstacle, shown_address, switch_note,
    },
    engine::ConnectionState,
    relay::{HeaderError, RelayOptions},
};

use super::{
    options::options_tab::{OptionsTab, RouteSection},
    state::has_failed,
    target_input::TargetInput,
    words::words,
};
use crate::browser::{
    dom::focus::{ADDRESS, focus, focus_at},
    fetch::ask_for_relay,
    location::server_url,
};

/// Selector of the first box among the options that is marked as wrong.
pub(super) const WRONG_OPTION: &str = ".options [aria-invalid=true]";

/// Forms created so far: element ids must differ from form to form.
static FORMS: AtomicU32 = AtomicU32::new(0);

/// Target of the next connection, with validation and status.
#[derive(Clone, Copy)]
pub struct ConnectForm {
    pub(super) target: TargetInput,
    /// Connection as the engine reports it.
    pub(super) reported: Signal<ConnectionState>,
    pub(super) is_expanded: RwSignal<bool>,
    pub(super) options_tab: RwSignal<OptionsTab>,
    pub(super) section: RwSignal<Option<RouteSection>>,
    /// True if validation errors are shown; false while typing.
    pub(super) shows_errors: RwSignal<bool>,
    /// Address of the page's server without a path, if there is one.
    origin: StoredValue<Option<String>>,
    /// Address in the box with its variables filled in, and its text without secrets.
    pub(super) parsed: Memo<Result<(Address, String), AddressError>>,
    /// First mistake, which keeps the form from connecting.
    mistake: Memo<Option<Mistake>>,
    /// Answer of the page's server about its relay: there, or refused; `None` before it was asked.
    pub(super) relays: RwSignal<Option<Result<(), Cause>>>,
    /// Last change of the saved connections, or by one of them.
    pub(super) saved_undo: RwSignal<Option<SavedUndo>>,
    number: u32,
}

/// Mistake in the form.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Mistake {
    /// Invalid address.
    Address(AddressError),
    /// Address that the browser refuses without trying, which the page's server may not.
    Refused(Cause),
    /// Invalid subprotocol.
    Subprotocol(SubprotocolError),
    /// Invalid option of the route; of a header, with its index.
    Route(Option<usize>, HeaderError),
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
    #[must_use]
    pub fn new(target: TargetInput, reported: Signal<ConnectionState>) -> Self {
        let url = server_url();
        let page = Page::from_endpoint(url.as_deref());
        let is_secure = page.is_secure();
        let parsed: Memo<Result<_, AddressError>> = Memo::new(move |_| {
            target.address.with(|typed| {
                let address = Address::fill(typed, || target.values(), is_secure)?;
                Ok((address, shown_address(typed, &target.values(), is_secure)))
            })
        });
        let mistake = Memo::new(move |_| {
            let is_relayed = target.relay.with(Option::is_some);
            let missing = || {
                let (name, at) = target.address.with(|typed| missing_secret(typed))?;
                Some(Mistake::Address(AddressError::MissingSecret { name, at }))
            };
            let of_address = parsed.with(|parsed| match parsed {
                Err(error) => Some(Mistake::Address(error.clone())),
                Ok(_) if is_relayed => missing(),
                Ok((address, _)) => obstacle(address, &page).map(Mistake::Refused).or_else(missing),
            });
            let of_subprotocol = || {
                let error = target.filled_subprotocols().into_iter().find_map(Result::err)?;
                Some(Mistake::Subprotocol(error))
            };
            of_address.or_else(of_subprotocol).or_else(|| {
                target.route_error().map(|(header, error)| Mistake::Route(header, error))
            })
        });
        let origin = url.as_deref().and_then(|url| url.strip_suffix("/ws")).map(str::to_owned);
        Self {
            target,
            reported,
            is_expanded: RwSignal::new(false),
            options_tab: RwSignal::new(OptionsTab::Endpoint),
            section: RwSignal::new(Some(RouteSection::Headers)),
            shows_errors: RwSignal::new(false),
            origin: StoredValue::new(origin),
            parsed,
            mistake,
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

    /// State to show: a failure gives way to a mistake in the next address, and to an edit of the address.
    pub(super) fn shown_state(self) -> State {
        let state = self.target.shown_state(self.reported.with(|it| it.state.clone()));
        let has_failed =
            matches!(state, State::Idle(Some(EndReason::Failed | EndReason::Cancelled)));
        if has_failed && self.is_wrong() { State::Idle(None) } else { state }
    }

    /// Sets the address while typing. An error that is shown stays until it is fixed.
    pub(super) fn edit_address(self, typed: String) {
        self.target.address.set(typed);
        if !is_of_address(self.mistake.get_untracked().as_ref()) {
            self.shows_errors.set(false);
        }
    }

    /// Completes a path alone, such as `/echo`, by the page's server, and takes user name and password out of the
    /// address, if the connection goes through that server.
    pub(super) fn tidy_address(self) {
        let mut target = self.target.get_untracked();
        let path = target.url.trim_start();
        if path.starts_with('/')
            && !path.starts_with("//")
            && let Some(origin) = self.origin()
        {
            target.url = origin + path;
        }
        target.sign_in();
        if self.target.address.with_untracked(|address| *address != target.url) {
            self.target.address.set(target.url);
            self.target.relay.set(target.relay.map(|it| *it));
        }
    }

    /// Shows the error of an invalid address, once typing has ended.
    pub(super) fn finish_address(self) {
        self.tidy_address();
        if self.parsed.with_untracked(Result::is_err) {
            self.shows_errors.set(true);
        }
    }

    /// First mistake in the form, if errors are shown.
    pub(super) fn mistake(self) -> Option<Mistake> {
        self.shows_errors.get().then(|| self.mistake.get()).flatten()
    }

    /// Group of options that has the first mistake, if errors are shown.
    pub(super) fn wrong_tab(self) -> Option<OptionsTab> {
        match self.mistake()? {
            Mistake::Address(_) | Mistake::Refused(_) => None,
            Mistake::Subprotocol(_) => Some(OptionsTab::Subprotocols),
            Mistake::Route(..) => Some(OptionsTab::Route),
        }
    }

    /// Unfolds the group of options that has the first mistake.
    pub(super) fn show_mistake(self) {
        let Some(tab) = untrack(|| self.wrong_tab()) else { return };
        if let Some(Mistake::Route(header, error)) = self.mistake.get_untracked() {
            use HeaderError::{CookieName, CookieValue, UserName};
            let section = match error {
                CookieName | CookieValue | UserName => RouteSection::Credentials,
                _ => header.map_or(RouteSection::Network, |_| RouteSection::Headers),
            };
            self.section.set(Some(section));
        }
        self.options_tab.set(tab);
        self.is_expanded.set(true);
    }

    /// True if the address is marked as invalid.
    pub(super) fn is_wrong(self) -> bool {
        is_of_address(self.mistake().as_ref())
    }

    /// True of an address that the browser refuses for its port, which the page's server does not.
    pub(super) fn is_blocked(self) -> bool {
        matches!(self.mistake(), Some(Mistake::Refused(Cause::BlockedPort(_))))
    }

    /// Error of the first option of the route that is invalid, if errors are shown; of a header, with its index.
    pub(super) fn shown_route_error(self) -> Option<(Option<usize>, HeaderError)> {
        self.target.route_error().filter(|_| self.shows_errors.get())
    }

    /// Fills in a target as it is. Connects to nothing.
    pub(super) fn set_target(self, target: Target) {
        self.shows_errors.set(false);
        self.target.set(target);
    }

    /// Fills in a saved target, whose options are for its own address, and does what comes `next`. It can be undone
    /// then, where saved connections are listed, until it is connected with later.
    pub(super) fn load_saved(
        self,
        SavedConnection { name, target }: SavedConnection,
        next: impl FnOnce(),
    ) {
        let before = self.target.get_untracked();
        self.set_target(target);
        if let Ok((address, shown)) = self.parsed.get_untracked() {
            self.target.relay.update(|relay| {
                if let Some(options) = relay {
                    options.bind(&address, &shown);
                }
            });
        }
        // The second of a double click changes nothing: undo stays that of the first.
        let is_own =
            |it: &Option<SavedUndo>| matches!(it, Some(SavedUndo::Loaded(of, _)) if *of == name);
        let is_change =
            self.target.get_untracked() != before || !self.saved_undo.with_untracked(is_own);
        next();
        if is_change {
            self.saved_undo.set(Some(SavedUndo::Loaded(name, before)));
        }
    }

    /// Shows which secret has no value, if one has none, and moves the focus there.
    pub(super) fn show_missing(self) {
        if self.mistake.with_untracked(|it| it.as_ref().is_some_and(Mistake::is_missing)) {
            self.complete();
        }
    }

    /// Changes the options of the relay. They are bound to the address in the box if that was the last target.
    pub(super) fn set_option(self, change: impl FnOnce(&mut RelayOptions)) {
        let address =
            self.parsed.get_untracked().ok().filter(|_| untrack(|| self.target.is_tried()));
        self.target.relay.update(|relay| {
            let options = relay.get_or_insert_default();
            options.clear_unused_binding();
            change(options);
            if let Some((address, shown)) = address {
                options.bind(&address, &shown);
            }
        });
    }

    /// True of an address without variables.
    pub(super) fn is_constant(self) -> bool {
        self.target.address.with(|typed| Template::is_constant_text(typed))
    }

    /// Address in the box without secrets, if it is valid.
    fn shown(self) -> Option<String> {
        self.parsed.with(|it| it.as_ref().ok().map(|(_, shown)| shown.clone()))
    }

    /// Difference of the form from the connection in use, if any.
    pub(super) fn switch_note(self) -> Option<SwitchNote> {
        let address = self.shown();
        let has_changed = self.target.has_changed();
        self.reported.with(|it| {
            let [in_use, next, address] =
                [&it.in_use, &it.next_address, &address].map(Option::as_deref);
            switch_note(&it.state, in_use, next, address, has_changed)
        })
    }

    /// Message below the address: an error, or a hint that it differs from the address in use.
    pub(super) fn note(self) -> Option<String> {
        let words = &words().address;
        let expanded = || {
            let address = self.shown().filter(|_| !self.is_in_use() && !self.is_constant());
            address.map(|address| (words.expanded)(&address))
        };
        Some(match self.mistake() {
            Some(Mistake::Address(error)) => (words.error)(&error),
            Some(Mistake::Refused(cause)) => (self::words().connection.cause)(&cause),
            Some(Mistake::Subprotocol(error)) => (self::words().options.subprotocol_error)(&error),
            // Its group of the route may be folded.
            Some(Mistake::Route(_, error)) => (self::words().route.header_error)(&error),
            None => self.switch_note().map(|note| (words.switch)(&note)).or_else(expanded)?,
        })
    }

    /// Validates the form, then renews the values of variables, and completes an address without variables by
    /// its scheme. Returns false, and shows the first mistake, if there is one.
    pub(crate) fn complete(self) -> bool {
        self.tidy_address();
        self.shows_errors.set(true);
        self.target.subprotocols.update(|names| names.retain(|name| !name.is_empty()));
        let Some(mistake) = self.mistake.get_untracked() else {
            self.target.renew();
            self.shows_errors.set(false);
            self.saved_undo.update(|it| drop(it.take_if(|it| matches!(it, SavedUndo::Loaded(..)))));
            if let Ok((address, _)) = self.parsed.get_untracked()
                && untrack(|| self.is_constant())
            {
                self.target.address.set(address.to_string());
            }
            return true;
        };
        if let Mistake::Address(AddressError::MissingSecret { at, .. }) = mistake {
            let before = self.target.address.with_untracked(|it| it[..at].encode_utf16().count());
            request_animation_frame(move || focus_at(ADDRESS, before));
        } else if mistake.is_missing() {
            request_animation_frame(|| focus(WRONG_OPTION));
        }
        self.show_mistake();
        false
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

impl Mistake {
    /// True of a secret without its value, which may be one that was not stored.
    fn is_missing(&self) -> bool {
        use HeaderError::{Missing, MissingOfProxy};
        matches!(
            self,
            Self::Address(AddressError::MissingSecret { .. })
                | Self::Route(_, Missing { .. } | MissingOfProxy)
        )
    }
}

/// True of a mistake in the address.
fn is_of_address(mistake: Option<&Mistake>) -> bool {
    matches!(mistake, Some(Mistake::Address(_) | Mistake::Refused(_)))
}
