//! The endpoints that the page's own server describes at `/endpoints.json`.

use js_sys::{Array, JSON, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStream, ReadableStreamDefaultReader, RequestInit, Response};
use workbench::connect::{Preset, PresetOption};

const DESCRIPTION: &str = "/endpoints.json";

/// Milliseconds in which the description has to come.
const PATIENCE: u32 = 10_000;

/// Bytes of the description, at most: a server that sends more describes something else.
const BYTES: usize = 1 << 20;

/// Endpoints, options of one and choices of one that are taken, at most; and characters of a text.
const ENDPOINTS: u32 = 200;
const OPTIONS: u32 = 30;
const CHOICES: u32 = 50;
const CHARACTERS: usize = 300;

/// The endpoints of the page's server. Those that every server has until it has described its own,
/// and if it does not.
#[must_use]
pub fn presets() -> Signal<Vec<Preset>> {
    let presets = RwSignal::new(Preset::known());
    spawn_local(async move {
        if let Some(text) = description().await {
            let found = read_presets(&text);
            if !found.is_empty() {
                presets.try_set(found);
            }
        }
    });
    presets.into()
}

async fn description() -> Option<String> {
    let options = RequestInit::new();
    options.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
    let answer = web_sys::window()?.fetch_with_str_and_init(DESCRIPTION, &options);
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    if answer.ok() { read(&answer.body()?).await } else { None }
}

/// All of a body, unless it is more than may be.
async fn read(body: &ReadableStream) -> Option<String> {
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().ok()?;
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await.ok()?;
        let Ok(piece) = field(&piece, "value")?.dyn_into::<Uint8Array>() else { break };
        if bytes.len() + piece.length() as usize > BYTES {
            let _ = reader.cancel();
            return None;
        }
        bytes.extend(piece.to_vec());
    }
    String::from_utf8(bytes).ok()
}

/// The endpoints that `text` describes, as far as they can be read. The browser's own parser of JSON
/// is used, because another would weigh more than everything else here.
#[must_use]
pub fn read_presets(text: &str) -> Vec<Preset> {
    let Ok(description) = JSON::parse(text) else { return Vec::new() };
    list(&description, "endpoints", ENDPOINTS).iter().filter_map(preset).collect()
}

fn preset(from: &JsValue) -> Option<Preset> {
    Some(Preset {
        path: text(from, "path").filter(|path| path.starts_with('/'))?,
        summary: text(from, "summary").unwrap_or_default(),
        group: text(from, "group").unwrap_or_default(),
        dangerous: field(from, "dangerous").is_some_and(|it| it.is_truthy()),
        options: list(from, "options", OPTIONS).iter().filter_map(option).collect(),
    })
}

fn option(from: &JsValue) -> Option<PresetOption> {
    Some(PresetOption {
        name: text(from, "name").filter(|name| !name.is_empty())?,
        summary: text(from, "summary").unwrap_or_default(),
        default: text(from, "default").unwrap_or_default(),
        choices: list(from, "choices", CHOICES).iter().filter_map(JsValue::as_string).collect(),
        allowed: text(from, "allowed").unwrap_or_default(),
        is_in_path: text(from, "in").is_some_and(|place| place == "path"),
    })
}

fn field(from: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(from, &name.into()).ok()
}

/// A text, cut to what a line can hold.
fn text(from: &JsValue, name: &str) -> Option<String> {
    let text = field(from, name)?.as_string()?;
    Some(text.chars().take(CHARACTERS).collect())
}

fn list(from: &JsValue, name: &str, most: u32) -> Vec<JsValue> {
    let list = field(from, name).and_then(|list| list.dyn_into::<Array>().ok());
    list.map(|list| list.slice(0, most).to_vec()).unwrap_or_default()
}
