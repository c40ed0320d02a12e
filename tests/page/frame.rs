//! Static frame: painted before any WebAssembly has come, replaced without a jump.

use harness::{Browser, Server};
use serde_json::{Value, json};

/// Holds up the WebAssembly module until `release()` is called.
const HOLD_WASM: &str = "
    const fetches = window.fetch;
    const released = new Promise(resolve => window.release = resolve);
    window.fetch = async (url, ...more) => {
        if (String(url).endsWith('.wasm')) await released;
        return fetches(url, ...more);
    };";

/// Position and size of each part of the page, in CSS pixels.
const BOXES: &str = "
    const parts = ['header', '.add', '.files', '.show-settings', '.show-keys', '.address input', '.connect',
        '.with-code', '.says', '.unfold', '.pane', '.find', '.choices', '.clear', '.conversation',
        '.compose-controls', '.file-button', '.writing textarea', '.send', '.composer-says', '.measure'];
    return Object.fromEntries(parts.map(part => {
        const { x, y, width, height } = document.querySelector(part).getBoundingClientRect();
        // The app's first tab has a name, so that what follows it stands further to the right.
        return [part, part === '.add' ? [y, width, height] : [x, y, width, height]];
    }))";

const FIRST_PAINT: &str =
    "return performance.getEntriesByName('first-contentful-paint').length === 1";

#[tokio::test]
async fn the_first_paint_needs_the_document_and_the_style_sheet_only() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    browser.devtools("Network.enable", json!({})).await;
    block(&browser, &["*.js", "*.wasm"]).await;
    let page = browser.visits(&server.http()).await;
    page.waits_for(FIRST_PAINT).await;
    page.has("#frame .composer").await;
    let words = "getComputedStyle(document.querySelector('#frame .conversation'), '::before')";
    let has = |part: &str| format!("return {words}.{part}");
    assert!(page.run(&has("content")).await.to_string().contains("Loading…"));
    page.waits_for(&has("visibility === 'visible'")).await;
    assert_eq!(page.run("return document.querySelector('[data-state]')").await, Value::Null);
    block(&browser, &[]).await;
}

#[tokio::test]
async fn the_app_replaces_the_frame_without_a_jump() {
    let server = Server::start().await;
    for (width, height) in [(1280, 800), (768, 900), (500, 800)] {
        let browser = Browser::start().await;
        browser.runs_first(HOLD_WASM).await;
        let page = browser.visits(&server.http()).await;
        page.resize(width, height).await;
        page.waits_for(FIRST_PAINT).await;
        let frame = page.run(BOXES).await;
        page.run("release()").await;
        page.lacks("#frame").await;
        assert_eq!(page.run(BOXES).await, frame, "mounted, {width} pixels wide");
        page.has_state("open").await;
        assert_eq!(page.run(BOXES).await, frame, "connected, {width} pixels wide");
    }
}

async fn block(browser: &Browser, urls: &[&str]) {
    browser.devtools("Network.setBlockedURLs", json!({ "urls": urls })).await;
}
