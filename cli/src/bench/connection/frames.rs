//! Frames to send: encoded once, tagged anew for each message.
//!
//! `protocol` encodes and masks every message anew; a load generator doing so would measure itself.

use protocol::{Header, Opcode, mask};

use super::payload::{Payload, TAG, tags};

/// Maximum size of a batch of frames, one frame aside. A larger one costs memory and no fewer
/// writes.
const MAX_BATCH: usize = 64 << 10;

/// Copies of one masked frame, contiguous so that one write sends many.
pub(in crate::bench) struct FrameBatch {
    /// Frames, one after the other, all with the same mask.
    bytes: Vec<u8>,
    /// Bytes of one frame, header included.
    frame: usize,
    /// Offset of the tag in a frame, and its mask.
    tag: Option<(usize, u128)>,
}

impl FrameBatch {
    /// Batch of up to `count` frames.
    pub(in crate::bench) fn new(payload: &Payload, count: u32) -> Self {
        let frame =
            masked(if payload.is_binary { Opcode::Binary } else { Opcode::Text }, &payload.bytes);
        let copies = (MAX_BATCH / frame.len()).clamp(1, count.max(1) as usize);
        let start = frame.len() - payload.bytes.len();
        let tag = payload.is_tagged.then(|| {
            let mut mask = [0; TAG];
            for (byte, key) in mask.iter_mut().zip(frame[start - 4..start].iter().cycle()) {
                *byte = *key;
            }
            (start, u128::from_ne_bytes(mask))
        });
        Self { frame: frame.len(), bytes: frame.repeat(copies), tag }
    }

    /// Size of a frame in bytes, header included.
    pub(super) fn frame(&self) -> usize {
        self.frame
    }

    /// Number of frames, at most.
    pub(super) fn copies(&self) -> usize {
        self.bytes.len() / self.frame
    }

    /// Frames of up to `count` messages of a connection, from message `first` on. Only the tags are
    /// rewritten; `count` is bounded by the batch.
    pub(super) fn fill(&mut self, connection: u32, first: u64, count: usize) -> &[u8] {
        let count = count.min(self.copies());
        let bytes = &mut self.bytes[..count * self.frame];
        if let Some((at, mask)) = self.tag {
            for (frame, tag) in bytes.chunks_exact_mut(self.frame).zip(tags(connection, first)) {
                let tag = u128::from_ne_bytes(tag) ^ mask;
                frame[at..at + TAG].copy_from_slice(&tag.to_ne_bytes());
            }
        }
        bytes
    }
}

/// Encodes a frame of a client (RFC 6455 section 5.2), masked with a random key. Once for each
/// load, and for control frames.
pub(super) fn masked(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let key = fastrand::u32(..).to_ne_bytes();
    let len = payload.len() as u64;
    let mut frame = Vec::new();
    Header { fin: true, compressed: false, opcode, mask: Some(key), len }.encode(&mut frame);
    let start = frame.len();
    frame.extend_from_slice(payload);
    mask(&mut frame[start..], key);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmasked(frame: &[u8], start: usize) -> Vec<u8> {
        let key = &frame[start - 4..start];
        frame[start..].iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }

    #[test]
    fn each_frame_has_its_tag() {
        let mut batch = FrameBatch::new(&Payload::generated(20, false), 3);
        let bytes = batch.fill(5, 9, 10).to_vec();
        assert_eq!(bytes.len(), 3 * batch.frame());
        for (frame, tag) in bytes.chunks(batch.frame()).zip(tags(5, 9)) {
            assert_eq!(frame[..2], [0x81, 0x94]);
            assert_eq!(unmasked(frame, 6), [&tag[..], b"xxxx"].concat());
        }
        let mut batch = FrameBatch::new(&Payload::generated(3, true), 1);
        assert_eq!(unmasked(batch.fill(5, 9, 1), 6), b"xxx");
        assert_eq!(batch.copies(), 1);
    }

    #[test]
    fn a_masked_frame_follows_the_rfc() {
        let frame = masked(Opcode::Text, b"Hello");
        assert_eq!(frame[..2], [0x81, 0x85]);
        let payload: Vec<_> = (0..5).map(|at| frame[6 + at] ^ frame[2 + at % 4]).collect();
        assert_eq!(payload, b"Hello");
        assert_eq!(masked(Opcode::Binary, &[0; 126])[..4], [0x82, 0xfe, 0, 126]);
        assert_eq!(
            masked(Opcode::Binary, &vec![0; 1 << 16])[..10],
            [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]
        );
    }
}
