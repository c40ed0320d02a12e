//! Limits of control frames and fragments from the prompt or a script (RFC 6455 sections 5.4, 5.5
//! and 7.4).

use protocol::CONTROL_LEN;
use scenario::MAX_FRAGMENTS;
use session::{Close, CloseCode, Instruction, MAX_REASON_BYTES};

use crate::quantity::format_count;

/// Checks what a script sends: the payload of a ping or pong, the fragments of a message, a close code and its reason.
/// The error is a sentence.
pub(super) fn check(instruction: &Instruction) -> Result<(), String> {
    match instruction {
        Instruction::Ping(payload) | Instruction::Pong(payload) if payload.len() > CONTROL_LEN => {
            let bytes = format_count(payload.len() as u64);
            Err(format!("A ping or pong has at most {CONTROL_LEN} bytes, not {bytes}."))
        }
        Instruction::Fragments(_, 0) => {
            Err("The size of a fragment must be at least 1 byte.".to_owned())
        }
        Instruction::Fragments(message, size) => match message.len().div_ceil(*size) {
            0..=MAX_FRAGMENTS => Ok(()),
            count => Err(format!(
                "The message would have {} fragments; {} is the limit.",
                format_count(count as u64),
                format_count(MAX_FRAGMENTS as u64)
            )),
        },
        Instruction::Close(Close { code: CloseCode(code), .. })
            if !protocol::close_code::is_valid(*code) =>
        {
            Err(format!(
                "Close code {code} cannot be sent. Allowed: 1000 to 1003, 1007 to 1014, 3000 to 4999."
            ))
        }
        Instruction::Close(close) => check_reason(&close.reason),
        _ => Ok(()),
    }
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
