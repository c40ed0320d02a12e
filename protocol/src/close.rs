//! Close frames (RFC 6455 sections 5.5.1 and 7.4).

use crate::{frame::CONTROL_LEN, violation::Violation};

/// Bytes of a close reason, at most: what a control frame holds, less the code.
pub const REASON_LEN: usize = CONTROL_LEN - 2;

/// Close codes (RFC 6455 section 7.4.1).
pub mod code {
    /// The conversation is over.
    pub const NORMAL: u16 = 1000;
    /// The server is going down, or the page was left.
    pub const AWAY: u16 = 1001;
    /// The peer broke the protocol.
    pub const PROTOCOL: u16 = 1002;
    /// Stands for a Close frame without a code; never sent.
    pub const NONE: u16 = 1005;
    /// Stands for a connection that ended without a Close frame; never sent.
    pub const ABNORMAL: u16 = 1006;
    /// Data that is not what it says it is, such as text that is not UTF-8.
    pub const INVALID: u16 = 1007;
    /// A message that is too big.
    pub const TOO_BIG: u16 = 1009;
}

/// What a Close frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Why, as a number.
    pub code: u16,
    /// Why, in words; at most [`REASON_LEN`] bytes. May be empty.
    pub reason: String,
}

impl Close {
    /// Reads the payload of a Close frame; `None` for an empty one.
    pub(crate) fn decode(payload: &[u8]) -> Result<Option<Self>, Violation> {
        match payload {
            [] => Ok(None),
            [_] => Err(Violation::CloseLength),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !may_be_sent(code) {
                    return Err(Violation::CloseCode(code));
                }
                let reason = std::str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
                Ok(Some(Self { code, reason: reason.to_owned() }))
            }
        }
    }
}

/// Whether `code` may stand in a Close frame: 1004 to 1006 and 1015 have meanings that are never
/// sent, 1016 to 2999 are kept for later versions (RFC 6455 sections 7.4.1 and 7.4.2; 1012 to 1014
/// are in IANA's registry).
#[must_use]
pub fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_that_may_be_sent_are_those_of_the_rfc_and_the_registry() {
        let sendable = (0..=u16::MAX).filter(|code| may_be_sent(*code)).collect::<Vec<_>>();
        let expected = (1000..=1003).chain(1007..=1014).chain(3000..=4999).collect::<Vec<_>>();
        assert_eq!(sendable, expected);
    }

    #[test]
    fn a_payload_is_nothing_or_a_code_and_a_reason() {
        assert_eq!(Close::decode(&[]), Ok(None));
        assert_eq!(Close::decode(&[3]), Err(Violation::CloseLength));
        let bye = Close { code: 1000, reason: "bye".to_owned() };
        assert_eq!(Close::decode(b"\x03\xe8bye"), Ok(Some(bye)));
        assert_eq!(Close::decode(b"\x03\xed"), Err(Violation::CloseCode(1005)));
        assert_eq!(Close::decode(b"\x03\xe8\xff"), Err(Violation::Utf8));
    }
}
