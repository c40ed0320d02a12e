//! `/fault/{name}`: each sends the bytes that its name says, and nothing else is wrong.

use std::collections::BTreeSet;

use flate2::{Decompress, FlushDecompress};
use harness::{
    Server,
    raw::{self, FIN, TEXT, frame, open, read_frame},
    soon,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{close_frame, get, list, until_end};

/// Expected end of a connection after a fault.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Echo,
    /// The fault is a Close frame of a kind: the client's own ends the connection.
    Close,
    End,
}

/// The faults that are bytes, as RFC 6455 section 5.2 draws them.
const FRAMES: [(&str, &[u8], Then); 19] = [
    // MASK is set; "Hello" as in section 5.7.
    ("/fault/masked-frame", b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", Then::Echo),
    ("/fault/reserved-opcode", b"\x83\x05fault", Then::Echo),
    ("/fault/reserved-control-opcode", b"\x8b\x05fault", Then::Echo),
    ("/fault/reserved-bit", b"\xa1\x05fault", Then::Echo),
    ("/fault/invalid-utf8", b"\x81\x06fault\xff", Then::Echo),
    ("/fault/invalid-utf8-in-fragments", b"\x01\x07fault\xe2\x82\x80\x01\x28", Then::Echo),
    ("/fault/unfinished-utf8", b"\x81\x07fault\xe2\x82", Then::Echo),
    ("/fault/fragmented-control", b"\x09\x02fa\x80\x03ult", Then::Echo),
    ("/fault/unexpected-continuation", b"\x80\x05fault", Then::Echo),
    ("/fault/interleaved-message", b"\x01\x03fau\x81\x05fault\x80\x02lt", Then::Echo),
    ("/fault/short-payload", b"\x81\x7dfault", Then::End),
    ("/fault/overlong-length", b"\x81\x7e\x00\x05fault", Then::Echo),
    ("/fault/huge-length", b"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x05fault", Then::Echo),
    ("/fault/close-code", b"\x88\x02\x03\xed", Then::Close),
    ("/fault/close-code-out-of-range", b"\x88\x02\x03\xe7", Then::Close),
    ("/fault/close-payload", b"\x88\x01\x03", Then::Close),
    ("/fault/close-reason", b"\x88\x08\x03\xe8fault\xff", Then::Close),
    ("/fault/data-after-close", b"\x88\x02\x03\xe8\x81\x05fault", Then::Close),
    ("/fault/unoffered-compression", b"\xc1\x07\x4a\x4b\x2c\xcd\x29\x01\x00", Then::Echo),
];

/// Those that are told of by tests of their own.
const OTHERS: [&str; 5] = [
    "/fault/wrong-accept",
    "/fault/missing-accept",
    "/fault/unoffered-extension",
    "/fault/long-control",
    "/fault/corrupt-deflate",
];

const DEFLATE: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

async fn head(server: &Server, path: &str, lines: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    let head = raw::shake_hands(&mut stream, path, lines).await;
    (stream, head)
}

async fn comes(stream: &mut TcpStream, expected: &[u8], what: &str) {
    let mut bytes = vec![0; expected.len()];
    soon(what, stream.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(bytes, expected, "{what}");
}

async fn echoes(stream: &mut TcpStream, what: &str) {
    stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    assert_eq!(read_frame(stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()), "{what}");
}

#[tokio::test]
async fn each_fault_is_the_one_that_it_is_called() {
    let server = Server::start().await;
    for (path, expected, then) in FRAMES {
        // What a client offers changes nothing.
        for lines in ["", DEFLATE] {
            let (mut stream, head) = head(&server, path, lines).await;
            assert!(head.starts_with("HTTP/1.1 101 "), "{path}: {head}");
            comes(&mut stream, expected, path).await;
            match then {
                Then::Echo => echoes(&mut stream, path).await,
                Then::Close => stream.write_all(&close_frame(1000)).await.unwrap(),
                Then::End => {}
            }
            if then != Then::Echo {
                assert_eq!(until_end(&mut stream).await, b"", "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_fault_comes_after_the_messages_or_the_time_asked_for() {
    let server = Server::start().await;
    for (path, expected, _) in FRAMES {
        let mut stream = open(server.authority(), &format!("{path}?after=2")).await;
        echoes(&mut stream, path).await;
        echoes(&mut stream, path).await;
        comes(&mut stream, expected, path).await;
    }
    let mut stream = open(server.authority(), "/fault/masked-frame?after=100ms").await;
    echoes(&mut stream, "before the fault").await;
    comes(&mut stream, FRAMES[0].1, "the fault").await;
}

#[tokio::test]
async fn a_control_frame_can_be_too_long() {
    let server = Server::start().await;
    let mut stream = open(server.authority(), "/fault/long-control").await;
    let mut expected = b"\x89\x7e\x00\x7e".to_vec();
    expected.extend([b'x'; 126]);
    comes(&mut stream, &expected, "the ping").await;
    echoes(&mut stream, "after the ping").await;
    let mut stream = open(server.authority(), "/fault/long-control?after=1").await;
    echoes(&mut stream, "before the ping").await;
    comes(&mut stream, &expected, "the ping").await;
}

#[tokio::test]
async fn a_proof_can_be_wrong_or_missing() {
    const RIGHT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    let server = Server::start().await;
    let (mut stream, wrong) = head(&server, "/fault/wrong-accept", "").await;
    let line = wrong.lines().find_map(|line| line.strip_prefix("sec-websocket-accept: "));
    let proof = line.expect("there is one");
    assert_ne!(proof, RIGHT);
    assert_eq!(proof.len(), RIGHT.len());
    echoes(&mut stream, "after a wrong proof").await;
    let (mut stream, missing) = head(&server, "/fault/missing-accept", "").await;
    assert!(missing.starts_with("HTTP/1.1 101 "), "{missing}");
    assert!(!missing.contains("sec-websocket-accept"), "{missing}");
    echoes(&mut stream, "after no proof").await;
}

#[tokio::test]
async fn an_extension_can_be_chosen_that_was_not_offered() {
    let server = Server::start().await;
    for lines in ["", DEFLATE] {
        let (_, head) = head(&server, "/fault/unoffered-extension", lines).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("sec-websocket-extensions: x-wsbench-unoffered\r\n"), "{head}");
    }
}

#[tokio::test]
async fn what_was_compressed_can_be_corrupt() {
    let server = Server::start().await;
    let (_, refused) = head(&server, "/fault/corrupt-deflate", "").await;
    assert!(refused.starts_with("HTTP/1.1 400 "), "{refused}");
    for query in ["", "?after=1"] {
        let path = format!("/fault/corrupt-deflate{query}");
        let (mut stream, head) = head(&server, &path, DEFLATE).await;
        assert!(head.contains("sec-websocket-extensions: permessage-deflate\r\n"), "{head}");
        if !query.is_empty() {
            echoes(&mut stream, "before the fault").await;
        }
        let (first, payload) = read_frame(&mut stream).await.unwrap();
        assert_eq!(first, FIN | raw::RSV1 | TEXT);
        let mut inflated = Vec::with_capacity(100);
        let inflating =
            Decompress::new(false).decompress_vec(&payload, &mut inflated, FlushDecompress::Sync);
        assert!(inflating.is_err(), "{inflated:?}");
        echoes(&mut stream, "after the fault").await;
    }
}

#[tokio::test]
async fn every_fault_is_known_here() {
    let server = Server::start().await;
    let list = list(&server).await;
    let paths = list["endpoints"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap());
    let listed = paths.filter(|path| path.starts_with("/fault/")).collect::<BTreeSet<_>>();
    let known = FRAMES.iter().map(|(path, ..)| *path).chain(OTHERS).collect::<BTreeSet<_>>();
    assert_eq!(listed, known);
}

#[tokio::test]
async fn an_unknown_fault_is_answered_by_the_names_of_all() {
    let server = Server::start().await;
    let answer = get(&server, "/fault/nonsense").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(answer.contains("Unknown fault 'nonsense'. Known"), "{answer}");
    let slip = get(&server, "/fault/mask-frame").await;
    assert!(slip.contains("'mask-frame'. Did you mean /fault/masked-frame?"), "{slip}");
    for path in FRAMES.iter().map(|(path, ..)| *path).chain(OTHERS) {
        assert!(answer.contains(path.trim_start_matches("/fault/")), "{path}: {answer}");
    }
}
