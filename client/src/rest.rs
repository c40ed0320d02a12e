//! Brings the code that a first load does without: a release keeps it in a module of its own
//! (docs/decisions/0010).

use std::cell::Cell;

use js_sys::{
    JsString, Object, Reflect, Uint8Array,
    WebAssembly::{self, Instance, Module},
};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Window, XmlHttpRequest};

use crate::app::words::words;

/// What the names of this page's script and of the rest end with, as `cargo xtask` writes them.
const SCRIPT: &str = ".js";
const REST: &str = "_rest.wasm";

/// Where a release's document names it.
const LINK: &str = "link[rel=rest]";

/// The module from which the rest imports.
const FIRST: &str = "first";

/// Has the browser pass bytes on as they are: as the characters of the same numbers, or, from 0x80 on, of
/// the same last eight bits.
const AS_BYTES: &str = "text/plain; charset=x-user-defined";

/// The status of an answer that has what was asked for (RFC 9110 section 15.3.1).
const OK: u16 = 200;

thread_local! {
    static IS_THERE: Cell<bool> = const { Cell::new(false) };
}

#[wasm_bindgen]
extern "C" {
    /// Where this page's script is, in a worker, too.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static SCRIPT_URL: JsString;
}

/// Fetches and compiles the rest beside whatever else goes on, so that nothing waits for it later. If
/// that fails, it is tried again when something of it is called.
pub async fn prepare_rest() {
    let Some(link) = document().query_selector(LINK).ok().flatten() else { return };
    let url = link.get_attribute("href").unwrap_or_default();
    let compiled = WebAssembly::compile_streaming(&window().fetch_with_str(&url));
    if let Ok(module) = JsFuture::from(compiled).await
        && !IS_THERE.get()
    {
        IS_THERE.set(put_into_place(module.unchecked_ref()).is_ok());
    }
}

/// Puts the rest of the code into place, unless it is there. Called where a function of it is called,
/// by what `cargo xtask` puts in that function's place, and so it can only wait: for the browser's
/// cache, if the page has fetched the rest, or for the server.
///
/// # Errors
/// Throws what the browser says if the rest cannot be had and the person does not want to try again.
#[wasm_bindgen]
pub fn bring_rest() {
    while !IS_THERE.get() {
        match bring() {
            Ok(()) => IS_THERE.set(true),
            Err(error) if !tries_again() => wasm_bindgen::throw_val(error),
            Err(_) => {}
        }
    }
}

/// Nothing that this calls may be in the rest itself: `cargo xtask` leaves all of this file, and what
/// it calls by name, in the first module.
fn bring() -> Result<(), JsValue> {
    let script = SCRIPT_URL.with(|url| String::from(url));
    let stem = script.strip_suffix(SCRIPT).unwrap_or(&script);
    let rest = fetch(&[stem, REST].concat())?;
    put_into_place(&Module::new(&Uint8Array::from(&rest[..]))?)
}

fn put_into_place(rest: &Module) -> Result<(), JsValue> {
    let imports = Object::new();
    Reflect::set(&imports, &FIRST.into(), &wasm_bindgen::exports())?;
    Instance::new(rest, &imports).map(drop)
}

/// Waits for as long as the browser does: a page cannot set a bound to a request that it waits for.
fn fetch(url: &str) -> Result<Vec<u8>, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open_with_async("GET", url, false)?;
    // A page cannot both wait and ask for bytes.
    request.override_mime_type(AS_BYTES)?;
    request.send()?;
    if request.status()? != OK {
        return Err(url.into());
    }
    let text = request.response_text()?.unwrap_or_default();
    Ok(text.chars().map(|character| u32::from(character).to_le_bytes()[0]).collect())
}

fn tries_again() -> bool {
    let asks = |window: Window| window.confirm_with_message(words().rest_is_missing);
    web_sys::window().map(asks).is_some_and(|answer| answer == Ok(true))
}
