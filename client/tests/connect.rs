//! The connect bar in a real browser, mounted with signals made by hand: no server, no session.

#![cfg(target_arch = "wasm32")]

mod harness;

use std::any::Any;

use client::{ConnectBar, ConnectForm, Recents, TargetInput, presets, read_presets};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use session::{Attempt, Close, CloseCode, EndReason, Negotiated, Retries, State, Time};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use workbench::{
    connect::{Address, Cause, MAX_SUBPROTOCOLS, Page, Preset, Target, causes},
    engine::ConnectionState,
    relay::RelayOptions,
};

use crate::harness::{GLANCE_MILLIS, until};

wasm_bindgen_test_configure!(run_in_browser);

const ADDRESS: &str = "[role=combobox]";
const CONNECT: &str = "button.connect";

/// Endpoints of a server, in the shape of its `/endpoints.json`.
const DESCRIPTION: &str = r#"{"endpoints": [
    {"path": "/echo", "summary": "Sends back.", "group": "Echo", "dangerous": false, "options": [
        {"name": "delay", "summary": "Waits before it.", "kind": "duration", "default": "0s",
         "choices": [], "allowed": "0s to 1m", "in": "query"},
        {"name": "as", "summary": "The kind.", "kind": "choice", "default": "same",
         "choices": ["same", "text", "binary"], "allowed": "", "in": "query"}]},
    {"path": "/room/{room}", "summary": "Talk.", "group": "Rooms", "dangerous": false, "options": [
        {"name": "room", "summary": "Where.", "kind": "text", "default": "lobby", "choices": [],
         "allowed": "", "in": "path"}]},
    {"path": "/drop", "summary": "Drops it.", "group": "Faults", "dangerous": true, "options": []},
    {"path": 7}, null, {"path": "no slash"}
]}"#;

/// A bar on the page, with what it is given and what it has asked for.
struct Bar {
    target: TargetInput,
    address: RwSignal<String>,
    subprotocols: RwSignal<Vec<String>>,
    state: RwSignal<State>,
    negotiated: RwSignal<Option<Negotiated>>,
    since: RwSignal<Option<Time>>,
    retries: RwSignal<Retries>,
    in_use: RwSignal<Option<String>>,
    next_address: RwSignal<Option<String>>,
    causes: RwSignal<Vec<Cause>>,
    can_close_now: RwSignal<bool>,
    connects: RwSignal<u32>,
    closes_now: RwSignal<u32>,
    closes: RwSignal<Vec<Close>>,
    _mounted: Box<dyn Any>,
    _owner: Owner,
}

impl Bar {
    fn new(address: &str) -> Self {
        let owner = Owner::new();
        let (target, state) =
            owner.with(|| (TargetInput::default(), RwSignal::new(State::Idle(None))));
        target.address.set(address.to_owned());
        let (negotiated, since) = owner.with(|| (RwSignal::default(), RwSignal::default()));
        let (retries, connects, closes) = owner
            .with(|| (RwSignal::new(Retries::UNLIMITED), RwSignal::default(), RwSignal::default()));
        let (in_use, next_address, can_close_now, closes_now) = owner.with(|| {
            (RwSignal::default(), RwSignal::default(), RwSignal::new(false), RwSignal::new(0))
        });
        let causes = owner.with(RwSignal::default);
        let mounted = owner.with(|| {
            let recents = Recents::load();
            for address in recents.addresses().get_untracked() {
                recents.remove(&address);
            }
            for address in ["wss://example.org", "ws://localhost:9000/chat"] {
                recents.add(address);
            }
            let presets = Signal::from(RwSignal::new(read_presets(DESCRIPTION)));
            let on_connect = Callback::new(move |()| connects.update(|count| *count += 1));
            let on_disconnect =
                Callback::new(move |close| closes.update(|closes: &mut Vec<_>| closes.push(close)));
            let reported = Signal::derive(move || ConnectionState {
                state: state.get(),
                in_use: in_use.get(),
                next_address: next_address.get(),
                causes: causes.get(),
                can_close_now: can_close_now.get(),
                negotiated: negotiated.get(),
                since: since.get(),
                ..ConnectionState::default()
            });
            let form = ConnectForm::new(target, reported);
            leptos::mount::mount_to(leptos::tachys::dom::body(), move || {
                view! {
                    <ConnectBar form retries recents presets
                        on_command=Callback::new(|text: String| text.starts_with("wscat"))
                        on_connect on_disconnect
                        on_close_now=Callback::new(move |()| closes_now.update(|count| *count += 1)) />
                }
            })
        });
        Self {
            target,
            address: target.address,
            subprotocols: target.subprotocols,
            state,
            negotiated,
            since,
            retries,
            in_use,
            next_address,
            causes,
            can_close_now,
            connects,
            closes_now,
            closes,
            _mounted: Box::new(mounted),
            _owner: owner,
        }
    }

    fn address(&self) -> String {
        self.address.get_untracked()
    }

