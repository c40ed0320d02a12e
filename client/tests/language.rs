//! The languages that a browser prefers.

#![cfg(target_arch = "wasm32")]

use client::Language;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn prefer(tags: &str) {
    let script = format!(
        "Object.defineProperty(navigator, 'languages', {{ get: () => {tags}, configurable: true }})"
    );
    js_sys::eval(&script).expect("a script");
}

#[wasm_bindgen_test]
fn the_first_language_that_is_known_is_preferred() {
    for (tags, expected) in [
        ("['ko-KR', 'en']", Language::Ko),
        ("['fr-FR', 'KO', 'en']", Language::Ko),
        ("['en-GB', 'ko']", Language::En),
        ("['fr', 'kok-IN']", Language::En),
        ("[]", Language::En),
    ] {
        prefer(tags);
        assert_eq!(Language::of_browser(), expected, "{tags}");
    }
}
