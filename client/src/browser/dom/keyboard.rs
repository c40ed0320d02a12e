//! Keys that an input method takes, those with a modifier, and undo.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Event, InputEvent, KeyboardEvent, Node};

/// `keyCode` of a key handled by an input method. Safari ends the composition before it reports the
/// key, so that `isComposing` alone is not enough. Browsers report it for any key while a
/// composition runs.
const INPUT_METHOD_KEY_CODE: u32 = 229;

/// True if an input method uses the key to compose a character. Enter then confirms a character,
/// and must not send.
pub(crate) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == INPUT_METHOD_KEY_CODE
}

/// True for a key with Alt, Ctrl, Shift or Meta, such as Alt+←, which is the browser's.
pub(crate) fn has_modifier(event: &KeyboardEvent) -> bool {
    event.alt_key() || event.ctrl_key() || event.shift_key() || event.meta_key()
}

/// Keeps undo and redo in the box that has the focus. Chromium has one history for all boxes: once that of one is used
/// up, it goes on in another. Ends with the current owner.
pub(crate) fn undo_where_focused() {
    let undoes = ev::Custom::<Event>::new("beforeinput");
    let listener = window_event_listener(undoes, |event| {
        let is_history =
            event.dyn_ref::<InputEvent>().is_some_and(|it| it.input_type().starts_with("history"));
        let focused = document().active_element();
        let target = event.target().and_then(|it| it.dyn_into::<Node>().ok());
        if is_history && !focused.is_some_and(|it| it.contains(target.as_ref())) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}
