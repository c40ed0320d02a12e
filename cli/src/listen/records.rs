//! Records of several clients on standard output: JSON Lines, each with the number of its connection.

use std::{
    io::{IsTerminal, stdout},
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

use serde_json::{Map, Value};
use session::{Fact, Record, Time};
use tokio::{
    io::{AsyncWriteExt, Stdout},
    sync::Mutex,
};

use crate::{
    connect::{Opened, SocketEvent, json_line},
    websocket::Outgoing,
};

/// Standard output, one record at a time. A client whose record waits for it is not read meanwhile.
pub(super) struct Records {
    /// Stream, locked for one line.
    out: Mutex<Stdout>,
    /// True if invisible characters have to be escaped.
    is_terminal: bool,
    /// Number of the last connection.
    connections: AtomicU64,
}

/// Records of one client. Clients are numbered from 1.
pub(super) struct ConnectionRecords<'a> {
    /// Place of the records, and the number of the client, if any are written.
    to: Option<(&'a Records, u64)>,
    /// True once a Close frame was sent.
    has_closed: bool,
}

impl Records {
    pub(super) fn new() -> Self {
        let out = Mutex::new(tokio::io::stdout());
        Self { out, is_terminal: stdout().is_terminal(), connections: AtomicU64::new(0) }
    }

    /// Records of the next client.
    pub(super) fn connection(&self) -> ConnectionRecords<'_> {
        let number = self.connections.fetch_add(1, Ordering::Relaxed) + 1;
        ConnectionRecords { to: Some((self, number)), has_closed: false }
    }
}

impl ConnectionRecords<'_> {
    /// No records.
    pub(super) const NONE: Self = Self { to: None, has_closed: false };

    pub(super) async fn opened(&self, opened: &Opened) {
        self.write(|| Some(Fact::Opened(opened.handshake(None)))).await;
    }

    /// Records an event of the socket, and the frame by which the socket answers it.
    pub(super) async fn event(&self, event: &SocketEvent) {
        self.write(|| event.fact()).await;
        self.write(|| event.answer(self.has_closed)).await;
    }

    pub(super) async fn sent(&mut self, outgoing: &Outgoing) {
        self.has_closed |= matches!(outgoing, Outgoing::Close(_));
        self.write(|| outgoing.fact()).await;
    }

    /// Writes a record, if there is one, with the number of the connection. A failed write is ignored: clients are
    /// served all the same.
    async fn write(&self, fact: impl FnOnce() -> Option<Fact>) {
        let Some((records, number)) = self.to else { return };
        let Some(fact) = fact() else { return };
        let at = Time(0).after(UNIX_EPOCH.elapsed().unwrap_or_default());
        let name = Map::from_iter([("connection".to_owned(), Value::from(number.to_string()))]);
        let line = json_line(&Record { at, fact }, name, records.is_terminal);
        let mut out = records.out.lock().await;
        // Clients are served even if nobody reads about them any more.
        let _ = out.write_all(line.as_bytes()).await;
        let _ = out.flush().await;
    }
}
