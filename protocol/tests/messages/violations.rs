//! Violations of the protocol, and what is none.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use proptest::{collection::vec, prelude::*};
use protocol::{
    Client, Close, Deflate, Header, Kind, Limits, Opcode, Part, Received, Receiver, Role, SEED_LEN,
    Sender, Server, Violation, compressed_frame, mask, negotiate,
};

use super::{LIMITS, any_message, messages};

/// Frames of a client, masked.
#[derive(Default)]
struct Frames(Vec<u8>);

impl Frames {
    fn frame(&mut self, opcode: Opcode, fin: bool, compressed: bool, payload: &[u8]) -> &mut Self {
        let key = [0x12, 0x34, 0x56, 0x78];
        let len = payload.len() as u64;
        Header { fin, compressed, opcode, mask: Some(key), len }.encode(&mut self.0);
        let start = self.0.len();
        self.0.extend_from_slice(payload);
        mask(&mut self.0[start..], key);
        self
    }

    fn text(&mut self, fin: bool, payload: &[u8]) -> &mut Self {
        self.frame(Opcode::Text, fin, false, payload)
    }

    fn end(&mut self, payload: &[u8]) -> &mut Self {
        self.frame(Opcode::Continuation, true, false, payload)
    }
}

/// Binary message of `len` zeros from a client, compressed to little.
fn compressed_zeros(len: usize) -> Vec<u8> {
    let mut sender = Sender::new(Client::new([0; SEED_LEN]), Some(Deflate::default()), 0);
    let mut bytes = Vec::new();
    sender.write_message(Kind::Binary, &vec![0; len], &mut bytes);
    assert!(bytes.len() < len / 100);
    bytes
}

/// Result of `bytes` in `chunks` for a server with these limits.
fn receive(
    limits: Limits,
    deflate: Option<Deflate>,
    bytes: &[u8],
    chunks: &[usize],
) -> (Vec<Received<'static>>, Option<Violation>) {
    super::receive(&mut Receiver::<Server>::new(limits, deflate), bytes, chunks, false)
}

