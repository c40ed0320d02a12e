//! Files of messages: HAR and JSON Lines.
//!
//! Any text is recognised or refused, and its items are read to the end, errors among them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::exchange::Import;

fuzz_target!(|text: String| {
    let Ok(import) = Import::new(text) else { return };
    for _ in import {}
});
