//! Handshake request and route: headers, DNS, Unix sockets, proxies.

use harness::{Server, raw::read_head};
use server::{Config, Hosts};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use crate::{command, output, raw_server};

/// Handshake request that `wsbench` sends with these arguments.
async fn request(arguments: &[&str]) -> String {
    let (sender, mut requests) = mpsc::channel(1);
    let authority = raw_server(move |mut stream| {
        let sender = sender.clone();
        async move {
            let head = read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            sender.send(head).await.unwrap();
        }
    })
    .await;
    let url = format!("ws://{authority}/chat?room=1");
    let (status, ..) = output(&[&[&*url], arguments].concat()).await;
    assert_eq!(status, Some(1));
    requests.recv().await.unwrap()
}

#[tokio::test]
async fn flags_become_headers() {
    let head = request(&[
        "-H", "X-Id: 7", "--user", "me:secret", "--origin", "https://example.org", "--subprotocol",
        "a,b", "--cookie", "x=1", "--cookie", "y=2",
    ])
    .await;
    assert!(head.starts_with("GET /chat?room=1 HTTP/1.1\r\nHost: 127.0.0.1:"), "{head}");
    for line in [
        "X-Id: 7",
        "Authorization: Basic bWU6c2VjcmV0",
        "Origin: https://example.org",
        "Sec-WebSocket-Protocol: a, b",
        "Cookie: x=1; y=2",
        "Sec-WebSocket-Version: 13",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
    }
    assert!(request(&["--bearer", "t0k"]).await.contains("\r\nAuthorization: Bearer t0k\r\n"));
    let head = request(&["-H", "Host: other", "-H", "User-Agent: me"]).await;
    assert_eq!(head.matches("\r\nHost: ").count() + head.matches("\r\nUser-Agent: ").count(), 2);
}

#[tokio::test]
async fn flags_override_the_environment() {
    let server = Server::start().await;
    let arguments = [&server.ws("/"), "--bearer", "t0k", "-v", "--show-secrets"];
    let (_, said) = output_with(&[("WSBENCH_USER", "me:pw")], &arguments).await;
    assert!(said.contains("> Authorization: Bearer t0k\n"), "{said}");
    assert_eq!(said.matches("Authorization").count(), 1, "{said}");
}

#[tokio::test]
async fn a_url_overrides_the_environment() {
    let server = Server::start().await;
    let url = server.ws("/").replace("ws://", "ws://me:pw@");
    let arguments = [&*url, "-v", "--show-secrets"];
    let (_, said) = output_with(&[("WSBENCH_BEARER", "t0k")], &arguments).await;
    assert!(said.contains("> Authorization: Basic bWU6cHc=\n"), "{said}");
}

/// The head counts; the body is shown as far as received in time.
#[tokio::test]
async fn a_refusal_with_an_unfinished_body_is_reported() {
    let authority = raw_server(async |mut stream| {
        read_head(&mut stream).await;
        let head = b"HTTP/1.1 401 Unauthorized\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        stream.write_all(b"6\r\nWho ar\r\n6\r\ne you?\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let url = format!("ws://{authority}");
    let (status, _, said) = output(&[&url, "--connect-timeout", "300ms"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("401 Unauthorized") && said.contains("\n  Who are you?\n"), "{said}");
}

#[tokio::test]
async fn the_scheme_may_be_left_out_or_that_of_a_page() {
    let server = Server::start().await;
    let authority = server.authority();
    let (_, port) = authority.rsplit_once(':').unwrap();
    for url in [authority, &format!("{authority}/ws"), &format!(":{port}")] {
        let (status, lines, said) = output(&[url, "-x", "hi"]).await;
        assert_eq!((status, lines.as_str()), (Some(0), "Echo: hi\n"), "{said}");
        assert!(said.starts_with("Connected to server"), "{said}");
    }
    let url = format!("http://{authority}/ws");
    let (_, lines, said) = output(&[&url, "-x", "hi"]).await;
    assert_eq!(lines, "Echo: hi\n");
    assert!(said.starts_with(&format!("Using ws://{authority}/ws for http://.\n")), "{said}");
    let (_, _, said) = output(&[&url, "-x", "hi", "--quiet"]).await;
    assert_eq!(said, "");
}

#[tokio::test]
async fn a_second_url_is_named() {
    let (status, _, said) = output(&["ws://localhost:1", "ws://me:pw@localhost:2"]).await;
    assert_eq!(status, Some(2));
    assert!(
        said.contains("unexpected second URL 'ws://[redacted]@localhost:2'")
            && said.contains("`wsbench bench URL…` takes several"),
        "{said}"
    );
}

#[tokio::test]
async fn verbose_prints_request_and_response() {
    let server = Server::start().await;
    let (status, _, said) = output(&[&server.ws("/"), "-v"]).await;
    assert_eq!(status, Some(0));
    for line in ["* Connected to ", "> GET / HTTP/1.1", "< HTTP/1.1 101 Switching Protocols"] {
        assert!(said.contains(line), "{said}");
    }
}

#[tokio::test]
async fn resolve_overrides_dns() {
    let mut hosts = Hosts::default();
    hosts.allow("workbench.invalid");
    let server = Server::start_as(Config { hosts, ..Config::default() }).await;
    let (_, port) = server.authority().rsplit_once(':').unwrap();
    let url = format!("ws://workbench.invalid:{port}/");
    let resolve = format!("workbench.invalid:{port}:127.0.0.1");
    let arguments = [&*url, "--resolve", &resolve, "-x", "hi"];
    assert_eq!(output(&arguments).await.1, "Echo: hi\n");
    let (status, _, said) = output(&[&arguments[..], &["-6"]].concat()).await;
    assert_eq!(status, Some(1));
    let words = "workbench.invalid has no IPv6 address. Leave out -4 or -6";
    assert!(said.contains(words), "{said}");
}

#[tokio::test]
async fn urls_are_case_insensitive() {
    let server = Server::start().await;
    let url = server.ws("/").replace("ws://localhost", "WS://LocalHost");
    assert_eq!(output(&[&url, "-4", "-x", "hi"]).await.1, "Echo: hi\n");
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_can_be_used() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let authority = server.authority().to_owned();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut onward = TcpStream::connect(authority).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    });
    let unix = path.to_str().unwrap();
    // The port is not used, except in the Host header.
    let (status, lines, said) = output(&[&server.ws("/"), "--unix", unix, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "Echo: hi\n"), "{said}");
    let (status, _, said) = output(&["ws://localhost", "--unix", "/no-such-socket"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("/no-such-socket cannot be opened"), "{said}");
}

/// Proxy for one connection: admits a client with `admit`, then forwards to `onward`.
pub(super) async fn proxy<F, C>(onward: &str, admit: F) -> String
where
    F: Fn(TcpStream) -> C + Send + 'static,
    C: Future<Output = TcpStream> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let onward = onward.to_owned();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = admit(stream).await;
        let mut onward = TcpStream::connect(onward).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    });
    authority
}