    async fn unfolded(address: &str) -> Self {
        let bar = Self::new(address);
        click("button.unfold").await;
        bar
    }
}

fn eval(script: &str) -> String {
    let result = js_sys::eval(script).unwrap_or_else(|error| panic!("{script}: {error:?}"));
    result.as_string().unwrap_or_else(|| format!("{result:?}"))
}

/// Runs a script in the page, and lets the views follow.
async fn run(script: &str) -> String {
    let result = eval(script);
    // What follows from it is done in microtasks, and those are done before a timer.
    TimeoutFuture::new(0).await;
    result
}

async fn read(selector: &str, what: &str) -> String {
    run(&format!("String(document.querySelector(`{selector}`)?.{what})")).await
}

async fn click(selector: &str) {
    run(&format!("document.querySelector(`{selector}`).click()")).await;
}

async fn fill(selector: &str, text: &str) {
    let script = format!(
        "{{ const box = document.querySelector(`{selector}`);
           box.focus();
           box.value = `{text}`;
           box.dispatchEvent(new Event('input', {{ bubbles: true }})); }}"
    );
    run(&script).await;
}

async fn press(key: &str) {
    let script = format!(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
           {{ key: '{key}', bubbles: true, cancelable: true }}))"
    );
    run(&script).await;
}

async fn note() -> String {
    read(".note", "textContent").await
}

async fn values(selector: &str) -> String {
    run(&format!("[...document.querySelectorAll(`{selector}`)].map(it => it.value).join('|')"))
        .await
}

/// An address on the server of the test's page, which the presets are on, too.
async fn here(path: &str) -> String {
    format!("ws://{}{path}", run("location.host").await)
}

#[wasm_bindgen_test]
async fn a_wrong_address_is_said_and_kept() {
    let bar = Bar::new("");
    fill(ADDRESS, "ftp://localhost:8080").await;
    assert_eq!(note().await, "", "nobody is corrected while typing");
    press("Enter").await;
    assert_eq!(note().await, "A WebSocket address starts with ws:// or wss://, not with ftp://.");
    assert_eq!(read(ADDRESS, "ariaInvalid").await, "true");
    click(CONNECT).await;
    assert_eq!(bar.connects.get_untracked(), 0);
    assert_eq!(read(ADDRESS, "value").await, "ftp://localhost:8080");
    // It goes as soon as it is right, and with its scheme it is connected to.
    fill(ADDRESS, "localhost:8080").await;
    assert_eq!((note().await, read(ADDRESS, "ariaInvalid").await), (String::new(), "null".into()));
    fill(ADDRESS, "localhost:x").await;
    assert_eq!(note().await, "", "the next mistake is named when the person has done");
    run("document.querySelector('[role=combobox]').dispatchEvent(new Event('change'))").await;
    assert!(note().await.starts_with("x is not a port."), "{}", note().await);
    fill(ADDRESS, "localhost:8080").await;
    press("Enter").await;
    assert_eq!(bar.connects.get_untracked(), 1);
    assert_eq!(bar.address(), "ws://localhost:8080");
    assert_eq!(read(ADDRESS, "value").await, "ws://localhost:8080");
}

#[wasm_bindgen_test]
async fn while_connected_another_address_is_marked_and_enter_switches_to_it() {
    let bar = Bar::new("ws://localhost:8080/ws");
    click(CONNECT).await;
    bar.in_use.set(Some(bar.address()));
    bar.state.set(State::Open(Attempt(0)));
    fill(ADDRESS, "ws://localhost:8080/echo").await;
    assert_eq!(note().await, "Still connected to ws://localhost:8080/ws. Press Enter to switch.");
    press("Enter").await;
    assert_eq!(bar.connects.get_untracked(), 2);
    bar.next_address.set(Some(bar.address()));
    bar.state.set(State::Closing(Attempt(0)));
    TimeoutFuture::new(0).await;
    assert_eq!(note().await, "Will connect to ws://localhost:8080/echo next.");
    assert_eq!(bar.closes.get_untracked(), [], "the engine closes the old connection");
}

#[wasm_bindgen_test]
async fn while_closing_connect_is_kept_and_a_slow_close_can_be_cut_short() {
    let bar = Bar::new("ws://localhost:8080/ws");
    bar.state.set(State::Closing(Attempt(0)));
    TimeoutFuture::new(0).await;
    assert_eq!(read(CONNECT, "ariaDisabled").await, "null");
    click(CONNECT).await;
    assert_eq!(bar.connects.get_untracked(), 1);
    bar.can_close_now.set(true);
    TimeoutFuture::new(0).await;
    assert_eq!(read("button.retry", "textContent").await, "Close now");
    click("button.retry").await;
    assert_eq!((bar.closes_now.get_untracked(), bar.connects.get_untracked()), (1, 1));
}

