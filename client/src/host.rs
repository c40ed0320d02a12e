//! Runs an engine: gives it commands, sockets and time, performs its effects, and passes on what it
//! reports. In a worker, so that no message ever holds up a frame; in tests, in the page.

use std::{cell::RefCell, rc::Rc, time::Duration};

use gloo_timers::callback::Timeout;
use web_sys::MessagePort;
use workbench::{Close, Command, Effect, Ending, Engine, Event, Reaction, Report};

use crate::{
    clock::now,
    port::{Heard, Port},
    socket::Socket,
};

/// Time for the peer's answer to a Close frame. Browsers wait up to a minute for it, in which the
/// person could not connect again.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(3);

/// Runs an engine that speaks through `port`, for as long as this thread lives.
pub fn serve(port: MessagePort) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only a seed")]
    let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
    let host = Host(Rc::new(RefCell::new(Inner {
        engine: Engine::new(seed),
        socket: None,
        port: None,
        works: false,
    })));
    let listening = host.clone();
    let port = Port::listen(port, move |heard| {
        if let Heard::Said(command) = heard {
            listening.command(command);
        }
    });
    host.0.borrow_mut().port = Some(port);
    host.publish();
}

/// An engine and what it works with. Copies are the same one; the callbacks of port, socket and
/// timers hold one each.
#[derive(Clone)]
struct Host(Rc<RefCell<Inner>>);

struct Inner {
    engine: Engine,
    /// The socket of the session's current attempt.
    socket: Option<Socket>,
    port: Option<Port>,
    /// A timer will go on with what takes long.
    works: bool,
}

impl Host {
    fn command(&self, command: Command) {
        let takes_more = self.0.borrow().socket.as_ref().is_some_and(Socket::takes_more);
        let reaction = self.0.borrow_mut().engine.command(command, takes_more, now());
        self.react(reaction);
    }

    fn event(&self, event: Event) {
        let effect = self.0.borrow_mut().engine.event(event, now());
        self.react(effect.into());
    }

    fn react(&self, Reaction { effect, report }: Reaction) {
        if let Some(effect) = effect {
            self.perform(effect);
        }
        if let Some(report) = report {
            self.say(&report);
        }
        self.publish();
    }

    /// The session has one socket at a time, so that the current one is always the one meant.
    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Open(attempt) => {
                let target = self.0.borrow().engine.target().clone();
                let host = self.clone();
                let socket = Socket::open(attempt, &target, move |event| host.event(event));
                self.0.borrow_mut().socket = Some(socket);
            }
            Effect::Send(_, message) => self.with_socket(|socket| socket.send(&message)),
            Effect::Close(attempt, close) => {
                self.with_socket(|socket| socket.close(&close));
                // Changes nothing if the socket's own report comes first.
                let ending = Ending::Closed(Close::abnormal());
                self.after(CLOSE_HANDSHAKE, Event::Ended(attempt, ending));
            }
            Effect::Wait(attempt, delay) => self.after(delay, Event::Waited(attempt)),
        }
    }

    fn after(&self, delay: Duration, event: Event) {
        let host = self.clone();
        let millis = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
        Timeout::new(millis, move || host.event(event)).forget();
    }

    fn with_socket(&self, act: impl FnOnce(&Socket)) {
        if let Some(socket) = &self.0.borrow().socket {
            act(socket);
        }
    }

    fn say(&self, report: &Report) {
        if let Some(port) = &self.0.borrow().port {
            port.say(report);
        }
    }

    /// Works for one slice, and says what is new if the page is ready for it.
    fn publish(&self) {
        let snapshot = {
            let mut inner = self.0.borrow_mut();
            let has_more = inner.engine.work();
            if has_more && !inner.works {
                inner.works = true;
                let host = self.clone();
                Timeout::new(0, move || host.work()).forget();
            }
            inner.engine.snapshot()
        };
        if let Some(snapshot) = snapshot {
            self.say(&Report::Snapshot(Box::new(snapshot)));
        }
    }

    fn work(&self) {
        self.0.borrow_mut().works = false;
        self.publish();
    }
}
