//! The same stream in two cuts, with and without deflate: the same messages, and a violation or none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{Deflate, Limits, Received, Receiver, Violation};

const LIMITS: Limits = Limits { frame: 1 << 16, message: 1 << 16 };

/// Everything received, and the violation that ended it.
type Conversation = (Vec<Received<'static>>, Option<Violation>);

fuzz_target!(|input: (bool, u8, u8, Vec<u8>)| {
    let (is_compressed, one, other, bytes) = input;
    let deflate = is_compressed.then(Deflate::default);
    let (received, violation) = receive(deflate, &bytes, one);
    let (again, same) = receive(deflate, &bytes, other);
    assert_eq!(received, again);
    // Of two violations in one piece, either may be found first.
    assert_eq!(violation.is_some(), same.is_some());
});

fn receive(deflate: Option<Deflate>, bytes: &[u8], cut: u8) -> Conversation {
    let mut receiver = Receiver::new(LIMITS, deflate);
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
                Err(violation) => return (received, Some(violation)),
            }
        }
    }
    (received, None)
}
