//! Connections through the page's server: what a browser cannot do, and what it hides.

use futures::{SinkExt, StreamExt};
use harness::{Page, connected, raw};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::StatusCode,
    },
};

/// Server that wants the header `X-Key: abc`, pings, and echoes. Returns its port.
async fn guarded() -> (u16, JoinHandle<()>) {
    let (listener, port) = listener().await;
    let serving = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(echo(stream));
        }
    });
    (port, serving)
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
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() && socket.send(message).await.is_err() {
            return;
        }
    }
}

/// Chooses the way through the page's server, in the options.
async fn takes_the_server(page: &Page) {
    page.clicks("button.unfold").await;
    let tab = "[...document.querySelectorAll('.options [role=tab]')]
        .find(tab => tab.textContent === 'Route').click()";
    page.run(tab).await;
    page.chooses(".route .choice select", "server").await;
}

#[tokio::test]
async fn a_connection_through_the_server_has_headers_and_shows_its_handshake() {
    let (_server, browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    takes_the_server(&page).await;
    page.clicks(".route .add-part").await;
    page.enters(".route .name", "X-Key").await;
    page.enters(".route .value", "abc").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.sees("event", "Ping received: there?").await;
    page.sees("event", "Pong sent: there?").await;
    page.says("through this server").await;

    page.types("hi").await;
    page.presses_enter().await;
    page.sees("received", "hi").await;
    page.run("document.querySelector('.entry[data-direction=received]:not([hidden])').click()")
        .await;
    page.comes_true("return document.querySelector('.frames td')?.textContent === 'text'").await;

    page.run("document.querySelector('.entry[data-kind=handshake]').click()").await;
    page.comes_true(
        "const heads = [...document.querySelectorAll('.head')].map(head => head.textContent);
         return heads.length === 2 && heads[0].includes('X-Key: ***') && !heads[0].includes('abc')
             && heads[1].startsWith('101')",
    )
    .await;
    // Rule 2: the token is nowhere to be found.
    let shown = "const token = (await (await fetch('relay/token')).text()).trim();
        const stored = JSON.stringify({ ...localStorage, ...sessionStorage });
        const caches_ = JSON.stringify(await caches.keys());
        const all = document.documentElement.outerHTML + location.href + stored + caches_;
        return token.length === 32 && !all.includes(token)";
    let shown = format!("return (async () => {{ {shown} }})()");
    assert_eq!(page.run(&shown).await, true);
    browser.close().await;
}

#[tokio::test]
async fn a_refusal_that_the_browser_hides_is_shown_by_the_server() {
    let (_server, browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.clicks(".causes summary").await;
    page.clicks(".detour").await;
    page.says("401").await;
    page.is("failed").await;
    browser.close().await;
}

#[tokio::test]
async fn a_header_that_would_break_the_request_is_refused() {
    let (_server, browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    takes_the_server(&page).await;
    page.clicks(".route .add-part").await;
    page.enters(".route .name", "Host").await;
    page.enters(".route .value", "other.test").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.says("Host is set by the handshake itself. Remove it.").await;
    page.is("open").await;
    browser.close().await;
}

#[tokio::test]
async fn another_network_is_asked_about_first() {
    let (_server, browser, page) = connected().await;
    let (listener, port) = listener().await;
    takes_the_server(&page).await;
    page.enters(".route input[placeholder='127.0.0.1']", "127.0.0.1").await;
    page.goes_to(&format!("ws://example.test:{port}/")).await;
    page.clicks(".detour").await;
    let (mut stream, _) = listener.accept().await.expect("the server dials");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET / HTTP/1.1"), "{head}");
    stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").await.expect("the server reads");
    page.says("404").await;
    browser.close().await;
}

/// Adds the first header.
async fn adds_header(page: &Page, name: &str, value: &str) {
    page.clicks(".route .add-part").await;
    page.enters(".route .name", name).await;
    page.enters(".route .value", value).await;
}

/// Listener on a free port of this machine.
async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    (listener, port)
}

#[tokio::test]
async fn headers_go_to_another_address_only_by_the_word_of_the_person() {
    let (_server, browser, page) = connected().await;
    let (port, _serving) = guarded().await;
    takes_the_server(&page).await;
    adds_header(&page, "X-Key", "abc").await;
    page.goes_to(&format!("ws://localhost:{port}/feed")).await;
    page.sees("event", "Ping received: there?").await;

    let (other, port) = listener().await;
    page.goes_to(&format!("ws://localhost:{port}/other")).await;
    page.says("Nothing of them was sent.").await;
    page.comes_true(&format!(
        "const question = document.querySelector('.detour')?.textContent ?? '';
         return question.includes('localhost:{port}') && question.includes('X-Key')"
    ))
    .await;
    page.clicks(".detour").await;
    // The first connection is the one that was agreed to.
    let (mut stream, _) = other.accept().await.expect("the server dials");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET /other ") && head.contains("\r\nX-Key: abc\r\n"), "{head}");
    browser.close().await;
}

#[tokio::test]
async fn no_secret_value_is_stored_with_a_tab() {
    let (_server, browser, page) = connected().await;
    takes_the_server(&page).await;
    adds_header(&page, "Authorization", "Bearer of-the-person").await;
    let stored = "const texts = [...Array(localStorage.length).keys()]
            .map(index => localStorage.getItem(localStorage.key(index))).join(' ');
         const packed = (texts.match(/[A-Za-z0-9+\\/]{16,}=*/g) ?? []).map(text => {
             try { return atob(text) } catch { return '' }
         });
         const all = texts + packed.join(' ');";
    page.comes_true(&format!("{stored} return all.includes('Authorization')")).await;
    let found = page.run(&format!("{stored} return all.includes('of-the-person')")).await;
    assert_eq!(found, false);

    page.reloads().await;
    page.clicks("button.unfold").await;
    page.goes_to("ws://localhost:9/").await;
    page.says("Enter the value of Authorization again").await;
    browser.close().await;
}

#[tokio::test]
async fn rule_11_links_files_and_commands_fill_in_and_do_not_connect() {
    let (server, browser, page) = connected().await;
    let (target, port) = listener().await;
    let url = format!("ws://localhost:{port}");
    let address = |path: &str| {
        format!("return document.querySelector('[role=combobox]').value === '{url}{path}'")
    };
    for (path, command) in [
        ("/curl", format!("curl {url}/curl -H 'Connection: Upgrade' -H 'Upgrade: websocket'")),
        ("/wscat", format!("wscat -c {url}/wscat -H 'Cookie: a=b'")),
        ("/websocat", format!("websocat -H 'X-Key: abc' {url}/websocat")),
        ("/wsbench", format!("wsbench {url}/wsbench -H 'X-Key: abc'")),
    ] {
        page.run(&format!(
            "const box = document.querySelector('[role=combobox]');
             box.focus();
             const clipboardData = new DataTransfer();
             clipboardData.setData('text/plain', {});
             box.dispatchEvent(new ClipboardEvent('paste', {{
                 clipboardData, bubbles: true, cancelable: true
             }}))",
            serde_json::Value::from(command)
        ))
        .await;
        page.comes_true(&address(path)).await;
    }
    let mut har = harness::har(1);
    har["log"]["entries"][0]["request"]["url"] = format!("{url}/har").into();
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("list.har", har.to_string()),
        (
            "list.jsonl",
            format!(r#"{{"time":"2026-01-02T03:04:05Z","event":"open","url":"{url}/lines"}}"#),
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the file can be written");
        page.imports(&path).await;
        page.says(&format!("from {name}.")).await;
    }
    let link = format!("{}#address={url}/link", server.http());
    page.run(&format!("location = {}", serde_json::Value::from(link))).await;
    page.comes_true(&address("/link")).await;

    // The first connection is the one that the person makes.
    page.goes_to(&format!("{url}/typed")).await;
    let (mut stream, _) = target.accept().await.expect("somebody connects");
    let head = raw::read_head(&mut stream).await;
    assert!(head.starts_with("GET /typed "), "{head}");
    browser.close().await;
}
