//! Engine handle and socket in a real browser, against the real server.
//!
//! `cargo xtask test` starts a server and says where in `WSBENCH_TEST_SERVER`. By hand: run
//! `cargo run server`, then `cargo test -p client --target wasm32-unknown-unknown`.

#![cfg(target_arch = "wasm32")]

mod harness;

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use client::{EngineHandle, Socket};
use leptos::prelude::*;
use session::{Attempt, Close, CloseCode, Direction, EndReason, Message, Negotiated, State};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use workbench::{
    connect::Target,
    engine::{ConnectionCommand, LogCommand, SocketInput},
    log::{
        LogEvent,
        RowContent::{self, Event as EventRow},
        RowRequest,
    },
};

use crate::harness::until;

wasm_bindgen_test_configure!(run_in_browser);

/// The server's address, without a path.
const SERVER: &str = match option_env!("WSBENCH_TEST_SERVER") {
    Some(url) => url,
    None => "ws://localhost:8080",
};

/// A port that browsers let a page connect to (most low ones they do not, Fetch "port blocking"),
/// and where nothing listens.
const NOBODY: &str = "ws://127.0.0.1:2/";

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn normal_closure() -> EndReason {
    EndReason::Closed(Close::normal())
}

fn target(url: &str) -> Target {
    Target { url: url.into(), ..Target::default() }
}

fn opened() -> SocketInput {
    let extensions = "permessage-deflate".to_owned();
    SocketInput::Opened(Attempt(7), Negotiated { extensions, ..Negotiated::default() })
}

/// A socket and what it has reported.
struct Watched {
    socket: Socket,
    events: Rc<RefCell<Vec<SocketInput>>>,
}

impl Watched {
    fn open(url: &str) -> Self {
        Self::open_to(&target(url))
    }

    fn open_to(target: &Target) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        let reported = Rc::clone(&events);
        let socket =
            Socket::open(Attempt(7), target, move |event| reported.borrow_mut().push(event));
        assert_eq!(*events.borrow(), [], "nothing is reported before the owner has the socket");
        Self { socket, events }
    }

    async fn reports(&self, count: usize) -> Vec<SocketInput> {
        until("the reports", || self.events.borrow().len() >= count).await;
        self.events.borrow().clone()
    }
}

