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
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
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
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
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
