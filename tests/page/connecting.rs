//! The page as a person uses it: a real browser, the served page, the real server.

use harness::{connected, keys};

/// The Enter key, as WebDriver writes it.

#[tokio::test]
async fn a_person_types_and_sees_the_answer() {
    let (_server, _browser, page) = connected().await;
    page.types("hi").await;
    page.clicks_send().await;
    page.sees("sent", "hi").await;
    page.sees("received", "Echo: hi").await;
    assert_eq!(page.draft().await, "", "the box is emptied");
    assert!(page.box_has_focus().await, "and keeps the focus");

    page.types("안녕 🙂").await;
    page.presses_enter().await;
    page.sees("received", "Echo: 안녕 🙂").await;
    assert_eq!(page.draft().await, "");
    assert!(page.box_has_focus().await);
}

#[tokio::test]
async fn typing_can_begin_at_once() {
    let (_server, _browser, page) = connected().await;
    assert!(page.box_has_focus().await);
}

#[tokio::test]
async fn shift_enter_breaks_the_line() {
    let (_server, _browser, page) = connected().await;
    // Shift, Enter, and Shift released.
    page.types("one\u{e008}\u{e007}\u{e000}two").await;
    page.presses_enter().await;
    page.sees("received", "Echo: one↵two").await;
}

#[tokio::test]
async fn markup_in_a_message_stays_text() {
    let (_server, _browser, page) = connected().await;
    let markup = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script><b>bold</b>";
    page.types(markup).await;
    page.presses_enter().await;
    page.sees("sent", markup).await;
    page.sees("received", &format!("Echo: {markup}")).await;
    let elements =
        page.run("return document.querySelectorAll('.panes img, .panes script, .panes b').length");
    assert_eq!(elements.await, 0);
    assert_eq!(page.run("return document.title").await, "WebSocket Workbench");
}

#[tokio::test]
async fn an_empty_message_is_sent_only_by_intent() {
    let (_server, _browser, page) = connected().await;
    page.presses_enter().await;
    page.clicks_send().await;
    page.shows("The message is empty.").await;
    page.clicks("[role=combobox]").await;
    page.lacks(".send-empty").await;
    page.clicks_send().await;
    page.shows("The message is empty.").await;
    assert_eq!(page.messages().await, 0);
    page.clicks("button.send-empty").await;
    page.sees("sent", "").await;
    page.sees("received", "Echo: ").await;
    assert_eq!(page.messages().await, 2, "one out, one in");
    assert!(page.box_has_focus().await);
}

#[tokio::test]
async fn a_disconnect_loses_nothing_and_is_not_undone() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["kept"]).await;
    page.types("half a sen").await;
    page.disconnects().await;
    page.shows("1000 (normal closure)").await;
    assert_eq!(page.connect_label().await, "Connect");
    assert!(!page.can_send().await);
    assert_eq!(page.draft().await, "half a sen");
    page.clicks_send().await;
    page.has("button.connect-and-send").await;
    page.types("tence").await;
    page.presses_enter().await;
    assert_eq!(page.draft().await, "half a sentence", "what cannot be sent stays");
    page.clicks_connect().await;
    page.has_state("open").await;
    page.clicks_send().await;
    page.sees("received", "Echo: half a sentence").await;
    page.sees("received", "Echo: kept").await;
}

#[tokio::test]
async fn a_stopped_server_is_said_and_its_return_is_noticed() {
    let (server, _browser, page) = connected().await;
    page.sends(&["before"]).await;
    page.types("a draft").await;

    let stopped = server.stop().await;
    page.has_state("waiting").await;
    page.shows("1001 (going away").await;
    page.shows("Reconnecting in").await;
    assert!(!page.can_send().await);

    let server = stopped.restart();
    page.has_state("open").await;
    assert_eq!(page.draft().await, "a draft");
    page.clicks_send().await;
    page.sees("received", "Echo: a draft").await;
    page.sees("received", "Echo: before").await;
    drop(server);
}

#[tokio::test]
async fn retries_can_be_stopped_and_taken_up_again() {
    let (server, _browser, page) = connected().await;
    let stopped = server.stop().await;
    // The first retries fail: the page says what to try.
    page.shows("Is the server running?").await;
    page.stops_retrying().await;
    page.has_state("failed").await;
    assert_eq!(page.connect_label().await, "Connect");
    let server = stopped.restart();
    page.clicks_connect().await;
    page.has_state("open").await;
    drop(server);
}

