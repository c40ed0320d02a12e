//! Regular expressions: a search in slices has the same result as a search at once.
//!
//! A slice may be as short as one step. A place of the first match is found in matching texts only.

#![no_main]

use libfuzzer_sys::fuzz_target;
use session::{Pattern, Search};

/// Steps of a search, at most: fewer than a run takes for a hang.
const STEPS: u64 = 1 << 26;

fuzz_target!(|input: (&str, bool, u8, &str)| {
    let (expression, matches_case, slice, text) = input;
    let Ok(pattern) = Pattern::new(expression, matches_case) else { return };
    let mut search = Search::new(pattern.clone());
    let Some(whole) = search.advance(text.as_bytes(), &mut STEPS.clone()) else { return };
    let mut search = Search::new(pattern);
    let sliced = loop {
        if let Some(found) = search.advance(text.as_bytes(), &mut (u64::from(slice) + 1)) {
            break found;
        }
    };
    assert_eq!(sliced, whole);
    let first = search.find(text, 0, &mut STEPS.clone());
    assert!(first.is_none() || whole);
});
