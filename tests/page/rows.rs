//! Reading: rows of the list and what is done with them, and the views of one message.

use harness::{Browser, Page, Server, connected};
use serde_json::json;

/// Keeps the text that is copied in `window.copied`.
async fn catches_copies(page: &Page) {
    page.run("navigator.clipboard.writeText = async text => { window.copied = text }").await;
}

async fn copied(page: &Page, text: &str) {
    page.comes_true(&format!("return window.copied === {}", json!(text))).await;
    page.run("window.copied = undefined").await;
}

/// Sends texts to an endpoint that answers with the same.
async fn echoed(texts: &[&str]) -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.resize(1280, 800).await;
    page.clicks_connect().await;
    page.is("closed").await;
    page.goes_to(&server.ws("/echo")).await;
    page.is("open").await;
    for text in texts {
        page.fills(text).await;
        page.clicks_send().await;
    }
    page.comes_true(&format!(
        "return document.querySelector('[data-count=received]').textContent === '{}'",
        texts.len()
    ))
    .await;
    catches_copies(&page).await;
    (server, browser, page)
}

/// Moves the pointer over the newest row of `direction`.
async fn points_at(page: &Page, direction: &str) {
    page.run(&format!(
        "[...document.querySelectorAll('.entry[data-direction={direction}]:not([hidden])')].at(-1)
            .dispatchEvent(new MouseEvent('mouseenter'))"
    ))
    .await;
    page.comes_true(
        "return getComputedStyle(document.querySelector('.row-actions')).opacity === '1'",
    )
    .await;
}

/// Points at the newest row of `direction` and clicks, in one step: what comes above the list moves the rows
/// under the pointer.
async fn acts_on(page: &Page, direction: &str, action: &str) {
    page.run(&format!(
        "[...document.querySelectorAll('.entry[data-direction={direction}]:not([hidden])')].at(-1)
            .dispatchEvent(new MouseEvent('mouseenter'));
         document.querySelector('.row-actions [aria-label=\"{action}\"]').click()"
    ))
    .await;
}

#[tokio::test]
async fn a_row_under_the_pointer_is_copied_sent_again_and_pinned() {
    let (_server, browser, page) = echoed(&["\u{202e}live\u{202c}\u{1b}"]).await;
    let places = "return JSON.stringify([...document.querySelectorAll('.entry:not([hidden]) *')]
        .map(it => it.getBoundingClientRect().toJSON()))";
    let before = page.run(places).await;
    points_at(&page, "received").await;
    assert_eq!(page.run(places).await, before, "nothing moves");
    let is_over_it = "const rect = it => document.querySelector(it).getBoundingClientRect();
        const rows = [...document.querySelectorAll('.entry[data-direction=received]:not([hidden])')];
        const row = rows.at(-1).getBoundingClientRect();
        return Math.abs(rect('.row-actions').top - row.top) <= 2";
    page.comes_true(is_over_it).await;
    page.clicks(".row-actions [aria-label='Copy message']").await;
    copied(&page, "\u{202e}live\u{202c}\u{1b}").await;
    page.sees("received", "⟨RLO⟩live⟨PDF⟩␛").await;
    acts_on(&page, "received", "Pin message").await;
    page.comes_true("return document.querySelector('.pins [data-direction=received]') !== null")
        .await;
    // As in the list.
    page.comes_true(
        "const left = it => document.querySelector(it).getBoundingClientRect().left;
         return ['time', '.size', '.direction', '.payload']
            .every(part => left('.pins ' + part) === left('.entry:not([hidden]) ' + part))",
    )
    .await;
    acts_on(&page, "sent", "Send message again").await;
    page.comes_true("return document.querySelector('[data-count=sent]').textContent === '2'").await;
    browser.close().await;
}

