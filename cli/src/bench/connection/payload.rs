//! Payload of the messages, and recognition of their answers.
//!
//! A generated payload begins with a tag, unique for each message of a run, which an echo returns. So
//! a push, or the echo of another connection's message, is not taken for an answer.

use std::cell::RefCell;

use session::{Pattern, Search};

/// Size of a tag: 16 digits of four bits. A shorter payload is recognized by its content, in order.
pub(super) const TAG: usize = 16;

/// Bits of a tag for the number of the message; the others are for the connection. 16 × 4 bits are
/// 64: 20 are left for connections.
const NUMBER_BITS: u32 = 44;

/// Prefix that an echo may have.
const ECHO_PREFIX: &[u8] = session::ECHO_PREFIX.as_bytes();

/// Bytes at the start of a message that recognize an echo, together with its size.
const HEAD: usize = 64;

/// Bytes at the start of a message that are searched for an error.
const ERROR_HEAD: usize = 4 << 10;

/// Digit 0 of a tag, in each of its bytes: the digits are the letters a to p, because these are
/// encoded and decoded without a branch, 16 at once.
const ZERO: u128 = u128::from_ne_bytes([b'a'; TAG]);

/// Bits of the digits of a number, spread to a byte each.
const DIGITS: u128 = SPREAD[3].1;

/// Steps that spread the digits of a number to a byte each: shifts, and the bits that stay.
const SPREAD: [(u32, u128); 4] = [
    (32, 0x0000_0000_ffff_ffff_0000_0000_ffff_ffff),
    (16, 0x0000_ffff_0000_ffff_0000_ffff_0000_ffff),
    (8, 0x00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff),
    (4, 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f),
];

/// Tags of the messages of a connection, from message `first` on.
pub(super) fn tags(connection: u32, first: u64) -> impl Iterator<Item = [u8; TAG]> {
    let value = u64::from(connection) << NUMBER_BITS | first & ((1 << NUMBER_BITS) - 1);
    let mut spread =
        SPREAD.iter().fold(value.into(), |it: u128, (shift, mask)| (it | it << shift) & mask);
    std::iter::repeat_with(move || {
        let tag = spread + ZERO;
        // Set bits between the digits carry from one to the next.
        spread = (spread | !DIGITS).wrapping_add(1) & DIGITS;
        tag.to_be_bytes()
    })
}

/// Connection and number of a tag. `None` if a byte is no digit.
fn parse_tag(tag: [u8; TAG]) -> Option<(u32, u64)> {
    let spread = u128::from_be_bytes(tag).wrapping_sub(ZERO);
    if spread & !DIGITS != 0 {
        return None;
    }
    // In halves: a processor has no shift of 16 bytes.
    let (halves, _) = tag.as_chunks();
    let value = halves.iter().fold(0, |value, half| value << 32 | join(u64::from_be_bytes(*half)));
    let connection = u32::try_from(value >> NUMBER_BITS).ok()?;
    Some((connection, value & ((1 << NUMBER_BITS) - 1)))
}

/// Eight digits, the letters a to p, as a number. Each step joins neighbours: digits to pairs,
/// pairs to fours, fours to eight.
fn join(letters: u64) -> u64 {
    let digits = letters - u64::from_ne_bytes([b'a'; 8]);
    let pairs = (digits | digits >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    (fours | fours >> 16) & 0xffff_ffff
}

/// Payload of every message sent. It is the same for all messages but for the tag.
pub(in crate::bench) struct Payload {
    /// Bytes, with room for the tag if there is one.
    pub(super) bytes: Vec<u8>,
    pub(super) is_binary: bool,
    /// True if the first bytes are a tag.
    pub(super) is_tagged: bool,
    /// True if any message received answers the oldest one sent.
    any_answer: bool,
    /// Search for messages received that are errors.
    error: Option<RefCell<Search>>,
}

/// Meaning of a message received. The number is the one in its tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Answer to a message sent, the oldest one if it has no number.
    Good(Option<u64>),
    /// Error, or altered echo.
    Error(Option<u64>),
    /// No answer.
    Push,
}

impl Payload {
    /// Payload of `size` bytes, tagged if a tag fits in.
    pub(in crate::bench) fn generated(size: usize, is_binary: bool) -> Self {
        Self { is_tagged: size >= TAG, ..Self::given(vec![b'x'; size], is_binary) }
    }

    /// Payload sent as it is.
    pub(in crate::bench) fn given(bytes: Vec<u8>, is_binary: bool) -> Self {
        Self { bytes, is_binary, is_tagged: false, any_answer: false, error: None }
    }

    /// Accepts any message received as an answer, or one that matches `error` as an error. With any
    /// answer, messages need no tag.
    pub(in crate::bench) fn answered_by(mut self, any: bool, error: Option<Pattern>) -> Self {
        self.any_answer = any;
        self.is_tagged &= !any;
        self.error = error.map(|pattern| Search::new(pattern).into());
        self
    }

    /// Size in bytes.
    pub(in crate::bench) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes at the start of a message that [`recognize`](Self::recognize) looks at.
    pub(super) fn head(&self) -> usize {
        if self.error.is_some() { ERROR_HEAD } else { HEAD + ECHO_PREFIX.len() }
    }

