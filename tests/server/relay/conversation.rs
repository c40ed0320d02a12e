//! Messages, frames and ends, as they were on the wire.

use harness::{
    Server,
    raw::{self, BINARY, CLOSE, FIN, PING, PONG, RSV1, TEXT},
    relayed::{RelayClient, to, token},
};
use relay::{Command, Direction, EndCause, Event, Fragments, Message, Open, PayloadKind, Side};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::connected;

/// A server's frame: not masked.
fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u8::try_from(payload.len()).unwrap();
    assert!(len < 126);
    [&[first, len], payload].concat()
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_is_told_before_the_end() {
    let server = Server::start().await;
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    // FIN, RSV2, the reserved opcode 3.
    stream.write_all(&[0xa3, 1, b'a']).await.unwrap();
    let frame = page.frame(Direction::Received).await;
    let told = (frame.opcode, frame.fin, frame.compressed, frame.head_len, frame.wire_len);
    assert_eq!(told, (0x23, true, false, 2, 1));
}

#[tokio::test]
async fn each_frame_is_told_once_with_what_it_completes() {
    let server = Server::start().await;
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    let sent = [
        unmasked(TEXT, b"he"),
        unmasked(FIN | PING, b"p"),
        unmasked(0, b"l"),
        unmasked(FIN, b"lo"),
        unmasked(FIN | BINARY, &[1, 2, 3]),
        unmasked(FIN | PONG, b""),
    ];
    stream.write_all(&sent.concat()).await.unwrap();
    let mut told = Vec::new();
    while told.len() < sent.len() {
        let frame = page.frame(Direction::Received).await;
        assert!(!frame.masked && frame.head_len == 2 && frame.inflated.is_none(), "{frame:?}");
        let payload = frame.payload.map(|_| page.last_payload.clone());
        told.push((frame.opcode, frame.fin, frame.wire_len, frame.kind, payload));
    }
    assert_eq!(
        told,
        [
            (TEXT, false, 2, PayloadKind::Text, None),
            (PING, true, 1, PayloadKind::Binary, Some(b"p".to_vec())),
            (0, false, 1, PayloadKind::Text, None),
            (0, true, 2, PayloadKind::Text, Some(b"hello".to_vec())),
            (BINARY, true, 3, PayloadKind::Binary, Some(vec![1, 2, 3])),
            (PONG, true, 0, PayloadKind::Binary, Some(Vec::new())),
        ]
    );
    assert_eq!(raw::read_client_frame(&mut stream).await, (FIN | PONG, b"p".to_vec()));
}

#[tokio::test]
async fn what_is_sent_has_the_frames_that_the_page_asks_for() {
    let server = Server::start().await;
    let offers = vec!["permessage-deflate".to_owned()];
    let (mut page, mut stream) =
        connected(server.authority(), |open| Open { offers, ..open }).await;
    let long = "a".repeat(1_000);
    let message = |payload, fragments, compress| {
        Command::Message(Message { kind: PayloadKind::Text, compress, fragments, payload })
    };
    page.send(&message(long.as_bytes(), Fragments::NONE, true)).await;
    page.send(&message(b"hello", Fragments::Bytes(2), false)).await;
    page.send(&message(b"", Fragments::NONE, true)).await;
    page.send(&message(b"\xff", Fragments::NONE, false)).await;
    page.send(&Command::Ping(b"ping")).await;
    page.send(&Command::Pong(b"pong")).await;

    let (first, compressed) = raw::read_client_frame(&mut stream).await;
    assert_eq!(first, FIN | RSV1 | TEXT);
    let mut text = Vec::with_capacity(2_000);
    let payload = [&compressed[..], &[0, 0, 0xff, 0xff]].concat();
    let mut inflater = flate2::Decompress::new(false);
    inflater.decompress_vec(&payload, &mut text, flate2::FlushDecompress::Sync).unwrap();
    assert_eq!(text, long.as_bytes());
    for (first, payload) in [
        (TEXT, &b"he"[..]),
        (0, b"ll"),
        (FIN, b"o"),
        (FIN | TEXT, b""),
        (FIN | TEXT, b"\xff"),
        (FIN | PING, b"ping"),
        (FIN | PONG, b"pong"),
    ] {
        assert_eq!(raw::read_client_frame(&mut stream).await, (first, payload.to_vec()));
    }
    let told = page.frame(Direction::Sent).await;
    assert!(told.masked && told.compressed && told.fin, "{told:?}");
    assert_eq!((told.wire_len, told.inflated), (compressed.len() as u64, Some(1_000)));
    for (opcode, wire_len) in [(TEXT, 2), (0, 2), (0, 1), (TEXT, 0), (TEXT, 1), (PING, 4)] {
        let told = page.frame(Direction::Sent).await;
        assert_eq!((told.opcode, told.wire_len, told.inflated), (opcode, wire_len, None));
    }
    loop {
        // All six are written at last.
        if let Event::Written(6) = page.event().await {
            break;
        }
    }
}