const NEWEST_IS_IN_VIEW: &str = "
    const list = document.querySelector('.scroller');
    const newest = [...document.querySelectorAll('.entry:not([hidden])')].at(-1);
    return list.scrollHeight - list.scrollTop - list.clientHeight <= 1
        && newest.getBoundingClientRect().bottom <= list.getBoundingClientRect().bottom + 1";

#[tokio::test]
async fn a_slow_scroll_up_leaves_the_end_of_a_stream() {
    let (server, _browser, page) = connected().await;
    page.connects_to(&server.ws("/stream?rate=100/s")).await;
    page.counts_at_least("received", 50).await;
    page.run(
        "const list = document.querySelector('.scroller');
         let frames = 0;
         const step = () => { list.scrollTop -= 10; if (++frames < 6) requestAnimationFrame(step) };
         step()",
    )
    .await;
    page.has(".to-newest").await;
}

#[tokio::test]
async fn the_newest_message_is_in_view_unless_the_person_scrolled_up() {
    let (_server, _browser, page) = connected().await;
    for number in 0..20 {
        page.types(&format!("message {number}")).await;
        page.presses_enter().await;
    }
    page.sees("received", "Echo: message 19").await;
    page.waits_for(NEWEST_IS_IN_VIEW).await;
    page.run("document.querySelector('.scroller').scrollTop = 0").await;
    page.waits_for("return document.querySelector('.scroller').scrollTop === 0").await;
    page.types("one more").await;
    page.presses_enter().await;
    page.shows("2 new").await;
    assert_eq!(page.run(NEWEST_IS_IN_VIEW).await, false, "what is read does not scroll away");
}

#[tokio::test]
async fn the_keyboard_never_loses_its_place() {
    let (server, _browser, page) = connected().await;
    let has_focus =
        |class: &str| format!("return document.activeElement.className.includes('{class}')");
    // From the box back over the list to the button.
    page.focuses("button.connect").await;
    page.presses(keys::ENTER).await;
    page.has_state("closed").await;
    page.waits_for(&has_focus("connect")).await;
    page.presses(keys::ENTER).await;
    page.has_state("open").await;
    page.waits_for(&has_focus("connect")).await;

    server.stop().await;
    page.has_state("waiting").await;
    page.focuses("button.retry").await;
    // Retries come and go under it.
    page.waits_for(&has_focus("connect")).await;
}

#[tokio::test]
async fn a_flood_leaves_the_page_alive_and_small() {
    let (_server, _browser, page) = connected().await;
    // Through the box and the form, as a person would, only faster.
    let script = "
        const box = document.querySelector('textarea');
        for (let number = 0; number < 3000; number++) {
          box.value = `flood ${number}`;
          box.dispatchEvent(new Event('input', { bubbles: true }));
          box.form.requestSubmit();
        }";
    page.run(script).await;
    page.counts("received", 3_000).await;
    page.sees("received", "Echo: flood 2999").await;
    page.sends(&["still here"]).await;
    let elements = page.run("return document.querySelectorAll('*').length").await;
    assert!(elements.as_u64().unwrap() < 1_000, "{elements}");
    // Nothing was let go: the first row is where it was.
    page.run("document.querySelector('.scroller').scrollTop = 0").await;
    page.sees("sent", "flood 0").await;
}

#[tokio::test]
async fn scripts_that_are_not_the_pages_own_do_not_run() {
    let (_server, _browser, page) = connected().await;
    let inject = "
        const script = document.createElement('script');
        script.textContent = 'window.injected = true';
        document.body.append(script);
        return window.injected === undefined";
    assert_eq!(page.run(inject).await, true);
}

#[tokio::test]
async fn every_file_of_the_page_is_served_with_its_type() {
    let (_server, _browser, page) = connected().await;
    let types = page
        .run(
            "const files = performance.getEntriesByType('resource')
               .map(entry => new URL(entry.name))
               .filter(url => url.origin === location.origin);
             return Promise.all(files.map(async url => {
               const answer = await fetch(url);
               const kind = url.pathname.split('.').pop();
               return `${kind} ${answer.status} ${answer.headers.get('content-type')}`;
             }))",
        )
        .await;
    let types: Vec<_> =
        types.as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
    for expected in ["css 200 text/css", "js 200 text/javascript", "wasm 200 application/wasm"] {
        assert!(types.contains(&expected), "{expected} in {types:?}");
    }
}
