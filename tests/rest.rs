//! The code that a first load does without, when it comes late.

use harness::{Browser, Page, Server};

/// Has the page's own request for the rest never be answered, and counts what waits for it.
const LATE: &str = "
    const fetches = window.fetch;
    window.fetch = (url, ...more) =>
        String(url).endsWith('_rest.wasm') ? new Promise(() => {}) : fetches(url, ...more);
    window.waited = 0;
    const sends = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function () {
        waited++;
        return sends.call(this);
    };";

/// Has the server be away the first time.
const AWAY: &str = "
    const tries = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function () {
        if (!waited++) throw new Error('no answer');
        return tries.call(this);
    };
    window.asked = [];
    window.confirm = (question) => asked.push(question) && asked.length < 2;";

/// A page that runs `script` before its own, connected; and what it did so far.
async fn connected(script: &str) -> (Server, Browser, Page) {
    let server = Server::start().await;
    let browser = Browser::start().await;
    browser.runs_first(script).await;
    let page = browser.open(&server.http()).await;
    page.is("open").await;
    (server, browser, page)
}

#[tokio::test]
async fn what_is_called_before_it_is_there_is_waited_for() {
    let (_server, browser, page) = connected(LATE).await;
    page.clicks_connect().await;
    page.is("closed").await;
    page.says("normal closure").await;
    assert_eq!(page.run("return waited").await, 1, "it is waited for once");
    browser.close().await;
}

#[tokio::test]
async fn while_the_server_is_away_the_person_is_asked_and_nothing_is_lost() {
    let (_server, browser, page) = connected(&[LATE, AWAY].concat()).await;
    page.clicks_connect().await;
    page.is("closed").await;
    let question =
        "A part of this page is not here yet, and its server does not answer. Try again?";
    assert_eq!(page.run("return asked").await, serde_json::json!([question]));
    page.clicks_connect().await;
    page.is("open").await;
    browser.close().await;
}
