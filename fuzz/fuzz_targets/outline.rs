//! JSON and other payloads: outline and comparison.
//!
//! Complete texts and starts of texts are outlined, and each visible line is one of a node.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::payload::Outline;

fuzz_target!(|input: (String, bool)| {
    let (text, is_whole) = input;
    let outline = Outline::new(text, is_whole);
    for line in outline.lines(|_| false) {
        assert!(line < outline.nodes().len());
    }
});
