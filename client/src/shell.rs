//! Runs the workbench's session in the browser: performs its effects, publishes what views show.

use std::sync::Arc;

use futures::{channel::mpsc, task::noop_waker_ref};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use workbench::{Backoff, Bounds, Effect, Entry, Event, Message, Session, State};

use crate::{
    clock::now,
    socket::{self, Command},
};

/// Messages handed to a socket's task and not yet to the browser, at most. The task takes them
/// before the page gets to run again, so that this is reached only by a page that sends in a loop.
const WAITING_COMMANDS: usize = 1_024;

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
    /// To the task of the current socket; dropping it closes the socket.
    commands: Option<mpsc::Sender<Command>>,
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
            inner: StoredValue::new_local(Inner { session, commands: None, publish_is_due: false }),
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
    /// Gives the message back if the connection is not open or takes no more at the moment.
    pub fn send(&self, message: Message) -> Result<(), Message> {
        let sent = self.inner.try_update_value(|inner| {
            if inner.has_room() { inner.session.send(message, now()) } else { Err(message) }
        });
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

    fn perform(&self, effect: Effect) {
        let shell = *self;
        match effect {
            Effect::Open(attempt) => {
                let (commands, queue) = mpsc::channel(WAITING_COMMANDS);
                self.inner.try_update_value(|inner| inner.commands = Some(commands));
                let url = self.url().to_string();
                spawn_local(socket::run(attempt, url, queue, move |event| shell.dispatch(event)));
            }
            Effect::Send(_, message) => self.command(Command::Send(message)),
            Effect::Close(_) => self.command(Command::Close),
            Effect::Wait(attempt, delay) => {
                set_timeout(move || shell.dispatch(Event::Waited(attempt)), delay);
            }
        }
    }

    /// The session has one socket at a time, so that the current task is the one meant.
    fn command(&self, command: Command) {
        self.inner.try_update_value(|inner| {
            if let Some(commands) = &mut inner.commands {
                // Full only for Close, and then dropping the sender closes the socket as well.
                if commands.try_send(command).is_err() {
                    inner.commands = None;
                }
            }
        });
    }

    /// Shows a new state at once, and new rows with the next frame.
    fn publish(&self) {
        let shell = *self;
        self.inner.try_update_value(|inner| {
            if shell.state.try_with_untracked(|shown| shown != inner.session.state()) == Some(true)
            {
                shell.state.try_set(inner.session.state().clone());
            }
            if !inner.publish_is_due {
                inner.publish_is_due = true;
                request_animation_frame(move || shell.publish_rows());
            }
        });
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

impl Inner {
    /// Whether the socket's task takes another command now.
    fn has_room(&mut self) -> bool {
        let mut context = std::task::Context::from_waker(noop_waker_ref());
        self.commands.as_mut().is_some_and(|commands| {
            matches!(commands.poll_ready(&mut context), std::task::Poll::Ready(Ok(())))
        })
    }
}
