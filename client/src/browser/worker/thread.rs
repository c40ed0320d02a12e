//! Worker thread: runs an engine beside the page.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, HtmlLinkElement, MessagePort, Worker, WorkerOptions, WorkerType};

/// Link to the page's script, written by trunk.
const SCRIPT: &str = "link[rel=modulepreload][href*=wsbench-page]";

/// Script of the worker, copied by trunk.
const WORKER: &str = "worker.js";

/// Worker that runs an engine. Dropping it terminates the worker and frees its memory.
pub(crate) struct WorkerThread {
    /// Worker; it would outlive a handle that did not terminate it.
    worker: Worker,
    _listener: Closure<dyn Fn(Event)>,
}

impl WorkerThread {
    /// Starts a worker whose engine persists `list`, for which it waits while another engine, such
    /// as a terminated worker's, owns it: up to `timeout` milliseconds. `on_failure` receives the
    /// reason in the browser's words; empty if the script could not be loaded. `None` if the page
    /// was not built by trunk, as in tests.
    pub(crate) fn start(
        list: &str,
        timeout: u32,
        on_failure: impl Fn(String) + 'static,
    ) -> Option<Self> {
        let document = web_sys::window()?.document()?;
        let link = document.query_selector(SCRIPT).ok()??;
        let script = link.dyn_into::<HtmlLinkElement>().ok()?.href();
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(WORKER, &options).ok()?;
        // The event of a script that cannot be loaded is no `ErrorEvent`, and has no message (HTML, "run a worker").
        let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            let message = Reflect::get(&event, &"message".into()).ok();
            on_failure(message.and_then(|it| it.as_string()).unwrap_or_default());
        });
        worker.set_onerror(Some(listener.as_ref().unchecked_ref()));
        // The module is compiled already; the worker only instantiates it.
        let start =
            Array::of4(&script.into(), &wasm_bindgen::module(), &list.into(), &timeout.into());
        worker.post_message(&start).ok()?;
        Some(Self { worker, _listener: listener })
    }

    /// End of the channel to the engine. A worker speaks as a port does.
    pub(crate) fn port(&self) -> MessagePort {
        self.worker.clone().unchecked_into()
    }
}

impl Drop for WorkerThread {
    fn drop(&mut self) {
        // Errors that are under way find no listener.
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
