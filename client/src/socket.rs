//! One browser WebSocket, owned by one task from its opening to its end.
//!
//! The gloo-net socket is not split: closing a split one does nothing. It is closed through the
//! handle it was made from, because its own `close` would drop it together with the peer's answer.

use std::{future::poll_fn, task::Poll};

use futures::{SinkExt, StreamExt, channel::mpsc};
use gloo_net::websocket::{self, WebSocketError, futures::WebSocket};
use workbench::{Attempt, Close, CloseCode, Ending, Event, Message};

/// What the task is asked to do with its socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Send a message.
    Send(Message),
    /// Start the closing handshake with code 1000, or stop opening.
    Close,
}

/// What the task wakes up for.
enum Wake {
    Opened,
    Command(Option<Command>),
    Incoming(Option<Result<websocket::Message, WebSocketError>>),
}

/// Opens `url`, does what `commands` ask and reports what happens, until the socket has ended.
/// [`Event::Ended`] is reported once and last.
pub async fn run(
    attempt: Attempt,
    url: String,
    commands: mpsc::Receiver<Command>,
    report: impl Fn(Event),
) {
    let mut commands = Some(commands);
    let ended = |ending| report(Event::Ended(attempt, ending));
    let Ok(handle) = web_sys::WebSocket::new(&url) else {
        return ended(Ending::Failed);
    };
    let Ok(mut socket) = WebSocket::try_from(handle.clone()) else {
        return ended(Ending::Failed);
    };
    let mut is_open = false;
    loop {
        match next(&mut socket, &mut commands, is_open).await {
            Wake::Opened => {
                is_open = true;
                report(Event::Opened(attempt));
            }
            Wake::Command(Some(Command::Send(message))) => {
                // Fails only once the socket is closing; then its end is reported next.
                let _ = socket.send(outgoing(message)).await;
            }
            Wake::Command(Some(Command::Close) | None) => {
                // Code 1000 without a reason is valid in every state. From here on the browser
                // delivers no message (WHATWG WebSockets, "when a WebSocket message has been
                // received").
                let _ = handle.close_with_code(CloseCode::NORMAL.0);
                commands = None;
            }
            Wake::Incoming(Some(Ok(message))) => {
                report(Event::Received(attempt, incoming(message)));
            }
            Wake::Incoming(Some(Err(WebSocketError::ConnectionClose(event)))) => {
                let close = Close { code: CloseCode(event.code), reason: event.reason };
                return ended(if is_open { Ending::Closed(close) } else { Ending::Failed });
            }
            // An error says nothing; the close event that follows says what is known.
            Wake::Incoming(Some(Err(_))) => {}
            Wake::Incoming(None) => return ended(Ending::Closed(Close::abnormal())),
        }
    }
}

/// Waits for whatever comes first. The opening is looked at before messages, which may wait already
/// when the task first runs after it.
async fn next(
    socket: &mut WebSocket,
    commands: &mut Option<mpsc::Receiver<Command>>,
    is_open: bool,
) -> Wake {
    poll_fn(|context| {
        // The sink is ready when the socket has left the connecting state, in either direction.
        if !is_open
            && socket.poll_ready_unpin(context).is_ready()
            && matches!(socket.state(), websocket::State::Open)
        {
            return Poll::Ready(Wake::Opened);
        }
        if let Some(commands) = commands
            && let Poll::Ready(command) = commands.poll_next_unpin(context)
        {
            return Poll::Ready(Wake::Command(command));
        }
        socket.poll_next_unpin(context).map(Wake::Incoming)
    })
    .await
}

fn outgoing(message: Message) -> websocket::Message {
    match message {
        Message::Text(text) => websocket::Message::Text(text),
        Message::Binary(bytes) => websocket::Message::Bytes(bytes),
    }
}

fn incoming(message: websocket::Message) -> Message {
    match message {
        websocket::Message::Text(text) => Message::Text(text),
        websocket::Message::Bytes(bytes) => Message::Binary(bytes),
    }
}
