//! Runs the workbench's session in the browser: performs its effects, publishes what views show.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;
use workbench::{Backoff, Bounds, Close, Effect, Ending, Entry, Event, Message, Session, State};

use crate::{clock::now, socket::Socket};

/// Time for the peer's answer to a Close frame. Browsers wait up to a minute for it, in which the
/// person could not connect again.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(3);

/// One session, and the signals that show it. Copies are the same session.
#[derive(Clone, Copy)]
pub struct Shell {
    url: StoredValue<Arc<str>>,
    inner: StoredValue<Inner, LocalStorage>,
    state: RwSignal<State>,
    rows: RwSignal<Rows>,
}

struct Inner {
    session: Session,
    /// The socket of the session's current attempt.
    socket: Option<Socket>,
    /// Rows changed, and the next frame will show them.
    publish_is_due: bool,
}

/// What the message list shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The entries held, oldest first.
    pub entries: Vec<Arc<Entry>>,
    /// Entries that were let go before them.
    pub dropped: u64,
}

impl Shell {
    /// A session with the server at `url`, not connected yet.
    #[must_use]
    pub fn new(url: &str) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only a seed")]
        let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
        let session = Session::new(Backoff::DEFAULT, Bounds::DEFAULT, seed);
        Self {
            url: StoredValue::new(url.into()),
            state: RwSignal::new(session.state().clone()),
            rows: RwSignal::default(),
            inner: StoredValue::new_local(Inner { session, socket: None, publish_is_due: false }),
        }
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> Arc<str> {
        self.url.get_value()
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> Signal<State> {
        self.state.into()
    }

    /// What passed over it. Changes once a frame at most, however fast messages come.
    #[must_use]
    pub fn rows(&self) -> Signal<Rows> {
        self.rows.into()
    }

    /// Connects; while waiting for a retry, makes it now.
    pub fn connect(&self) {
        self.dispatch(Event::Connect);
    }

    /// Disconnects, or stops retrying.
    pub fn disconnect(&self) {
        self.dispatch(Event::Disconnect);
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// Gives the message back if the connection is not open, begins to close, or takes no more at
    /// the moment.
    pub fn send(&self, message: Message) -> Result<(), Message> {
        let sent = self.inner.try_update_value(|inner| {
            let takes_more = inner.socket.as_ref().is_some_and(Socket::takes_more);
            if takes_more { inner.session.send(message, now()) } else { Err(message) }
        });
        // The view is gone, and with it whoever could want the message back.
        let Some(sent) = sent else { return Ok(()) };
        self.perform(sent?);
        self.publish();
        Ok(())
    }

    /// Reports and timers may outlive the page's view: then nothing is left to update.
    fn dispatch(&self, event: Event) {
        let effect = self.inner.try_update_value(|inner| inner.session.handle(event, now()));
        if let Some(Some(effect)) = effect {
            self.perform(effect);
        }
        self.publish();
    }

    /// The session has one socket at a time, so that the current one is always the one meant.
    fn perform(&self, effect: Effect) {
        let shell = *self;
        match effect {
            Effect::Open(attempt) => {
                let socket = Socket::open(attempt, &self.url(), move |event| shell.dispatch(event));
                self.inner.try_update_value(|inner| inner.socket = Some(socket));
            }
            Effect::Send(_, message) => self.with_socket(|socket| socket.send(&message)),
            Effect::Close(attempt) => {
                self.with_socket(Socket::close);
                // Changes nothing if the socket's own report comes first.
                let ending = Ending::Closed(Close::abnormal());
                let give_up = move || shell.dispatch(Event::Ended(attempt, ending.clone()));
                set_timeout(give_up, CLOSE_HANDSHAKE);
            }
            Effect::Wait(attempt, delay) => {
                set_timeout(move || shell.dispatch(Event::Waited(attempt)), delay);
            }
        }
    }

    fn with_socket(&self, act: impl FnOnce(&Socket)) {
        self.inner.try_with_value(|inner| inner.socket.as_ref().map(act));
    }

    /// Shows a new state at once, and new rows with the next frame.
    fn publish(&self) {
        let shell = *self;
        let changed = self.inner.try_update_value(|inner| {
            if !inner.publish_is_due {
                inner.publish_is_due = true;
                request_animation_frame(move || shell.publish_rows());
            }
            let state = inner.session.state();
            let is_shown = shell.state.try_with_untracked(|shown| shown == state);
            (is_shown == Some(false)).then(|| state.clone())
        });
        if let Some(Some(state)) = changed {
            self.state.try_set(state);
        }
    }

    fn publish_rows(&self) {
        let rows = self.inner.try_update_value(|inner| {
            inner.publish_is_due = false;
            let transcript = inner.session.transcript();
            Rows { entries: transcript.entries().cloned().collect(), dropped: transcript.dropped() }
        });
        if let Some(rows) = rows {
            self.rows.try_set(rows);
        }
    }
}
