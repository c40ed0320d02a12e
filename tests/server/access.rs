//! Access to the server: hosts, response headers, limits per address, and proxies that speak for
//! their clients.

use futures::future::join_all;
use harness::{
    Program, Server,
    raw::{self, FIN, OPENING, TEXT, frame, read_frame, status},
    server_command, soon,
};
use serde_json::Value;
use server::{Config, Hosts, Limits, Proxies};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Every kind of path.
const PATHS: [&str; 9] = [
    "/", "/ws", "/echo", "/chat/room", "/endpoints.json", "/metrics", "/healthz",
    "/reject?status=401", "/nothing",
];

/// The whole answer to a request with these header lines.
async fn request(authority: &str, path: &str, lines: &str) -> String {
    raw::request(authority, "GET", path, lines).await
}

/// The status of an answer to a plain request, and to one for a WebSocket.
async fn statuses(authority: &str, path: &str, host: &str) -> [String; 2] {
    let plain = request(authority, path, &format!("Host: {host}\r\n")).await;
    let mut stream = TcpStream::connect(authority).await.expect("the server listens");
    let opening = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{OPENING}\r\n");
    stream.write_all(opening.as_bytes()).await.expect("the server reads");
    let opened = raw::read_head(&mut stream).await;
    [plain, opened].map(|answer| status(&answer).to_owned())
}

#[tokio::test]
async fn a_rebound_name_reads_nothing_on_any_path() {
    let server = Server::start().await;
    let here = server.authority();
    let (_, port) = here.rsplit_once(':').unwrap();
    for path in PATHS {
        for name in ["evil.example", "localhost.evil.example", "192.0.2.1", "0.0.0.0"] {
            let host = format!("{name}:{port}");
            assert_eq!(statuses(here, path, &host).await, ["421", "421"], "{path} {host}");
        }
        for host in ["localhost", "LocalHost:1", "app.localhost", "127.0.0.1", "[::1]:80", here] {
            let answers = statuses(here, path, host).await;
            assert!(!answers.iter().any(|it| it == "421"), "{path} {host}: {answers:?}");
        }
        // An absolute target takes the place of the header (RFC 9112 section 3.2.2).
        let target = format!("http://evil.example{path}");
        assert_eq!(status(&request(here, &target, "Host: localhost\r\n").await), "421", "{path}");
        assert_eq!(status(&request(here, path, "").await), "400", "{path}");
        // A name of a user is no part of a host.
        assert_eq!(statuses(here, path, &format!("me@{here}")).await, ["400", "400"], "{path}");
    }
    let answer = request(here, "/metrics", "Host: evil.example\r\n").await;
    assert!(answer.contains("start the server with --allow-host NAME"), "{answer}");
    let figures = request(here, "/metrics", "Host: localhost\r\n").await;
    assert!(figures.contains("wsbench_refused_total{reason=\"host\"}"), "{figures}");
}

