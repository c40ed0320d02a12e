//! Fetching of small texts from the page's server.

use std::time::Duration;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStream, ReadableStreamDefaultReader, RequestInit, Response};

/// Fetches UTF-8 text and passes it to `on_text`; does nothing on a timeout, an error status, or a body
/// over `max_bytes`.
pub(crate) fn fetch_text(
    url: &'static str,
    timeout: Duration,
    max_bytes: usize,
    on_text: impl FnOnce(&str) + 'static,
) {
    spawn_local(async move {
        if let Some(text) = fetch(url, timeout, max_bytes).await {
            on_text(&text);
        }
    });
}

async fn fetch(url: &str, timeout: Duration, max_bytes: usize) -> Option<String> {
    let options = RequestInit::new();
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    let response = web_sys::window()?.fetch_with_str_and_init(url, &options);
    let response: Response = JsFuture::from(response).await.ok()?.dyn_into().ok()?;
    if response.ok() { read(&response.body()?, max_bytes).await } else { None }
}

async fn read(body: &ReadableStream, max_bytes: usize) -> Option<String> {
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().ok()?;
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read()).await.ok()?;
        let chunk = Reflect::get(&chunk, &"value".into()).ok()?;
        let Ok(chunk) = chunk.dyn_into::<Uint8Array>() else { break };
        if bytes.len() + chunk.length() as usize > max_bytes {
            let _ = reader.cancel();
            return None;
        }
        bytes.extend(chunk.to_vec());
    }
    String::from_utf8(bytes).ok()
}
