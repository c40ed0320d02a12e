//! Close expected by a script (`--expect-close`).

use std::{fmt, str::FromStr};

use session::{Close, CloseCode, Pattern, PatternError, Search};

/// Code, and optionally a pattern of the reason: `4001` or `4001/reason/`. Codes are 1000 to 4999;
/// 1005 and 1006 stand for a close without a code, and a loss.
#[derive(Clone, Debug)]
pub(super) struct ExpectedClose {
    code: CloseCode,
    /// Pattern that the reason has to match, anywhere in it.
    reason: Option<Pattern>,
}

impl FromStr for ExpectedClose {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a close code from 1000 to 4999, like 4001 or 4001/reason/".to_owned();
        let (code, reason) = match text.split_once('/') {
            Some((code, rest)) => (code, Some(rest.strip_suffix('/').ok_or_else(wrong)?)),
            None => (text, None),
        };
        let code = code.parse().ok().filter(|code| (1000..=4999).contains(code));
        let reason = reason.map(str::parse).transpose();
        let reason = reason.map_err(|error: PatternError| error.to_string())?;
        Ok(Self { code: CloseCode(code.ok_or_else(wrong)?), reason })
    }
}

impl fmt::Display for ExpectedClose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match &self.reason {
            Some(reason) => write!(f, " with a reason that matches '{reason}'"),
            None => Ok(()),
        }
    }
}

impl ExpectedClose {
    /// True if code and reason are as expected.
    pub(super) fn matches(&self, close: &Close) -> bool {
        let is_reason =
            |reason: &Pattern| Search::new(reason.clone()).matches(close.reason.as_bytes());
        self.code == close.code && self.reason.as_ref().is_none_or(is_reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_reason_are_matched() {
        let close = |code, reason: &str| Close { code: CloseCode(code), reason: reason.into() };
        let expected: ExpectedClose = "4001/^a/b$/".parse().unwrap();
        assert!(expected.matches(&close(4001, "a/b")));
        assert!(!expected.matches(&close(4001, "a")) && !expected.matches(&close(4002, "a/b")));
        let expected: ExpectedClose = "1006".parse().unwrap();
        assert!(expected.matches(&Close::abnormal()));
        for text in ["", "x", "999", "5000", "4001/a", "4001/(/", "/a/"] {
            assert!(text.parse::<ExpectedClose>().is_err(), "{text}");
        }
    }
}
