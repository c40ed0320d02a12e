//! Hexadecimal bytes, as typed or pasted.

use session::hexadecimal;
use thiserror::Error;

use super::{BYTES_PER_LINE, LineColumn};

/// Hexadecimal syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// Neither a digit nor a separator.
    #[error("{place}: {found:?} is not a hexadecimal digit (0 to 9, a to f).")]
    Character {
        /// Position of the character.
        place: LineColumn,
        /// Character found.
        found: char,
    },
    /// Single digit.
    #[error("{place}: a byte has two digits. Write 0f for f.")]
    HalfPair {
        /// Position of the digit.
        place: LineColumn,
    },
}

impl HexError {
    /// Position of the error.
    #[must_use]
    pub fn place(&self) -> LineColumn {
        let (Self::Character { place, .. } | Self::HalfPair { place }) = self;
        *place
    }
}

/// Decodes pairs of digits. Spaces, line breaks, commas and colons may separate pairs, and `0x` may
/// precede one.
///
/// # Errors
/// The first character that is no hexadecimal, with its place.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut rest = text.char_indices();
    while let Some((at, first)) = rest.next() {
        if is_between(first) {
            continue;
        }
        let mut ahead = rest.clone().map(|(_, character)| character);
        let is_prefix = first == '0' && matches!(ahead.next(), Some('x' | 'X'));
        if is_prefix && ahead.next().is_some_and(|digit| digit.is_ascii_hexdigit()) {
            rest.next();
            continue;
        }
        let high = digit(text, (at, first))?;
        match rest.next() {
            Some(second) if !is_between(second.1) => bytes.push(high << 4 | digit(text, second)?),
            _ => return Err(HexError::HalfPair { place: LineColumn::of(text, at) }),
        }
    }
    Ok(bytes)
}

/// True for a separator of bytes.
fn is_between(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | ',' | ':')
}

/// Value of a hexadecimal digit, or an error with its place.
fn digit(text: &str, (at, found): (usize, char)) -> Result<u8, HexError> {
    let digit = found.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digit.ok_or_else(|| HexError::Character { place: LineColumn::of(text, at), found })
}

/// Encodes bytes for editing: pairs of digits, sixteen per line.
#[must_use]
pub fn encode_hex(bytes: &[u8]) -> String {
    let lines = bytes.chunks(BYTES_PER_LINE).map(|line| hexadecimal(line, " "));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;

    fn sentence(text: &str) -> String {
        decode(text).map_or_else(|error| error.to_string(), |bytes| format!("{bytes:?}"))
    }

    #[test]
    fn separators_are_accepted() {
        let expected = Ok(vec![0x00, 0xff, 0x0a]);
        for text in ["00ff0a", "00 FF\r\n\t0a ", "0x00,0xff, 0X0A", "00:ff:0a", "0x00ff0a"] {
            assert_eq!(decode(text), expected, "{text}");
        }
        assert_eq!(decode(" \n"), Ok(vec![]));
    }

    #[test]
    fn errors_name_their_position() {
        expect!["line 2, column 4: 'g' is not a hexadecimal digit (0 to 9, a to f)."]
            .assert_eq(&sentence("00\n01 g0"));
        expect!["line 1, column 2: '한' is not a hexadecimal digit (0 to 9, a to f)."]
            .assert_eq(&sentence("0한"));
        expect!["line 1, column 4: a byte has two digits. Write 0f for f."]
            .assert_eq(&sentence("00 f"));
        expect!["line 1, column 1: a byte has two digits. Write 0f for f."]
            .assert_eq(&sentence("a bc"));
        // Between the digits of a pair nothing may stand, and 0x is no byte.
        expect!["line 1, column 2: 'x' is not a hexadecimal digit (0 to 9, a to f)."]
            .assert_eq(&sentence("0x"));
        expect!["line 1, column 3: a byte has two digits. Write 0f for f."]
            .assert_eq(&sentence("0x1"));
    }

    #[test]
    fn a_line_has_sixteen_pairs() {
        let text = encode_hex(&[0xab; 17]);
        let lines: Vec<_> = text.lines().map(str::len).collect();
        assert_eq!(lines, [16 * 3 - 1, 2]);
    }

    proptest! {
        #[test]
        fn output_parses_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode_hex(&bytes)), Ok(bytes));
        }

        #[test]
        fn separators_are_ignored(
            bytes in prop::collection::vec((any::<u8>(), "[ \t\r\n,:]{0,3}(0[xX])?", any::<bool>()), 0..20)
        ) {
            let text: String = bytes.iter().map(|(byte, before, is_upper)| {
                if *is_upper { format!("{before}{byte:02X}") } else { format!("{before}{byte:02x}") }
            }).collect();
            let expected: Vec<_> = bytes.iter().map(|(byte, ..)| *byte).collect();
            prop_assert_eq!(decode(&text), Ok(expected), "{}", text);
        }

        #[test]
        fn a_wrong_character_is_found_where_it_is(bytes: Vec<u8>, wrong in "[g-wyzG가\u{7f}\"-+]") {
            let before = encode_hex(&bytes);
            let place = LineColumn::of(&before, before.len());
            let found = wrong.chars().next().unwrap();
            prop_assert_eq!(decode(&(before + &wrong)), Err(HexError::Character { place, found }));
        }

        #[test]
        fn arbitrary_text_does_not_panic(text in "[0-9a-fxX ,:\ng가]{0,30}") {
            let _ = decode(&text);
        }
    }
}
