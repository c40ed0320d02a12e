//! Line diff of two messages.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::payload::{
    BYTES_PER_LINE, Decoded, Encoding, Inspected, Outline, hex_line, hex_line_count,
};

/// Maximum number of lines per message. The hexadecimal lines of a whole part fit.
pub const MAX_LINES: usize = 30_000;
/// Maximum number of lines between first and last difference, which bounds the time: the worst case
/// takes some 25 ms.
const MAX_DIFFERENT: usize = 2_000;
/// Context lines around a change.
const CONTEXT: usize = 3;
/// Steps spent on marks inside lines, at most: some ten milliseconds. After that a line has one mark,
/// from its first difference to its last.
const MAX_MARK_STEPS: usize = 1 << 20;
/// Maximum indentation in levels.
const MAX_INDENT: usize = 32;

/// Form of the compared lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedAs {
    /// Formatted JSON: both messages are objects or arrays.
    Json,
    /// Text as sent.
    Text,
    /// Hexadecimal dump: one of the messages is not text.
    Hex,
}

/// Side of a line: one message or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Both.
    Same,
    /// Only the first.
    Removed,
    /// Only the second.
    Added,
}

/// Line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedRow {
    /// Side of the line.
    pub change: Change,
    /// Line number in the first message, from 1.
    pub before: Option<usize>,
    /// Line number in the second message.
    pub after: Option<usize>,
    /// Text of the line.
    pub text: String,
    /// Ranges of `text` that differ from the line that it takes the place of; empty if there is none,
    /// or if it is another line altogether.
    pub marks: Vec<Range<usize>>,
}

/// Line of an abridged comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Row by index.
    Row(usize),
    /// Number of omitted common rows.
    LeftOut(usize),
}

/// Comparison of two messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Form of the lines.
    pub form: ComparedAs,
    /// Lines of both, in order; at a difference, those of the first message come first.
    pub rows: Vec<ComparedRow>,
    /// True if both messages were compared in full: neither was truncated, and no limit was
    /// reached.
    pub is_whole: bool,
}

impl Comparison {
    /// Compares `before` with `after`.
    #[must_use]
    pub fn new(before: &Inspected, after: &Inspected) -> Self {
        let (form, mut before_lines, mut after_lines) = lines_of_both(before, after);
        let kept = lines_to_compare(&before_lines, &after_lines);
        let fits = before_lines.len() <= kept && after_lines.len() <= kept;
        before_lines.truncate(kept);
        after_lines.truncate(kept);
        let is_whole = fits && before.is_whole() && after.is_whole();
        Self { form, rows: rows(&before_lines, &after_lines), is_whole }
    }

    /// Number of lines on one side only.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.rows.iter().filter(|row| row.change != Change::Same).count()
    }

    /// Indices of changed rows with `CONTEXT` rows around them, and counts of the omitted rows.
    #[must_use]
    pub fn shortened(&self) -> Vec<Shown> {
        let count = self.rows.len();
        let mut shown = Vec::new();
        // End of the processed rows.
        let mut next = 0;
        for place in (0..count).filter(|place| self.rows[*place].change != Change::Same) {
            let start = next.max(place.saturating_sub(CONTEXT));
            let end = (place + CONTEXT + 1).min(count);
            shown.extend((start > next).then(|| Shown::LeftOut(start - next)));
            shown.extend((start..end).map(Shown::Row));
            next = end;
        }
        shown.extend((count > next).then(|| Shown::LeftOut(count - next)));
        shown
    }
}

/// Number of lines of each message within the limits.
fn lines_to_compare(before: &[String], after: &[String]) -> usize {
    let is_same = |(before, after): &(&String, &String)| before == after;
    let at_start = before.iter().zip(after).take_while(is_same).count();
    let (before, after) = (&before[at_start..], &after[at_start..]);
    let at_end = before.iter().rev().zip(after.iter().rev()).take_while(is_same).count();
    let different = before.len().max(after.len()) - at_end;
    let fits = different <= MAX_DIFFERENT;
    if fits { MAX_LINES } else { MAX_LINES.min(at_start + MAX_DIFFERENT) }
}

