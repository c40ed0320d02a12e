//! Message and byte counts.

use serde::{Deserialize, Serialize};
use session::Message;

/// Message and byte counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Number of messages.
    pub messages: u64,
    /// Payload bytes.
    pub bytes: u64,
}

impl Tally {
    /// Counts a message with the bytes of its payload.
    pub(super) fn count(&mut self, message: &Message) {
        self.messages += 1;
        self.bytes += message.len() as u64;
    }
}