#[tokio::test]
async fn a_row_is_copied_and_acted_on_by_keys() {
    let (_server, browser, page) = echoed(&["one", "two"]).await;
    page.run("document.querySelector('.scroller').focus()").await;
    page.presses("\u{e013}").await;
    page.comes_true("return document.querySelector('.entry[aria-selected=true]') !== null").await;
    page.presses("\u{e009}c\u{e000}").await;
    copied(&page, "two").await;
    page.presses("\u{e004}").await;
    page.comes_true("return document.activeElement.ariaLabel === 'Copy message'").await;
    page.comes_true(
        "return getComputedStyle(document.querySelector('.row-actions')).opacity === '1'",
    )
    .await;
    page.presses("\u{e004}").await;
    page.presses("\u{e004}").await;
    page.presses("\u{e007}").await;
    page.comes_true("return document.querySelector('.pins .payload')?.textContent === 'two'").await;
    page.comes_true("return document.activeElement.ariaPressed === 'true'").await;
    // An event is copied as its sentence.
    page.run("document.querySelector('.scroller').focus()").await;
    page.presses("\u{e011}").await;
    let selected = "document.querySelector('.entry[aria-selected=true][data-direction=event]')";
    page.comes_true(&format!("return {selected} !== null")).await;
    let sentence =
        page.run(&format!("return {selected}.querySelector('.payload').textContent")).await;
    page.presses("\u{e009}c\u{e000}").await;
    copied(&page, sentence.as_str().unwrap()).await;
    // Also once its row is far out of view.
    page.run(
        "const box = document.querySelector('textarea');
         for (let sent = 0; sent < 150; sent++) {
             box.value = 'more';
             box.dispatchEvent(new Event('input', { bubbles: true }));
             document.querySelector('button.send').click();
         }",
    )
    .await;
    let count = "return document.querySelector('[data-count=received]').textContent === '152'";
    page.comes_true(count).await;
    page.run("document.querySelector('.scroller').scrollTop = 1e9").await;
    page.comes_true(
        "const shown = [...document.querySelectorAll('.entry:not([hidden])')];
         return shown.length > 3 && shown.every(it => it.dataset.direction !== 'event')",
    )
    .await;
    page.run("document.querySelector('.scroller').focus()").await;
    page.presses("\u{e009}c\u{e000}").await;
    copied(&page, sentence.as_str().unwrap()).await;
    // And once it is not inspected any more.
    page.presses("\u{e00c}").await;
    page.comes_true("return document.querySelector('.detail') === null").await;
    page.presses("\u{e009}c\u{e000}").await;
    copied(&page, sentence.as_str().unwrap()).await;
    browser.close().await;
}

#[tokio::test]
async fn rows_are_low_by_choice_and_stay_so() {
    let (_server, browser, page) = echoed(&["one", "two"]).await;
    let are_high = |pixels: u32| {
        format!(
            "const rows = [...document.querySelectorAll('.entry:not([hidden])')]
                .map(it => it.getBoundingClientRect());
             return rows.length > 3 && rows.every((row, at) =>
                row.height === {pixels} && (at === 0 || row.top - rows[at - 1].top === {pixels}))"
        )
    };
    page.comes_true(&are_high(28)).await;
    page.chooses(".row-height", "compact").await;
    page.comes_true(&are_high(22)).await;
    page.comes_true(
        "return parseInt(document.querySelector('.scroller .space').style.height) % 22 === 0",
    )
    .await;
    page.reloads().await;
    page.comes_true(&are_high(22)).await;
    browser.close().await;
}

#[tokio::test]
async fn connections_are_told_apart_and_what_was_received_is_tinted() {
    let (_server, browser, page) = echoed(&["one"]).await;
    page.comes_true(
        "const ended = document.querySelector('.entry[data-kind=ended]');
         return getComputedStyle(ended, '::after').borderBottomWidth === '1px'",
    )
    .await;
    let color = |direction: &str| {
        format!(
            "getComputedStyle(document.querySelector('.entry[data-direction={direction}]')).backgroundColor"
        )
    };
    page.comes_true(&format!("return {} !== {}", color("sent"), color("received"))).await;
    browser.close().await;
}

