//! Starts an engine in a thread of its own.

use js_sys::Array;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{ErrorEvent, HtmlLinkElement, MessagePort, Worker, WorkerOptions, WorkerType};

/// Where trunk says which script starts the page.
const SCRIPT: &str = "link[rel=modulepreload][href*=wsbench-page]";

/// The file of the same name, as trunk copies it beside the page.
const WORKER: &str = "worker.js";

/// A thread with an engine in it. It ends, and its memory is free, when this is dropped.
pub(crate) struct EngineThread {
    worker: Worker,
    _listener: Closure<dyn Fn(ErrorEvent)>,
}

impl EngineThread {
    /// Starts a thread whose engine speaks through `port` and keeps `list`. `fails` gets the browser's
    /// words for a failure, and has none if the file itself could not be loaded. `None` if the page
    /// was not built by trunk, as in tests.
    pub(crate) fn start(
        port: &MessagePort,
        list: &str,
        fails: impl Fn(String) + 'static,
    ) -> Option<Self> {
        let document = web_sys::window()?.document()?;
        let link = document.query_selector(SCRIPT).ok()??;
        let script = link.dyn_into::<HtmlLinkElement>().ok()?.href();
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(WORKER, &options).ok()?;
        let listener = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            fails(event.message());
        });
        worker.set_onerror(Some(listener.as_ref().unchecked_ref()));
        // The module is compiled already; a thread only makes another instance of it.
        let words = Array::of4(&script.into(), &wasm_bindgen::module(), port, &list.into());
        worker.post_message_with_transfer(&words, &Array::of1(port)).ok()?;
        Some(Self { worker, _listener: listener })
    }
}

impl Drop for EngineThread {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
