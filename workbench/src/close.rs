//! How a WebSocket connection is closed: the code, the reason, and what they mean.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A close code (RFC 6455 section 7.4 and IANA's WebSocket Close Code Number Registry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose of the connection was fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// The Close frame had no code. Never sent in a frame.
    pub const NO_STATUS: Self = Self(1005);
    /// The connection ended without a Close frame. Never sent in a frame.
    pub const ABNORMAL: Self = Self(1006);

    /// What the code says, in words; no full stop.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self.0 {
            1000 => "normal closure",
            1001 => "going away: the server stops, or the page was left",
            1002 => "protocol error",
            1003 => "this kind of data is not accepted",
            1005 => "no close code was given",
            1006 => "the connection was lost without a Close frame",
            1007 => "data that does not fit its type, such as text that is not UTF-8",
            1008 => "policy violation",
            1009 => "message too big",
            1010 => "a needed extension was not negotiated",
            1011 => "the server met an unexpected condition",
            1012 => "the service restarts",
            1013 => "try again later",
            1014 => "bad gateway: the server behind the proxy did not answer well",
            1015 => "the TLS handshake failed",
            3000 => "unauthorized",
            3003 => "forbidden",
            3008 => "timeout",
            3001..=3999 => "a code registered by a library or framework",
            4000..=4999 => "a code of the application's own",
            _ => "a code that no specification defines",
        }
    }

    /// Whether the same connection may well succeed when tried again: it was lost, or the server
    /// named a passing condition. Every other code is a decision or a mistake, and trying again
    /// would repeat it.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self.0, 1001 | 1006 | 1011..=1014)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A code with the reason that came with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// The code of the peer's Close frame, or one of those that stand for its absence.
    pub code: CloseCode,
    /// The peer's own words; at most 123 bytes of UTF-8 in a frame (RFC 6455 section 5.5).
    pub reason: String,
}

impl Close {
    /// A normal closure without a reason.
    #[must_use]
    pub fn normal() -> Self {
        Self { code: CloseCode::NORMAL, reason: String::new() }
    }

    /// The connection ended without a Close frame.
    #[must_use]
    pub fn abnormal() -> Self {
        Self { code: CloseCode::ABNORMAL, reason: String::new() }
    }
}

/// `1000 (normal closure)`, or with a reason: `4001 (a code of the application's own): bye`.
impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code, self.code.meaning())?;
        if !self.reason.is_empty() {
            write!(f, ": {}", self.reason)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_close_reads_as_a_phrase() {
        let normal = Close { code: CloseCode::NORMAL, reason: String::new() };
        expect!["1000 (normal closure)"].assert_eq(&normal.to_string());
        let own = Close { code: CloseCode(4001), reason: "bye".into() };
        expect!["4001 (a code of the application's own): bye"].assert_eq(&own.to_string());
    }

    #[test]
    fn what_was_decided_is_not_tried_again() {
        for code in [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1015, 3000, 4000, 4999] {
            assert!(!CloseCode(code).is_transient(), "{code}");
        }
        for code in [1001, 1006, 1011, 1012, 1013, 1014] {
            assert!(CloseCode(code).is_transient(), "{code}");
        }
    }
}
