//! The client's shell in a real browser, against the real server.
//!
//! `cargo xtask test` starts a server and says where in `WSBENCH_TEST_SERVER`. By hand: run
//! `cargo run -p server`, then `cargo test -p client --target wasm32-unknown-unknown`.

#![cfg(target_arch = "wasm32")]

use std::{cell::RefCell, rc::Rc};

use client::{App, Shell, Socket};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use workbench::{Attempt, Close, CloseCode, Ending, Event, Item, Message, State};

wasm_bindgen_test_configure!(run_in_browser);

/// The server's address, without a path.
const SERVER: &str = match option_env!("WSBENCH_TEST_SERVER") {
    Some(url) => url,
    None => "ws://localhost:8080",
};

/// A port that browsers let a page connect to (most low ones they do not, Fetch "port blocking"),
/// and where nothing listens.
const NOBODY: &str = "ws://127.0.0.1:2/";

const GLANCE_MILLIS: u32 = 10;
/// Ten seconds: reached only when something is wrong.
const GLANCES: u32 = 1_000;

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..GLANCES {
        if is_so() {
            return;
        }
        TimeoutFuture::new(GLANCE_MILLIS).await;
    }
    panic!("{what} did not come to be");
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

fn normal_closure() -> Ending {
    Ending::Closed(Close { code: CloseCode::NORMAL, reason: String::new() })
}

/// A socket and what it has reported.
struct Watched {
    socket: Socket,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Watched {
    fn open(url: &str) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        let reported = Rc::clone(&events);
        let socket = Socket::open(Attempt(7), url, move |event| reported.borrow_mut().push(event));
        assert_eq!(*events.borrow(), [], "nothing is reported before the owner has the socket");
        Self { socket, events }
    }

    async fn reports(&self, count: usize) -> Vec<Event> {
        until("the reports", || self.events.borrow().len() >= count).await;
        self.events.borrow().clone()
    }
}

#[wasm_bindgen_test]
async fn a_socket_opens_echoes_and_closes() {
    let watched = Watched::open(&format!("{SERVER}/ws"));
    assert!(!watched.socket.takes_more(), "it is still connecting");
    assert_eq!(watched.reports(1).await, [Event::Opened(Attempt(7))]);
    assert!(watched.socket.takes_more());
    for message in [text("안녕 🙂"), Message::Binary(vec![0, 255, 128]), text("")] {
        watched.socket.send(&message);
    }
    watched.reports(4).await;
    watched.socket.close();
    assert!(!watched.socket.takes_more(), "what is sent from here on would be lost");
    let expected = [
        Event::Opened(Attempt(7)),
        Event::Received(Attempt(7), text("Echo: 안녕 🙂")),
        Event::Received(Attempt(7), Message::Binary(vec![0, 255, 128])),
        Event::Received(Attempt(7), text("Echo: ")),
        Event::Ended(Attempt(7), normal_closure()),
    ];
    assert_eq!(watched.reports(5).await, expected);
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_open_reports_only_its_failure() {
    for url in [NOBODY, "ws://", "http//:nonsense", &format!("{SERVER}/no-such-path")] {
        let events = Watched::open(url).reports(1).await;
        assert_eq!(events, [Event::Ended(Attempt(7), Ending::Failed)], "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_socket_that_is_dropped_closes() {
    let Watched { socket, events } = Watched::open(&format!("{SERVER}/ws"));
    until("the opening", || !events.borrow().is_empty()).await;
    drop(socket);
    until("the end", || events.borrow().len() == 2).await;
    assert_eq!(events.borrow()[1], Event::Ended(Attempt(7), normal_closure()));
}

/// A shell, and the owner that keeps its signals alive.
fn shell(url: &str) -> (Owner, Shell) {
    let owner = Owner::new();
    let shell = owner.with(|| Shell::new(url));
    (owner, shell)
}

async fn is(shell: Shell, what: &str, state: fn(&State) -> bool) {
    until(what, || shell.state().with_untracked(state)).await;
}

fn items(shell: Shell) -> Vec<Item> {
    shell.rows().get_untracked().entries.iter().map(|entry| entry.item.clone()).collect()
}

#[wasm_bindgen_test]
async fn a_shell_connects_talks_and_disconnects() {
    let (_owner, shell) = shell(&format!("{SERVER}/ws"));
    assert_eq!(shell.send(text("too early")), Err(text("too early")));
    shell.connect();
    is(shell, "open", State::can_send).await;
    assert_eq!(shell.send(text("hi")), Ok(()));
    let talk = [Item::Opened, Item::Sent(text("hi")), Item::Received(text("Echo: hi"))];
    until("the answer", || items(shell) == talk).await;
    shell.disconnect();
    is(shell, "closed", |state| *state == State::Idle(Some(normal_closure()))).await;
    assert_eq!(shell.send(text("too late")), Err(text("too late")));
}

#[wasm_bindgen_test]
async fn a_second_click_opens_no_second_socket() {
    let (_owner, shell) = shell(&format!("{SERVER}/ws"));
    shell.connect();
    shell.connect();
    is(shell, "open", State::can_send).await;
    shell.connect();
    shell.send(text("once")).expect("it is open");
    until("the answer", || items(shell).len() >= 3).await;
    assert_eq!(items(shell).iter().filter(|item| **item == Item::Opened).count(), 1);
}

#[wasm_bindgen_test]
async fn an_attempt_is_called_off() {
    let (_owner, shell) = shell(&format!("{SERVER}/ws"));
    shell.connect();
    shell.disconnect();
    is(shell, "closed", |state| *state == State::Idle(Some(Ending::Cancelled))).await;
}

#[wasm_bindgen_test]
async fn a_failure_is_retried_until_stopped() {
    let (_owner, shell) = shell(NOBODY);
    shell.connect();
    is(shell, "a second retry", |state| matches!(state, State::Waiting { retry: 2, .. })).await;
    shell.disconnect();
    is(shell, "stopped", |state| *state == State::Idle(Some(Ending::Failed))).await;
}

#[wasm_bindgen_test]
async fn more_than_the_browser_may_hold_is_given_back_not_lost() {
    let (_owner, shell) = shell(&format!("{SERVER}/echo"));
    shell.connect();
    is(shell, "open", State::can_send).await;
    let megabyte = || Message::Binary(vec![7; 1 << 20]);
    let taken = (0..100).take_while(|_| shell.send(megabyte()) == Ok(())).count();
    // The bound, one past it, and what the browser passed on meanwhile.
    assert!((17..100).contains(&taken), "{taken}");
    assert_eq!(shell.send(megabyte()), Err(megabyte()));
    // Opened, and each message out and in: none lost, none twice.
    let expected = 1 + 2 * taken as u64;
    until("every answer", || {
        let rows = shell.rows().get_untracked();
        rows.dropped + rows.entries.len() as u64 == expected
    })
    .await;
    assert_eq!(shell.send(text("and it takes more again")), Ok(()));
}

/// The page of the test runner is served over HTTP, by a server without WebSockets.
#[wasm_bindgen_test]
async fn the_page_says_what_to_try_when_no_server_answers() {
    let body = leptos::tachys::dom::body();
    let _mounted = leptos::mount::mount_to(body.clone(), App);
    let words = || body.inner_text();
    until("the sentence", || words().contains("Is it running?")).await;
    until("the countdown", || words().contains("Trying again in")).await;
    let send = body.query_selector("button.send").expect("a selector").expect("a button");
    assert!(send.has_attribute("disabled"));
}
