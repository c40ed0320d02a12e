//! Frames: shown with `--frames`, and sent as RFC 6455 allows and as it does not.

use futures::{SinkExt, StreamExt};
use harness::{Server, raw};
use server::{Compression, Config};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{other_server, output, raw_server, wsbench};

/// Accepts the opening handshake, whatever the request says.
async fn accept(stream: &mut TcpStream) {
    let head = raw::read_head(stream).await;
    raw::accept(stream, &head, "").await;
}

#[tokio::test]
async fn each_frame_is_shown_with_its_flags_and_sizes() {
    let compression = Compression { offered: true, from: 1 };
    let server = Server::start_as(Config { compression, ..Config::default() }).await;
    let (url, text) = (server.ws("/echo"), "a".repeat(1_000));
    let (status, lines, said) = output(&[&url, "--frames", "-x", &text]).await;
    assert_eq!((status, lines.trim_end()), (Some(0), &*text), "{said}");
    let shown = |start: &str| said.lines().find(|line| line.starts_with(start)).unwrap_or_default();
    let sent = shown("Frame sent: text, FIN, RSV1, mask ");
    assert!(sent.contains(", 6 + ") && sent.ends_with(" bytes, inflated 1,000"), "{said}");
    let received = shown("Frame received: text, FIN, RSV1, 2 + ");
    assert!(received.ends_with(" bytes, inflated 1,000"), "{said}");
    assert!(shown("Frame sent: close, FIN, mask ").ends_with(", 6 + 2 bytes"), "{said}");
    assert_eq!(shown("Frame received: close"), "Frame received: close, FIN, 2 + 2 bytes");

    let arguments = [&*url, "--frames", "--json", "--compression", "off", "-x", &text];
    let (_, lines, said) = output(&arguments).await;
    let frame = "\"direction\":\"in\",\"frame\":{\"opcode\":\"text\",\"fin\":true,\"rsv1\":false,\
                 \"header\":4,\"size\":1000}}";
    assert!(lines.lines().any(|line| line.ends_with(frame)), "{lines}{said}");
    let at = |text: &str| lines.find(text).unwrap_or_else(|| panic!("no {text} in {lines}"));
    assert!(at(frame) < at("\"direction\":\"in\",\"kind\":\"text\""), "before its message");
    let plain = output(&[&*url, "--json", "-x", "a"]).await.1;
    assert!(!plain.contains("\"frame\""), "{plain}");
}

#[tokio::test]
async fn a_script_sends_fragments_pongs_and_bytes_in_no_frame() {
    let url = other_server(async |mut socket| {
        while let Some(Ok(message)) = socket.next().await {
            let seen = match message {
                Message::Text(text) => format!("text {text}"),
                Message::Pong(data) => format!("pong {}", data.len()),
                _ => continue,
            };
            socket.send(Message::text(seen)).await.unwrap();
        }
    })
    .await;
    let mut program = wsbench(&[&url, "--json-input", "--frames", "--wait", "300ms"]);
    program
        .write(concat!(
            r#"{"text":"abcde","fragment":2}"#,
            "\n",
            r#"{"kind":"pong","text":"xyz"}"#,
            "\n",
            // A text of two bytes, masked with zeros.
            r#"{"kind":"raw","base64":"gYIAAAAAaGk="}"#,
            "\n",
        ))
        .await;
    program.end_input();
    let (_, lines, said) = program.end().await;
    assert_eq!(lines, ["text abcde", "pong 3", "text hi"], "{said}");
    let sent = said.lines().filter_map(|line| line.strip_prefix("Frame sent: "));
    let sent = sent.map(|line| {
        let (start, rest) = line.split_once(", mask ").expect("a client masks");
        format!("{start}{}", &rest[8..])
    });
    assert_eq!(
        sent.collect::<Vec<_>>(),
        [
            "text, 6 + 2 bytes",
            "continuation, 6 + 2 bytes",
            "continuation, FIN, 6 + 1 byte",
            "pong, FIN, 6 + 3 bytes",
            "close, FIN, 6 + 2 bytes",
        ],
        "{said}"
    );
}

