//! Decoding of streams: the same messages however the bytes are split, and every violation detected.

#![expect(clippy::similar_names, reason = "ping and pong, receiver and received")]

use std::borrow::Cow;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use proptest::{collection::vec, prelude::*};
use protocol::{
    Close, Deflate, Header, Kind, Limits, Opcode, Part, Received, Receiver, Role, SEED_LEN, Sender,
    Server, Violation, compressed_frame, mask, negotiate,
};

const LIMITS: Limits = Limits { frame: 1 << 20, message: 1 << 20 };

/// Minimal client side of the protocol.
#[derive(Default)]
struct Client {
    bytes: Vec<u8>,
    deflater: Option<Compress>,
}

impl Client {
    fn compressing() -> Self {
        let deflater = Compress::new_with_window_bits(Compression::best(), false, 15);
        Self { bytes: Vec::new(), deflater: Some(deflater) }
    }

    fn frame(&mut self, opcode: Opcode, fin: bool, compressed: bool, payload: &[u8]) -> &mut Self {
        let key = [0x12, 0x34, 0x56, 0x78];
        let len = payload.len() as u64;
        Header { fin, compressed, opcode, mask: Some(key), len }.encode(&mut self.bytes);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        mask(&mut self.bytes[start..], key);
        self
    }

    fn text(&mut self, fin: bool, payload: &[u8]) -> &mut Self {
        self.frame(Opcode::Text, fin, false, payload)
    }

    /// Appends a message fragmented at `cuts`, with a ping before each frame but the first.
    fn message(&mut self, kind: Kind, payload: &[u8], cuts: &[prop::sample::Index]) {
        let payload = match &mut self.deflater {
            Some(deflater) if !payload.is_empty() => Cow::Owned(deflate(deflater, payload)),
            _ => Cow::Borrowed(payload),
        };
        let compressed = matches!(payload, Cow::Owned(_));
        let mut ends: Vec<_> = cuts.iter().map(|cut| cut.index(payload.len() + 1)).collect();
        ends.sort_unstable();
        ends.push(payload.len());
        let mut start = 0;
        for (at, end) in ends.iter().enumerate() {
            let opcode = match (at, kind) {
                (0, Kind::Text) => Opcode::Text,
                (0, Kind::Binary) => Opcode::Binary,
                _ => Opcode::Continuation,
            };
            if at > 0 {
                self.frame(
                    Opcode::Ping,
                    true,
                    false,
                    &payload[start..start.max(*end).min(start + 5)],
                );
            }
            let is_last = at + 1 == ends.len();
            self.frame(opcode, is_last, compressed && at == 0, &payload[start..*end]);
            start = *end;
        }
    }
}

fn deflate(deflater: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() * 2 + 64);
    deflater.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
    assert!(out.len() < out.capacity(), "room for all of it");
    out.truncate(out.len() - 4);
    out
}

/// Decodes `bytes`, given to a receiver in `chunks`. With `direct`, the middle of large payloads is
/// written into the message directly.
fn receive<R: Role>(
    mut receiver: Receiver<R>,
    bytes: &[u8],
    chunks: &[usize],
    direct: bool,
) -> (Vec<Received<'static>>, Option<Violation>) {
    let mut received = Vec::new();
    let mut rest = bytes;
    let mut chunks = chunks.iter().copied().cycle();
    while !rest.is_empty() {
        let take = chunks.next().unwrap_or(usize::MAX).clamp(1, rest.len());
        if direct && let Some(mut room) = receiver.room() {
            use bytes::BufMut;
            let take = take.min(room.remaining_mut());
            room.put_slice(&rest[..take]);
            rest = &rest[take..];
            match receiver.filled(take) {
                Ok(more) => received.extend(more),
                Err(violation) => return (received, Some(violation)),
            }
            continue;
        }
        let mut chunk = rest[..take].to_vec();
        rest = &rest[take..];
        let mut input = &mut chunk[..];
        loop {
            match receiver.receive(&mut input) {
                Ok(Some(Received::Progress(_))) => {}
                Ok(Some(one)) => received.push(one.into_owned()),
                Ok(None) => break,
                Err(violation) => return (received, Some(violation)),
            }
        }
        assert!(input.is_empty(), "all of a chunk is used");
    }
    (received, None)
}

fn messages(received: Vec<Received<'static>>) -> Vec<(Kind, Vec<u8>)> {
    received
        .into_iter()
        .filter_map(|one| match one {
            Received::Message(kind, payload) => Some((kind, payload.into_owned())),
            _ => None,
        })
        .collect()
}

