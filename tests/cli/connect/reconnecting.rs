//! `--reconnect`: retries after a loss, none after a refusal or a deliberate close.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::{SinkExt, StreamExt};
use harness::{Server, raw::read_head};
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_tungstenite::tungstenite::Message;

use crate::{close_with, other_server, output, raw_server, wsbench};

#[tokio::test]
async fn a_lost_connection_is_reopened() {
    let connections = Arc::new(AtomicUsize::new(0));
    let url = other_server(move |mut socket| {
        let number = connections.fetch_add(1, Ordering::Relaxed);
        async move {
            if number < 2 {
                return;
            }
            socket.send(Message::text("at last")).await.unwrap();
            while socket.next().await.is_some() {}
        }
    })
    .await;
    let (status, lines, said) = output(&[&url, "--reconnect", "--count", "1"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "at last\n"), "{said}");
    assert_eq!(said.matches("Connected to server").count(), 3, "{said}");
    assert_eq!(said.matches("Trying again in").count(), 2, "{said}");
}

#[tokio::test]
async fn a_server_that_starts_later_is_waited_for() {
    let stopped = Server::start().await.stop().await;
    let mut wsbench = wsbench(&[&format!("ws://{}", stopped.authority()), "--reconnect"]);
    wsbench.write("hi\n").await;
    let _server = stopped.restart();
    assert_eq!(wsbench.line().await.unwrap(), "Echo: hi");
}

#[tokio::test]
async fn refusals_and_deliberate_closes_are_not_retried() {
    let url = other_server(async |mut socket| close_with(&mut socket, 1008, "no").await).await;
    let (status, _, said) = output(&[&url, "--reconnect", "--wait", "1h"]).await;
    assert_eq!(status, Some(4));
    assert!(!said.contains("Trying again"), "{said}");
    let server = Server::start().await;
    let (status, _, said) = output(&[&server.ws("/nowhere"), "--reconnect"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("404") && !said.contains("Trying again"), "{said}");
    let authority = raw_server(async |mut stream| {
        read_head(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    })
    .await;
    let (status, _, said) = output(&[&format!("ws://{authority}"), "--reconnect"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("200 OK") && !said.contains("Trying again"), "{said}");
}

#[tokio::test]
async fn a_loss_after_which_no_retry_succeeds_4() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let once = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        drop(tokio_tungstenite::accept_async(stream).await.unwrap());
    });
    let (status, _, said) = output(&[&url, "--reconnect", "--retries", "1", "--wait", "1h"]).await;
    once.await.unwrap();
    assert!(status == Some(4) && said.contains("Cannot connect to "), "{status:?} {said}");
}

#[tokio::test]
async fn timeout_ends_the_retries() {
    let (status, _, said) =
        output(&["ws://127.0.0.1:1", "--reconnect", "--timeout", "1500ms"]).await;
    assert_eq!(status, Some(1));
    assert_eq!(said.matches("Cannot connect to").count(), 1, "told once: {said}");
}
