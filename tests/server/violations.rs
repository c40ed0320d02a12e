//! Frames that RFC 6455 forbids, written byte by byte: each is answered by its close code, and the
//! server stays as well as before.

use harness::{
    Server,
    raw::{self, BINARY, CLOSE, FIN, PING, TEXT, frame, head, open},
    soon,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The code of the Close frame that `bytes` are answered by.
async fn close_code(server: &Server, bytes: &[u8]) -> Option<u16> {
    let mut stream = open(server.authority(), "/echo").await;
    stream.write_all(bytes).await.unwrap();
    raw::close_code(&mut stream).await
}

#[tokio::test]
async fn each_violation_is_named_by_its_close_code() {
    let server = Server::start().await;
    let fragments = |first: &[u8], second: &[u8]| [frame(TEXT, first), frame(FIN, second)].concat();
    let huge = head(FIN | BINARY, (1 << 63) - 1);
    let large = head(FIN | BINARY, server::Limits::DEFAULT.message as u64 + 1);
    let cases = [
        ("an unmasked frame", vec![FIN | TEXT, 2, b'h', b'i'], 1002),
        ("a reserved bit", frame(FIN | 0x40 | TEXT, b"hi"), 1002),
        ("a reserved opcode", frame(FIN | 3, b"hi"), 1002),
        ("a reserved control opcode", frame(FIN | 0xb, b""), 1002),
        ("a fragmented ping", frame(PING, b""), 1002),
        ("a ping of 126 bytes", frame(FIN | PING, &[0; 126]), 1002),
        ("a continuation of nothing", frame(FIN, b"hi"), 1002),
        ("a new message in a message", [frame(TEXT, b"a"), frame(FIN | TEXT, b"b")].concat(), 1002),
        ("a close payload of one byte", frame(FIN | CLOSE, &[3]), 1002),
        ("close code 999", frame(FIN | CLOSE, &999_u16.to_be_bytes()), 1002),
        ("close code 1005", frame(FIN | CLOSE, &1005_u16.to_be_bytes()), 1002),
        ("text that is not UTF-8", frame(FIN | TEXT, &[0xff]), 1007),
        ("UTF-8 broken in two", fragments(&[0xe2, 0x82], &[0x28]), 1007),
        ("text that ends within a character", fragments(b"\xe2", b"\x82"), 1007),
        ("a length of 2^63-1", huge, 1009),
        ("one byte over the limit", large, 1009),
    ];
    for (what, bytes, expected) in cases {
        assert_eq!(close_code(&server, &bytes).await, Some(expected), "{what}");
        server.still_serves().await;
    }
}

/// The Close frame must not be overtaken by a reset, though the peer is still sending.
#[tokio::test]
async fn a_message_over_the_limit_is_answered_by_1009_and_no_reset() {
    let server = Server::start().await;
    let over = server::Limits::DEFAULT.message + 1;
    let mut other = open(server.authority(), "/echo").await;
    let largest = vec![1; over - 1];
    other.write_all(&frame(FIN | BINARY, &largest)).await.unwrap();
    assert!(raw::read_frame(&mut other).await.unwrap() == (FIN | BINARY, largest), "at the bound");
    let (mut read, mut write) = open(server.authority(), "/echo").await.into_split();
    let sending = async move {
        write.write_all(&head(FIN | BINARY, over as u64)).await.unwrap();
        write.write_all(&vec![0; over]).await.expect("it is read to the end");
    };
    let reading = async {
        let mut answer = Vec::new();
        read.read_to_end(&mut answer).await.expect("no reset");
        answer
    };
    let ((), answer) = soon("the end", async { tokio::join!(sending, reading) }).await;
    assert_eq!(answer[0], FIN | CLOSE);
    assert_eq!(answer[2..4], 1009_u16.to_be_bytes());
    // It ends its own connection only.
    other.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    assert_eq!(raw::read_frame(&mut other).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
}

#[tokio::test]
async fn a_character_may_be_split_between_fragments() {
    let server = Server::start().await;
    let euro = "€".as_bytes();
    for split in 0..=euro.len() {
        let mut stream = open(server.authority(), "/echo").await;
        let bytes = [frame(TEXT, &euro[..split]), frame(FIN, &euro[split..])].concat();
        stream.write_all(&bytes).await.unwrap();
        let mut answer = [0; 5];
        soon("the echo", stream.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, [FIN | TEXT, 3, euro[0], euro[1], euro[2]], "split at {split}");
    }
}
