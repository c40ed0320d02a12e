//! Files of messages: HAR and JSON Lines.
//!
//! Any text is recognised or refused, and its items are read up to the first error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::exchange::Import;

fuzz_target!(|text: String| {
    let Ok(import) = Import::new(text) else { return };
    for item in import {
        if item.is_err() {
            break;
        }
    }
});