/// Lines of both messages in the same form: laid-out JSON, text, or hexadecimal.
fn lines_of_both(before: &Inspected, after: &Inspected) -> (ComparedAs, Vec<String>, Vec<String>) {
    let outlines = (before.outline(), after.outline());
    if outlines.0.is_structured() && outlines.1.is_structured() {
        return (ComparedAs::Json, laid_out(&outlines.0), laid_out(&outlines.1));
    }
    match (text_lines(before), text_lines(after)) {
        (Some(before), Some(after)) => (ComparedAs::Text, before, after),
        _ => (ComparedAs::Hex, hex_lines(before), hex_lines(after)),
    }
}

/// One line past the limit detects truncation.
fn laid_out(outline: &Outline) -> Vec<String> {
    let prefix = outline.prefix().lines().map(str::to_owned);
    let lines = outline.lines(|_| false);
    let line = |index: usize| {
        let node = &outline.nodes()[index];
        let indent = "  ".repeat(node.depth.min(MAX_INDENT));
        let (key, colon) = node.key.as_ref().map_or(("", ""), |key| (outline.text(key), ": "));
        let closing = outline.closing_of_empty(index).unwrap_or_default();
        format!("{indent}{key}{colon}{}{closing}", outline.text(&node.text))
    };
    prefix.chain(lines.into_iter().map(line)).take(MAX_LINES + 1).collect()
}

/// `None` if the message is not valid UTF-8.
fn text_lines(message: &Inspected) -> Option<Vec<String>> {
    let decoded = Decoded::new(&message.part, Encoding::Utf8, message.is_whole());
    let is_text = message.is_text || decoded.invalid == 0;
    is_text.then(|| decoded.text.split('\n').take(MAX_LINES + 1).map(str::to_owned).collect())
}

fn hex_lines(message: &Inspected) -> Vec<String> {
    let line = |index| {
        let line = hex_line(&message.part, index, BYTES_PER_LINE);
        format!("{:48}  {}", line.hex, line.ascii)
    };
    (0..hex_line_count(message.part.len(), BYTES_PER_LINE)).map(line).collect()
}

/// Rows of a line-wise comparison (Myers), removed lines before added ones.
fn rows(before: &[String], after: &[String]) -> Vec<ComparedRow> {
    let mut input = InternedInput::default();
    input.update_before(before.iter().map(String::as_str));
    input.update_after(after.iter().map(String::as_str));
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);

    let mut rows = Vec::with_capacity(before.len().max(after.len()));
    let mut steps = MAX_MARK_STEPS;
    let (mut in_before, mut in_after) = (0, 0);
    for hunk in diff.hunks() {
        let (removed, added) = (range(&hunk.before), range(&hunk.after));
        push_same(&mut rows, before, in_before..removed.start, in_after);
        let pairs = before[removed.clone()].iter().zip(&after[added.clone()]);
        let (marks_before, marks_after): (Vec<_>, Vec<_>) =
            pairs.map(|(before, after)| marks(before, after, &mut steps)).unzip();
        let padded = |marks: Vec<_>| marks.into_iter().chain(std::iter::repeat(Vec::new()));
        let removed_rows = removed.clone().zip(padded(marks_before));
        rows.extend(removed_rows.map(|(line, marks)| row(Some(line), None, &before[line], marks)));
        let added_rows = added.clone().zip(padded(marks_after));
        rows.extend(added_rows.map(|(line, marks)| row(None, Some(line), &after[line], marks)));
        (in_before, in_after) = (removed.end, added.end);
    }
    push_same(&mut rows, before, in_before..before.len(), in_after);
    rows
}

/// Appends unchanged lines with their numbers in both messages.
fn push_same(rows: &mut Vec<ComparedRow>, before: &[String], lines: Range<usize>, in_after: usize) {
    let same = lines.zip(in_after..);
    rows.extend(same.map(|(line, after)| row(Some(line), Some(after), &before[line], Vec::new())));
}

/// Row of a line, by its indices in both messages.
fn row(before: Option<usize>, after: Option<usize>, text: &str, marks: Marks) -> ComparedRow {
    let change = match (before, after) {
        (Some(_), Some(_)) => Change::Same,
        (_, None) => Change::Removed,
        (None, _) => Change::Added,
    };
    let [before, after] = [before, after].map(|index| index.map(|index| index + 1));
    ComparedRow { change, before, after, text: text.to_owned(), marks }
}

