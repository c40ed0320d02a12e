//! Engine worker: gives the engine commands, socket events and the time, and performs its outputs.
//!
//! Runs in a worker, so that messages never delay a frame; in tests, in the page.

use std::{
    cell::RefCell,
    mem,
    rc::{Rc, Weak},
};

use workbench::{
    connect::Page,
    engine::{
        Engine, FileCommand, Input, Output, SocketInput, SocketOutput, StoreInput, StoreOutput,
        Timer,
    },
    exchange::FileChunk,
    log::StoreChange,
};

use crate::browser::{
    archive::{Archive, new_list},
    clock::now,
    fetch::ask,
    file::{Blob, builder::FileBuilder, read_bytes},
    location::server_url,
    socket::{Socket, probe},
    worker::{
        channel::{Channel, Incoming, MessagePort},
        timer::{after, seed, spawn_local},
    },
};

/// Runs an engine behind `port`, for as long as this thread lives. `list` is the name of its persisted list; empty
/// for a new one, `None` for none. It has no end of its own: the thread is terminated by the page. An unnamed list
/// gets a name, which is reported; the page stores that instead.
pub fn serve(port: MessagePort, list: Option<String>) {
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
        let channel = Channel::open(port, move |incoming| {
            let Some(inner) = listening.upgrade() else { return };
            let worker = EngineWorker(inner);
            match incoming {
                Incoming::Message(command) => worker.act(Input::Command(command)),
                Incoming::File(command, file) => worker.file(command, file),
                Incoming::Failure(_) | Incoming::Answer(_) => {}
            }
        });
        let browser =
            Browser { channel, socket: None, archive: None, list, file: FileBuilder::default() };
        let page = Page::from_endpoint(server_url().as_deref());
        RefCell::new(Inner { engine: Engine::of_page(seed(), page), browser })
    }));
    worker.update(Input::Store(opened));
    // The thread owns it: nothing ends an engine but the end of its thread.
    mem::forget(worker);
}

/// An engine and its browser. Copies are the same one; callbacks hold one each.
#[derive(Clone)]
struct EngineWorker(Rc<RefCell<Inner>>);

/// Engine and browser resources, borrowed together for one input.
struct Inner {
    /// The state machine: all decisions are made here.
    engine: Engine,
    browser: Browser,
}

/// Browser resources that outputs act on.
struct Browser {
    channel: Channel,
    socket: Option<Socket>,
    /// The store, once it was read.
    archive: Option<Rc<Archive>>,
    list: String,
    file: FileBuilder,
}

impl EngineWorker {
    /// Passes an input to the engine, and performs the outputs, in order. Outputs have no results: an effect answers
    /// by another input, in a later task, so that the engine is never entered twice.
    fn update(&self, input: Input) {
        let Inner { engine, browser } = &mut *self.0.borrow_mut();
        for output in engine.update(input, now()) {
            self.perform(browser, output);
        }
    }

    /// Performs an output. Opening, asking and storing are asynchronous and answer by an input;
    /// sending to a socket that is gone does nothing.
    fn perform(&self, browser: &mut Browser, output: Output) {
        match output {
            Output::Socket(SocketOutput::Open(attempt, target)) => {
                let worker = self.clone();
                let report = move |input| worker.update(Input::Socket(input));
                browser.socket = Some(Socket::open(attempt, &target, report));
            }
            Output::Socket(SocketOutput::Ask(attempt, url)) => {
                let worker = self.clone();
                spawn_local(async move {
                    let answer = ask(&url).await;
                    worker.update(Input::Socket(SocketInput::Answered(attempt, answer)));
                });
            }
            // The session has one socket at a time, so that the current one is always the one meant.
            Output::Socket(SocketOutput::Send(_, message)) => {
                browser.with_socket(|socket| socket.send(&message));
            }
            Output::Socket(SocketOutput::Probe(attempt)) => {
                let worker = self.clone();
                probe(move || worker.update(Input::Socket(SocketInput::Probed(attempt))));
            }
            Output::Socket(SocketOutput::Close(_, close)) => {
                browser.with_socket(|socket| socket.close(&close));
            }
            Output::Store(StoreOutput::Read) => self.read(browser.list.clone()),
            Output::Store(StoreOutput::Change(change)) => self.write(browser, change),
            Output::Timer(timer, delay) => {
                let worker = self.clone();
                after(delay, move || worker.fired(timer));
            }
            Output::File(piece) => browser.export(&piece),
            Output::Report(report) => browser.channel.send(&report),
        }
    }

    /// Passes an input of the view on, after the free capacity of the socket: the engine decides on sending by it.
    fn act(&self, input: Input) {
        self.report_capacity();
        self.update(input);
    }

    /// Passes a command about a file on, with the content of the file.
    fn file(&self, command: FileCommand, file: Blob) {
        let worker = self.clone();
        spawn_local(async move {
            let content = read_bytes(&file).await;
            worker.act(Input::File(command, content));
        });
    }

    /// Passes on a timer that fired. A repetition sends, and needs the capacity as a command does.
    fn fired(&self, timer: Timer) {
        if matches!(timer, Timer::Repeat(_)) {
            self.report_capacity();
        }
        self.update(Input::Timer(timer));
    }

    /// Reports the bytes in the socket's send buffer (`bufferedAmount`); `None` without an open socket.
    fn report_capacity(&self) {
        let buffered = self.0.borrow().browser.socket.as_ref().and_then(Socket::buffered);
        self.update(Input::Socket(SocketInput::Buffered(buffered)));
    }

    /// Reads the stored entries of a list; the engine restores them. From then on changes are
    /// stored. A failure means a list in memory only.
    fn read(&self, list: String) {
        let worker = self.clone();
        spawn_local(async move {
            let restored = Archive::open_list(&list).await;
            worker.update(Input::Store(match restored {
                Ok((archive, chunks)) => {
                    worker.0.borrow_mut().browser.archive = Some(Rc::new(archive));
                    StoreInput::Restored(chunks)
                }
                Err(_) => StoreInput::Failed,
            }));
        });
    }

    /// Stores a change; dropped before the list was read. Its result is an input, since the engine
    /// stops storing after a failure.
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
    /// Acts on the current socket, if there is one.
    fn with_socket(&self, act: impl FnOnce(&Socket)) {
        if let Some(socket) = &self.socket {
            act(socket);
        }
    }

    /// Adds a piece to the exported file, and passes the file on at its end.
    fn export(&self, piece: &FileChunk) {
        if piece.starts {
            self.file.clear();
        }
        self.file.push(&piece.text);
        let Some(ends) = piece.ends else { return };
        if let Some(file) = self.file.finish(ends.0.media_type()) {
            self.channel.send_file(&ends, &file);
        }
    }
}
