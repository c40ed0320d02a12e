//! Runs an engine: gives it commands, sockets and time, performs its effects, and passes on what it
//! reports. In a worker, so that no message ever holds up a frame; in tests, in the page.

use std::{cell::RefCell, mem, rc::Rc, time::Duration};

use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use session::{Close, Effect, EndReason, Event, Message};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, MessagePort};
use workbench::{Command, Engine, Piece, Reaction, Report, compose::BURST};

use crate::{
    browser::archive::{Archive, Chunks, new_list},
    browser::clock::now,
    browser::socket::Socket,
    engine::port::{Heard, Port},
};

/// Time for the peer's answer to a Close frame. Browsers wait up to a minute for it, in which the
/// person could not connect again.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(3);

/// How long the archive may take to say what it has of a list, before the engine begins without it.
const RESTORING: Duration = Duration::from_secs(3);

/// What is new is kept this much later: rarely enough in a flood, and soon enough for a person who
/// reloads the page.
const KEEPING: Duration = Duration::from_millis(300);

/// Bytes that the browser may hold for a peer that does not read them, at most.
const SEND_BUFFER: u32 = 16 << 20;

/// The same for a repetition: what is in the browser's buffer cannot be stopped any more.
const REPEAT_BUFFER: u32 = 1 << 20;

/// Runs an engine that speaks through `port`, for as long as this thread lives. `list` is what it
/// keeps in this browser; an empty name, a new one; `None`, nothing.
pub fn serve(port: MessagePort, list: Option<String>) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only a seed")]
    let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
    let host = Host(Rc::new(RefCell::new(Inner {
        engine: Engine::new(seed),
        socket: None,
        port: None,
        works: false,
        beginning: list.is_some().then(Vec::new),
        keeping: Keeping::Nothing,
        written: Array::new(),
        repeats: false,
    })));
    let listening = host.clone();
    let port = Port::listen(port, move |heard| match heard {
        Heard::Said(command, None) => listening.command(command),
        Heard::Said(command, Some(file)) => listening.command_of(file, command),
        Heard::Trouble(_) => {}
    });
    host.0.borrow_mut().port = Some(port);
    match list {
        Some(list) => host.restore(list),
        None => host.publish(),
    }
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
    /// What was commanded before the list was restored; `None` after that.
    beginning: Option<Vec<Command>>,
    keeping: Keeping,
    /// The file that is being written, in pieces.
    written: Array,
    /// A timer will go on with the repetition.
    repeats: bool,
}

/// What is done so that the list outlives the page.
enum Keeping {
    /// Nothing: it is not wanted, or does not work.
    Nothing,
    /// The archive has all there is.
    Done(Rc<Archive>, String),
    /// A timer or the archive is at it.
    Busy,
}

impl Host {
    fn command(&self, command: Command) {
        if let Some(beginning) = &mut self.0.borrow_mut().beginning {
            return beginning.push(command);
        }
        let takes_more = self.takes_more(SEND_BUFFER);
        let reaction = self.0.borrow_mut().engine.command(command, takes_more, now());
        self.react(reaction);
    }

