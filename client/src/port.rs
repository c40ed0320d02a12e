//! What a page and its engine speak through: the two ends of a channel.

use js_sys::{Array, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, MessagePort};

/// One end of a channel. Closed when dropped.
pub(crate) struct Port {
    port: MessagePort,
    _listener: Closure<dyn Fn(MessageEvent)>,
}

/// What came through a channel.
pub(crate) enum Heard<T> {
    /// What the other end said.
    Said(T),
    /// The browser's words for why a worker does not go on.
    Trouble(String),
}

impl Port {
    /// Listens at this end of a channel.
    pub(crate) fn listen<T: DeserializeOwned>(
        port: MessagePort,
        hear: impl Fn(Heard<T>) + 'static,
    ) -> Self {
        let listener = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if let Some(words) = data.as_string() {
                return hear(Heard::Trouble(words));
            }
            let bytes = data.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec());
            if let Some(said) = bytes.ok().and_then(|bytes| workbench::read(&bytes)) {
                hear(Heard::Said(said));
            }
        });
        // This also opens the port: what was said before waits in it.
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Self { port, _listener: listener }
    }

    /// Says something to the other end. The bytes are handed over, not copied once more.
    pub(crate) fn say(&self, said: &impl Serialize) {
        let bytes = Uint8Array::from(workbench::write(said).as_slice());
        let handed_over = Array::of1(&bytes.buffer());
        // Fails only for what cannot be cloned, and bytes can.
        let _ = self.port.post_message_with_transferable(&bytes, &handed_over);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// The port that `worker.js` was given, if this is a worker.
#[must_use]
pub fn port_of_this_worker() -> Option<MessagePort> {
    let port = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("port")).ok()?;
    port.dyn_into().ok()
}
