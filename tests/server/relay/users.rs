//! Users of the relay: rules 1, 3, 4, 5 and 6.

use harness::{
    Program, Server,
    raw::{self, request, status},
    relayed::{RelayClient, ask_for_token, to, token},
};
use relay::{Command, TOKEN_LEN, VERSION};
use server::{Config, Hosts, RelayFlags, RelayMode};

use super::{Listener, origins, shake_hands};

/// The status of a token's answer, and of a handshake, from the page of the server itself.
async fn statuses(authority: &str) -> [String; 2] {
    let token = ask_for_token(authority).await;
    let opened = shake_hands(authority, authority, &[&format!("http://{authority}")]).await;
    [status(&token).to_owned(), opened]
}

#[tokio::test]
async fn rule_1_with_others_about_it_does_not_start_without_a_second_flag() {
    for more in [
        &["--listen", "0.0.0.0:0"][..],
        &["--listen", "127.0.0.1:0", "--allow-host", "ws.example"],
        &["--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1"],
    ] {
        let (status, _, said) = Program::server(&[more, &["--relay", "on"]].concat()).end().await;
        assert_eq!(status.code(), Some(1), "{more:?}: {said}");
        assert!(said.contains("--relay-for-others"), "{said}");
        let mut told = Program::server(&[more, &["--relay", "on", "--relay-for-others"]].concat());
        let authority = told.address("ws://").await.replace("0.0.0.0", "127.0.0.1");
        assert_eq!(statuses(&authority).await, ["200", "101"], "{more:?}");
    }
}

#[tokio::test]
async fn rule_1_it_is_on_only_while_the_person_is_alone() {
    for (more, expected) in [
        (&["--listen", "127.0.0.1:0"][..], ["200", "101"]),
        (&["--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0"], ["200", "101"]),
        (&["--listen", "127.0.0.1:0", "--relay", "off"], ["404", "404"]),
        (&["--listen", "127.0.0.1:0", "--allow-host", "ws.example"], ["404", "404"]),
        (&["--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1"], ["404", "404"]),
        (&["--listen", "0.0.0.0:0"], ["404", "404"]),
        (&["--listen", "127.0.0.1:0", "--listen", "0.0.0.0:0"], ["404", "404"]),
    ] {
        let mut server = Program::server(more);
        let authority = server.address("ws://").await.replace("0.0.0.0", "127.0.0.1");
        assert_eq!(statuses(&authority).await, expected, "{more:?}");
    }
}

/// Statuses for another user of this machine, `nobody`, whose client is perl: programs of this user may be out of
/// reach. It ends its side after one byte more, and reads on.
#[cfg(unix)]
async fn statuses_as_nobody(authority: &str) -> [String; 2] {
    let lines = format!("HTTP/1.1\r\nHost: {authority}\r\nOrigin: http://{authority}\r\n");
    let status = async |request: String| {
        let script = "use IO::Socket::INET; my $socket = IO::Socket::INET->new($ARGV[0]) or die; \
                      print $socket $ARGV[1], 'x'; $socket->flush; $socket->shutdown(1); print scalar <$socket>";
        let mut other = tokio::process::Command::new("setpriv");
        other.args(["--reuid=65534", "--clear-groups", "perl", "-e", script, authority, &request]);
        let answer = harness::soon("an answer", other.output()).await.unwrap();
        status(&String::from_utf8_lossy(&answer.stdout)).to_owned()
    };
    [
        status(format!("POST /relay/token {lines}\r\n")).await,
        status(format!("GET /relay {lines}{}\r\n", raw::OPENING)).await,
    ]
}

#[cfg(unix)]
#[tokio::test]
async fn rule_1_it_is_not_there_for_other_users_of_the_machine() {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").map(|process| process.uid()).ok() != Some(0) {
        return eprintln!("LEFT OUT: only root can be another user");
    }
    for (more, expected) in [
        (&[][..], ["403", "403"]),
        (&["--relay", "on"], ["403", "403"]),
        (&["--relay-for-others"], ["403", "403"]),
        (&["--relay", "on", "--relay-for-others"], ["200", "101"]),
    ] {
        let mut server = Program::server_here(more);
        let authority = server.address("ws://").await;
        assert_eq!(statuses(&authority).await, ["200", "101"], "{more:?}");
        assert_eq!(statuses_as_nobody(&authority).await, expected, "{more:?}");
    }
}

#[tokio::test]
async fn rule_3_another_token_is_closed_with_1008_and_connects_to_nothing() {
    let (server, target) = (Server::start().await, Listener::start().await);
    let mut close = token(server.authority()).await;
    close[TOKEN_LEN - 1] ^= 1;
    for token in [close, [0; TOKEN_LEN]] {
        let mut page = RelayClient::silent(server.authority()).await;
        let mut both = Vec::new();
        Command::Hello { version: VERSION, token }.encode(&mut both);
        let open = to(&format!("ws://127.0.0.1:{}", target.port));
        Command::Open(Box::new(open)).encode(&mut both);
        page.send_bytes(both).await;
        assert_eq!(u16::from(page.close().await.code), 1008);
    }
    target.saw_nobody().await;
}

