//! `wsbench listen`: one client at the terminal, or many with an echo, a file, a command.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{Client, Program, binary, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
    time::Instant,
};
use tokio_tungstenite::tungstenite::Message;

use crate::output;

/// `wsbench listen` on a free port, with its notices among its lines, and its `HOST:PORT`.
async fn listen(arguments: &[&str]) -> (Program, String) {
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" listen 0 \"$@\" 2>&1"]).arg(binary("cli", "wsbench"));
    command.args(arguments).env("WSBENCH_HISTORY", "");
    let mut program = Program::start(&mut command);
    let line = program.line_with("Listening on ").await;
    let (_, authority) = line.split_once("://").expect("it is a URL");
    (program, authority.to_owned())
}

async fn connect(authority: &str) -> Client {
    soon("the handshake", harness::connect(&format!("ws://{authority}/path"))).await
}

/// Next text message.
async fn text(client: &mut Client) -> String {
    let message = soon("a message", client.next()).await.expect("it is open").expect("it is good");
    message.into_text().expect("it is text").to_string()
}

#[tokio::test]
async fn one_client_talks_with_the_terminal() {
    let (mut program, authority) = listen(&["-v", "--frames"]).await;
    let mut client = connect(&authority).await;
    program.line_with("Connected to client").await;
    program.line_with("Compression: none").await;
    let second = soon("an answer to the second client", TcpStream::connect(&authority)).await;
    assert!(second.is_err(), "{second:?}");
    client.send(Message::text("hi")).await.unwrap();
    program.line_with("Frame received: text, FIN, mask ").await;
    assert_eq!(program.line().await.as_deref(), Some("hi"));
    program.write("hello\n").await;
    assert_eq!(text(&mut client).await, "hello");
    program.line_with("Frame sent: text, FIN, 2 + 5 bytes").await;
    client.close(None).await.unwrap();
    while let Some(Ok(_)) = client.next().await {}
    let (status, lines, _) = program.end().await;
    assert!(status.success() && lines.join("\n").contains("Disconnected from client"), "{lines:?}");
}

#[tokio::test]
async fn records_name_the_client_and_what_was_agreed_on() {
    let (mut program, authority) = listen(&["--json", "--subprotocol", "b"]).await;
    let url = format!("ws://{authority}/path?x=1");
    let arguments = [&*url, "--subprotocol", "a", "--subprotocol", "b", "-x", "hi", "--wait", "0s"];
    let (status, _, said) = output(&arguments).await;
    assert_eq!(status, Some(0), "{said}");
    let open = program.line_with("\"event\":\"open\"").await;
    assert!(open.contains("/path?x=1\"") && open.contains("\"subprotocol\":\"b\""), "{open}");
    assert!(open.contains("\"extensions\":\"permessage-deflate"), "{open}");
    program.line_with("\"direction\":\"in\",\"kind\":\"text\",\"text\":\"hi\"").await;
}

#[tokio::test]
async fn records_of_several_clients_name_the_connection() {
    let (mut program, authority) = listen(&["--echo", "--json"]).await;
    let mut first = connect(&authority).await;
    let open = program.line_with("\"event\":\"open\"").await;
    assert!(open.contains("\"connection\":\"1\"") && open.contains("/path\""), "{open}");
    let mut second = connect(&authority).await;
    let open = program.line_with("\"event\":\"open\"").await;
    assert!(open.contains("\"connection\":\"2\""), "{open}");
    for (client, name) in [(&mut second, "2"), (&mut first, "1")] {
        client.send(Message::text("hi")).await.unwrap();
        assert_eq!(text(client).await, "hi");
        for way in ["in", "out"] {
            let line = program.line_with(&format!("\"direction\":\"{way}\"")).await;
            let record: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!((&record["connection"], &record["text"]), (&name.into(), &"hi".into()));
        }
    }
    first.close(None).await.unwrap();
    let answer = program.line_with("\"direction\":\"out\",\"kind\":\"close\"").await;
    assert!(answer.contains("\"connection\":\"1\""), "{answer}");
    let closed = program.line_with("\"event\":\"closed\"").await;
    assert!(closed.contains("\"connection\":\"1\""), "{closed}");
}

#[tokio::test]
async fn an_end_after_a_violation_has_the_code_that_was_sent_for_it() {
    let (mut program, authority) = listen(&["--echo", "--json"]).await;
    let mut client = connect(&authority).await;
    // A text of one byte that is not UTF-8.
    client.get_mut().write_all(b"\x81\x81\0\0\0\0\xff").await.unwrap();
    let closed = program.line_with("\"event\":\"closed\"").await;
    assert!(closed.contains("\"code\":1007") && closed.contains("Text is not UTF-8"), "{closed}");
}

#[tokio::test]
async fn an_echo_answers_many_over_tls_too() {
    let (mut program, authority) = listen(&["--echo", "-v", "--tls-self-signed"]).await;
    let url = format!("wss://{authority}");
    for _ in 0..2 {
        let (status, lines, said) = output(&[&url, "--insecure", "-x", "a", "-x", "b"]).await;
        assert_eq!((status, &*lines), (Some(0), "a\nb\n"), "{said}");
        program.line_with("compression: permessage-deflate").await;
        program.line_with(" disconnected").await;
    }
    program.terminate().await;
    assert!(program.end().await.0.success());
}

