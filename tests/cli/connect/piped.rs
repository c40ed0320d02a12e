//! In a pipe: each input line is sent, each message received is printed as a line.

use std::{process::Stdio, time::Duration};

use futures::{SinkExt, StreamExt};
use harness::{Server, soon};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{command, other_server, output, wsbench};

#[tokio::test]
async fn piped_lines_are_sent_and_answers_printed() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/")]);
    wsbench.write("hi\n안녕 🙂\n\n/help\nno line break at the end").await;
    wsbench.end_input();
    let (status, lines, said) = wsbench.end().await;
    let expected =
        ["Echo: hi", "Echo: 안녕 🙂", "Echo: ", "Echo: /help", "Echo: no line break at the end"];
    assert_eq!(lines, expected);
    let expected = "Connected to server\nDisconnected from server: 1000 (normal closure)\n";
    assert_eq!((status.code(), said.as_str()), (Some(0), expected));
}

/// In a shell loop, standard input belongs to the loop.
#[tokio::test]
async fn execute_sends_in_order_and_does_not_read_the_input() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/ws"), "-x", "one", "-x", "two", "--quiet"]);
    let _open = wsbench.input();
    let (status, lines, said) = wsbench.end().await;
    assert_eq!(lines, ["Echo: one", "Echo: two"]);
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn answers_are_printed_while_the_input_is_open() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/ws")]);
    for text in ["one", "two"] {
        wsbench.write(&format!("{text}\n")).await;
        assert_eq!(wsbench.line().await.unwrap(), format!("Echo: {text}"));
    }
    wsbench.end_input();
    assert!(wsbench.end().await.0.success());
}

/// More than fits into all buffers: a client that only writes would block forever.
#[tokio::test]
async fn a_large_input_passes_whole() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/echo")]);
    let mut input = wsbench.input();
    let line = "x".repeat(99_999) + "\n";
    let writing = async move {
        for _ in 0..300 {
            input.write_all(line.as_bytes()).await.unwrap();
        }
    };
    let (status, lines, said) =
        soon("all answers", async { tokio::join!(writing, wsbench.end()).1 }).await;
    assert_eq!((lines.len(), status.code()), (300, Some(0)), "{said}");
    assert!(lines.iter().all(|line| line.len() == 99_999));
}

#[tokio::test]
async fn a_line_of_12_mib_passes_whole() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/echo")]);
    let mut input = wsbench.input();
    let line = "안".repeat(4 << 20);
    let writing = async { input.write_all(line.as_bytes()).await.map(|()| drop(input)) };
    let (written, (status, lines, _)) =
        soon("the answer", async { tokio::join!(writing, wsbench.end()) }).await;
    written.unwrap();
    assert!(lines == [line.as_str()], "{} lines", lines.len());
    assert!(status.success());
}

#[tokio::test]
async fn json_prints_every_event() {
    let server = Server::start().await;
    let (status, lines, said) = output(&[&server.ws("/"), "--json", "-x", "a\"b"]).await;
    assert_eq!((status, said.as_str()), (Some(0), ""));
    let lines: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    assert_eq!(lines[0]["event"], "open");
    assert!(lines[0]["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!((&lines[1]["direction"], &lines[1]["text"]), (&"out".into(), &"a\"b".into()));
    assert_eq!((&lines[2]["direction"], &lines[2]["size"]), (&"in".into(), &9.into()));
    assert!(lines[2]["round_trip_us"].is_u64());
    assert_eq!((&lines[3]["kind"], &lines[3]["direction"]), (&"close".into(), &"out".into()));
    assert_eq!((&lines[4]["kind"], &lines[4]["direction"]), (&"close".into(), &"in".into()));
    assert_eq!((&lines[5]["event"], &lines[5]["code"]), (&"closed".into(), &1000.into()));
    assert_eq!(lines.len(), 6);
}

/// Export of the page, written by hand: two connections, both directions.
const EXPORTED: &str = r#"{"time":"2026-01-02T03:04:05Z","event":"open"}
{"time":"2026-01-02T03:04:05Z","direction":"out","kind":"text","text":"two\nlines","size":9}
{"time":"2026-01-02T03:04:05Z","direction":"in","kind":"text","text":"Echo: two\nlines","round_trip_us":9}

{"time":"2026-01-02T03:04:06Z","direction":"out","kind":"ping","base64":"AQ=="}
{"time":"2026-01-02T03:04:06Z","direction":"in","kind":"close","code":1001,"reason":""}
{"time":"2026-01-02T03:04:06Z","event":"closed","code":1001,"reason":""}
{"time":"2026-01-02T04:00:00+01:00","event":"open","of":"later versions"}
{"time":"2026-01-02T04:00:00+01:00","direction":"out","kind":"binary","base64":"AP8K"}
"#;