#[wasm_bindgen_test]
async fn the_second_click_of_a_double_click_is_ignored() {
    let bar = Bar::new("ws://localhost:8080/ws");
    let click = |detail: u32| {
        format!(
            "document.querySelector('{CONNECT}').dispatchEvent(\
             new MouseEvent('click', {{ bubbles: true, detail: {detail} }}))"
        )
    };
    run(&click(1)).await;
    bar.state.set(State::Connecting(Attempt(0)));
    TimeoutFuture::new(0).await;
    run(&click(2)).await;
    assert_eq!(bar.connects.get_untracked(), 1);
    assert_eq!(bar.closes.get_untracked(), []);
    run(&click(1)).await;
    assert_eq!(bar.closes.get_untracked(), [Close::normal()]);
}

#[wasm_bindgen_test]
async fn the_keyboard_chooses_from_the_list() {
    let bar = Bar::new("ws://a");
    fill(ADDRESS, "ws://a").await;
    press("Escape").await;
    assert_eq!(read(ADDRESS, "ariaExpanded").await, "false");
    press("ArrowDown").await;
    assert_eq!(read(ADDRESS, "ariaExpanded").await, "true");
    let active = "document.getElementById(document.querySelector(`[role=combobox]`)
        .getAttribute('aria-activedescendant'))";
    let entry = format!("{active}.querySelector('code').textContent");
    assert_eq!(run(&entry).await, "ws://localhost:9000/chat");
    press("ArrowUp").await;
    assert_eq!(run(&entry).await, "/drop", "round at the end");
    assert!(run(&format!("{active}.textContent")).await.contains("faulty on purpose"));
    press("ArrowDown").await;
    press("ArrowDown").await;
    press("Enter").await;
    assert_eq!(bar.address(), "wss://example.org");
    assert_eq!(bar.connects.get_untracked(), 0, "what was chosen can be read before it is used");
    assert_eq!(read(ADDRESS, "ariaExpanded").await, "false");
    press("Enter").await;
    assert_eq!(bar.connects.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn typing_narrows_the_list() {
    let _bar = Bar::new("");
    fill(ADDRESS, "drop").await;
    let entries =
        "[...document.querySelectorAll('[role=option] code')].map(it => it.textContent).join()";
    assert_eq!(run(entries).await, "/drop");
    assert_eq!(read("[role=option] .summary", "lang").await, "en", "the server's own words");
    fill(ADDRESS, "no such thing").await;
    assert_eq!(
        (run(entries).await, read(ADDRESS, "ariaExpanded").await),
        (String::new(), "false".into())
    );
    click("button.opener").await;
    click("button.opener").await;
    assert_eq!(run("document.querySelectorAll('[role=option]').length + ''").await, "5");
    let headings =
        "[...document.querySelectorAll('.suggestions .heading')].map(it => it.textContent).join()";
    assert_eq!(run(headings).await, "Recent,Echo,Rooms,Faults");
}

#[wasm_bindgen_test]
async fn a_preset_fills_the_address_and_its_options_follow_it() {
    let bar = Bar::new("");
    fill(ADDRESS, "/echo").await;
    click("[role=option]").await;
    assert_eq!(bar.address(), here("/echo").await);
    click("button.unfold").await;
    assert_eq!(read(".preset legend", "textContent").await, "Options of /echo");
    fill(".preset input", "2 s").await;
    assert_eq!(bar.address(), here("/echo?delay=2%20s").await);
    let choose = "{ const list = document.querySelector('.preset select');
        list.selectedIndex = [...list.options].findIndex(it => it.text === 'text');
        list.dispatchEvent(new Event('change', { bubbles: true })); }";
    run(choose).await;
    assert_eq!(bar.address(), here("/echo?delay=2%20s&as=text").await);
    // By hand, the form follows.
    fill(ADDRESS, &here("/echo?as=binary").await).await;
    assert_eq!(
        (
            read(".preset input", "value").await,
            read(".preset select", "selectedOptions[0].text").await
        ),
        (String::new(), "binary".into())
    );
    fill(ADDRESS, &here("/room/a%20b").await).await;
    assert_eq!(read(".preset input", "value").await, "a b");
    fill(".preset input", "c/d").await;
    assert_eq!(bar.address(), here("/room/c%2Fd").await);
    fill(ADDRESS, "ws://elsewhere/echo").await;
    assert_eq!(read(".preset", "textContent").await, "undefined");
}

#[wasm_bindgen_test]
async fn the_query_is_edited_as_rows() {
    let bar = Bar::unfolded("ws://a/b?x=%zz&flag").await;
    assert_eq!(values(".part .name").await, "x|flag");
    assert_eq!(values(".part .value").await, "%zz|");
    fill(".part:nth-of-type(2) .value", "a&b").await;
    assert_eq!(bar.address(), "ws://a/b?x=%zz&flag=a%26b");
    click(".parts .add-part").await;
    assert_eq!(read(":focus", "ariaLabel").await, "Name of parameter 3");
    assert_eq!(bar.address(), "ws://a/b?x=%zz&flag=a%26b", "an empty row is no parameter");
    assert_eq!(read(".parts .add-part", "ariaDisabled").await, "true");
    fill(".part:nth-of-type(3) .name", "new").await;
    assert_eq!(bar.address(), "ws://a/b?x=%zz&flag=a%26b&new");
    fill(ADDRESS, "ws://a/b?only=1").await;
    assert_eq!(
        (values(".part .name").await, values(".part .value").await),
        ("only".into(), "1".into())
    );
    click(".part .remove-part").await;
    assert_eq!(bar.address(), "ws://a/b");
    assert_eq!(read(":focus", "textContent").await.trim(), "Add parameter");
}