#[tokio::test]
async fn names_are_allowed_by_flag_or_variable_on_both_listeners() {
    let listeners = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let names = ["--allow-host", "one.example", "--allow-host", "192.0.2.1"];
    let by_flags = Program::server(&[&listeners[..], &names].concat());
    let mut command = server_command(&listeners);
    let by_variable = Program::start(command.env("WSBENCH_ALLOW_HOST", "one.example,192.0.2.1"));
    for mut program in [by_flags, by_variable] {
        let admin = program.admin().await;
        let public = program.address("ws://").await;
        for (authority, path) in [(&admin, "/metrics"), (&public, "/endpoints.json")] {
            for host in ["one.example", "ONE.example:99", "192.0.2.1:80", "localhost"] {
                let answer = request(authority, path, &format!("Host: {host}\r\n")).await;
                assert_eq!(status(&answer), "200", "{host}: {answer}");
            }
            for host in ["two.example", "192.0.2.2"] {
                let answer = request(authority, path, &format!("Host: {host}\r\n")).await;
                assert_eq!(status(&answer), "421", "{host}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn an_admin_address_that_is_everywhere_opens_no_other() {
    let mut program = Program::server_here(&["--admin", "0.0.0.0:0"]);
    let admin = program.admin().await.replace("0.0.0.0", "127.0.0.1");
    let public = program.address("ws://").await;
    for (authority, path, expected) in
        [(&admin, "/metrics", "200"), (&public, "/endpoints.json", "421")]
    {
        let answer = request(authority, path, "Host: 192.0.2.1\r\n").await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
    }
}

/// It is reached by addresses that it does not know, and by no name.
#[tokio::test]
async fn a_server_that_listens_everywhere_answers_to_any_address() {
    let server = Server::start_at("0.0.0.0:0", Limits::DEFAULT).await;
    let (_, port) = server.authority().rsplit_once(':').unwrap();
    let here = format!("127.0.0.1:{port}");
    for (host, expected) in
        [("192.0.2.1", "200"), ("[2001:db8::1]:80", "200"), ("evil.example", "421")]
    {
        let answer = request(&here, "/healthz", &format!("Host: {host}\r\n")).await;
        assert_eq!(status(&answer), expected, "{host}: {answer}");
    }
}

#[tokio::test]
async fn with_a_star_any_name_is_allowed() {
    let mut hosts = Hosts::default();
    hosts.allow("*");
    let server = Server::start_as(Config { hosts, ..Config::default() }).await;
    let answer = request(server.authority(), "/healthz", "Host: evil.example\r\n").await;
    assert_eq!(status(&answer), "200", "{answer}");
}

/// Asserts the headers of every response, each once.
fn has_headers(answer: &str, what: &str) {
    for line in [
        "cross-origin-opener-policy: same-origin",
        "cross-origin-resource-policy: same-origin",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
    ] {
        let line = format!("\r\n{line}\r\n");
        assert_eq!(answer.matches(&line).count(), 1, "{what}: {answer}");
    }
}

#[tokio::test]
async fn every_answer_keeps_other_sites_away() {
    let mut program = Program::server_here(&["--admin", "127.0.0.1:0"]);
    let admin = program.admin().await;
    let public = program.address("ws://").await;
    for path in PATHS {
        for host in ["localhost", "evil.example"] {
            let lines = format!("Host: {host}\r\n");
            has_headers(&request(&public, path, &lines).await, path);
            has_headers(&request(&admin, path, &lines).await, path);
        }
    }
    let full = Server::start_with(Limits { connections: 1, ..Limits::DEFAULT }).await;
    let _held = raw::open(full.authority(), "/ws").await;
    let refused = request(full.authority(), "/", "Host: localhost\r\n").await;
    assert_eq!(status(&refused), "503");
    has_headers(&refused, "a full server");
}

#[tokio::test]
async fn a_refusal_says_if_the_server_is_full_or_the_address_has_enough() {
    for (limits, reason, words) in [
        (
            Limits { connections: 2, ..Limits::DEFAULT },
            "full",
            "The server's connection limit (--max-connections) is reached.",
        ),
        (
            Limits { connections_per_address: Some(2), ..Limits::DEFAULT },
            "address",
            "Your address has as many connections as the server allows",
        ),
    ] {
        let server = Server::start_with(limits).await;
        let here = server.authority();
        let held = [raw::open(here, "/ws").await, raw::open(here, "/ws").await];
        let answer = request(here, "/metrics", "Host: localhost\r\n").await;
        assert_eq!(status(&answer), "503", "{answer}");
        assert!(answer.contains(words) && answer.contains("retry-after: 5"), "{answer}");
        drop(held);
        let freed = async {
            loop {
                let answer = request(here, "/metrics", "Host: localhost\r\n").await;
                if status(&answer) == "200" {
                    return answer;
                }
            }
        };
        let figures = soon("a free place", freed).await;
        let label = |reason: &str| format!("wsbench_refused_total{{reason=\"{reason}\"}}");
        assert!(figures.contains(&label(reason)), "{figures}");
        let other = if reason == "full" { "address" } else { "full" };
        assert!(!figures.contains(&label(other)), "{figures}");
    }
}

/// A server that trusts proxies on this machine, with one connection for each client.
async fn behind_proxy(proxy_protocol: bool) -> Server {
    let trusted = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let proxies = Proxies { trusted, proxy_protocol };
    let limits = Limits { connections_per_address: Some(1), ..Limits::DEFAULT };
    Server::start_as(Config { limits, proxies, ..Config::default() }).await
}

/// A WebSocket at `/handshake`, and the client that the server's report names; or the status of the
/// refusal.
async fn reported(
    authority: &str,
    preamble: &[u8],
    lines: &str,
) -> Result<(TcpStream, String), String> {
    let mut stream = TcpStream::connect(authority).await.expect("the server listens");
    stream.write_all(preamble).await.expect("the server reads");
    let head = raw::shake_hands(&mut stream, "/handshake", lines).await;
    if status(&head) != "101" {
        return Err(status(&head).to_owned());
    }
    let (_, report) = read_frame(&mut stream).await.expect("a report");
    let report = serde_json::from_slice::<Value>(&report).expect("JSON");
    Ok((stream, report["peer"].as_str().expect("a peer").to_owned()))
}

#[tokio::test]
async fn a_trusted_proxy_names_its_clients_and_each_is_counted() {
    let server = behind_proxy(false).await;
    let here = server.authority();
    let mut held = Vec::new();
    for (lines, expected) in [
        ("X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
        ("X-Forwarded-For: 192.0.2.1, 192.0.2.2:4711\r\n", "192.0.2.2:4711"),
        ("Forwarded: for=192.0.2.3;proto=https, for=127.0.0.9\r\n", "192.0.2.3"),
        ("Forwarded: for=\"[2001:db8:1:2::3]:9\"\r\n", "[2001:db8:1:2::3]:9"),
    ] {
        let (stream, peer) = reported(here, b"", lines).await.expect("a place for each client");
        assert_eq!(peer, expected);
        held.push(stream);
    }
    for lines in [
        "X-Forwarded-For: 192.0.2.1\r\n",
        "X-Forwarded-For: 6.6.6.6, 192.0.2.2\r\n",
        // Of the same /64.
        "X-Forwarded-For: 2001:db8:1:2::ffff\r\n",
    ] {
        assert_eq!(reported(here, b"", lines).await.unwrap_err(), "503", "{lines}");
    }
    let answer = request(here, "/ws", "Host: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n").await;
    assert!(answer.contains("Your address has as many connections"), "{answer}");
    // One that left makes room for the next, though its proxy has as many connections as before.
    drop(held.remove(0));
    let freed =
        async { while reported(here, b"", "X-Forwarded-For: 192.0.2.1\r\n").await.is_err() {} };
    soon("a free place", freed).await;
}

#[tokio::test]
async fn clients_share_a_connection_of_their_proxy() {
    let server = behind_proxy(false).await;
    let _held = reported(server.authority(), b"", "X-Forwarded-For: 192.0.2.1\r\n").await.unwrap();
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    for (client, expected) in [("192.0.2.2", "200"), ("192.0.2.1", "503"), ("192.0.2.3", "200")] {
        let request = format!(
            "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = raw::read_head(&mut stream).await;
        assert_eq!(status(&answer), expected, "{client}: {answer}");
    }
}

#[tokio::test]
async fn whoever_is_no_trusted_proxy_speaks_for_nobody() {
    let limits = Limits { connections_per_address: Some(1), ..Limits::DEFAULT };
    let trusted = vec!["192.0.2.0/24".parse().unwrap()];
    let proxies = Proxies { trusted, proxy_protocol: true };
    let server = Server::start_as(Config { limits, proxies, ..Config::default() }).await;
    let here = server.authority();
    let line = b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n";
    assert_eq!(reported(here, line, "").await.unwrap_err(), "400");
    let opening = async {
        loop {
            if let Ok(opened) = reported(here, b"", "X-Forwarded-For: 192.0.2.9\r\n").await {
                return opened;
            }
        }
    };
    let (_stream, peer) = soon("a free place", opening).await;
    assert!(peer.starts_with("127.0.0.1:") || peer.starts_with("[::1]:"), "{peer}");
    let lines = "X-Forwarded-For: 192.0.2.10\r\n";
    assert_eq!(reported(here, b"", lines).await.unwrap_err(), "503");
}

/// A header of version 2 for a client at 192.0.2.1, port 4711.
const BINARY: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\x12\x67\0\x50";

#[tokio::test]
async fn the_proxy_protocol_names_the_client_of_a_connection() {
    let server = behind_proxy(true).await;
    let here = server.authority();
    for header in [b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n", BINARY] {
        let opening = async {
            loop {
                if let Ok(opened) = reported(here, header, "").await {
                    return opened;
                }
            }
        };
        let (mut stream, peer) = soon("a free place", opening).await;
        assert_eq!(peer, "192.0.2.1:4711");
        // Nothing of what follows the header is lost.
        stream.write_all(&frame(FIN | TEXT, b"again")).await.unwrap();
        read_frame(&mut stream).await.unwrap();
        assert_eq!(reported(here, header, "").await.unwrap_err(), "503");
        // Another client of the same proxy, and the proxy itself.
        let other = b"PROXY TCP4 192.0.2.2 127.0.0.1 4711 80\r\n";
        reported(here, other, "").await.expect("a place for another client");
        let (_, proxy) = reported(here, b"PROXY UNKNOWN\r\n", "").await.expect("a place");
        assert!(proxy.starts_with("127.0.0.1:") || proxy.starts_with("[::1]:"), "{proxy}");
    }
}

#[tokio::test]
async fn a_proxy_before_the_proxy_names_its_client() {
    let server = behind_proxy(true).await;
    let here = server.authority();
    let header = b"PROXY TCP4 127.0.0.9 127.0.0.1 4711 80\r\n";
    let lines = "X-Forwarded-For: 192.0.2.1\r\n";
    let (_held, peer) = reported(here, header, lines).await.unwrap();
    assert_eq!(peer, "192.0.2.1");
    assert_eq!(reported(here, header, lines).await.unwrap_err(), "503");
    // A client of the first kind may say what it likes.
    let direct = b"PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n";
    let (_held, peer) = reported(here, direct, lines).await.unwrap();
    assert_eq!(peer, "192.0.2.7:4711");
}

#[tokio::test]
async fn a_connection_without_its_header_is_cut_off() {
    let limits = Limits { handshake_timeout: std::time::Duration::from_secs(2), ..Limits::DEFAULT };
    let trusted = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let proxies = Proxies { trusted, proxy_protocol: true };
    let server = Server::start_as(Config { limits, proxies, ..Config::default() }).await;
    let here = server.authority();
    let endless = [&b"PROXY UNKNOWN "[..], &[b'x'; 200]].concat();
    let cut = [&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], b"", b"PROXY TCP4", &endless];
    join_all(cut.map(async |start| {
        let mut stream = TcpStream::connect(here).await.unwrap();
        stream.write_all(start).await.unwrap();
        let mut answer = Vec::new();
        // Perhaps a reset: the connection is over in any case.
        let _ = soon("the cut", stream.read_to_end(&mut answer)).await;
        assert!(answer.is_empty(), "{start:?}: {answer:?}");
    }))
    .await;
    let (mut stream, _) = reported(here, BINARY, "").await.unwrap();
    let _ = stream.shutdown().await;
    let mut stream = TcpStream::connect(here).await.unwrap();
    stream.write_all(BINARY).await.unwrap();
    let figures = raw::get(stream, "/metrics").await;
    for (reason, count) in [("proxy_protocol", 2), ("slow", 2)] {
        let line = format!("wsbench_refused_total{{reason=\"{reason}\"}} {count}\n");
        assert!(figures.contains(&line), "{line}{figures}");
    }
}

#[tokio::test]
async fn the_log_names_the_client_behind_a_proxy() {
    let trust = ["--trusted-proxy", "127.0.0.1"];
    let mut program = Program::server_here(&trust);
    let public = program.address("ws://").await;
    reported(&public, b"", "X-Forwarded-For: 192.0.2.1\r\n").await.unwrap();
    let line = program.line_with("Client connected").await;
    assert!(line.contains("peer=192.0.2.1"), "{line}");
    let (status, _, said) = Program::server(&["--proxy-protocol"]).end().await;
    assert_eq!(status.code(), Some(2), "{said}");
    assert!(said.contains("--trusted-proxy <CIDR>"), "{said}");
}
