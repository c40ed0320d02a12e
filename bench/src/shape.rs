//! Shapes of load, and the bytes they send.

use crate::{
    frame::{self, Opcode},
    open::Protocol,
};

/// Shape of a load: size of messages, messages in flight, connections.
pub(crate) struct Shape {
    /// Name, as `--only` takes it.
    pub(crate) name: &'static str,
    /// Title in the report.
    pub(crate) title: &'static str,
    /// Kind of payload, text or binary.
    content: Content,
    /// Bytes in a message.
    pub(crate) len: usize,
    /// Messages under way on a connection at any time.
    pub(crate) in_flight: usize,
    pub(crate) connections: usize,
    /// Bytes that the raw TCP echo reads at once.
    pub(crate) raw_buffer: usize,
    /// Bar of the ratio to raw TCP.
    pub(crate) bar: f64,
}

#[derive(Clone, Copy)]
enum Content {
    /// Printable ASCII, in text messages.
    Ascii,
    /// Korean, three bytes of UTF-8 a character: the most work for a check.
    Korean,
    /// Random bytes, in binary messages.
    Binary,
}

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Read buffer of the raw TCP echo for small messages, which one read takes.
const SMALL_BUFFER: usize = 64 * KIB;
/// Read buffer of the raw TCP echo for large messages: larger reads are fewer. From 16 KiB to 2 MiB
/// on a busy machine, 64 KiB took about half as long again, and from 512 KiB on the sizes were
/// level.
const LARGE_BUFFER: usize = 512 * KIB;

/// All shapes: those with a bar of their own first, then the same with other content.
pub(crate) const SHAPES: [Shape; 9] = [
    small("32x1", "32 B, 1 in flight", Content::Ascii, 1, 1.15),
    small("32x64", "32 B, 64 in flight", Content::Ascii, 64, 1.5),
    medium("16k", "16 KiB, 1 in flight", Content::Ascii),
    large("1m", "1 MiB, 4 in flight", Content::Ascii),
    small("32x1-binary", "32 B binary, 1 in flight", Content::Binary, 1, 1.15),
    small("32x64-binary", "32 B binary, 64 in flight", Content::Binary, 64, 1.5),
    medium("16k-binary", "16 KiB binary, 1 in flight", Content::Binary),
    medium("16k-korean", "16 KiB Korean, 1 in flight", Content::Korean),
    large("1m-binary", "1 MiB binary, 4 in flight", Content::Binary),
];

/// Shape of messages of 32 B on 100 connections: the cost of a message.
const fn small(
    name: &'static str,
    title: &'static str,
    content: Content,
    in_flight: usize,
    bar: f64,
) -> Shape {
    let (len, raw_buffer) = (32, SMALL_BUFFER);
    Shape { name, title, content, len, in_flight, connections: 100, raw_buffer, bar }
}

/// Shape of messages of 16 KiB on 100 connections: the cost of a message and of its bytes.
const fn medium(name: &'static str, title: &'static str, content: Content) -> Shape {
    let (len, raw_buffer) = (16 * KIB, SMALL_BUFFER);
    Shape { name, title, content, len, in_flight: 1, connections: 100, raw_buffer, bar: 1.25 }
}

/// Shape of messages of 1 MiB on 8 connections: the cost of bytes.
const fn large(name: &'static str, title: &'static str, content: Content) -> Shape {
    let (len, raw_buffer) = (MIB, LARGE_BUFFER);
    Shape { name, title, content, len, in_flight: 4, connections: 8, raw_buffer, bar: 1.1 }
}

/// Shapes of the clients: index among [`SHAPES`], and name as `--only` takes it.
pub(crate) const CLIENT_SHAPES: [(usize, &str); 2] = [(0, "client-32x1"), (1, "client-32x64")];

/// Bar of a client's ratio to prebuilt frames over mio.
pub(crate) const CLIENT_BAR: f64 = 1.1;

/// Row of virtual users, as `--only` takes it; its shape is the first.
pub(crate) const SCENARIO: &str = "client-scenario";

/// Bar of their ratio to `wsbench bench`: half its rate.
pub(crate) const SCENARIO_BAR: f64 = 2.0;

/// Seed of payloads and masks: the same in each run and for each server.
const SEED: u64 = 6455;

