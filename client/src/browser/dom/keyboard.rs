//! Keys that an input method takes, and those with a modifier.

use web_sys::KeyboardEvent;

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
