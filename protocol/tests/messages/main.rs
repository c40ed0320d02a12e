//! Bytes to messages and back: the same messages however the bytes are cut, and every violation detected.

#![expect(clippy::similar_names, reason = "receiver and received")]

mod roles;
mod violations;

use bytes::BufMut;
use proptest::{collection::vec, prelude::*};
use protocol::{Kind, Limits, Observer, Received, Receiver, Role, Violation};

const LIMITS: Limits = Limits { frame: 1 << 20, message: 1 << 20 };

/// Messages and control frames of `bytes`, given to `receiver` in `chunks`, and the violation that ends them. With
/// `direct`, the middle of large payloads is written into the message directly.
fn receive<R: Role, O: Observer>(
    receiver: &mut Receiver<R, O>,
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

/// The messages, without control frames.
fn messages(received: Vec<Received<'static>>) -> Vec<(Kind, Vec<u8>)> {
    let message = |one| match one {
        Received::Message(kind, payload) => Some((kind, payload.into_owned())),
        _ => None,
    };
    received.into_iter().filter_map(message).collect()
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
