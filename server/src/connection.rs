//! One WebSocket connection, from its first message to its close.

use std::net::SocketAddr;

use axum::extract::ws::{CloseFrame, Message, close_code};
use futures::{FutureExt, Sink, SinkExt, Stream, StreamExt};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{Limits, echo::Echo, journal::Journal};

/// Who is connected: the number of the connection since the server's start, and its peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) number: u64,
    pub(crate) peer: SocketAddr,
}

impl Connection {
    /// Answers messages until either side closes or `stop` is cancelled, and says so in the log.
    pub(crate) async fn serve<S, E>(
        self,
        mut socket: S,
        echo: Echo,
        limits: &Limits,
        journal: &Journal,
        stop: &CancellationToken,
    ) where
        S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E> + Unpin,
        E: std::error::Error,
    {
        let Self { number, peer } = self;
        tracing::info!(connection = number, %peer, "Client connected");
        let code = match self.answer_all(&mut socket, echo, journal, stop).await {
            Ok(End::Closed(frame)) => {
                // The engine answers the Close frame while it is read on.
                let _ = timeout(limits.close_handshake, read_to_end(&mut socket)).await;
                frame.map_or(close_code::STATUS, |frame| frame.code)
            }
            Ok(End::Stopped) => {
                say_goodbye(&mut socket, limits).await;
                close_code::AWAY
            }
            Ok(End::Dropped) => close_code::ABNORMAL,
            Err(error) => {
                tracing::info!(connection = number, %peer, %error, "Connection failed");
                close_code::ABNORMAL
            }
        };
        tracing::info!(connection = number, %peer, code, "Client disconnected");
    }

    async fn answer_all<S, E>(
        &self,
        socket: &mut S,
        echo: Echo,
        journal: &Journal,
        stop: &CancellationToken,
    ) -> Result<End, E>
    where
        S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E> + Unpin,
    {
        loop {
            let message = if let Some(message) = socket.next().now_or_never() {
                message
            } else {
                // Nothing is left to read: only now write, so that a burst of messages is answered
                // by one system call. Where messages arrive one by one this changes nothing; with
                // 64 in flight it is worth a factor of ten in CPU time.
                let next = async {
                    socket.flush().await?;
                    socket.next().await.transpose()
                };
                tokio::select! {
                    message = next => message.transpose(),
                    () = stop.cancelled() => return Ok(End::Stopped),
                }
            };
            match message.transpose()? {
                Some(Message::Close(frame)) => return Ok(End::Closed(frame)),
                Some(message) => {
                    journal.received(self, &message);
                    if let Some(answer) = echo.answer(message) {
                        // A peer that sends and never reads is waited for, but not past a stop.
                        tokio::select! {
                            biased;
                            fed = socket.feed(answer) => fed?,
                            () = stop.cancelled() => return Ok(End::Stopped),
                        }
                    }
                }
                None => return Ok(End::Dropped),
            }
        }
    }
}

enum End {
    /// The peer sent a Close frame.
    Closed(Option<CloseFrame>),
    /// The stream ended without one.
    Dropped,
    /// The server is to stop.
    Stopped,
}

/// Closes with 1001 and waits for the peer's answer, for a bounded time.
async fn say_goodbye<S, E>(socket: &mut S, limits: &Limits)
where
    S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E> + Unpin,
{
    let reason = "the server is shutting down".into();
    let frame = CloseFrame { code: close_code::AWAY, reason };
    let closing = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            read_to_end(socket).await;
        }
    };
    // A peer that does not answer is dropped.
    let _ = timeout(limits.close_handshake, closing).await;
}

/// Reads on until the peer has ended the connection (RFC 6455 section 7.1.1).
async fn read_to_end<S, E>(socket: &mut S)
where
    S: Stream<Item = Result<Message, E>> + Unpin,
{
    while let Some(Ok(_)) = socket.next().await {}
}