#[tokio::test]
async fn json_input_sends_only_sent_messages() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--json-input"]);
    wsbench.write(EXPORTED).await;
    wsbench.end_input();
    let (status, lines, said) = wsbench.end().await;
    assert_eq!(status.code(), Some(0), "{said}");
    assert_eq!(lines, ["Echo: two", "lines", "00ff0a"]);
}

#[tokio::test]
async fn json_input_is_sent_while_the_input_is_open() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--json-input", "--expect", "^Echo: two\nlines$"]);
    wsbench.write(EXPORTED).await;
    let _open = wsbench.input();
    assert_eq!(wsbench.end().await.0.code(), Some(0));
}

/// Messages sent, without their times.
fn sent(lines: &[String]) -> Vec<Value> {
    let lines = lines.iter().map(|line| serde_json::from_str(line).expect("it is JSON"));
    let sent = lines.filter(|line: &Value| line["direction"] == "out" && line["kind"] != "close");
    let without_time = |mut line: Value| {
        line["time"].take();
        line
    };
    sent.map(without_time).collect()
}

/// `wsbench --json … | wsbench --json-input --json …`
#[tokio::test]
async fn json_input_accepts_the_output_of_json() {
    let server = Server::start().await;
    let (first, second) = (server.ws("/"), server.ws("/echo"));
    let text = (vec![&*first, "--json"], "a\"b\n\n안녕 🙂\n");
    let binary = (vec![&*first, "--json", "--binary", "--chunk", "3"], "\0a\nbc");
    for (arguments, input) in [text, binary] {
        let mut original = wsbench(&arguments);
        original.write(input).await;
        original.end_input();
        let (_, printed, _) = original.end().await;
        let mut replay = wsbench(&[&second, "--json-input", "--json"]);
        replay.write(&printed.join("\n")).await;
        replay.end_input();
        let (status, again, said) = replay.end().await;
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(sent(&printed).len() >= 2, "{printed:?}");
        assert_eq!(sent(&again), sent(&printed));
    }
}

#[tokio::test]
async fn nul_separated_messages_contain_line_breaks() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--null"]);
    wsbench.write("a\nb\0c").await;
    wsbench.end_input();
    let (_, lines, _) = wsbench.end().await;
    assert_eq!(lines.join("\n"), "Echo: a\nb\0Echo: c\0");
}