#[wasm_bindgen_test]
async fn subprotocols_are_rows_and_must_be_tokens() {
    let bar = Bar::unfolded("ws://a").await;
    click(".parts:nth-of-type(2) .add-part").await;
    fill(".parts:nth-of-type(2) .name", "chat v2").await;
    assert!(read(".part .wrong", "textContent").await.contains("cannot contain a space"));
    click("button.unfold").await;
    click(CONNECT).await;
    assert_eq!(bar.connects.get_untracked(), 0);
    assert!(note().await.contains("A subprotocol name cannot contain a space."));
    assert_eq!(
        read(".parts:nth-of-type(2) .name", "value").await,
        "chat v2",
        "the rows are shown again"
    );
    click("button.unfold").await;
    assert_eq!(read(".unfold .set-mark", "className").await, "set-mark of-mistake");
    click(".show-mistake").await;
    until("the focus", || {
        eval("String(document.activeElement.matches('.part [aria-invalid=true]'))") == "true"
    })
    .await;
    assert_eq!(read(".options-tabs .is-wrong", "textContent").await.trim(), "Subprotocols");
    fill(".parts:nth-of-type(2) .name", "chat.v2").await;
    click(".parts:nth-of-type(2) .add-part").await;
    click(CONNECT).await;
    assert_eq!(bar.connects.get_untracked(), 1);
    assert_eq!(bar.subprotocols.get_untracked(), ["chat.v2"], "a row without a name is let go");
    assert_eq!(read(".is-wrong, .show-mistake", "className").await, "undefined");
}

#[wasm_bindgen_test]
async fn a_code_and_a_reason_are_chosen_within_what_browsers_send() {
    let bar = Bar::new("ws://a");
    click("button.with-code").await;
    assert_eq!(read("form.panel", "textContent").await, "undefined", "there is nothing to close");
    bar.state.set(State::Open(Attempt(0)));
    click("button.with-code").await;
    assert_eq!(read(":focus", "value").await, "1000");
    fill(".code", "1001").await;
    fill(".reason", &"é".repeat(62)).await;
    let says = || read(".says-close", "textContent");
    assert!(says().await.starts_with("Browsers do not send 1001"), "{}", says().await);
    click("form.panel .submit").await;
    assert_eq!(bar.closes.get_untracked(), []);
    fill(".code", "4001").await;
    assert_eq!(says().await, "The reason is 1 byte over the limit of 123. Shorten it.");
    assert_eq!(read(".count", "textContent").await, "124 of 123 bytes");
    fill(".reason", "bye").await;
    press("Escape").await;
    assert!(read(":focus", "className").await.contains("with-code"), "it is back at its opener");
    click("button.with-code").await;
    assert_eq!(read(".reason", "value").await, "bye", "what was typed is kept");
    click("form.panel .submit").await;
    assert_eq!(bar.closes.get_untracked(), [Close { code: CloseCode(4001), reason: "bye".into() }]);
}

