//! Reasons of failed and ended connections, in the status, in the list and in the detail pane.

use futures::StreamExt;
use harness::{Page, Server, connected, disconnected, keys};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;

use crate::room::is_in_reach;

const STATUS: &str = ".status .says";

async fn newest_event_says(page: &Page, text: &str) {
    page.waits_for(&format!(
        "const rows = [...document.querySelectorAll('.entry[data-direction=event]:not([hidden])')];
         return rows.at(-1)?.innerText.includes({}) === true",
        Value::from(text)
    ))
    .await;
}

/// Goes to `path` of the server, and waits until it has failed for good, with `cause`.
async fn fails_at(server: &Server, page: &Page, path: &str, cause: &str) {
    let url = server.ws(path);
    page.goes_to(&url).await;
    page.contains(STATUS, cause).await;
    page.has_state("failed").await;
    // The cause first: on a narrow screen the address is cut.
    newest_event_says(page, &format!("Could not connect: {cause}")).await;
    newest_event_says(page, &format!(" · {url}")).await;
}

#[tokio::test]
async fn a_refusal_of_the_pages_server_is_said_in_its_words_and_not_retried() {
    let (server, _browser, page) = disconnected().await;
    for (path, cause) in [
        ("/echo?delay=abc", "400: Invalid value 'abc' of option 'delay'."),
        ("/reject", "401: Rejected with 401 Unauthorized, as requested."),
        ("/reject?status=403", "403: Rejected with 403 Forbidden, as requested."),
        ("/nothing", "404: There is nothing at this path."),
        ("/chat/", "404: Room name missing."),
        ("/reject?status=302", "The server redirects, which browsers do not follow."),
    ] {
        fails_at(&server, &page, path, cause).await;
    }
    let is_red = "
        const payload = document.querySelector('.entry.failure .payload');
        const probe = document.createElement('i');
        probe.style.color = 'var(--bad)';
        payload.append(probe);
        const [found, wanted] = [payload, probe].map(it => getComputedStyle(it).color);
        probe.remove();
        return found === wanted";
    page.waits_for(is_red).await;
}

#[tokio::test]
async fn a_mistake_in_the_next_address_ends_the_attempts_at_the_last() {
    let (server, _browser, page) = disconnected().await;
    page.goes_to(&server.ws("/reject?status=503")).await;
    page.has_state("waiting").await;
    page.goes_to("ws://localhost:9/").await;
    page.has_state("idle").await;
    page.contains(STATUS, "Browsers block port 9").await;
}

#[tokio::test]
async fn a_server_that_is_full_is_tried_again() {
    let (server, _browser, page) = disconnected().await;
    page.goes_to(&server.ws("/reject?status=503&retry_after=1m")).await;
    page.has_state("waiting").await;
    page.contains(STATUS, "503: Rejected with 503").await;
    page.waits_for(&format!(
        "return / in (60|5\\d) s/.test(document.querySelector('{STATUS}').innerText)"
    ))
    .await;
    page.stops_retrying().await;
    page.has_state("failed").await;
}

#[tokio::test]
async fn a_subprotocol_that_is_not_chosen_and_tls_that_is_not_spoken_are_said() {
    let (server, _browser, page) = disconnected().await;
    page.opens_options("Subprotocols").await;
    page.clicks_text(".add-part", "Add subprotocol").await;
    page.enters(".parts:not([hidden]) .name", "chat").await;
    fails_at(
        &server,
        &page,
        "/subprotocol",
        "The server chose none of the requested subprotocols.",
    )
    .await;
    fails_at(&server, &page, "/subprotocol?accept=other", "The server chose the subprotocol other")
        .await;
    let url = server.ws("/subprotocol?accept=chat");
    page.goes_to(&url.replacen("ws://", "wss://", 1)).await;
    page.shows("The server does not use TLS on this port. Try ws://").await;
    // What was meant is one click away.
    page.clicks(".way-on .detour").await;
    page.sees("event", &format!("Connected to {url}, subprotocol chat")).await;
}