    /// Recognizes a message received on a connection, by its first bytes and its size. An echo is
    /// told from a push by its tag; without tags, the order tells which message it answers.
    pub(super) fn recognize(&self, connection: u32, head: &[u8], size: u64) -> Answer {
        if !self.any_answer
            && let Some(answer) = self.recognize_echo(connection, head, size)
        {
            return answer;
        }
        if self.error.as_ref().is_some_and(|error| error.borrow_mut().matches(head)) {
            Answer::Error(None)
        } else if self.any_answer {
            Answer::Good(None)
        } else {
            Answer::Push
        }
    }

    /// Answer if the message is an echo, with or without its prefix. A tag of another connection is
    /// none.
    fn recognize_echo(&self, connection: u32, head: &[u8], size: u64) -> Option<Answer> {
        if !self.is_tagged {
            let prefixed = head.strip_prefix(ECHO_PREFIX);
            let prefixed = prefixed.map(|rest| (rest, size - ECHO_PREFIX.len() as u64));
            let mut candidates = [Some((head, size)), prefixed].into_iter().flatten();
            return candidates
                .any(|(head, size)| self.is_same(head, size, 0))
                .then_some(Answer::Good(None));
        }
        let (head, size) = match head.strip_prefix(ECHO_PREFIX) {
            Some(rest) => (rest, size - ECHO_PREFIX.len() as u64),
            None => (head, size),
        };
        match parse_tag(*head.first_chunk()?)? {
            (of, _) if of != connection => None,
            (_, number) if self.is_same(head, size, TAG) => Some(Answer::Good(Some(number))),
            (_, number) => Some(Answer::Error(Some(number))),
        }
    }

    /// True if a message of this size and head equals the payload, `skipped` bytes aside. Only the
    /// first bytes are compared: an error behind them is not noticed.
    fn is_same(&self, head: &[u8], size: u64, skipped: usize) -> bool {
        let looked_at = head.len().min(HEAD).min(self.bytes.len());
        size == self.bytes.len() as u64
            && head[skipped..looked_at] == self.bytes[skipped..looked_at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(connection: u32, number: u64) -> [u8; TAG] {
        tags(connection, number).next().unwrap()
    }

    fn recognized(payload: &Payload, message: &[u8]) -> Answer {
        let head = &message[..message.len().min(payload.head())];
        payload.recognize(7, head, message.len() as u64)
    }

    #[test]
    fn tags_name_connection_and_number() {
        let number = (1 << 44) - 1;
        assert_eq!(parse_tag(tag(99_999, number)), Some((99_999, number)));
        assert_eq!(tag(0, 0x2f), *b"aaaaaaaaaaaaaacp");
        for (tag, number) in tags(5, 0xff8).take(20).zip(0xff8..) {
            assert_eq!(parse_tag(tag), Some((5, number)));
        }
        for wrong in
            [b"aaaaaaaaaaaaaaaq", b"aaaaaaaaaaaaaaa`", b"`aaaaaaaaaaaaaaa", b"0000000000000000"]
        {
            assert_eq!(parse_tag(*wrong), None);
        }
    }

    #[test]
    fn an_echo_is_recognized_by_its_tag() {
        let payload = Payload::generated(1_000, false);
        let mut message = payload.bytes.clone();
        message[..TAG].copy_from_slice(&tag(7, 3));
        assert_eq!(recognized(&payload, &message), Answer::Good(Some(3)));
        let prefixed = [ECHO_PREFIX, &message].concat();
        assert_eq!(recognized(&payload, &prefixed), Answer::Good(Some(3)));
        assert_eq!(recognized(&payload, &message[..999]), Answer::Error(Some(3)));
        let mut altered = message.clone();
        altered[20] = b'y';
        assert_eq!(recognized(&payload, &altered), Answer::Error(Some(3)));
        message[..TAG].copy_from_slice(&tag(8, 3));
        assert_eq!(recognized(&payload, &message), Answer::Push);
        for push in [&b""[..], b"Echo: ", b"12:00:00", &[b'x'; 1_000]] {
            assert_eq!(recognized(&payload, push), Answer::Push, "{push:?}");
        }
    }

    #[test]
    fn without_a_tag_an_echo_is_recognized_by_its_content() {
        for payload in [Payload::generated(3, true), Payload::given(b"xxx".to_vec(), false)] {
            assert_eq!(recognized(&payload, b"xxx"), Answer::Good(None));
            assert_eq!(recognized(&payload, b"Echo: xxx"), Answer::Good(None));
            for push in [&b"xxxx"[..], b"xxy", b"", b"Echo: xx"] {
                assert_eq!(recognized(&payload, push), Answer::Push, "{push:?}");
            }
        }
        let payload = Payload::given(b"Echo: a".to_vec(), false);
        assert_eq!(recognized(&payload, b"Echo: a"), Answer::Good(None));
        assert_eq!(recognized(&Payload::generated(0, false), b""), Answer::Good(None));
    }

    #[test]
    fn errors_are_told_from_answers() {
        let error = Pattern::new("\"error\"", true).unwrap();
        let payload = Payload::given(b"{}".to_vec(), false).answered_by(true, Some(error.clone()));
        assert_eq!(recognized(&payload, b"{\"result\":1}"), Answer::Good(None));
        assert_eq!(recognized(&payload, b"{\"error\":1}"), Answer::Error(None));
        let payload = Payload::generated(32, false).answered_by(false, Some(error));
        assert_eq!(recognized(&payload, b"{\"result\":1}"), Answer::Push);
        assert_eq!(recognized(&payload, b"{\"error\":1}"), Answer::Error(None));
    }
}