#[wasm_bindgen_test]
async fn the_status_says_what_was_agreed_and_for_how_long_it_is_open() {
    let bar = Bar::new("ws://a");
    bar.negotiated.set(Some(Negotiated {
        subprotocol: "chat.v2".into(),
        extensions: "permessage-deflate".into(),
    }));
    let now: u64 = run("String(Date.now() - 3723000)").await.parse().expect("a number");
    bar.since.set(Some(Time(now * 1_000)));
    bar.state.set(State::Open(Attempt(0)));
    TimeoutFuture::new(0).await;
    assert_eq!(read("section.status", "dataset.state").await, "open");
    let said = read(".says", "innerText").await;
    for words in ["Connected", "chat.v2", "permessage-deflate", "1:02:0"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let since = || eval("document.querySelector('.since').textContent");
    let first = since();
    until("the clock", || since() != first).await;
    bar.state
        .set(State::Idle(Some(EndReason::Closed(Close::to_send("4001", "bye").expect("a close")))));
    TimeoutFuture::new(0).await;
    let said = read(".says", "innerText").await;
    assert!(said.contains("4001 (application-defined): bye."), "{said}");
    assert!(!said.contains("chat.v2"), "{said}");
}

#[wasm_bindgen_test]
async fn a_failure_names_its_usual_causes_while_it_is_tried_again() {
    let bar = Bar::new("wss://localhost:9000/ws");
    let failed = || EndReason::Failed;
    let until = Time(u64::MAX);
    let address = Address::parse("wss://localhost:9000/ws", false).expect("an address");
    bar.causes.set(causes(&address, &[], &Page::default()));
    bar.state.set(State::Waiting { next: Attempt(1), reason: failed(), retry: 1, until });
    TimeoutFuture::new(0).await;
    let said = read(".says", "innerText").await;
    assert!(said.contains("Open https://localhost:9000/ once to accept it."), "{said}");
    assert!(said.starts_with("Reconnecting in"), "{said}");
    assert_eq!(read(".explanation a", "href").await, "https://localhost:9000/");
    assert_eq!(read(CONNECT, "textContent").await, "Stop retrying");
    let causes = read(".causes", "textContent").await;
    assert!(
        causes.contains("Or: No response from localhost:9000. Is the server running?"),
        "{causes}"
    );
    run("document.querySelector('.causes').open = true").await;
    bar.state.set(State::Connecting(Attempt(1)));
    TimeoutFuture::new(0).await;
    assert_eq!(read(".causes", "open").await, "true", "who reads it goes on reading");
    click(".retry").await;
    assert_eq!(bar.connects.get_untracked(), 1);
    bar.state.set(State::Open(Attempt(1)));
    TimeoutFuture::new(0).await;
    assert_eq!(read(".causes", "open").await, "undefined");
}

#[wasm_bindgen_test]
async fn an_attempt_can_be_cancelled_and_shows_its_seconds_once_it_is_slow() {
    let bar = Bar::new("ws://a");
    let begun = async |millis: u32| {
        let at = run(&format!("String(Date.now() - {millis})")).await;
        Some(Time(at.parse::<u64>().expect("a number") * 1_000))
    };
    bar.since.set(begun(0).await);
    bar.state.set(State::Connecting(Attempt(0)));
    TimeoutFuture::new(0).await;
    assert_eq!(read(CONNECT, "textContent").await, "Cancel");
    assert_eq!(read(".since", "textContent").await, "");
    bar.since.set(begun(61_500).await);
    TimeoutFuture::new(0).await;
    assert_eq!(read(".since", "textContent").await, "01:01");
    click(CONNECT).await;
    assert_eq!(bar.closes.get_untracked(), [Close::normal()]);
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_said_beside_its_retry() {
    let bar = Bar::new("ws://a");
    let close = Close { code: CloseCode(1001), reason: String::new() };
    let reason = EndReason::Closed(close);
    bar.state.set(State::Waiting { next: Attempt(1), reason, retry: 1, until: Time(u64::MAX) });
    TimeoutFuture::new(0).await;
    let said = read(".says", "innerText").await;
    assert!(said.starts_with("Reconnecting in"), "{said}");
    assert!(said.contains("Connection lost: 1001"), "{said}");
}

#[wasm_bindgen_test]
async fn the_mark_on_options_says_what_is_set() {
    let bar = Bar::new("ws://a/b?c=d");
    let shown = async || {
        let mark = read(".unfold .set-mark", "className").await;
        (mark != "undefined").then_some(read(".unfold", "title").await)
    };
    assert_eq!(shown().await, None, "the address says it");
    bar.target.relay.set(Some(RelayOptions::default()));
    bar.subprotocols.set(vec!["chat".to_owned()]);
    TimeoutFuture::new(0).await;
    assert_eq!(shown().await.as_deref(), Some("Set: Subprotocols, Route"));
    bar.target.relay.set(None);
    bar.subprotocols.set(vec![String::new()]);
    bar.retries.set(Retries(3));
    TimeoutFuture::new(0).await;
    assert_eq!(shown().await.as_deref(), Some("Set: Reconnect"));
}

#[wasm_bindgen_test]
async fn a_recent_address_is_removed_by_a_key_and_by_its_sign() {
    let _bar = Bar::new("");
    click("button.opener").await;
    press("ArrowDown").await;
    press("Delete").await;
    let recent = "[...document.querySelectorAll('.forget')]
        .map(it => it.parentElement.querySelector('code').textContent).join()";
    assert_eq!(run(recent).await, "wss://example.org");
    assert!(read(":focus", "ariaLabel").await.contains("Address"));
    assert_eq!(
        read("[role=option][aria-selected=true] code", "textContent").await,
        "wss://example.org"
    );
    click(".forget").await;
    assert_eq!(run(recent).await, "");
    assert_eq!(run("String(localStorage['wsbench.recent'])").await, "");
    press("ArrowDown").await;
    press("Delete").await;
    assert_eq!(read("[role=option] code", "textContent").await, "/echo", "endpoints stay");
}

#[wasm_bindgen_test]
async fn a_proxy_and_an_ip_address_are_checked_as_their_boxes_are_left() {
    let bar = Bar::unfolded("ws://a").await;
    bar.target.relay.set(Some(RelayOptions::default()));
    opens_options("Route").await;
    click("button.section.network").await;
    let left = async |index: usize, text: &str| {
        let selector = format!(".section-fields.network label:nth-of-type({index}) input");
        fill(&selector, text).await;
        run("document.activeElement.dispatchEvent(new Event('change', { bubbles: true }))").await;
        (read(&selector, "ariaInvalid").await == "true", note().await)
    };
    let (is_wrong, says) = left(1, "nonsense://x").await;
    assert!(is_wrong && says.starts_with("Write the proxy like"), "{says}");
    assert_eq!(left(1, "socks5://x").await, (false, String::new()));
    let (is_wrong, says) = left(2, "999.1").await;
    assert!(is_wrong && says.starts_with("Write the IP address like"), "{says}");
    assert_eq!(left(2, "::1").await, (false, String::new()));
}

#[wasm_bindgen_test]
async fn try_now_hands_its_focus_on() {
    let bar = Bar::new("ws://a");
    let reason = EndReason::Closed(Close::abnormal());
    bar.state.set(State::Waiting { next: Attempt(1), reason, retry: 1, until: Time(u64::MAX) });
    TimeoutFuture::new(0).await;
    fill(ADDRESS, "ws://b").await;
    press("Enter").await;
    assert_eq!(bar.connects.get_untracked(), 1, "while one is waited for, Enter makes it now");
    run("document.querySelector('.retry').focus()").await;
    click(".retry").await;
    assert_eq!(bar.connects.get_untracked(), 2);
    bar.state.set(State::Connecting(Attempt(1)));
    TimeoutFuture::new(0).await;
    assert!(read(":focus", "className").await.contains("connect"));
}

#[wasm_bindgen_test]
async fn reconnecting_is_turned_off_and_limited() {
    let bar = Bar::unfolded("ws://a").await;
    let retries = || bar.retries.get_untracked();
    click(".switch input").await;
    assert_eq!(retries(), Retries::NONE);
    fill(".limit", "5").await;
    assert_eq!(retries(), Retries::NONE, "a limit does not turn it on");
    click(".switch input").await;
    assert_eq!(retries(), Retries(5));
    fill(".limit", "0").await;
    assert_eq!(retries(), Retries(5), "what is wrong changes nothing");
    assert!(
        read(".reconnect .wrong", "textContent").await.starts_with("Enter a whole number from 1")
    );
    fill(".limit", "").await;
    assert_eq!(retries(), Retries::UNLIMITED);
}

#[wasm_bindgen_test]
fn a_description_is_read_as_far_as_it_goes() {
    let paths = |text| read_presets(text).into_iter().map(|it| it.path).collect::<Vec<_>>();
    assert_eq!(paths(DESCRIPTION), ["/echo", "/room/{room}", "/drop"]);
    let echo = read_presets(DESCRIPTION).swap_remove(0);
    assert_eq!(echo.options[1].choices, ["same", "text", "binary"]);
    for nonsense in
        ["", "<!doctype html>", "[]", "null", "{\"endpoints\": 7}", "{\"endpoints\": {}}"]
    {
        assert_eq!(paths(nonsense), [""; 0], "{nonsense}");
    }
    let many = format!("{{\"endpoints\": [{}{{}}]}}", r#"{"path": "/a"},"#.repeat(1_000));
    assert_eq!(paths(&many).len(), 200);
    let long = format!(r#"{{"endpoints": [{{"path": "/{}"}}]}}"#, "é".repeat(1_000));
    assert_eq!(paths(&long)[0].chars().count(), 300);
}

/// Has the page's server answer with this body, a script.
async fn answer_with(body: &str) {
    run(&format!(
        "window.asked = ''; window.fetch = async it => {{ asked += it; return {body}; }}"
    ))
    .await;
}

#[wasm_bindgen_test]
async fn the_servers_endpoints_are_asked_for_once() {
    let owner = Owner::new();
    run(&format!("window.description = `{DESCRIPTION}`")).await;
    answer_with("new Response(description)").await;
    let presets = owner.with(presets);
    assert_eq!(presets.get_untracked(), Preset::known(), "until they have come");
    // After the page's own, which is not described.
    let mut described = Preset::known();
    described.truncate(1);
    described.extend(read_presets(DESCRIPTION));
    until("the presets", || presets.with_untracked(|presets| *presets == described)).await;
    assert_eq!(run("asked").await, "/endpoints.json");
}

#[wasm_bindgen_test]
async fn without_a_description_there_are_two_presets() {
    let owner = Owner::new();
    let endless = "new Response(new ReadableStream({
        pull(it) { it.enqueue(new Uint8Array(1 << 16)) },
        cancel() { window.cancelled = 'yes' } }))";
    run("window.cancelled = 'no'").await;
    answer_with(endless).await;
    let presets = owner.with(presets);
    until("the end of the answer", || eval("cancelled") == "yes").await;
    let paths = || presets.get_untracked().into_iter().map(|it| it.path).collect::<Vec<_>>();
    assert_eq!(paths(), ["/ws", "/echo"]);

    answer_with("new Response(`{\"endpoints\": [{\"path\": \"/a\"}]}`, { status: 404 })").await;
    let presets = owner.with(client::presets);
    until("the question", || eval("asked") == "/endpoints.json").await;
    TimeoutFuture::new(GLANCE_MILLIS).await;
    assert_eq!(presets.get_untracked(), Preset::known());
}

#[wasm_bindgen_test]
async fn recent_addresses_are_remembered_unless_the_browser_forbids_it() {
    run("localStorage.clear()").await;
    let owner = Owner::new();
    let recents = owner.with(Recents::load);
    recents.add("ws://a");
    // Another window stores its list in between.
    run("localStorage.setItem('wsbench.recent', 'ws://other\\nws://a')").await;
    recents.add("ws://b");
    let again = owner.with(|| Recents::load().addresses().get_untracked());
    assert_eq!(again, ["ws://b", "ws://a", "ws://other"]);

    let forbid = "window.kept = Storage.prototype.setItem;
        Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }";
    run(forbid).await;
    recents.add("ws://c");
    run("Storage.prototype.setItem = window.kept; localStorage.clear()").await;
    let shown = owner.with(|| recents.addresses().get_untracked());
    assert_eq!(shown, ["ws://c", "ws://b", "ws://a", "ws://other"]);
}

