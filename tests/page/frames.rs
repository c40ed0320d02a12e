//! Frames of a connection through the page's server: pings and their round trips, each frame closely, and a tab that
//! says which way it takes.

use std::time::Duration;

use harness::{
    Authority, Browser, Page, Program, connected, har,
    raw::{self, BINARY, CLOSE, FIN, PING, PONG},
    soon,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::relay::{listener, reaches_a_target, sends};

/// Frame of a server, which is not masked, with a payload of at most 125 bytes.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).expect("a short payload");
    [&[first, len], payload].concat()
}

/// Answers pings until the connection ends.
async fn pongs(mut target: TcpStream) {
    loop {
        let (first, payload) = raw::read_client_frame(&mut target).await;
        if first == FIN | PING {
            let pong = frame(FIN | PONG, &payload);
            target.write_all(&pong).await.expect("the server reads");
        }
    }
}

/// Waits until this many control frames have a row that says what `text` begins.
async fn lists(page: &Page, count: usize, text: &str) {
    page.waits_for(&format!(
        "return [...document.querySelectorAll('.entry[data-kind=control]:not([hidden]) .payload')]
             .filter(it => it.textContent.startsWith('{text}')).length === {count}"
    ))
    .await;
}

#[tokio::test]
async fn a_ping_is_timed_by_its_pong_and_repeated() {
    let (_server, browser, page) = connected().await;
    let answering = tokio::spawn(pongs(reaches_a_target(&page).await));
    sends(&page, "Ping", None, "there?").await;
    page.sees("event", "Pong received: there?").await;
    let timed = "const row = [...document.querySelectorAll('.entry:not([hidden])')]
            .find(it => it.textContent.includes('Pong received: there?'));
        return row.querySelector('.round-trip').textContent.endsWith('s')
            && row.querySelector('.size').textContent === '6 B'
            && row.querySelector('.direction').textContent === '↓'";
    page.waits_for(timed).await;
    page.waits_for(
        "return ['p50', 'p99'].every(it => document.querySelector(`[data-count=${it}]`).textContent.endsWith('s'))",
    )
    .await;
    page.clicks(".unfold-measure").await;
    page.contains(".group dt", "Control frames").await;
    page.reads(".group dd", "2").await;
    page.clicks(".dock .close").await;

    page.fills("again {{seq}}").await;
    repeats(&page, "3").await;
    lists(&page, 3, "Pong received: again ").await;
    unfolds_repetition(&page).await;
    page.shows("Repeated 3 of 3 times").await;
    page.selects(".framing", "Close").await;
    repeats(&page, "3").await;
    page.shows("A Close frame or raw bytes cannot be repeated.").await;
    page.has_state("open").await;
    // On a phone the controls stay in one row.
    page.selects(".framing", "Message").await;
    page.clicks("button.unfold").await;
    page.lacks(".options-panel").await;
    browser.sets_viewport(360, 640).await;
    page.has(".framing").await;
    let height = "return document.querySelector('.compose-controls').offsetHeight";
    page.waits_for(&format!("{height} < 40")).await;
    answering.abort();
}

/// Unfolds the panel of repetition, which a start folds.
async fn unfolds_repetition(page: &Page) {
    let unfolds = "if (!document.querySelector('.composer-panel')) [...document.querySelectorAll('.fold-panel')]
        .find(it => it.textContent === 'Repeat').click()";
    page.run(unfolds).await;
}

/// Repeats what is in the box this many times, as fast as possible.
async fn repeats(page: &Page, times: &str) {
    unfolds_repetition(page).await;
    page.enters(".panel-form label:nth-of-type(1) input", " ").await;
    page.enters(".panel-form label:nth-of-type(2) input", times).await;
    page.clicks(".panel-form button").await;
}

#[tokio::test]
async fn a_control_frame_is_shown_closely_and_found_by_its_text() {
    let (_server, _browser, page) = connected().await;
    let mut target = reaches_a_target(&page).await;
    let pings = [frame(FIN | PING, b"p7"), frame(FIN | PING, b"q8")].concat();
    target.write_all(&pings).await.expect("the server reads");
    page.sees("event", "Pong sent: q8").await;
    page.clicks("input[placeholder='Find…']").await;
    page.enters("input[placeholder='Find…']", "p7").await;
    lists(&page, 1, "Ping received: p7").await;
    lists(&page, 1, "Pong sent: p7").await;
    lists(&page, 2, "").await;

    page.clicks(".entry[data-kind=control]:not([hidden])").await;
    page.waits_for(
        "const cells = [...document.querySelectorAll('.frame-table td')].map(it => it.textContent);
         const dump = document.querySelector('.event-facts .head')?.textContent ?? '';
         return cells.slice(0, 4).join('|') === 'ping|FIN|89 02|2 B' && dump.startsWith('000000  70 37')
             && dump.trimEnd().endsWith('p7')",
    )
    .await;
    page.catches_copies().await;
    page.clicks_text(".detail-actions button", "Copy").await;
    assert_eq!(page.copied().await, "p7");
}

