//! Records of several clients on standard output: JSON Lines, each with the number of its connection.

use std::{
    io::{IsTerminal, stdout},
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};
use session::{
    Close, Direction::In, Direction::Out, EndReason, Fact, Handshake, Message, Record, Time,
};
use tokio::{
    io::{AsyncWriteExt, Stdout},
    sync::Mutex,
};

use crate::connect::{Opened, SocketEvent, json_line};

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
pub(super) struct ConnectionRecords<'a>(Option<(&'a Records, u64)>);

impl Records {
    pub(super) fn new() -> Self {
        let out = Mutex::new(tokio::io::stdout());
        Self { out, is_terminal: stdout().is_terminal(), connections: AtomicU64::new(0) }
    }

    /// Records of the next client.
    pub(super) fn connection(&self) -> ConnectionRecords<'_> {
        ConnectionRecords(Some((self, self.connections.fetch_add(1, Ordering::Relaxed) + 1)))
    }
}

impl ConnectionRecords<'_> {
    /// No records.
    pub(super) const NONE: Self = Self(None);

    pub(super) async fn opened(&self, opened: &Opened) {
        self.write(|| Fact::Opened(opened.handshake(None))).await;
    }

    /// Records an event of the socket, and the frame by which the socket answers it.
    pub(super) async fn event(&self, event: &SocketEvent) {
        match event {
            SocketEvent::Received(message) => {
                self.write(|| Fact::Message(In, message.clone(), None)).await;
            }
            SocketEvent::Ping(data) => {
                self.write(|| Fact::Ping(In, data.clone())).await;
                self.write(|| Fact::Pong(Out, data.clone(), None)).await;
            }
            SocketEvent::Pong(data) => self.write(|| Fact::Pong(In, data.clone(), None)).await,
            SocketEvent::Close(close) => self.write(|| Fact::Close(In, close.clone())).await,
            SocketEvent::Ended(end) => {
                let reason = EndReason::Closed(end.close());
                self.write(|| Fact::Ended(reason, end.cause(), Handshake::default())).await;
            }
            _ => {}
        }
    }

    pub(super) async fn sent(&self, message: &Message) {
        self.write(|| Fact::Message(Out, message.clone(), None)).await;
    }

    /// Records a Close frame sent.
    pub(super) async fn closed(&self, close: &Close) {
        self.write(|| Fact::Close(Out, close.clone())).await;
    }

    /// Writes a record with the number of the connection. A failed write is ignored: clients are
    /// served all the same.
    async fn write(&self, fact: impl FnOnce() -> Fact) {
        let Some((records, number)) = self.0 else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Time(u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
        let name = Map::from_iter([("connection".to_owned(), Value::from(number.to_string()))]);
        let line = json_line(&Record { at, fact: fact() }, name, records.is_terminal);
        let mut out = records.out.lock().await;
        // Clients are served even if nobody reads about them any more.
        let _ = out.write_all(line.as_bytes()).await;
        let _ = out.flush().await;
    }
}
