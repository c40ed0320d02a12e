//! First words of doc comments: a noun phrase or a verb, not a question word.

use super::source::Source;

/// Words that open a relative clause.
const QUESTION_WORDS: [&str; 7] = ["How", "What", "When", "Where", "Whether", "Which", "Who"];

/// Refuses doc comments that open with a question word. Other openings are a matter of review.
pub(super) fn first_words(sources: &[Source]) -> Vec<String> {
    let breaches = sources.iter().flat_map(|source| {
        let path = source.path.display();
        let wrong = doc_openings(&source.text)
            .filter(|(_, opening)| QUESTION_WORDS.contains(&first_word(opening)));
        wrong.map(move |(line, opening)| format!("{path}:{line} opens with {opening:?}"))
    });
    breaches.collect()
}

/// First line of each block of `///` or `//!` lines, with its number. Lines count from 1, as
/// editors have it.
fn doc_openings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut before = None;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let doc = doc_comment(line.trim_start());
        let opening = doc.filter(|(kind, _)| before != Some(*kind));
        before = doc.map(|(kind, _)| kind);
        opening.map(|(_, opening)| (number + 1, opening))
    })
}

/// Marker and text of a doc comment. `None` for code, and for `//` and `////`, which are none.
fn doc_comment(line: &str) -> Option<(&str, &str)> {
    let (marker, text) = line.split_at_checked("///".len())?;
    let is_doc = marker == "//!" || marker == "///" && !text.starts_with('/');
    is_doc.then_some((marker, text.trim()))
}

/// Letters up to the first character that is none: `What's` gives `What`.
fn first_word(opening: &str) -> &str {
    opening.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::source::made_up, *};

    fn breaches(text: &str) -> usize {
        first_words(&made_up(&[("a/src/a.rs", text)])).len()
    }

    #[test]
    fn an_opening_question_word_is_a_breach() {
        assert_eq!(breaches("//! What this is.\n"), 1);
        assert_eq!(breaches("/// Whether it is so.\nfn a() {}"), 1);
        assert_eq!(breaches("struct A {\n    /// Who's there.\n    b: u8,\n}"), 1);
        assert_eq!(breaches("//! Fine.\n\n/// How: this.\nfn a() {}"), 1);
    }

    #[test]
    fn a_noun_or_a_verb_is_none() {
        assert_eq!(breaches("//! Shutdown signal.\n"), 0);
        assert_eq!(breaches("/// Whichever comes first.\nfn a() {}"), 0);
        assert_eq!(breaches("// What this is.\nfn a() {}"), 0);
    }

    #[test]
    fn only_the_first_line_counts() {
        assert_eq!(breaches("/// Entry of the log.\n/// What it shows is a row.\nfn a() {}"), 0);
        assert_eq!(breaches("/// Entry.\n///\n/// When it is shown, it has a row.\nfn a() {}"), 0);
    }

    #[test]
    fn a_breach_names_its_line() {
        let sources = made_up(&[("a/src/a.rs", "//! A.\n\n/// Where it is.\nfn a() {}")]);
        assert_eq!(first_words(&sources), ["a/src/a.rs:3 opens with \"Where it is.\""]);
    }
}