#[tokio::test]
async fn an_address_without_its_slashes_is_mended_by_a_click() {
    let (server, browser, page) = disconnected().await;
    let url = server.ws("/echo");
    page.goes_to(&url.replacen("//", "", 1)).await;
    page.shows("The start is incomplete.").await;
    page.reads(".way-on .detour", &format!("Connect to {url}")).await;
    // Not under the sentence.
    for (width, height) in [(1280, 620), (360, 640)] {
        browser.sets_viewport(width, height).await;
        is_in_reach(&page, ".way-on .detour").await;
    }
    page.clicks(".way-on .detour").await;
    page.sees("event", &format!("Connected to {url}")).await;
}

#[tokio::test]
async fn frames_that_the_browser_refuses_are_shown_through_the_server() {
    let (server, _browser, page) = disconnected().await;
    page.goes_to(&server.ws("/fault/masked-frame")).await;
    page.contains(STATUS, "The browser broke off (1006)").await;
    newest_event_says(&page, "Connection lost: The browser broke off (1006)").await;
    page.clicks(".way-on .detour").await;
    newest_event_says(&page, "Server frame is masked").await;
}

#[tokio::test]
async fn the_server_says_as_much_as_the_browser_finds_out() {
    let (server, _browser, page) = disconnected().await;
    page.routes_through_server().await;
    for (path, cause) in [
        ("/echo?delay=abc", "400: Invalid value 'abc' of option 'delay'."),
        ("/reject?status=302", "The server redirects (HTTP status 302), but does not say where."),
    ] {
        fails_at(&server, &page, path, cause).await;
    }
    let url = server.ws("/echo");
    page.goes_to(&url.replacen("ws://", "wss://", 1)).await;
    page.shows(&format!("The server does not use TLS on this port. Try {url}")).await;
    page.has_state("failed").await;
    page.clicks(".way-on .detour").await;
    page.sees("event", &format!("Connected to {url}")).await;
}

#[tokio::test]
async fn another_servers_causes_are_only_probable() {
    let (_server, _browser, page) = disconnected().await;
    page.goes_to("ws://localhost:2/").await;
    page.has_state("waiting").await;
    page.contains(STATUS, "Probable cause: No response from localhost:2.").await;
    page.stops_retrying().await;
    // What never opened is no recent address.
    assert_eq!(page.run("return localStorage['wsbench.recent'] ?? null").await, Value::Null);
    page.clicks(".entry.failure").await;
    page.contains(".event-facts", "is not a WebSocket endpoint: /").await;
}

#[tokio::test]
async fn a_failure_gives_way_to_a_mistake_in_the_next_address() {
    let (server, _browser, page) = disconnected().await;
    fails_at(&server, &page, "/nothing", "404").await;
    page.goes_to("ftp://example.org/").await;
    page.shows("not with ftp://").await;
    page.waits_for("return !document.querySelector('.status .says').innerText.includes('404: ')")
        .await;
    page.has_state("idle").await;
}

#[tokio::test]
async fn an_events_details_are_shown_on_a_click() {
    let (server, _browser, page) = connected().await;
    let url = server.ws("/close?code=4001&reason=bye%E2%80%AE!&after=1");
    page.goes_to(&url).await;
    page.sees("event", &format!("Connected to {url}")).await;
    page.types("go").await;
    page.presses_enter().await;
    let closed = r"Closed by the server: 4001 (application-defined): bye\u{202e}!";
    page.sees("event", &format!("{closed} · {url}")).await;
    let newest = "[...document.querySelectorAll('.entry[data-kind=ended]:not([hidden])')].at(-1)";
    page.run(&format!("{newest}.click()")).await;
    for fact in [&*url, "4001 (application-defined)", "bye⟨RLO⟩!", "complete", "Duration"] {
        page.contains(".event-facts", fact).await;
    }
    // A message takes its place, and the other way round.
    page.clicks(".entry[data-direction=sent]").await;
    page.lacks(".event-facts").await;
    page.has(".detail-panel").await;
    page.run(&format!("{newest}.click()")).await;
    page.lacks(".detail-panel").await;
    page.clicks(".detail .close").await;
    page.lacks(".aside").await;
}

