//! Operation: health, metrics, log, and shutdown.

mod log;
#[cfg(unix)]
mod prometheus;

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use harness::{
    Program, Server,
    raw::{
        self, BINARY, CLOSE, FIN, OPENING, PING, PONG, TEXT, ask, frame, open, read_frame, status,
    },
    soon,
};
use server::{Config, Limits, Origins};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::Barrier,
};
use tokio_tungstenite::tungstenite::http::Request;

use crate::tls::{http2_over, perform};

/// Every figure of `/metrics` by its name and labels.
async fn figures(authority: &str) -> BTreeMap<String, f64> {
    let answer = ask(authority, "/metrics").await;
    assert_eq!(status(&answer), "200", "{answer}");
    let (_, text) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let figure = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    lines.map(figure).collect()
}

/// Sum of the figures of this name that have all its labels, in their order.
fn sum(figures: &BTreeMap<String, f64>, name: &str) -> f64 {
    let parts = |text: &str| {
        let (name, labels) = text.split_once('{').unwrap_or((text, ""));
        (name.to_owned(), labels.trim_end_matches('}').to_owned())
    };
    let (name, labels) = parts(name);
    let fits = |found: &str| {
        let (found, all) = parts(found);
        found == name && labels.split(',').all(|label| all.contains(label))
    };
    figures.iter().filter(|(found, _)| fits(found)).map(|(_, figure)| figure).sum()
}

/// Waits until `/metrics` says `expected`; what it does not name was never counted.
async fn figures_become(authority: &str, expected: &[(&str, f64)]) {
    let mut wrong = Vec::new();
    let asking = async {
        loop {
            let figures = figures(authority).await;
            let figure = |name: &str| sum(&figures, name);
            wrong = expected.iter().map(|(name, _)| (*name, figure(name))).collect();
            if wrong == expected {
                return;
            }
        }
    };
    let asked = tokio::time::timeout(harness::PATIENCE, asking).await;
    assert!(asked.is_ok(), "{wrong:?} instead of {expected:?}");
}

#[tokio::test]
async fn a_conversation_is_counted() {
    let server = Server::start().await;
    let here = server.authority();
    let mut stream = open(here, "/ws").await;
    for (sent, answered) in [
        (frame(FIN | TEXT, b"hi"), (FIN | TEXT, b"Echo: hi".to_vec())),
        (frame(FIN | BINARY, &[7; 300]), (FIN | BINARY, vec![7; 300])),
        // Neither a message nor bytes of one.
        (frame(FIN | PING, b"well?"), (FIN | PONG, b"well?".to_vec())),
    ] {
        stream.write_all(&sent).await.unwrap();
        assert_eq!(read_frame(&mut stream).await.unwrap(), answered);
    }
    let counted = [
        ("wsbench_connections_total", 1.0),
        ("wsbench_messages_received_total", 2.0),
        ("wsbench_messages_sent_total", 2.0),
        ("wsbench_payload_received_bytes_total", 302.0),
        ("wsbench_payload_sent_bytes_total", 308.0),
    ];
    figures_become(here, &counted).await;
    figures_become(here, &[("wsbench_connections_open", 1.0)]).await;
    stream.write_all(&frame(FIN | CLOSE, &1000_u16.to_be_bytes())).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1000));
    let ended = [("wsbench_connections_open", 0.0), ("wsbench_closed_total{code=\"1000\"}", 1.0)];
    figures_become(here, &[&ended[..], &counted].concat()).await;
}

