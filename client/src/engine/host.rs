//! Engine worker: gives an engine commands, socket events and time, and performs its outputs. Runs in
//! a worker, so that no message ever holds up a frame; in tests, in the page.

use std::{
    cell::RefCell,
    mem,
    rc::{Rc, Weak},
    time::Duration,
};

use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, MessagePort};
use workbench::{
    engine::{
        Command, ComposerCommand, Engine, ExchangeCommand, Input, Output, Report, SocketInput,
        SocketOutput, StoreInput, StoreOutput, Timer,
    },
    exchange::Piece,
    log::StoreChange,
};

use crate::{
    browser::archive::{Archive, new_list},
    browser::clock::now,
    browser::socket::Socket,
    engine::port::{Heard, Port},
};

/// Runs an engine behind `port`, for as long as this thread lives. `list` is the name of its
/// persisted list; empty for a new one, `None` for none.
pub fn serve(port: MessagePort, list: Option<String>) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only a seed")]
    let seed = (js_sys::Math::random() * 2_f64.powi(53)) as u64;
    let (list, opened) = match list {
        None => (String::new(), StoreInput::Absent),
        Some(list) if list.is_empty() => {
            let list = new_list();
            (list.clone(), StoreInput::Opened(Some(list)))
        }
        Some(list) => (list, StoreInput::Opened(None)),
    };
    let worker = EngineWorker(Rc::new_cyclic(|weak: &Weak<RefCell<Inner>>| {
        let listening = weak.clone();
        let port = Port::listen(port, move |heard| {
            let Some(inner) = listening.upgrade() else { return };
            let worker = EngineWorker(inner);
            match heard {
                Heard::Said(command, None) => worker.command(command),
                Heard::Said(command, Some(file)) => worker.command_of(file, command),
                Heard::Trouble(_) => {}
            }
        });
        let browser = Browser { port, socket: None, archive: None, list, file: Array::new() };
        RefCell::new(Inner { engine: Engine::new(seed), browser })
    }));
    worker.update(Input::Store(opened));
    // The thread owns it: nothing ends an engine but the end of its thread.
    mem::forget(worker);
}

/// An engine and its browser. Copies are the same one; callbacks hold one each.
#[derive(Clone)]
struct EngineWorker(Rc<RefCell<Inner>>);

struct Inner {
    engine: Engine,
    browser: Browser,
}

/// What outputs are performed with.
struct Browser {
    port: Port,
    /// The socket of the current attempt.
    socket: Option<Socket>,
    /// The store, once it was read.
    archive: Option<Rc<Archive>>,
    /// Name of the list in the store.
    list: String,
    /// Pieces of the file that is being exported.
    file: Array,
}

impl EngineWorker {
    /// Passes an input to the engine, and performs what follows.
    fn update(&self, input: Input) {
        let Inner { engine, browser } = &mut *self.0.borrow_mut();
        for output in engine.update(input, now()) {
            self.perform(browser, output);
        }
    }

    fn perform(&self, browser: &mut Browser, output: Output) {
        match output {
            Output::Socket(SocketOutput::Open(attempt, target)) => {
                let worker = self.clone();
                let report = move |input| worker.update(Input::Socket(input));
                browser.socket = Some(Socket::open(attempt, &target, report));
            }
            // The session has one socket at a time, so that the current one is always the one meant.
            Output::Socket(SocketOutput::Send(_, message)) => {
                browser.with_socket(|socket| socket.send(&message));
            }
            Output::Socket(SocketOutput::Close(_, close)) => {
                browser.with_socket(|socket| socket.close(&close));
            }
            Output::Store(StoreOutput::Read) => self.read(browser.list.clone()),
            Output::Store(StoreOutput::Change(change)) => self.write(browser, change),
            Output::Timer(timer, delay) => {
                let worker = self.clone();
                Timeout::new(millis(delay), move || worker.fired(timer)).forget();
            }
            Output::File(piece) => browser.export(&piece),
            Output::Report(report) => browser.port.say(&report),
        }
    }

    fn command(&self, command: Command) {
        self.report_capacity();
        self.update(command.into());
    }

    /// Performs a command about a file, with the content of the file.
    fn command_of(&self, file: Blob, command: Command) {
        let worker = self.clone();
        spawn_local(async move {
            let content = JsFuture::from(file.array_buffer()).await;
            let bytes = content.ok().map(|content| Uint8Array::new(&content).to_vec());
            worker.command(match command {
                Command::Composer(ComposerCommand::SendFile(_)) => {
                    ComposerCommand::SendFile(bytes).into()
                }
                Command::Exchange(ExchangeCommand::Import { name, .. }) => {
                    // A file that was removed or changed meanwhile reads as empty.
                    let text = String::from_utf8(bytes.unwrap_or_default());
                    let text =
                        text.unwrap_or_else(|it| String::from_utf8_lossy(it.as_bytes()).into());
                    ExchangeCommand::Import { name, text }.into()
                }
                command => command,
            });
        });
    }

    fn fired(&self, timer: Timer) {
        if timer == Timer::Repeat {
            self.report_capacity();
        }
        self.update(Input::Timer(timer));
    }

    fn report_capacity(&self) {
        let buffered = self.0.borrow().browser.socket.as_ref().and_then(Socket::buffered);
        self.update(Input::Socket(SocketInput::Buffered(buffered)));
    }

    fn read(&self, list: String) {
        let worker = self.clone();
        spawn_local(async move {
            let restored = async {
                let archive = Archive::open().await?;
                let chunks = archive.read(&list).await?;
                Ok::<_, idb::Error>((archive, chunks))
            };
            worker.update(Input::Store(match restored.await {
                Ok((archive, chunks)) => {
                    worker.0.borrow_mut().browser.archive = Some(Rc::new(archive));
                    StoreInput::Restored(chunks)
                }
                Err(_) => StoreInput::Failed,
            }));
        });
    }

    fn write(&self, browser: &Browser, change: StoreChange) {
        let Some(archive) = browser.archive.clone() else { return };
        let (worker, list) = (self.clone(), browser.list.clone());
        spawn_local(async move {
            let is_written = archive.change(&list, &change).await.is_ok();
            let input = if is_written { StoreInput::Written } else { StoreInput::Failed };
            worker.update(Input::Store(input));
        });
    }
}

impl Browser {
    fn with_socket(&self, act: impl FnOnce(&Socket)) {
        if let Some(socket) = &self.socket {
            act(socket);
        }
    }

    /// Adds a piece to the exported file, and passes the file on at its end.
    fn export(&self, piece: &Piece) {
        // A browser may put files to its disk, and not texts.
        if let Ok(piece) = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(&piece.text)))
        {
            self.file.push(&piece);
        }
        let Some(format) = piece.ends else { return };
        let kind = BlobPropertyBag::new();
        kind.set_type(format.media_type());
        let file = Blob::new_with_blob_sequence_and_options(&self.file, &kind);
        self.file.set_length(0);
        if let Ok(file) = file {
            self.port.say_of(&file, &Report::Exported(format));
        }
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
