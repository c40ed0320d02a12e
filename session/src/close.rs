//! Close codes and reasons (RFC 6455 section 7).

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::visible_line;

/// A close code (RFC 6455 section 7.4 and IANA's WebSocket Close Code Number Registry).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose of the connection was fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// The peer broke the protocol.
    pub const PROTOCOL: Self = Self(1002);
    /// The Close frame had no code. Never sent in a frame.
    pub const NO_STATUS: Self = Self(1005);
    /// The connection ended without a Close frame. Never sent in a frame.
    pub const ABNORMAL: Self = Self(1006);

    /// Short description of the code, without a full stop.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self.0 {
            1000 => "normal closure",
            1001 => "going away: server shutdown or page left",
            1002 => "protocol error",
            1003 => "unsupported data",
            1005 => "no close code",
            1006 => "connection lost without a Close frame",
            1007 => "invalid data, such as text that is not UTF-8",
            1008 => "policy violation",
            1009 => "message too big",
            1010 => "required extension not negotiated",
            1011 => "internal server error",
            1012 => "service restart",
            1013 => "try again later",
            1014 => "bad gateway",
            1015 => "the TLS handshake failed",
            3000 => "unauthorized",
            3003 => "forbidden",
            3008 => "timeout",
            3001..=3999 => "registered by a library or framework",
            4000..=4999 => "application-defined",
            _ => "undefined code",
        }
    }

    /// True for the codes of a close without an error: normal closure, or no code.
    #[must_use]
    pub fn is_normal(self) -> bool {
        matches!(self, Self::NORMAL | Self::NO_STATUS)
    }

    /// True for a code of an error, of either side or of the network. Codes of an application say
    /// nothing by themselves.
    #[must_use]
    pub fn is_error(self) -> bool {
        matches!(self.0, 1002..=1004 | 1006..=1015 | 3000 | 3003 | 3008)
    }

    /// True if a retry may succeed: the connection was lost, or the server named a temporary
    /// condition. Every other code is a decision or a mistake, and a retry would repeat it.
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

/// Close code and reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// Code of the peer's Close frame, or the reserved code for its absence.
    pub code: CloseCode,
    /// Reason of the peer; at most 123 bytes of UTF-8 in a frame (RFC 6455 section 5.5).
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

    /// Parses a code and a reason that a browser accepts (WHATWG WebSockets, `close`): code 1000 or
    /// 3000 to 4999, and a reason of at most [`MAX_REASON_BYTES`].
    ///
    /// # Errors
    /// If the code or the reason is not accepted.
    pub fn to_send(code: &str, reason: &str) -> Result<Self, CloseError> {
        let code = code.trim();
        if code.is_empty() {
            return Err(CloseError::NoCode);
        }
        let number = code.parse().map_err(|_| CloseError::NotACode)?;
        if !matches!(number, 1000 | 3000..=4999) {
            return Err(CloseError::Reserved(CloseCode(number)));
        }
        if reason.len() > MAX_REASON_BYTES {
            return Err(CloseError::ReasonTooLong { over: reason.len() - MAX_REASON_BYTES });
        }
        Ok(Self { code: CloseCode(number), reason: reason.to_owned() })
    }
}

/// Maximum length of a reason in bytes of UTF-8: a control frame holds 125 (RFC 6455 section 5.5),
/// minus two for the code.
pub const MAX_REASON_BYTES: usize = 123;

/// Close code or reason that browsers refuse.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CloseError {
    /// No code, which a reason requires.
    #[error("Enter a code: 1000, or 3000 to 4999. A reason requires a code.")]
    NoCode,
    /// Not a 16-bit number.
    #[error("A close code is 1000, or a number from 3000 to 4999.")]
    NotACode,
    /// Code reserved for servers or for the browser.
    #[error("Browsers do not send {0} ({meaning}). They send 1000, and 3000 to 4999.", meaning = .0.meaning())]
    Reserved(CloseCode),
    /// Reason too long for a control frame.
    #[error("The reason is {over} {bytes} over the limit of {MAX_REASON_BYTES}. Shorten it.", bytes = if *over == 1 { "byte" } else { "bytes" })]
    ReasonTooLong {
        /// Excess bytes of UTF-8.
        over: usize,
    },
}

/// `1000 (normal closure)`, or with a reason: `4001 (application-defined): bye`.
impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.code, self.code.meaning())?;
        if !self.reason.is_empty() {
            write!(f, ": {}", visible_line(&self.reason))?;
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
        expect!["4001 (application-defined): bye"].assert_eq(&own.to_string());
        let turned = Close { code: CloseCode(4001), reason: "\u{202e}live\n".into() };
        expect![r"4001 (application-defined): \u{202e}live\n"].assert_eq(&turned.to_string());
    }

    #[test]
    fn a_browser_sends_1000_and_3000_to_4999() {
        for code in 0..=u16::MAX {
            let close = Close::to_send(&code.to_string(), "bye");
            assert_eq!(close.is_ok(), code == 1000 || (3000..5000).contains(&code), "{code}");
            if let Ok(close) = close {
                assert_eq!(close, Close { code: CloseCode(code), reason: "bye".into() });
            }
        }
    }

    #[test]
    fn a_reason_fits_to_the_byte() {
        let long = "é".repeat(61) + "x";
        assert_eq!(Close::to_send(" 1000 ", &long).unwrap().reason, long);
        assert_eq!(
            Close::to_send("1000", &"é".repeat(62)),
            Err(CloseError::ReasonTooLong { over: 1 })
        );
    }

    #[test]
    fn errors_are_sentences() {
        let sentence = |code, reason: &str| Close::to_send(code, reason).unwrap_err().to_string();
        expect!["Enter a code: 1000, or 3000 to 4999. A reason requires a code."]
            .assert_eq(&sentence("", "bye"));
        for code in ["x", "-1", "65536", "1000.5"] {
            expect!["A close code is 1000, or a number from 3000 to 4999."]
                .assert_eq(&sentence(code, ""));
        }
        expect!["Browsers do not send 1002 (protocol error). They send 1000, and 3000 to 4999."]
            .assert_eq(&sentence("1002", ""));
        expect!["The reason is 1 byte over the limit of 123. Shorten it."]
            .assert_eq(&sentence("4000", &"x".repeat(124)));
        expect!["The reason is 27 bytes over the limit of 123. Shorten it."]
            .assert_eq(&sentence("4000", &"안".repeat(50)));
    }

    #[test]
    fn codes_of_orderly_ends_are_no_errors() {
        for code in [1000, 1001, 1005, 3001, 4000, 4999] {
            assert!(!CloseCode(code).is_error(), "{code}");
        }
        for code in [1002, 1006, 1009, 1011, 1015, 3000, 3008] {
            assert!(CloseCode(code).is_error(), "{code}");
        }
    }

    #[test]
    fn deliberate_closes_are_not_transient() {
        for code in [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1015, 3000, 4000, 4999] {
            assert!(!CloseCode(code).is_transient(), "{code}");
        }
        for code in [1001, 1006, 1011, 1012, 1013, 1014] {
            assert!(CloseCode(code).is_transient(), "{code}");
        }
    }
}
