//! Connections through the page's server: what a browser cannot do, and what it hides.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::{SinkExt, StreamExt};
use harness::{
    Authority, Browser, Page, Server, connected, keys,
    raw::{self, CLOSE, FIN, PING, PONG, TEXT},
    soon,
};
use server::{Config, RelayFlags, RelayMode};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, accept_async, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::StatusCode,
    },
};

use crate::{keeping::keeps_tabs, room::is_in_reach};

/// Server that wants the header `X-Key: abc`, pings, and echoes. Returns its port.
pub(crate) async fn guarded() -> (u16, JoinHandle<()>) {
    let (listener, port) = listener().await;
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream));
        }
    });
    (port, serving)
}

/// Echoes texts, until the connection ends.
async fn answer(mut socket: WebSocketStream<TcpStream>) -> Option<()> {
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            socket.send(message).await.ok()?;
        }
    }
    None
}

async fn echo(stream: TcpStream) {
    #[expect(clippy::result_large_err, reason = "tungstenite's own type")]
    let check = |request: &Request, response: Response| {
        let key = request.headers().get("x-key");
        if key.is_some_and(|key| key == "abc") {
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(Some("No key.".to_owned()));
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        Err(refusal)
    };
    let Ok(mut socket) = accept_hdr_async(stream, check).await else { return };
    let _ = socket.send(Message::Ping("there?".into())).await;
    answer(socket).await;
}

#[tokio::test]
async fn a_connection_through_the_server_has_headers_and_shows_its_handshake() {
    let (_server, _browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    page.routes_through_server().await;
    adds_header(&page, "X-Key", "abc").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.sees("event", "Ping received: there?").await;
    page.sees("event", "Pong sent: there?").await;
    page.shows("through this server").await;

    page.types("hi").await;
    page.presses_enter().await;
    page.sees("received", "hi").await;
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.reads(".frames td", "text").await;

    page.clicks(".entry[data-kind=handshake]").await;
    page.waits_for(
        "const heads = [...document.querySelectorAll('.head')].map(head => head.textContent);
         return heads.length === 2 && heads[0].includes('X-Key: ***') && !heads[0].includes('X-Key: abc')
             && heads[1].startsWith('101')",
    )
    .await;
    // Name, TCP and HTTP, each with its time.
    page.has_count(".stages dd", 3).await;
    // What its headers are for can be read without a pointer.
    page.waits_for(
        "const line = [...document.querySelectorAll('.head-line')]
             .find(line => line.textContent.startsWith('Host'));
         return getComputedStyle(line, '::after').content.includes('of the server')",
    )
    .await;
    // Rule 2: the token is nowhere to be found.
    let shown = "const token = (await (await fetch('relay/token')).text()).trim();
        const stored = JSON.stringify({ ...localStorage, ...sessionStorage });
        const all = document.documentElement.outerHTML + location.href + stored;
        return token.length === 32 && !all.includes(token) && !await caches.match('relay/token')";
    let shown = format!("return (async () => {{ {shown} }})()");
    assert_eq!(page.run(&shown).await, true);
}

/// Connects the page through the server to a target of the test. Returns the target's end.
pub(crate) async fn reaches_a_target(page: &Page) -> TcpStream {
    let (listener, port) = listener().await;
    page.routes_through_server().await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    let (stream, _) = soon("a connection", listener.accept()).await.expect("the server connects");
    let stream = accept_async(stream).await.expect("the server shakes hands").into_inner();
    page.has_state("open").await;
    stream
}

/// Sends what is in the box in frames of this kind.
pub(crate) async fn sends(page: &Page, kind: &str, number: Option<&str>, text: &str) {
    page.selects(".framing", kind).await;
    if let Some(number) = number {
        page.enters(".frame-number", number).await;
    }
    page.types(text).await;
    page.presses_enter().await;
}

#[tokio::test]
async fn frames_are_sent_as_a_person_chooses() {
    let (_server, _browser, page) = connected().await;
    let mut target = reaches_a_target(&page).await;
    sends(&page, "Ping", None, "there?").await;
    assert_eq!(raw::read_client_frame(&mut target).await, (FIN | PING, b"there?".to_vec()));
    page.sees("event", "Ping sent: there?").await;
    sends(&page, "Pong", None, "").await;
    assert_eq!(raw::read_client_frame(&mut target).await, (FIN | PONG, Vec::new()));
    page.sees("event", "Pong sent").await;
    sends(&page, "Fragments by size", Some("2"), "hey").await;
    assert_eq!(raw::read_client_frame(&mut target).await, (TEXT, b"he".to_vec()));
    assert_eq!(raw::read_client_frame(&mut target).await, (FIN, b"y".to_vec()));
    page.sees("sent", "hey").await;
    sends(&page, "Fragments by number", Some("3"), "hey!").await;
    for (first, payload) in [(TEXT, "he"), (0, "y"), (FIN, "!")] {
        assert_eq!(raw::read_client_frame(&mut target).await, (first, payload.into()));
    }
    sends(&page, "Uncompressed", Some("2"), "hey!").await;
    for (first, payload) in [(TEXT, "he"), (FIN, "y!")] {
        assert_eq!(raw::read_client_frame(&mut target).await, (first, payload.into()));
    }

    sends(&page, "Raw bytes", None, "c1 80").await;
    page.has_value(".form", "Hex").await;
    let mut bytes = [0; 2];
    soon("the bytes", target.read_exact(&mut bytes)).await.expect("the server sends");
    assert_eq!(bytes, [0xc1, 0x80]);
    page.sees("event", "Raw bytes sent: c1 80").await;

    page.selects(".form", "Text").await;
    sends(&page, "Ping", None, &"x".repeat(126)).await;
    page.shows("Too long for these frames: at most 125 bytes fit.").await;
    page.fills("").await;
    // A code that no browser sends.
    sends(&page, "Close", Some("1005"), "bye").await;
    let close = (FIN | CLOSE, [&1005u16.to_be_bytes()[..], b"bye"].concat());
    assert_eq!(raw::read_client_frame(&mut target).await, close);
    target.write_all(&[FIN | CLOSE, 2, 3, 0xe8]).await.expect("the server reads");
    page.sees("event", "Close received: 1000 (normal closure)").await;
    // What only the server sends is not offered any more.
    page.lacks(".framing").await;
}

#[tokio::test]
async fn frames_of_a_message_are_shown_as_they_were_on_the_wire() {
    let (_server, _browser, page) = connected().await;
    let mut target = reaches_a_target(&page).await;
    let text = [&[FIN | TEXT, 126, 1, 0][..], &[b'x'; 256]].concat();
    target.write_all(&text).await.expect("the server reads");
    page.sees("received", &"x".repeat(256)).await;
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.reads(".frame-head", "81 7e 01 00").await;
    page.clicks(".frames summary").await;
    page.shows("256 B").await;
}

#[tokio::test]
async fn control_frames_are_hidden_by_a_filter() {
    let (_server, _browser, page) = connected().await;
    let mut target = reaches_a_target(&page).await;
    target.write_all(&[FIN | PONG, 2, b'h', b'i']).await.expect("the server reads");
    page.sees("event", "Pong received: hi").await;
    let frames = ".entry[data-kind=control]:not([hidden])";
    page.clicks_text(".choices .toggle", "Control").await;
    page.lacks(frames).await;
    page.shows("control frames hidden").await;
    // The chip brings them back.
    page.clicks(".chip").await;
    page.has(frames).await;
}

#[tokio::test]
async fn a_refusal_that_the_browser_hides_is_shown_by_the_server() {
    let (_server, browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    // It stays where it is while the browser tries again, at each width.
    for (width, height) in [(1280, 800), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        asks(&page, &[&format!("Connect to localhost:{port} through this server")]).await;
        page.focuses(".writing textarea").await;
        is_in_reach(&page, ".way-on .detour").await;
    }
    page.clicks(".way-on .detour").await;
    page.shows("401").await;
    page.has_state("failed").await;
    // With what the server says of it.
    page.clicks(".entry[data-kind=handshake]").await;
    page.has_count(".head", 3).await;
    page.waits_for("return document.querySelectorAll('.head')[2].textContent === 'No key.'").await;
    // The failure is not that of the next address.
    page.clicks(".detail-header .close").await;
    page.enters("[role=combobox]", "ws://localhost:2/").await;
    page.has_state("idle").await;
}

#[tokio::test]
async fn a_redirect_is_followed_in_one_click_and_the_row_says_where_it_led() {
    let (_server, _browser, page) = connected().await;
    let ((first, from), (second, to)) = (listener().await, listener().await);
    let _serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = first.accept().await {
            raw::read_head(&mut stream).await;
            let head = format!("HTTP/1.1 307 Moved\r\nLocation: ws://localhost:{to}/moved\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    page.routes_through_server().await;
    page.goes_to(&format!("ws://localhost:{from}/feed")).await;
    page.shows(&format!("The server redirects to ws://localhost:{to}/moved")).await;
    page.has_state("failed").await;
    asks(&page, &[&format!("Follow the redirect to localhost:{to}")]).await;
    page.clicks(".way-on .detour").await;
    let (stream, _) = soon("a connection", second.accept()).await.expect("it is followed");
    let _socket = accept_async(stream).await.expect("it shakes hands");
    page.sees("event", &format!("Connected to ws://localhost:{to}/moved")).await;
    // For this connection: the next one asks again.
    page.disconnects().await;
    page.clicks_connect().await;
    page.has_state("failed").await;
    asks(&page, &["Follow the redirect"]).await;
}

#[tokio::test]
async fn a_relay_that_is_off_is_not_offered() {
    let relay = RelayFlags { mode: RelayMode::Off, ..RelayFlags::default() };
    let server = Server::start_as(Config { relay, ..Config::default() }).await;
    let browser = Browser::start().await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    page.opens_options("Route").await;
    page.has("option[value=server]:disabled").await;
    page.shows("The relay is off on this page's server: others can reach it").await;
    // What is known by now is asked for again, in vain.
    page.run("document.body.dataset.asked = performance.getEntriesByType('resource').length").await;
    page.goes_to("ws://localhost:2/").await;
    page.has_state("waiting").await;
    page.waits_for(
        "return performance.getEntriesByType('resource').length > Number(document.body.dataset.asked)",
    )
    .await;
    page.stops_retrying().await;
    page.has_state("failed").await;
    page.lacks(".detour").await;
}

#[tokio::test]
async fn the_origin_of_the_page_is_sent_if_it_is_added() {
    let (server, _browser, page) = connected().await;
    let (target, port) = listener().await;
    page.routes_through_server().await;
    page.clicks(".add-origin").await;
    page.lacks(".add-origin").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    let (mut stream, _) = soon("a connection", target.accept()).await.expect("it connects");
    let head = raw::read_head(&mut stream).await;
    let origin = format!("\r\nOrigin: {}\r\n", server.http().trim_end_matches('/'));
    assert!(head.contains(&origin), "{head}");
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_shown_and_accepted_for_one_connection() {
    let (_server, browser, page) = connected().await;
    let authority = Authority::default();
    let own = authority.certify("localhost");
    let digest = Sha256::digest(own.0.der());
    let hex = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    let port = authority.serve_as(own, false).await;
    // The browser says nothing of it, the server does.
    page.goes_to(&format!("wss://localhost:{port}/feed")).await;
    page.shows(&format!("Connect to localhost:{port} through this server")).await;
    page.clicks(".way-on .detour").await;
    let question = format!("Accept this certificate of localhost:{port} once");
    let asked = format!(
        "const offer = document.querySelector('.way-on')?.innerText ?? '';
         const said = document.querySelector('.said').innerText;
         return offer.includes('{question}') && [offer, said].every(it => it.includes('SHA-256 {hex}'))
             && said.includes('for localhost, valid from')"
    );
    page.waits_for(&asked).await;
    // The refused one is in the list, too.
    page.clicks(".entry[data-kind=handshake]").await;
    let shown = format!(
        "const facts = document.querySelector('.event-facts')?.innerText ?? '';
         return facts.includes('SHA-256 {hex}') && facts.includes"
    );
    page.waits_for(&format!("{shown}('The certificate was refused')")).await;
    page.clicks(".detail-header .close").await;

    page.clicks(".way-on .detour").await;
    page.has_state("open").await;
    page.shows("untrusted certificate").await;
    for (width, height) in [(360, 640), (1280, 800)] {
        browser.sets_viewport(width, height).await;
        is_in_reach(&page, ".state .agreed.wrong").await;
    }
    page.run("[...document.querySelectorAll('.entry[data-kind=handshake]:not([hidden])')].at(-1).click()")
        .await;
    page.waits_for(&format!("{shown}('TLS 1.3, AES-256-GCM (not trusted, but accepted)')")).await;
    // Once: the next connection asks again.
    page.disconnects().await;
    page.clicks_connect().await;
    page.waits_for(&asked).await;
}

#[tokio::test]
async fn an_option_that_would_break_the_request_is_refused_and_marked() {
    let (_server, _browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    page.routes_through_server().await;
    adds_header(&page, "Host", "other.test").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.shows("Host is set by the handshake and cannot be overridden. Remove it.").await;
    page.has_state("open").await;
    // Another option is marked as well, in its group.
    page.clicks(".route .remove-part").await;
    page.clicks(".section.network").await;
    page.enters(".network input", "http://{{nobody}}").await;
    page.clicks(".section.headers").await;
    page.presses_enter_in("[role=combobox]").await;
    page.shows("Proxy: there is no variable “nobody”.").await;
    page.has_count(".network input[aria-invalid=true]", 1).await;
    page.has_value(".network input[aria-invalid=true]", "http://{{nobody}}").await;
}

#[tokio::test]
async fn another_network_is_asked_about_first() {
    let (_server, _browser, page) = connected().await;
    let (listener, port) = listener().await;
    page.routes_through_server().await;
    page.clicks(".section.network").await;
    page.enters(".route input[placeholder='127.0.0.1']", "127.0.0.1").await;
    page.goes_to(&format!("ws://example.test:{port}/")).await;
    page.clicks(".detour").await;
    let (mut stream, _) = listener.accept().await.expect("the server connects");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET / HTTP/1.1"), "{head}");
    stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").await.expect("the server reads");
    page.shows("404").await;
}

/// Waits until the button for the way on has these texts.
async fn asks(page: &Page, parts: &[&str]) {
    for part in parts {
        page.contains(".detour", part).await;
    }
}

#[tokio::test]
async fn the_network_is_asked_about_again_after_a_reload() {
    let (_server, _browser, page) = connected().await;
    let (listener, port) = listener().await;
    page.routes_through_server().await;
    page.clicks(".section.network").await;
    page.enters(".route input[placeholder='127.0.0.1']", "127.0.0.1").await;
    page.goes_to(&format!("ws://example.test:{port}/")).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        asks(&page, &["Allow example.test on this machine"]).await;
        page.clicks(".detour").await;
        let (stream, _) = soon("a connection", listener.accept()).await.expect("it connects");
        open.push(accept_async(stream).await.expect("it shakes hands"));
        page.has_state("open").await;
        // Nobody clicks here: the tab connects again by itself, and must ask.
        page.reloads().await;
    }
}

#[tokio::test]
async fn options_stay_with_their_tab() {
    let (_server, _browser, page) = connected().await;
    page.routes_through_server().await;
    adds_header(&page, "X-Key", "abc").await;
    page.clicks("button.add").await;
    page.opens_options("Route").await;
    page.has_value(".route select", "browser").await;
    page.run("document.querySelector('.tab [role=tab]').click()").await;
    page.waits_for("return document.querySelector('.route select')?.value !== 'browser'").await;
    page.opens_options("Route").await;
    page.has_value(".route select", "this server").await;
    page.has_value(".route .value", "abc").await;
}

#[tokio::test]
async fn a_server_that_does_not_relay_is_left_in_one_click() {
    let relay = RelayFlags { mode: RelayMode::Off, ..RelayFlags::default() };
    let server = Server::start_as(Config { relay, ..Config::default() }).await;
    let browser = Browser::start().await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    let (listener, port) = listener().await;
    page.routes_through_server().await;
    adds_header(&page, "X-Key", "abc").await;
    page.goes_to(&format!("ws://localhost:{port}/direct")).await;
    page.shows("The relay is off on this page's server").await;
    asks(&page, &["Connect directly", "without X-Key"]).await;
    page.clicks(".detour").await;
    let (mut stream, _) = soon("a connection", listener.accept()).await.expect("it connects");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET /direct ") && !head.contains("X-Key"), "{head}");
    // The options come back with the choice, also once they were folded.
    page.clicks("button.unfold").await;
    page.clicks("button.unfold").await;
    page.selects(".route .choice select", "server").await;
    page.has_value(".route .value", "abc").await;
}

#[tokio::test]
async fn the_question_names_the_proxy_where_that_is_refused() {
    let (_server, _browser, page) = connected().await;
    page.routes_through_server().await;
    adds_header(&page, "X-Key", "abc").await;
    page.clicks(".section.network").await;
    page.enters(".route input[placeholder='http://host:3128']", "http://10.255.255.1:9").await;
    page.goes_to("ws://localhost:9000/feed").await;
    let question = ["Allow 10.255.255.1 in the local network", "X-Key to localhost:9000"];
    asks(&page, &question).await;
}

/// Adds the first header.
async fn adds_header(page: &Page, name: &str, value: &str) {
    page.clicks(".route .add-part").await;
    page.enters(".route .name", name).await;
    page.enters(".route .value", value).await;
}

/// Listener on a free port of this machine.
pub(crate) async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

#[tokio::test]
async fn headers_go_to_another_address_only_by_the_word_of_the_person() {
    let (_server, _browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    page.routes_through_server().await;
    adds_header(&page, "X-Key", "abc").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.sees("event", "Ping received: there?").await;

    let (other, port) = listener().await;
    page.goes_to(&format!("ws://localhost:{port}/other")).await;
    page.shows("The headers and options are for ").await;
    asks(&page, &[&format!("localhost:{port}"), "X-Key"]).await;
    page.clicks(".detour").await;
    // The first connection is the one that was agreed to.
    let (mut stream, _) = soon("a connection", other.accept()).await.expect("the server connects");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET /other ") && head.contains("\r\nX-Key: abc\r\n"), "{head}");
}

/// Script that has all the browser stores in `all`, also what is packed as base64.
const STORED: &str = "const texts = Object.values(localStorage).join(' ');
    const packed = (texts.match(/[A-Za-z0-9+\\/]{16,}=*/g) ?? []).map(text => {
        try { return atob(text) } catch { return '' }
    });
    const all = texts + packed.join(' ');";

#[tokio::test]
async fn no_secret_value_is_stored_with_a_tab() {
    let (_server, _browser, page) = connected().await;
    page.routes_through_server().await;
    adds_header(&page, "Authorization", "Bearer of-the-person").await;
    page.waits_for(&format!("{STORED} return all.includes('Authorization')")).await;

    // It stores when it is left, too.
    page.reloads().await;
    page.clicks("button.unfold").await;
    page.waits_for(&format!("{STORED} return all.includes('Authorization')")).await;
    let found = page.run(&format!("{STORED} return all.includes('of-the-person')")).await;
    assert_eq!(found, false);
    page.goes_to("ws://localhost:9/").await;
    page.shows("Enter the value of Authorization. Secret").await;
}

#[tokio::test]
async fn the_value_of_a_header_is_a_secret_until_the_person_says_that_it_is_none() {
    let (_server, _browser, page) = connected().await;
    page.routes_through_server().await;
    adds_header(&page, "X-Tenant", "acme-of-it").await;
    page.clicks(".route .add-part").await;
    page.enters(".route .part:nth-of-type(2) .name", "X-Pin").await;
    page.enters(".route .part:nth-of-type(2) .value", "PIN4711").await;
    page.clicks(".route .part:nth-of-type(1) .toggle").await;
    let are_masked = "return [...document.querySelectorAll('.route .value')]
        .map(it => it.matches('.secret')).join() === 'false,true'";
    page.waits_for(are_masked).await;
    // One with a known name has no question.
    page.clicks(".route .add-origin").await;
    page.has_count(".route .part", 3).await;
    page.has_count(".route .toggle", 2).await;
    page.waits_for(&format!("{STORED} return all.includes('X-Pin')")).await;
    page.reloads().await;
    page.opens_options("Route").await;
    page.waits_for(
        "return [...document.querySelectorAll('.route .value')].map(it => it.value)
             .slice(0, 2).join() === 'acme-of-it,'",
    )
    .await;
    let found = page.run(&format!("{STORED} return all.includes('PIN4711')")).await;
    assert_eq!(found, false);
}

#[tokio::test]
async fn user_and_password_in_front_of_the_host_are_the_sign_in() {
    let (_server, _browser, page) = connected().await;
    let (target, port) = listener().await;
    page.goes_to(&format!("ws://me:of-the-person@localhost:{port}/feed")).await;
    page.shows("Browsers send no user name or password of an address.").await;
    let is_nowhere = format!(
        "{STORED} return all.includes('localhost:{port}') && !all.includes('of-the-person')
             && !document.body.outerHTML.includes('of-the-person')"
    );
    page.waits_for(&is_nowhere).await;
    page.routes_through_server().await;
    page.focuses("[role=combobox]").await;
    page.presses(keys::ENTER).await;
    let (stream, _) = soon("a connection", target.accept()).await.expect("the server connects");
    let (sender, head) = tokio::sync::oneshot::channel();
    #[expect(clippy::result_large_err, reason = "tungstenite's own type")]
    let look = |request: &Request, response: Response| {
        let _ = sender.send(request.headers().get("authorization").cloned());
        Ok(response)
    };
    let _socket = accept_hdr_async(stream, look).await.expect("it shakes hands");
    let sent = head.await.expect("a request").expect("a header");
    assert_eq!(sent, "Basic bWU6b2YtdGhlLXBlcnNvbg==");
    page.sees("event", &format!("Connected to ws://localhost:{port}/feed")).await;
    page.has_value("[role=combobox]", &format!("ws://localhost:{port}/feed")).await;
    page.waits_for(&format!(
        "{STORED} return /is_connected[\\\\]*\":true/.test(all) && all.includes('localhost:{port}/feed')"
    ))
    .await;
    assert_eq!(page.run(&is_nowhere).await, true);
}

#[tokio::test]
async fn a_tab_that_lost_a_secret_connects_by_no_other_way_after_a_reload() {
    let (_server, _browser, page) = connected().await;
    let (listener, port) = listener().await;
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    let _serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move { answer(accept_async(stream).await.ok()?).await });
        }
    });
    page.routes_through_server().await;
    adds_header(&page, "Authorization", "Bearer of-the-person").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.sees("event", &format!("Connected to ws://localhost:{port}/feed")).await;
    page.waits_for(&format!("{STORED} return all.includes('Authorization')")).await;

    page.reloads().await;
    page.contains(".notices", "Not reconnected. Enter the value of Authorization. Secret").await;
    // The same from the composer.
    page.submits("late").await;
    page.clicks(".connect-and-send").await;
    page.has(".route .value").await;
    page.clicks_connect().await;
    page.shows("Enter the value of Authorization. Secret").await;
    page.enters(".route .value", "Bearer of-the-person").await;
    page.clicks_connect().await;
    page.has_state("open").await;
    page.lacks(".notices .notice").await;
    assert_eq!(attempts.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_reload_connects_by_the_way_in_use_whatever_the_box_has() {
    let (server, _browser, page) = connected().await;
    page.routes_through_server().await;
    page.connects_to(&server.ws("/ws")).await;
    page.enters("[role=combobox]", &server.ws("/echo")).await;
    keeps_tabs(&page, "/echo").await;
    page.reloads().await;
    page.has_state("open").await;
    page.reads(".agreed.relayed", "through this server").await;
    page.has_value("[role=combobox]", &server.ws("/echo")).await;
    page.sends(&["by the way in use"]).await;

    // With its headers, or not at all.
    page.clicks("button.unfold").await;
    page.clicks_text(".options [role=tab]", "Route").await;
    adds_header(&page, "Cookie", "a=b").await;
    page.connects_to(&server.ws("/ws")).await;
    page.enters("[role=combobox]", &server.ws("/echo?later")).await;
    keeps_tabs(&page, "/echo?later").await;
    for _ in 0..2 {
        page.reloads().await;
        page.contains(".notices", "Not reconnected. Enter the value of Cookie").await;
        page.has_state("idle").await;
    }
}

#[tokio::test]
async fn rule_11_links_files_and_commands_fill_in_and_do_not_connect() {
    let (server, _browser, page) = connected().await;
    let (target, port) = listener().await;
    let url = format!("ws://localhost:{port}");
    let address = |path: &str| format!("{url}{path}");
    for (path, command) in [
        ("/curl", format!("curl {url}/curl -H 'Connection: Upgrade' -H 'Upgrade: websocket'")),
        ("/wscat", format!("wscat -c {url}/wscat -H 'Cookie: a=b'")),
        ("/websocat", format!("websocat -H 'X-Key: abc' {url}/websocat")),
        ("/wsbench", format!("wsbench {url}/wsbench -H 'X-Key: abc'")),
    ] {
        page.pastes(&command).await;
        page.has_value("[role=combobox]", &address(path)).await;
    }
    let mut har = harness::har(1);
    har["log"]["entries"][0]["request"]["url"] = format!("{url}/har").into();
    for (name, text) in [
        ("list.har", har.to_string()),
        (
            "list.jsonl",
            format!(r#"{{"time":"2026-01-02T03:04:05Z","event":"open","url":"{url}/lines"}}"#),
        ),
    ] {
        page.imports_file(name, text).await;
        page.shows(&format!("from {name}.")).await;
    }
    let workspace = serde_json::json!({
        "format": "wsbench-workspace",
        "version": 1,
        "connections": [{
            "name": "Feed", "address": format!("{url}/saved"), "headers": {"Cookie": "{{sid}}"},
        }],
    });
    page.imports_workspace("team.json", workspace.to_string()).await;
    page.opens_options("Saved connections").await;
    page.clicks(".options .load").await;
    page.has_value("[role=combobox]", &address("/saved")).await;
    let link = format!("{}#address={url}/link", server.http());
    page.run(&format!("location = {}", serde_json::Value::from(link))).await;
    page.has_value("[role=combobox]", &address("/link")).await;

    // The first connection is the one that the person makes.
    page.goes_to(&format!("{url}/typed")).await;
    let (mut stream, _) = soon("a connection", target.accept()).await.expect("somebody connects");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET /typed "), "{head}");
}

#[tokio::test]
async fn rule_15_a_page_from_loopback_is_not_asked_about_the_local_network() {
    let (_server, _browser, page) = connected().await;
    let other = Server::start().await;
    page.connects_to(&other.ws("/echo")).await;
    page.routes_through_server().await;
    page.connects_to(&other.ws("/ws")).await;
    page.reads(".agreed", "through this server").await;
    // Nobody answers a prompt here, and no permission was given.
    let state = "return navigator.permissions.query({ name: 'local-network-access' })
        .then(it => it.state, () => 'prompt')";
    assert_eq!(page.run(state).await, "prompt");
}
