//! Log of connections, refusals and messages.

use harness::{
    Program,
    raw::{self, CLOSE, FIN, TEXT, frame, open, read_frame},
    server_command, soon,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{ask, status};

/// A server that logs, and its public address.
async fn logging(flags: &[&str]) -> (Program, String) {
    let mut program = Program::server_here(flags);
    let public = program.address("ws://").await;
    (program, public)
}

#[tokio::test]
async fn a_connection_is_logged_from_its_request_to_its_end() {
    let (mut program, public) = logging(&[]).await;
    let mut stream = TcpStream::connect(&public).await.unwrap();
    let agent = format!("agent \u{1b}[31m\u{202e}{}", "x".repeat(5_000));
    let lines =
        format!("Origin: https://a.example\r\nUser-Agent: {agent}\r\n").replace('\u{1b}', "\t");
    let head = raw::shake_hands(&mut stream, "/echo?delay=1ms&seed=1234567890123", &lines).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let line = program.line_with("Client connected").await;
    for said in [r#"path="/echo?delay&seed""#, r#"origin="https://a.example""#, "(5014 bytes)"] {
        assert!(line.contains(said), "{said}: {line}");
    }
    assert!(line.contains(r#"user_agent="agent \t[31m\u{202e}xxx"#), "{line}");
    assert!(!line.contains("1234567890123") && line.len() < 600, "{line}");
    stream.write_all(&frame(FIN | TEXT, b"hello")).await.unwrap();
    read_frame(&mut stream).await.unwrap();
    let close = [&4001_u16.to_be_bytes()[..], b"bye\n\"now\""].concat();
    stream.write_all(&frame(FIN | CLOSE, &close)).await.unwrap();
    let line = program.line_with("Client disconnected").await;
    for said in [
        r#"endpoint="/echo" code=4001 closed_by="client" cause="client""#,
        r#"reason="bye\n\"now\"" seconds="#,
        "received=1 received_bytes=5 sent=1 sent_bytes=5",
    ] {
        assert!(line.contains(said), "{said}: {line}");
    }
}

#[tokio::test]
async fn the_log_says_who_closed() {
    let (mut program, public) = logging(&[]).await;
    let mut stream = open(&public, "/ws").await;
    stream.write_all(&frame(FIN | 3, b"")).await.unwrap();
    raw::close_code(&mut stream).await;
    let line = program.line_with("Client disconnected").await;
    assert!(line.contains(r#"code=1002 closed_by="server" cause="violation" reason=""#), "{line}");
    drop(open(&public, "/ws").await);
    let line = program.line_with("Client disconnected").await;
    assert!(line.contains(r#"code=1006 closed_by="nobody" cause="lost""#), "{line}");
    raw::close_code(&mut open(&public, "/close?code=4002&reason=over").await).await;
    let line = program.line_with("Client disconnected").await;
    assert!(
        line.contains(r#"code=4002 closed_by="server" cause="endpoint" reason="over""#),
        "{line}"
    );
}

#[tokio::test]
async fn refusals_are_logged_with_reason_path_and_origin() {
    let (mut program, public) = logging(&["--allow-origin", "https://a.example"]).await;
    for (path, lines, said) in [
        (
            "/ws?token=s3cret",
            "Origin: https://b.example\r\n",
            r#"path="/ws?token" origin="https://b.example""#,
        ),
        ("/echo?dealy=1s", "Origin: https://a.example\r\n", r#"path="/echo?dealy""#),
    ] {
        let mut stream = TcpStream::connect(&public).await.unwrap();
        let head = raw::shake_hands(&mut stream, path, lines).await;
        let line = program.line_with("Refused").await;
        let reason = if head.contains(" 403 ") { "origin" } else { "option" };
        assert!(line.contains(&format!(r#"reason="{reason}" peer=127.0.0.1:"#)), "{line}");
        assert!(line.contains(said) && !line.contains("s3cret"), "{line}");
    }
    let mut stream = TcpStream::connect(&public).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await.unwrap();
    let line = program.line_with("Refused").await;
    assert!(line.contains(r#"reason="host""#) && line.contains(r#"path="/""#), "{line}");
}

#[tokio::test]
async fn a_full_server_logs_whom_it_turns_away() {
    let (mut program, public) =
        logging(&["--max-connections", "1", "--handshake-timeout", "10m"]).await;
    let _held = open(&public, "/ws").await;
    assert_eq!(status(&ask(&public, "/ws").await), "503");
    let line = program.line_with("Refused").await;
    assert!(line.contains(r#"reason="full" peer=127.0.0.1:"#), "{line}");
}

/// A flood of connections and of refusals leaves lines for a second or two, and their numbers.
#[tokio::test]
async fn connections_and_refusals_are_logged_at_a_bounded_rate() {
    const EACH: usize = 500;
    let (mut program, public) = logging(&[]).await;
    for _ in 0..EACH {
        drop(open(&public, "/ws").await);
        ask(&public, "/echo").await;
    }
    // The flood is over once its report is there.
    let (mut connections, mut refusals) = (0, 0);
    let (mut connection_lines, mut refusal_lines) = (0, 0);
    let number = |line: &str, text: &str| {
        let (before, _) = line.split_once(text)?;
        before.trim_end().rsplit(' ').next()?.parse::<usize>().ok()
    };
    while connections + connection_lines < 2 * EACH || refusals + refusal_lines < EACH {
        let line = program.line().await.expect("the server runs");
        connection_lines += usize::from(line.contains("Client "));
        refusal_lines += usize::from(line.contains("Refused"));
        connections += number(&line, "more connections and disconnections").unwrap_or(0);
        refusals += number(&line, "more refusals").unwrap_or(0);
    }
    assert_eq!((connections + connection_lines, refusals + refusal_lines), (2 * EACH, EACH));
    assert!(connections > 0 && refusals > 0, "{connections} and {refusals} were left out");
}

#[tokio::test]
async fn a_deviation_from_a_mock_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let [mock, port] = ["mock.ws", "port"].map(|name| folder.path().join(name));
    std::fs::write(&mock, "serve /rooms/{room}\n> hi {{room}}\n< \"hi\"\n").unwrap();
    let files = ["--mock", mock.to_str().unwrap(), "--port-file", port.to_str().unwrap()];
    let mut command = server_command(&[&["--listen", "127.0.0.1:0"], &files[..]].concat());
    let mut program = Program::start(command.env("RUST_LOG", "warn"));
    let listening = async {
        loop {
            match std::fs::read_to_string(&port) {
                Ok(port) => return format!("127.0.0.1:{}", port.trim()),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            }
        }
    };
    let mut stream = open(&soon("the port file", listening).await, "/rooms/a").await;
    stream.write_all(&frame(FIN | TEXT, b"ho")).await.unwrap();
    assert_eq!(raw::close_code(&mut stream).await, Some(1008));
    let line = program.line().await.expect("a line");
    assert!(line.contains("WARN") && line.contains("The message does not match."), "{line}");
}

#[tokio::test]
async fn messages_are_logged_by_choice_where_others_can_connect() {
    for (listen, more, choice, is_logged) in [
        ("127.0.0.1:0", &[][..], "auto", true),
        ("127.0.0.1:0", &["--admin", "0.0.0.0:0"], "auto", true),
        ("127.0.0.1:0", &[], "off", false),
        ("0.0.0.0:0", &[], "auto", false),
        ("127.0.0.1:0", &["--trusted-proxy", "127.0.0.1"], "auto", false),
        ("127.0.0.1:0", &["--allow-host", "ws.example"], "auto", false),
        ("0.0.0.0:0", &[], "on", true),
    ] {
        let flags = ["--listen", listen, "--log-messages", choice];
        let mut program = Program::server(&[&flags[..], more].concat());
        let public = program.address("ws://").await;
        let port = public.rsplit(':').next().expect("a port");
        let mut stream = open(&format!("127.0.0.1:{port}"), "/ws").await;
        stream.write_all(&frame(FIN | TEXT, b"s3cret")).await.unwrap();
        stream.write_all(&frame(FIN | CLOSE, &1000_u16.to_be_bytes())).await.unwrap();
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.contains("Client disconnected")) {
            lines.push(program.line().await.expect("the server runs"));
        }
        let has_text = lines.iter().any(|line| line.contains("s3cret"));
        assert_eq!(has_text, is_logged, "{listen} {more:?} {choice}: {lines:?}");
    }
}
