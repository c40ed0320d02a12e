//! Failures to open a connection, each with its cause, and the way through a proxy.

use std::io;

use harness::{
    Server,
    relayed::{RelayClient, to},
};
use relay::{Event, FailureCause, Open, Stage};
use server::{Config, RelayFlags, Resolver};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};

use super::Listener;

#[tokio::test]
async fn each_failure_has_its_cause_and_stage() {
    let resolver = Resolver::new(|host, port| async move {
        match &*host {
            "localhost" => Ok(vec![([127, 0, 0, 1], port).into()]),
            _ => Err(io::Error::other("there is no such name")),
        }
    });
    let relay = RelayFlags { resolver, ..RelayFlags::default() };
    let server = Server::start_as(Config { relay, ..Config::default() }).await;
    let plain = server.authority().replace("localhost", "127.0.0.1");
    // Bound and let go: nothing listens there.
    let closed = Listener::start().await.port;
    for (open, cause, stage) in [
        (to("no address"), FailureCause::Option, None),
        (to("ftp://localhost"), FailureCause::Option, None),
        (Open { offers: vec!["x".to_owned()], ..to("ws://localhost") }, FailureCause::Option, None),
        (Open { proxy: "x".to_owned(), ..to("ws://localhost") }, FailureCause::Option, None),
        (to("ws://localhost/a\nb"), FailureCause::Option, None),
        (to("ws://unknown.example"), FailureCause::UnknownHost, Some(Stage::Name)),
        (to(&format!("ws://localhost:{closed}")), FailureCause::Unreachable, Some(Stage::Tcp)),
        (to(&format!("wss://{plain}")), FailureCause::NoTls, Some(Stage::Tls)),
        (to(&format!("ws://{plain}/nothing")), FailureCause::Status, Some(Stage::Http)),
        (
            Open { proxy: format!("http://localhost:{closed}"), ..to("ws://localhost") },
            FailureCause::Proxy,
            Some(Stage::Tcp),
        ),
    ] {
        let (url, open_url) = (format!("{} by {:?}", open.url, open.proxy), open.url.clone());
        let failure = RelayClient::asking(server.authority(), open).await.failure().await;
        let last = failure.times.last().map(|(stage, _)| *stage);
        assert_eq!((failure.cause, last), (cause, stage), "{url}: {failure:?}");
        // The page shows the address beside it; numbers of the system's errors help nobody.
        let said = failure.sentence;
        assert!(
            !said.is_empty() && !said.contains(&open_url) && !said.contains("os error"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_a_failure_of_the_handshake() {
    let (server, target) = (Server::start().await, Listener::start().await);
    for (answer, follow, cause) in [
        ("220 ready\r\n", false, FailureCause::Handshake),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\
             Sec-WebSocket-Accept: AAAA\r\n\r\n",
            false,
            FailureCause::Handshake,
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: ftp://x\r\nContent-Length: 0\r\n\r\n",
            true,
            FailureCause::Redirect,
        ),
    ] {
        let open = Open { follow, ..to(&format!("ws://127.0.0.1:{}", target.port)) };
        let mut page = RelayClient::asking(server.authority(), open).await;
        let (mut stream, _) = target.request().await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        drop(stream);
        assert_eq!(page.failure().await.cause, cause, "{answer}");
    }
}

#[tokio::test]
async fn a_refusal_has_its_body_if_that_is_a_text() {
    let (server, target) = (Server::start().await, Listener::start().await);
    let long = "é".repeat(4_000);
    for (body, expected) in [
        (&b"{\"error\":\"no auth\"}"[..], "{\"error\":\"no auth\"}"),
        (b"\xff\xfe\x00", ""),
        (long.as_bytes(), &long[..4 << 10]),
    ] {
        let open = to(&format!("ws://127.0.0.1:{}", target.port));
        let mut page = RelayClient::asking(server.authority(), open).await;
        let (mut stream, _) = target.request().await;
        let head = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let events = page.opening().await;
        let bodies: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Response(response) => Some(&*response.body),
                _ => None,
            })
            .collect();
        assert_eq!(bodies, [expected]);
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_not_asked_again() {
    let (server, proxy) = (Server::start().await, Listener::start().await);
    let open = Open { proxy: format!("http://127.0.0.1:{}", proxy.port), ..to("ws://x.example/") };
    let mut page = RelayClient::asking(server.authority(), open).await;
    let (mut stream, _) = proxy.request().await;
    stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.unwrap();
    let failure = page.failure().await;
    assert_eq!(failure.cause, FailureCause::Option);
    let said = failure.sentence;
    assert!(said.starts_with("Cannot connect to the server: the proxy 127.0.0.1:"), "{said}");
    assert!(said.ends_with("http://name:password@host:port."), "{said}");
}

#[tokio::test]
async fn a_proxy_is_connected_to_in_place_of_the_target() {
    let (server, proxy) = (Server::start().await, Listener::start().await);
    let open = |url: &str| Open { proxy: format!("http://127.0.0.1:{}", proxy.port), ..to(url) };
    let through = async {
        let (mut stream, head) = proxy.request().await;
        assert!(head.starts_with("CONNECT "), "{head}");
        stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
        let mut there = TcpStream::connect(server.authority()).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut there).await;
    };
    let mut page = RelayClient::asking(server.authority(), open(&server.ws("/echo"))).await;
    let talking = async {
        let events = page.opening().await;
        let address = format!("127.0.0.1:{}", proxy.port);
        assert!(events.contains(&Event::Connected(address)), "{events:?}");
        page.send_text("through the proxy").await;
        assert_eq!(page.payload().await, b"through the proxy");
        drop(page);
    };
    tokio::join!(through, talking);
    // What is beyond it is checked as far as it is known.
    for target in ["ws://169.254.169.254/", "ws://[::ffff:a9fe:a9fe]/", "ws://0.0.0.0/"] {
        let failure = RelayClient::asking(server.authority(), open(target)).await.failure().await;
        assert_eq!(failure.cause, FailureCause::RefusedAddress, "{target}");
    }
    proxy.saw_nobody().await;
}