#[tokio::test]
async fn a_fragmented_message_that_does_not_end_is_shown_as_it_arrives() {
    let authority = raw_server(async |mut stream| {
        accept(&mut stream).await;
        stream.write_all(&[0x01, 1, b'a', 0x00, 1, b'b']).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let url = format!("ws://{authority}");
    let mut program = wsbench(&[&url, "--frames", "--json", "--wait", "1h"]);
    program.line_with(r#""frame":{"opcode":"text","fin":false"#).await;
    program.line_with(r#""frame":{"opcode":"continuation","fin":false"#).await;
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_is_shown_before_the_error() {
    let cases: [(&'static [u8], &str, &str); 10] = [
        (&[0xc1, 1, b'a'], "text, FIN, RSV1, 2 + 1 byte", "Reserved bit RSV1 is set"),
        (&[0xa1, 1, b'a'], "text, FIN, RSV2, 2 + 1 byte", "Reserved bit RSV2 is set"),
        (&[0x91, 1, b'a'], "text, FIN, RSV3, 2 + 1 byte", "Reserved bit RSV3 is set"),
        (&[0xb1, 1, b'a'], "text, FIN, RSV2, RSV3, 2 + 1 byte", "Reserved bits RSV2 and RSV3 are"),
        (&[0x83, 1, b'a'], "opcode 3, FIN, 2 + 1 byte", "Opcode 3 is reserved"),
        (&[0x0b, 0], "opcode 11, 2 + 0 bytes", "Opcode 11 is reserved"),
        (&[0x89, 126, 0, 126], "ping, FIN, 4 + 126 bytes", "Control frame is longer"),
        (&[0x08, 0], "close, 2 + 0 bytes", "Control frame is fragmented"),
        (&[0x82, 126, 0, 5], "binary, FIN, 4 + 5 bytes", "not minimally encoded"),
        // The length never arrives: nothing waits for it.
        (&[0x8a, 127], "pong, FIN, 10 + ? bytes", "Control frame is longer"),
    ];
    for (bytes, frame, words) in cases {
        let authority = raw_server(move |mut stream| async move {
            accept(&mut stream).await;
            stream.write_all(bytes).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let url = format!("ws://{authority}");
        let (_, _, said) =
            output(&[&url, "--frames", "--compression", "off", "--wait", "1h"]).await;
        let shown = said.find(&format!("Frame received: {frame}\n"));
        let error = said.find(words).unwrap_or_else(|| panic!("no {words}: {said}"));
        assert!(shown.is_some_and(|shown| shown < error), "{frame}: {said}");
    }
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_is_a_record() {
    let authority = raw_server(async |mut stream| {
        accept(&mut stream).await;
        stream.write_all(&[0x93, 1, b'a']).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let url = format!("ws://{authority}");
    let (_, lines, said) = output(&[&url, "--frames", "--json", "--wait", "1h"]).await;
    let frame = "\"frame\":{\"opcode\":3,\"fin\":true,\"rsv1\":false,\"rsv3\":true,\
                 \"header\":2,\"size\":1}}";
    assert!(lines.lines().any(|line| line.ends_with(frame)), "{lines}{said}");
}

/// Server that sends `first`, reads a Close frame, sends `then`, and passes on the first byte of that frame and
/// all that came after it.
async fn closing_server(
    first: &'static [u8],
    then: &'static [u8],
) -> (String, mpsc::Receiver<(u8, Vec<u8>)>) {
    let (sender, seen) = mpsc::channel(1);
    let authority = raw_server(move |mut stream| {
        let sender = sender.clone();
        async move {
            accept(&mut stream).await;
            stream.write_all(first).await.unwrap();
            // Masked: a header of six bytes, and the code.
            let mut frame = [0; 8];
            stream.read_exact(&mut frame).await.unwrap();
            let _ = stream.write_all(then).await;
            let _ = stream.shutdown().await;
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
            sender.send((frame[0], rest)).await.unwrap();
        }
    })
    .await;
    (format!("ws://{authority}"), seen)
}

#[tokio::test]
async fn no_pong_follows_a_close_frame() {
    const FIRST: &[u8] = &[0x88, 2, 3, 0xe8, 0x89, 0, 0x89, 0];
    let (url, mut seen) = closing_server(FIRST, &[0x89, 1, b'a']).await;
    let (status, _, said) = output(&[&url, "--wait", "1h"]).await;
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(harness::soon("the frames", seen.recv()).await, Some((0x88, Vec::new())));
}

#[tokio::test]
async fn no_pong_follows_a_close_frame_of_this_side() {
    // A ping after the Close frame, before the answer.
    const THEN: &[u8] = &[0x89, 1, b'a', 0x88, 2, 3, 0xe8];
    let (url, mut seen) = closing_server(&[], THEN).await;
    let mut program = wsbench(&[&url, "--json-input"]);
    program.write("{\"kind\":\"close\"}\n").await;
    assert_eq!(harness::soon("the frames", seen.recv()).await, Some((0x88, Vec::new())));
}