#[tokio::test]
async fn a_frame_is_readable_in_a_narrow_pane() {
    let (_server, browser, page) = connected().await;
    let mut target = reaches_a_target(&page).await;
    target.write_all(&frame(FIN | PING, b"0123456789")).await.expect("the server reads");
    page.sees("event", "Ping received: 0123456789").await;
    page.clicks(".entry[data-kind=control]:not([hidden])").await;
    for (width, lines) in [(1280, "01234567,89"), (340, "0123,4567,89"), (1280, "01234567,89")] {
        browser.sets_viewport(width, 800).await;
        page.waits_for(&format!(
            "const lines = [...document.querySelectorAll('.event-facts .head-line')];
             const [first, last] = [lines[0], lines.at(-1)].map(it => it.getBoundingClientRect().height);
             return first === last && first > 0
                 && lines.map(it => it.textContent.trim().split(' ').at(-1)).join() === '{lines}'"
        ))
        .await;
    }
}

#[tokio::test]
async fn a_close_frame_is_copied_in_the_language_of_the_page() {
    let (_server, _browser, page) = connected().await;
    let mut target = reaches_a_target(&page).await;
    let close = frame(FIN | CLOSE, b"\x03\xe8bye");
    target.write_all(&close).await.expect("the server reads");
    page.has_state("closed").await;
    for (language, text) in [("en", "1000 (normal closure): bye"), ("ko", "1000 (정상 종료): bye")]
    {
        page.run(&format!("localStorage.setItem('wsbench.language', '{language}')")).await;
        page.reloads().await;
        page.waits_for(
            "document.querySelector('.entry[data-kind=control]:not([hidden])')?.click();
             return document.querySelector('.detail-actions .plain') !== null",
        )
        .await;
        page.catches_copies().await;
        page.clicks(".detail-actions .plain").await;
        assert_eq!(page.copied().await, text);
    }
}

/// Bytes that buffers on the way do not hold.
const FLOOD: usize = 32 << 20;

/// Time after which what is not read by then is held back.
const STALL: Duration = Duration::from_secs(2);

/// Stops reading from the target, or resumes it.
async fn switches_reading(page: &Page) {
    page.run("document.querySelector('.more').open = true").await;
    page.clicks(".reading-switch").await;
}

#[tokio::test]
async fn a_target_is_held_back_while_a_person_stops_reading() {
    let (_server, _browser, page) = connected().await;
    let (mut reader, mut writer) = reaches_a_target(&page).await.into_split();
    switches_reading(&page).await;
    page.reads(".reading-switch", "Resume reading").await;
    page.shows("Reading stopped").await;
    // It is stopped once what came after has passed.
    sends(&page, "Ping", None, "stopped").await;
    let mut ping = [0; 13];
    soon("the ping", reader.read_exact(&mut ping)).await.expect("the server sends");
    let received = "return document.querySelector('[data-count=received]').textContent";
    let before = page.run(received).await;
    let mut flood = tokio::spawn(async move {
        let message = [&[FIN | BINARY, 126, 0xff, 0xff][..], &vec![7; 0xffff]].concat();
        for _ in 0..FLOOD / message.len() {
            writer.write_all(&message).await.expect("the server reads");
        }
        writer
    });
    assert!(tokio::time::timeout(STALL, &mut flood).await.is_err(), "all of it was read");
    assert_eq!(page.run(received).await, before);
    switches_reading(&page).await;
    let mut writer = soon("the rest", flood).await.expect("it is written");
    // A closing handshake is read, whatever the person wants of messages.
    switches_reading(&page).await;
    page.clicks_connect().await;
    let mut close = [0; 8];
    soon("a Close frame", reader.read_exact(&mut close)).await.expect("the server sends");
    writer.write_all(&[FIN | CLOSE, 2, 3, 0xe8]).await.expect("the server reads");
    page.sees("event", "Close received: 1000 (normal closure)").await;
}

#[tokio::test]
async fn a_tab_through_the_server_says_so_whatever_its_state() {
    let (_server, _browser, page) = connected().await;
    let is_marked = |is_marked: bool| {
        format!(
            "const chip = document.querySelector('.state .relayed');
             const mark = document.querySelector('.tab .relay-mark[aria-label=\"through this server\"]');
             return [chip?.textContent === 'through this server', mark !== null].every(it => it === {is_marked})"
        )
    };
    page.waits_for(&is_marked(false)).await;
    page.disconnects().await;
    page.routes_through_server().await;
    page.waits_for(&is_marked(true)).await;
    // Refused, which is final.
    let (refusing, port) = listener().await;
    page.goes_to(&format!("ws://localhost:{port}/")).await;
    let (mut stream, _) = soon("a connection", refusing.accept()).await.expect("it connects");
    raw::read_head(&mut stream).await;
    stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").await.expect("the server reads");
    page.has_state("failed").await;
    page.waits_for(&is_marked(true)).await;
    page.clicks("button.unfold").await;
    let mut target = reaches_a_target(&page).await;
    page.waits_for(&is_marked(true)).await;
    target.write_all(&[FIN | CLOSE, 2, 3, 0xe8]).await.expect("the server reads");
    page.has_state("closed").await;
    page.waits_for(&is_marked(true)).await;
    page.selects(".route .choice select", "browser").await;
    page.waits_for(&is_marked(false)).await;
}

