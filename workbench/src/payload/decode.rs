//! Decoding of bytes as text in a chosen encoding.

/// Text encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, the encoding of text messages.
    #[default]
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
}

impl Encoding {
    /// All encodings, in display order.
    pub const ALL: [Self; 3] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be];
}

/// Decoded text and the number of replacements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Text, with U+FFFD for invalid bytes and lone surrogates.
    pub text: String,
    /// Number of U+FFFD that replace invalid input.
    pub invalid: usize,
}

impl Decoded {
    /// Decodes `bytes`. If they are only part of a message, a truncated last character is omitted
    /// without an error.
    #[must_use]
    pub fn new(bytes: &[u8], encoding: Encoding, is_whole: bool) -> Self {
        match encoding {
            Encoding::Utf8 => utf_8(bytes, is_whole),
            Encoding::Utf16Le => utf_16(bytes, is_whole, u16::from_le_bytes),
            Encoding::Utf16Be => utf_16(bytes, is_whole, u16::from_be_bytes),
        }
    }

    /// Appends U+FFFD for an invalid sequence, and counts it.
    fn push_mark(&mut self) {
        self.text.push(char::REPLACEMENT_CHARACTER);
        self.invalid += 1;
    }
}

/// Decodes UTF-8. A sequence cut off at the end of a part is left out.
fn utf_8(bytes: &[u8], is_whole: bool) -> Decoded {
    let mut decoded = Decoded { text: String::with_capacity(bytes.len()), invalid: 0 };
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        decoded.text.push_str(chunk.valid());
        at += chunk.valid().len() + chunk.invalid().len();
        let ends_early = at == bytes.len() && could_go_on(chunk.invalid());
        if !chunk.invalid().is_empty() && (is_whole || !ends_early) {
            decoded.push_mark();
        }
    }
    decoded
}

/// True if `bytes` is the start of a character that more bytes could complete.
fn could_go_on(bytes: &[u8]) -> bool {
    matches!(std::str::from_utf8(bytes), Err(error) if error.error_len().is_none())
}

/// Decodes UTF-16 of either byte order. A unit or pair cut off at the end of a part is left out.
fn utf_16(bytes: &[u8], is_whole: bool, unit: fn([u8; 2]) -> u16) -> Decoded {
    let mut decoded = Decoded { text: String::with_capacity(bytes.len()), invalid: 0 };
    let (pairs, odd) = bytes.as_chunks();
    let mut units = char::decode_utf16(pairs.iter().copied().map(unit)).peekable();
    while let Some(character) = units.next() {
        match character {
            Ok(character) => decoded.text.push(character),
            Err(lone) => {
                let is_high = lone.unpaired_surrogate() < 0xdc00;
                if is_whole || !is_high || units.peek().is_some() {
                    decoded.push_mark();
                }
            }
        }
    }
    if is_whole && !odd.is_empty() {
        decoded.push_mark();
    }
    decoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(bytes: &[u8], encoding: Encoding, is_whole: bool) -> (String, usize) {
        let decoded = Decoded::new(bytes, encoding, is_whole);
        (decoded.text, decoded.invalid)
    }

    fn bytes(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf8 => text.bytes().collect(),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    #[test]
    fn invalid_bytes_become_marks_and_are_counted() {
        // A byte that starts nothing, a cut character, and a mark that was sent as such.
        let (text, invalid) = decoded(b"a\xffb\xe2\x82c\xef\xbf\xbd", Encoding::Utf8, true);
        assert_eq!((text.as_str(), invalid), ("a\u{fffd}b\u{fffd}c\u{fffd}", 2));
        // A surrogate encoded as if it were a character: no byte of it is one.
        assert_eq!(decoded(b"\xed\xa0\x80", Encoding::Utf8, true).1, 3);
    }

    #[test]
    fn lone_surrogates_become_marks_and_are_counted() {
        for (units, expected) in [
            ([0xd83d, 0x61].as_slice(), "\u{fffd}a"),
            (&[0xde42, 0x61], "\u{fffd}a"),
            (&[0x61, 0xd83d], "a\u{fffd}"),
        ] {
            let bytes: Vec<_> = units.iter().copied().flat_map(u16::to_be_bytes).collect();
            assert_eq!(decoded(&bytes, Encoding::Utf16Be, true), (expected.to_owned(), 1));
        }
    }

    #[test]
    fn a_truncated_character_is_no_error() {
        assert_eq!(decoded(b"a\xf0\x9f\x99", Encoding::Utf8, false), ("a".to_owned(), 0));
        assert_eq!(decoded(b"a\xf0\x9f\x99", Encoding::Utf8, true), ("a\u{fffd}".to_owned(), 1));
        assert_eq!(decoded(b"a\0=\xd8", Encoding::Utf16Le, false), ("a".to_owned(), 0));
        assert_eq!(decoded(b"a\0=\xd8B", Encoding::Utf16Le, false), ("a".to_owned(), 0));
        assert_eq!(decoded(b"a\0b", Encoding::Utf16Le, true), ("a\u{fffd}".to_owned(), 1));
        // What no byte more could mend is an error, cut or not.
        assert_eq!(decoded(b"a\xff", Encoding::Utf8, false), ("a\u{fffd}".to_owned(), 1));
        assert_eq!(decoded(b"\0\xdc", Encoding::Utf16Le, false), ("\u{fffd}".to_owned(), 1));
    }

    proptest! {
        #[test]
        fn text_is_read_back_whole(text: String) {
            for encoding in Encoding::ALL {
                let read = decoded(&bytes(&text, encoding), encoding, true);
                prop_assert_eq!(read, (text.clone(), 0));
            }
        }

        #[test]
        fn a_cut_text_reads_as_its_start(text in "\\PC{0,12}", cut in 0..40_usize) {
            for encoding in Encoding::ALL {
                let bytes = bytes(&text, encoding);
                let (read, invalid) = decoded(&bytes[..cut.min(bytes.len())], encoding, false);
                prop_assert!(text.starts_with(&read));
                prop_assert_eq!(invalid, 0);
                // A character is left out at most, and of that not the last byte was there.
                prop_assert!(self::bytes(&read, encoding).len() + 4 > cut.min(bytes.len()));
            }
        }

        #[test]
        fn arbitrary_bytes_decode_with_correct_counts(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0xd7..0xe0_u8], 0..60)
        ) {
            let (text, invalid) = decoded(&bytes, Encoding::Utf8, true);
            prop_assert_eq!(&text, &String::from_utf8_lossy(&bytes));
            prop_assert_eq!(invalid == 0, std::str::from_utf8(&bytes).is_ok());
            let units: Vec<_> =
                bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            let odd = bytes.len() % 2;
            let (text, invalid) = decoded(&bytes, Encoding::Utf16Be, true);
            let expected = String::from_utf16_lossy(&units) + &"\u{fffd}".repeat(odd);
            prop_assert_eq!(&text, &expected);
            let lone = char::decode_utf16(units).filter(Result::is_err).count();
            prop_assert_eq!(invalid, lone + odd);
        }
    }
}
