//! Time limit of a file, and sections that run at the same time.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use futures::{SinkExt, StreamExt};
use tokio::sync::{Barrier, Notify};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    other_server, output,
    scenarios::{File, run},
};

#[tokio::test]
async fn a_file_over_its_limit_fails_at_the_step_that_waits() {
    let text =
        "connect ws://{{host}}/echo\n[one]\n> hi\n< \"hi\"\n< \"ho\" within 1m\n[two]\n> hi\n";
    let (status, said, error) = run(text, &["--limit", "300ms"]).await;
    assert_eq!(status, Some(3), "{error}");
    let sentence = "The file exceeded its time limit of 300 ms (--limit).";
    assert!(error.contains(sentence) && error.contains("chat.ws:5:1"), "{error}");
    assert!(said.ends_with("0 passed, 2 failed\n"), "{said}");
    let (status, said, _) = run(text, &["--limit", "1m", "--only", "two"]).await;
    assert_eq!(status, Some(0), "{said}");
}

#[tokio::test]
async fn a_peer_that_does_not_read_does_not_outlast_the_limit() {
    let text =
        "limit 500ms\nconnect ws://{{host}}/hang?stage=frame\nrepeat 100000 {\n> file \"big\"\n}\n";
    let file = File::new(text);
    std::fs::write(file.beside("big"), vec![b'x'; 1 << 20]).expect("there is room");
    let url = crate::raw_server(|stream| async move {
        let mut stream = tokio_tungstenite::accept_async(stream).await.expect("a WebSocket");
        // Reads nothing, and stays until the client goes.
        let stream = stream.get_mut();
        while !matches!(stream.peek(&mut [0]).await, Ok(0) | Err(_)) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (status, said, error) =
        output(&["run", file.path(), "--set", &format!("host={url}")]).await;
    assert_eq!(status, Some(3), "{said}{error}");
    assert!(error.contains("exceeded its time limit of 500ms"), "{error}");
}

#[tokio::test]
async fn sections_run_several_at_a_time_and_no_more() {
    let both = Arc::new(Barrier::new(2));
    let [open, peak] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
    let most = Arc::clone(&peak);
    let url = other_server(move |mut socket| {
        let (both, open, peak) = (Arc::clone(&both), Arc::clone(&open), Arc::clone(&peak));
        async move {
            tokio::spawn(async move {
                peak.fetch_max(open.fetch_add(1, SeqCst) + 1, SeqCst);
                both.wait().await;
                socket.send(Message::text("go")).await.expect("it is open");
                while let Some(Ok(_)) = socket.next().await {}
                // Before the end of the connection, which the client waits for.
                open.fetch_sub(1, SeqCst);
            });
        }
    })
    .await;
    let sections = (1..=6).map(|number| format!("[{number}]\n< \"go\"\n"));
    let sections = sections.collect::<Vec<_>>().concat();
    let file = File::new(&format!("connect {url}\n{sections}"));
    let (status, said, error) = output(&["run", file.path(), "--jobs", "2"]).await;
    assert_eq!(status, Some(0), "{said}{error}");
    assert_eq!(most.load(SeqCst), 2);
}

#[tokio::test]
async fn what_is_printed_stays_in_the_order_of_the_files() {
    let over = Arc::new(Notify::new());
    let url = other_server(move |mut socket| {
        let over = Arc::clone(&over);
        async move {
            tokio::spawn(async move {
                let message = socket.next().await.expect("a message").expect("a message");
                let is_last = message == Message::text("last");
                if !is_last {
                    over.notified().await;
                }
                socket.send(message).await.expect("it is open");
                while let Some(Ok(_)) = socket.next().await {}
                if is_last {
                    over.notify_one();
                }
            });
        }
    })
    .await;
    let file = File::new(&format!("connect {url}\n[one]\n> first\n< \"other\"\n"));
    let two = file.beside("two.ws");
    std::fs::write(&two, format!("connect {url}\n> last\n< \"last\"\n")).expect("there is room");
    let two = two.to_str().expect("it is UTF-8");
    let (status, said, error) = output(&["run", file.path(), two, "--jobs", "2"]).await;
    assert_eq!(status, Some(3), "{said}{error}");
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].contains("FAILED") && lines[0].contains("[one]"), "{said}");
    assert!(lines[1].contains("passed") && lines[1].contains("two.ws"), "{said}");
}

#[tokio::test]
async fn connections_that_are_open_at_the_same_time_are_bounded() {
    // The server is in this process.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let text = "timeout 1m\nrepeat 1001 {\nconnect ws://{{host}}/echo\n}\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(1), "{said}{error}");
    let sentence = "At most 1000 connections can be open at the same time, over all running sections: lower --jobs.";
    assert!(error.contains(sentence) && error.contains("chat.ws:3:1"), "{error}");
    // One after the other, there may be more.
    let text = "repeat 1001 {\nconnect ws://{{host}}/echo\n< opened\nclose\n< closed\n}\n";
    let (status, said, error) = run(text, &[]).await;
    assert_eq!(status, Some(0), "{said}{error}");
}
