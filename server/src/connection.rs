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
                finish(&mut socket, limits).await;
                frame.map_or(close_code::STATUS, |frame| frame.code)
            }
            Ok(End::Stopped) => {
                let frame = CloseFrame {
                    code: close_code::AWAY,
                    reason: "the server is shutting down".into(),
                };
                if socket.send(Message::Close(Some(frame))).await.is_ok() {
                    finish(&mut socket, limits).await;
                }
                close_code::AWAY
            }
            Ok(End::Dropped) => close_code::ABNORMAL,
            Err(error) => {
                tracing::debug!(connection = number, %peer, %error, "Connection failed");
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
                socket.flush().await?;
                tokio::select! {
                    message = socket.next() => message,
                    () = stop.cancelled() => return Ok(End::Stopped),
                }
            };
            match message.transpose()? {
                Some(Message::Close(frame)) => return Ok(End::Closed(frame)),
                Some(message) => {
                    journal.received(self, &message);
                    if let Some(answer) = echo.answer(message) {
                        socket.feed(answer).await?;
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

/// Reads on until the closing handshake is over (RFC 6455 section 7.1.1), for a bounded time.
async fn finish<S, E>(socket: &mut S, limits: &Limits)
where
    S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E> + Unpin,
{
    let closed = async { while let Some(Ok(_)) = socket.next().await {} };
    if timeout(limits.close_handshake, closed).await.is_err() {
        tracing::debug!("The peer did not finish the closing handshake in time");
    }
}
