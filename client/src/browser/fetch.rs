//! Fetching of small texts from the page's server.

use std::time::Duration;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortSignal, ReadableStream, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, RequestRedirect, Response, Window,
};
use workbench::connect::{Answer, Cause, TOKEN_PATH};

/// Time limit of an [`Answer`]: the notice of a failed connection waits for it.
const ANSWER: Duration = Duration::from_secs(2);

/// Bytes of the text of an [`Answer`], at most. A longer text is dropped, not cut.
const ANSWER_BYTES: usize = 16 << 10;

/// Fetches UTF-8 text and passes it to `on_text`; does nothing on a timeout, an error status, or a
/// body over `max_bytes`. In a page or a worker.
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

/// Text of a response with a success status; `None` otherwise.
async fn fetch(url: &str, timeout: Duration, max_bytes: usize) -> Option<String> {
    let response = request(url, &within(timeout)).await?;
    if response.ok() { read(&response.body()?, max_bytes).await } else { None }
}

/// Asks the page's server, at `origin`, if it connects to others, and passes the answer to `on_answer`, if one comes.
pub(crate) fn ask_for_relay(origin: &str, on_answer: impl FnOnce(Result<(), Cause>) + 'static) {
    let url = format!("{origin}{TOKEN_PATH}");
    spawn_local(async move {
        if let Some(answer) = ask(&url).await {
            // One that is full has room again later.
            let is_there = matches!(answer.status, 200 | 503);
            on_answer(if is_there { Ok(()) } else { Err(Cause::without_token(&answer)) });
        }
    });
}

/// Answer of the page's server to a plain GET request for `url`, in a page or a worker; `None` if
/// there is none in time. Redirects are not followed; nothing is read from or put into a cache.
/// Credentials are sent only for the relay's token.
pub(crate) async fn ask(url: &str) -> Option<Answer> {
    let options = within(ANSWER);
    options.set_cache(RequestCache::NoStore);
    options.set_redirect(RequestRedirect::Manual);
    // Or a browser asks for a password where an endpoint answers 401.
    if !url.ends_with(TOKEN_PATH) {
        options.set_credentials(RequestCredentials::Omit);
    }
    let response = request(url, &options).await?;
    let header = |name| response.headers().get(name).ok().flatten();
    let is_text = header("content-type").is_some_and(|it| it.starts_with("text/plain"));
    let text = match response.body().filter(|_| is_text) {
        Some(body) => read(&body, ANSWER_BYTES).await,
        None => None,
    };
    Some(Answer {
        status: response.status(),
        text: text.unwrap_or_default(),
        is_endpoint: header("sec-websocket-version").is_some(),
        subprotocol: header("x-wsbench-subprotocol"),
        retry_after: header("retry-after").and_then(|it| it.parse().ok()),
    })
}

/// Options of a request that is aborted after `timeout`.
fn within(timeout: Duration) -> RequestInit {
    let options = RequestInit::new();
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    options
}

/// Sends a request. `None` if it is aborted, or refused by the network or by CORS.
async fn request(url: &str, options: &RequestInit) -> Option<Response> {
    // The scope of a worker has a `fetch` of the same name.
    let scope = js_sys::global().unchecked_into::<Window>();
    let response = scope.fetch_with_str_and_init(url, options);
    JsFuture::from(response).await.ok()?.dyn_into().ok()
}

/// Reads a body up to `max_bytes`; cancels it and returns `None` beyond, and for text that is not
/// UTF-8.
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
