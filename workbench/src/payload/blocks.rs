//! Blocks of long text, so that a browser lays out only visible ones.

use super::wrap::floor_sequence_boundary;

/// Maximum size of a block in bytes: laid out within a frame, and rarely splits a line.
const MAX_BYTES: usize = 8 << 10;
/// Maximum number of lines in a block: short lines cost more than their bytes.
const MAX_BLOCK_LINES: usize = 1_000;

/// Block of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Text without the final line break.
    pub text: &'a str,
    /// True if the line continues in the next block, because it is too long for one.
    pub goes_on: bool,
}

/// Splits `text` into blocks: after the last line break that fits, else between characters, but not
/// inside an emoji.
pub fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let start = &text[..floor_sequence_boundary(text, MAX_BYTES)];
        let breaks = || start.match_indices('\n').map(|(at, _)| at);
        let fits = start.len() == text.len() && breaks().nth(MAX_BLOCK_LINES - 1).is_none();
        let (block, after) = match breaks().take(MAX_BLOCK_LINES).last() {
            _ if fits => (Block { text, goes_on: false }, None),
            Some(end) => (Block { text: &start[..end], goes_on: false }, Some(&text[end + 1..])),
            None => (Block { text: start, goes_on: true }, Some(&text[start.len()..])),
        };
        rest = after;
        Some(block)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(text: &str) -> String {
        let blocks: Vec<_> = blocks(text).collect();
        let fits =
            |text: &str| text.len() <= MAX_BYTES && text.matches('\n').count() < MAX_BLOCK_LINES;
        assert!(blocks.iter().all(|block| fits(block.text)));
        let last = blocks.len() - 1;
        let join = |(index, block): (usize, &Block<'_>)| {
            let end = if block.goes_on || index == last { "" } else { "\n" };
            format!("{}{end}", block.text)
        };
        blocks.iter().enumerate().map(join).collect()
    }

    #[test]
    fn a_short_text_is_one_block() {
        let block = Block { text: "a\nb", goes_on: false };
        assert_eq!(blocks("a\nb").collect::<Vec<_>>(), [block]);
    }

    #[test]
    fn a_text_is_cut_at_its_lines_and_a_long_line_between_characters() {
        // The first line leaves a block one byte short of full, so that 안 does not fit.
        let long = "안".repeat(MAX_BYTES);
        let text = format!("{}\n{long}\nend", "x".repeat(MAX_BYTES - 2));
        let cut: Vec<_> = blocks(&text).collect();
        assert_eq!(cut[0], Block { text: &text[..MAX_BYTES - 2], goes_on: false });
        assert!(cut[1].goes_on && cut[1].text.chars().all(|character| character == '안'));
        assert_eq!(joined(&text), text);
    }

    #[test]
    fn a_text_of_many_lines_is_cut_at_their_bound() {
        for (lines, expected) in
            [(MAX_BLOCK_LINES, 1), (MAX_BLOCK_LINES + 1, 2), (2 * MAX_BLOCK_LINES + 1, 3)]
        {
            let text = vec!["x"; lines].join("\n");
            assert_eq!(blocks(&text).count(), expected, "{lines}");
            assert_eq!(joined(&text), text);
        }
    }

    #[test]
    fn emoji_are_not_split() {
        for emoji in
            ["👩\u{200d}👩\u{200d}👧\u{200d}👦", "👍🏽", "🇰🇷", "1\u{fe0f}\u{20e3}", "e\u{301}"]
        {
            for padding in 0..emoji.len() {
                let text = "x".repeat(padding) + &emoji.repeat(MAX_BYTES / emoji.len() + 2);
                for block in blocks(&text) {
                    let rest = block.text.trim_start_matches('x').replace(emoji, "");
                    assert_eq!(rest, "", "{emoji} after {padding}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn blocks_concatenate_to_the_text(
            pieces in prop::collection::vec(("[a안🙂]{1,3}", 0..9_000_usize, "\n?"), 0..8)
        ) {
            let text: String =
                pieces.iter().map(|(piece, times, end)| piece.repeat(*times) + end).collect();
            prop_assert_eq!(joined(&text), text);
        }
    }
}
