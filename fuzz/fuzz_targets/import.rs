//! Files of messages: HAR and JSON Lines.

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