/// Ranges of a line.
type Marks = Vec<Range<usize>>;

/// Parts of two lines that are not in the other: words, if `steps` suffice. None if the lines have
/// nothing in common.
fn marks(before: &str, after: &str, steps: &mut usize) -> (Marks, Marks) {
    let (words_before, words_after) = (words(before), words(after));
    let is_same = |(one, other): &(&&str, &&str)| one == other;
    let start = words_before.iter().zip(&words_after).take_while(is_same).count();
    let (rest_before, rest_after) = (&words_before[start..], &words_after[start..]);
    let end = rest_before.iter().rev().zip(rest_after.iter().rev()).take_while(is_same).count();
    let middle_before = &rest_before[..rest_before.len() - end];
    let middle_after = &rest_after[..rest_after.len() - end];
    let length = |words: &[&str]| words.iter().map(|word| word.len()).sum::<usize>();
    let at = length(&words_before[..start]);
    let needed = (middle_before.len() + 1).saturating_mul(middle_after.len() + 1);
    let Some(left) = steps.checked_sub(needed) else {
        let whole = |middle| Vec::from_iter((length(middle) > 0).then(|| at..at + length(middle)));
        return (whole(middle_before), whole(middle_after));
    };
    *steps = left;
    let mut input = InternedInput::default();
    input.update_before(middle_before.iter().copied());
    input.update_after(middle_after.iter().copied());
    let diff = Diff::compute(Algorithm::Myers, &input);
    let marked = |words: &[&str], is_changed: &dyn Fn(u32) -> bool| {
        let mut marks: Marks = Vec::new();
        let mut start = at;
        for (index, word) in (0..).zip(words) {
            let end = start + word.len();
            match marks.last_mut() {
                _ if !is_changed(index) => {}
                Some(last) if last.end == start => last.end = end,
                _ => marks.push(start..end),
            }
            start = end;
        }
        marks
    };
    let marks = marked(middle_before, &|index| diff.is_removed(index));
    let others = marked(middle_after, &|index| diff.is_added(index));
    let is_same_line = is_part(&marks, before) || is_part(&others, after);
    if is_same_line { (marks, others) } else { (Vec::new(), Vec::new()) }
}

/// True if at least half of `line`, blanks aside, is not marked.
fn is_part(marks: &Marks, line: &str) -> bool {
    let length = |text: &str| text.chars().filter(|it| !it.is_whitespace()).count();
    let marked = marks.iter().map(|mark| length(&line[mark.clone()])).sum::<usize>();
    marked * 2 <= length(line)
}