#[test]
fn text_that_is_wrong_before_its_compression_is_wrong_text_however_it_is_split() {
    // Inflates to a byte that UTF-8 has none of, then to nothing.
    let frame = [0xC1, 0x85, 0, 0, 0, 0, 226, 232, 129, 4, 166];
    for part in 1..=frame.len() {
        let (received, violation) = receive(LIMITS, Some(Deflate::default()), &frame, &[part]);
        assert_eq!((messages(received), violation), (vec![], Some(Violation::Utf8)), "{part}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

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
fn violates(frames: &Frames, expected: Violation, code: u16) {
    for chunk in [usize::MAX, 1] {
        let (_, violation) = receive(LIMITS, None, &frames.0, &[chunk]);
        assert_eq!(violation, Some(expected), "in chunks of {chunk}");
    }
    assert_eq!(expected.close_code(), code);
}

fn raw(bytes: &[u8]) -> Frames {
    Frames(bytes.to_vec())
}

/// Around the longest message that is decoded in one pass, 125 bytes, and its limits: the same result for the whole
/// input, for one that ends within the frame, and byte by byte.
#[test]
fn a_message_at_the_border_of_a_short_one_is_decoded_as_any_other() {
    check_border::<Server>(Sender::new(Client::new([0; SEED_LEN]), None, 0));
    check_border::<Client>(Sender::new(Server, None, 0));
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
                let mut receiver = Receiver::<R>::new(limits, None);
                let (received, violation) = super::receive(&mut receiver, &bytes, chunks, false);
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
    violates(Frames::default().end(b""), Violation::NothingToContinue, 1002);
    violates(Frames::default().text(false, b"a").text(true, b"b"), Violation::Interleaved, 1002);
}

#[test]
fn invalid_utf8_is_found_at_its_first_byte() {
    let invalid = |frames: &mut Frames| violates(frames, Violation::Utf8, 1007);
    invalid(Frames::default().text(true, b"\xc3\x28"));
    invalid(Frames::default().text(false, "한".as_bytes()).end(b"\xed\xa0\x80"));
    invalid(Frames::default().text(true, b"cut \xf0\x9f\x99"));
    // Not only at the end of the frame.
    let mut frames = Frames::default();
    frames.text(false, b"\xff and more").0.truncate(7);
    invalid(&mut frames);
}

#[test]
fn a_message_above_the_limit_is_a_violation() {
    let half = vec![0; LIMITS.message / 2];
    let mut frames = Frames::default();
    frames.frame(Opcode::Binary, false, false, &half).end(&half);
    let mut receiver = Receiver::<Server>::new(LIMITS, None);
    let (received, violation) = super::receive(&mut receiver, &frames.0, &[9_999], true);
    assert_eq!((received.len(), violation), (1, None));

    let mut frames = Frames::default();
    frames.frame(Opcode::Binary, false, false, &half);
    frames.frame(Opcode::Continuation, false, false, &half);
    let violation = Violation::LargeMessage(LIMITS.message);
    violates(frames.end(b"!"), violation, 1009);
    assert_eq!(violation.to_string(), "Message is larger than 1,048,576 bytes");
}

#[test]
fn inflating_stops_at_the_limit() {
    for (len, expected) in [
        (LIMITS.message, None),
        (LIMITS.message + 1, Some(Violation::LargeMessage(LIMITS.message))),
        (64 << 20, Some(Violation::LargeMessage(LIMITS.message))),
    ] {
        let zeros = compressed_zeros(len);
        let (_, violation) = receive(LIMITS, Some(Deflate::default()), &zeros, &[1_000]);
        assert_eq!(violation, expected, "{len} bytes in {}", zeros.len());
    }
}

#[test]
fn a_corrupt_stream_is_a_violation() {
    let mut frames = Frames::default();
    frames.frame(Opcode::Binary, true, true, b"this is no deflate stream");
    let (_, violation) = receive(LIMITS, Some(Deflate::default()), &frames.0, &[3]);
    assert_eq!(violation, Some(Violation::Deflate));
    assert_eq!(Violation::Deflate.close_code(), 1007);
}

/// The compressor is not ours; its messages share a window, and are cut anywhere, with a ping in between.
#[test]
fn messages_of_another_compressor_inflate() {
    let mut compress = Compress::new_with_window_bits(Compression::best(), false, 15);
    let message = "a text that compresses well ".repeat(900).into_bytes();
    let mut frames = Frames::default();
    for cut in [0, 1, 20] {
        let mut payload = Vec::with_capacity(message.len());
        compress.compress_vec(&message, &mut payload, FlushCompress::Sync).unwrap();
        payload.truncate(payload.len() - 4);
        let (start, rest) = payload.split_at(cut.min(payload.len()));
        frames
            .frame(Opcode::Text, false, true, start)
            .frame(Opcode::Ping, true, false, b"")
            .end(rest);
    }
    let (received, violation) = receive(LIMITS, Some(Deflate::default()), &frames.0, &[7]);
    assert_eq!((messages(received), violation), (vec![(Kind::Text, message); 3], None));
}

/// Examples of RFC 7692 section 7.2.3, in order where they share a window.
#[test]
fn the_examples_of_the_rfc_inflate() {
    let mut frames = Frames::default();
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    frames.frame(Opcode::Text, true, true, &hello);
    frames.frame(Opcode::Text, true, true, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    // Without compression; with a final block; in two blocks.
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    frames.frame(Opcode::Text, true, true, &stored);
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    frames.frame(Opcode::Text, true, true, &last);
    let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    frames.frame(Opcode::Text, true, true, &two);
    let deflate = Some(Deflate::default());
    let (received, violation) = receive(LIMITS, deflate, &frames.0, &[usize::MAX]);
    assert_eq!(violation, None);
    assert_eq!(messages(received), vec![(Kind::Text, b"Hello".to_vec()); 5]);
}

/// Their limit is their own, however low those of messages are.
#[test]
fn control_frames_are_unfragmented_and_short() {
    let mut frames = Frames::default();
    frames.frame(Opcode::Ping, true, false, &[7; 125]).frame(Opcode::Pong, true, false, b"");
    let mut close = Vec::new();
    let long = Close { code: 1000, reason: "가".repeat(100) };
    Sender::new(Server, None, 0).write_close(Some(&long), &mut close);
    frames.frame(Opcode::Close, true, false, &close[2..]);
    for (limits, chunk) in
        [(LIMITS, usize::MAX), (LIMITS, 1), (Limits { frame: 10, message: 10 }, usize::MAX)]
    {
        let (received, violation) = receive(limits, None, &frames.0, &[chunk]);
        assert_eq!(violation, None);
        let [Received::Ping(before), Received::Pong(after), Received::Close(Some(close))] =
            &received[..]
        else {
            panic!("{received:?}")
        };
        assert_eq!((&before[..], &after[..], close.code), (&[7; 125][..], &b""[..], 1000));
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
    let mut zeros = compressed_zeros(LEN);
    let mut receiver = Receiver::<Server>::new(LIMITS, Some(Deflate::default()));
    assert_eq!((receiver.held(), receiver.begun()), (0, None));
    let mut input = &mut zeros[..];
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
    let mut frames = Frames::default();
    frames.text(true, b"one").frame(Opcode::Ping, true, false, b"");
    let begins = frames.0.len();
    frames.text(false, b"two").frame(Opcode::Ping, true, false, b"within").end(b"");
    let ends = frames.0.len();
    frames.frame(Opcode::Ping, true, false, b"");
    let mut receiver = Receiver::<Server>::new(LIMITS, None);
    let mut numbers = Vec::new();
    for byte in frames.0 {
        let mut input = &mut [byte][..];
        while receiver.receive(&mut input).unwrap().is_some() {}
        numbers.push(receiver.begun());
    }
    assert_eq!(numbers[begins - 1], None);
    assert!(numbers[begins..ends - 1].iter().all(|number| *number == Some(2)), "{numbers:?}");
    assert_eq!(numbers[ends - 1..=ends], [None, Some(3)]);
}
