//! Reasons of failed and ended connections, in the status, in the list and in the detail pane.

use harness::{Page, Server, connected, disconnected};

use crate::room::{is_in_reach, is_sized};

const STATUS: &str = "return document.querySelector('.status .says').innerText";

/// Text of the newest event in the list.
const NEWEST_EVENT: &str = "
    const rows = [...document.querySelectorAll('.entry[data-direction=event]:not([hidden])')];
    return rows.at(-1)?.innerText";

async fn is_said(page: &Page, script: &str, text: &str) {
    let script = script.trim_start().replace("return ", "const said = ");
    let text = serde_json::Value::from(text);
    page.comes_true(&format!("{script}; return said?.includes({text}) === true")).await;
}

/// Goes to `path` of the server, and waits until it has failed for good, with `cause`.
async fn fails_at(server: &Server, page: &Page, path: &str, cause: &str) {
    let url = server.ws(path);
    page.goes_to(&url).await;
    is_said(page, STATUS, cause).await;
    page.is("failed").await;
    // The cause first: on a narrow screen the address is cut.
    is_said(page, NEWEST_EVENT, &format!("Could not connect: {cause}")).await;
    is_said(page, NEWEST_EVENT, &format!(" · {url}")).await;
}

#[tokio::test]
async fn a_refusal_of_the_pages_server_is_said_in_its_words_and_not_retried() {
    let (server, browser, page) = disconnected().await;
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
    page.comes_true(is_red).await;
    browser.close().await;
}

#[tokio::test]
async fn a_mistake_in_the_next_address_ends_the_attempts_at_the_last() {
    let (server, browser, page) = disconnected().await;
    page.goes_to(&server.ws("/reject?status=503")).await;
    page.is("waiting").await;
    page.goes_to("ws://localhost:9/").await;
    page.is("idle").await;
    is_said(&page, STATUS, "Browsers block port 9").await;
    browser.close().await;
}

#[tokio::test]
async fn a_server_that_is_full_is_tried_again() {
    let (server, browser, page) = disconnected().await;
    page.goes_to(&server.ws("/reject?status=503&retry_after=1m")).await;
    page.is("waiting").await;
    is_said(&page, STATUS, "503: Rejected with 503").await;
    page.comes_true(&format!(
        "{}; return / in (60|5\\d) s/.test(said)",
        STATUS.replacen("return", "const said =", 1)
    ))
    .await;
    page.stops_retrying().await;
    page.is("failed").await;
    browser.close().await;
}

#[tokio::test]
async fn a_subprotocol_that_is_not_chosen_and_tls_that_is_not_spoken_are_said() {
    let (server, browser, page) = disconnected().await;
    page.clicks("button.unfold").await;
    let tab = "[...document.querySelectorAll('.options [role=tab]')]
        .find(tab => tab.textContent === 'Subprotocols').click()";
    page.run(tab).await;
    let add = "[...document.querySelectorAll('.add-part')]
        .find(button => button.textContent === 'Add subprotocol').click()";
    page.run(add).await;
    page.enters("input.subprotocol", "chat").await;
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
    page.says("The server does not use TLS on this port. Try ws://").await;
    // What was meant is one click away.
    page.clicks(".way-on .detour").await;
    page.sees("event", &format!("Connected to {url}, subprotocol chat")).await;
    browser.close().await;
}

#[tokio::test]
async fn an_address_without_its_slashes_is_mended_by_a_click() {
    let (server, browser, page) = disconnected().await;
    let url = server.ws("/echo");
    page.goes_to(&url.replacen("//", "", 1)).await;
    page.says("The start is incomplete.").await;
    let label = "return document.querySelector('.way-on .detour').textContent";
    assert_eq!(page.run(label).await, format!("Connect to {url}"));
    // Not under the sentence.
    for (width, height) in [(1280, 620), (360, 640)] {
        is_sized(&browser, width, height).await;
        is_in_reach(&page, ".way-on .detour").await;
    }
    page.clicks(".way-on .detour").await;
    page.sees("event", &format!("Connected to {url}")).await;
    browser.close().await;
}

#[tokio::test]
async fn frames_that_the_browser_refuses_are_shown_through_the_server() {
    let (server, browser, page) = disconnected().await;
    page.goes_to(&server.ws("/fault/masked-frame")).await;
    is_said(&page, STATUS, "The browser broke off (1006)").await;
    is_said(&page, NEWEST_EVENT, "Connection lost: The browser broke off (1006)").await;
    page.clicks(".way-on .detour").await;
    is_said(&page, NEWEST_EVENT, "Server frame is masked").await;
    browser.close().await;
}

#[tokio::test]
async fn the_server_says_as_much_as_the_browser_finds_out() {
    let (server, browser, page) = disconnected().await;
    page.takes_the_server().await;
    for (path, cause) in [
        ("/echo?delay=abc", "400: Invalid value 'abc' of option 'delay'."),
        ("/reject?status=302", "The server redirects (HTTP status 302), but does not say where."),
    ] {
        fails_at(&server, &page, path, cause).await;
    }
    let url = server.ws("/echo");
    page.goes_to(&url.replacen("ws://", "wss://", 1)).await;
    page.says(&format!("The server does not use TLS on this port. Try {url}")).await;
    page.is("failed").await;
    page.clicks(".way-on .detour").await;
    page.sees("event", &format!("Connected to {url}")).await;
    browser.close().await;
}