#[tokio::test]
async fn rule_3_without_a_token_there_is_no_command() {
    let (server, target) = (Server::start().await, Listener::start().await);
    let mut page = RelayClient::silent(server.authority()).await;
    let open = to(&format!("ws://127.0.0.1:{}", target.port));
    page.send(&Command::Open(Box::new(open))).await;
    assert_eq!(u16::from(page.close().await.code), 1002);
    target.saw_nobody().await;
}

#[tokio::test]
async fn rule_4_only_our_host_with_our_port() {
    let server = Server::start().await;
    let here = server.authority();
    let (_, port) = here.rsplit_once(':').unwrap();
    for name in ["localhost", "127.0.0.1", "[::1]"] {
        let host = format!("{name}:{port}");
        let origin = format!("http://{host}");
        assert_eq!(shake_hands(here, &host, &[&origin]).await, "101", "{host}");
    }
    for (host, expected) in [
        (format!("evil.test:{port}"), "421"),
        (format!("0.0.0.0:{port}"), "421"),
        (format!("localhost.evil.test:{port}"), "421"),
        (format!("a.localhost:{port}"), "403"),
        (format!("127.0.0.2:{port}"), "403"),
        ("localhost:1".to_owned(), "403"),
        ("localhost".to_owned(), "403"),
    ] {
        let origin = format!("http://{host}");
        assert_eq!(shake_hands(here, &host, &[&origin]).await, expected, "{host}");
        for lines in ["Sec-Fetch-Site: same-origin".to_owned(), format!("Origin: {origin}")] {
            let lines = format!("Host: {host}\r\n{lines}\r\n");
            let answer = request(here, "POST", "/relay/token", &lines).await;
            assert_eq!(status(&answer), expected, "{answer}");
        }
    }
}

#[tokio::test]
async fn rule_4_a_name_that_was_given_is_ours() {
    let mut hosts = Hosts::default();
    hosts.allow("named.example");
    let relay = RelayFlags { mode: RelayMode::On, for_others: true, ..RelayFlags::default() };
    let server = Server::start_as(Config { hosts, relay, ..Config::default() }).await;
    for (origin, expected) in [
        ("http://named.example", "101"),
        ("https://named.example", "101"),
        ("https://named.example.evil.test", "403"),
        ("http://localhost", "403"),
    ] {
        let found = shake_hands(server.authority(), "named.example", &[origin]).await;
        assert_eq!(found, expected, "{origin}");
    }
}

#[tokio::test]
async fn rule_5_an_origin_that_is_absent_null_or_of_another_is_refused() {
    let server = Server::start().await;
    let here = server.authority();
    let own = format!("http://{here}");
    let other_port = "http://localhost:1".to_owned();
    let cases: [&[&str]; 7] = [
        &[],
        &["null"],
        &["http://evil.test"],
        &[&other_port],
        &[&own.replace("http", "https")],
        &[&own, &own],
        &[&format!("{own}.evil.test")],
    ];
    for origin in cases {
        assert_eq!(shake_hands(here, here, origin).await, "403", "{origin:?}");
        let origin = origins(origin);
        for site in ["", "cross-site", "same-site", "none"] {
            let site =
                if site.is_empty() { String::new() } else { format!("Sec-Fetch-Site: {site}\r\n") };
            let lines = format!("Host: {here}\r\n{site}{origin}");
            for method in ["GET", "POST"] {
                let answer = request(here, method, "/relay/token", &lines).await;
                assert_eq!(status(&answer), "403", "{method} {lines}");
            }
        }
    }
    // The token is no help: it is asked for after the handshake.
    let lines = format!("Host: {here}\r\nOrigin: {own}\r\n");
    assert_eq!(status(&request(here, "POST", "/relay/token", &lines).await), "200");
}

#[tokio::test]
async fn rule_6_no_request_but_a_websocket_connects() {
    let (server, target) = (Server::start().await, Listener::start().await);
    let here = server.authority();
    let url = format!("ws://127.0.0.1:{}", target.port);
    let lines = format!("Host: {here}\r\nOrigin: http://{here}\r\n");
    let answer = request(here, "GET", "/endpoints.json", &lines).await;
    let (_, listed) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let listed: serde_json::Value = serde_json::from_str(listed).expect("JSON");
    let listed = listed["endpoints"].as_array().expect("a list").iter();
    let listed: Vec<_> = listed.filter_map(|it| it["path"].as_str()).collect();
    assert!(listed.len() > 25, "{listed:?}");
    let token = ask_for_token(here).await;
    let token = token.rsplit("\r\n").next().unwrap_or_default().trim();
    // With the token in every place that a request has.
    let given = format!(
        "{lines}Authorization: Bearer {token}\r\nX-Relay-Token: {token}\r\nCookie: token={token}\r\n"
    );
    for path in ["/relay", "/relay/token", "/relay/open", "/"].iter().chain(&listed) {
        let path = path.replace("{room}", "lobby");
        for method in ["GET", "POST", "OPTIONS", "PUT"] {
            for target in [&path, &format!("{path}?token={token}&url={url}&target={url}")] {
                let answer = request(here, method, target, &given).await;
                let cors = "access-control-allow";
                assert!(!answer.to_ascii_lowercase().contains(cors), "{method} {path}: {answer}");
            }
        }
    }
    // Nor does a page that has shown its token and asks for nothing.
    let page = RelayClient::greeted(here).await;
    target.saw_nobody().await;
    drop(page);
}