#[tokio::test]
async fn ends_are_counted_by_their_close_code() {
    let server = Server::start().await;
    let here = server.authority();
    for payload in [
        &1000_u16.to_be_bytes()[..],
        &1000_u16.to_be_bytes(),
        &3000_u16.to_be_bytes(),
        &3999_u16.to_be_bytes(),
        &4001_u16.to_be_bytes(),
        &[],
        // Wrong: its code is 1002.
        &[3],
    ] {
        let mut stream = open(here, "/ws").await;
        stream.write_all(&frame(FIN | CLOSE, payload)).await.unwrap();
        raw::close_code(&mut stream).await;
    }
    drop(open(here, "/ws").await);
    let expected = [
        ("wsbench_closed_total{code=\"1000\"}", 2.0),
        ("wsbench_closed_total{code=\"1002\"}", 1.0),
        ("wsbench_closed_total{code=\"1005\"}", 1.0),
        ("wsbench_closed_total{code=\"1006\"}", 1.0),
        ("wsbench_closed_total{code=\"3000-3999\"}", 2.0),
        ("wsbench_closed_total{code=\"4000-4999\"}", 1.0),
        ("wsbench_connections_open", 0.0),
        ("wsbench_connections_total", 8.0),
    ];
    figures_become(here, &expected).await;
}

#[tokio::test]
async fn refusals_are_counted_by_their_reason() {
    let server = Server::start_as(Config {
        origins: Origins::only(&["https://example.com"]),
        ..Config::default()
    })
    .await;
    let here = server.authority();
    let good = format!("GET /ws HTTP/1.1\r\nHost: localhost\r\n{OPENING}\r\n");
    for (reason, request) in [
        ("version", good.replace("Version: 13", "Version: 8")),
        ("key", good.replace("Key: ", "Key: x")),
        ("host", good.replace("Host: localhost\r\n", "")),
        ("upgrade", good.replace("Upgrade: websocket\r\n", "")),
        ("http_version", good.replace("HTTP/1.1", "HTTP/1.0")),
        ("origin", good.replace("\r\n\r\n", "\r\nOrigin: https://other.example\r\n\r\n")),
    ] {
        let name = format!("wsbench_refused_total{{reason=\"{reason}\"}}");
        assert_eq!(figures(here).await.get(&name), None);
        let mut stream = TcpStream::connect(here).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        assert!(raw::read_head(&mut stream).await.starts_with("HTTP/1."));
        figures_become(here, &[(&name, 1.0)]).await;
    }
    let none = [("wsbench_connections_total", 0.0), ("wsbench_connections_open", 0.0)];
    figures_become(here, &none).await;
}