const LEFT: &str = "\u{e012}";
const RIGHT: &str = "\u{e014}";

/// Sends `text` to `/ws` and opens its echo.
async fn opened_echo(text: &str) -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.resize(1280, 800).await;
    page.fills(text).await;
    page.clicks_send().await;
    catches_copies(&page).await;
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.comes_true("return document.querySelector('.detail-panel > *') !== null").await;
    (server, browser, page)
}

#[tokio::test]
async fn json_behind_a_prefix_is_json_with_a_value_and_a_path_to_copy() {
    let text = r#"{"items": [{"a b": "x"}, true], "n": 1}"#;
    let (_server, browser, page) = opened_echo(text).await;
    page.comes_true("return document.querySelector('.entry .prefix')?.textContent === 'Echo: '")
        .await;
    page.sees("received", &format!("Echo: {text}")).await;
    page.comes_true(
        "return document.querySelector('#detail-tab-json[aria-selected=true]') !== null
            && document.querySelector('.json-prefix').textContent === 'Echo: '",
    )
    .await;
    // Colors by type.
    page.comes_true(
        "const color = it => getComputedStyle(document.querySelector('.json-row ' + it)).color;
         return new Set(['.string', '.number', '.word', '.bracket'].map(color)).size === 4",
    )
    .await;
    // Its path is beside what copies it.
    page.comes_true(
        "const middle = it => {
             const { top, bottom } = document.querySelector(it).getBoundingClientRect();
             return (top + bottom) / 2;
         };
         return Math.abs(middle('.json-path') - middle('.copy-path')) < 2",
    )
    .await;
    // By keys: down to the string.
    page.run("document.querySelector('.rows').focus()").await;
    for path in ["$.items", "$.items[0]", r#"$.items[0]["a b"]"#] {
        page.presses("\u{e015}").await;
        page.comes_true(&format!(
            "return document.querySelector('.json-path').textContent === {}",
            json!(path)
        ))
        .await;
    }
    page.presses("\u{e009}c\u{e000}").await;
    copied(&page, r#""x""#).await;
    page.clicks(".copy-path").await;
    copied(&page, r#"$.items[0]["a b"]"#).await;
    // A click selects a row, as the keys above do.
    page.run("[...document.querySelectorAll('.json-row')].find(it => it.textContent.startsWith('\"items\"')).click()")
        .await;
    page.clicks(".copy-value").await;
    copied(&page, r#"[{"a b": "x"}, true]"#).await;
    // Left folds it, and then goes out of it; Right goes back and unfolds it, and then goes into it.
    page.run("document.querySelector('.rows').focus()").await;
    for (key, folded, path) in [
        (LEFT, 1, "$.items"),
        (LEFT, 1, "$"),
        (RIGHT, 1, "$.items"),
        (RIGHT, 0, "$.items"),
        (RIGHT, 0, "$.items[0]"),
    ] {
        page.presses(key).await;
        page.comes_true(&format!(
            "return document.querySelector('.json-path').textContent === '{path}'
                && document.querySelectorAll('.fold[aria-expanded=false]').length === {folded}"
        ))
        .await;
    }
    browser.close().await;
}

#[tokio::test]
async fn long_strings_of_json_wrap() {
    let text = json!({ "long": "한국어 words ".repeat(200), "end": "\u{202e}" }).to_string();
    let (_server, browser, page) = opened_echo(&text).await;
    page.comes_true(
        "const rows = document.querySelector('.rows');
         return document.querySelectorAll('.json-row .string').length > 10
            && rows.scrollWidth <= rows.clientWidth",
    )
    .await;
    let shown = "return [...document.querySelectorAll('.json-row .string')]
        .map(it => it.textContent).join('').includes('words 한국어 words 한국어 words')";
    page.comes_true(shown).await;
    page.run("document.querySelector('.rows').scrollTop = 1e6").await;
    page.says("⟨RLO⟩").await;
    browser.close().await;
}

#[tokio::test]
async fn a_comparison_marks_what_changed_inside_a_line() {
    let (_server, browser, page) = echoed(&["paid 10, due 3", "paid 20, due 3"]).await;
    page.clicks(".entry[data-direction=sent]").await;
    page.says("Edit as new message").await;
    page.run("document.querySelectorAll('.detail-actions button')[1].click()").await;
    page.run("[...document.querySelectorAll('.entry[data-direction=sent]')].at(-1).click()").await;
    page.comes_true(
        "const text = it => document.querySelector('.compare-row ' + it)?.textContent;
         return text('del') === '10' && text('ins') === '20'",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn hexadecimal_shows_its_ascii_and_the_actions_are_in_the_header() {
    let (_server, browser, page) = opened_echo(&"sixteen bytes..\n".repeat(4)).await;
    page.clicks("#detail-tab-hex").await;
    let is_inside = "const rect = it => document.querySelector(it).getBoundingClientRect();
        return rect('.ascii').width > 0
            && rect('.ascii').right <= rect('.rows').right
            && ['.pin', '.send-again', '.edit', '.detail-actions .close'].every(it =>
                rect(it).bottom <= rect('.detail-header').bottom && rect(it).top >= rect('.detail').top)
            && rect('.detail').bottom <= rect('.panes').bottom + 1
            && rect('button.clear').top === rect('button.pause').top";
    page.comes_true(is_inside).await;
    browser.close().await;
}

#[tokio::test]
async fn sizes_read_the_same_in_the_list_and_beside_it() {
    let (_server, browser, page) = opened_echo(&"👩\u{200d}🔬".repeat(4_000)).await;
    page.comes_true(
        "const size = document.querySelector('.entry[data-direction=received] .size').textContent;
         return size === '43 KiB' && document.querySelector('.detail-summary').textContent.includes(size)",
    )
    .await;
    // Blocks of a long line split no emoji, and are not ruled off.
    page.comes_true(
        "const blocks = [...document.querySelectorAll('.block')];
         return blocks.length > 4
            && blocks.every(it => it.textContent.replace('Echo: ', '').replaceAll('👩\u{200d}🔬', '') === '')
            && blocks.every(it => getComputedStyle(it).borderBottomStyle === 'none')",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn signs_of_invisible_characters_are_not_in_what_is_selected() {
    let (_server, browser, page) = opened_echo("a\u{202e}\u{1b}b ␛").await;
    page.comes_true(
        "const signs = [...document.querySelectorAll('.text-view .sign')];
         return document.querySelector('.text-view').textContent === 'Echo: a⟨RLO⟩␛b ␛'
             && signs.map(it => it.textContent).join() === '⟨RLO⟩␛'
             && getComputedStyle(signs[0]).userSelect === 'none'",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn the_view_that_is_chosen_stays_past_events_and_with_its_tab() {
    let (_server, browser, page) = echoed(&["one"]).await;
    let hex =
        "return document.querySelector('.detail-tabs [aria-selected=true]')?.textContent === 'Hex'";
    page.clicks(".entry[data-kind=text]").await;
    page.comes_true("return document.querySelector('.detail-tabs') !== null").await;
    let choose = "[...document.querySelectorAll('.detail-tabs [role=tab]')].find(it => it.textContent === 'Hex').click()";
    page.run(choose).await;
    page.comes_true(hex).await;
    page.clicks(".entry[data-kind=opened]").await;
    page.comes_true("return document.querySelector('.detail-tabs') === null").await;
    page.clicks(".entry[data-kind=text]").await;
    page.comes_true(hex).await;
    page.clicks("button.add").await;
    page.is("idle").await;
    page.clicks(".tab:first-child [role=tab]").await;
    page.comes_true(hex).await;
    browser.close().await;
}