#[tokio::test]
async fn the_connection_is_closed_first_on_this_side() {
    let (_program, authority) = listen(&["--echo"]).await;
    let mut client = connect(&authority).await;
    let start = Instant::now();
    client.close(None).await.unwrap();
    while let Some(Ok(_)) = client.next().await {}
    // Both sides wait for 3 s where they wait for each other.
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn each_client_has_a_process_of_its_own() {
    let echo = "read -r name; while read -r line; do echo \"$name $line\"; done";
    let (_program, authority) = listen(&["--exec", echo]).await;
    let mut clients = [connect(&authority).await, connect(&authority).await];
    for (client, name) in clients.iter_mut().zip(["one", "two"]) {
        client.send(Message::text(name)).await.unwrap();
    }
    for (client, expected) in clients.iter_mut().zip(["one hi", "two hi"]) {
        client.send(Message::text("hi")).await.unwrap();
        assert_eq!(text(client).await, expected);
    }
}

#[tokio::test]
async fn the_end_of_a_process_closes_and_the_end_of_a_connection_ends_the_process() {
    let (_program, authority) = listen(&["--exec", "echo bye"]).await;
    let (status, lines, said) =
        output(&[&format!("ws://{authority}"), "--wait", "1h", "--expect-close", "1000"]).await;
    assert_eq!((status, &*lines), (Some(0), "bye\n"), "{said}");
    let (mut program, authority) = listen(&["--exec", "cat; echo ended >&2"]).await;
    let mut client = connect(&authority).await;
    client.close(None).await.unwrap();
    program.line_with("ended").await;
}

#[tokio::test]
async fn a_file_is_sent_to_each_client() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let expected = std::fs::read_to_string(file).unwrap();
    let (_program, authority) = listen(&["--send", file]).await;
    let (status, lines, said) = output(&[&format!("ws://{authority}"), "--wait", "1h"]).await;
    assert_eq!((status, lines), (Some(0), expected), "{said}");
    for (path, why) in [("/no-such-file", "No such file"), ("/", "is a directory")] {
        let (status, _, said) = output(&["listen", "0", "--send", path]).await;
        let sentence = format!("Cannot read {path}: {why}");
        assert!(status == Some(1) && said.starts_with(&sentence), "{said}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let (_program, authority) = listen(&["--exec", "cat"]).await;
    let url = format!("ws://{authority}");
    let origin = ["-H", "Origin: https://example.com", "-x", "a"];
    let (status, _, said) = output(&[&[&*url], &origin[..]].concat()).await;
    assert!(status == Some(1) && said.contains("403"), "{said}");
    let allowed = ["--echo", "--allow-origin", "https://example.com"];
    let (_program, authority) = listen(&allowed).await;
    let url = format!("ws://{authority}");
    let (status, lines, said) = output(&[&[&*url], &origin[..]].concat()).await;
    assert_eq!((status, &*lines), (Some(0), "a\n"), "{said}");
}

#[tokio::test]
async fn clients_are_bounded_in_number_and_time() {
    let limits = ["--echo", "-v", "--max-connections", "1", "--handshake-timeout", "300ms"];
    let (mut program, authority) = listen(&limits).await;
    let mut silent = TcpStream::connect(&authority).await.unwrap();
    // Waits for its turn.
    let mut second = connect(&authority).await;
    program.line_with("opening handshake timed out after 300ms").await;
    soon("the end", silent.read_to_end(&mut Vec::new())).await.unwrap();
    second.send(Message::text("hi")).await.unwrap();
    assert_eq!(text(&mut second).await, "hi");
    let mut third = TcpStream::connect(&authority).await.unwrap();
    third.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    drop(second);
    let mut answer = String::new();
    soon("the refusal", third.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let (mut program, authority) = listen(&["--echo", "--write-timeout", "300ms"]).await;
    let mut client = connect(&authority).await;
    let flood = tokio::spawn(async move {
        let message = Message::binary(vec![0; 1 << 20]);
        while client.send(message.clone()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    });
    program.line_with("dropped: it stopped reading").await;
    soon("the end of the flood", flood).await.unwrap();
}

#[tokio::test]
async fn a_command_that_does_not_read_gives_its_place_back() {
    let limits = ["--max-connections", "1", "--write-timeout", "300ms", "-v"];
    let (mut program, authority) = listen(&[&["--exec", "sleep 1d"], &limits[..]].concat()).await;
    for _ in 0..2 {
        let mut client = connect(&authority).await;
        // More than a pipe holds.
        client.send(Message::binary(vec![0; 1 << 20])).await.unwrap();
        drop(client);
        program.line_with("dropped: its command stopped reading").await;
    }
}

#[tokio::test]
async fn a_command_ends_with_all_processes_that_it_started() {
    let (mut program, authority) = listen(&["--exec", "sleep 1d & echo started; wait", "-v"]).await;
    let mut client = connect(&authority).await;
    assert_eq!(text(&mut client).await, "started");
    drop(client);
    program.line_with(" disconnected").await;
    program.terminate().await;
    // The output ends once no process has it.
    assert!(program.end().await.0.success());
}

#[tokio::test]
async fn a_slow_handshake_does_not_hold_up_the_client_of_the_terminal() {
    let (mut program, authority) = listen(&["--handshake-timeout", "1h"]).await;
    let _silent = TcpStream::connect(&authority).await.unwrap();
    let mut client = connect(&authority).await;
    program.write("hello\n").await;
    assert_eq!(text(&mut client).await, "hello");
}