#[tokio::test]
async fn another_servers_causes_are_only_probable() {
    let (_server, browser, page) = disconnected().await;
    page.goes_to("ws://localhost:2/").await;
    page.is("waiting").await;
    is_said(&page, STATUS, "Probable cause: No response from localhost:2.").await;
    page.stops_retrying().await;
    page.clicks(".entry.failure").await;
    is_said(
        &page,
        "return document.querySelector('.event-facts')?.innerText",
        "is not a WebSocket endpoint: /",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn a_failure_gives_way_to_a_mistake_in_the_next_address() {
    let (server, browser, page) = disconnected().await;
    fails_at(&server, &page, "/nothing", "404").await;
    page.goes_to("ftp://example.org/").await;
    page.says("not with ftp://").await;
    page.comes_true(&format!("{STATUS}.includes('404: ') === false")).await;
    page.is("idle").await;
    browser.close().await;
}

#[tokio::test]
async fn an_events_details_are_shown_on_a_click() {
    let (server, browser, page) = connected().await;
    let url = server.ws("/close?code=4001&reason=bye%E2%80%AE!&after=1");
    page.goes_to(&url).await;
    page.sees("event", &format!("Connected to {url}")).await;
    page.types("go").await;
    page.presses_enter().await;
    let closed = r"Closed by the server: 4001 (application-defined): bye\u{202e}!";
    page.sees("event", &format!("{closed} · {url}")).await;
    let newest = "[...document.querySelectorAll('.entry[data-kind=ended]:not([hidden])')].at(-1)";
    page.run(&format!("{newest}.click()")).await;
    let facts = "return document.querySelector('.event-facts')?.innerText";
    for fact in [&*url, "4001 (application-defined)", "bye⟨RLO⟩!", "complete", "Duration"] {
        is_said(&page, facts, fact).await;
    }
    // A message takes its place, and the other way round.
    page.clicks(".entry[data-direction=sent]").await;
    page.comes_true(
        "return document.querySelector('.event-facts') === null
            && document.querySelector('.detail-panel') !== null",
    )
    .await;
    page.run(&format!("{newest}.click()")).await;
    page.comes_true("return document.querySelector('.detail-panel') === null").await;
    page.clicks(".detail .close").await;
    page.comes_true("return document.querySelector('.aside') === null").await;
    browser.close().await;
}

#[tokio::test]
async fn the_dots_of_an_abnormal_close_are_red_as_its_row_is() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/close?code=1008&after=1")).await;
    page.types("go").await;
    page.presses_enter().await;
    page.is("closed").await;
    page.comes_true(
        "const color = it => it && getComputedStyle(it);
         const red = color(document.querySelector('.entry.failure .payload'))?.color;
         return red !== undefined && ['.tab .dot', '.status .dot']
            .every(it => color(document.querySelector(it)).backgroundColor === red)",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn a_message_without_a_connection_stays_until_it_can_be_sent() {
    let (_server, browser, page) = disconnected().await;
    page.types("kept").await;
    page.presses_enter().await;
    page.says("Not connected. The message stays in the box.").await;
    assert_eq!(page.draft().await, "kept");
    let tooltip = "return document.querySelector('button.send').title";
    assert_eq!(page.run(tooltip).await, "Not connected");
    page.clicks("button.connect-and-send").await;
    page.sees("received", "Echo: kept").await;
    assert_eq!(page.draft().await, "");
    assert!(page.box_has_focus().await);
    assert_eq!(page.run(tooltip).await, "Send (Enter)");
    browser.close().await;
}

#[tokio::test]
async fn every_tab_that_was_connected_connects_again_after_a_reload() {
    let (server, browser, page) = connected().await;
    page.clicks("button.add").await;
    page.goes_to(&server.ws("/echo")).await;
    page.is("open").await;
    // Typed, and not in use.
    page.enters("[role=combobox]", &server.ws("/time")).await;
    page.clicks("button.add").await;
    page.comes_true("return document.querySelectorAll('.tab').length === 3").await;
    page.comes_true(
        "return sessionStorage['wsbench.desk']?.includes('/time') && sessionStorage['wsbench.desk'].includes('/echo')",
    )
    .await;
    page.reloads().await;
    page.comes_true(
        "return [...document.querySelectorAll('.tab')].map(tab => tab.dataset.state).join() === 'open,open,idle'",
    )
    .await;
    page.clicks(".tab:nth-child(2) [role=tab]").await;
    page.says(&format!("Still connected to {}", server.ws("/echo"))).await;
    browser.close().await;
}

#[tokio::test]
async fn the_suggestions_leave_the_note_on_the_address_in_use_visible() {
    let (server, browser, page) = connected().await;
    page.enters("[role=combobox]", "/echo").await;
    let note = format!("Still connected to {}. Press Enter to switch.", server.ws("/ws"));
    let is_on_top = format!(
        "return [...document.querySelectorAll('.note')].some(note => {{
           const {{ left, top, width, height }} = note.getBoundingClientRect();
           const there = document.elementFromPoint(left + width / 2, top + height / 2);
           return note.textContent === {note:?} && note.contains(there);
         }}) && document.querySelector('.suggestion') !== null"
    );
    page.comes_true(&is_on_top).await;
    browser.close().await;
}
