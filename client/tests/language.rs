//! The languages of the page in a real browser, against the real server (see `web.rs`).

#![cfg(target_arch = "wasm32")]

use client::{App, Language};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The server's address, without a path.
const SERVER: &str = match option_env!("WSBENCH_TEST_SERVER") {
    Some(url) => url,
    None => "ws://localhost:8080",
};

const GLANCE_MILLIS: u32 = 10;
/// Ten seconds: reached only when something is wrong.
const GLANCES: u32 = 1_000;

/// Texts of the page in English that are neither a message, nor a name
/// in code or on a key, nor marked as English.
const LEFT_IN_ENGLISH: &str = "[...document.querySelectorAll('.page *')]
    .filter(it => !it.closest('.page [lang=en], .payload, code, kbd'))
    .flatMap(it => [it.ariaLabel, it.title, it.placeholder,
        ...[...it.childNodes].filter(it => it.nodeType === Node.TEXT_NODE).map(it => it.data)])
    .filter(words => words && /[a-z]{2,} [a-z]{2,}|^[A-Z]?[a-z]{2,}$/.test(words.trim().replace('Workbench', '').replaceAll(/--relay (on|off)/g, '')))
    .join('|')";

/// Result of a script, as text.
fn run(script: &str) -> String {
    let result = js_sys::eval(script).unwrap_or_else(|error| panic!("{script}: {error:?}"));
    result.as_string().unwrap_or_else(|| format!("{result:?}"))
}

async fn until(script: &str, expected: &str) {
    for _ in 0..GLANCES {
        if run(script) == expected {
            return;
        }
        TimeoutFuture::new(GLANCE_MILLIS).await;
    }
    panic!("{script} is {}, not {expected}", run(script));
}

async fn shows(words: &str) {
    until(
        &format!("String(document.querySelector('.page').innerText.includes(`{words}`))"),
        "true",
    )
    .await;
}

fn prefer(tags: &str) {
    run(&format!(
        "Object.defineProperty(navigator, 'languages', {{ get: () => {tags}, configurable: true }})"
    ));
}

fn fill(selector: &str, text: &str) {
    run(&format!(
        "{{ const box = document.querySelector(`{selector}`);
           box.focus();
           box.value = `{text}`;
           box.dispatchEvent(new Event('input', {{ bubbles: true }})); }}"
    ));
}

fn press_enter() {
    run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
        { key: 'Enter', bubbles: true, cancelable: true }))");
}

fn choose(language: Language) {
    run(&format!(
        "{{ const list = document.querySelector('.language select');
           list.closest('[popover]').showPopover();
           list.focus();
           list.value = '{}';
           list.dispatchEvent(new Event('change', {{ bubbles: true }})); }}",
        language.code()
    ));
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

#[wasm_bindgen_test]
async fn another_language_changes_the_words_and_nothing_else() {
    prefer("['ko-KR']");
    let _mounted = leptos::mount::mount_to(leptos::tachys::dom::body(), App);
    until("document.documentElement.lang", "ko").await;
    shows("연결 실패").await;
    fill("[role=combobox]", &format!("{SERVER}/ws"));
    press_enter();
    shows("연결됨").await;
    fill("textarea", "first");
    press_enter();
    shows("Echo: first").await;
    fill("textarea", "a draft");

    choose(Language::En);
    until("document.documentElement.lang", "en").await;
    for words in ["Connected", "Echo: first", "5 B", "Received"] {
        shows(words).await;
    }
    assert_ne!(run(LEFT_IN_ENGLISH), "");
    // The menu is rendered anew, and closed: the focus is at its button.
    until("document.activeElement.className", "show-settings").await;
    assert_eq!(run("document.querySelector('textarea').value"), "a draft");
    assert_eq!(run("document.querySelector('.send').textContent"), "Send");
    let is_korean = |script: &str| run(script).contains(|it| ('가'..='힣').contains(&it));
    assert!(!is_korean("document.querySelector('main').innerText"));
    run("document.querySelector('.send').click()");
    shows("Echo: a draft").await;
    assert_eq!(run("document.querySelector('[data-count=sent]').textContent"), "2");

    choose(Language::Ko);
    until("document.querySelector('.send').textContent", "전송").await;
    run("document.querySelector('.unfold').click()");
    let row = "document.querySelector('.entry[data-direction=received]')";
    until(&format!("String({row} !== null)"), "true").await;
    run(&format!("{row}.click()"));
    until("String(document.querySelector('.detail-header') !== null)", "true").await;
    until(LEFT_IN_ENGLISH, "").await;
}
