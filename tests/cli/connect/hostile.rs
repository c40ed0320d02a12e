//! Servers that attack: floods, unread answers, text that would control a terminal.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
#[cfg(target_os = "linux")]
use tokio::{io::AsyncWriteExt, sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::Message;

#[cfg(target_os = "linux")]
use crate::wsbench;
use crate::{close_with, other_server, output};

/// Pings that are not read: the client stops reading, and its memory does not grow.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_flood_of_pings_with_unread_pongs_costs_no_memory() {
    const FAR_TOO_MUCH: usize = 256 << 20;
    let (sender, mut written) = mpsc::channel(1);
    let url = other_server(move |mut socket| {
        let sender = sender.clone();
        async move {
            let ping = [&[0x89, 125][..], &[b'x'; 125]].concat();
            let flood = ping.repeat(1_000);
            let mut total = 0;
            // No event to wait for: nothing more must be read.
            while timeout(Duration::from_secs(1), socket.get_mut().write_all(&flood)).await.is_ok()
            {
                total += flood.len();
                assert!(total < FAR_TOO_MUCH, "all of the flood is read");
            }
            let _ = sender.send(total).await;
            std::future::pending::<()>().await;
        }
    })
    .await;
    let wsbench = wsbench(&[&url, "--wait", "1h"]);
    let total = harness::soon("the standstill", written.recv()).await.unwrap();
    let peak = wsbench.peak_memory();
    assert!(total > 0 && peak < 64 << 20, "{peak} bytes after {total} of pings");
    // It can still be interrupted.
    wsbench.terminate().await;
    assert_eq!(wsbench.end().await.0.code(), Some(0));
}

/// Pongs that are read late are still sent, and reading goes on.
#[tokio::test]
async fn a_peer_that_reads_late_gets_its_pongs_and_is_read_on() {
    // Many times what the system buffers.
    const PINGS: usize = 200_000;
    let url = other_server(async |socket| {
        let (mut write, mut read) = socket.split();
        let writing = async {
            for number in 0..PINGS {
                let payload = format!("{number:0>125}");
                write.feed(Message::Ping(payload.into())).await.unwrap();
            }
            write.send(Message::text("done")).await.unwrap();
        };
        let reading = async {
            // Until the client has stopped reading.
            tokio::time::sleep(Duration::from_millis(500)).await;
            while read.next().await.is_some_and(|message| message.is_ok()) {}
        };
        tokio::join!(writing, reading);
    })
    .await;
    let (status, lines, said) = output(&[&url, "--expect", "done"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "done\n"), "{said}");
}

/// Text with a title, a direction, an invisible character, and a line of the client's own.
const FORGED: &str = "\u{1b}]0;title\u{7}\u{202e}\u{200b}\nConnected to server";

#[tokio::test]
async fn reasons_and_pings_are_escaped_and_stay_on_their_line() {
    let url = other_server(async |mut socket| {
        socket.send(Message::Ping(FORGED.into())).await.unwrap();
        close_with(&mut socket, 4001, FORGED).await;
    })
    .await;
    let (_, _, said) = output(&[&url, "--show-control", "--wait", "1h"]).await;
    let reason = r"\u{1b}]0;title\u{7}\u{202e}\u{200b}\nConnected to server";
    for start in ["Close frame received", "Disconnected from server"] {
        let line = format!("{start}: 4001 (application-defined): {reason}\n");
        assert!(said.contains(&line), "{said}");
    }
    assert!(said.contains("\nPing received: "), "{said}");
    assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{said}");
    assert_eq!(said.lines().filter(|line| *line == "Connected to server").count(), 1, "{said}");
}

#[tokio::test]
async fn refusals_are_escaped_and_indented() {
    let authority = crate::raw_server(async |mut stream| {
        use tokio::io::AsyncWriteExt;
        harness::raw::read_head(&mut stream).await;
        let body = format!("{FORGED}\r{FORGED}");
        let head = format!(
            "HTTP/1.1 403 No\u{202e}\r\nX-Note: a\u{202e}b\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
    })
    .await;
    let (status, _, said) = output(&[&format!("ws://{authority}"), "-v"]).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(!said.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\r']), "{said}");
    assert!(!said.lines().any(|line| line == "Connected to server"), "{said}");
}

/// Bytes in a pipe are those of the server.
#[tokio::test]
async fn messages_in_a_pipe_are_exact() {
    let url = other_server(async |mut socket| {
        socket.send(Message::text(FORGED)).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (_, lines, _) = output(&[&url, "--count", "1"]).await;
    assert_eq!(lines, format!("{FORGED}\n"));
    let (_, lines, _) = output(&[&url, "--count", "1", "--raw"]).await;
    assert_eq!(lines, FORGED);
    let (_, lines, _) = output(&[&url, "--count", "1", "--json"]).await;
    assert!(lines.contains("\u{202e}\u{200b}"), "{lines}");
}