#[wasm_bindgen_test]
async fn the_form_of_a_close_code_does_not_come_back_with_the_next_connection() {
    let bar = Bar::new("ws://a");
    bar.state.set(State::Open(Attempt(0)));
    TimeoutFuture::new(0).await;
    click("button.with-code").await;
    assert_eq!(read(":focus", "value").await, "1000");
    for state in [waiting(), State::Open(Attempt(1))] {
        bar.state.set(state);
        TimeoutFuture::new(0).await;
    }
    assert_eq!(read("form.panel", "textContent").await, "undefined");
}

/// Shows a tab of the options.
async fn opens_options(tab: &str) {
    let tabs = "[...document.querySelectorAll('[role=tab]')]";
    run(&format!("{tabs}.find(it => it.textContent === '{tab}').click()")).await;
}

/// A retry that is pending, after a loss.
fn waiting() -> State {
    let reason = EndReason::Closed(Close::abnormal());
    State::Waiting { next: Attempt(1), reason, retry: 1, until: Time(u64::MAX) }
}

#[wasm_bindgen_test]
async fn the_small_button_is_about_the_connection_in_use() {
    let bar = Bar::new("ws://localhost:8080/ws");
    bar.in_use.set(Some(bar.address()));
    bar.target.used.set(Some(Target { url: bar.address(), ..Target::default() }));
    bar.state.set(waiting());
    TimeoutFuture::new(0).await;
    let shown = || {
        run(
            "[...document.querySelectorAll('button.retry:not(.out-of-use)')].map(it => it.textContent).join()",
        )
    };
    assert_eq!(shown().await, "Try now");
    fill(ADDRESS, "ws://").await;
    assert_eq!(shown().await, "", "not that address is tried");
    fill(ADDRESS, "ws://localhost:8080/ws").await;
    assert_eq!(shown().await, "Try now");
    bar.state.set(State::Open(Attempt(1)));
    TimeoutFuture::new(0).await;
    assert_eq!(shown().await, "");
    bar.subprotocols.set(vec!["chat".to_owned()]);
    TimeoutFuture::new(0).await;
    assert_eq!(shown().await, "Reconnect");
    assert_eq!(note().await, "Options changed. Reconnect to apply them.");
    click("button.retry").await;
    assert_eq!((bar.connects.get_untracked(), bar.closes.get_untracked()), (1, vec![]));
}

