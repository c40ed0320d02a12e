//! Socket of a session: one attempt to connect, from opening to end.

mod event;
mod open;

use std::{
    task::{Context, Poll, ready},
    time::Duration,
};

use connector::{ConnectError, Connection};
use futures::{FutureExt, future::BoxFuture};
use session::Close;
use tokio::{
    task::coop::cooperative,
    time::{Instant, timeout},
};

use self::open::OpenSocket;
pub(crate) use self::{
    event::{Opened, SocketEnd, SocketEvent, failed_handshake, violation_sentence},
    open::CLOSE_TIMEOUT,
};
use crate::websocket::{Outgoing, WebSocket};

/// Stage of a socket.
#[expect(clippy::large_enum_variant, reason = "there is one")]
enum Stage {
    /// No connection.
    Idle,
    Opening(BoxFuture<'static, Result<(Opened, WebSocket), ConnectError>>),
    /// Open, or in the closing handshake.
    Open(OpenSocket),
}

/// Socket of the session's current attempt, if any.
pub(crate) struct Socket {
    /// Opening, open or ended.
    stage: Stage,
    /// Maximum size of a received message, in bytes.
    max_message: usize,
    /// Minimum size of a message to be compressed, in bytes, if compression was negotiated.
    compress_from: usize,
    /// True to report frames.
    shows_frames: bool,
}

impl Socket {
    /// Socket without a connection.
    pub(crate) fn new(max_message: usize) -> Self {
        Self { stage: Stage::Idle, max_message, compress_from: 0, shows_frames: false }
    }

    /// Sends messages of fewer bytes uncompressed.
    pub(crate) fn compress_from(self, compress_from: usize) -> Self {
        Self { compress_from, ..self }
    }

    /// With `shows_frames`, reports each frame as [`SocketEvent::Frames`]. Frames then cost an
    /// event each.
    pub(crate) fn show_frames(self, shows_frames: bool) -> Self {
        Self { shows_frames, ..self }
    }

    /// Opens a socket with the future `connecting`; the previous one must have ended.
    pub(crate) fn open(
        &mut self,
        connecting: impl Future<Output = Result<Connection, ConnectError>> + Send + 'static,
    ) {
        let (max_message, compress_from) = (self.max_message, self.compress_from);
        self.stage = Stage::Opening(Box::pin(async move {
            let mut connection = connecting.await?;
            let opened = Opened {
                url: connection.url.to_string(),
                address: connection.address,
                report: Some(std::mem::take(&mut connection.opening)),
                subprotocol: connection.subprotocol.clone(),
                deflate: connection.deflate,
            };
            Ok((opened, WebSocket::new(connection, max_message, compress_from)))
        }));
    }

    /// Opens a socket with the future `accepting`, of a peer that connects; the previous one must have ended.
    pub(crate) fn accept(
        &mut self,
        accepting: impl Future<Output = (Opened, WebSocket)> + Send + 'static,
    ) {
        self.stage = Stage::Opening(Box::pin(accepting.map(Ok)));
    }

    /// Sends, and waits until everything is written to the system, or a write has failed. Returns
    /// false if the peer does not read it in `time`. Nothing is read meanwhile. Does nothing unless
    /// the socket [is ready](Self::is_ready).
    pub(crate) async fn write(&mut self, outgoing: Outgoing, time: Duration) -> bool {
        if !self.is_ready() {
            return true;
        }
        self.send(outgoing);
        let written = std::future::poll_fn(|context| {
            let Stage::Open(socket) = &mut self.stage else { return Poll::Ready(()) };
            while !socket.has_failed && (socket.queued.is_some() || socket.unflushed) {
                if socket.poll_write(context).is_pending() && !socket.has_failed {
                    return Poll::Pending;
                }
            }
            Poll::Ready(())
        });
        timeout(time, written).await.is_ok()
    }

    /// True if [`Self::send`] may be called.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(&self.stage, Stage::Open(OpenSocket { queued: None, close_timer: None, .. }))
    }

    /// True if everything sent was written to the system.
    pub(crate) fn is_flushed(&self) -> bool {
        matches!(&self.stage, Stage::Open(OpenSocket { queued: None, unflushed: false, .. }))
    }

