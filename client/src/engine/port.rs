//! What a page and its engine speak through: the two ends of a channel.

use js_sys::{Array, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, MessageEvent, MessagePort};

/// One end of a channel. Closed when dropped.
pub(crate) struct Port {
    port: MessagePort,
    _listener: Closure<dyn Fn(MessageEvent)>,
}

/// What came through a channel.
pub(crate) enum Heard<T> {
    /// What the other end said, and the file that it is about, if it is about one.
    Said(T, Option<Blob>),
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
            let (said, file) = match data.dyn_into::<Array>() {
                Ok(both) => (both.get(0), both.get(1).dyn_into().ok()),
                Err(said) => (said, None),
            };
            let bytes = said.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec());
            if let Some(said) = bytes.ok().and_then(|bytes| workbench::read(&bytes)) {
                hear(Heard::Said(said, file));
            }
        });
        // This also opens the port: what was said before waits in it.
        port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Self { port, _listener: listener }
    }

    /// Says something to the other end. The bytes are handed over, not copied once more.
    pub(crate) fn say(&self, said: &impl Serialize) {
        let bytes = Uint8Array::from(workbench::write(said).as_slice());
        self.post(&bytes, &bytes);
    }

    /// Says something about a file. Its content stays where it is.
    pub(crate) fn say_of(&self, file: &Blob, said: &impl Serialize) {
        let bytes = Uint8Array::from(workbench::write(said).as_slice());
        self.post(&Array::of2(&bytes, file), &bytes);
    }

    fn post(&self, message: &JsValue, bytes: &Uint8Array) {
        // Fails only for what cannot be cloned, and bytes and files can.
        let _ = self.port.post_message_with_transferable(message, &Array::of1(&bytes.buffer()));
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// What `worker.js` was given, if this is a worker: the port, and the list that the engine keeps;
/// an empty name if another engine keeps that.
#[must_use]
pub fn calling_of_this_worker() -> Option<(MessagePort, String)> {
    let given = |name| js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok();
    Some((given("port")?.dyn_into().ok()?, given("list")?.as_string()?))
}
