//! Receiver of frames: a stream cut in two ways gives the same messages, frames and violation.
//!
//! For both roles, with and without permessage-deflate.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{
    Client, Deflate, FrameLog, FrameRecord, Limits, Received, Receiver, Role, Server, Violation,
};

/// Limits low enough for inputs to exceed them.
const LIMITS: Limits = Limits { frame: 1 << 16, message: 1 << 16 };

/// Messages and control frames, all frames, and the violation that ended the stream.
type Conversation = (Vec<Received<'static>>, Vec<FrameRecord>, Option<Violation>);

fuzz_target!(|input: (bool, bool, u8, u8, Vec<u8>)| {
    let (is_client, is_compressed, one, other, bytes) = input;
    let deflate = is_compressed.then(Deflate::default);
    let receive = if is_client { receive::<Client> } else { receive::<Server> };
    let (received, frames, violation) = receive(deflate, &bytes, one);
    let (again, same_frames, same) = receive(deflate, &bytes, other);
    assert_eq!(received, again);
    assert_eq!(frames, same_frames);
    // Of two violations in one piece, either may be found first.
    assert_eq!(violation.is_some(), same.is_some());
});

/// Receives `bytes` in pieces of `cut` + 1 bytes, up to the first violation.
fn receive<R: Role>(deflate: Option<Deflate>, bytes: &[u8], cut: u8) -> Conversation {
    let mut receiver = Receiver::<R, _>::observed(LIMITS, deflate, FrameLog::default());
    let mut received = Vec::new();
    for chunk in bytes.chunks(usize::from(cut) + 1) {
        let mut chunk = chunk.to_vec();
        let mut rest = &mut chunk[..];
        loop {
            match receiver.receive(&mut rest) {
                Ok(None) => break,
                // Depends on the cuts.
                Ok(Some(Received::Progress(_))) => {}
                Ok(Some(next)) => received.push(next.into_owned()),
                Err(violation) => return (received, receiver.observer().take(), Some(violation)),
            }
        }
    }
    (received, receiver.observer().take(), None)
}
