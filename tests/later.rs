//! The parts of the page that are fetched when they are first wanted.

use harness::{Browser, Page, connected};
use serde_json::json;

/// Has the browser fetch nothing whose URL is like this; an empty list, everything.
async fn blocks(browser: &Browser, urls: &[&str]) {
    browser.devtools("Network.enable", json!({})).await;
    // What it has kept would do.
    browser.devtools("Network.setBypassServiceWorker", json!({ "bypass": true })).await;
    browser.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": urls })).await;
}

/// What has been asked for so far that is not there at the first paint.
async fn is_asked_for(page: &Page, name: &str) -> bool {
    let script = format!(
        "return performance.getEntriesByType('resource')
            .some(({{ name, initiatorType }}) => name.includes('/{name}-') && initiatorType === 'fetch')"
    );
    page.run(&script).await == true
}

#[tokio::test]
async fn nothing_but_what_is_shown_is_asked_for() {
    let (_server, browser, page) = connected().await;
    page.types("hi").await;
    page.presses_enter().await;
    page.sees("received", "Echo: hi").await;
    for name in ["later", "ko"] {
        assert!(!is_asked_for(&page, name).await, "{name}");
    }
    page.clicks(".entry[data-direction=received]").await;
    page.comes_true("return document.querySelector('.detail-header') !== null").await;
    assert!(is_asked_for(&page, "later").await);
    assert!(!is_asked_for(&page, "ko").await);
    browser.close().await;
}

#[tokio::test]
async fn a_part_that_cannot_be_fetched_says_so_and_can_be_tried_again() {
    let (_server, browser, page) = connected().await;
    blocks(&browser, &["*/later-*"]).await;
    page.reloads().await;
    page.is("open").await;
    page.clicks(".unfold-measure").await;
    page.says("This part of the page could not be fetched.").await;
    // The rest goes on, and trying in vain says so again.
    page.types("hi").await;
    page.presses_enter().await;
    page.sees("received", "Echo: hi").await;
    page.clicks("[role=alert] button").await;
    page.says("This part of the page could not be fetched.").await;

    blocks(&browser, &[]).await;
    page.clicks("[role=alert] button").await;
    page.comes_true("return document.querySelector('#measured .readout') !== null").await;
    browser.close().await;
}

#[tokio::test]
async fn a_language_that_cannot_be_fetched_leaves_the_one_before() {
    let (_server, browser, page) = connected().await;
    blocks(&browser, &["*/ko-*"]).await;
    page.reloads().await;
    page.is("open").await;
    page.chooses(".language select", "ko").await;
    page.comes_true("return document.querySelector('.language select').value === 'en'").await;
    page.types("hi").await;

    blocks(&browser, &[]).await;
    page.chooses(".language select", "ko").await;
    page.comes_true("return document.querySelector('.send').textContent === '전송'").await;
    assert_eq!(page.run("return document.querySelector('textarea').value").await, "hi");
    browser.close().await;
}