    /// Time at which the last message was written; while one is unfinished, of the last byte written.
    pub(crate) fn last_write(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Open(socket) if self.is_flushed() => Some(socket.last_message),
            Stage::Open(socket) => Some(socket.websocket.last_write()),
            _ => None,
        }
    }

    /// True if a Close frame was received.
    pub(crate) fn is_closed_by_peer(&self) -> bool {
        matches!(&self.stage, Stage::Open(OpenSocket { peers_close: Some(_), .. }))
    }

    /// Queues a message or frame. Only if the socket [is ready](Self::is_ready).
    pub(crate) fn send(&mut self, outgoing: Outgoing) {
        debug_assert!(self.is_ready(), "{outgoing:?} would be lost");
        if let Stage::Open(socket) = &mut self.stage {
            socket.queued = Some(outgoing);
        }
    }

    /// Starts the closing handshake, or cancels the opening. Returns true if the socket is gone at
    /// once.
    pub(crate) fn close(&mut self, close: Close) -> bool {
        let Stage::Open(socket) = &mut self.stage else {
            self.stage = Stage::Idle;
            return true;
        };
        // The peer's Close frame is answered already.
        if socket.peers_close.is_none() {
            socket.then_close = Some(close);
        }
        socket.start_close_timer();
        false
    }

    /// Limits the rest of the closing handshake to `time`, even while bytes are written.
    pub(crate) fn limit_close(&mut self, time: Duration) {
        if let Stage::Open(socket) = &mut self.stage {
            let deadline = Instant::now() + time;
            socket.close_deadline = Some(deadline);
            if let Some(timer) = &mut socket.close_timer
                && timer.deadline() > deadline
            {
                timer.as_mut().reset(deadline);
            }
        }
    }

    /// Next event. Cancel safe.
    pub(crate) async fn event(&mut self) -> SocketEvent {
        // Per event, not per read: a read buffer holds thousands of small messages, and the timers run
        // only when the task yields.
        cooperative(std::future::poll_fn(|context| self.poll_event(context))).await
    }

    /// Polls the current stage.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        let event = match &mut self.stage {
            Stage::Idle => return Poll::Pending,
            Stage::Opening(connecting) => match ready!(connecting.poll_unpin(context)) {
                Ok((opened, mut websocket)) => {
                    if self.shows_frames {
                        websocket.watch_frames();
                    }
                    self.stage = Stage::Open(OpenSocket::new(websocket));
                    return Poll::Ready(SocketEvent::Opened(opened));
                }
                Err(error) => SocketEvent::Failed(error),
            },
            Stage::Open(socket) => ready!(socket.poll_next(context)),
        };
        if matches!(event, SocketEvent::Failed(_) | SocketEvent::Ended(_)) {
            self.stage = Stage::Idle;
        }
        Poll::Ready(event)
    }
}

#[cfg(test)]
mod tests {
    use session::Message;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::{open::MAX_UNWRITTEN, *};

    /// Open socket, and the other end of its stream, which holds 16 bytes.
    async fn open() -> (Socket, DuplexStream) {
        let (stream, peer) = tokio::io::duplex(16);
        let websocket = WebSocket::of_role(protocol::Server, Box::new(stream), &[], None, 1_000, 0);
        let opened = Opened {
            url: String::new(),
            address: None,
            report: None,
            subprotocol: None,
            deflate: None,
        };
        let mut socket = Socket::new(1_000);
        socket.accept(std::future::ready((opened, websocket)));
        assert!(matches!(socket.event().await, SocketEvent::Opened(_)));
        (socket, peer)
    }

    #[tokio::test]
    async fn a_message_that_the_peers_close_overtakes_is_unsent() {
        let (mut socket, mut peer) = open().await;
        for bytes in [MAX_UNWRITTEN, 99] {
            while !socket.is_ready() {
                socket.event().await;
            }
            socket.send(Outgoing::Message(Message::Binary(vec![0; bytes])));
        }
        // Masked with zeros: 1000.
        peer.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await.unwrap();
        while !matches!(socket.event().await, SocketEvent::Close(_)) {}
        let reading = tokio::spawn(async move { peer.read_to_end(&mut Vec::new()).await });
        let end = loop {
            if let SocketEvent::Ended(end) = socket.event().await {
                break end;
            }
        };
        assert!(matches!(end, SocketEnd::Closed { unsent: Some(99), .. }), "{end:?}");
        drop(socket);
        reading.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_failed_write_is_not_waited_for() {
        let (mut socket, peer) = open().await;
        drop(peer);
        let message = Outgoing::Message(Message::Binary(vec![0; 99]));
        assert!(socket.write(message, CLOSE_TIMEOUT).await, "it waited for a peer that is gone");
        let end = socket.event().await;
        assert!(matches!(end, SocketEvent::Ended(SocketEnd::Lost { unsent: Some(_), .. })));
    }
}
