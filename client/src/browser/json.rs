//! JSON by the browser's own parser, which adds no code to the page.

use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Parsed JSON value. Nothing is checked beyond its syntax: each reader says which type it expects.
pub(crate) struct Json(JsValue);

impl Json {
    /// Parses `text`; `None` if it is not JSON. Nesting is bounded by the browser.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// Returns the value if it is a text.
    pub(crate) fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    /// Returns a field that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.field(name)?.as_string()
    }

    /// True if a field is truthy, as JavaScript has it.
    pub(crate) fn is_truthy(&self, name: &str) -> bool {
        self.field(name).is_some_and(|it| it.is_truthy())
    }

    /// Returns the first `max` items of a field that is an array; empty if it is none. Bounded,
    /// since the text comes from outside.
    pub(crate) fn list(&self, name: &str, max: u32) -> Vec<Self> {
        let list = self.field(name).and_then(|list| list.dyn_into::<Array>().ok());
        list.map(|list| list.slice(0, max).iter().map(Self).collect()).unwrap_or_default()
    }

    /// Field of an object; undefined for one that is absent, `None` for a value that is no object.
    fn field(&self, name: &str) -> Option<JsValue> {
        Reflect::get(&self.0, &name.into()).ok()
    }
}
