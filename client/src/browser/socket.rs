//! Browser WebSocket.
//!
//! A task owns the gloo-net socket, unsplit, and reports its events. Sending and closing go through a
//! handle to the same browser object: at once, so that no message waits in a queue for a socket that
//! closes meanwhile, and because gloo's own `close` would drop the peer's Close frame.

use std::{future::poll_fn, task::Poll};

use futures::{SinkExt, StreamExt};
use gloo_net::websocket::{self, WebSocketError, futures::WebSocket};
use js_sys::{Array, Function, Promise, Reflect};
use session::{Attempt, Close, CloseCode, EndReason, Message, Negotiated};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use workbench::{connect::Target, engine::SocketInput};

/// Connecting or open WebSocket. Closed when dropped. One socket serves one attempt of the session.
pub struct Socket {
    /// `None` if the browser refused to create one.
    handle: Option<web_sys::WebSocket>,
}

impl Socket {
    /// Opens a socket to `target`. Events are reported in their order, never before this returns,
    /// and [`SocketInput::Ended`] is the last.
    pub fn open(attempt: Attempt, target: &Target, report: impl Fn(SocketInput) + 'static) -> Self {
        let subprotocols: Array =
            target.subprotocols.iter().map(|name| JsValue::from_str(name)).collect();
        // Throws for an invalid address or subprotocol, and for ws:// from an https page.
        let handle = web_sys::WebSocket::new_with_str_sequence(&target.url, &subprotocols).ok();
        let socket = handle.clone().and_then(|handle| WebSocket::try_from(handle).ok());
        let opened = handle.clone();
        spawn_local(async move {
            let negotiated = || opened.as_ref().map(negotiated).unwrap_or_default();
            let reason = match socket {
                Some(socket) => watch(attempt, socket, negotiated, &report).await,
                None => EndReason::Failed,
            };
            report(SocketInput::Ended(attempt, reason));
        });
        Self { handle }
    }

    /// Bytes that were sent and wait in the browser; `None` if the socket is not open. A socket that
    /// has begun to close drops messages without a word (WHATWG WebSockets, `send`), and the
    /// browser's buffer has no bound of its own.
    #[must_use]
    pub fn buffered(&self) -> Option<u64> {
        let handle = self.handle.as_ref()?;
        let is_open = handle.ready_state() == web_sys::WebSocket::OPEN;
        is_open.then(|| handle.buffered_amount().into())
    }

    /// Sends a message; the socket must be open. Adds to [`Self::buffered`]; the browser sends in
    /// the background.
    pub fn send(&self, message: &Message) {
        let Some(handle) = &self.handle else { return };
        // Throws only while connecting.
        let _ = match message {
            Message::Text(text) => handle.send_with_str(text),
            Message::Binary(bytes) => handle.send_with_u8_array(bytes),
        };
    }

    /// Starts the closing handshake, or cancels connecting. The browser delivers no message after
    /// this. A code or reason that browsers do not allow is replaced by 1000 without a reason. The
    /// server has the browser's time limit to answer (RFC 6455, section 7.1.1).
    pub fn close(&self, close: &Close) {
        if let Some(handle) = &self.handle
            && handle.close_with_code_and_reason(close.code.0, &close.reason).is_err()
        {
            // Valid in every state.
            let _ = handle.close_with_code(CloseCode::NORMAL.0);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close(&Close::normal());
    }
}

/// Result of the opening handshake (RFC 6455, section 4.1): empty texts if there is none.
fn negotiated(handle: &web_sys::WebSocket) -> Negotiated {
    Negotiated { subprotocol: handle.protocol(), extensions: handle.extensions() }
}

/// Reports the events of `socket` until it has closed; returns the reason. An end before the
/// opening is a failure, and so is one that the browser reports an error of: browsers tell no more.
async fn watch(
    attempt: Attempt,
    mut socket: WebSocket,
    negotiated: impl Fn() -> Negotiated,
    report: &impl Fn(SocketInput),
) -> EndReason {
    let (mut is_open, mut has_failed) = (false, false);
    loop {
        let incoming = match next(&mut socket, is_open).await {
            Wake::Opened => {
                is_open = true;
                report(SocketInput::Opened(attempt, negotiated()));
                continue;
            }
            Wake::Incoming(incoming) => incoming,
        };
        let close = match incoming {
            Some(Ok(message)) => {
                report(SocketInput::Received(attempt, convert(message)));
                continue;
            }
            Some(Err(WebSocketError::ConnectionClose(event))) => {
                Close { code: CloseCode(event.code), reason: event.reason }
            }
            // Carries no details; the close event follows.
            Some(Err(_)) => {
                has_failed = true;
                continue;
            }
            None => Close::abnormal(),
        };
        let has_failed = !is_open || has_failed && close.code == CloseCode::ABNORMAL;
        return if has_failed { EndReason::Failed } else { EndReason::Closed(close) };
    }
}

/// Event that the socket's task wakes for.
enum Wake {
    /// Opening of the connection, once.
    Opened,
    /// Next message or error; `None` at the end.
    Incoming(Option<Result<websocket::Message, WebSocketError>>),
}

/// Waits for the next event. Checks for the opening first: messages may be queued already when the
/// task first runs after it. Reads before it is open would report a message ahead of the opening.
async fn next(socket: &mut WebSocket, is_open: bool) -> Wake {
    poll_fn(|context| {
        // The sink is ready when the socket has left the connecting state, in either direction.
        if !is_open
            && socket.poll_ready_unpin(context).is_ready()
            && matches!(socket.state(), websocket::State::Open)
        {
            return Poll::Ready(Wake::Opened);
        }
        socket.poll_next_unpin(context).map(Wake::Incoming)
    })
    .await
}

/// Converts a message; nothing is copied.
fn convert(message: websocket::Message) -> Message {
    match message {
        websocket::Message::Text(text) => Message::Text(text),
        websocket::Message::Bytes(bytes) => Message::Binary(bytes),
    }
}

/// Sends a probe by the path of messages, and calls `answered` when it is back. A page has no
/// probe, and is answered at once.
///
/// A worker's probe is answered after the messages that the browser has queued before it: its delay
/// is the lag.
pub(crate) fn probe(answered: impl FnOnce() + 'static) {
    let probe = Reflect::get(&js_sys::global(), &"probe".into()).ok();
    let probe = probe.and_then(|probe| probe.dyn_into::<Function>().ok());
    let answer = probe.and_then(|probe| probe.call0(&JsValue::UNDEFINED).ok());
    spawn_local(async move {
        if let Some(answer) = answer {
            let _ = JsFuture::from(Promise::resolve(&answer)).await;
        }
        answered();
    });
}
