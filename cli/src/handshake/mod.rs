//! Opening handshakes of all clients: their flags, and openings in words.

mod flags;
mod redacted_value;
mod wording;

pub(crate) use self::{
    flags::HandshakeFlags,
    redacted_value::SERVER_URL,
    wording::{failure, sentence, shown_url, step_lines},
};
