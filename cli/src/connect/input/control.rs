//! Limits of control frames that a person or a script sends (RFC 6455 sections 5.5 and 7.4).

use session::{Close, CloseCode, REASON_BYTES};

use crate::quantity::format_count;

/// Maximum payload of a control frame.
const MAX_CONTROL: usize = 125;

/// Checks the payload of a ping. The error is a sentence.
pub(super) fn check_ping(payload: Vec<u8>) -> Result<Vec<u8>, String> {
    match payload.len() {
        0..=MAX_CONTROL => Ok(payload),
        len => Err(format!(
            "A ping has at most {MAX_CONTROL} bytes, not {}.",
            format_count(len as u64)
        )),
    }
}

/// Checks a Close frame. The error is a sentence.
pub(super) fn check_close(close: Close) -> Result<Close, String> {
    let Close { code: CloseCode(code), reason } = &close;
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(format!(
            "{code} is not a close code that can be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999."
        ));
    }
    if reason.len() > REASON_BYTES {
        return Err(format!(
            "A close reason has at most {REASON_BYTES} bytes, not {}.",
            reason.len()
        ));
    }
    Ok(close)
}