#[tokio::test]
async fn compressed_messages_are_inflated_and_their_sizes_told() {
    let server = Server::start().await;
    let open = Open { offers: vec!["permessage-deflate".to_owned()], ..to(&server.ws("/echo")) };
    let (mut page, opened) = RelayClient::connected(server.authority(), open).await;
    assert_eq!(opened.deflate.as_deref(), Some("permessage-deflate"));
    let text = "hello ".repeat(1_000);
    page.send_text(&text).await;
    let frame = page.frame(Direction::Received).await;
    assert_eq!(page.last_payload, text.as_bytes());
    assert_eq!((frame.compressed, frame.inflated), (true, Some(6_000)));
    assert!(frame.wire_len < 200, "{frame:?}");
}

#[tokio::test]
async fn large_messages_arrive_as_they_were_sent() {
    let server = Server::start().await;
    let (mut page, _) = RelayClient::connected(server.authority(), to(&server.ws("/echo"))).await;
    // Across the sizes from which on they are not copied.
    for len in [16 << 10, (16 << 10) - 1, 70_000, 5 << 20] {
        let payload: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let message = Message {
            kind: PayloadKind::Binary,
            compress: true,
            fragments: Fragments::NONE,
            payload: &payload,
        };
        page.send(&Command::Message(message)).await;
        assert!(page.payload().await == payload, "{len}");
        let taken = page.received;
        page.send(&Command::Taken(taken)).await;
    }
}

#[tokio::test]
async fn the_end_says_who_closed_and_how() {
    let server = Server::start().await;
    // The page, with a code that no browser sends; the target answers with another.
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    page.send(&Command::Close { code: Some(1006), reason: b"\xff" }).await;
    assert_eq!(raw::read_client_frame(&mut stream).await, (FIN | CLOSE, b"\x03\xee\xff".to_vec()));
    stream.write_all(&unmasked(FIN | CLOSE, b"\x03\xe8bye")).await.unwrap();
    drop(stream);
    let end = page.end().await;
    assert_eq!((end.side, end.cause, end.code), (Side::Page, EndCause::Closed, Some(1000)));
    assert_eq!(end.reason, "bye");
    assert_eq!(u16::from(page.close().await.code), 1000);

    // The target; its Close frame is answered.
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    stream.write_all(&unmasked(FIN | CLOSE, b"\x0f\xa1why")).await.unwrap();
    assert_eq!(raw::read_client_frame(&mut stream).await, (FIN | CLOSE, b"\x0f\xa1why".to_vec()));
    drop(stream);
    let end = page.end().await;
    assert_eq!((end.side, end.cause, end.code), (Side::Target, EndCause::Closed, Some(4001)));

    // Neither: the connection to the target is lost.
    let (mut page, stream) = connected(server.authority(), |open| open).await;
    drop(stream);
    let end = page.end().await;
    assert_eq!((end.side, end.cause, end.code), (Side::Target, EndCause::Lost, None));

    // The relay, since the target masks.
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    stream.write_all(&raw::frame(FIN | TEXT, b"masked")).await.unwrap();
    assert_eq!(raw::read_client_frame(&mut stream).await, (FIN | CLOSE, b"\x03\xea".to_vec()));
    let end = page.end().await;
    assert_eq!((end.side, end.cause, end.code), (Side::Relay, EndCause::Violation, Some(1002)));
}

#[tokio::test]
async fn raw_bytes_reach_the_target_in_no_frame() {
    let server = Server::start().await;
    let (mut page, mut stream) = connected(server.authority(), |open| open).await;
    page.send(&Command::Raw(b"\x81\x85no frame")).await;
    let mut bytes = [0; 10];
    stream.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"\x81\x85no frame");
}

