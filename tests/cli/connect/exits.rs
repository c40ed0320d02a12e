//! Exit statuses, each with its error message.

use std::process::Stdio;

use futures::{SinkExt, StreamExt};
use harness::{Server, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{close_with, command, other_server, output, raw_server, wsbench};

/// Asserts the exit status, an empty standard output, and these words on standard error.
async fn ends(arguments: &[&str], expected: i32, words: &str) {
    let (status, lines, said) = output(arguments).await;
    assert_eq!((status, lines.as_str()), (Some(expected), ""), "{arguments:?}: {said}");
    assert!(said.contains(words), "{said}");
}

#[tokio::test]
async fn expectations_met_0() {
    let server = Server::start().await;
    let url = server.ws("/");
    let (status, ..) =
        output(&[&url, "-x", "a", "-x", "b", "--expect", "^Echo: a$", "--expect", "b"]).await;
    assert_eq!(status, Some(0));
    let (status, lines, _) = output(&[&url, "-x", "a", "-x", "b", "--count", "2"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "Echo: a\nEcho: b\n"));
}

#[tokio::test]
async fn expectations_end_it_before_the_input_ends() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--expect", "b"]);
    wsbench.write("a\nb\n").await;
    let _open = wsbench.input();
    assert_eq!(wsbench.end().await.0.code(), Some(0));
}

