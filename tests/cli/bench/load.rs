//! `wsbench bench`: measurements, and reports on servers that fail.

use std::{process::Stdio, time::Duration};

use futures::{SinkExt, StreamExt};
use harness::{Server, soon};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, sync::mpsc};
use tokio_tungstenite::tungstenite::Message;

use crate::{close_with, command, other_server, output, raw_server, wsbench};

async fn bench(arguments: &[&str]) -> (Option<i32>, Value) {
    let (status, text, said) = output(&[&["bench", "--json"], arguments].concat()).await;
    assert!(status != Some(0) || said.is_empty(), "{said}");
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

#[tokio::test]
async fn flags_define_the_load() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let arguments = ["-c", "3", "-i", "5", "-s", "1KiB", "-d", "300ms", "-w", "50ms", &url];
    let (status, report) = bench(&arguments).await;
    assert_eq!(status, Some(0), "{report}");
    assert_eq!((&report["connections"], &report["size"]), (&3.into(), &1024.into()));
    let messages = report["messages"].as_f64().unwrap();
    assert!(messages > 10.0, "{report}");
    let rate = report["messages_per_second"].as_f64().unwrap();
    assert!((rate * 0.3 - messages).abs() < 1.0, "{report}");
    let bytes = report["bytes_in_per_second"].as_f64().unwrap();
    assert!((bytes / 1024.0 - rate).abs() < rate / 10.0, "{report}");
    let latency = |name: &str| report["latency_us"][name].as_f64().unwrap();
    assert!(latency("p50") > 0.0 && latency("p50") <= latency("p99"), "{report}");
    assert!(latency("p99") <= latency("max"), "{report}");
    assert_eq!(report["errors"], serde_json::json!({}));
}

#[tokio::test]
async fn a_rate_is_kept() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let arguments = ["-c", "4", "-i", "100", "-r", "2000", "-d", "1s", "-w", "200ms", &url];
    let (status, report) = bench(&arguments).await;
    assert_eq!(status, Some(0), "{report}");
    let messages = report["messages"].as_u64().unwrap();
    // A busy machine sends some of them late, and none early.
    assert!((1_500..=2_200).contains(&messages), "{report}");
    assert_eq!(report["latency_from_schedule"], true);
}

/// A server that stalls for half a second: the first answer after it alone would be late.
#[tokio::test]
async fn a_stall_counts_for_every_message_it_delays() {
    const STALL: Duration = Duration::from_millis(500);
    let url = other_server(async |mut socket| {
        let first = socket.next().await.unwrap().unwrap();
        socket.send(first).await.unwrap();
        tokio::time::sleep(STALL).await;
        while let Some(Ok(message)) = socket.next().await {
            let _ = socket.send(message).await;
        }
    })
    .await;
    let arguments = ["-c", "1", "-r", "100", "-d", "500ms", "-w", "0s", &*url];
    let (status, report) = bench(&arguments).await;
    assert_eq!((status, &report["answered"]), (Some(0), &50.into()), "{report}");
    // Delays from 490 ms down to none, evenly.
    let p50 = report["latency_us"]["p50"].as_f64().unwrap();
    assert!(p50 > STALL.as_secs_f64() * 1e6 / 3.0, "{report}");
}

#[tokio::test]
async fn two_servers_are_compared() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let arguments = ["-c", "2", "-d", "100ms", "-w", "0s", "--turns", "2", &url, "--compare", &url];
    let (status, report) = bench(&arguments).await;
    assert_eq!(status, Some(0), "{report}");
    assert_eq!(report["servers"].as_array().unwrap().len(), 2);
    assert!(report["ratio"].as_f64().unwrap() > 0.0);
    assert_eq!(report["servers"][1]["seconds"], 0.2);
    assert_eq!(report["servers"][1]["connections"], 2);
}

