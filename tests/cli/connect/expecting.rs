//! Ends that a script defines: closes, failures, retries, long searches.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{Server, soon};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::{close_with, other_server, output, wsbench};

/// As graphql-transport-ws: a message too early is an error.
#[tokio::test]
async fn a_message_behind_an_expectation_is_sent_once_that_has_matched() {
    let url = other_server(async |mut socket| {
        let first = socket.next().await.unwrap().unwrap();
        assert_eq!(first, Message::text("init"));
        // No event to wait for: nothing may come.
        let early = tokio::time::timeout(Duration::from_secs(1), socket.next()).await;
        if early.is_ok() {
            return close_with(&mut socket, 4401, "Unauthorized").await;
        }
        socket.send(Message::text("ack")).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() {
                socket.send(message).await.unwrap();
            }
        }
    })
    .await;
    let ordered = ["-x", "init", "--expect", "ack", "-x", "subscribe", "--expect", "subscribe"];
    let (status, lines, said) = output(&[&[&*url], &ordered[..]].concat()).await;
    assert_eq!((status, lines.as_str()), (Some(0), "ack\nsubscribe\n"), "{said}");
    let (status, ..) = output(&[&url, "-x", "init", "-x", "subscribe", "--expect", "ack"]).await;
    assert_eq!(status, Some(4));
    let server = Server::start().await;
    let unordered = ["--expect", "b", "-x", "a", "-x", "b"];
    assert_eq!(output(&[&[&*server.ws("/")], &unordered[..]].concat()).await.0, Some(0));
    let held_back = ["-x", "a", "--expect", "never", "-x", "b", "--timeout", "5s"];
    let (status, lines, said) = output(&[&[&*server.ws("/")], &held_back[..]].concat()).await;
    assert_eq!((status, lines.as_str()), (Some(3), "Echo: a\n"));
    assert!(said.ends_with("No message matched 'never'.\n"), "{said}");
}

/// Server that greets, then closes.
async fn closing(code: u16, reason: &'static str) -> String {
    other_server(move |mut socket| async move {
        socket.send(Message::text("welcome")).await.unwrap();
        close_with(&mut socket, code, reason).await;
    })
    .await
}

#[tokio::test]
async fn an_expected_close_is_success() {
    let url = closing(4001, "token expired").await;
    for expected in ["4001", "4001/expired$/"] {
        let (status, _, said) = output(&[&url, "--expect-close", expected]).await;
        assert_eq!(status, Some(0), "{said}");
    }
    let arguments = [&*url, "--expect-close", "4001", "--expect", "welcome"];
    assert_eq!(output(&arguments).await.0, Some(0));
    let arguments = [&*url, "--expect-close", "4001", "--expect", "good bye"];
    let (status, _, said) = output(&arguments).await;
    assert_eq!(status, Some(3));
    assert!(said.ends_with("No message matched 'good bye'.\n"), "{said}");
    let url = other_server(async |socket| drop(socket)).await;
    assert_eq!(output(&[&url, "--expect-close", "1006"]).await.0, Some(0));
    let server = Server::start().await;
    let arguments = [&*server.ws("/close?code=1013"), "--expect-close", "1013", "--reconnect"];
    assert_eq!(output(&arguments).await.0, Some(0), "without a retry");
}

#[tokio::test]
async fn another_close_is_a_failure() {
    let url = closing(4002, "no").await;
    let (status, _, said) = output(&[&url, "--expect-close", "4001"]).await;
    assert_eq!(status, Some(4));
    assert!(said.ends_with("Expected a close with 4001.\n"), "{said}");
    let (status, _, said) = output(&[&url, "--expect-close", "4002/yes/"]).await;
    assert_eq!(status, Some(4));
    let words = "Expected a close with 4002 with a reason that matches 'yes'.\n";
    assert!(said.ends_with(words), "{said}");
    let url = closing(1000, "").await;
    assert_eq!(output(&[&url, "--expect-close", "4001"]).await.0, Some(3));
    let server = Server::start().await;
    let arguments = [&*server.ws("/"), "-x", "a", "--expect-close", "4001", "--timeout", "2s"];
    let (status, _, said) = output(&arguments).await;
    assert_eq!(status, Some(3));
    assert!(said.ends_with("The server did not close with 4001.\n"), "{said}");
    let (status, _, said) = output(&[&server.ws("/"), "--expect-close", "4001/("]).await;
    assert_eq!(status, Some(2), "{said}");
}

