//! Channel between the page and its engine: typed messages as bytes, through a worker or a port.

use js_sys::{Array, ArrayBuffer, Uint8Array, WebAssembly::Memory};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
pub use web_sys::MessagePort;
use web_sys::{Blob, MessageChannel, MessageEvent};

/// Message that asks for an answer: a number, that of the bytes of WebAssembly's memory at the other end.
const PING: bool = true;

/// End of a channel. A worker, and the global object in it, speak as a port does. Closes with its
/// drop: messages that arrive later are lost.
pub(crate) struct Channel {
    /// Port, worker or global object.
    port: MessagePort,
    /// Handler of the port, dropped after it is taken off.
    _listener: Closure<dyn Fn(MessageEvent)>,
}

/// Event of a channel. A message that cannot be read is none.
pub(crate) enum Incoming<T, F> {
    /// A message.
    Message(T),
    /// A file, and what it is for.
    File(F, Blob),
    /// The worker failed, for this reason in the browser's words.
    Failure(String),
    /// Answer to a [ping](Channel::ping): bytes of WebAssembly's memory at the other end.
    Answer(f64),
}

/// Creates the two ends of a channel within the page; `None` if the browser refuses. For tests,
/// which run page and engine in one thread.
pub(crate) fn ports() -> Option<(MessagePort, MessagePort)> {
    let channel = MessageChannel::new().ok()?;
    Some((channel.port1(), channel.port2()))
}

impl Channel {
    /// Opens an end. Messages that were sent before wait in the port.
    pub(crate) fn open<T: DeserializeOwned, F: DeserializeOwned>(
        port: MessagePort,
        receive: impl Fn(Incoming<T, F>) + 'static,
    ) -> Self {
        let answering = port.clone();
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if data == PING {
                // Numbers can always be cloned.
                let _ = answering.post_message(&memory().into());
                return;
            }
            if let Some(memory) = data.as_f64() {
                return receive(Incoming::Answer(memory));
            }
            if let Some(reason) = data.as_string() {
                return receive(Incoming::Failure(reason));
            }
            let incoming = match data.dyn_into::<Array>() {
                Ok(both) => both
                    .get(1)
                    .dyn_into()
                    .ok()
                    .and_then(|file| Some(Incoming::File(decode(both.get(0))?, file))),
                Err(message) => decode(message).map(Incoming::Message),
            };
            incoming.map(&receive);
        });
        // Setting the listener starts the port.
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Self { port, _listener: listener }
    }

    /// Asks the other end for an answer, which it gives as soon as it handles messages. One that is
    /// busy answers late: the watchdog counts on that.
    pub(crate) fn ping(&self) {
        let _ = self.port.post_message(&PING.into());
    }

    /// Sends a message. Its bytes are transferred, not copied once more. `message` is encoded by
    /// `workbench::encode`.
    pub(crate) fn send(&self, message: &impl Serialize) {
        let bytes = Uint8Array::from(workbench::encode(message).as_slice());
        self.post(&bytes, &bytes);
    }

    /// Sends a file, with what it is for. The content of the file is not copied.
    pub(crate) fn send_file(&self, purpose: &impl Serialize, file: &Blob) {
        let bytes = Uint8Array::from(workbench::encode(purpose).as_slice());
        self.post(&Array::of2(&bytes, file), &bytes);
    }

    /// Posts a message, and moves the buffer of its bytes to the other end.
    fn post(&self, message: &JsValue, bytes: &Uint8Array) {
        // Fails only for values that cannot be cloned; bytes and files can.
        let _ = self.port.post_message_with_transferable(message, &Array::of1(&bytes.buffer()));
    }
}

/// Decodes a value that is in bytes.
fn decode<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    workbench::decode(&value.dyn_into::<Uint8Array>().ok()?.to_vec())
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
    }
}

/// Bytes of this thread's WebAssembly memory, which only grows.
fn memory() -> f64 {
    let buffer = wasm_bindgen::memory().unchecked_into::<Memory>().buffer();
    buffer.unchecked_into::<ArrayBuffer>().byte_length().into()
}

/// End of the channel in a worker, and the list name that `worker.js` received; `None` in a page. The
/// name is empty if another engine owns the list.
#[must_use]
pub fn worker_start() -> Option<(MessagePort, String)> {
    let global = js_sys::global();
    let list = js_sys::Reflect::get(&global, &JsValue::from_str("list")).ok()?;
    Some((global.unchecked_into(), list.as_string()?))
}