#[wasm_bindgen_test]
async fn an_option_that_the_server_refuses_is_marked() {
    let bar = Bar::unfolded(&here("/echo?delay=abc").await).await;
    let is_marked = || read(".preset input", "ariaInvalid");
    assert_eq!(is_marked().await, "null");
    let sentence = "Invalid value 'abc' of option 'delay'. Allowed: 0s to 1m.".to_owned();
    bar.causes.set(vec![Cause::Refused { status: 400, sentence }]);
    bar.state.set(State::Idle(Some(EndReason::Failed)));
    TimeoutFuture::new(0).await;
    assert_eq!(is_marked().await, "true");
    bar.state.set(State::Connecting(Attempt(1)));
    TimeoutFuture::new(0).await;
    assert_eq!(is_marked().await, "null");
}

#[wasm_bindgen_test]
async fn a_path_alone_is_one_of_the_pages_server() {
    let bar = Bar::new("");
    fill(ADDRESS, "/echo?delay=1s").await;
    press("Enter").await;
    assert_eq!((bar.address(), bar.connects.get_untracked()), (here("/echo?delay=1s").await, 1));
}

#[wasm_bindgen_test]
async fn what_is_typed_for_a_scheme_of_sign_in_outlives_a_look_at_another() {
    let bar = Bar::unfolded("ws://a").await;
    bar.target.relay.set(Some(RelayOptions::default()));
    opens_options("Route").await;
    click("button.section.credentials").await;
    let choose = async |scheme: usize| {
        let script = format!(
            "{{ const list = document.querySelector('.sign-in');
             list.selectedIndex = {scheme};
             list.dispatchEvent(new Event('change', {{ bubbles: true }})); }}"
        );
        run(&script).await
    };
    choose(1).await;
    fill(".preset label:nth-of-type(2) input", "ann").await;
    fill(".preset label:nth-of-type(3) input", "secret").await;
    for scheme in [2, 0, 1] {
        choose(scheme).await;
    }
    assert_eq!(values(".section-fields .preset input").await, "ann|secret");
    // None of it is for another address.
    choose(0).await;
    fill(ADDRESS, "ws://b").await;
    choose(1).await;
    assert_eq!(values(".section-fields .preset input").await, "|");
}

