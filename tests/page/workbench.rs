//! The workbench as a person uses it, a paragraph of its promises at a time: connect, read, find,
//! look closely, and peers that mean no good. A real browser, the served page, the test endpoints.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{Browser, Server, connected, connected_to, flooded_by, keys, soon};
use tokio::{net::TcpListener, time::sleep};
use tokio_tungstenite::{accept_async, tungstenite::Message};

use crate::keeping::{keeps, runs_first_in_workers};

/// Bytes of a flood, in MB.
const FLOOD: f64 = 48.0;

/// Polling interval of memory.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_connection_is_closed_with_a_chosen_code_and_reason() {
    let (_server, _browser, page) = connected().await;
    page.clicks("button.with-code").await;
    page.enters(".panel .code", "4001").await;
    page.enters(".panel .reason", "enough for today").await;
    page.clicks(".panel .submit").await;
    page.has_state("closed").await;
    // The server answers with the code that it got.
    page.shows("4001").await;
    page.shows("enough for today").await;
}

#[tokio::test]
async fn what_a_close_code_means_is_said_in_words() {
    let (_server, _browser, page) = connected_to("/close?code=1013&reason=later&after=1").await;
    page.has_state("open").await;
    page.types("go").await;
    page.presses_enter().await;
    page.shows("1013 (try again later): later").await;
}

#[tokio::test]
async fn a_connection_that_comes_back_says_for_how_long_it_was_gone() {
    let (server, _browser, page) = connected().await;
    page.sends(&["before"]).await;
    let url = server.ws("/ws");
    let stopped = server.stop().await;
    page.has_state("waiting").await;
    let _server = stopped.restart();
    page.has_state("open").await;
    page.shows(&format!("Reconnected to {url} after")).await;
    page.sees("received", "Echo: before").await;
}

#[tokio::test]
async fn the_page_is_whole_after_many_changes_of_tab_and_language() {
    let (_server, _browser, page) = connected().await;
    for turn in 1..=4 {
        page.clicks("button.add").await;
        page.has_count(".tab", turn + 1).await;
        page.has_state("idle").await;
        for (language, send) in [("ko", "전송"), ("en", "Send")] {
            page.selects(".language select", language).await;
            page.reads(".send", send).await;
        }
    }
}

#[tokio::test]
async fn tabs_keep_their_own_list_draft_and_connection() {
    let (server, _browser, page) = connected().await;
    page.sends(&["first tab"]).await;
    page.types("half a thought").await;
    page.opens_tab().await;
    assert_eq!(page.draft().await, "");
    page.connects_to(&server.ws("/echo")).await;
    page.types("second tab").await;
    page.presses_enter().await;
    page.sees("received", "second tab").await;

    page.clicks(".tab:first-child [role=tab]").await;
    page.sees("received", "Echo: first tab").await;
    assert_eq!(page.draft().await, "half a thought");
    page.has_state("open").await;

    page.clicks(".tab:first-child .close").await;
    page.sees("received", "second tab").await;
    page.clicks(".closed-tab .undo").await;
    page.sees("received", "Echo: first tab").await;
    assert_eq!(page.draft().await, "half a thought", "it comes back as it was");

    page.clicks("button.add").await;
    page.shows("Press Connect, or enter another address.").await;
}

#[tokio::test]
async fn in_a_low_window_the_list_lies_over_nothing() {
    let (_server, _browser, page) = connected().await;
    page.resize(1280, 800).await;
    page.sends(&["hi"]).await;
    let has_its_place =
        "const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
        return edge('.scroller', 'bottom') <= edge('.composer', 'top')
            && edge('.scroller', 'top') >= edge('.list-status', 'bottom')
            && document.documentElement.scrollHeight <= innerHeight";
    for unfold in [".unfold-measure", ".entry[data-direction=received]", ".pin"] {
        page.clicks(unfold).await;
        page.has(".measured .readout").await;
        page.waits_for(has_its_place).await;
    }
}

#[tokio::test]
async fn what_is_looked_for_is_listed_and_marked_while_more_comes() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["apple", "pear"]).await;
    page.enters(".find input", "PEAR").await;
    page.shows("2 of 5 rows").await;
    page.reads(".entry mark", "pear").await;
    page.sends(&["pearl"]).await;
    page.shows("4 of 7 rows").await;
    page.clicks(".toggle[title='Match case']").await;
    page.shows("0 of 7 rows").await;
    page.shows("No matches.").await;
    page.clicks(".toggle[title='Regular expression']").await;
    page.enters(".find input", "(").await;
    page.shows("This is not a regular expression").await;
    page.enters(".find input", "^(apple|pearl)$").await;
    page.shows("2 of 7 rows").await;
}

