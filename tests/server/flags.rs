//! Flags of `wsbench server`: each does what its help says, as a flag and as an environment variable.

use std::{collections::BTreeSet, env::consts::ARCH};

use harness::{
    Program, is_release,
    raw::{self, BINARY, CLOSE, FIN, TEXT, frame, open, read_frame},
    server_command,
};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// The head of the answer to a handshake from a page of `origin`, or from a program.
async fn asked_from(authority: &str, origin: Option<&str>) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let line = origin.map_or(String::new(), |origin| format!("Origin: {origin}\r\n"));
    raw::shake_hands(&mut stream, "/ws", &line).await
}

async fn printed(arguments: &[&str]) -> String {
    let (status, lines, said) = Program::server(arguments).end().await;
    assert!(status.success(), "{arguments:?}: {said}");
    lines.join("\n")
}

/// The flags that `--help` lists.
async fn flags() -> BTreeSet<String> {
    let help = printed(&["--help"]).await;
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let flags = lines.filter_map(|line| line.split_whitespace().find(|it| it.starts_with("--")));
    let flags = flags.map(str::to_owned).collect::<BTreeSet<_>>();
    assert!(flags.contains("--max-message") && flags.contains("--help"), "{flags:?}");
    flags
}

#[tokio::test]
async fn only_pages_of_listed_origins_may_connect_and_programs_if_told() {
    let listed =
        ["--allow-origin", "https://one.example", "--allow-origin", "http://two.example:81"];
    for (more, variable, programs) in
        [(&[][..], "0", "403"), (&["--allow-no-origin"], "", "101"), (&[], "1", "101")]
    {
        let mut command =
            server_command(&[&["--listen", "127.0.0.1:0"], &listed[..], more].concat());
        let mut server = Program::start(command.env("WSBENCH_ALLOW_NO_ORIGIN", variable));
        let authority = server.address("ws://").await;
        for origin in ["https://one.example", "http://two.example:81"] {
            let answer = asked_from(&authority, Some(origin)).await;
            assert!(answer.starts_with("HTTP/1.1 101 "), "{origin}: {answer}");
        }
        for origin in
            ["http://one.example", "https://one.example:81", "https://two.example", "null"]
        {
            let answer = asked_from(&authority, Some(origin)).await;
            assert!(answer.starts_with("HTTP/1.1 403 "), "{origin}: {answer}");
        }
        let answer = asked_from(&authority, None).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {programs} ")), "{answer}");
    }
}

#[tokio::test]
async fn a_page_of_the_server_learns_by_a_plain_request_that_its_origin_is_not_allowed() {
    for (allowed, status) in [("https://one.example", 403), ("http://localhost", 426)] {
        let mut server = Program::server_here(&["--allow-origin", allowed]);
        let authority = server.address("ws://").await;
        let mut stream = TcpStream::connect(&authority).await.unwrap();
        let request = "GET /ws HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let head = raw::read_head(&mut stream).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{allowed}: {head}");
    }
}

#[tokio::test]
async fn a_page_of_any_origin_may_connect_unless_told_otherwise() {
    let mut server = Program::server_here(&[]);
    let authority = server.address("ws://").await;
    for origin in ["https://one.example", "null"] {
        let answer = asked_from(&authority, Some(origin)).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{origin}: {answer}");
    }
}

