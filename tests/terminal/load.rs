//! `wsbench bench`: what it measures, and what it says of servers that fail.

use futures::StreamExt;
use harness::Server;
use serde_json::Value;

use crate::{close_with, other_server, output};

async fn bench(arguments: &[&str]) -> (Option<i32>, Value) {
    let (status, text, said) = output(&[&["bench", "--json"], arguments].concat()).await;
    assert_eq!(said, "");
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

#[tokio::test]
async fn a_server_is_loaded_as_told() {
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
    assert!(latency("p99.99") <= latency("max"), "{report}");
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
    assert!((1_800..=2_200).contains(&messages), "{report}");
    assert_eq!(report["latency_from_schedule"], true);
}

/// A server that answers once and then never: a mean over the answers would look splendid.
#[tokio::test]
async fn a_stall_is_not_spared_the_messages_it_held_up() {
    let url = other_server(async |mut socket| {
        use futures::SinkExt;
        let first = socket.next().await.unwrap().unwrap();
        socket.send(first).await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let arguments = ["-c", "1", "-i", "10", "-r", "100", "-d", "1s", "-w", "0s", &*url];
    let (_, report) = bench(&arguments).await;
    assert_eq!(report["messages"], 1, "{report}");
    let missing = report["missing"].as_u64().unwrap();
    assert!((90..=101).contains(&missing), "{report}");
    assert!(report["latency_us"]["p50"].as_f64().unwrap() > 300_000.0, "{report}");
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
async fn a_person_reads_a_table() {
    let server = Server::start().await;
    let (status, text, _) =
        output(&["bench", &server.ws("/echo"), "-c", "2", "-d", "100ms", "-w", "0s"]).await;
    assert_eq!(status, Some(0));
    for word in ["2 connections of 32 bytes a message", "Messages ", "p99.99", "Errors    none"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[tokio::test]
async fn errors_are_counted_by_kind_and_decide_the_status() {
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
        use tokio::io::AsyncWriteExt;
        socket.get_mut().write_all(b"\xff\xff").await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (status, report) = bench(&[&url, "-c", "1", "-d", "100ms"]).await;
    assert_eq!(status, Some(5), "{report}");
}
