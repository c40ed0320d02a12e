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
    page.has_state("open").await;
    (server, browser, page)
}

#[tokio::test]
async fn a_message_is_sent_and_its_echo_listed_and_inspected() {
    let (_server, _browser, page) = connected().await;
    page.types("hi").await;
    page.presses_enter().await;
    page.sees("sent", "hi").await;
    page.sees("received", "Echo: hi").await;
    page.clicks(".entry[data-direction=received]:not([hidden]) .payload").await;
    page.contains(".detail", "Echo: hi").await;
}

#[tokio::test]
async fn a_reload_restores_the_list_and_connects_again() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["before"]).await;
    keeps(&page, "Echo: before").await;
    page.reloads().await;
    page.sees("received", "Echo: before").await;
    page.has_state("open").await;
}

#[tokio::test]
async fn a_list_is_imported() {
    let (_server, _browser, page) = connected().await;
    page.imports_file("list.har", har(ENTRIES).to_string()).await;
    page.shows(&format!("Imported {} rows", ENTRIES + 1)).await;
}

#[tokio::test]
async fn the_page_speaks_korean() {
    let (_server, _browser, page) = connected().await;
    page.selects(".language select", "ko").await;
    page.has("html[lang=ko]").await;
    page.shows("연결").await;
}

#[tokio::test]
async fn a_refusal_is_said_in_the_servers_words() {
    let (server, _browser, page) = connected().await;
    page.goes_to(&server.ws("/reject?status=403")).await;
    page.shows("403: Rejected with 403 Forbidden, as requested.").await;
    page.has_state("failed").await;
    // A connection that ends at once is not taken for a server that is away.
    page.goes_to(&server.ws("/abort")).await;
    page.has_state("waiting").await;
    page.waits_for("return !document.body.innerText.includes('No response from')").await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_moves_what_is_shown_and_can_be_left_and_cleared() {
    let (server, _browser, page) = connected().await;
    // Each ends: what a browser hoards of an endless one may take it a minute to pass on.
    for (size, count) in [("32B", 50_000), ("1KiB", 50_000), ("1MiB", 200)] {
        page.disconnects().await;
        page.goes_to(&server.ws(&format!("/stream?rate=max&size={size}&count={count}"))).await;
        page.run(ENDURE).await;
        page.waits_for("return window.isLeft").await;
        page.has_state("closed").await;
        page.clicks("button.clear").await;
        page.shows("rows cleared.").await;
        page.clicks(".cleared .forget").await;
        page.lacks(".cleared, .entry:not([hidden])").await;
        page.connects_to(&server.ws("/echo")).await;
        page.submits(size).await;
        page.sees("received", size).await;
    }
}