#[tokio::test]
async fn expectations_met_0_though_the_peer_does_not_close() {
    let url = other_server(async |mut socket| {
        let question = socket.next().await.unwrap().unwrap();
        socket.send(question).await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let (status, lines, said) =
        output(&[&url, "-x", "hi", "--expect", "hi", "--timeout", "5s"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"));
    assert!(!said.contains("Not done"), "{said}");
}

#[tokio::test]
async fn no_connection_1() {
    ends(&["ws://127.0.0.1:1"], 1, "Cannot connect to ws://127.0.0.1:1: ").await;
    ends(&["ws://localhost:1"], 1, "Is the server running?").await;
    ends(&["ws://no-such-host.invalid"], 1, "unknown host no-such-host.invalid").await;
}

#[tokio::test]
async fn a_server_that_never_answers_1() {
    let authority = raw_server(async |mut stream| {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let url = format!("ws://{authority}");
    ends(&[&url, "--connect-timeout", "300ms"], 1, "did not answer within 0.3 s").await;
    ends(&[&url, "--timeout", "300ms"], 1, "Timed out after 300 ms (--timeout).").await;
    let url = format!("wss://{authority}");
    ends(&[&url, "--connect-timeout", "300ms"], 1, "did not answer within 0.3 s").await;
}

#[tokio::test]
async fn a_server_that_closes_at_once_1() {
    let authority = raw_server(async |stream| drop(stream)).await;
    ends(&[&format!("ws://{authority}")], 1, "WebSocket handshake with ").await;
}

#[tokio::test]
async fn a_server_that_speaks_something_else_1() {
    let authority = raw_server(async |mut stream| {
        stream.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let url = format!("ws://{authority}");
    let words = format!(
        "WebSocket handshake with {url} failed: the response is not HTTP but \
         '220 mail.example ESMTP'"
    );
    ends(&[&url], 1, &words).await;
}

#[tokio::test]
async fn an_http_response_1_is_shown_with_headers_and_body() {
    let server = Server::start().await;
    let url = server.ws("/no-such-path");
    ends(&[&url], 1, "HTTP status 404 Not Found").await;
    ends(&[&url], 1, "\n  content-type: text/plain").await;
    ends(&[&url], 1, "\n\n  There is nothing at this path.").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn output_that_cannot_be_written_1() {
    let server = Server::start().await;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let url = server.ws("/");
    let mut command = command(&[&url, "-x", "hi", "--wait", "1h"]);
    let child = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let output = soon("the end", child.wait_with_output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Cannot write to standard output"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn standard_error_that_cannot_be_written_changes_nothing() {
    for arguments in [["ws://127.0.0.1:1", "--quiet"], ["wss://127.0.0.1:1", "--insecure"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = command(&arguments);
        let mut child = command.stdin(Stdio::null()).stderr(full).spawn().unwrap();
        let status = soon("the end", child.wait()).await.unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}");
    }
}

/// A broken pipe is a normal end, but hides no failure.
#[tokio::test]
async fn a_broken_pipe_hides_no_failure() {
    let server = Server::start().await;
    let url = server.ws("/");
    for (arguments, expected) in [
        (["ws://127.0.0.1:1", "--json", "-x", "hi"].as_slice(), 1),
        (&[&url, "--expect", "nope", "-x", "hi"], 3),
        (&[&url, "-x", "hi"], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command(arguments);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::null());
        let status = soon("the end", command.status()).await.unwrap();
        assert_eq!(status.code(), Some(expected), "{arguments:?}");
    }
}

#[tokio::test]
async fn input_that_is_not_utf_8_1() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--quiet"]);
    let mut input = wsbench.input();
    input.write_all(b"good\n\xff\n").await.unwrap();
    let (status, _, said) = wsbench.end().await;
    assert_eq!(status.code(), Some(1));
    assert!(said.starts_with("Message 2 of standard input is not UTF-8"), "{said}");
}

#[tokio::test]
async fn an_invalid_record_of_json_input_1() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--json-input", "--quiet"]);
    let mut input = wsbench.input();
    let good = r#"{"time":"2026-01-02T03:04:05Z","direction":"out","kind":"text","text":"hi"}"#;
    let cut =
        r#"{"time":"2026-01-02T03:04:05Z","direction":"out","kind":"text","text":"h","size":2}"#;
    input.write_all(format!("{good}\n{cut}\n{good}\n").as_bytes()).await.unwrap();
    let (status, lines, said) = wsbench.end().await;
    assert_eq!((status.code(), lines), (Some(1), vec!["Echo: hi".to_owned()]));
    let sentence = "Line 2 of standard input cannot be read: \"size\" is not the size of the payload; the line may be \
         truncated.\n";
    assert!(said.starts_with(sentence), "{said}");
}

#[tokio::test]
async fn invalid_arguments_2_are_named() {
    for url in ["nonsense", "ftp://localhost:8080", "ws://", "ws://localhost:port", ""] {
        ends(&[url], 2, "it is not a WebSocket address").await;
    }
    let url = "ws://localhost:1";
    ends(&[], 2, "<URL>").await;
    ends(&[url, "--nonsense"], 2, "--nonsense").await;
    for (flag, value, words) in [
        ("--timeout", "5x", "like 250ms"),
        ("--ping", "0s", "more than zero"),
        ("--chunk", "1X", "like 16KiB"),
        ("--expect", "(", "unclosed group"),
        ("--count", "x", "invalid digit"),
        ("--count", "0", "not in"),
        ("--header", "X", "Name: value"),
        ("--header", "Upgrade: x", "belongs to the handshake"),
        ("--subprotocol", "a b", "word"),
        ("--resolve", "a:b:c", "not a port"),
        ("--proxy", "localhost", "socks5://"),
        ("--bearer", "a\nb", "a header cannot contain"),
        ("--user", "me", "NAME:PASSWORD"),
    ] {
        let (status, _, said) = output(&[url, flag, value]).await;
        assert_eq!(status, Some(2), "{flag} {value}");
        assert!(said.contains(flag) && said.contains(words), "{said}");
    }
    ends(&["wss://localhost:1", "--cacert", "/no-such-file"], 2, "--cacert /no-such-file").await;
    ends(&[url, "--json", "--raw"], 2, "--raw").await;
    ends(&[url, "--json-input", "-x", "a"], 2, "--execute").await;
    ends(&[url, "--cert", "a.pem"], 2, "--key").await;
    ends(&[url, "--user", "a:b", "-H", "authorization: c"], 2, "set the same header").await;
    ends(&[url, "--cookie", "a=b", "-H", "Cookie: c=d"], 2, "set the same header").await;
    ends(&[url, "--binary", "--chunk", "2MiB", "--max-message", "1MiB"], 2, "--max-message").await;
    ends(&[url, "-x", "1234567", "--max-message", "6"], 2, "--max-message").await;
    ends(&["bench", url, "--rate", "0"], 2, "--rate").await;
    ends(&["server", "--expect", "a"], 2, "unexpected argument '--expect'").await;
    ends(&["bench", url, url, "--compare", url], 2, "Usage: wsbench bench ").await;
}

#[tokio::test]
async fn an_expectation_that_is_not_met_3() {
    let server = Server::start().await;
    let url = server.ws("/");
    let timed = &[&*url, "-x", "a", "--expect", "never", "--timeout", "5s", "--json"];
    let (status, lines, said) = output(timed).await;
    assert_eq!(status, Some(3));
    assert!(said.ends_with("(--timeout).\nNo message matched 'never'.\n"), "{said}");
    assert_eq!(lines.lines().count(), 6, "{lines}");
    let (status, _, said) = output(&[&url, "--count", "2", "-x", "a", "--wait", "5s"]).await;
    assert_eq!(status, Some(3));
    assert!(said.ends_with("1 of 2 expected messages were received.\n"), "{said}");
    // A normal close does not meet an expectation.
    let url = other_server(async |mut socket| close_with(&mut socket, 1000, "").await).await;
    ends(&[&url, "--expect", "a"], 3, "No message matched 'a'.").await;
}

/// Even if nobody reads the output.
#[tokio::test]
async fn timeout_ends_the_run_3() {
    let url =
        other_server(async |mut socket| while socket.send(Message::text("news")).await.is_ok() {})
            .await;
    let mut command = command(&[&url, "--wait", "1h", "--timeout", "2s"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let _unread = child.stdout.take();
    assert_eq!(soon("the end", child.wait()).await.unwrap().code(), Some(3));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
    assert!(said.contains("Timed out after 2.0 s (--timeout)."), "{said}");
}

/// Even if the client is about to close as well.
#[tokio::test]
async fn an_error_code_right_behind_the_answer_4() {
    let url = other_server(async |mut socket| {
        let question = socket.next().await.unwrap().unwrap();
        socket.feed(question).await.unwrap();
        close_with(&mut socket, 1011, "broken").await;
    })
    .await;
    for _ in 0..20 {
        let (status, lines, said) = output(&[&url, "-x", "hi"]).await;
        assert_eq!((status, lines.as_str()), (Some(4), "hi\n"), "{said}");
    }
}

#[tokio::test]
async fn lost_before_all_was_sent_4() {
    let url = other_server(async |mut socket| {
        // Part of the first message, and no more.
        socket.get_mut().read_exact(&mut [0; 1_000]).await.unwrap();
    })
    .await;
    let mut wsbench = wsbench(&[&url, "--wait", "0s"]);
    let mut input = wsbench.input();
    let line = [vec![b'x'; 32 << 20], b"\nmore\nmore\n".to_vec()].concat();
    let writing = async move {
        let _ = input.write_all(&line).await;
    };
    let ((), (status, _, said)) =
        soon("the end", async { tokio::join!(writing, wsbench.end()) }).await;
    assert_eq!(status.code(), Some(4), "{said}");
    assert_eq!(said.matches("Not everything was sent: ").count(), 1, "{said}");
    assert!(said.contains(" bytes left to send, before line "), "{said}");
}

#[tokio::test]
async fn closed_with_an_error_code_4() {
    let url = other_server(async |mut socket| close_with(&mut socket, 4001, "go home").await).await;
    let words = "Disconnected from server: 4001 (application-defined): go home";
    ends(&[&url, "--wait", "1h"], 4, words).await;
    let url = other_server(async |mut socket| close_with(&mut socket, 1000, "bye").await).await;
    ends(&[&url, "--wait", "1h"], 0, "1000 (normal closure): bye").await;
}

#[tokio::test]
async fn a_close_in_the_middle_of_sending_4() {
    for code in [4002, 1000] {
        let url = other_server(move |mut socket| async move {
            socket.next().await.unwrap().unwrap();
            close_with(&mut socket, code, "enough").await;
        })
        .await;
        let mut wsbench = wsbench(&[&url]);
        let mut input = wsbench.input();
        // Ends with the program, when nobody reads any more.
        let writing = async move { while input.write_all(b"and another thing\n").await.is_ok() {} };
        let ((), (status, _, said)) =
            soon("the end", async { tokio::join!(writing, wsbench.end()) }).await;
        assert!(said.contains(&format!("Disconnected from server: {code}")), "{said}");
        assert!(said.contains("\nNot everything was sent: the connection ended "), "{said}");
        assert_eq!(status.code(), Some(4));
    }
}

#[tokio::test]
async fn closed_before_all_input_was_sent_4_tells_from_where() {
    let url = other_server(async |mut socket| {
        socket.next().await.unwrap().unwrap();
        close_with(&mut socket, 1000, "enough").await;
    })
    .await;
    let script = "{\"text\":\"a\"}\n{\"pause_ms\":60000}\n{\"text\":\"b\"}\n";
    for (expect, status) in [(&[][..], 4), (&["--expect-close", "1000"], 0)] {
        let mut wsbench = wsbench(&[&[&*url, "--json-input", "--quiet"], expect].concat());
        wsbench.write(script).await;
        wsbench.end_input();
        let (ended, _, said) = wsbench.end().await;
        let place = "the connection ended before line 3 of standard input.\n";
        let sentence = format!("Not everything was sent: {place}");
        assert_eq!((ended.code(), said), (Some(status), sentence));
    }
    let held_back = [&*url, "-x", "a", "--expect", "b", "-x", "c", "-x", "d", "--quiet"];
    let (status, _, said) = output(&held_back).await;
    let left = "the connection ended with 2 messages left to send.\nNo message matched 'b'.\n";
    assert_eq!((status, &*said), (Some(3), &*format!("Not everything was sent: {left}")));
}

#[tokio::test]
async fn a_connection_that_is_lost_4() {
    let url = other_server(async |socket| drop(socket)).await;
    ends(&[&url, "--wait", "1h"], 4, "1006 (connection lost without a Close frame)").await;
}

/// Server that completes the handshake, then sends these bytes.
async fn garbage(bytes: &'static [u8]) -> String {
    other_server(async move |mut socket| {
        let stream = socket.get_mut();
        stream.write_all(bytes).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await
}

#[tokio::test]
async fn a_violation_of_the_protocol_5() {
    for bytes in [[0xff; 20].as_slice(), b"\x81\x01\xff", b"\x81\x85aaaabbbbb", b"\x80\x00"] {
        let url = garbage(bytes).await;
        ends(&[&url, "--wait", "1h"], 5, "The peer violated the protocol").await;
    }
    let url = other_server(async |mut socket| {
        socket.send(Message::text("x".repeat(1_001))).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    ends(&[&url, "--wait", "1h", "--max-message", "1000"], 5, "larger than 1,000 bytes").await;
}

#[cfg(unix)]
#[tokio::test]
async fn interrupted_before_there_was_a_connection_130() {
    let (sender, mut connected) = mpsc::channel(1);
    let authority = raw_server(move |mut stream| {
        let sender = sender.clone();
        async move {
            sender.send(()).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    })
    .await;
    let wsbench = wsbench(&[&format!("ws://{authority}")]);
    soon("the connection", connected.recv()).await.unwrap();
    wsbench.terminate().await;
    assert_eq!(wsbench.end().await.0.code(), Some(130));
}

#[cfg(unix)]
#[tokio::test]
async fn interrupted_between_retries_130_unless_there_was_a_connection() {
    let lost = other_server(async |socket| drop(socket)).await;
    for (url, event, expected) in [("ws://127.0.0.1:1", "failed", 130), (&lost, "closed", 0)] {
        let mut wsbench = wsbench(&[url, "--reconnect", "--json"]);
        wsbench.line_with(&format!("\"event\":\"{event}\"")).await;
        wsbench.terminate().await;
        assert_eq!(wsbench.end().await.0.code(), Some(expected), "{event}");
    }
}

#[tokio::test]
async fn what_is_meant_for_a_command_is_told() {
    let file = crate::scenarios::File::new("connect ws://127.0.0.1:1\n");
    for (arguments, sentence) in [
        (
            &[file.path()][..],
            format!("is a scenario file: run it with `wsbench run {}`", file.path()),
        ),
        (&[file.path(), "--timeout", "1s"], "is a scenario file".to_owned()),
        (
            &["runn", file.path(), "--jobs", "2"],
            "no command 'runn': did you mean `wsbench run`?".to_owned(),
        ),
        (&["benhc", "ws://127.0.0.1:1"], "did you mean `wsbench bench`?".to_owned()),
        (
            &["serve"],
            "did you mean `wsbench server`? For a host of this name, write ws://serve".to_owned(),
        ),
    ] {
        let (status, said, error) = output(arguments).await;
        assert_eq!((status, &*said), (Some(2), ""), "{arguments:?}: {error}");
        assert!(error.contains(&sentence), "{arguments:?}: {error}");
    }
    // Addresses.
    for address in ["runn:1", "ws://runn:1", "localhost:1", "nowhere.ws:1"] {
        let (status, _, error) = output(&[address, "-x", "hi", "--connect-timeout", "1s"]).await;
        assert_eq!(status, Some(1), "{address}: {error}");
    }
}