fn any_message() -> impl Strategy<Value = (Kind, Vec<u8>)> {
    prop_oneof![
        "\\PC{0,40}".prop_map(|text| (Kind::Text, text.into_bytes())),
        vec(any::<u8>(), 0..300).prop_map(|bytes| (Kind::Binary, bytes)),
        // Large enough to be written into the message directly.
        (any::<u8>(), 16_000..70_000_usize).prop_map(|(byte, len)| {
            let bytes = (0..len).map(|at| byte.wrapping_add(u8::try_from(at % 251).unwrap_or(0)));
            (Kind::Binary, bytes.collect())
        }),
        (0..9_000_usize).prop_map(|len| (Kind::Text, "a한🙂".repeat(len).into_bytes())),
        // Pieces of ASCII, and characters that a piece may cut.
        (0..70_000_usize)
            .prop_map(|len| (Kind::Text, ["x".repeat(len), "한x".into()].concat().into())),
    ]
}

#[test]
fn text_that_is_wrong_before_its_compression_is_wrong_text_however_it_is_split() {
    // Inflates to a byte that UTF-8 has none of, then to nothing.
    let frame = [0xC1, 0x85, 0, 0, 0, 0, 226, 232, 129, 4, 166];
    for part in 1..=frame.len() {
        let receiver = Receiver::<Server>::new(LIMITS, Some(Deflate::default()));
        let (received, violation) = receive(receiver, &frame, &[part], false);
        assert_eq!((messages(received), violation), (vec![], Some(Violation::Utf8)), "{part}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn decoded_messages_are_those_encoded(
        sent in vec((any_message(), vec(any::<prop::sample::Index>(), 0..4)), 1..6),
        chunks in vec(1..20_000_usize, 1..6),
        compressed: bool,
        direct: bool,
    ) {
        let mut client = if compressed { Client::compressing() } else { Client::default() };
        for ((kind, payload), cuts) in &sent {
            client.message(*kind, payload, cuts);
        }
        let negotiated = compressed.then(Deflate::default);
        let receiver = Receiver::<Server>::new(LIMITS, negotiated);
        let (received, violation) = receive(receiver, &client.bytes, &chunks, direct);
        prop_assert_eq!(violation, None);
        let sent: Vec<_> = sent.into_iter().map(|(message, _)| message).collect();
        prop_assert_eq!(messages(received), sent);
    }

    #[test]
    fn the_result_does_not_depend_on_the_split(
        bytes in vec(prop_oneof![3 => any::<u8>(), 1 => Just(0x81), 1 => Just(0x80), 1 => Just(0x01)], 0..300),
        chunks in vec(1..9_usize, 1..6),
        compressed: bool,
    ) {
        let negotiated = compressed.then(Deflate::default);
        let whole = receive(Receiver::<Server>::new(LIMITS, negotiated), &bytes, &[usize::MAX], false);
        let cut = receive(Receiver::<Server>::new(LIMITS, negotiated), &bytes, &chunks, true);
        prop_assert_eq!(cut, whole);
    }

    #[test]
    fn a_client_decodes_the_messages_sent(
        sent in vec(any_message(), 1..6),
        from in 0..2_000_usize,
        offer in prop::sample::select(vec![
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits=9",
        ]),
        releases_memory: bool,
        part in prop_oneof![Just(0), Just(1), 2..3_000_usize],
    ) {
        let negotiated = negotiate([offer]);
        // Whole, as one frame for many clients, or in parts.
        let mut sender = Sender::new(Server, negotiated, from);
        let mut bytes = Vec::new();
        for (kind, payload) in &sent {
            match part {
                0 => sender.write_message(*kind, payload, &mut bytes),
                1 if sender.compresses(payload.len()) => {
                    let bits = sender.window_bits().unwrap();
                    bytes.extend(compressed_frame(*kind, payload, bits));
                    sender.release_memory();
                }
                part => write_parts(&mut sender, *kind, payload, part, &mut bytes),
            }
            if releases_memory {
                sender.release_memory();
            }
        }
        let mut client = DecodingClient::new(negotiated);
        let mut rest = &bytes[..];
        let (mut received, mut incomplete) = (Vec::new(), None);
        while let Some((header, len)) = Header::decode(rest).unwrap() {
            let (payload, after) = rest[len..].split_at(usize::try_from(header.len).unwrap());
            prop_assert!(header.mask.is_none());
            rest = after;
            let (first, mut whole) = incomplete.take().unwrap_or((header, Vec::new()));
            whole.extend_from_slice(payload);
            prop_assert_eq!(header.opcode == Opcode::Continuation, header != first);
            if header.fin {
                let whole = if first.compressed { client.inflate(&whole) } else { whole };
                received.push((first.opcode.kind().unwrap(), whole));
            } else {
                incomplete = Some((first, whole));
            }
        }
        prop_assert_eq!(received, sent);
    }
}

/// Writes a message in parts of `len` bytes.
fn write_parts(sender: &mut Sender, kind: Kind, message: &[u8], len: usize, out: &mut Vec<u8>) {
    let count = message.len().div_ceil(len).max(1);
    for number in 0..count {
        let payload = &message[number * len..message.len().min((number + 1) * len)];
        let (is_first, is_last) = (number == 0, number + 1 == count);
        sender
            .write_part(Part { kind, payload, message_len: message.len(), is_first, is_last }, out);
    }
}

/// Client with exactly the negotiated window, and without context takeover if negotiated.
struct DecodingClient {
    inflater: Decompress,
    has_context_takeover: bool,
}

impl DecodingClient {
    fn new(negotiated: Option<Deflate>) -> Self {
        let bits =
            negotiated.and_then(|negotiated| negotiated.server_max_window_bits).unwrap_or(15);
        Self {
            inflater: Decompress::new_with_window_bits(false, bits),
            has_context_takeover: !negotiated
                .is_some_and(|negotiated| negotiated.server_no_context_takeover),
        }
    }

    fn inflate(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(LIMITS.message);
        let compressed = [payload, &[0, 0, 0xff, 0xff]].concat();
        self.inflater.decompress_vec(&compressed, &mut out, FlushDecompress::Sync).unwrap();
        if !self.has_context_takeover {
            self.inflater.reset(false);
        }
        out
    }
}

#[track_caller]
fn violates(client: &Client, expected: Violation, code: u16) {
    for chunk in [usize::MAX, 1] {
        let receiver = Receiver::<Server>::new(LIMITS, None);
        let (_, violation) = receive(receiver, &client.bytes, &[chunk], false);
        assert_eq!(violation, Some(expected), "in chunks of {chunk}");
    }
    assert_eq!(expected.close_code(), code);
}

fn raw(bytes: &[u8]) -> Client {
    Client { bytes: bytes.to_vec(), deflater: None }
}

/// Around the longest message that is decoded in one pass, 125 bytes, and its limits: the same result for the whole
/// input, for one that ends within the frame, and byte by byte.
#[test]
fn a_message_at_the_border_of_a_short_one_is_decoded_as_any_other() {
    check_border::<Server>(Sender::new(protocol::Client::new([0; SEED_LEN]), None, 0));
    check_border::<protocol::Client>(Sender::new(Server, None, 0));
}

/// Checks what a receiver in the role `R` makes of the messages of `peer`.
fn check_border<R: Role>(mut peer: Sender<impl Role>) {
    for (len, limit) in [(0, 0), (1, 0), (124, 124), (125, 124), (125, 125), (126, 125), (126, 126)]
    {
        let payload = "\u{e9}".repeat(len / 2) + &"a".repeat(len % 2);
        let mut bytes = Vec::new();
        peer.write_message(Kind::Text, payload.as_bytes(), &mut bytes);
        let first = bytes.len();
        peer.write_message(Kind::Binary, b"after", &mut bytes);
        let whole = bytes.len();
        for limits in [
            Limits { frame: limit, message: 200 },
            Limits { frame: 200, message: limit },
            Limits { frame: limit, message: limit },
        ] {
            let fits = len <= limit && 5 <= limit;
            for chunks in [&[whole][..], &[first, whole], &[first - 1, whole], &[first + 1], &[1]] {
                let (received, violation) =
                    receive(Receiver::<R>::new(limits, None), &bytes, chunks, false);
                let seen = (messages(received), violation.is_none());
                let mut expected = Vec::new();
                if len <= limit {
                    expected.push((Kind::Text, payload.clone().into_bytes()));
                }
                if fits {
                    expected.push((Kind::Binary, b"after".to_vec()));
                }
                let case = format!(
                    "{len} bytes, limit {limit}, in {chunks:?}, of a {}",
                    std::any::type_name::<R>()
                );
                assert_eq!(seen, (expected, fits), "{case}");
            }
        }
    }
}

#[test]
fn an_invalid_header_is_a_violation() {
    violates(&raw(&[0x81, 0x00]), Violation::Unmasked, 1002);
    for bit in [0x40, 0x20, 0x10] {
        violates(&raw(&[0x81 | bit, 0x80, 0, 0, 0, 0]), Violation::ReservedBit(bit), 1002);
    }
    for opcode in [3, 7, 11, 15] {
        violates(&raw(&[0x80 | opcode, 0x80]), Violation::ReservedOpcode(opcode), 1002);
    }
    violates(&raw(&[0x09, 0x80]), Violation::FragmentedControl, 1002);
    violates(&raw(&[0x89, 0xfe, 0, 126]), Violation::LongControl, 1002);
    violates(&raw(&[0x82, 0xfe, 0, 125, 0, 0, 0, 0]), Violation::Length, 1002);
    let in_eight = [0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0];
    violates(&raw(&in_eight), Violation::Length, 1002);
    let past_63_bits = [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    violates(&raw(&past_63_bits), Violation::Length, 1002);
    let as_long_as_can_be =
        [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    violates(&raw(&as_long_as_can_be), Violation::LargeFrame(1 << 20), 1009);
}

#[test]
fn frames_in_the_wrong_order_are_a_violation() {
    let mut client = Client::default();
    violates(
        client.frame(Opcode::Continuation, true, false, b""),
        Violation::NothingToContinue,
        1002,
    );
    let mut client = Client::default();
    violates(client.text(false, b"a").text(true, b"b"), Violation::Interleaved, 1002);
}

#[test]
fn invalid_utf8_is_found_at_its_first_byte() {
    let mut client = Client::default();
    violates(client.text(true, b"\xc3\x28"), Violation::Utf8, 1007);
    let mut client = Client::default();
    violates(client.text(false, "한".as_bytes()).text_end(b"\xed\xa0\x80"), Violation::Utf8, 1007);
    let mut client = Client::default();
    violates(client.text(true, b"cut \xf0\x9f\x99"), Violation::Utf8, 1007);
    // Not only at the end of the frame.
    let mut client = Client::default();
    client.text(false, b"\xff and more");
    client.bytes.truncate(7);
    violates(&client, Violation::Utf8, 1007);
}

impl Client {
    fn text_end(&mut self, payload: &[u8]) -> &mut Self {
        self.frame(Opcode::Continuation, true, false, payload)
    }
}

#[test]
fn a_message_above_the_limit_is_a_violation() {
    let half = vec![0; LIMITS.message / 2];
    let mut client = Client::default();
    client.frame(Opcode::Binary, false, false, &half).text_end(&half);
    let (received, violation) =
        receive(Receiver::<Server>::new(LIMITS, None), &client.bytes, &[9_999], true);
    assert_eq!((received.len(), violation), (1, None));

    let mut client = Client::default();
    client.frame(Opcode::Binary, false, false, &half).frame(
        Opcode::Continuation,
        false,
        false,
        &half,
    );
    violates(client.text_end(b"!"), Violation::LargeMessage(LIMITS.message), 1009);
}

#[test]
fn inflating_stops_at_the_limit() {
    for (len, expected) in [
        (LIMITS.message, None),
        (LIMITS.message + 1, Some(Violation::LargeMessage(LIMITS.message))),
        (64 << 20, Some(Violation::LargeMessage(LIMITS.message))),
    ] {
        let mut client = Client::compressing();
        client.message(Kind::Binary, &vec![0; len], &[]);
        let receiver = Receiver::<Server>::new(LIMITS, Some(Deflate::default()));
        let (_, violation) = receive(receiver, &client.bytes, &[1_000], false);
        assert_eq!(violation, expected, "{len} bytes in {}", client.bytes.len());
    }
}

#[test]
fn a_corrupt_stream_is_a_violation() {
    let mut client = Client::default();
    client.frame(Opcode::Binary, true, true, b"this is no deflate stream");
    let receiver = Receiver::<Server>::new(LIMITS, Some(Deflate::default()));
    let (_, violation) = receive(receiver, &client.bytes, &[3], false);
    assert_eq!(violation, Some(Violation::Deflate));
    assert_eq!(Violation::Deflate.close_code(), 1007);
}

/// Examples of RFC 7692 section 7.2.3, in order where they share a window.
#[test]
fn the_examples_of_the_rfc_inflate() {
    let mut client = Client::default();
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    client.frame(Opcode::Text, true, true, &hello);
    client.frame(Opcode::Text, true, true, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    // Without compression; with a final block; in two blocks.
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    client.frame(Opcode::Text, true, true, &stored);
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    client.frame(Opcode::Text, true, true, &last);
    let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    client.frame(Opcode::Text, true, true, &two);
    let receiver = Receiver::<Server>::new(LIMITS, Some(Deflate::default()));
    let (received, violation) = receive(receiver, &client.bytes, &[usize::MAX], false);
    assert_eq!(violation, None);
    assert_eq!(messages(received), vec![(Kind::Text, b"Hello".to_vec()); 5]);
}

#[test]
fn control_frames_are_unfragmented_and_short() {
    let mut client = Client::default();
    client.frame(Opcode::Ping, true, false, &[7; 125]).frame(Opcode::Pong, true, false, b"");
    let mut close = Vec::new();
    let long = Close { code: 1000, reason: "가".repeat(100) };
    Sender::new(Server, None, 0).write_close(Some(&long), &mut close);
    client.frame(Opcode::Close, true, false, &close[2..]);
    for chunk in [usize::MAX, 1] {
        let (received, violation) =
            receive(Receiver::<Server>::new(LIMITS, None), &client.bytes, &[chunk], false);
        assert_eq!(violation, None);
        let [Received::Ping(ping), Received::Pong(pong), Received::Close(Some(close))] =
            &received[..]
        else {
            panic!("{received:?}")
        };
        assert_eq!((&ping[..], &pong[..], close.code), (&[7; 125][..], &b""[..], 1000));
        assert_eq!(close.reason, "가".repeat(41), "cut where a character ends");
    }
}

#[test]
fn lengths_are_minimally_encoded() {
    for (len, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
        let mut out = Vec::new();
        Sender::new(Server, None, 0).write_frame(Opcode::Binary, &vec![0; len], &mut out);
        assert_eq!(out.len(), header + len);
        let (decoded, taken) = Header::decode(&out).unwrap().unwrap();
        assert_eq!((decoded.len, taken), (len as u64, header));
    }
}

/// A compressed message that says much with few bytes is inflated in steps, and what is held is known
/// at each.
#[test]
fn a_message_is_inflated_step_by_step() {
    const LEN: usize = 1 << 20;
    let mut client = Client::compressing();
    client.message(Kind::Binary, &vec![0; LEN], &[]);
    assert!(client.bytes.len() < LEN / 500);
    let mut receiver = Receiver::<Server>::new(LIMITS, Some(Deflate::default()));
    assert_eq!((receiver.held(), receiver.begun()), (0, None));
    let mut input = &mut client.bytes[..];
    let (mut steps, mut inflated) = (0, 0);
    let whole = loop {
        match receiver.receive(&mut input).unwrap() {
            Some(Received::Progress(more)) => {
                steps += 1;
                inflated += more;
                assert!(receiver.begun() == Some(0) && receiver.held() >= inflated);
                assert!(receiver.held() < 2 * inflated + (64 << 10), "{}", receiver.held());
            }
            Some(Received::Message(Kind::Binary, whole)) => break whole,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(whole.len(), LEN);
    assert!(steps >= 4, "{steps} steps");
    assert_eq!(receiver.begun(), None);
    assert!(receiver.held() < 64 << 10, "only the window is kept: {}", receiver.held());
}

#[test]
fn a_message_has_the_same_number_from_its_first_byte_to_its_last() {
    let mut client = Client::default();
    client.text(true, b"one").frame(Opcode::Ping, true, false, b"");
    let begins = client.bytes.len();
    client.text(false, b"two").frame(Opcode::Ping, true, false, b"within").frame(
        Opcode::Continuation,
        true,
        false,
        b"",
    );
    let ends = client.bytes.len();
    client.frame(Opcode::Ping, true, false, b"");
    let mut receiver = Receiver::<Server>::new(LIMITS, None);
    let mut numbers = Vec::new();
    for byte in client.bytes {
        let mut input = &mut [byte][..];
        while receiver.receive(&mut input).unwrap().is_some() {}
        numbers.push(receiver.begun());
    }
    assert_eq!(numbers[begins - 1], None);
    assert!(numbers[begins..ends - 1].iter().all(|number| *number == Some(2)), "{numbers:?}");
    assert_eq!(numbers[ends - 1..=ends], [None, Some(3)]);
}
