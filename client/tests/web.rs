//! The client's shell in a real browser, against the real server.
//!
//! `cargo xtask test` starts a server and says where in `WSBENCH_TEST_SERVER`. By hand: run
//! `cargo run -p server`, then `cargo test -p client --target wasm32-unknown-unknown`.

#![cfg(target_arch = "wasm32")]

use std::{cell::RefCell, rc::Rc};

use client::{App, Command, Shell, run_socket};
use futures::channel::mpsc;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use workbench::{Attempt, Close, CloseCode, Ending, Event, Item, Message, State};

wasm_bindgen_test_configure!(run_in_browser);

/// The server's address, without a path.
const SERVER: &str = match option_env!("WSBENCH_TEST_SERVER") {
    Some(url) => url,
    None => "ws://localhost:8080",
};

/// A port that browsers let a page connect to and where nothing listens.
const NOBODY: &str = "ws://127.0.0.1:9/";

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

/// A socket's task and what it has reported.
struct Socket {
    commands: mpsc::Sender<Command>,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Socket {
    fn open(url: &str) -> Self {
        let (commands, queue) = mpsc::channel(8);
        let events = Rc::new(RefCell::new(Vec::new()));
        let reported = Rc::clone(&events);
        let report = move |event| reported.borrow_mut().push(event);
        spawn_local(run_socket(Attempt(7), url.to_owned(), queue, report));
        Self { commands, events }
    }

    fn command(&mut self, command: Command) {
        self.commands.try_send(command).expect("the task takes commands");
    }

    async fn reports(&self, count: usize) -> Vec<Event> {
        until("the reports", || self.events.borrow().len() >= count).await;
        self.events.borrow().clone()
    }
}

#[wasm_bindgen_test]
async fn a_socket_opens_echoes_and_closes() {
    let mut socket = Socket::open(&format!("{SERVER}/ws"));
    assert_eq!(socket.reports(1).await, [Event::Opened(Attempt(7))]);
    socket.command(Command::Send(text("안녕 🙂")));
    socket.command(Command::Send(Message::Binary(vec![0, 255, 128])));
    socket.command(Command::Send(text("")));
    socket.reports(4).await;
    socket.command(Command::Close);
    let expected = [
        Event::Opened(Attempt(7)),
        Event::Received(Attempt(7), text("Echo: 안녕 🙂")),
        Event::Received(Attempt(7), Message::Binary(vec![0, 255, 128])),
        Event::Received(Attempt(7), text("Echo: ")),
        Event::Ended(Attempt(7), normal_closure()),
    ];
    assert_eq!(socket.reports(5).await, expected);
}

#[wasm_bindgen_test]
async fn a_socket_that_cannot_open_reports_only_its_failure() {
    for url in [NOBODY, "ws://", "http//:nonsense", &format!("{SERVER}/no-such-path")] {
        let socket = Socket::open(url);
        let events = socket.reports(1).await;
        assert_eq!(events, [Event::Ended(Attempt(7), Ending::Failed)], "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_socket_whose_owner_is_gone_closes() {
    let Socket { commands, events } = Socket::open(&format!("{SERVER}/ws"));
    until("the opening", || !events.borrow().is_empty()).await;
    drop(commands);
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
async fn more_messages_than_fit_are_given_back_not_lost() {
    let (_owner, shell) = shell(&format!("{SERVER}/echo"));
    shell.connect();
    is(shell, "open", State::can_send).await;
    let taken = (0..100_000).take_while(|_| shell.send(text("x")).is_ok()).count();
    assert!((1_024..100_000).contains(&taken), "{taken}");
    let is_answered = || {
        let (sent, received): (Vec<_>, Vec<_>) = items(shell)
            .into_iter()
            .filter(|item| *item != Item::Opened)
            .partition(|item| matches!(item, Item::Sent(_)));
        received.len() == items(shell).len() && sent.is_empty()
    };
    // The list keeps the newest thousand: in the end all of them are answers.
    until("every answer", is_answered).await;
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