#[wasm_bindgen_test]
async fn a_socket_opens_echoes_and_closes() {
    let watched = Watched::open(&format!("{SERVER}/ws"));
    assert_eq!(watched.socket.buffered(), None, "it is still connecting");
    assert_eq!(watched.reports(1).await, [opened()]);
    assert_eq!(watched.socket.buffered(), Some(0));
    for message in [text("안녕 🙂"), Message::Binary(vec![0, 255, 128]), text("")] {
        watched.socket.send(&message);
    }
    watched.reports(4).await;
    watched.socket.close(&Close::normal());
    assert_eq!(watched.socket.buffered(), None, "what is sent from here on would be lost");
    let expected = [
        opened(),
        SocketInput::Received(Attempt(7), text("Echo: 안녕 🙂")),
        SocketInput::Received(Attempt(7), Message::Binary(vec![0, 255, 128])),
        SocketInput::Received(Attempt(7), text("Echo: ")),
        SocketInput::Ended(Attempt(7), normal_closure()),
    ];
    assert_eq!(watched.reports(5).await, expected);
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_open_reports_only_its_failure() {
    for url in [NOBODY, "ws://", "http//:nonsense", &format!("{SERVER}/no-such-path")] {
        let events = Watched::open(url).reports(1).await;
        assert_eq!(events, [SocketInput::Ended(Attempt(7), EndReason::Failed)], "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_socket_that_is_dropped_closes() {
    let Watched { socket, events } = Watched::open(&format!("{SERVER}/ws"));
    until("the opening", || !events.borrow().is_empty()).await;
    drop(socket);
    until("the end", || events.borrow().len() == 2).await;
    assert_eq!(events.borrow()[1], SocketInput::Ended(Attempt(7), normal_closure()));
}

#[wasm_bindgen_test]
async fn a_socket_closes_with_the_code_and_reason_that_were_chosen() {
    let watched = Watched::open(&format!("{SERVER}/ws"));
    watched.reports(1).await;
    let close = Close { code: CloseCode(4_001), reason: "done 🙂".into() };
    watched.socket.close(&close);
    // The server answers with what it got (RFC 6455 section 5.5.1).
    assert_eq!(
        watched.reports(2).await[1],
        SocketInput::Ended(Attempt(7), EndReason::Closed(close))
    );
}

#[wasm_bindgen_test]
async fn a_close_that_browsers_do_not_allow_becomes_a_normal_one() {
    let watched = Watched::open(&format!("{SERVER}/ws"));
    watched.reports(1).await;
    watched.socket.close(&Close { code: CloseCode(1_001), reason: String::new() });
    assert_eq!(watched.reports(2).await[1], SocketInput::Ended(Attempt(7), normal_closure()));
}

#[wasm_bindgen_test]
async fn a_socket_says_which_subprotocol_was_chosen() {
    let subprotocols = vec!["first.example".to_owned(), "second.example".to_owned()];
    let target = Target { url: format!("{SERVER}/ws"), subprotocols, relay: None };
    let events = Watched::open_to(&target).reports(1).await;
    let SocketInput::Opened(_, negotiated) = &events[0] else { panic!("{events:?}") };
    assert_eq!(negotiated.subprotocol, "first.example");
}

/// An engine, and the owner that keeps its signals alive. Its engine runs in this thread: the page of
/// the test runner has no worker.
fn engine() -> (Owner, EngineHandle) {
    let owner = Owner::new();
    let engine = owner.with(|| EngineHandle::new(String::new()));
    engine.command(LogCommand::RequestRows(RowRequest::Newest(500)));
    (owner, engine)
}

async fn is(engine: EngineHandle, what: &str, state: fn(&State) -> bool) {
    until(what, || engine.state.with_untracked(state)).await;
}

/// The lines on show, with an arrow for their direction; events are `Opened` and `Ended`.
fn lines(engine: EngineHandle) -> Vec<String> {
    let snapshot = engine.snapshot.get_untracked();
    let line = |shows: &RowContent| match shows {
        RowContent::Message { direction: Direction::Out, line, .. } => format!("> {}", line.text),
        RowContent::Message { line, .. } => format!("< {}", line.text),
        EventRow(LogEvent::Opened(_)) => "Opened".to_owned(),
        EventRow(LogEvent::Ended(_)) => "Ended".to_owned(),
        EventRow(LogEvent::Imported(_)) => "Imported".to_owned(),
        EventRow(LogEvent::Switched(_)) => "Switched".to_owned(),
        EventRow(LogEvent::Overrun(_)) => "Overrun".to_owned(),
        EventRow(LogEvent::Control(_)) => "Control".to_owned(),
        EventRow(LogEvent::Handshake(_)) => "Handshake".to_owned(),
    };
    snapshot.rows.iter().map(|row| line(&row.shows)).collect()
}

#[wasm_bindgen_test]
async fn an_engine_connects_talks_and_disconnects() {
    let (_owner, engine) = engine();
    engine.send(text("too early"));
    until("the message back", || engine.unsent.with_untracked(VecDeque::len) == 1).await;
    engine.command(ConnectionCommand::Connect(target(&format!("{SERVER}/ws")).into()));
    is(engine, "open", State::can_send).await;
    engine.send(text("hi"));
    until("the answer", || lines(engine) == ["Opened", "> hi", "< Echo: hi"]).await;
    engine.send_unsent();
    until("the other answer", || lines(engine).last().is_some_and(|it| it == "< Echo: too early"))
        .await;
    assert_eq!(engine.unsent.with_untracked(VecDeque::len), 0);
    engine.command(ConnectionCommand::Disconnect(Close::normal()));
    is(engine, "closed", |state| *state == State::Idle(Some(normal_closure()))).await;
    engine.send(text("too late"));
    until("the message back", || engine.unsent.with_untracked(VecDeque::len) == 1).await;
}

#[wasm_bindgen_test]
async fn more_than_the_browser_may_hold_is_given_back_not_lost() {
    // More than the buffer's bound, and less than twice as much: what was given back goes at once.
    const SENT: u64 = 24;
    let (_owner, engine) = engine();
    engine.command(ConnectionCommand::Connect(target(&format!("{SERVER}/echo")).into()));
    is(engine, "open", State::can_send).await;
    for _ in 0..SENT {
        engine.send(Message::Binary(vec![7; 1 << 20]));
    }
    let counts = || {
        let snapshot = engine.snapshot.get_untracked();
        (
            snapshot.sent.messages,
            snapshot.received.messages,
            engine.unsent.with_untracked(VecDeque::len) as u64,
        )
    };
    let all = || counts().0 + counts().2 == SENT && counts().0 == counts().1;
    until("each message answered or given back", all).await;
    assert!(counts().2 > 0, "{:?}", counts());
    engine.send_unsent();
    until("the rest, and its answers", || counts() == (SENT, SENT, 0)).await;
}
