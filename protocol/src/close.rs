//! Close frames (RFC 6455 section 5.5.1).

use crate::{close_code, frame::CONTROL_LEN, violation::Violation};

/// Bytes of a close reason, at most: a control frame's payload without the code.
pub const REASON_LEN: usize = CONTROL_LEN - 2;

/// Content of a Close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// Close code, see [`close_code`].
    pub code: u16,
    /// Close reason of at most [`REASON_LEN`] bytes. May be empty.
    pub reason: String,
}

impl Close {
    /// Decodes the payload of a Close frame; `None` for an empty one.
    pub(crate) fn decode(payload: &[u8]) -> Result<Option<Self>, Violation> {
        match payload {
            [] => Ok(None),
            [_] => Err(Violation::CloseLength),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !close_code::is_valid(code) {
                    return Err(Violation::CloseCode(code));
                }
                let reason = std::str::from_utf8(reason).map_err(|_| Violation::Utf8)?;
                Ok(Some(Self { code, reason: reason.to_owned() }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_empty_or_a_code_and_a_reason() {
        assert_eq!(Close::decode(&[]), Ok(None));
        assert_eq!(Close::decode(&[3]), Err(Violation::CloseLength));
        let bye = Close { code: 1000, reason: "bye".to_owned() };
        assert_eq!(Close::decode(b"\x03\xe8bye"), Ok(Some(bye)));
        assert_eq!(Close::decode(b"\x03\xed"), Err(Violation::CloseCode(1005)));
        assert_eq!(Close::decode(b"\x03\xe8\xff"), Err(Violation::Utf8));
    }
}
