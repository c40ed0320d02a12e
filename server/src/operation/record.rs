//! Record of a connection, for log and metrics: bytes, counts, end.

use std::ops::Sub;

/// Counts of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Messages received.
    pub(crate) received: u64,
    /// Payload bytes received, uncompressed, without frame headers.
    pub(crate) received_bytes: u64,
    /// Messages sent, echoes and unasked ones.
    pub(crate) sent: u64,
    /// Payload bytes sent, uncompressed, without frame headers.
    pub(crate) sent_bytes: u64,
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            received: self.received - before.received,
            received_bytes: self.received_bytes - before.received_bytes,
            sent: self.sent - before.sent,
            sent_bytes: self.sent_bytes - before.sent_bytes,
        }
    }
}

/// End of a WebSocket, for log and metrics.
pub(crate) struct EndRecord {
    /// Close code, sent or standing for it.
    pub(crate) code: u16,
    /// Side that began to close: `client`, `server`, or `nobody` if the connection was lost.
    pub(crate) closed_by: &'static str,
    /// Label of the cause.
    pub(crate) cause: &'static str,
    /// Reason in the Close frame, or the one that would be there.
    pub(crate) reason: String,
}
