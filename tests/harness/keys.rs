//! Keys as WebDriver writes them, for [`Page::presses`](crate::Page::presses).

#![expect(missing_docs, reason = "the names are those of the keys")]

pub const BACKSPACE: &str = "\u{e003}";
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const END: &str = "\u{e010}";
pub const HOME: &str = "\u{e011}";
pub const LEFT: &str = "\u{e012}";
pub const UP: &str = "\u{e013}";
pub const RIGHT: &str = "\u{e014}";
pub const DOWN: &str = "\u{e015}";
pub const DELETE: &str = "\u{e017}";
pub const F2: &str = "\u{e032}";
pub const F3: &str = "\u{e033}";

// Chords end with the release of what is held.
pub const SHIFT_ENTER: &str = "\u{e008}\u{e007}\u{e000}";
pub const SHIFT_F3: &str = "\u{e008}\u{e033}\u{e000}";
pub const CTRL_ENTER: &str = "\u{e009}\u{e007}\u{e000}";
pub const SELECT_ALL: &str = "\u{e009}a\u{e000}";
pub const COPY: &str = "\u{e009}c\u{e000}";
pub const UNDO: &str = "\u{e009}z\u{e000}";
