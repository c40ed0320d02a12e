//! Marker: finds the matches of a query's text, to be marked where they are shown.

use std::ops::Range;

use super::{
    needle::{Needle, RegexError},
    query::Query,
};

/// Steps taken to mark a text by a regular expression: several times as many as a usual one needs
/// for a line.
const MAX_STEPS: u64 = 1 << 16;

/// Prepared search for the matches of a query's text.
#[derive(Clone, Debug)]
pub struct Marker(Needle);

impl Marker {
    /// Prepares the search; `None` if the query has no text.
    ///
    /// # Errors
    /// If the text is to be a regular expression and is none.
    pub fn new(query: &Query) -> Result<Option<Self>, RegexError> {
        Ok(Needle::new(query)?.map(Self))
    }

    /// First matches in `text`, at most `limit`: byte ranges, in order, at character boundaries.
    /// Linear for words; an expression stops after a fixed amount of work.
    pub fn marks(&mut self, text: &str, limit: usize) -> Vec<Range<usize>> {
        let search = match &mut self.0 {
            Needle::Words(words) => return words.ranges(text).take(limit).collect(),
            Needle::Expression(search) => search,
        };
        let (mut from, mut steps, mut marks) = (0, MAX_STEPS, Vec::new());
        while marks.len() < limit
            && let Some(mark) = search.find(text, from, &mut steps)
        {
            from = mark.end.max(mark.start + 1);
            if !mark.is_empty() {
                marks.push(mark);
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marker(text: &str, is_expression: bool) -> Marker {
        let query = Query { text: text.into(), is_expression, ..Query::default() };
        Marker::new(&query).unwrap().expect("there is a text")
    }

    #[test]
    fn marks_take_linear_time_and_are_limited() {
        for (text, is_expression) in [("aab", false), ("a", false), ("(a|aa)+b", true), ("a", true)]
        {
            let marker = marker(text, is_expression);
            growth::assert_linear(
                1 << 16,
                |size| "a".repeat(size),
                |line| {
                    assert!(marker.clone().marks(&line, 100).len() <= 100);
                },
            );
        }
    }

    proptest! {
        #[test]
        fn marks_cover_the_matches(
            line in "[abA가 ]{0,20}", needle in "[abA가]{1,3}", is_expression: bool
        ) {
            let marks = marker(&needle, is_expression).marks(&line, usize::MAX);
            for mark in &marks {
                prop_assert!(line[mark.clone()].eq_ignore_ascii_case(&needle));
            }
            let count = line.to_ascii_lowercase().matches(&needle.to_ascii_lowercase()).count();
            prop_assert_eq!(marks.len(), count);
        }
    }
}
