//! Wrapping of long text into lines, and the places where text may be split.

use std::ops::Range;

use session::{JOINER, is_invisible};

/// Characters of a sequence looked at, at most: real ones have a dozen.
const MAX_SEQUENCE: usize = 32;

/// The last offset up to `limit` that splits neither a character, nor an emoji, nor a letter and its
/// marks. A longer sequence than any in use is split.
pub(crate) fn floor_sequence_boundary(text: &str, limit: usize) -> usize {
    let limit = text.floor_char_boundary(limit);
    let mut at = limit;
    for _ in 0..MAX_SEQUENCE {
        let (before, after) = text.split_at(at);
        let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
            break;
        };
        if last != JOINER && !extends(next) && !(is_flag_half(next) && ends_in_half_flag(before)) {
            return at;
        }
        at -= last.len_utf8();
    }
    limit
}

/// Splits `text` into lines of up to `columns` columns, the first of up to `first`: behind a space if the line has one,
/// which may stand in the margin. A character that alone is wider has a line of its own.
#[must_use]
pub fn wrap(text: &str, first: usize, columns: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut width, mut room, mut word) = (0, 0, first, 0);
    for (at, character) in text.char_indices() {
        let is_in_margin = character == ' ' && width == room;
        if width + columns_of(character) > room && at > start && !is_in_margin {
            let end = match floor_sequence_boundary(&text[start..], at - start) {
                _ if word > start => word,
                0 => at,
                length => start + length,
            };
            lines.push(start..end);
            width = text[end..at].chars().map(columns_of).sum();
            (start, room) = (end, columns);
        }
        width += columns_of(character);
        if character == ' ' {
            word = at + 1;
        }
    }
    lines.push(start..text.len());
    lines
}

/// Columns of a character in a monospaced font, at most; of an invisible one, those of its sign. A joiner is taken to
/// be in an emoji, which it makes narrower.
fn columns_of(character: char) -> usize {
    match character {
        ' '..='~' | JOINER => 1,
        _ if is_invisible(character) => 9,
        _ if extends(character) => 0,
        ..'\u{1100}' => 1,
        _ => 2,
    }
}

/// Regional indicator.
fn is_flag_half(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

/// True if the last flag of the text has one of its two letters only.
fn ends_in_half_flag(text: &str) -> bool {
    text.chars().rev().take_while(|character| is_flag_half(*character)).count() % 2 == 1
}

/// True for characters that belong to the one before them: joiners, variation selectors, combining
/// marks, skin tones and tags.
fn extends(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | JOINER
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e0020}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str, first: usize, columns: usize) -> Vec<&str> {
        wrap(text, first, columns).into_iter().map(|line| &text[line]).collect()
    }

    #[test]
    fn lines_have_the_columns_that_fit() {
        assert_eq!(lines("abcdefgh", 2, 4), ["ab", "cdef", "gh"]);
        assert_eq!(lines("한국어", 4, 3), ["한국", "어"]);
        assert_eq!(lines("", 4, 4), [""]);
        assert_eq!(lines("one two three", 4, 5), ["one ", "two ", "three"]);
        assert_eq!(lines("one two  abcdefgh", 7, 4), ["one two ", " ", "abcd", "efgh"]);
        assert_eq!(lines("ab", 0, 0), ["a", "b"]);
        // A tag is a sign of nine columns.
        assert_eq!(lines(&"\u{e0041}".repeat(64), 9, 9 * 32).len(), 3);
        assert_eq!(lines("👩\u{200d}🔬👩\u{200d}🔬", 5, 5), ["👩\u{200d}🔬", "👩\u{200d}🔬"]);
    }

    #[test]
    fn a_sequence_that_never_ends_is_split_all_the_same() {
        let marks = "\u{301}".repeat(1_000);
        assert_eq!(floor_sequence_boundary(&marks, 1_001), 1_000);
    }

    #[test]
    fn wrapping_takes_linear_time() {
        for part in ["a", "a ", "aaaaaaaa ", "한", "🇰🇷", "👩\u{200d}", "\u{301}", "\u{202e}"]
        {
            growth::assert_linear(
                1 << 12,
                |size| part.repeat(size),
                |text: String| {
                    let _ = wrap(&text, 16, 80).len();
                },
            );
        }
    }

    proptest! {
        #[test]
        fn lines_concatenate_to_the_text(
            text in "[ab 한🇰🇷👩👍🏽\u{200d}\u{301}]{0,60}", first in 0..9_usize, columns in 0..9_usize
        ) {
            prop_assert_eq!(lines(&text, first, columns).concat(), text);
        }
    }
}
