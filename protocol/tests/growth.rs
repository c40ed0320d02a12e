//! Work for what a peer sends, and for what is sent: linear in its bytes.

use protocol::{
    Client, ClientHandshake, Deflate, FrameLog, Header, Kind, Limits, NONCE_LEN, Offer, Opcode,
    Receiver, SEED_LEN, Sender, Server, negotiate,
};

const LIMITS: Limits = Limits { frame: 1 << 24, message: 1 << 24 };

/// Masked frames of a message, each with this payload.
fn frames(count: usize, compressed: bool, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for at in 0..count {
        let opcode = if at == 0 { Opcode::Text } else { Opcode::Continuation };
        let (compressed, len) = (compressed && at == 0, payload.len() as u64);
        Header { fin: false, compressed, opcode, mask: Some([0; 4]), len }.encode(&mut bytes);
        bytes.extend_from_slice(payload);
    }
    bytes
}

/// Receives `bytes` in pieces of this size.
fn receive(deflate: Option<Deflate>, mut bytes: Vec<u8>, piece: usize) {
    let mut receiver = Receiver::<Server, _>::observed(LIMITS, deflate, FrameLog::default());
    for mut piece in bytes.chunks_mut(piece) {
        while receiver.receive(&mut piece).expect("no violation").is_some() {}
    }
}

#[test]
fn fragments_take_linear_time() {
    for payload in ["", "a", "\u{ac00}", "0123456789"] {
        growth::assert_linear(
            1 << 15,
            |count| frames(count, false, payload.as_bytes()),
            |bytes| {
                receive(None, bytes, 7);
            },
        );
    }
}

#[test]
fn compressed_fragments_take_linear_time() {
    // Stored blocks, without and with a byte.
    for payload in [&[0, 0, 0, 0xff, 0xff][..], &[0, 1, 0, 0xfe, 0xff, b'a']] {
        growth::assert_linear(
            1 << 14,
            |count| frames(count, true, payload),
            |bytes| {
                receive(Some(Deflate::default()), bytes, 1 << 12);
            },
        );
    }
}

#[test]
fn offers_take_linear_time() {
    for offer in ["permessage-deflate; a,", ",", ";", "permessage-deflate;client_max_window_bits;"]
    {
        growth::assert_linear(
            1 << 14,
            |count| offer.repeat(count),
            |offers| {
                assert_eq!(negotiate([&*offers]), None);
            },
        );
    }
}

#[test]
fn responses_take_linear_time() {
    let handshake = ClientHandshake::new([0; NONCE_LEN], Vec::new(), vec![Offer::BROWSER]);
    let accept = protocol::accept_key(b"AAAAAAAAAAAAAAAAAAAAAA==");
    for part in [",", ";", "a,", "permessage-deflate;a=", "; server_no_context_takeover=\""] {
        growth::assert_linear(
            1 << 14,
            |count| part.repeat(count),
            |value| {
                let _ = Deflate::from_response(&[Offer::BROWSER], [&*value]);
                let headers = [
                    ("Upgrade", &*value),
                    ("Upgrade", "websocket"),
                    ("Connection", "upgrade"),
                    ("Sec-WebSocket-Accept", &accept),
                    ("Sec-WebSocket-Protocol", &value),
                ];
                assert!(handshake.check(&headers).is_err());
            },
        );
    }
    growth::assert_linear(
        1 << 14,
        |count| vec![("Sec-WebSocket-Extensions", ","); count],
        |headers| {
            assert!(handshake.check(&headers).is_err());
        },
    );
}

#[test]
fn a_message_is_sent_in_fragments_in_linear_time() {
    for deflate in [None, Some(Deflate::default())] {
        growth::assert_linear(
            1 << 17,
            |len| vec![7; len],
            |message| {
                let mut sender = Sender::new(Client::new([0; SEED_LEN]), deflate, 0);
                let mut out = Vec::new();
                let mut fragments = sender.fragment(Kind::Binary, &message, 1);
                while sender.write_fragment(&mut fragments, &mut out) {}
            },
        );
    }
}
