//! One WebSocket connection, from its first message to its close.

use std::{error::Error, iter, mem};

use axum::{
    body::Bytes,
    extract::ws::{CloseFrame, Message, close_code},
};
use futures::{FutureExt, Sink, SinkExt, Stream, StreamExt};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tungstenite::error::ProtocolError;

use crate::{Limits, accept::Guest, echo::Echo, journal::Journal, traffic::Traffic};

/// Bytes of a close reason, at most: a control frame's 125 less the code (RFC 6455 section 5.5).
const REASON_LEN: usize = 123;

/// Who is connected: the number of the WebSocket since the server's start, and its peer.
pub(crate) struct Connection {
    pub(crate) number: u64,
    pub(crate) guest: Guest,
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
        E: Error + 'static,
    {
        let Self { number, guest: Guest { peer, ref traffic, .. } } = self;
        tracing::info!(connection = number, %peer, "Client connected");
        let code = match self.answer_all(&mut socket, echo, limits, journal, stop).await {
            Ok(End::Closed(frame)) => {
                // The engine answers the Close frame while it is read on.
                let _ = timeout(limits.close_handshake, read_to_end(&mut socket)).await;
                frame.map_or(close_code::STATUS, |frame| frame.code)
            }
            Ok(End::Stopped) => {
                close(&mut socket, close_code::AWAY, "the server is shutting down", limits).await;
                close_code::AWAY
            }
            Ok(End::Dropped) => close_code::ABNORMAL,
            Ok(End::Silent) => {
                tracing::info!(connection = number, %peer, "Client does not answer");
                close_code::ABNORMAL
            }
            Err(error) => {
                tracing::info!(connection = number, %peer, "Connection failed: {error}");
                let code = fault(&error);
                if let Some(code) = code {
                    traffic.linger();
                    close(&mut socket, code, &error.to_string(), limits).await;
                }
                code.unwrap_or(close_code::ABNORMAL)
            }
        };
        tracing::info!(connection = number, %peer, code, "Client disconnected");
    }

    async fn answer_all<S, E>(
        &self,
        socket: &mut S,
        echo: Echo,
        limits: &Limits,
        journal: &Journal,
        stop: &CancellationToken,
    ) -> Result<End, E>
    where
        S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E> + Unpin,
    {
        let mut pulse = Pulse::new(limits, &self.guest.traffic);
        loop {
            let message = if let Some(message) = socket.next().now_or_never() {
                message.transpose()?
            } else {
                // Nothing is left to read: only now is written what is owed, so that a burst of
                // messages is answered by one system call. Where messages arrive one by one this
                // changes nothing; with 64 in flight it is worth a factor of ten in CPU time.
                tokio::select! {
                    biased;
                    flushed = socket.flush() => flushed?,
                    () = pulse.is_stuck() => return Ok(End::Silent),
                    () = patience_ends(stop, limits) => return Ok(End::Stopped),
                }
                tokio::select! {
                    biased;
                    message = socket.next() => message.transpose()?,
                    beat = pulse.beat() => match beat {
                        Beat::Alive => continue,
                        Beat::Quiet => {
                            socket.send(Message::Ping(Bytes::new())).now_or_never().transpose()?;
                            continue;
                        }
                        Beat::Dead => return Ok(End::Silent),
                    },
                    () = stop.cancelled() => return Ok(End::Stopped),
                }
            };
            match message {
                Some(Message::Close(frame)) => return Ok(End::Closed(frame)),
                Some(message) => {
                    journal.received(self, &message);
                    if let Some(answer) = echo.answer(message) {
                        // A peer that sends and never reads is waited for, but not for ever.
                        tokio::select! {
                            biased;
                            fed = socket.feed(answer) => fed?,
                            () = pulse.is_stuck() => return Ok(End::Silent),
                            () = patience_ends(stop, limits) => return Ok(End::Stopped),
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
    /// The peer neither sends nor reads nor answers a ping.
    Silent,
    /// The server is to stop.
    Stopped,
}

/// Resolves when the server is to stop and the peer has had its time to take what it is owed.
async fn patience_ends(stop: &CancellationToken, limits: &Limits) {
    stop.cancelled().await;
    sleep(limits.close_handshake).await;
}

/// Tells whether the peer still lives, by a beat every [`Limits::ping`].
struct Pulse<'a> {
    beats: Interval,
    traffic: &'a Traffic,
    /// Nothing came in between the last two beats.
    was_quiet: bool,
}

/// What came in since the beat before.
enum Beat {
    Alive,
    /// Nothing.
    Quiet,
    /// Nothing, again: not even an answer to a ping.
    Dead,
}

impl<'a> Pulse<'a> {
    fn new(limits: &Limits, traffic: &'a Traffic) -> Self {
        let mut beats = interval_at(Instant::now() + limits.ping, limits.ping);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { beats, traffic, was_quiet: false }
    }

    /// Resolves at the next beat.
    async fn beat(&mut self) -> Beat {
        self.beats.tick().await;
        let was_quiet = mem::replace(&mut self.was_quiet, !self.traffic.came_in());
        match (was_quiet, self.was_quiet) {
            (_, false) => Beat::Alive,
            (false, true) => Beat::Quiet,
            (true, true) => Beat::Dead,
        }
    }

    /// Resolves when a peer that has to read took nothing from one beat to the next.
    async fn is_stuck(&mut self) {
        self.beats.tick().await;
        self.traffic.went_out();
        loop {
            self.beats.tick().await;
            if !self.traffic.went_out() {
                return;
            }
        }
    }
}

/// Closes with `code` and waits for the peer's answer, for a bounded time.
async fn close<S, E>(socket: &mut S, code: u16, reason: &str, limits: &Limits)
where
    S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E> + Unpin,
{
    let reason = &reason[..reason.floor_char_boundary(REASON_LEN)];
    let frame = CloseFrame { code, reason: reason.into() };
    let closing = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            read_to_end(socket).await;
        }
    };
    // A peer that does not answer is dropped.
    let _ = timeout(limits.close_handshake, closing).await;
}

/// What the peer did wrong, as a close code (RFC 6455 section 7.4.1); `None` if it is only gone.
fn fault(error: &(dyn Error + 'static)) -> Option<u16> {
    let mut causes = iter::successors(Some(error), |cause| (*cause).source());
    match causes.find_map(|cause| cause.downcast_ref::<tungstenite::Error>())? {
        tungstenite::Error::Capacity(_) => Some(close_code::SIZE),
        tungstenite::Error::Utf8(_) => Some(close_code::INVALID),
        tungstenite::Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::ReceivedAfterClosing
            | ProtocolError::SendAfterClosing,
        ) => None,
        tungstenite::Error::Protocol(_) => Some(close_code::PROTOCOL),
        _ => None,
    }
}

/// Reads on until the peer has ended the connection (RFC 6455 section 7.1.1).
async fn read_to_end<S, E>(socket: &mut S)
where
    S: Stream<Item = Result<Message, E>> + Unpin,
{
    while let Some(Ok(_)) = socket.next().await {}
}
