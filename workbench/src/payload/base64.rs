//! Base64 (RFC 4648), as typed or pasted.

use base64::{
    DecodeError, Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use thiserror::Error;

use crate::payload::LineColumn;

/// Base64 syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Base64Error {
    /// Character outside the alphabet.
    #[error("{place}: {found:?} is not a base64 character.")]
    Character {
        /// Position of the character.
        place: LineColumn,
        /// Character found.
        found: char,
    },
    /// Misplaced padding, or text after it.
    #[error("{place}: equals signs only pad the last four characters, or are omitted.")]
    Padding {
        /// Position of the character.
        place: LineColumn,
    },
    /// Incomplete last byte.
    #[error("{place}: the last byte is incomplete. Is the end missing?")]
    Cut {
        /// End of the text.
        place: LineColumn,
    },
}

impl Base64Error {
    /// Position of the error.
    #[must_use]
    pub fn place(&self) -> LineColumn {
        let (Self::Character { place, .. } | Self::Padding { place } | Self::Cut { place }) = self;
        *place
    }
}

/// Decodes base64 in the standard or the URL-safe alphabet, with or without padding, ignoring ASCII
/// white space. Leftover bits are ignored, as in browsers (WHATWG Infra, "forgiving-base64 decode").
///
/// # Errors
/// The first character that is no base64, with its place.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64Error> {
    let compact: String = characters(text)
        .map(|(_, character)| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let engine = if compact.contains('=') { &PADDED } else { &UNPADDED };
    engine.decode(&compact).map_err(|error| located(text, &error))
}

/// Base64 with its padding (RFC 4648 section 4).
static PADDED: GeneralPurpose = forgiving(DecodePaddingMode::RequireCanonical);
/// Base64 without padding (section 3.2).
static UNPADDED: GeneralPurpose = forgiving(DecodePaddingMode::RequireNone);

/// Decoder that ignores nonzero bits after the last byte.
const fn forgiving(padding: DecodePaddingMode) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(padding);
    GeneralPurpose::new(&alphabet::STANDARD, config)
}

/// Characters of `text` without white space, and their byte offsets.
fn characters(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    text.char_indices().filter(|(_, character)| !character.is_ascii_whitespace())
}

/// Converts an error of the decoder, whose offsets do not count white space.
fn located(text: &str, error: &DecodeError) -> Base64Error {
    let end = LineColumn::of(text, text.len());
    match error {
        // Counted in bytes, but everything before an invalid byte is ASCII.
        DecodeError::InvalidByte(offset, _) => {
            let mut rest = characters(text).skip(*offset).peekable();
            let first = rest.peek().copied();
            // The decoder reports the equals sign before a misplaced character.
            let (at, found) = rest.find(|(_, found)| *found != '=').or(first).unwrap_or_default();
            let place = LineColumn::of(text, at);
            match first {
                Some((_, '=')) => Base64Error::Padding { place },
                _ => Base64Error::Character { place, found },
            }
        }
        DecodeError::InvalidLength(_) => Base64Error::Cut { place: end },
        DecodeError::InvalidLastSymbol(..) | DecodeError::InvalidPadding => {
            Base64Error::Padding { place: end }
        }
    }
}

/// Encodes bytes for editing: standard alphabet, padded, on one line.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn sentence(text: &str) -> String {
        decode(text).map_or_else(|error| error.to_string(), |bytes| format!("{bytes:?}"))
    }

    #[test]
    fn both_alphabets_and_white_space_are_read() {
        for text in ["+/8=", "-_8=", "-_8", "+ /\r\n8\t=\n", "+_9"] {
            assert_eq!(decode(text), Ok(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(decode(""), Ok(vec![]));
    }

    #[test]
    fn errors_name_their_position() {
        expect!["line 2, column 3: '!' is not a base64 character."]
            .assert_eq(&sentence("AAAA\nAA!"));
        expect!["line 1, column 6: the last byte is incomplete. Is the end missing?"]
            .assert_eq(&sentence("AAAAA"));
        expect![
            "line 1, column 4: equals signs only pad the last four characters, or are omitted."
        ]
        .assert_eq(&sentence("AA=A"));
        expect![
            "line 1, column 5: equals signs only pad the last four characters, or are omitted."
        ]
        .assert_eq(&sentence("AAAA="));
    }

    proptest! {
        #[test]
        fn all_encoders_decode(bytes: Vec<u8>, every in 1..9_usize) {
            for engine in [BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD] {
                let text = engine.encode(&bytes);
                prop_assert_eq!(decode(&text), Ok(bytes.clone()));
                let lines: Vec<_> = text.as_bytes().chunks(every).map(String::from_utf8_lossy).collect();
                prop_assert_eq!(decode(&lines.join("\n")), Ok(bytes.clone()));
            }
            prop_assert_eq!(decode(&encode_base64(&bytes)), Ok(bytes));
        }

        #[test]
        fn padding_is_required_once_there_is_some(text in "[A-D+/=!]{0,9}") {
            let expected = PADDED.decode(&text).or_else(|_| UNPADDED.decode(&text)).ok();
            prop_assert_eq!(decode(&text).ok(), expected, "{}", text);
        }
    }
}