#[tokio::test]
async fn a_message_is_in_as_many_fragments_as_the_page_counts() {
    let server = Server::start().await;
    let offers = vec!["permessage-deflate".to_owned()];
    let (mut page, mut stream) =
        connected(server.authority(), |open| Open { offers, ..open }).await;
    let text = |payload, count, compress| {
        let fragments = Fragments::Count(count);
        Command::Message(Message { kind: PayloadKind::Text, compress, fragments, payload })
    };
    page.send(&text(b"hello", 3, false)).await;
    page.send(&text(b"a", 3, false)).await;
    page.send(&text(b"", 2, false)).await;
    page.send(&text(b"whole", 0, false)).await;
    for (first, payload) in [
        (TEXT, &b"he"[..]),
        (0, b"ll"),
        (FIN, b"o"),
        (TEXT, b"a"),
        (0, b""),
        (FIN, b""),
        (TEXT, b""),
        (FIN, b""),
        (FIN | TEXT, b"whole"),
    ] {
        assert_eq!(raw::read_client_frame(&mut stream).await, (first, payload.to_vec()));
    }
    // Compressed, it has fewer bytes than fragments.
    page.send(&text(&[b'a'; 1_000], 100, true)).await;
    let mut firsts = Vec::new();
    while firsts.last() != Some(&FIN) {
        firsts.push(raw::read_client_frame(&mut stream).await.0);
    }
    assert_eq!((firsts.len(), firsts[0]), (100, RSV1 | TEXT));
}

#[tokio::test]
async fn a_page_that_goes_away_closes_with_1001() {
    let server = Server::start().await;
    let (page, mut stream) = connected(server.authority(), |open| open).await;
    drop(page);
    assert_eq!(raw::read_client_frame(&mut stream).await, (FIN | CLOSE, b"\x03\xe9".to_vec()));
}

#[tokio::test]
async fn what_cannot_be_decoded_or_is_out_of_order_is_closed_with_1002() {
    let server = Server::start().await;
    let here = server.authority();
    let message = |fragments| {
        Command::Message(Message {
            kind: PayloadKind::Text,
            compress: true,
            fragments,
            payload: &[0; 5_000],
        })
    };
    for command in [
        Command::Ping(&[0; 126]),
        Command::Close { code: Some(1000), reason: &[0; 124] },
        message(Fragments::Bytes(1)),
        message(Fragments::Count(5_000)),
        Command::Taken(1 << 40),
        Command::Open(Box::new(to("ws://localhost"))),
        Command::Hello { version: relay::VERSION, token: [0; relay::TOKEN_LEN] },
    ] {
        let (mut page, _) = RelayClient::connected(here, to(&server.ws("/echo"))).await;
        page.send(&command).await;
        assert_eq!(u16::from(page.close().await.code), 1002, "{command:?}");
    }
    let mut page = RelayClient::silent(here).await;
    let (version, token) = (relay::VERSION + 1, token(here).await);
    page.send(&Command::Hello { version, token }).await;
    assert_eq!(u16::from(page.close().await.code), 1002, "another version");
    let mut page = RelayClient::greeted(here).await;
    page.send_bytes(vec![99; 20]).await;
    assert_eq!(u16::from(page.close().await.code), 1002);
    let mut page = RelayClient::greeted(here).await;
    page.send(&Command::Ping(b"")).await;
    assert_eq!(u16::from(page.close().await.code), 1002, "before it is open");
}

#[tokio::test]
async fn the_events_of_an_opening_come_in_their_order() {
    let server = Server::start().await;
    let open = Open { subprotocols: vec!["chat".to_owned()], ..to(&server.ws("/echo")) };
    let mut page = RelayClient::asking(server.authority(), open).await;
    let events = page.opening().await;
    let [resolved, Event::Connected(_), Event::Request(_), response, Event::Opened(opened)] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert!(matches!(resolved, Event::Resolved { host, .. } if host == "localhost"));
    let Event::Response(response) = response else { panic!("{response:?}") };
    assert_eq!(response.status, 101);
    assert_eq!(opened.subprotocol.as_deref(), Some("chat"));
    assert_eq!(opened.times.len(), 3, "name, TCP and HTTP");
}
