//! Regular expressions with a bound on size, searched in steps that a caller can stop.

use std::{fmt, ops::Range, str::FromStr, sync::Arc};

use regex_automata::{
    Anchored, Input,
    hybrid::{
        LazyStateID,
        dfa::{Cache, DFA},
    },
    nfa::thompson,
};
use regex_syntax::{Error as SyntaxError, ParserBuilder, ast};

/// Maximum length of an expression in bytes. Classes take quadratic time to parse: 10 ms at most.
const MAX_EXPRESSION_BYTES: usize = 4 << 10;

/// Maximum size of a compiled expression in bytes: bounds the work of a step, at some 0.1 ms.
const MAX_PROGRAM_BYTES: usize = 4 << 20;

/// Maximum size of the automaton in bytes, which a search builds as it needs it.
const MAX_AUTOMATON_BYTES: usize = 4 << 20;

/// Bytes searched between two looks at the remaining steps.
const CHUNK: usize = 64;

/// Regular expression: the syntax of the crate `regex` 1.9. `\b`, `\d`, `\s` and `\w` are those of ASCII.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

/// Text and automaton, shared by all clones of a pattern.
struct Compiled {
    /// Expression as it was typed.
    text: String,
    /// Lazy automaton: states are built as a text needs them.
    automaton: DFA,
}

/// Error in a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Syntax error, and the character it is at, counted from 1.
    #[error("{0}, at character {1}")]
    Syntax(String, usize),
    /// Error that only the translation finds, such as `\p{Hangul}` in the page, or `\b{2}`: its place is not known.
    #[error("{0}")]
    Class(String),
    /// Longer than an expression may be.
    #[error("the expression is too large: it may be {MAX_EXPRESSION_BYTES} bytes long")]
    TooLong,
    /// Larger than a compiled expression may be.
    #[error("the expression is too large: compiled, it takes more than {} KiB", MAX_PROGRAM_BYTES >> 10)]
    TooLarge,
}

impl Pattern {
    /// Compiles an expression. Case is Unicode's.
    ///
    /// # Errors
    /// A syntax error, or an expression over the bounds on its size.
    pub fn new(text: &str, matches_case: bool) -> Result<Self, PatternError> {
        if text.len() > MAX_EXPRESSION_BYTES {
            return Err(PatternError::TooLong);
        }
        // Once as it was written, for errors that say where they are in it.
        ast::parse::Parser::new().parse(text).map_err(|error| {
            PatternError::Syntax(error.kind().to_string(), error.span().start.column)
        })?;
        let mut parser = ParserBuilder::new().case_insensitive(!matches_case).utf8(false).build();
        let syntax = parser.parse(&restrict_to_ascii(text)).map_err(|error| match error {
            SyntaxError::Translate(error) => PatternError::Class(error.kind().to_string()),
            SyntaxError::Parse(error) => PatternError::Class(error.kind().to_string()),
            error => PatternError::Class(error.to_string()),
        })?;
        let limits = thompson::Config::new()
            .utf8(false)
            .which_captures(thompson::WhichCaptures::None)
            .nfa_size_limit(Some(MAX_PROGRAM_BYTES));
        let compiled = thompson::Compiler::new().configure(limits).build_from_hir(&syntax);
        let config = DFA::config().cache_capacity(MAX_AUTOMATON_BYTES);
        let automaton = compiled
            .ok()
            .and_then(|compiled| DFA::builder().configure(config).build_from_nfa(compiled).ok());
        // Size is the only error left: there are no Unicode boundaries any more.
        let automaton = automaton.ok_or(PatternError::TooLarge)?;
        Ok(Self(Arc::new(Compiled { text: text.to_owned(), automaton })))
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    /// Compiles a case-sensitive expression.
    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::new(text, true)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.as_str()).finish()
    }
}

/// Search for a pattern, in one text after the other.
///
/// Time is linear in the text, whatever the pattern. It is counted in steps: a byte searched, or a
/// byte by which the automaton grew.
#[derive(Clone, Debug)]
pub struct Search {
    pattern: Pattern,
    /// The automaton as far as it was needed; kept for the next text.
    cache: Cache,
    /// Place at which the last call stopped.
    paused: Option<Paused>,
}

/// Point that a search has reached.
#[derive(Clone, Copy, Debug)]
struct Paused {
    state: LazyStateID,
    /// Position in the text, in bytes.
    at: usize,
}

impl Search {
    /// A search that has not begun.
    #[must_use]
    pub fn new(pattern: Pattern) -> Self {
        let cache = pattern.0.automaton.create_cache();
        Self { pattern, cache, paused: None }
    }

    /// Pattern to search for.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// True if `text` has a match. Linear in the text, whatever the pattern.
    pub fn matches(&mut self, text: &[u8]) -> bool {
        self.advance(text, &mut u64::MAX.clone()) == Some(true)
    }

