//! A client and a server that talk to each other: whatever was negotiated, however messages are fragmented
//! and the bytes are cut.

use proptest::{collection::vec, prelude::*};
use protocol::{
    Client, ClientHandshake, ClientWindow, Close, Deflate, FrameLog, FrameRecord, Header,
    InvalidHeader, Kind, NONCE_LEN, Negotiated, Offer, Opcode, Part, Received, Receiver, Role,
    SEED_LEN, Sender, Server, Violation, accept_key, negotiate,
};

use super::{LIMITS, any_message, messages};

/// One side of a connection.
struct Side<R> {
    sender: Sender<R>,
    receiver: Receiver<R, FrameLog>,
    /// True to write the middle of large payloads into the message directly.
    direct: bool,
}

impl<R: Role> Side<R> {
    fn new(role: R, deflate: Option<Deflate>) -> Self {
        Self {
            sender: Sender::new(role, deflate, 0),
            receiver: Receiver::observed(LIMITS, deflate, FrameLog::default()),
            direct: true,
        }
    }

    /// Bytes of `messages`, with a ping between the fragments of each; those that are not fragmented go
    /// through `write_message`.
    fn write(&mut self, messages: &[(Kind, Vec<u8>, Option<usize>)]) -> Vec<u8> {
        let mut out = Vec::new();
        for (kind, message, len) in messages {
            match len {
                Some(len) => {
                    let mut fragments = self.sender.fragment(*kind, message, *len);
                    while self.sender.write_fragment(&mut fragments, &mut out) {
                        self.sender.write_frame(Opcode::Ping, b"between", &mut out);
                    }
                    let written = out.len();
                    assert!(!self.sender.write_fragment(&mut fragments, &mut out));
                    assert_eq!(out.len(), written, "nothing follows the last fragment");
                }
                None => self.sender.write_message(*kind, message, &mut out),
            }
            // A sender may forget its window at any time.
            if message.len().is_multiple_of(3) {
                self.sender.release_memory();
            }
        }
        out
    }

    /// Messages received of `bytes` that come in `chunks`, pings left out, and the frames.
    fn read(
        &mut self,
        bytes: &[u8],
        chunks: &[usize],
    ) -> Result<(Vec<Received<'static>>, Vec<FrameRecord>), Violation> {
        let (mut received, violation) =
            super::receive(&mut self.receiver, bytes, chunks, self.direct);
        received.retain(|one| !matches!(one, Received::Ping(_)));
        violation.map_or_else(|| Ok((received, self.receiver.observer().take())), Err)
    }
}

/// A message, and the length of its fragments if it is fragmented.
fn any_fragmented() -> impl Strategy<Value = (Kind, Vec<u8>, Option<usize>)> {
    let len =
        prop_oneof![Just(None), (0..10_usize).prop_map(Some), (10..30_000_usize).prop_map(Some)];
    (any_message(), len).prop_map(|((kind, payload), len)| {
        // Fragments of a byte or two only where they are few.
        let len = len.map(|len| if payload.len() > 2_000 { len.max(100) } else { len });
        (kind, payload, len)
    })
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let window = prop_oneof![
        Just(ClientWindow::Absent),
        Just(ClientWindow::Any),
        (8..=15_u8).prop_map(ClientWindow::AtMost),
    ];
    (any::<bool>(), any::<bool>(), prop::option::of(8..=15_u8), window).prop_map(
        |(server_forgets, client_forgets, server_max_window_bits, client_max_window_bits)| Offer {
            server_no_context_takeover: server_forgets,
            client_no_context_takeover: client_forgets,
            server_max_window_bits,
            client_max_window_bits,
        },
    )
}

/// Parameters that both sides of an opening handshake have in the end.
fn negotiated(offers: Vec<Offer>) -> Option<Deflate> {
    let handshake = ClientHandshake::new([7; NONCE_LEN], Vec::new(), offers);
    let headers = handshake.headers();
    let value = |name| headers.iter().find(|(it, _)| *it == name).map(|(_, value)| value.as_str());
    let accepted = negotiate(value("Sec-WebSocket-Extensions"));
    let accept = accept_key(value("Sec-WebSocket-Key").unwrap().as_bytes());
    let extensions = accepted.map(|accepted| accepted.to_string());
    let mut response = vec![
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-accept", &accept),
    ];
    response.extend(extensions.as_deref().map(|value| ("sec-websocket-extensions", value)));
    let agreed = handshake.check(&response);
    assert_eq!(agreed, Ok(Negotiated { subprotocol: None, deflate: accepted }));
    accepted
}