    /// Fills in what is in the file that a command is about.
    fn command_of(&self, file: Blob, command: Command) {
        let host = self.clone();
        spawn_local(async move {
            let content = JsFuture::from(file.array_buffer()).await;
            // What the page does not hold it does not get back.
            let is_sent = matches!(command, Command::Send(_));
            if is_sent && (content.is_err() || !host.takes_more(SEND_BUFFER)) {
                return host.say(&Report::FileNotSent);
            }
            // A file that cannot be read, since it was removed or changed meanwhile, reads as empty.
            let bytes = content.map_or_else(|_| Vec::new(), |it| Uint8Array::new(&it).to_vec());
            host.command(match command {
                Command::Import { name, .. } => {
                    let text = String::from_utf8(bytes);
                    let text =
                        text.unwrap_or_else(|it| String::from_utf8_lossy(it.as_bytes()).into());
                    Command::Import { name, text }
                }
                Command::Send(Message::Binary(_)) => Command::Send(Message::Binary(bytes)),
                command => command,
            });
        });
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
                let ending = EndReason::Closed(Close::abnormal());
                self.after(CLOSE_HANDSHAKE, Event::Ended(attempt, ending));
            }
            Effect::Wait(attempt, delay) => self.after(delay, Event::Waited(attempt)),
        }
    }

    fn after(&self, delay: Duration, event: Event) {
        let host = self.clone();
        Timeout::new(millis(delay), move || host.event(event)).forget();
    }

    /// Begins with what the archive has of `list`.
    fn restore(&self, mut list: String) {
        if list.is_empty() {
            list = new_list();
            self.say(&Report::KeptAs(list.clone()));
        }
        let host = self.clone();
        spawn_local(async move {
            let restored = async {
                let archive = Archive::open().await?;
                let chunks = archive.read(&list).await?;
                Ok::<_, idb::Error>((archive, chunks))
            };
            host.begin(restored.await.ok(), list);
        });
        let host = self.clone();
        Timeout::new(millis(RESTORING), move || host.begin(None, String::new())).forget();
    }

    /// Takes up what was restored of `list`, and does what was commanded meanwhile; once. Too late is
    /// too late: the rows that came meanwhile have their numbers.
    fn begin(&self, restored: Option<(Archive, Chunks)>, list: String) {
        let Some(beginning) = self.0.borrow_mut().beginning.take() else { return };
        match restored {
            Some((archive, chunks)) => {
                let mut inner = self.0.borrow_mut();
                inner.engine.restore(&chunks, now());
                inner.keeping = Keeping::Done(Rc::new(archive), list);
            }
            None => self.say(&Report::NotKept),
        }
        for command in beginning {
            self.command(command);
        }
        self.publish();
    }

    /// Keeps what is new, in a while.
    fn keep(&self) {
        let keeping = &mut self.0.borrow_mut().keeping;
        if let Keeping::Done(archive, list) = keeping {
            let (archive, list) = (archive.clone(), mem::take(list));
            *keeping = Keeping::Busy;
            let host = self.clone();
            Timeout::new(millis(KEEPING), move || host.keep_in(archive, list)).forget();
        }
    }

    fn keep_in(&self, archive: Rc<Archive>, list: String) {
        let Some(change) = self.0.borrow_mut().engine.keep() else {
            self.0.borrow_mut().keeping = Keeping::Done(archive, list);
            return;
        };
        let host = self.clone();
        spawn_local(async move {
            if archive.change(&list, &change).await.is_ok() {
                host.0.borrow_mut().keeping = Keeping::Done(archive, list);
                // Something may have come meanwhile.
                host.keep();
            } else {
                host.0.borrow_mut().keeping = Keeping::Nothing;
                host.say(&Report::NotKept);
            }
        });
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
        self.repeat();
        let (imported, piece) = {
            let engine = &mut self.0.borrow_mut().engine;
            (engine.import(now()), engine.export())
        };
        if let Some(imported) = imported {
            self.say(&imported);
        }
        if let Some(piece) = piece {
            self.write(&piece);
        }
        let snapshot = {
            let mut inner = self.0.borrow_mut();
            let has_more = inner.engine.work() || inner.engine.is_transferring();
            if has_more && !inner.works {
                inner.works = true;
                let host = self.clone();
                Timeout::new(0, move || host.work()).forget();
            }
            inner.engine.snapshot()
        };
        self.keep();
        if let Some(snapshot) = snapshot {
            self.say(&Report::Snapshot(Box::new(snapshot)));
        }
    }

    fn work(&self) {
        self.0.borrow_mut().works = false;
        self.publish();
    }

    /// Sends what is due of a repetition, and sets a timer for the rest.
    fn repeat(&self) {
        if self.0.borrow().engine.repeats_at().is_none() {
            return;
        }
        for _ in 0..BURST {
            let takes_more = self.takes_more(REPEAT_BUFFER);
            let effect = self.0.borrow_mut().engine.repeat(takes_more, now());
            let Some(effect) = effect else { break };
            self.perform(effect);
        }
        let inner = &mut *self.0.borrow_mut();
        if let Some(at) = inner.engine.repeats_at().filter(|_| !inner.repeats) {
            inner.repeats = true;
            let host = self.clone();
            let again = move || {
                host.0.borrow_mut().repeats = false;
                host.publish();
            };
            Timeout::new(millis(at.since(now())), again).forget();
        }
    }

    /// Puts a piece to the file that is being written, and hands that over at its end.
    fn write(&self, piece: &Piece) {
        let inner = self.0.borrow();
        // A browser may put files to its disk, and not texts.
        if let Ok(piece) = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(&piece.text)))
        {
            inner.written.push(&piece);
        }
        let Some(format) = piece.ends else { return };
        let kind = BlobPropertyBag::new();
        kind.set_type(format.media_type());
        let file = Blob::new_with_blob_sequence_and_options(&inner.written, &kind);
        inner.written.set_length(0);
        if let (Ok(file), Some(port)) = (file, &inner.port) {
            port.say_of(&file, &Report::Exported(format));
        }
    }

    fn takes_more(&self, most: u32) -> bool {
        self.0.borrow().socket.as_ref().is_some_and(|socket| socket.takes_more(most))
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