#[tokio::test]
async fn the_dots_of_an_abnormal_close_are_red_as_its_row_is() {
    let (server, _browser, page) = connected().await;
    page.connects_to(&server.ws("/close?code=1008&after=1")).await;
    page.types("go").await;
    page.presses_enter().await;
    page.has_state("closed").await;
    page.waits_for(
        "const color = it => it && getComputedStyle(it);
         const red = color(document.querySelector('.entry.failure .payload'))?.color;
         return red !== undefined && ['.tab .dot', '.status .dot']
            .every(it => color(document.querySelector(it)).backgroundColor === red)",
    )
    .await;
}

#[tokio::test]
async fn a_message_without_a_connection_stays_until_it_can_be_sent() {
    let (_server, _browser, page) = disconnected().await;
    page.types("kept").await;
    page.presses_enter().await;
    page.shows("Not connected. The message stays in the box.").await;
    assert_eq!(page.draft().await, "kept");
    let tooltip = "return document.querySelector('button.send').title";
    assert_eq!(page.run(tooltip).await, "Not connected");
    page.clicks("button.connect-and-send").await;
    page.sees("received", "Echo: kept").await;
    assert_eq!(page.draft().await, "");
    assert!(page.box_has_focus().await);
    assert_eq!(page.run(tooltip).await, "Send (Enter)");
}

#[tokio::test]
async fn a_draft_that_waits_is_checked_before_and_is_in_the_history_after() {
    let (_server, _browser, page) = disconnected().await;
    let target = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    page.enters("[role=combobox]", &format!("ws://{}/", target.local_addr().unwrap())).await;
    page.selects(".compose-controls .form", "JSON").await;
    page.submits("{").await;
    page.clicks("button.connect-and-send").await;
    page.waits_for("return document.querySelector('.composer [role=alert]').textContent !== ''")
        .await;
    page.has_state("closed").await;

    page.types("}").await;
    page.clicks_send().await;
    page.clicks("button.connect-and-send").await;
    page.has_state("connecting").await;
    page.types(" ").await;
    let (stream, _) = target.accept().await.expect("it connects");
    let mut socket = accept_async(stream).await.expect("it shakes hands");
    let sent = socket.next().await.expect("it sends").expect("it is valid");
    assert_eq!(sent.into_text().unwrap().as_str(), "{}");
    page.sees("sent", "{}").await;
    assert_eq!(page.draft().await, "{} ", "what was typed meanwhile stays");
    page.fills("").await;
    page.types(keys::UP).await;
    assert_eq!(page.draft().await, "{}");
}

#[tokio::test]
async fn an_address_that_opens_and_closes_at_once_is_a_recent_one() {
    let (server, _browser, page) = disconnected().await;
    page.goes_to(&server.ws("/close?after=0s")).await;
    page.waits_for("return localStorage['wsbench.recent']?.includes('/close')").await;
}

#[tokio::test]
async fn every_tab_that_was_connected_connects_again_after_a_reload() {
    let (server, _browser, page) = connected().await;
    page.clicks("button.add").await;
    page.connects_to(&server.ws("/echo")).await;
    // Typed, and not in use.
    page.enters("[role=combobox]", &server.ws("/time")).await;
    page.clicks("button.add").await;
    page.has_count(".tab", 3).await;
    page.waits_for(
        "return sessionStorage['wsbench.desk']?.includes('/time') && sessionStorage['wsbench.desk'].includes('/echo')",
    )
    .await;
    page.reloads().await;
    page.waits_for(
        "return [...document.querySelectorAll('.tab')].map(tab => tab.dataset.state).join() === 'open,open,idle'",
    )
    .await;
    page.clicks(".tab:nth-child(2) [role=tab]").await;
    page.shows(&format!("Still connected to {}", server.ws("/echo"))).await;
}

#[tokio::test]
async fn the_suggestions_leave_the_note_on_the_address_in_use_visible() {
    let (server, _browser, page) = connected().await;
    page.enters("[role=combobox]", "/echo").await;
    let note = format!("Still connected to {}. Press Enter to switch.", server.ws("/ws"));
    let is_on_top = format!(
        "return [...document.querySelectorAll('.note')].some(note => {{
           const {{ left, top, width, height }} = note.getBoundingClientRect();
           const there = document.elementFromPoint(left + width / 2, top + height / 2);
           return note.textContent === {note:?} && note.contains(there);
         }}) && document.querySelector('.suggestion') !== null"
    );
    page.waits_for(&is_on_top).await;
}