#[tokio::test]
async fn credentials_cookies_compression_and_time_limit_are_of_the_request() {
    let (_server, _browser, page) = connected().await;
    page.routes_through_server().await;
    page.clicks(".section.credentials").await;
    page.selects(".sign-in", "Basic").await;
    // A user name has no colon (RFC 7617).
    page.enters(".credentials label:nth-of-type(2) input", "me:").await;
    page.shows("A user name cannot contain :").await;
    page.enters(".credentials label:nth-of-type(2) input", "me").await;
    page.enters(".credentials label:nth-of-type(3) input", "s3cret").await;
    page.has(".credentials label:nth-of-type(3) input.secret").await;
    page.clicks(".credentials .add-part").await;
    page.enters(".credentials .name", "sid").await;
    page.enters(".credentials .value", "a=b").await;
    page.clicks(".section.compression").await;
    page.enters(".compression input", "permessage-deflate; server_max_window_bits=9").await;
    page.clicks(".section.network").await;
    page.enters(".time-limit", "100").await;
    page.shows("Enter a whole number from 1 to 60").await;
    page.enters(".time-limit", "1").await;
    // Folded, a group says how much of it is set.
    page.reads(".section.credentials", "Sign-in and cookies (2)").await;
    page.has_count(".section[aria-expanded=true]", 1).await;
    let (target, port) = listener().await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    let (mut stream, _) = soon("a connection", target.accept()).await.expect("the server connects");
    let head = raw::read_head(&mut stream).await;
    for line in [
        "Authorization: Basic bWU6czNjcmV0",
        "Cookie: sid=a=b",
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
    }
    // It never answers.
    page.shows("within 1 s").await;
    page.clicks(".entry[data-kind=handshake]").await;
    page.waits_for(
        "const stages = [...document.querySelectorAll('.stages dd')].map(it => it.textContent);
         return stages.length === 3 && stages[2].endsWith('s, failed')
             && stages.slice(0, 2).every(it => it.endsWith('s'))",
    )
    .await;
}

#[tokio::test]
async fn client_certificates_are_a_list_once_the_server_told_them() {
    let authority = Authority::default();
    let identity = format!("work={}", authority.identity("me").join(","));
    let mut server = Program::server_here(&["--client-cert", &identity]);
    let here = server.address("http://").await;
    let browser = Browser::start().await;
    let page = browser.open(&format!("http://{here}")).await;
    page.has_state("open").await;
    let target = reaches_a_target(&page).await;
    page.clicks(".section.tls").await;
    page.waits_for(
        "const names = document.querySelectorAll('.client-certificate option');
         return [...names].map(it => it.textContent).join() === 'none,work'",
    )
    .await;
    page.selects(".client-certificate", "work").await;
    page.reads(".section.tls", "TLS (1)").await;
    drop(target);
}

#[tokio::test]
async fn an_imported_archive_says_what_it_filled_in_and_has_its_opening() {
    let (_server, _browser, page) = connected().await;
    let mut archive = har(1);
    let request = &mut archive["log"]["entries"][0]["request"];
    request["headers"] = json!([
        {"name": "X-Room", "value": "7"},
        {"name": "Sec-WebSocket-Key", "value": "dGhlIHNhbXBsZSBub25jZQ=="}
    ]);
    page.imports_file("list.har", archive.to_string()).await;
    page.shows("Filled in, to connect through this server: X-Room.").await;
    page.sees("event", "Opening handshake").await;
    page.clicks(".entry[data-kind=handshake]").await;
    page.contains(".head", "X-Room: 7").await;
}

#[tokio::test]
async fn the_route_is_readable_in_a_short_window() {
    let (_server, browser, page) = connected().await;
    page.routes_through_server().await;
    for (width, height) in [(1280, 800), (360, 640)] {
        browser.sets_viewport(width, height).await;
        // What is seen first is reached first.
        page.waits_for(
            "const seen = [...document.querySelectorAll('.options-panel :is(button, input, select, textarea)')]
                 .filter(it => it.checkVisibility()).map(it => it.getBoundingClientRect());
             return seen.length > 7 && seen.every((it, at) => at === 0 || it.bottom > seen[at - 1].top)",
        )
        .await;
        // Each group is seen without scrolling, whichever is unfolded, and its first field begins there.
        for section in ["credentials", "tls", "network", "compression", "headers"] {
            page.clicks(&format!(".section.{section}")).await;
            page.waits_for(
                "const panel = document.querySelector('.options-panel').getBoundingClientRect();
                 const field = document.querySelector('.section-fields :is(button, input, select, textarea)');
                 return document.querySelectorAll('.section[aria-expanded=true]').length === 1
                     && field.getBoundingClientRect().top + 8 < panel.bottom
                     && [...document.querySelectorAll('.section')]
                         .every(it => it.getBoundingClientRect().bottom <= panel.bottom)",
            )
            .await;
        }
    }
}