    /// Searches `text` for a match, and takes the work from `steps`. `None` if they were used up
    /// before the answer: the next call continues, and must be given the same text.
    pub fn advance(&mut self, text: &[u8], steps: &mut u64) -> Option<bool> {
        let mut place = match self.paused.take() {
            Some(place) => place,
            None => match self.start(text, 0, Anchored::No) {
                Some(place) => place,
                None => return Some(false),
            },
        };
        while place.at < text.len() {
            if *steps == 0 {
                self.paused = Some(place);
                return None;
            }
            let (from, built) = (place.at, self.built());
            let verdict = self.walk(&mut place, &text[..text.len().min(from + CHUNK)]);
            let work = (place.at - from) as u64 + self.built().saturating_sub(built);
            *steps = steps.saturating_sub(work);
            if verdict.is_some() {
                return verdict;
            }
        }
        Some(self.ends_in_match(place.state))
    }

    /// Forgets a text that was not searched to its end.
    pub fn restart(&mut self) {
        self.paused = None;
    }

    /// First match in `text` at or after `from`; `None` as well once the steps are used up.
    /// Quadratic in the length of `text`, which is to be short: a line.
    pub fn find(&mut self, text: &str, from: usize, steps: &mut u64) -> Option<Range<usize>> {
        let starts = (from..=text.len()).filter(|at| text.is_char_boundary(*at));
        for start in starts {
            if *steps == 0 {
                return None;
            }
            let built = self.built();
            let end = self.match_end(text.as_bytes(), start, steps);
            *steps = steps.saturating_sub(1 + self.built().saturating_sub(built));
            if let Some(end) = end.filter(|end| text.is_char_boundary(*end)) {
                return Some(start..end);
            }
        }
        None
    }

    /// End of the match that starts at `start`.
    fn match_end(&mut self, text: &[u8], start: usize, steps: &mut u64) -> Option<usize> {
        let mut state = self.start(text, start, Anchored::Yes)?.state;
        let mut end = None;
        for (at, byte) in text.iter().enumerate().skip(start) {
            state = self.next(state, *byte)?;
            *steps = steps.saturating_sub(1);
            if state.is_match() {
                // A state tells of a match one byte late.
                end = Some(at);
            } else if state.is_dead() {
                return end;
            }
        }
        if self.ends_in_match(state) { Some(text.len()) } else { end }
    }

    /// State at the start of a search; `None` if the automaton gave up for lack of memory.
    fn start(&mut self, text: &[u8], at: usize, anchored: Anchored) -> Option<Paused> {
        let input = Input::new(text).range(at..).anchored(anchored);
        // Never an error: no byte makes this automaton quit.
        let state = self.pattern.0.automaton.start_state_forward(&mut self.cache, &input).ok()?;
        Some(Paused { state, at })
    }

    /// Continues to the end of `text`, or to the answer.
    fn walk(&mut self, place: &mut Paused, text: &[u8]) -> Option<bool> {
        while place.at < text.len() {
            let Some(state) = self.next(place.state, text[place.at]) else { return Some(false) };
            *place = Paused { state, at: place.at + 1 };
            if state.is_match() || state.is_dead() {
                return Some(state.is_match());
            }
        }
        None
    }

    /// State after a byte. Never `None`: this automaton does not give up.
    fn next(&mut self, state: LazyStateID, byte: u8) -> Option<LazyStateID> {
        self.pattern.0.automaton.next_state(&mut self.cache, state, byte).ok()
    }

    /// True if the end of the text completes a match.
    fn ends_in_match(&mut self, state: LazyStateID) -> bool {
        let end = self.pattern.0.automaton.next_eoi_state(&mut self.cache, state);
        end.is_ok_and(|state| state.is_match())
    }

    /// Bytes of automaton built so far, including states dropped to make room.
    fn built(&self) -> u64 {
        let (dropped, held) = (self.cache.clear_count() as u64, self.cache.memory_usage() as u64);
        dropped * MAX_AUTOMATON_BYTES as u64 + held
    }
}

