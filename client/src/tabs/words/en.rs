//! English.

use super::Words;

pub(super) static WORDS: Words = Words {
    connections: "Connections",
    new: "New connection",
    close: |name| format!("Close {name}"),
    closed: |name| format!("Closed {name}. "),
    undo: "Undo",
    discard: "Discard the closed tab",
};
