//! English.

use super::Words;

pub(super) static WORDS: Words = Words {
    connections: "Connections",
    new: "New connection",
    all: |tabs| format!("All {tabs} tabs"),
    name: "Name of the tab",
    menu: "Tab",
    rename: "Rename",
    close_tab: "Close",
    rename_hint: "double-click or F2 to rename",
    close: |name| format!("Close {name}"),
    closed: |name| format!("Closed {name}. "),
    stuck: "not responding",
    discard: "Discard the closed tab",
};
