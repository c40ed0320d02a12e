//! The main scenarios, in each browser: `cargo xtask test --browser firefox`.

use harness::{Browser, Page, Server, har};

use crate::keeping::keeps;

/// Messages of an import.
const ENTRIES: u32 = 200;

/// Connects again whenever a flood has ended, or the page has closed it because it lags, and disconnects once
/// the counter and the rows have moved.
const ENDURE: &str = "
    const MOVES = 10;
    const status = document.querySelector('.status');
    const look = () => [
        document.querySelector('[data-count=received]').textContent,
        [...document.querySelectorAll('.entry:not([hidden])')].map(it => it.textContent).join(),
    ];
    let seen = look();
    const moved = [0, 0];
    window.isLeft = false;
    const next = () => {
        const now = look();
        const isOpen = status.dataset.state === 'open';
        [0, 1].forEach(at => { moved[at] += isOpen && now[at] !== seen[at]; });
        seen = now;
        const isDone = moved.every(it => it >= MOVES);
        if (isDone && isOpen || status.dataset.state === 'closed') document.querySelector('button.connect').click();
        if (isDone && isOpen) window.isLeft = true;
        else requestAnimationFrame(next);
    };
    next()";

/// Starts a server, and opens its page in the chosen browser, connected.
async fn connected() -> (Server, Browser, Page) {
    let server = Server::start().await;
    let browser = Browser::start_chosen().await;
    let page = browser.open(&server.http()).await;
    page.is("open").await;
    (server, browser, page)
}

#[tokio::test]
async fn a_message_is_sent_and_its_echo_listed_and_inspected() {
    let (_server, browser, page) = connected().await;
    page.types("hi").await;
    page.presses_enter().await;
    page.sees("sent", "hi").await;
    page.sees("received", "Echo: hi").await;
    page.clicks(".entry[data-direction=received]:not([hidden]) .payload").await;
    page.comes_true("return document.querySelector('.detail')?.innerText.includes('Echo: hi')")
        .await;
    browser.close().await;
}

#[tokio::test]
async fn a_reload_restores_the_list_and_connects_again() {
    let (_server, browser, page) = connected().await;
    page.types("before").await;
    page.presses_enter().await;
    page.sees("received", "Echo: before").await;
    keeps(&page, "Echo: before").await;
    page.reloads().await;
    page.sees("received", "Echo: before").await;
    page.is("open").await;
    browser.close().await;
}

#[tokio::test]
async fn a_list_is_imported() {
    let (_server, browser, page) = connected().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("list.har");
    std::fs::write(&path, har(ENTRIES).to_string()).expect("the file can be written");
    page.imports(&path).await;
    page.says(&format!("Imported {} entries", ENTRIES + 1)).await;
    browser.close().await;
}

#[tokio::test]
async fn the_page_speaks_korean() {
    let (_server, browser, page) = connected().await;
    page.chooses(".language select", "ko").await;
    page.comes_true("return document.documentElement.lang === 'ko'").await;
    page.says("연결").await;
    browser.close().await;
}

#[tokio::test]
async fn a_refusal_is_said_in_the_servers_words() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/reject?status=403")).await;
    page.says("403: Rejected with 403 Forbidden, as requested.").await;
    page.is("failed").await;
    // A connection that ends at once is not taken for a server that is away.
    page.goes_to(&server.ws("/abort")).await;
    page.is("waiting").await;
    page.comes_true("return !document.body.innerText.includes('No response from')").await;
    browser.close().await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_moves_what_is_shown_and_can_be_left_and_cleared() {
    let (server, browser, page) = connected().await;
    // Each ends: what a browser hoards of an endless one may take it a minute to pass on.
    for (size, count) in [("32B", 50_000), ("1KiB", 50_000), ("1MiB", 200)] {
        page.clicks_connect().await;
        page.is("closed").await;
        page.goes_to(&server.ws(&format!("/stream?rate=max&size={size}&count={count}"))).await;
        page.run(ENDURE).await;
        page.comes_true("return window.isLeft").await;
        page.is("closed").await;
        page.clicks("button.clear").await;
        page.says("rows cleared.").await;
        page.clicks(".cleared .forget").await;
        page.comes_true("return document.querySelector('.cleared, .entry:not([hidden])') === null")
            .await;
        page.goes_to(&server.ws("/echo")).await;
        page.is("open").await;
        page.fills(size).await;
        page.clicks_send().await;
        page.sees("received", size).await;
    }
    browser.close().await;
}
