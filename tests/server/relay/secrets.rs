//! Secrets, and who is told: rules 2, 3, 9, 12 and 14.

use harness::{
    Authority, Program, Server,
    raw::{self, request},
    relayed::{RelayClient, ask_for_token, to, token},
    server_command,
};
use relay::{Command, Event, FailureCause, Open};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};

use super::Listener;

const SECRET: &str = "s3cr3t-of-the-person";

/// Options with headers that are secret.
fn secretive(url: &str) -> Open {
    let headers = [
        ("Authorization", format!("Bearer {SECRET}")),
        ("X-Of-Its-Own", SECRET.to_owned()),
        ("Cookie", format!("a={SECRET}")),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
    Open { headers, subprotocols: vec![format!("token-{SECRET}-that-is-long-enough")], ..to(url) }
}

#[tokio::test]
async fn rules_2_and_14_the_log_says_host_and_outcome_and_no_token_or_secret() {
    let mut command = server_command(&["--listen", "127.0.0.1:0"]);
    let mut server = Program::start(command.env("RUST_LOG", "trace"));
    let authority = server.address("ws://").await;
    let answer = ask_for_token(&authority).await;
    let (head, token) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.to_ascii_lowercase().contains("cache-control: no-store"), "{head}");
    let token = token.trim().to_owned();
    assert_eq!(token.len(), 32);

    let target = Listener::start().await;
    let open = secretive(&format!("ws://me:{SECRET}@127.0.0.1:{}/?key={SECRET}", target.port));
    let (page, stream) = tokio::join!(RelayClient::connected(&authority, open), target.accept());
    let (mut page, _) = page;
    page.send_text(SECRET).await;
    drop(stream);
    page.end().await;

    for path in ["/", "/endpoints.json", "/metrics", "/handshake", "/healthz", "/nothing"] {
        let answer = request(&authority, "GET", path, &format!("Host: {authority}\r\n")).await;
        assert!(!answer.contains(&token) && !answer.contains(SECRET), "{path}");
    }
    drop(page);
    // What has control characters is no host, and is not in the log at all.
    let hostile = to("ws://a\u{202e}b\u{1b}[31m.test/");
    let failure = RelayClient::asking(&authority, hostile).await.failure().await;
    assert_eq!(failure.cause, FailureCause::Option);
    server.terminate().await;
    let (_, lines, said) = server.end().await;
    let log = lines.join("\n") + &said;
    let host = format!("127.0.0.1:{}", target.port);
    let outcomes = lines.iter().filter(|line| line.contains("Relay") && line.contains(&host));
    let outcomes = outcomes.map(|line| line.contains("open")).collect::<Vec<_>>();
    assert_eq!(outcomes, [true, false], "{log}");
    assert!(!log.contains(&token) && !log.contains(SECRET), "{log}");
    assert!(log.contains(r#"target="an address that cannot be used""#), "{log}");
    assert!(!log.contains(['\u{202e}', '\u{1b}']), "{log}");
}

#[tokio::test]
async fn rule_2_each_start_has_a_token_of_its_own() {
    let (one, other) = (Server::start().await, Server::start().await);
    let of = async |server: &Server| token(server.authority()).await;
    assert_eq!(of(&one).await, of(&one).await);
    assert_ne!(of(&one).await, of(&other).await);
}

#[tokio::test]
async fn rule_3_the_target_gets_the_headers_as_typed_and_never_the_token() {
    let (server, target) = (Server::start().await, Listener::start().await);
    let answer = ask_for_token(server.authority()).await;
    let token = answer.rsplit("\r\n").next().unwrap().trim().to_owned();
    let mut open = secretive(&format!("ws://127.0.0.1:{}/path?query", target.port));
    open.headers.push(("Origin".to_owned(), "https://of-its-own.example".to_owned()));
    let mut page = RelayClient::asking(server.authority(), open).await;
    let (mut stream, head) = target.request().await;
    assert!(head.starts_with("GET /path?query HTTP/1.1\r\n"), "{head}");
    for line in [
        &format!("Authorization: Bearer {SECRET}"),
        &format!("Cookie: a={SECRET}"),
        "Origin: https://of-its-own.example",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
    }
    assert_eq!(head.matches("Origin:").count(), 1, "{head}");
    assert!(!head.contains(&token), "{head}");
    stream.write_all(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    let events = page.opening().await;
    assert!(events.contains(&Event::Request(head)), "{events:?}");
    let Some(Event::Failed(failure)) = events.last() else { panic!("{events:?}") };
    assert_eq!(failure.cause, FailureCause::Status);
    assert!(!failure.sentence.contains(SECRET), "{}", failure.sentence);
}

#[tokio::test]
async fn rule_9_a_redirect_is_not_followed_unless_asked_for() {
    let (server, first, second) =
        (Server::start().await, Listener::start().await, Listener::start().await);
    let open = secretive(&format!("ws://127.0.0.1:{}", first.port));
    let mut page = RelayClient::asking(server.authority(), open).await;
    redirect(&first, &format!("ws://127.0.0.1:{}", second.port)).await;
    assert_eq!(page.failure().await.cause, FailureCause::Status);
    second.saw_nobody().await;
}

#[tokio::test]
async fn rule_9_a_redirect_elsewhere_gets_no_credentials() {
    let (server, first, second) =
        (Server::start().await, Listener::start().await, Listener::start().await);
    let open = secretive(&format!("ws://me:{SECRET}@127.0.0.1:{}", first.port));
    let mut page = RelayClient::asking(server.authority(), Open { follow: true, ..open }).await;
    redirect(&first, &format!("ws://127.0.0.1:{}/there", second.port)).await;
    let (mut stream, head) = second.request().await;
    assert!(head.starts_with("GET /there ") && !head.contains(SECRET), "{head}");
    stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert_eq!(page.failure().await.cause, FailureCause::Status);
}

#[tokio::test]
async fn rule_9_a_redirect_leads_to_no_other_name_of_this_machine() {
    let (server, first, second) =
        (Server::start().await, Listener::start().await, Listener::start().await);
    for name in ["localhost", "[::ffff:7f00:1]", "127.0.0.2"] {
        let open = secretive(&format!("ws://127.0.0.1:{}", first.port));
        let mut page = RelayClient::asking(server.authority(), Open { follow: true, ..open }).await;
        redirect(&first, &format!("ws://{name}:{}", second.port)).await;
        let failure = page.failure().await;
        assert_eq!(failure.cause, FailureCause::RefusedAddress, "{name}");
        // Or the person would wonder who named it.
        let start = format!("Redirected by ws://127.0.0.1:{}: ws://", first.port);
        assert!(failure.sentence.starts_with(&start), "{}", failure.sentence);
    }
    second.saw_nobody().await;
}

#[tokio::test]
async fn rule_9_behind_a_proxy_a_redirect_leads_to_no_other_name() {
    let (server, proxy) = (Server::start().await, Listener::start().await);
    let open = Open {
        follow: true,
        proxy: format!("http://127.0.0.1:{}", proxy.port),
        ..secretive("ws://asked.example/")
    };
    let mut page = RelayClient::asking(server.authority(), open.clone()).await;
    for location in ["/same-host", "ws://intranet.example/"] {
        redirect_behind(&proxy, location).await;
    }
    let failure = page.failure().await;
    assert_eq!(failure.cause, FailureCause::Redirect, "{}", failure.sentence);
    // Of the addresses that the proxy need not resolve, its own is no better than others.
    for location in [format!("ws://127.0.0.1:{}/", proxy.port), "ws://10.0.0.1/".to_owned()] {
        let mut page = RelayClient::asking(server.authority(), open.clone()).await;
        redirect_behind(&proxy, &location).await;
        let failure = page.failure().await;
        assert_eq!(failure.cause, FailureCause::RefusedAddress, "{location}: {}", failure.sentence);
    }
    proxy.saw_nobody().await;
}

#[tokio::test]
async fn rule_9_a_certificate_is_not_asked_about_where_a_redirect_leads() {
    let (server, proxy) = (Server::start().await, Listener::start().await);
    let untrusted = Authority::default().serve().await;
    let open = Open {
        follow: true,
        proxy: format!("http://127.0.0.1:{}", proxy.port),
        ..secretive("ws://asked.example/")
    };
    let mut page = RelayClient::asking(server.authority(), open).await;
    redirect_behind(&proxy, "wss://9.9.9.9/").await;
    let tunnel = async {
        let (mut stream, head) = proxy.request().await;
        assert!(head.starts_with("CONNECT 9.9.9.9:443 "), "{head}");
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut there = TcpStream::connect(("127.0.0.1", untrusted)).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut there).await;
    };
    let (failure, ()) = tokio::join!(page.failure(), tunnel);
    assert_eq!(failure.cause, FailureCause::Redirect, "{}", failure.sentence);

    // Nor at another port of the same host.
    let first = Listener::start().await;
    let open = secretive(&format!("ws://127.0.0.1:{}", first.port));
    let mut page = RelayClient::asking(server.authority(), Open { follow: true, ..open }).await;
    redirect(&first, &format!("wss://127.0.0.1:{untrusted}/")).await;
    let failure = page.failure().await;
    assert_eq!(failure.cause, FailureCause::Redirect, "{}", failure.sentence);
}

/// Answers the next request behind a proxy with a redirect.
async fn redirect_behind(proxy: &Listener, to: &str) {
    let (mut stream, head) = proxy.request().await;
    assert!(head.starts_with("CONNECT asked.example:80 "), "{head}");
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    raw::read_head(&mut stream).await;
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// Answers the next request, which has a secret, with a redirect.
async fn redirect(from: &Listener, to: &str) {
    let head = super::redirect(from, to).await;
    assert!(head.contains(SECRET), "{head}");
}

#[tokio::test]
async fn rule_9_a_redirect_that_leads_back_is_one_and_a_loop_ends() {
    let (server, first, second) =
        (Server::start().await, Listener::start().await, Listener::start().await);
    let urls = [&first, &second].map(|it| format!("ws://127.0.0.1:{}/", it.port));
    let open = Open { follow: true, ..secretive(&urls[0]) };
    let mut page = RelayClient::asking(server.authority(), open.clone()).await;
    redirect(&first, &urls[1]).await;
    super::redirect(&second, &urls[0]).await;
    let (mut stream, head) = first.request().await;
    assert!(!head.contains(SECRET), "{head}");
    stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    let start = format!("Redirected by {}: ", urls[0]);
    let failure = page.failure().await;
    assert!(failure.sentence.starts_with(&start), "{}", failure.sentence);

    let mut page = RelayClient::asking(server.authority(), open).await;
    for _ in 0..5 {
        super::redirect(&first, &urls[1]).await;
        super::redirect(&second, &urls[0]).await;
    }
    super::redirect(&first, &urls[1]).await;
    let failure = page.failure().await;
    assert_eq!(failure.cause, FailureCause::Redirect);
    assert!(failure.sentence.contains("it redirects in a loop: 10 times"), "{}", failure.sentence);
}

#[tokio::test]
async fn rule_12_headers_that_would_change_the_request_are_refused() {
    let (server, target) = (Server::start().await, Listener::start().await);
    for (name, value) in [
        ("X", "a\r\nCookie: b"),
        ("X", "a\nb"),
        ("X", "a\0"),
        ("X", "a\r\n folded"),
        ("X\r\nY", "a"),
        ("X: Y", "a"),
        ("X Y", "a"),
        ("", "a"),
        ("hOsT", "evil.test"),
        ("Upgrade", "h2c"),
        ("Connection", "close"),
        ("Proxy-Authorization", "Basic YTpi"),
        ("Sec-WebSocket-Key", "a"),
        ("Sec-WebSocket-Protocol", "a"),
        ("Sec-WebSocket-Extensions", "a"),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
    ] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let open = Open { headers, ..to(&format!("ws://127.0.0.1:{}", target.port)) };
        let mut page = RelayClient::asking(server.authority(), open).await;
        assert_eq!(page.failure().await.cause, FailureCause::Option, "{name:?}: {value:?}");
    }
    let wrong = Open { subprotocols: vec!["a\r\nb".to_owned()], ..Open::default() };
    let url = format!("ws://127.0.0.1:{}", target.port);
    let mut page = RelayClient::greeted(server.authority()).await;
    page.send(&Command::Open(Box::new(Open { url, ..wrong }))).await;
    assert_eq!(page.failure().await.cause, FailureCause::Option);
    target.saw_nobody().await;
}
