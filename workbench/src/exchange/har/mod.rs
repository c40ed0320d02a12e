//! HTTP Archive 1.2 for WebSockets, written and read.
//!
//! Messages are in an entry's `_webSocketMessages`, as in Chrome's developer tools
//! (`models/har/Log.ts` and `models/har/Importer.ts` there). HAR has no field for the end of a
//! connection, and none for the time of the handshake's end; `_webSocketClosed` and `_webSocketOpened` are this
//! project's own.

mod read;
mod write;

pub use self::read::MAX_IMPORT_CONNECTIONS;
pub(super) use self::{
    read::{Archive, Head, Message, Response, WebSocket, time},
    write::{Writer, begin, json},
};

/// Opcodes (RFC 6455 section 5.2).
pub(super) const TEXT: i32 = 1;
pub(super) const BINARY: i32 = 2;
pub(super) const CONTROL: std::ops::RangeInclusive<i32> = 8..=10;