#[wasm_bindgen_test]
async fn a_separator_in_a_cookie_or_a_user_name_is_refused_and_stays() {
    let bar = Bar::unfolded("ws://a").await;
    bar.target.relay.set(Some(RelayOptions::default()));
    opens_options("Route").await;
    click("button.section.credentials").await;
    click(".section-fields .parts .add-part").await;
    fill(".part .name", "sid").await;
    fill(".part .value", "abc; theme=dark").await;
    assert_eq!(values(".part input").await, "sid|abc; theme=dark");
    let says = "A cookie value cannot contain ;. Paste several cookies as a header Cookie.";
    assert_eq!(read(".part .wrong", "textContent").await, says);
    // Of several, the section of the wrong one is unfolded.
    click("button.section.tls").await;
    fill(ADDRESS, "ws://a").await;
    press("Enter").await;
    assert_eq!((note().await, bar.connects.get_untracked()), (format!("{says} Show"), 0));
    assert_eq!(values(".part input").await, "sid|abc; theme=dark");
    fill(".part .value", "abc").await;
    run("{ const list = document.querySelector('.sign-in'); list.selectedIndex = 1;
         list.dispatchEvent(new Event('change', { bubbles: true })); }")
    .await;
    fill(".preset label:nth-of-type(2) input", "a:b").await;
    assert_eq!(values(".preset label:nth-of-type(2) input").await, "a:b");
    assert_eq!(read(".preset .wrong", "textContent").await, "A user name cannot contain :.");
    fill(ADDRESS, "ws://a").await;
    press("Enter").await;
    assert_eq!(bar.connects.get_untracked(), 0);
    fill(".preset label:nth-of-type(2) input", "ab").await;
    fill(ADDRESS, "ws://a").await;
    press("Enter").await;
    assert_eq!(bar.connects.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn no_connection_is_made_with_a_secret_that_was_not_stored() {
    let bar = Bar::unfolded("ws://a?é=1&token=&b=c").await;
    click(CONNECT).await;
    let says =
        "Enter the value of token. Secret values are not stored. To send it empty, remove the =.";
    assert_eq!((note().await, bar.connects.get_untracked()), (says.to_owned(), 0));
    // The caret is where the value belongs.
    until("the caret", || eval("document.activeElement.selectionStart") == "JsValue(17)").await;
    assert_eq!(read(":focus", "role").await, "combobox");
    fill(ADDRESS, "ws://a?token=t").await;
    let proxy = "http://@proxy:3128".to_owned();
    bar.target.relay.set(Some(RelayOptions { proxy, ..RelayOptions::default() }));
    press("Enter").await;
    let says = "Enter the user name and password of the proxy. They are not stored. Without any, remove the @.";
    assert_eq!((note().await, bar.connects.get_untracked()), (format!("{says} Show"), 0));
    until("the proxy", || eval("document.activeElement.value") == "http://@proxy:3128").await;
    fill(":focus", "http://me:pw@proxy:3128").await;
    click(CONNECT).await;
    assert_eq!(bar.connects.get_untracked(), 1);
}

#[wasm_bindgen_test]
async fn no_subprotocol_is_added_beyond_the_limit() {
    let bar = Bar::unfolded("ws://a").await;
    opens_options("Subprotocols").await;
    let is_full = || read(".parts:nth-of-type(2) .add-part", "ariaDisabled");
    let names = |count: usize| (0..count).map(|it| it.to_string()).collect::<Vec<_>>();
    bar.subprotocols.set(names(MAX_SUBPROTOCOLS - 1));
    TimeoutFuture::new(0).await;
    assert_eq!(is_full().await, "null");
    bar.subprotocols.set(names(MAX_SUBPROTOCOLS));
    TimeoutFuture::new(0).await;
    assert_eq!(is_full().await, "true");
    click(".parts:nth-of-type(2) .part:last-of-type .remove-part").await;
    assert_eq!(read(":focus", "textContent").await.trim(), "Add subprotocol");
}