#[tokio::test]
async fn binary_input_is_sent_in_chunks_and_printed_raw() {
    let server = Server::start().await;
    let bytes: Vec<u8> = (0..1_000_003_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    let mut command = command(&[&server.ws("/echo"), "--binary", "--chunk", "10KiB", "--raw"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = async { input.write_all(&bytes).await.map(|()| drop(input)) };
    let both = async { tokio::join!(writing, child.wait_with_output()) };
    let (written, output) = soon("the answers", both).await;
    written.unwrap();
    assert!(output.unwrap().stdout == bytes);
}

#[tokio::test]
async fn binary_messages_are_printed_as_hexadecimal() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/"), "--binary", "--chunk", "2"]);
    wsbench.write("\u{0}ab").await;
    wsbench.end_input();
    assert_eq!(wsbench.end().await.1, ["0061", "62"]);
}

/// Memory does not depend on the size of the input.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_is_bounded_with_100_mb() {
    const BYTES: usize = 100 << 20;
    let (all, mut came) = tokio::sync::mpsc::channel(1);
    let url = other_server(move |mut socket| {
        let all = all.clone();
        async move {
            let mut left = BYTES;
            while let Some(Ok(message)) = socket.next().await {
                left = left.saturating_sub(message.len());
                if left == 0 {
                    let _ = all.send(()).await;
                }
            }
        }
    })
    .await;
    let mut wsbench = wsbench(&[&url, "--binary", "--wait", "1h"]);
    let mut input = wsbench.input();
    let writing = async {
        let piece = vec![7; 1 << 20];
        for _ in 0..BYTES >> 20 {
            input.write_all(&piece).await.unwrap();
        }
    };
    soon("all of it", async { tokio::join!(writing, came.recv()) }).await;
    let peak = wsbench.peak_memory();
    assert!(peak < 48 << 20, "{peak} bytes");
}

/// Input is read only as fast as it can be sent.
#[tokio::test]
async fn a_peer_that_stops_reading_stops_the_input() {
    const FAR_TOO_MUCH: usize = 64 << 20;
    let url = other_server(async |_socket| std::future::pending().await).await;
    let mut wsbench = wsbench(&[&url]);
    let mut input = wsbench.input();
    let line = "x".repeat(99_999) + "\n";
    let mut written = 0;
    // No event to wait for: nothing more must happen.
    while let Ok(result) = timeout(Duration::from_secs(1), input.write_all(line.as_bytes())).await {
        result.unwrap();
        written += line.len();
        assert!(written < FAR_TOO_MUCH);
    }
    assert!(written > 0);
    // It can still be interrupted.
    wsbench.terminate().await;
    let (status, ..) = wsbench.end().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn a_closed_pipe_on_the_output_is_a_normal_end() {
    let url =
        other_server(async |mut socket| while socket.send(Message::text("news")).await.is_ok() {})
            .await;
    let mut command = command(&[&url]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut start = [0; 5];
    soon("news", stdout.read_exact(&mut start)).await.unwrap();
    assert_eq!(&start, b"news\n");
    drop(stdout);
    let status = soon("the end", child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn late_answers_are_waited_for() {
    let url = other_server(async |mut socket| {
        let question = socket.next().await.unwrap().unwrap();
        // After the end of the input, which the client's Close frame would follow at once.
        tokio::time::sleep(Duration::from_millis(300)).await;
        socket.send(question).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (status, lines, _) = output(&[&url, "-x", "slow"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "slow\n"));
}

#[tokio::test]
async fn a_greeting_is_not_an_answer() {
    let url = other_server(async |mut socket| {
        socket.send(Message::text("welcome")).await.unwrap();
        let question = socket.next().await.unwrap().unwrap();
        // After the end of the input, and after the greeting.
        tokio::time::sleep(Duration::from_millis(300)).await;
        socket.send(question).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (status, lines, _) = output(&[&url, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "welcome\nhi\n"));
}

#[tokio::test]
async fn messages_after_the_count_are_not_printed() {
    let url =
        other_server(async |mut socket| while socket.send(Message::text("news")).await.is_ok() {})
            .await;
    let (status, lines, _) = output(&[&url, "--count", "3"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "news\nnews\nnews\n"));
}

/// The close waits for the last byte, however long it takes.
#[tokio::test]
async fn a_slow_peer_receives_everything() {
    const MESSAGES: usize = 160;
    let (sender, mut counts) = tokio::sync::mpsc::channel(1);
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            let mut count = 0;
            while let Some(Ok(Message::Text(_))) = socket.next().await {
                count += 1;
                // Longer in total than the close timeout.
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            sender.send(count).await.unwrap();
        }
    })
    .await;
    let mut wsbench = wsbench(&[&url, "--wait", "0s"]);
    let mut input = wsbench.input();
    let line = "x".repeat((128 << 10) - 1) + "\n";
    let writing = async move {
        for _ in 0..MESSAGES {
            input.write_all(line.as_bytes()).await.unwrap();
        }
    };
    let all = async { tokio::join!(writing, wsbench.end(), counts.recv()) };
    let ((), (status, ..), count) = soon("the end", all).await;
    assert_eq!((status.code(), count), (Some(0), Some(MESSAGES)));
}

#[tokio::test]
async fn missing_answers_are_not_waited_for_forever() {
    let url = other_server(async |mut socket| while socket.next().await.is_some() {}).await;
    let (status, lines, _) = output(&[&url, "-x", "hello?"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn wait_keeps_the_connection_open() {
    let url = other_server(async |mut socket| {
        tokio::time::sleep(Duration::from_millis(300)).await;
        socket.send(Message::text("unasked")).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (status, lines, _) = output(&[&url, "--wait", "3s"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "unasked\n"));
}

#[tokio::test]
async fn control_frames_are_printed_on_standard_error() {
    let url = other_server(async |mut socket| {
        socket.send(Message::Ping("are you there?".into())).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if message.is_pong() {
                socket.send(Message::text("good")).await.unwrap();
            }
        }
    })
    .await;
    let (status, lines, said) =
        output(&[&url, "--show-control", "--ping", "10ms", "--expect", "good"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "good\n"));
    assert!(said.contains("Ping received: are you there?\nPong sent: are you there?\n"), "{said}");
    assert!(said.contains("Close frame sent: 1000 (normal closure)"), "{said}");
    let (_, _, said) = output(&[&url, "--ping", "10ms", "--wait", "1s"]).await;
    assert!(said.contains("Pong received after "), "{said}");
}

#[tokio::test]
async fn colors_are_used_with_color_always() {
    let server = Server::start().await;
    let (_, _, said) = output(&[&server.ws("/")]).await;
    assert!(!said.contains('\u{1b}'), "{said:?}");
    let (_, _, said) = output(&[&server.ws("/"), "--color", "always"]).await;
    assert!(said.contains("\u{1b}[32mConnected to server\u{1b}[0m"), "{said:?}");
}