#[tokio::test]
async fn the_log_is_an_object_a_line_for_programs() {
    let mut server = Program::server_here(&["--log-format", "json"]);
    let mut said = Vec::new();
    let mut next = async || {
        let line = server.line().await.expect("the server runs");
        let line = serde_json::from_str::<Value>(&line).unwrap_or_else(|it| panic!("{it}: {line}"));
        said.push(line.clone());
        line
    };
    let authority = loop {
        let line = next().await;
        let message = line["fields"]["message"].as_str().expect("a message").to_owned();
        if let Some((_, authority)) = message.split_once("ws://") {
            break authority.to_owned();
        }
    };
    let mut stream = open(&authority, "/ws").await;
    stream.write_all(&frame(FIN | TEXT, b"\"quoted\"\n\x1b[31m")).await.unwrap();
    read_frame(&mut stream).await.unwrap();
    stream.write_all(&frame(FIN | CLOSE, &4001_u16.to_be_bytes())).await.unwrap();
    while next().await["fields"]["message"] != "Client disconnected" {}
    for line in &said {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    let fields = |message: &str| {
        let line = said.iter().find(|line| {
            line["fields"]["message"].as_str().is_some_and(|it| it.starts_with(message))
        });
        &line.unwrap_or_else(|| panic!("no '{message}'"))["fields"]
    };
    assert_eq!(fields("Client connected")["connection"], 1);
    assert_eq!(fields("Received: ")["message"], r#"Received: "quoted"\n\u{1b}[31m"#);
    assert_eq!(fields("Client disconnected")["code"], 4001);
}

#[tokio::test]
async fn the_version_names_the_release_the_commit_and_the_build() {
    let release = printed(&["-V"]).await;
    let release = release.trim();
    assert!(is_release(release, "wsbench-server"), "{release}");
    let version = printed(&["--version"]).await;
    let lines: Vec<_> = version.lines().collect();
    assert_eq!(lines[0], release);
    assert!(lines[1].starts_with("target: ") && lines[1].contains(ARCH), "{version}");
    assert!(lines[2].starts_with("features: ") && lines[2].contains("page, "), "{version}");
}

#[tokio::test]
async fn every_flag_with_a_value_has_a_variable_of_its_name() {
    const WITHOUT: [&str; 4] = ["--open", "--tls-self-signed", "--help", "--version"];
    let help = printed(&["--help"]).await;
    for flag in flags().await.iter().filter(|flag| !WITHOUT.contains(&flag.as_str())) {
        let name = flag.trim_start_matches('-').to_uppercase().replace('-', "_");
        assert!(help.contains(&format!("[env: WSBENCH_{name}=")), "{flag}: {help}");
    }
}

#[tokio::test]
async fn the_environment_sets_what_flags_set_and_flags_prevail() {
    let settings = [
        ("WSBENCH_MAX_MESSAGE", "10"),
        ("WSBENCH_MAX_FRAME", "5"),
        ("WSBENCH_IDLE", "1h"),
        ("WSBENCH_COMPRESSION", "off"),
        ("WSBENCH_ALLOW_ORIGIN", "https://one.example,https://two.example"),
        ("WSBENCH_ALLOW_NO_ORIGIN", "true"),
    ];
    let mut command = server_command(&["--listen", "127.0.0.1:0", "--max-frame", "20"]);
    let mut server = Program::start(command.envs(settings));
    let authority = server.address("ws://").await;
    let mut stream = open(&authority, "/echo").await;
    stream.write_all(&frame(FIN | BINARY, &[7; 10])).await.unwrap();
    assert_eq!(read_frame(&mut stream).await.unwrap(), (FIN | BINARY, vec![7; 10]));
    stream.write_all(&frame(FIN | BINARY, &[7; 11])).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1009));
    for (origin, status) in [("https://two.example", 101), ("https://three.example", 403)] {
        let answer = asked_from(&authority, Some(origin)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {answer}");
    }
    let mut stream = TcpStream::connect(&authority).await.unwrap();
    let offer = "Origin: https://one.example\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
    let answer = raw::shake_hands(&mut stream, "/echo", offer).await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(!answer.contains("sec-websocket-extensions"), "{answer}");
}

#[tokio::test]
async fn a_wrong_value_is_a_sentence_that_names_its_flag() {
    for (arguments, words) in [
        (["--max-message", "many"], "write a size in bytes or with a unit"),
        (["--max-frame", "0"], "the size must be more than zero"),
        (["--max-request-head", "8191"], "the minimum is 8.0 KiB"),
        (["--ping", "0s"], "the time must be more than zero"),
        (["--pong", "soon"], "write a time in seconds or with a unit"),
        (["--max-connections", "many"], "invalid digit"),
        (["--compression", "maybe"], "write on or off"),
        (["--log-format", "xml"], "[possible values: text, json]"),
        (["--allow-origin", "example.com"], "write scheme://host"),
        (["--listen", "here"], "'here' is not an address to listen on"),
        (["--admin", "localhost"], "is not an address to listen on"),
        (["--allow-host", "example.com:80"], "write a host name or an IP address without its port"),
        (["--trusted-proxy", "proxy.example"], "write an address or a range"),
        (["--lame-duck", "soon"], "write a time in seconds or with a unit"),
        (["--tls-cert", "chain.pem"], "--tls-key <FILE>"),
    ] {
        let (status, printed, said) = Program::server(&arguments).end().await;
        assert_eq!(status.code(), Some(2), "{arguments:?}: {said}");
        assert_eq!(printed, [""; 0]);
        assert!(said.contains(words) && said.contains(arguments[0]), "{arguments:?}: {said}");
    }
    let mut command = server_command(&[]);
    let (status, _, said) = Program::start(command.env("WSBENCH_IDLE", "soon")).end().await;
    assert_eq!(status.code(), Some(2), "{said}");
    let sentence = "invalid value 'soon' for 'WSBENCH_IDLE': write a time in seconds";
    assert!(said.contains(sentence), "{said}");
    let mut command = server_command(&["--idle", "never"]);
    let (_, _, said) = Program::start(command.env("WSBENCH_IDLE", "soon")).end().await;
    assert!(said.contains("invalid value 'never' for '--idle <TIME>'"), "{said}");
}

#[tokio::test]
async fn an_empty_variable_counts_as_unset() {
    let help = printed(&["--help"]).await;
    let variables = help.split("[env: ").skip(1).filter_map(|rest| rest.split('=').next());
    let variables: Vec<_> = variables.filter(|name| *name != "WSBENCH_LISTEN").collect();
    assert!(variables.contains(&"WSBENCH_TLS_CERT"), "{variables:?}");
    let mut command = server_command(&["--listen", "127.0.0.1:0"]);
    let mut server = Program::start(command.envs(variables.into_iter().map(|name| (name, ""))));
    server.address("ws://").await;
}