/// Browsers keep connections for later requests.
#[tokio::test]
async fn only_a_connection_without_a_request_is_slow() {
    let limits = Limits { handshake_timeout: Duration::from_secs(2), ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let here = server.authority();
    let slow = "wsbench_refused_total{reason=\"slow\"}";
    let mut kept = TcpStream::connect(here).await.unwrap();
    kept.write_all(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(status(&raw::read_head(&mut kept).await), "200");
    let requests = http2_over(TcpStream::connect(here).await.unwrap()).await;
    let request = Request::get("http://localhost/healthz");
    assert_eq!(perform(&requests, request).await.unwrap().0.status(), 200);
    let _ = soon("the end", kept.read_to_end(&mut Vec::new())).await;
    let ended = async {
        while requests.clone().ready().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("the end of HTTP/2", ended).await;
    assert_eq!(figures(here).await.get(slow), None);
    for begun in ["", "GET /healthz HT"] {
        let mut stream = TcpStream::connect(here).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let _ = soon("the end", stream.read_to_end(&mut Vec::new())).await;
    }
    let _silent = http2_over(TcpStream::connect(here).await.unwrap()).await;
    figures_become(here, &[(slow, 3.0)]).await;
}

#[tokio::test]
async fn a_full_server_counts_whom_it_turned_away() {
    let server = Server::start_with(Limits { connections: 1, ..Limits::DEFAULT }).await;
    let here = server.authority();
    let held = open(here, "/ws").await;
    let mut refused = 0.0;
    for _ in 0..3 {
        assert_eq!(status(&ask(here, "/metrics").await), "503");
        refused += 1.0;
    }
    drop(held);
    let freed = async {
        while status(&ask(here, "/healthz").await) == "503" {
            refused += 1.0;
        }
    };
    soon("a free place", freed).await;
    // The place of the last question may not be free yet.
    let asking = async {
        loop {
            let answer = ask(here, "/metrics").await;
            if status(&answer) == "200" {
                return answer;
            }
            refused += 1.0;
        }
    };
    let answer = soon("a free place", asking).await;
    let line = format!("wsbench_refused_total{{reason=\"full\"}} {refused}\n");
    assert!(answer.contains(&line), "{line}{answer}");
}

#[tokio::test]
async fn peers_that_fall_silent_are_counted() {
    let moment = Duration::from_millis(50);
    let server = Server::start_with(Limits { ping: moment, pong: moment, ..Limits::DEFAULT }).await;
    let here = server.authority();
    // It answers no ping.
    let _stream = open(here, "/ws").await;
    let expected =
        [("wsbench_pings_without_pong_total", 1.0), ("wsbench_closed_total{code=\"1006\"}", 1.0)];
    figures_become(here, &expected).await;
}

#[tokio::test]
async fn echoes_are_timed_now_and_then() {
    let server = Server::start().await;
    let here = server.authority();
    let mut stream = open(here, "/ws").await;
    let timed = async {
        loop {
            stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
            read_frame(&mut stream).await.unwrap();
            let figures = figures(here).await;
            let count = figures["wsbench_echo_seconds_count"];
            if count > 0.0 {
                return (count, figures);
            }
        }
    };
    let (count, figures) = soon("a timed echo", timed).await;
    assert!(figures["wsbench_echo_seconds_sum"] > 0.0);
    assert_eq!(figures["wsbench_echo_seconds_bucket{le=\"+Inf\"}"].to_bits(), count.to_bits());
}

#[tokio::test]
async fn health_is_public_without_a_listener_of_its_own() {
    let server = Server::start().await;
    for (path, said) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = ask(server.authority(), path).await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{said}")), "{answer}");
    }
    let metrics = ask(server.authority(), "/metrics").await;
    assert!(metrics.contains("content-type: text/plain; version=0.0.4"), "{metrics}");
    let lines = "Host: localhost
\
                 Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.2
";
    let metrics = raw::request(server.authority(), "GET", "/metrics", lines).await;
    assert!(metrics.contains("content-type: application/openmetrics-text; version=1.0.0"));
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
}

/// A server with a listener for health and metrics: where that is, and where the public one is.
async fn administered(more: &[&str]) -> (Program, String, String) {
    let mut program = Program::server_here(&[&["--admin", "127.0.0.1:0"], more].concat());
    let admin = program.admin().await;
    let public = program.address("ws://").await;
    (program, admin, public)
}

#[tokio::test]
async fn with_a_listener_of_its_own_health_is_there_only() {
    let (_program, admin, public) = administered(&[]).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(status(&ask(&admin, path).await), "200", "{path}");
        assert_eq!(status(&ask(&public, path).await), "404", "{path}");
    }
    for path in ["/", "/ws", "/echo"] {
        assert_eq!(status(&ask(&admin, path).await), "404", "{path}");
    }
    open(&public, "/ws").await;
    figures_become(&admin, &[("wsbench_connections_total", 1.0)]).await;
}

/// Time for a drain that the test ends itself.
#[cfg(unix)]
const HELD: [&str; 4] = ["--drain", "10m", "--close-timeout", "10m"];

#[cfg(unix)]
#[tokio::test]
async fn a_server_that_drains_lives_and_is_not_ready() {
    let (program, admin, public) = administered(&HELD).await;
    let mut stream = open(&public, "/ws").await;
    program.terminate().await;
    let (first, payload) = read_frame(&mut stream).await.unwrap();
    assert_eq!(first, FIN | CLOSE);
    assert!(payload.starts_with(&1001_u16.to_be_bytes()), "{payload:?}");
    // The answer to the Close frame is owed, and holds the drain.
    let ready = ask(&admin, "/readyz").await;
    assert_eq!(status(&ready), "503", "{ready}");
    assert_eq!(status(&ask(&admin, "/healthz").await), "200");
    figures_become(&admin, &[("wsbench_connections_open", 1.0)]).await;
    let refused = async { while TcpStream::connect(&public).await.is_ok() {} };
    soon("the end of the public listener", refused).await;
    stream.write_all(&frame(FIN | CLOSE, &1001_u16.to_be_bytes())).await.unwrap();
    drop(stream);
    let (ended, _, said) = program.end().await;
    assert!(ended.success(), "{ended}: {said}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_lame_duck_serves_and_is_not_ready() {
    let (mut program, admin, public) = administered(&["--lame-duck", "10m"]).await;
    assert_eq!(status(&ask(&admin, "/readyz").await), "200");
    let mut open_before = open(&public, "/echo").await;
    program.terminate().await;
    program.line_with("Shutting down in 10m; /readyz returns 503 until then").await;
    assert_eq!(status(&ask(&admin, "/readyz").await), "503");
    assert_eq!(status(&ask(&admin, "/healthz").await), "200");
    for stream in [&mut open_before, &mut open(&public, "/echo").await] {
        stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
        assert_eq!(read_frame(stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
    }
    program.terminate().await;
    assert_eq!(program.end().await.0.code(), Some(130));
}

#[cfg(unix)]
#[tokio::test]
async fn after_its_time_a_lame_duck_shuts_down() {
    let (mut program, _, public) = administered(&["--lame-duck", "100ms"]).await;
    let mut stream = open(&public, "/echo").await;
    program.terminate().await;
    let line = program.line_with("Shutting down: closing ").await;
    assert!(line.contains("closing 1 connection, up to 10s"), "{line}");
    assert_eq!(raw::close_code(&mut stream).await, Some(1001));
    drop(stream);
    assert!(program.end().await.0.success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let port_file = folder.path().join("port");
    let flags = ["--port-file", port_file.to_str().unwrap()];
    let (mut program, _, public) = administered(&[&HELD[..], &flags].concat()).await;
    let mut stream = open(&public, "/ws").await;
    program.terminate().await;
    let (first, _) = read_frame(&mut stream).await.unwrap();
    assert_eq!(first, FIN | CLOSE);
    program.line_with("Shutting down").await;
    assert!(port_file.exists());
    program.terminate().await;
    let (ended, _, _) = program.end().await;
    assert_eq!(ended.code(), Some(130));
    assert!(!port_file.exists());
}

/// Clients send numbers as fast as they can while the signal comes. The server's own count is read
/// while Close frames without an answer hold the drain.
#[cfg(unix)]
#[tokio::test]
async fn under_load_every_message_that_was_received_is_answered_before_the_close() {
    const CLIENTS: usize = 4;
    /// Answers to each client before the signal, at least.
    const BEFORE: u64 = 500;
    let (program, admin, public) = administered(&HELD).await;
    let flowing = Barrier::new(CLIENTS + 1);
    let clients = join_all((0..CLIENTS).map(async |_| {
        let mut stream = open(&public, "/echo").await;
        let (read, mut write) = stream.split();
        let mut read = BufReader::new(read);
        let sending = async {
            for number in 0_u64.. {
                let message = frame(FIN | BINARY, &number.to_be_bytes());
                write.write_all(&message).await.expect("the server reads until it has closed");
            }
        };
        let reading = async {
            let mut answers = 0_u64;
            loop {
                let (first, payload) = read_frame(&mut read).await.expect("a Close frame comes");
                if first == FIN | CLOSE {
                    assert!(payload.starts_with(&1001_u16.to_be_bytes()), "{payload:?}");
                    return answers;
                }
                assert_eq!((first, payload), (FIN | BINARY, answers.to_be_bytes().to_vec()));
                answers += 1;
                if answers == BEFORE {
                    flowing.wait().await;
                }
            }
        };
        let answers = tokio::select! {
            answers = reading => answers,
            () = sending => unreachable!("there are numbers enough"),
        };
        (stream, answers)
    }));
    let stopping = async {
        flowing.wait().await;
        program.terminate().await;
    };
    let (clients, ()) = tokio::join!(clients, stopping);
    let answers = clients.iter().map(|(_, answers)| answers).sum::<u64>();
    let figures = figures(&admin).await;
    for name in ["wsbench_messages_received_total", "wsbench_messages_sent_total"] {
        assert_eq!(figures[name].to_string(), answers.to_string(), "{name}");
    }
    assert!(sum(&figures, "wsbench_connections_open") > 0.0, "the drain is held");
    for (mut stream, _) in clients {
        // In the middle of a frame, perhaps: then the end of the connection must do.
        let _ = stream.write_all(&frame(FIN | CLOSE, &1001_u16.to_be_bytes())).await;
    }
    let (ended, _, said) = program.end().await;
    assert!(ended.success(), "{ended}: {said}");
}

/// The server waits for its peer to take a large answer, and has not looked at what came after.
#[cfg(unix)]
#[tokio::test]
async fn what_lies_unread_when_the_signal_comes_is_answered_too() {
    const MESSAGES: u64 = 1_000;
    let (mut program, _, public) = administered(&["--drain", "10m", "--close-timeout", "1m"]).await;
    let mut stream = open(&public, "/echo").await;
    // More than the buffers on the way hold, so that the rest of the answer waits in the server.
    let large = vec![7; 12 << 20];
    stream.write_all(&frame(FIN | BINARY, &large)).await.unwrap();
    for number in 0..MESSAGES {
        stream.write_all(&frame(FIN | BINARY, &number.to_be_bytes())).await.unwrap();
    }
    program.terminate().await;
    program.line_with("Shutting down").await;
    let mut stream = BufReader::new(stream);
    assert!(read_frame(&mut stream).await.unwrap() == (FIN | BINARY, large));
    for number in 0..MESSAGES {
        let answer = read_frame(&mut stream).await.unwrap();
        assert_eq!(answer, (FIN | BINARY, number.to_be_bytes().to_vec()));
    }
    let (first, payload) = read_frame(&mut stream).await.unwrap();
    assert_eq!(first, FIN | CLOSE);
    stream.write_all(&frame(FIN | CLOSE, &payload[..2])).await.unwrap();
    let (ended, _, said) = program.end().await;
    assert!(ended.success(), "{ended}: {said}");
}

#[tokio::test]
async fn capacity_build_process_and_wire_are_measured() {
    let server = Server::start_with(Limits { connections: 123, ..Limits::DEFAULT }).await;
    let here = server.authority();
    let mut stream = open(here, "/chat/some-room").await;
    stream.write_all(&frame(FIN | PING, b"12345")).await.unwrap();
    read_frame(&mut stream).await.unwrap();
    let figures = figures(here).await;
    let endpoint = "wsbench_connections_open{endpoint=\"/chat/{room}\"}";
    assert_eq!(figures.get(endpoint), Some(&1.0), "{figures:?}");
    // Each has a head of 2 bytes, the client's a mask of 4.
    for (name, bytes) in [("received", 11.0), ("sent", 7.0)] {
        assert_eq!(
            figures.get(&format!("wsbench_wire_{name}_bytes_total")),
            Some(&bytes),
            "{name}"
        );
    }
    assert_eq!(figures["wsbench_network_connections_limit"].to_string(), "123");
    assert!(figures["wsbench_network_connections_open"] >= 1.0);
    let build = figures.keys().find(|name| name.starts_with("wsbench_build_info{"));
    assert!(build.is_some_and(|build| build.contains("version=\"")), "{build:?}");
    if cfg!(target_os = "linux") {
        assert!(figures["process_resident_memory_bytes"] > 1_000_000.0);
        assert!(figures["process_start_time_seconds"] > 1_700_000_000.0);
        assert!(figures["process_max_fds"] >= figures["process_open_fds"]);
        assert!(figures.contains_key("process_cpu_seconds_total"));
    }
}