#[tokio::test]
async fn an_http_proxy_is_asked_to_connect() {
    let server = Server::start().await;
    let authority = proxy(server.authority(), async |mut stream| {
        let head = read_head(&mut stream).await;
        assert!(head.starts_with("CONNECT far.invalid:99 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nProxy-Authorization: Basic bWU6cHc=\r\n"), "{head}");
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        stream
    })
    .await;
    let proxy = format!("http://me:pw@{authority}");
    let url = "ws://far.invalid:99/";
    let host = format!("Host: {}", server.authority());
    let (status, lines, said) = output(&[url, "--proxy", &proxy, "-H", &host, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "Echo: hi\n"), "{said}");
}

/// Standard output and error of a run with these environment variables.
async fn output_with(variables: &[(&str, &str)], arguments: &[&str]) -> (String, String) {
    let mut command = command(arguments);
    let (_, lines, said) = harness::output(command.envs(variables.iter().copied())).await;
    (lines, said)
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_used_unless_excepted() {
    let server = Server::start().await;
    let authority = proxy(server.authority(), async |mut stream| {
        let head = read_head(&mut stream).await;
        assert!(head.starts_with("CONNECT far.invalid:99 HTTP/1.1\r\n"), "{head}");
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        stream
    })
    .await;
    let host = format!("Host: {}", server.authority());
    let arguments = ["ws://far.invalid:99/", "-H", &host, "-x", "hi", "-v"];
    let (lines, said) = output_with(&[("HTTP_PROXY", &authority)], &arguments).await;
    assert_eq!(lines, "Echo: hi\n", "{said}");
    assert!(said.contains(&format!("* Through the proxy {authority} of HTTP_PROXY\n")), "{said}");
    let variables = [("all_proxy", "http://127.0.0.1:1"), ("no_proxy", ".invalid")];
    let (_, said) = output_with(&variables, &arguments).await;
    assert!(said.contains("unknown host far.invalid"), "{said}");
    // This machine is reached directly.
    let variables = [("ALL_PROXY", "http://127.0.0.1:1")];
    assert_eq!(output_with(&variables, &[&server.ws("/"), "-x", "hi"]).await.0, "Echo: hi\n");
    let (_, said) = output_with(&variables, &["ws://far.invalid"]).await;
    assert!(said.contains("the proxy 127.0.0.1:1 of ALL_PROXY: "), "{said}");
    let (_, said) = output_with(&[("HTTPS_PROXY", "ftp://me:pw@x")], &["wss://far.invalid"]).await;
    assert!(said.contains("HTTPS_PROXY is 'ftp://[redacted]@x': "), "{said}");
}

#[tokio::test]
async fn a_refusal_by_the_proxy_is_reported() {
    let authority = raw_server(async |mut stream| {
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let (status, _, said) =
        output(&["ws://far.invalid", "--proxy", &format!("http://{authority}")]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("407 Proxy Authentication Required"), "{said}");
}

/// Admits a client as a SOCKS proxy does. Returns the name and the port that it asks for.
pub(super) async fn admit_by_socks(stream: &mut TcpStream) -> Vec<u8> {
    // RFC 1928: version 5, methods; then CONNECT (1) to a name (3) and a port.
    let methods = usize::from(stream.read_u16().await.unwrap() & 0xff);
    stream.read_exact(&mut vec![0; methods]).await.unwrap();
    stream.write_all(&[5, 0]).await.unwrap();
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[..4], [5, 1, 0, 3]);
    let mut target = vec![0; usize::from(head[4]) + 2];
    stream.read_exact(&mut target).await.unwrap();
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await.unwrap();
    target
}

#[tokio::test]
async fn a_socks_proxy_resolves_names_itself() {
    let server = Server::start().await;
    let authority = proxy(server.authority(), async |mut stream| {
        assert_eq!(admit_by_socks(&mut stream).await, b"far.invalid\x00\x63");
        stream
    })
    .await;
    let proxy = format!("socks5://{authority}");
    let host = format!("Host: {}", server.authority());
    let (status, lines, said) =
        output(&["ws://far.invalid:99/", "--proxy", &proxy, "-H", &host, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "Echo: hi\n"), "{said}");
}