/// Words, blanks and single signs of a line. Characters beyond ASCII count as letters, so that no
/// emoji is split.
fn words(line: &str) -> Vec<&str> {
    let kind = |character: char| match character {
        ' ' | '\t' => 0,
        _ if character.is_ascii_alphanumeric() || !character.is_ascii() => 1,
        _ => 2,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut characters = line.char_indices().peekable();
    while let Some((_, character)) = characters.next() {
        let end = characters.peek().map_or(line.len(), |(at, _)| *at);
        let goes_on = |(_, next): &(usize, char)| kind(*next) == kind(character);
        if kind(character) == 2 || !characters.peek().is_some_and(goes_on) {
            words.push(&line[start..end]);
            start = end;
        }
    }
    words
}

/// Range of the library's line numbers.
fn range(lines: &Range<u32>) -> Range<usize> {
    lines.start as usize..lines.end as usize
}

#[cfg(test)]
mod tests {

    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use session::{Direction, Time};

    use super::*;
    use crate::{payload::MAX_PART_BYTES, relay::MessageFrames};

    fn message(is_text: bool, bytes: &[u8]) -> Inspected {
        Inspected {
            id: 0,
            at: Time(0),
            direction: Direction::In,
            is_text,
            size: bytes.len() as u64,
            part: bytes.into(),
            frames: MessageFrames::default(),
        }
    }

    fn text(text: &str) -> Inspected {
        message(true, text.as_bytes())
    }

    fn reads(comparison: &Comparison, form: ComparedAs, expected: &Expect) {
        let mark = |change| match change {
            Change::Same => ' ',
            Change::Removed => '-',
            Change::Added => '+',
        };
        let lines: Vec<_> = comparison
            .rows
            .iter()
            .map(|row| format!("{} {}", mark(row.change), row.text))
            .collect();
        expected.assert_eq(&lines.join("\n"));
        assert_eq!(comparison.form, form);
    }

    #[test]
    fn json_is_compared_formatted() {
        let before = text(r#"{"a":1,"b":[],"c":{"d":1e2}}"#);
        let after = message(false, br#"{"a": 1, "b": [2], "c": {"d": 100}}"#);
        let comparison = Comparison::new(&before, &after);
        reads(
            &comparison,
            ComparedAs::Json,
            &expect![[r#"
                  {
                    "a": 1
                -   "b": []
                +   "b": [
                +     2
                +   ]
                    "c": {
                -     "d": 1e2
                +     "d": 100
                    }
                  }"#]],
        );
        assert_eq!((comparison.changes(), comparison.is_whole), (6, true));
    }

    #[test]
    fn text_is_compared_by_its_lines() {
        let comparison = Comparison::new(&text("a\nb\nc"), &text("a\nc\n{}"));
        reads(
            &comparison,
            ComparedAs::Text,
            &expect![[r"
                  a
                - b
                  c
                + {}"]],
        );
        let numbers: Vec<_> = comparison.rows.iter().map(|row| (row.before, row.after)).collect();
        let expected = [(Some(1), Some(1)), (Some(2), None), (Some(3), Some(2)), (None, Some(3))];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn binary_is_compared_as_hexadecimal() {
        let comparison = Comparison::new(&message(false, b"\xff\0hi"), &text("hi"));
        reads(
            &comparison,
            ComparedAs::Hex,
            &expect![[r"
                - ff 00 68 69                                       ··hi
                + 68 69                                             hi"]],
        );
    }

    #[test]
    fn what_changed_inside_a_line_is_marked() {
        let marked = |before: &str, after: &str| {
            let rows = Comparison::new(&text(before), &text(after)).rows;
            let show = |row: &ComparedRow| {
                let mut line = row.text.clone();
                for mark in row.marks.iter().rev() {
                    line.insert(mark.end, ']');
                    line.insert(mark.start, '[');
                }
                line
            };
            rows.iter().map(show).collect::<Vec<_>>()
        };
        for (before, after, expected) in [
            ("paid 10, due 3", "paid 20, due 4", ["paid [10], due [3]", "paid [20], due [4]"]),
            ("a b", "a new b", ["a b", "a [new ]b"]),
            ("hi 👩\u{200d}🔬!", "hi 👩\u{200d}🔧!", ["hi [👩\u{200d}🔬]!", "hi [👩\u{200d}🔧]!"]),
            ("one thing", "another matter", ["one thing", "another matter"]),
            ("the cat sat", "under the old tree", ["the cat sat", "under the old tree"]),
        ] {
            assert_eq!(marked(before, after), expected);
        }
        // Too long for words: one mark.
        let many = |word: &str| format!("x {} y", vec![word; 2_000].join(" "));
        let rows = Comparison::new(&text(&many("a")), &text(&many("b"))).rows;
        assert_eq!(rows[0].marks, vec![2..2 + 3_999]);
    }

    #[test]
    fn a_prefix_of_json_is_a_line() {
        let comparison = Comparison::new(&text(r#"{"a":1}"#), &text(r#"Echo: {"a":1}"#));
        reads(
            &comparison,
            ComparedAs::Json,
            &expect![[r#"
                + Echo: 
                  {
                    "a": 1
                  }"#]],
        );
    }

    #[test]
    fn lines_far_from_any_change_can_be_left_out() {
        let lines: Vec<_> = (0..40).map(|line| line.to_string()).collect();
        let mut changed = lines.clone();
        changed[10] = "ten".into();
        changed[15] = "fifteen".into();
        changed.push("forty".into());
        let comparison = Comparison::new(&text(&lines.join("\n")), &text(&changed.join("\n")));
        let mut expected = vec![Shown::LeftOut(7)];
        // A line that changed is two rows.
        expected.extend((7..21).map(Shown::Row));
        expected.push(Shown::LeftOut(18));
        expected.extend((39..43).map(Shown::Row));
        assert_eq!(comparison.shortened(), expected);
        assert_eq!(Comparison::new(&text("a"), &text("a")).shortened(), [Shown::LeftOut(1)]);
    }

    #[test]
    fn truncated_comparisons_are_marked() {
        let compared = |before: &[&str], after: &[&str]| {
            let comparison = Comparison::new(&text(&before.join("\n")), &text(&after.join("\n")));
            (comparison.rows.len(), comparison.is_whole)
        };
        let same = |lines| compared(&vec!["x"; lines], &vec!["x"; lines]);
        assert_eq!(same(MAX_LINES), (MAX_LINES, true));
        assert_eq!(same(MAX_LINES + 1), (MAX_LINES, false));
        let different = |lines| {
            let both_ends =
                |line: &'static str| [vec!["x"; 7], vec![line; lines], vec!["x"; 7]].concat();
            compared(&both_ends("a"), &both_ends("b"))
        };
        assert_eq!(different(MAX_DIFFERENT), (7 + 2 * MAX_DIFFERENT + 7, true));
        assert_eq!(different(MAX_DIFFERENT + 1), (7 + 2 * MAX_DIFFERENT, false));
        let cut = Inspected { size: 2, ..text("x") };
        assert!(!Comparison::new(&cut, &text("x")).is_whole);
    }

    #[test]
    fn a_deep_outline_does_not_grow_with_the_square_of_its_depth() {
        let deep = text(&("[0,".repeat(900) + "0" + &"]".repeat(900)));
        let comparison = Comparison::new(&deep, &deep);
        let bytes: usize = comparison.rows.iter().map(|row| row.text.len()).sum();
        assert!(bytes < 2_800 * (2 * MAX_INDENT + 2), "{bytes}");
    }

    fn part() -> impl Strategy<Value = Inspected> {
        let bytes = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "([ab]\n){0,20}".prop_map(String::into_bytes),
            "[\\[\\],1]{0,20}".prop_map(String::into_bytes),
        ];
        (bytes, any::<bool>(), 0..2_u64).prop_map(|(bytes, is_text, more)| {
            let size = bytes.len() as u64 + more;
            Inspected { size, ..message(is_text, &bytes) }
        })
    }

    proptest! {
        #[test]
        fn rows_reproduce_both_messages(before in part(), after in part()) {
            let (_, before_lines, after_lines) = lines_of_both(&before, &after);
            let comparison = Comparison::new(&before, &after);
            let rows = &comparison.rows;
            for (lines, number) in [
                (before_lines, (|row| row.before) as fn(&ComparedRow) -> Option<usize>),
                (after_lines, |row| row.after),
            ] {
                let read: Vec<_> =
                    rows.iter().filter_map(|row| Some((number(row)?, row.text.clone()))).collect();
                prop_assert_eq!(read, (1..).zip(lines).collect::<Vec<_>>());
            }
            // Shortened, each row is there or counted, in order.
            let mut next = 0;
            for shown in comparison.shortened() {
                match shown {
                    Shown::Row(place) => {
                        prop_assert_eq!(place, next);
                        next += 1;
                    }
                    Shown::LeftOut(count) => {
                        let left_out = &rows[next..next + count];
                        prop_assert!(left_out.iter().all(|row| row.change == Change::Same));
                        next += count;
                    }
                }
            }
            prop_assert_eq!(next, rows.len());
        }
    }

    /// The worst case for a comparison: lines that nearly all occur in both, in disorder.
    #[test]
    fn parts_in_disorder_are_compared_within_the_bound() {
        let lines = |seed: u64| {
            let mut random = fastrand::Rng::with_seed(seed);
            let letters: Vec<_> =
                (0..MAX_PART_BYTES / 2).flat_map(|_| [random.u8(b'a'..=b'z'), b'\n']).collect();
            Inspected { is_text: true, part: letters, ..message(true, &[]) }
        };
        let comparison = Comparison::new(&lines(1), &lines(2));
        assert!(comparison.changes() > MAX_DIFFERENT && !comparison.is_whole);
    }
}
