//! Limits of control frames and fragments from the prompt or a script (RFC 6455 sections 5.4, 5.5
//! and 7.4).

use scenario::MAX_FRAGMENTS;
use session::{Close, CloseCode, MAX_REASON_BYTES, Message};

use crate::quantity::format_count;

/// Maximum payload of a control frame.
const MAX_CONTROL: usize = 125;

/// Checks the payload of a ping or pong. The error is a sentence.
pub(super) fn check_payload(payload: Vec<u8>) -> Result<Vec<u8>, String> {
    match payload.len() {
        0..=MAX_CONTROL => Ok(payload),
        len => Err(format!(
            "A ping or pong has at most {MAX_CONTROL} bytes, not {}.",
            format_count(len as u64)
        )),
    }
}

/// Checks the size of fragments. The error is a sentence.
pub(super) fn check_fragments(message: &Message, size: usize) -> Result<(), String> {
    if size == 0 {
        return Err("The size of a fragment must be at least 1 byte.".to_owned());
    }
    match message.len().div_ceil(size) {
        0..=MAX_FRAGMENTS => Ok(()),
        count => Err(format!(
            "The message would have {} fragments; {} is the limit.",
            format_count(count as u64),
            format_count(MAX_FRAGMENTS as u64)
        )),
    }
}

/// Checks a Close frame of a script. The error is a sentence: a code that must not be sent, or a
/// long reason.
pub(super) fn check_close(close: Close) -> Result<Close, String> {
    let CloseCode(code) = &close.code;
    if !protocol::close_code::is_valid(*code) {
        return Err(format!(
            "Close code {code} cannot be sent. Allowed: 1000 to 1003, 1007 to 1014, 3000 to 4999."
        ));
    }
    check_reason(&close.reason)?;
    Ok(close)
}

/// Warning about a Close frame that RFC 6455 does not allow; `None` for an allowed one. 1005 stands
/// for a frame without a code.
pub(crate) fn close_warning(CloseCode(code): CloseCode) -> Option<String> {
    let is_allowed = code == CloseCode::NO_STATUS.0 || protocol::close_code::is_valid(code);
    (!is_allowed).then(|| {
        format!("Sent anyway: a Close frame must not contain {code} (RFC 6455 section 7.4).")
    })
}

/// Checks the length of a close reason. The error is a sentence. A control frame has room for 123
/// bytes of it.
pub(super) fn check_reason(reason: &str) -> Result<(), String> {
    if reason.len() > MAX_REASON_BYTES {
        return Err(format!(
            "A close reason has at most {MAX_REASON_BYTES} bytes, not {}.",
            reason.len()
        ));
    }
    Ok(())
}