/// Restricts `\b`, `\d`, `\s`, `\w` and their opposites to ASCII. Unicode's boundaries are beyond
/// such an automaton, and tables for the rest are 7 KB of the page
/// (docs/decisions/0002-page-size.md).
fn restrict_to_ascii(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match (letter, if letter == '\\' { rest.next() } else { None }) {
            ('\\', Some('b')) => written.push_str(r"(?-u:\b)"),
            ('\\', Some('B')) => written.push_str(r"(?-u:\B)"),
            ('\\', Some('d')) => written.push_str("[[:digit:]]"),
            ('\\', Some('D')) => written.push_str("[[:^digit:]]"),
            ('\\', Some('s')) => written.push_str("[[:space:]]"),
            ('\\', Some('S')) => written.push_str("[[:^space:]]"),
            ('\\', Some('w')) => written.push_str("[[:word:]]"),
            ('\\', Some('W')) => written.push_str("[[:^word:]]"),
            (letter, escaped) => written.extend([letter].into_iter().chain(escaped)),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Expression that takes exponential time where expressions are matched by trying.
    const HARD: &str = "(a{1,50}){1,50}b";

    fn search(expression: &str) -> Search {
        Search::new(Pattern::new(expression, true).unwrap())
    }

    fn error(expression: &str) -> String {
        Pattern::new(expression, true).unwrap_err().to_string()
    }

    /// Steps that a search takes, and its answer.
    fn steps(expression: &str, text: &str) -> (u64, Option<bool>) {
        let mut steps = u64::MAX;
        let found = search(expression).advance(text.as_bytes(), &mut steps);
        (u64::MAX - steps, found)
    }

    #[test]
    fn time_is_linear_in_the_text() {
        for expression in [HARD, "(a|aa)+$b", "[ab]*a[ab]{50}c", "(?i)(.*)(.*)(.*)x"] {
            let mut random = fastrand::Rng::with_seed(7);
            let text: String =
                (0..1 << 11).map(|_| if random.bool() { 'a' } else { 'b' }).collect();
            for text in [text, "a".repeat(1 << 11)] {
                let half = steps(expression, &text[..text.len() / 2]).0;
                let (whole, found) = steps(expression, &text);
                assert!(found.is_some());
                assert!(
                    whole <= 3 * half,
                    "{expression}: {half} steps, and {whole} for twice the text"
                );
            }
        }
    }

    #[test]
    fn a_search_pauses_when_its_steps_are_used_up() {
        let text = "a".repeat(2_500);
        let mut search = search(HARD);
        assert_eq!(search.advance(text.as_bytes(), &mut 1_000), None);
        search.restart();
        assert_eq!(search.advance(b"b", &mut 1_000), Some(false), "another text from its start");
        let mut slices = 0;
        while search.advance(text.as_bytes(), &mut 1_000).is_none() {
            slices += 1;
        }
        assert!(slices > 20, "{slices}");
    }

    #[test]
    fn size_is_bounded() {
        assert!(error("(a{1000}){1000}").starts_with("the expression is too large: compiled"));
        assert!(error(&"a".repeat(5_000)).starts_with("the expression is too large: it may be"));
        let deep = format!("{}a{}", "(".repeat(1_000), ")".repeat(1_000));
        assert!(error(&deep).contains("nested"), "{}", error(&deep));
        let mut search = search(r"[가-힣]{1,100}!");
        assert_eq!(search.advance("안녕!".as_bytes(), &mut 10_000), Some(true));
        assert!(search.cache.memory_usage() <= MAX_AUTOMATON_BYTES);
    }

    #[test]
    fn errors_are_one_line() {
        assert_eq!(error("ab(c"), "unclosed group, at character 3");
        assert!(error(r"\w\d(c").ends_with("at character 5"), "{}", error(r"\w\d(c"));
        assert_eq!(error("a{2,1}").lines().count(), 1);
    }

    #[test]
    fn boundaries_and_classes_are_those_of_ascii() {
        assert_eq!(steps(r"(?:\bid\b)+", "an id.").1, Some(true));
        assert_eq!(steps(r"\bid\b", "void").1, Some(false));
        assert_eq!(steps(r"\bid\b", "가id나").1, Some(true));
        assert_eq!(steps(r"^[\w-]+\s\D$", "a_1-b 가").1, Some(true));
        assert_eq!(steps(r"\w|\d|\s", "가١\u{a0}").1, Some(false));
        assert_eq!(steps(r"^\\w\S[^\w]$", r"\w가나").1, Some(true));
    }

    #[test]
    fn case_is_unicode() {
        let pattern = Pattern::new("ÄPFEL", false).unwrap();
        assert_eq!(Search::new(pattern).advance("äpfel".as_bytes(), &mut 100), Some(true));
        assert_eq!("a+".parse::<Pattern>().unwrap().to_string(), "a+");
    }

    fn expressions() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[ab가]",
            Just(".".into()),
            Just("[^a]".into()),
            Just(r"\w".into()),
            Just(r"[\S가]".into()),
            Just("$".into()),
            Just("^".into()),
            Just(r"\b".into()),
        ];
        leaf.prop_recursive(4, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
                (inner, prop::sample::select(vec!["*", "+?", "{1,3}", "?"]))
                    .prop_map(|(it, repeat)| format!("(?:{it}){repeat}")),
            ]
        })
    }

    proptest! {
        /// Against the crate `regex`.
        #[test]
        fn a_search_finds_what_there_is(
            expression in expressions(), text in "[abA가 ]{0,80}", slice in 1..40_u64,
        ) {
            let reference = regex::Regex::new(&restrict_to_ascii(&expression)).unwrap();
            let mut search = search(&expression);
            let found = loop {
                if let Some(found) = search.advance(text.as_bytes(), &mut slice.clone()) {
                    break found;
                }
            };
            prop_assert_eq!(found, reference.is_match(&text));
            let first = reference.find(&text).map(|found| found.range());
            prop_assert_eq!(search.find(&text, 0, &mut 1_000_000), first);
        }
    }
}
