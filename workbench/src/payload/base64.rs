//! Bytes written as base64 (RFC 4648), as a person types or pastes it.

use base64::{Engine, prelude::BASE64_STANDARD};
use thiserror::Error;

use crate::payload::LineColumn;

/// Base64 syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Base64Error {
    /// Not one of the alphabet's characters.
    #[error("{place}: {found:?} is no character of base64.")]
    Character {
        /// Position of the character.
        place: LineColumn,
        /// Character found.
        found: char,
    },
    /// An equals sign that fills nothing up, or something behind those that do.
    #[error("{place}: equals signs only fill up the last four characters, or are left out.")]
    Padding {
        /// Position of the character.
        place: LineColumn,
    },
    /// The end of the text holds less than a byte.
    #[error("{place}: the last byte is not whole. Is the end missing?")]
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

/// The bytes that a text stands for: in the standard alphabet or the one that is safe in URLs, with
/// or without padding, with any white space. Bits that are left over are passed over, as browsers do
/// (WHATWG Infra, "forgiving-base64 decode").
pub(crate) fn read(text: &str) -> Result<Vec<u8>, Base64Error> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    // Bits that are not part of a byte yet, and how many.
    let (mut bits, mut held) = (0_u32, 0);
    let (mut digits, mut padding) = (0, 0);
    for (at, found) in text.char_indices().filter(|(_, found)| !found.is_ascii_whitespace()) {
        let place = || LineColumn::of(text, at);
        if found == '=' {
            padding += 1;
            if digits % 4 < 2 || digits % 4 + padding > 4 {
                return Err(Base64Error::Padding { place: place() });
            }
            continue;
        }
        let digit = digit(found).ok_or_else(|| Base64Error::Character { place: place(), found })?;
        if padding > 0 {
            return Err(Base64Error::Padding { place: place() });
        }
        digits += 1;
        bits = bits << 6 | digit;
        held += 6;
        if held >= 8 {
            held -= 8;
            // What is above these eight bits was taken before.
            bytes.push((bits >> held).to_le_bytes()[0]);
        }
    }
    let end = || LineColumn::of(text, text.len());
    match (digits % 4, padding) {
        (0, _) | (2 | 3, 0) | (2, 2) | (3, 1) => Ok(bytes),
        (1, _) => Err(Base64Error::Cut { place: end() }),
        _ => Err(Base64Error::Padding { place: end() }),
    }
}

fn digit(character: char) -> Option<u32> {
    let value = u32::from(character);
    Some(match character {
        'A'..='Z' => value - u32::from('A'),
        'a'..='z' => value - u32::from('a') + 26,
        '0'..='9' => value - u32::from('0') + 52,
        '+' | '-' => 62,
        '/' | '_' => 63,
        _ => return None,
    })
}

/// Bytes as a person edits them: in the standard alphabet with padding, on one line.
#[must_use]
pub fn base64_text(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn sentence(text: &str) -> String {
        read(text).map_or_else(|error| error.to_string(), |bytes| format!("{bytes:?}"))
    }

    #[test]
    fn both_alphabets_and_white_space_are_read() {
        for text in ["+/8=", "-_8=", "-_8", "+ /\r\n8\t=\n", "+_9"] {
            assert_eq!(read(text), Ok(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        expect!["line 2, column 3: '!' is no character of base64."]
            .assert_eq(&sentence("AAAA\nAA!"));
        expect!["line 1, column 6: the last byte is not whole. Is the end missing?"]
            .assert_eq(&sentence("AAAAA"));
        expect![
            "line 1, column 4: equals signs only fill up the last four characters, or are left out."
        ]
        .assert_eq(&sentence("AA=A"));
        expect![
            "line 1, column 5: equals signs only fill up the last four characters, or are left out."
        ]
        .assert_eq(&sentence("AAAA="));
    }

    proptest! {
        #[test]
        fn what_any_encoder_writes_is_read(bytes: Vec<u8>, every in 1..9_usize) {
            for engine in [BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD] {
                let text = engine.encode(&bytes);
                prop_assert_eq!(read(&text), Ok(bytes.clone()));
                let lines: Vec<_> = text.as_bytes().chunks(every).map(String::from_utf8_lossy).collect();
                prop_assert_eq!(read(&lines.join("\n")), Ok(bytes.clone()));
            }
            prop_assert_eq!(read(&base64_text(&bytes)), Ok(bytes));
        }

        #[test]
        fn what_is_refused_is_refused_by_others_too(text in "[A-D+/=!]{0,9}") {
            use base64::{alphabet, engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig}};
            let forgiving = GeneralPurposeConfig::new()
                .with_decode_allow_trailing_bits(true)
                .with_decode_padding_mode(DecodePaddingMode::RequireCanonical);
            let padded = GeneralPurpose::new(&alphabet::STANDARD, forgiving);
            let bare = GeneralPurpose::new(
                &alphabet::STANDARD,
                forgiving.with_decode_padding_mode(DecodePaddingMode::RequireNone),
            );
            let expected = padded.decode(&text).or_else(|_| bare.decode(&text)).ok();
            prop_assert_eq!(read(&text).ok(), expected, "{}", text);
        }
    }
}
