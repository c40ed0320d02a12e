//! Message and byte counts.

use serde::{Deserialize, Serialize};
use session::Message;

/// Messages and their bytes of payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Number of messages.
    pub messages: u64,
    /// Bytes of payload in them.
    pub bytes: u64,
}

impl Tally {
    pub(super) fn count(&mut self, message: &Message) {
        self.messages += 1;
        self.bytes += message.len() as u64;
    }
}