#[tokio::test]
async fn a_pause_loses_nothing_and_a_clear_can_be_undone() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["before"]).await;
    page.clicks("button.pause").await;
    page.submits("meanwhile").await;
    page.shows("Paused: 2 new").await;
    page.has(".list-status.paused").await;
    page.reads("button.pause", "Resume list").await;
    let is_listed = "return document.querySelector('.messages').innerText.includes('meanwhile')";
    assert_eq!(page.run(is_listed).await, false);
    page.clicks("button.pause").await;
    page.sees("received", "Echo: meanwhile").await;

    page.clicks("button.clear").await;
    page.shows("5 rows cleared.").await;
    assert_eq!(page.run(is_listed).await, false);
    // A list that stays empty says why.
    page.lacks(".empty").await;
    page.clicks("button.pause").await;
    page.submits("unseen").await;
    page.reads(".empty", "The list is paused. Press Resume list to see what is new.").await;
    page.clicks("button.pause").await;
    page.sees("received", "Echo: unseen").await;
    page.clicks(".cleared .undo").await;
    page.sees("received", "Echo: meanwhile").await;
    page.sees("received", "Echo: before").await;
}

#[tokio::test]
async fn a_message_is_looked_at_pinned_sent_again_and_edited() {
    let (_server, _browser, page) = connected().await;
    page.sends(&[r#"{"user": 42}"#]).await;
    page.clicks(".entry[data-direction=sent]").await;
    // JSON is shown as such at once.
    page.reads(".detail [role=tab][aria-selected=true]", "JSON").await;
    page.shows("\"user\"").await;
    page.clicks("button.pin").await;
    page.reads(".pins .payload", r#"{"user": 42}"#).await;
    page.clicks("button.send-again").await;
    page.counts("sent", 2).await;
    page.clicks("button.edit").await;
    page.has_value("textarea", r#"{"user": 42}"#).await;
    page.clicks("button.clear").await;
    page.clicks(".cleared .forget").await;
    page.reads(".pins .payload", r#"{"user": 42}"#).await;
}

#[tokio::test]
async fn the_outline_of_json_is_indented() {
    let (_server, _browser, page) = connected().await;
    page.submits(r#"{"user": [42]}"#).await;
    page.clicks(".entry[data-direction=sent]").await;
    page.waits_for(
        "const left = [...document.querySelectorAll('.rows .row')].slice(0, 3).map(row =>
           row.querySelector('span').getBoundingClientRect().left);
         return left.length === 3 && left[0] < left[1] && left[1] < left[2]",
    )
    .await;
}

#[tokio::test]
async fn the_list_is_walked_by_keyboard() {
    let (server, _browser, page) = connected().await;
    page.sends(&["one", "two"]).await;
    page.focuses(".scroller").await;
    let chosen = ".entry[aria-selected=true] .payload";
    page.presses(keys::UP).await; // arrow up: the newest
    page.reads(chosen, "Echo: two").await;
    page.presses(keys::UP).await;
    page.reads(chosen, "two").await;
    page.presses(keys::HOME).await;
    page.reads(chosen, &format!("Connected to {}", server.ws("/ws"))).await;
    page.presses(keys::END).await;
    page.reads(chosen, "Echo: two").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".entry[aria-selected=true]").await;
    page.lacks(".detail").await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_list_is_scrolled_from_end_to_end() {
    let (_server, _browser, page) = flooded_by("/stream?rate=max&count=50000&size=32").await;
    page.counts("received", 50_000).await;
    page.run("document.querySelector('.scroller').scrollTop = 0").await;
    let first =
        "return document.querySelector('.entry[data-direction=received] .payload').textContent";
    page.waits_for(&format!("{first}.startsWith('0')")).await;
    page.shows("Jump to newest").await;
    // Wherever one looks, a row is as far from the message before it as it should be.
    for part in ["1", "0.37", "0.5001", "0.871"] {
        page.run(&format!(
            "const list = document.querySelector('.scroller');
             list.scrollTop = {part} * (list.scrollHeight - list.clientHeight)",
        ))
        .await;
        page.waits_for(
            "const list = document.querySelector('.scroller').getBoundingClientRect();
             const rows = [...document.querySelectorAll('.entry[data-direction=received]:not([hidden])')]
                .map(it => ({ top: it.getBoundingClientRect().top, text: it.querySelector('.payload').textContent }))
                .filter(it => it.top >= list.top && it.top < list.bottom)
                .map(it => it.top - 28 * parseInt(it.text, 10));
             return rows.length > 5 && Math.max(...rows) - Math.min(...rows) < 1",
        )
        .await;
    }
    page.clicks("button.to-newest").await;
    page.waits_for("return [...document.querySelectorAll('.entry:not([hidden])')].at(-1).textContent.includes('Closed')")
        .await;
    let elements = page.run("return document.querySelectorAll('*').length").await;
    assert!(elements.as_u64().unwrap() < 1_000, "{elements}");
}

#[tokio::test]
async fn a_huge_message_is_shown_in_part_and_says_so() {
    const SIZE: usize = 50 << 20;
    let (_server, _browser, page) = connected().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let peer = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = accept_async(stream).await.unwrap();
        socket.send(Message::text("가".repeat(SIZE / 3))).await.unwrap();
        // Until the page has done with it.
        while let Some(Ok(_)) = socket.next().await {}
    });
    page.clicks_connect().await;
    page.goes_to(&url).await;
    page.counts("received", 1).await;
    page.clicks(".entry[data-direction=received]").await;
    page.shows("Showing the first 256 KiB of 50 MiB, to stay fast. Copy copies the first 16 MiB.")
        .await;
    page.run("navigator.clipboard.writeText = async text => { window.copied = text.length }").await;
    page.clicks(".detail-actions button").await;
    page.shows("Copied the first 16 MiB. The message is larger.").await;
    assert_eq!(page.run("return window.copied").await, (16 << 20) / 3);
    page.disconnects().await;
    peer.await.unwrap();
}

#[tokio::test]
async fn a_server_that_closes_at_once_is_asked_less_and_less_often() {
    let (server, _browser, page) = connected_to("/close?code=1012&after=0s").await;
    page.has_state("waiting").await;
    page.shows("1012 (service restart)").await;
    // A second and a third time, as the list says.
    page.waits_for(
        "return [...document.querySelectorAll('.entry')]
           .filter(entry => entry.textContent.includes('1012')).length >= 3",
    )
    .await;
    page.stops_retrying().await;
    page.has_state("closed").await;
    drop(server);
}

#[tokio::test]
async fn the_page_survives_peers_that_break_the_protocol() {
    let (server, _browser, page) = connected().await;
    for fault in ["masked-frame", "reserved-opcode", "invalid-utf8", "corrupt-deflate"] {
        page.clicks_connect().await;
        page.goes_to(&server.ws(&format!("/fault/{fault}"))).await;
        // Lost: it will be tried again, and is lost again.
        page.has_state("waiting").await;
        page.stops_retrying().await;
        page.has_state("closed").await;
    }
    page.connects_to(&server.ws("/ws")).await;
    page.sends(&["still here"]).await;
}

#[tokio::test]
async fn a_server_that_never_answers_can_be_left() {
    let (_server, _browser, page) = connected_to("/hang?stage=handshake").await;
    page.has_state("connecting").await;
    page.disconnects().await;
}

#[tokio::test]
async fn a_worker_that_does_not_answer_is_stopped_and_another_goes_on_with_its_list() {
    let (_server, browser, page) = connected().await;
    page.sends(&["before"]).await;
    keeps(&page, "Echo: before").await;
    browser.keeps_workers_busy().await;
    page.shows("has not responded for 3 seconds").await;
    // In the background, too.
    page.clicks("button.add").await;
    page.has(".tab:first-child .stuck-mark[aria-label='not responding']").await;
    page.clicks(".tab:first-child [role=tab]").await;
    page.clicks(".notices .stop-worker").await;
    page.lacks(".stuck-mark").await;
    page.shows("The connection was stopped because the tab did not respond.").await;
    page.has_state("idle").await;
    page.sees("received", "Echo: before").await;
    page.clicks_connect().await;
    page.has_state("open").await;
    page.sends(&["after"]).await;
    keeps(&page, "Echo: after").await;
    page.reloads().await;
    page.sees("received", "Echo: before").await;
    page.sees("received", "Echo: after").await;
}

#[tokio::test]
async fn the_notice_of_a_silent_worker_goes_when_it_answers_or_its_connection_is_closed() {
    let (_server, _browser, page) = connected().await;
    let silence = "const post = window.post ??= Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, ...rest) {
            if (message !== true) post.call(this, message, ...rest);
        }";
    let notice = ".notices .stop-worker";
    page.run(silence).await;
    page.has(notice).await;
    // The ping that was lost is not the last one.
    page.run("Worker.prototype.postMessage = window.post").await;
    page.lacks(notice).await;
    page.run(silence).await;
    page.has(notice).await;
    page.disconnects().await;
    page.lacks(notice).await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_stopped_in_the_middle() {
    let (_server, _browser, page) = flooded_by("/stream?rate=5000/s").await;
    page.has_state("open").await;
    page.counts_at_least("received", 10_000).await;
    page.disconnects().await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_lags_behind_goes_on_through_the_server() {
    let (server, browser, page) = connected().await;
    browser.holds_probes().await;
    page.goes_to(&server.ws("/stream?rate=5000/s&size=32")).await;
    page.shows("messages arrived faster than the browser can handle").await;
    page.clicks(".notices .relay").await;
    // What is left of the flood is passed on first.
    page.has_state("connecting").await;
    browser.answers_probes().await;
    page.reads(".agreed", "through this server").await;
    // Past what would close a connection of the browser.
    let before = page.messages().await;
    page.counts_at_least("received", before + 10_000).await;
    page.has_state("open").await;
    page.disconnects().await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_notice_of_a_flood_is_about_its_connection_alone() {
    let (server, browser, page) = connected().await;
    let flood = server.ws("/stream?rate=5000/s&size=32");
    browser.holds_probes().await;
    page.goes_to(&flood).await;
    page.contains(".status", "Disconnected by the page: messages arrived faster").await;
    page.has(".notices .relay").await;
    page.goes_to(&server.ws("/ws")).await;
    browser.answers_probes().await;
    page.has_state("open").await;
    page.lacks(".notices .notice").await;

    browser.holds_probes().await;
    page.goes_to(&flood).await;
    page.has(".notices .relay").await;
    page.enters("[role=combobox]", &server.ws("/slow")).await;
    // The suggestions may cover it.
    page.clicks_text(".notices .relay", "Connect through this server").await;
    page.has_value("[role=combobox]", &flood).await;
    browser.answers_probes().await;
    page.reads(".agreed", "through this server").await;
    page.disconnects().await;
}

// The server floods, and must not keep this test waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_of_a_flood_comes_back_once_it_is_cleared() {
    let (_server, browser, page) = flooded_by("/stream?rate=max&count=48000&size=1KiB").await;
    page.counts("received", 48_000).await;
    page.has_state("closed").await;
    let full = browser.page_memory().private;
    page.clicks("button.clear").await;
    page.clicks(".cleared .forget").await;
    page.counts("received", 0).await;
    soon("half of the memory", async {
        while full - browser.page_memory().private < FLOOD / 2.0 {
            sleep(POLL_INTERVAL).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_engine_that_fails_is_replaced_and_one_that_fails_again_is_not() {
    let (server, browser, page) = connected().await;
    page.sends(&["before"]).await;
    keeps(&page, "Echo: before").await;
    browser.fails_in_workers().await;
    page.shows("failed (Uncaught Error: as in a test) and was restarted").await;
    page.has_state("idle").await;
    page.sees("received", "Echo: before").await;
    page.connects_to(&server.ws("/ws")).await;
    page.sends(&["after"]).await;
    browser.fails_in_workers().await;
    page.shows("stopped (Uncaught Error: as in a test). Open a new connection").await;
    page.has_state("idle").await;
}

#[tokio::test]
async fn what_a_failed_engine_did_not_finish_is_told() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    runs_first_in_workers(&browser, "Blob.prototype.arrayBuffer = () => new Promise(() => {})")
        .await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    let file = tempfile::NamedTempFile::with_suffix("-held.jsonl").unwrap();
    page.uploads(".file-button input", file.path()).await;
    page.clicks_send().await;
    page.lacks(".file-chip").await;
    browser.fails_in_workers().await;
    page.shows("File not sent").await;
    page.has(".file-chip").await;

    page.imports(file.path()).await;
    page.has_count("[role=tab]", 2).await;
    browser.fails_in_workers().await;
    page.shows("-held.jsonl did not finish. Import it again.").await;
}