/// Approximate bytes of prebuilt frames: few enough to stay in the core's cache, where they do not
/// take the server's share of the memory's speed.
const RING: usize = 64 * KIB;

impl Shape {
    /// Payload of every message: `len` bytes by the seed.
    fn payload(&self) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(SEED);
        match self.content {
            Content::Binary => (0..self.len).map(|_| random.u8(..)).collect(),
            Content::Ascii => (0..self.len).map(|_| random.u8(b' '..=b'~')).collect(),
            Content::Korean => {
                let mut text = String::new();
                while text.len() + '가'.len_utf8() <= self.len {
                    text.push(random.char('가'..='힣'));
                }
                text.extend((text.len()..self.len).map(|_| '.'));
                text.into_bytes()
            }
        }
    }

    /// Bytes that a connection sends and has to receive, over and over.
    pub(crate) fn script(&self, protocol: Protocol) -> Script {
        let payload = self.payload();
        let opcode = match self.content {
            Content::Binary => Opcode::Binary,
            Content::Ascii | Content::Korean => Opcode::Text,
        };
        let count = (RING / self.len).clamp(1, self.in_flight);
        // Other masks than those of the payload's own random numbers.
        let mut random = fastrand::Rng::with_seed(SEED + 1);
        let frames: Vec<_> = (0..count)
            .map(|_| frame::masked(opcode, &payload, random.u32(..).to_be_bytes()))
            .collect();
        let frame_len = frames[0].len();
        let sent = frames.concat();
        let (expected, echo_len) = match protocol {
            Protocol::RawTcp => (sent.clone(), frame_len),
            Protocol::WebSocket { .. } => {
                let echo = frame::unmasked(opcode, &payload);
                (echo.repeat(count), echo.len())
            }
        };
        Script { sent, frame_len, expected, echo_len, in_flight: self.in_flight }
    }
}

/// Rings of bytes to send and to expect, each of whole frames.
pub(crate) struct Script {
    /// Masked frames to send, encoded before the measurement.
    pub(crate) sent: Vec<u8>,
    /// Bytes of a sent frame.
    pub(crate) frame_len: usize,
    /// Ring of echoes.
    expected: Vec<u8>,
    /// Bytes of an echo, with its header.
    pub(crate) echo_len: usize,
    /// Messages under way on a connection at any time.
    pub(crate) in_flight: usize,
}

impl Script {
    /// True if `bytes` are the ones expected after `received` bytes.
    pub(crate) fn expects(&self, received: usize, mut bytes: &[u8]) -> bool {
        let mut at = received % self.expected.len();
        while !bytes.is_empty() {
            let len = bytes.len().min(self.expected.len() - at);
            if bytes[..len] != self.expected[at..at + len] {
                return false;
            }
            bytes = &bytes[len..];
            at = 0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB_SOCKET: Protocol = Protocol::WebSocket { offers_deflate: false };

    #[test]
    fn payloads_have_their_length_and_texts_are_utf8() {
        for shape in SHAPES {
            let payload = shape.payload();
            assert_eq!(payload.len(), shape.len, "{}", shape.name);
            let is_text = !matches!(shape.content, Content::Binary);
            assert_eq!(str::from_utf8(&payload).is_ok(), is_text, "{}", shape.name);
        }
    }

    #[test]
    fn a_raw_echo_is_what_was_sent_and_a_server_takes_the_mask_off() {
        for shape in SHAPES {
            let raw = shape.script(Protocol::RawTcp);
            assert_eq!((raw.echo_len, &raw.expected), (raw.frame_len, &raw.sent));
            let script = shape.script(WEB_SOCKET);
            assert_eq!(script.echo_len + 4, script.frame_len);
            assert_eq!(script.sent, raw.sent);
            assert!(script.expected.ends_with(&shape.payload()));
        }
    }

    #[test]
    fn echoes_are_compared_across_the_rings_end() {
        let script = SHAPES[1].script(WEB_SOCKET);
        let echo = &script.expected[..script.echo_len];
        let many = echo.repeat(200);
        assert!(script.expects(0, &many));
        assert!(script.expects(5, &many[5..]));
        assert!(!script.expects(0, &many[5..]));
        let mut wrong = many.clone();
        *wrong.last_mut().unwrap() ^= 1;
        assert!(!script.expects(0, &wrong));
    }
}