#[tokio::test]
async fn a_message_that_fails_ends_it_3() {
    let server = Server::start().await;
    let url = server.ws("/");
    let arguments = [&*url, "-x", "a", "-x", "error 7", "-x", "b", "--fail-on", "err.r"];
    let (status, lines, said) = output(&arguments).await;
    assert_eq!((status, lines.as_str()), (Some(3), "Echo: a\nEcho: error 7\n"));
    assert!(said.ends_with("A message matched 'err.r' (--fail-on).\n"), "{said}");
    let (status, ..) = output(&[&url, "-x", "a", "--fail-on", "err.r"]).await;
    assert_eq!(status, Some(0));
}

#[tokio::test]
async fn retries_have_a_limit() {
    let arguments = ["ws://127.0.0.1:1", "--reconnect", "--retries", "2", "--json"];
    let (status, lines, _) = output(&arguments).await;
    assert_eq!(status, Some(1));
    assert_eq!(lines.matches("\"event\":\"failed\"").count(), 3, "{lines}");
    let (status, _, said) = output(&["ws://127.0.0.1:1", "--retries", "2"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("--reconnect"), "{said}");
}

#[tokio::test]
async fn what_is_waited_for_is_said() {
    let url = other_server(async |mut socket| while socket.next().await.is_some() {}).await;
    let (status, _, said) = output(&[&url, "-x", "hello?"]).await;
    assert_eq!(status, Some(0));
    assert!(said.contains("\nWaiting for answers, up to 2 s without a message or 30 s"), "{said}");
    assert!(said.contains("--wait TIME changes the limit."), "{said}");
    let (_, _, said) = output(&[&url, "-x", "hello?", "--expect", "y", "--timeout", "3"]).await;
    assert!(said.contains("Waiting for a message that matches 'y', until --timeout."), "{said}");
    let (_, _, said) = output(&[&url, "-x", "hello?", "--wait", "1.8s"]).await;
    assert!(!said.contains("Waiting"), "{said}");
}

/// Server that sends a message that takes long to search, and says when.
async fn tedious() -> (String, mpsc::Receiver<()>) {
    let (sender, sent) = mpsc::channel(1);
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            let _ = socket.send(Message::text("a".repeat(64 << 20))).await;
            let _ = sender.try_send(());
            while socket.next().await.is_some() {}
        }
    })
    .await;
    (url, sent)
}

/// Expression for which each byte of `a` takes long.
const TEDIOUS: &str = "(a{1,50}){1,50}b";

#[tokio::test]
async fn timeout_ends_a_search() {
    let (url, _sent) = tedious().await;
    for flag in ["--expect", "--fail-on"] {
        let arguments = [&*url, flag, TEDIOUS, "--wait", "1h", "--timeout", "2s"];
        let (status, _, said) = output(&arguments).await;
        assert_eq!(status, Some(3), "{said}");
        assert!(said.contains("Timed out after 2.0 s (--timeout)."), "{said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_ends_a_search() {
    let (url, mut sent) = tedious().await;
    let wsbench = wsbench(&[&url, "--expect", TEDIOUS]);
    soon("the message", sent.recv()).await.unwrap();
    wsbench.terminate().await;
    let (status, _, said) = soon("the end", wsbench.end()).await;
    assert_eq!(status.code(), Some(3), "{said}");
}