#[tokio::test]
async fn without_json_a_table_is_printed() {
    let server = Server::start().await;
    let (status, text, _) =
        output(&["bench", &server.ws("/echo"), "-c", "2", "-d", "100ms", "-w", "0s"]).await;
    assert_eq!(status, Some(0));
    for word in
        ["2 connections of 32 bytes a message", "Messages ", "Sent ", "p50 ", "Errors    none"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn errors_are_counted_by_kind_and_set_the_exit_status() {
    let (status, report) = bench(&["ws://127.0.0.1:1", "-c", "2", "-d", "100ms"]).await;
    assert_eq!(status, Some(1), "{report}");
    assert_eq!(report["errors"].as_object().unwrap().values().next().unwrap(), 2);
    let url = other_server(async |mut socket| {
        socket.next().await;
        close_with(&mut socket, 1013, "").await;
    })
    .await;
    let (status, report) = bench(&[&url, "-c", "1", "-d", "100ms"]).await;
    assert_eq!(status, Some(4), "{report}");
    assert_eq!(report["errors"]["closed by the server: 1013 (try again later)"], 1, "{report}");
    let url = other_server(async |mut socket| {
        socket.get_mut().write_all(b"\xff\xff").await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (status, report) = bench(&[&url, "-c", "1", "-d", "100ms"]).await;
    assert_eq!(status, Some(5), "{report}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_failure() {
    let url = other_server(async |mut socket| while socket.next().await.is_some() {}).await;
    for more in [&[][..], &["-r", "50"]] {
        let arguments =
            ["-c", "1", "-d", "300ms", "-w", "100ms", "--answer-timeout", "300ms", &url];
        let (status, report) = bench(&[&arguments, more].concat()).await;
        assert_eq!(status, Some(3), "{report}");
        assert!(report["unanswered"].as_u64().unwrap() > 0, "{report}");
        assert_eq!((&report["sent"], &report["answered"]), (&report["unanswered"], &0.into()));
        assert_eq!(report["latency_us"], Value::Null, "{report}");
        assert!(report["failed"][0].as_str().unwrap().contains("missing"), "{report}");
    }
}

/// Messages due after the loss count as missing.
#[tokio::test]
async fn messages_due_after_a_loss_are_missing() {
    let url = other_server(async |mut socket| {
        for _ in 0..20 {
            let message = socket.next().await.unwrap().unwrap();
            socket.send(message).await.unwrap();
        }
    })
    .await;
    let arguments = [&*url, "-c", "1", "-i", "10", "-r", "200", "-d", "1s", "-w", "0s"];
    let (status, report) = bench(&arguments).await;
    assert_eq!(status, Some(4), "{report}");
    assert_eq!(report["messages"], 20, "{report}");
    assert_eq!((&report["answered"], &report["missing"]), (&20.into(), &180.into()), "{report}");
    assert!(report["not_sent"].as_u64().unwrap() > 150, "{report}");
}

/// A slow server with a greeting: messages in flight at the end are waited for, and the greeting is
/// not an answer, or each answer would be matched with the next message.
#[tokio::test]
async fn slow_answers_are_neither_missing_nor_shortened() {
    const SLOW: Duration = Duration::from_secs(1);
    let url = other_server(async |mut socket| {
        // Not in one segment with the handshake response.
        tokio::time::sleep(Duration::from_millis(10)).await;
        socket.send(Message::text("welcome")).await.unwrap();
        let (outgoing, incoming) = socket.split();
        let slowly = incoming.map(|message| async {
            tokio::time::sleep(SLOW).await;
            message
        });
        // Ended by the client's Close frame.
        let _ = slowly.buffered(1_000).forward(outgoing).await;
    })
    .await;
    let schedule = ["-c", "1", "-i", "100", "-r", "50", "-d", "1s", "-w", "0s", &url];
    let (status, report) = bench(&schedule).await;
    assert_eq!((status, &report["missing"]), (Some(0), &0.into()), "{report}");
    let p50 = report["latency_us"]["p50"].as_f64().unwrap();
    assert!(p50 >= 1_000_000.0, "{report}");
    // One is answered within the window, the next after it.
    let (status, report) = bench(&["-c", "1", "-d", "1900ms", "-w", "0s", &url]).await;
    assert_eq!((status, &report["missing"]), (Some(0), &0.into()), "{report}");
    assert_eq!(report["messages"], 1, "{report}");
    // With any message as an answer, too.
    let any = ["-c", "1", "-d", "1900ms", "-w", "0s", "--answers", "any", &url];
    let (status, report) = bench(&any).await;
    assert_eq!((status, &report["messages"]), (Some(0), &1.into()), "{report}");
    assert!(report["latency_us"]["p50"].as_f64().unwrap() > 1_000_000.0, "{report}");
}

#[tokio::test]
async fn a_refusal_is_one_kind_and_cannot_write_to_the_terminal() {
    let authority = raw_server(async |mut stream| {
        let answer = b"HTTP/1.1 429 Slow Down\r\ncontent-length: 8\r\n\r\n\x1b[31mred";
        let _ = stream.write_all(answer).await;
    })
    .await;
    let url = format!("ws://{authority}");
    let (status, report) = bench(&[&url, "-c", "3", "-d", "100ms"]).await;
    assert_eq!((status, &report["errors"]), (Some(1), &json!({"HTTP 429": 3})), "{report}");
    assert_eq!((&report["latency_us"], &report["connect_us"]), (&Value::Null, &Value::Null));
    assert_eq!(report["seconds"], 0.0, "nothing was measured: {report}");
    let (_, text, _) = output(&["bench", &url, "-c", "3", "-d", "100ms"]).await;
    assert!(text.contains("Errors    3 × HTTP 429\n") && text.contains("Latency   none"), "{text}");
    assert!(text.contains(r"\u{1b}[31mred") && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn a_dead_server_is_not_compared() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let dead =
        ["-c", "1", "-d", "100ms", "-w", "0s", "--turns", "1", "--compare", "ws://127.0.0.1:1"];
    let (status, report) = bench(&[&[&*url][..], &dead].concat()).await;
    assert_eq!((status, &report["ratio"]), (Some(1), &Value::Null), "{report}");
    assert_eq!(report["servers"][1]["errors"], json!({"connection refused": 1}));
    let (_, text, _) = output(&[&["bench", &*url][..], &dead].concat()).await;
    assert!(text.contains("No comparison: one server answered nothing."), "{text}");
}

#[tokio::test]
async fn equal_rates_are_compared_by_latency() {
    let server = Server::start().await;
    let url = server.ws("/echo");
    let arguments = ["bench", &url, "-c", "1", "-r", "200", "-d", "100ms", "-w", "0s"];
    let (status, text, _) =
        output(&[&arguments[..], &["--turns", "1", "--compare", &url]].concat()).await;
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("At this rate, the p99 of the first server is "), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn interrupted_it_reports_the_results_so_far() {
    let (sender, mut answered) = mpsc::channel(1);
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            while let Some(Ok(message)) = socket.next().await {
                let _ = sender.try_send(());
                let _ = socket.send(message).await;
            }
        }
    })
    .await;
    let wsbench = wsbench(&["bench", "--json", &url, "-c", "1", "-d", "1h", "-w", "0s"]);
    for _ in 0..3 {
        soon("a message", answered.recv()).await.unwrap();
    }
    wsbench.terminate().await;
    let (status, lines, said) = wsbench.end().await;
    assert_eq!((status.code(), lines.len()), (Some(0), 1), "{said}");
    let report: Value = serde_json::from_str(&lines[0]).unwrap();
    assert!(report["messages"].as_u64().unwrap() > 0, "{report}");
    assert!(report["seconds"].as_f64().unwrap() < 60.0, "{report}");
    assert!(said.contains("Interrupted: these are the results so far."), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn interrupted_before_the_measurement_130() {
    let (sender, mut connected) = mpsc::channel(1);
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            let _ = sender.try_send(());
            while let Some(Ok(_)) = socket.next().await {}
        }
    })
    .await;
    let wsbench = wsbench(&["bench", &url, "-c", "1", "-w", "1h"]);
    soon("the connection", connected.recv()).await.unwrap();
    wsbench.terminate().await;
    let (status, lines, said) = wsbench.end().await;
    assert_eq!((status.code(), lines.len()), (Some(130), 0), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_report_that_cannot_be_written_is_a_failure() {
    let server = Server::start().await;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let url = server.ws("/echo");
    let mut command = command(&["bench", &url, "-c", "1", "-d", "100ms", "-w", "0s"]);
    let child = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let output = soon("the end", child.wait_with_output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Cannot write to standard output"), "{said}");
}