/// Frames account for all bytes, on the wire and inflated.
fn check_frames(frames: &[FrameRecord], bytes: &[u8], is_masked: bool, sent: &[(Kind, Vec<u8>)]) {
    let size = |header: &Header| {
        let mut head = Vec::new();
        header.encode(&mut head);
        head.len() as u64 + header.len
    };
    let on_the_wire = frames.iter().map(|frame| size(&frame.header)).sum::<u64>();
    assert_eq!(on_the_wire, bytes.len() as u64);
    assert!(frames.iter().all(|frame| frame.header.mask.is_some() == is_masked));
    let data = || frames.iter().filter(|frame| !frame.header.opcode.is_control());
    let inflated = data().map(|frame| frame.inflated.unwrap_or(frame.header.len)).sum::<u64>();
    assert_eq!(inflated, sent.iter().map(|(_, message)| message.len() as u64).sum::<u64>());
    let begun = data().filter_map(|frame| frame.header.opcode.kind()).collect::<Vec<_>>();
    assert_eq!(begun, sent.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
    assert_eq!(data().filter(|frame| frame.header.fin).count(), sent.len());
    if is_masked {
        let keys = frames.iter().filter_map(|frame| frame.header.mask);
        let distinct = keys.collect::<std::collections::HashSet<_>>().len();
        // Two of a few thousand keys of 32 bits may be equal; never many.
        assert!(distinct + 2 >= frames.len(), "{distinct} keys of {} frames", frames.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_client_and_a_server_understand_each_other(
        offers in vec(any_offer(), 0..3),
        asked in vec(any_fragmented(), 1..5),
        answered in vec(any_fragmented(), 1..5),
        chunks in vec(prop_oneof![1..20_usize, 1..20_000_usize], 1..6),
        seed: [u8; SEED_LEN],
        direct: bool,
    ) {
        let deflate = negotiated(offers);
        let mut client = Side::new(Client::new(seed), deflate);
        let mut server = Side::new(Server, deflate);
        (client.direct, server.direct) = (direct, direct);
        let plain = |messages: &[(Kind, Vec<u8>, Option<usize>)]| {
            messages.iter().map(|(kind, message, _)| (*kind, message.clone())).collect::<Vec<_>>()
        };
        let bytes = client.write(&asked);
        let (received, frames) = server.read(&bytes, &chunks).unwrap();
        prop_assert_eq!(messages(received), plain(&asked));
        check_frames(&frames, &bytes, true, &plain(&asked));

        let bytes = server.write(&answered);
        let (received, frames) = client.read(&bytes, &chunks).unwrap();
        prop_assert_eq!(messages(received), plain(&answered));
        check_frames(&frames, &bytes, false, &plain(&answered));
    }

    #[test]
    fn what_is_received_does_not_depend_on_the_cut(
        bytes in vec(prop_oneof![4 => any::<u8>(), 1 => Just(0x81), 1 => Just(0x80), 1 => 0..2_u8], 0..300),
        chunks in vec(1..9_usize, 1..6),
        compressed: bool,
    ) {
        let deflate = compressed.then(Deflate::default);
        prop_assert_eq!(cut::<Client>(deflate, &bytes, &chunks), cut::<Client>(deflate, &bytes, &[usize::MAX]));
        prop_assert_eq!(cut::<Server>(deflate, &bytes, &chunks), cut::<Server>(deflate, &bytes, &[usize::MAX]));
    }
}

/// Result of any bytes in `chunks` for a receiver in the role `R`; with the frames if none is a violation.
fn cut<R: Role>(
    deflate: Option<Deflate>,
    bytes: &[u8],
    chunks: &[usize],
) -> (Vec<Received<'static>>, Result<Vec<FrameRecord>, Violation>) {
    let mut receiver = Receiver::<R, _>::observed(LIMITS, deflate, FrameLog::default());
    let (received, violation) = super::receive(&mut receiver, bytes, chunks, true);
    (received, violation.map_or_else(|| Ok(receiver.observer().take()), Err))
}

#[test]
fn a_masked_frame_of_a_server_is_a_violation() {
    let mut masked = Vec::new();
    Sender::new(Client::new([1; SEED_LEN]), None, 0).write_message(Kind::Text, b"a", &mut masked);
    for chunk in [1, usize::MAX] {
        let mut client = Side::new(Client::new([2; SEED_LEN]), None);
        assert_eq!(client.read(&masked, &[chunk]), Err(Violation::Masked));
        let frame = client.receiver.observer().incomplete().expect("its header is seen");
        assert!(frame.header.mask.is_some() && frame.header.len == 1);
    }
    assert_eq!(Violation::Masked.close_code(), 1002);
}

#[test]
fn an_observer_sees_the_header_that_is_refused() {
    for (bytes, len, encoded_len) in [
        (&[0xb3, 1, b'a'][..], Some(1), 2),
        (&[0x89, 126, 1, 2, b'a'], Some(258), 4),
        (&[0x89, 127, 0], None, 10),
    ] {
        let mut client = Side::new(Client::new([0; SEED_LEN]), None);
        assert!(client.read(bytes, &[usize::MAX]).is_err());
        let refused = client.receiver.observer().refused();
        let expected = InvalidHeader { first: bytes[0], mask: None, len, encoded_len };
        assert_eq!(refused, Some(expected));
        assert_eq!(client.receiver.observer().incomplete(), None);

        // The second byte is enough for the violation, so that one by one it is all that is seen.
        let mut client = Side::new(Client::new([0; SEED_LEN]), None);
        assert!(client.read(bytes, &[1]).is_err());
        let refused = client.receiver.observer().refused().expect("its header is seen");
        assert_eq!((refused.first, refused.len), (bytes[0], len.filter(|_| encoded_len == 2)));
    }
}

/// Text is refused at its first wrong byte, in whatever fragment that comes.
#[test]
fn a_client_checks_text_as_fragments_arrive() {
    let mut server = Side::new(Server, None);
    let mut fragments = server.sender.fragment(Kind::Text, b"\xed\x95\x9c\xed\xa0\x80 and more", 4);
    let mut client = Side::new(Client::new([0; SEED_LEN]), None);
    let mut results = Vec::new();
    let mut is_going_on = true;
    while is_going_on {
        let mut out = Vec::new();
        is_going_on = server.sender.write_fragment(&mut fragments, &mut out);
        results.push(client.read(&out, &[usize::MAX]).map(|(received, _)| received.len()));
        if results.last() == Some(&Err(Violation::Utf8)) {
            break;
        }
    }
    assert_eq!(results, [Ok(0), Err(Violation::Utf8)]);
}

#[test]
fn the_close_handshake_works_both_ways() {
    let close = Close { code: 3000, reason: "bye".to_owned() };
    let mut client = Side::new(Client::new([0; SEED_LEN]), None);
    let mut server = Side::new(Server, None);
    for close in [Some(close), None] {
        let mut out = Vec::new();
        client.sender.write_close(close.as_ref(), &mut out);
        let (received, _) = server.read(&out, &[3]).unwrap();
        assert_eq!(received, [Received::Close(close.clone())]);
        out.clear();
        server.sender.write_close(close.as_ref(), &mut out);
        let (received, _) = client.read(&out, &[3]).unwrap();
        assert_eq!(received, [Received::Close(close)]);
    }
}

/// The first frame says that a message is compressed, and none after it.
#[test]
fn only_the_first_frame_of_a_compressed_message_has_rsv1() {
    let mut client = Side::new(Client::new([0; SEED_LEN]), Some(Deflate::default()));
    let mut server = Side::new(Server, Some(Deflate::default()));
    let message = "as fragments arrive ".repeat(50).into_bytes();
    let bytes = client.write(&[(Kind::Text, message, Some(4))]);
    let (_, frames) = server.read(&bytes, &[usize::MAX]).unwrap();
    let (first, rest) = frames.split_first().expect("frames");
    assert!(first.header.compressed && first.inflated.is_some() && rest.len() > 2);
    assert!(rest.iter().all(|frame| !frame.header.compressed));
    let pings = rest.iter().filter(|frame| frame.header.opcode == Opcode::Ping);
    assert!(pings.clone().count() > 1 && pings.clone().all(|ping| ping.inflated.is_none()));
}

#[test]
fn a_part_may_be_empty() {
    for deflate in [None, Some(Deflate::default())] {
        let mut client = Side::new(Client::new([0; SEED_LEN]), deflate);
        let mut server = Side::new(Server, deflate);
        let mut out = Vec::new();
        let parts: [&[u8]; 4] = [b"", b"a message ", b"", b""];
        for _ in 0..2 {
            for (at, payload) in parts.into_iter().enumerate() {
                let (is_first, is_last) = (at == 0, at == 3);
                let part = Part { kind: Kind::Text, payload, message_len: 10, is_first, is_last };
                client.sender.write_part(part, &mut out);
            }
        }
        let (received, frames) = server.read(&out, &[5]).unwrap();
        assert_eq!(messages(received), vec![(Kind::Text, b"a message ".to_vec()); 2]);
        assert_eq!(frames.len(), 8);
    }
}
