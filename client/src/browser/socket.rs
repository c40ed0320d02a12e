//! Browser WebSocket.

use std::{cell::Cell, rc::Rc};

use js_sys::{Array, ArrayBuffer, Function, Promise, Reflect, Uint8Array};
use session::{Attempt, Close, CloseCode, EndReason, Message, Negotiated};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};
use workbench::{connect::Target, engine::SocketInput};

/// Connecting or open WebSocket. Closed when dropped.
pub struct Socket {
    /// `None` if the browser refused to create one.
    handle: Option<WebSocket>,
    _listeners: Option<Listeners>,
}

/// Listeners of a socket.
struct Listeners {
    _opened: Closure<dyn Fn()>,
    _received: Closure<dyn Fn(MessageEvent)>,
    _closed: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    /// Opens a socket to `target`. What happens is reported in its order, and never before this
    /// returns; [`SocketInput::Ended`] is the last.
    pub fn open(attempt: Attempt, target: &Target, report: impl Fn(SocketInput) + 'static) -> Self {
        let subprotocols: Array =
            target.subprotocols.iter().map(|name| JsValue::from_str(name)).collect();
        // Throws for an invalid address or subprotocol, and for ws:// from an https page.
        match WebSocket::new_with_str_sequence(&target.url, &subprotocols) {
            Ok(handle) => {
                let listeners = Some(listen(attempt, &handle, report));
                Self { handle: Some(handle), _listeners: listeners }
            }
            Err(_) => {
                spawn_local(async move { report(SocketInput::Ended(attempt, EndReason::Failed)) });
                Self { handle: None, _listeners: None }
            }
        }
    }

    /// Bytes that were sent and wait in the browser; `None` if the socket is not open. A socket that
    /// has begun to close drops messages without a word (WHATWG WebSockets, `send`), and the
    /// browser's buffer has no bound of its own.
    #[must_use]
    pub fn buffered(&self) -> Option<u64> {
        let handle = self.handle.as_ref()?;
        let is_open = handle.ready_state() == WebSocket::OPEN;
        is_open.then(|| handle.buffered_amount().into())
    }

    /// Sends a message; the socket must be open.
    pub fn send(&self, message: &Message) {
        let Some(handle) = &self.handle else { return };
        // Throws only while connecting.
        let _ = match message {
            Message::Text(text) => handle.send_with_str(text),
            Message::Binary(bytes) => handle.send_with_u8_array(bytes),
        };
    }

    /// Starts the closing handshake, or cancels connecting. No message is reported after this, also of
    /// those that wait in the browser. A code or reason that browsers do not allow is replaced by 1000
    /// without a reason.
    pub fn close(&self, close: &Close) {
        let Some(handle) = &self.handle else { return };
        handle.set_onmessage(None);
        if handle.close_with_code_and_reason(close.code.0, &close.reason).is_err() {
            // Valid in every state.
            let _ = handle.close_with_code(CloseCode::NORMAL.0);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.close(&Close::normal());
        if let Some(handle) = &self.handle {
            handle.set_onopen(None);
            handle.set_onclose(None);
        }
    }
}

fn listen(
    attempt: Attempt,
    handle: &WebSocket,
    report: impl Fn(SocketInput) + 'static,
) -> Listeners {
    handle.set_binary_type(BinaryType::Arraybuffer);
    let report = Rc::new(report);
    let is_open = Rc::new(Cell::new(false));
    let opened = Closure::<dyn Fn()>::new({
        let (report, is_open, handle) = (report.clone(), is_open.clone(), handle.clone());
        move || {
            is_open.set(true);
            let negotiated =
                Negotiated { subprotocol: handle.protocol(), extensions: handle.extensions() };
            report(SocketInput::Opened(attempt, negotiated));
        }
    });
    let received = Closure::<dyn Fn(MessageEvent)>::new({
        let report = report.clone();
        move |event: MessageEvent| {
            if let Some(message) = message(&event.data()) {
                report(SocketInput::Received(attempt, message));
            }
        }
    });
    let closed = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
        let close = Close { code: CloseCode(event.code()), reason: event.reason() };
        let reason = if is_open.get() { EndReason::Closed(close) } else { EndReason::Failed };
        report(SocketInput::Ended(attempt, reason));
    });
    handle.set_onopen(Some(opened.as_ref().unchecked_ref()));
    handle.set_onmessage(Some(received.as_ref().unchecked_ref()));
    handle.set_onclose(Some(closed.as_ref().unchecked_ref()));
    Listeners { _opened: opened, _received: received, _closed: closed }
}

/// Message of an event: a string, or bytes because of the binary type.
fn message(data: &JsValue) -> Option<Message> {
    if let Some(text) = data.as_string() {
        return Some(Message::Text(text));
    }
    let bytes = data.dyn_ref::<ArrayBuffer>()?;
    Some(Message::Binary(Uint8Array::new(bytes).to_vec()))
}

/// Sends a probe the way that messages come, and calls `answered` when it is back. In a page, which has
/// none, that is at once.
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
