//! Reading: rows of the list and what is done with them, and the views of one message.

use harness::{Browser, Page, Server, connected, keys};
use serde_json::json;

/// Sends texts to an endpoint that answers with the same.
async fn echoed(texts: &[&str]) -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.resize(1280, 800).await;
    page.disconnects().await;
    page.connects_to(&server.ws("/echo")).await;
    for text in texts {
        page.submits(text).await;
    }
    page.counts("received", texts.len() as u64).await;
    page.catches_copies().await;
    (server, browser, page)
}

const ACTIONS_SHOW: &str =
    "return getComputedStyle(document.querySelector('.row-actions')).opacity === '1'";

/// Moves the pointer over the newest row of `direction`.
async fn points_at(page: &Page, direction: &str) {
    page.run(&format!(
        "[...document.querySelectorAll('.entry[data-direction={direction}]:not([hidden])')].at(-1)
            .dispatchEvent(new MouseEvent('mouseenter'))"
    ))
    .await;
    page.waits_for(ACTIONS_SHOW).await;
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
    let (_server, _browser, page) = echoed(&["\u{202e}live\u{202c}\u{1b}"]).await;
    let places = "return JSON.stringify([...document.querySelectorAll('.entry:not([hidden]) *')]
        .map(it => it.getBoundingClientRect().toJSON()))";
    let before = page.run(places).await;
    points_at(&page, "received").await;
    assert_eq!(page.run(places).await, before, "nothing moves");
    let is_over_it = "const rect = it => document.querySelector(it).getBoundingClientRect();
        const rows = [...document.querySelectorAll('.entry[data-direction=received]:not([hidden])')];
        const row = rows.at(-1).getBoundingClientRect();
        return Math.abs(rect('.row-actions').top - row.top) <= 2";
    page.waits_for(is_over_it).await;
    page.clicks(".row-actions [aria-label='Copy message']").await;
    assert_eq!(page.copied().await, "\u{202e}live\u{202c}\u{1b}");
    page.sees("received", "⟨RLO⟩live⟨PDF⟩␛").await;
    acts_on(&page, "received", "Pin message").await;
    page.has(".pins [data-direction=received]").await;
    // As in the list.
    page.waits_for(
        "const left = it => document.querySelector(it).getBoundingClientRect().left;
         return ['time', '.size', '.direction', '.payload']
            .every(part => left('.pins ' + part) === left('.entry:not([hidden]) ' + part))",
    )
    .await;
    acts_on(&page, "sent", "Send message again").await;
    page.counts("sent", 2).await;
}

#[tokio::test]
async fn a_row_is_copied_and_acted_on_by_keys() {
    let (_server, _browser, page) = echoed(&["one", "two"]).await;
    page.focuses(".scroller").await;
    page.presses(keys::UP).await;
    page.has(".entry[aria-selected=true]").await;
    page.presses(keys::COPY).await;
    assert_eq!(page.copied().await, "two");
    page.presses(keys::TAB).await;
    page.has_focus_on("Copy message").await;
    page.waits_for(ACTIONS_SHOW).await;
    page.presses(keys::TAB).await;
    page.presses(keys::TAB).await;
    page.presses(keys::ENTER).await;
    page.reads(".pins .payload", "two").await;
    page.has_focus("[aria-pressed=true]").await;
    // An event is copied as its sentence.
    page.focuses(".scroller").await;
    page.presses(keys::HOME).await;
    let selected = ".entry[aria-selected=true][data-direction=event]";
    page.has(selected).await;
    let sentence = format!("return document.querySelector('{selected} .payload').textContent");
    let sentence = page.run(&sentence).await;
    page.presses(keys::COPY).await;
    assert_eq!(page.copied().await, sentence.as_str().unwrap());
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
    page.counts("received", 152).await;
    page.run("document.querySelector('.scroller').scrollTop = 1e9").await;
    page.waits_for(
        "const shown = [...document.querySelectorAll('.entry:not([hidden])')];
         return shown.length > 3 && shown.every(it => it.dataset.direction !== 'event')",
    )
    .await;
    page.focuses(".scroller").await;
    page.presses(keys::COPY).await;
    assert_eq!(page.copied().await, sentence.as_str().unwrap());
    // And once it is not inspected any more.
    page.presses(keys::ESCAPE).await;
    page.lacks(".detail").await;
    page.presses(keys::COPY).await;
    assert_eq!(page.copied().await, sentence.as_str().unwrap());
}

#[tokio::test]
async fn rows_are_low_by_choice_and_stay_so() {
    let (_server, _browser, page) = echoed(&["one", "two"]).await;
    let are_high = |pixels: u32| {
        format!(
            "const rows = [...document.querySelectorAll('.entry:not([hidden])')]
                .map(it => it.getBoundingClientRect());
             return rows.length > 3 && rows.every((row, at) =>
                row.height === {pixels} && (at === 0 || row.top - rows[at - 1].top === {pixels}))"
        )
    };
    page.waits_for(&are_high(28)).await;
    page.selects(".row-height", "compact").await;
    page.waits_for(&are_high(22)).await;
    page.waits_for(
        "return parseInt(document.querySelector('.scroller .space').style.height) % 22 === 0",
    )
    .await;
    page.reloads().await;
    page.waits_for(&are_high(22)).await;
}

#[tokio::test]
async fn connections_are_told_apart_and_what_was_received_is_tinted() {
    let (_server, _browser, page) = echoed(&["one"]).await;
    page.waits_for(
        "const ended = document.querySelector('.entry[data-kind=ended]');
         return getComputedStyle(ended, '::after').borderBottomWidth === '1px'",
    )
    .await;
    let color = |direction: &str| {
        format!(
            "getComputedStyle(document.querySelector('.entry[data-direction={direction}]')).backgroundColor"
        )
    };
    page.waits_for(&format!("return {} !== {}", color("sent"), color("received"))).await;
}

/// Sends `text` to `/ws` and opens its echo.
async fn opened_echo(text: &str) -> (Server, Browser, Page) {
    let (server, browser, page) = connected().await;
    page.resize(1280, 800).await;
    page.submits(text).await;
    page.catches_copies().await;
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.has(".detail-panel > *").await;
    (server, browser, page)
}

#[tokio::test]
async fn json_behind_a_prefix_is_json_with_a_value_and_a_path_to_copy() {
    let text = r#"{"items": [{"a b": "x"}, true], "n": 1}"#;
    let (_server, _browser, page) = opened_echo(text).await;
    page.reads(".entry .prefix", "Echo: ").await;
    page.sees("received", &format!("Echo: {text}")).await;
    page.has("#detail-tab-json[aria-selected=true]").await;
    page.reads(".json-prefix", "Echo: ").await;
    // Colors by type.
    page.waits_for(
        "const color = it => getComputedStyle(document.querySelector('.json-row ' + it)).color;
         return new Set(['.string', '.number', '.word', '.bracket'].map(color)).size === 4",
    )
    .await;
    // Its path is beside what copies it.
    page.waits_for(
        "const middle = it => {
             const { top, bottom } = document.querySelector(it).getBoundingClientRect();
             return (top + bottom) / 2;
         };
         return Math.abs(middle('.json-path') - middle('.copy-path')) < 2",
    )
    .await;
    // By keys: down to the string.
    page.focuses(".rows").await;
    for path in ["$.items", "$.items[0]", r#"$.items[0]["a b"]"#] {
        page.presses(keys::DOWN).await;
        page.reads(".json-path", path).await;
    }
    page.presses(keys::COPY).await;
    assert_eq!(page.copied().await, r#""x""#);
    page.clicks(".copy-path").await;
    assert_eq!(page.copied().await, r#"$.items[0]["a b"]"#);
    // A click selects a row, as the keys above do.
    page.run("[...document.querySelectorAll('.json-row')].find(it => it.textContent.startsWith('\"items\"')).click()")
        .await;
    page.clicks(".copy-value").await;
    assert_eq!(page.copied().await, r#"[{"a b": "x"}, true]"#);
    // Left folds it, and then goes out of it; Right goes back and unfolds it, and then goes into it.
    page.focuses(".rows").await;
    for (key, folded, path) in [
        (keys::LEFT, 1, "$.items"),
        (keys::LEFT, 1, "$"),
        (keys::RIGHT, 1, "$.items"),
        (keys::RIGHT, 0, "$.items"),
        (keys::RIGHT, 0, "$.items[0]"),
    ] {
        page.presses(key).await;
        page.reads(".json-path", path).await;
        page.has_count(".fold[aria-expanded=false]", folded).await;
    }
}

#[tokio::test]
async fn long_strings_of_json_wrap() {
    let text = json!({ "long": "한국어 words ".repeat(200), "end": "\u{202e}" }).to_string();
    let (_server, _browser, page) = opened_echo(&text).await;
    page.waits_for(
        "const rows = document.querySelector('.rows');
         return document.querySelectorAll('.json-row .string').length > 10
            && rows.scrollWidth <= rows.clientWidth",
    )
    .await;
    let shown = "return [...document.querySelectorAll('.json-row .string')]
        .map(it => it.textContent).join('').includes('words 한국어 words 한국어 words')";
    page.waits_for(shown).await;
    page.run("document.querySelector('.rows').scrollTop = 1e6").await;
    page.shows("⟨RLO⟩").await;
}

#[tokio::test]
async fn a_comparison_marks_what_changed_inside_a_line() {
    let (_server, _browser, page) = echoed(&["paid 10, due 3", "paid 20, due 3"]).await;
    page.clicks(".entry[data-direction=sent]").await;
    page.shows("Edit as new").await;
    page.run("document.querySelectorAll('.detail-actions button')[1].click()").await;
    page.run("[...document.querySelectorAll('.entry[data-direction=sent]')].at(-1).click()").await;
    page.reads(".compare-row del", "10").await;
    page.reads(".compare-row ins", "20").await;
}

#[tokio::test]
async fn hexadecimal_shows_its_ascii_and_the_actions_are_in_the_header() {
    let (_server, _browser, page) = opened_echo(&"sixteen bytes..\n".repeat(4)).await;
    page.clicks("#detail-tab-hex").await;
    let is_inside = "const rect = it => document.querySelector(it).getBoundingClientRect();
        return rect('.ascii').width > 0
            && rect('.ascii').right <= rect('.rows').right
            && ['.pin', '.send-again', '.edit', '.detail-actions .close'].every(it =>
                rect(it).bottom <= rect('.detail-header').bottom && rect(it).top >= rect('.detail').top)
            && rect('.detail').bottom <= rect('.panes').bottom + 1
            && rect('button.clear').top === rect('button.pause').top";
    page.waits_for(is_inside).await;
}

#[tokio::test]
async fn sizes_read_the_same_in_the_list_and_beside_it() {
    let (_server, _browser, page) = opened_echo(&"👩\u{200d}🔬".repeat(4_000)).await;
    page.reads(".entry[data-direction=received] .size", "43 KiB").await;
    page.contains(".detail-summary", "43 KiB").await;
    // Blocks of a long line split no emoji, and are not ruled off.
    page.waits_for(
        "const blocks = [...document.querySelectorAll('.block')];
         return blocks.length > 4
            && blocks.every(it => it.textContent.replace('Echo: ', '').replaceAll('👩\u{200d}🔬', '') === '')
            && blocks.every(it => getComputedStyle(it).borderBottomStyle === 'none')",
    )
    .await;
}

#[tokio::test]
async fn signs_of_invisible_characters_are_not_in_what_is_selected() {
    let (_server, _browser, page) = opened_echo("a\u{202e}\u{1b}b ␛").await;
    page.waits_for(
        "const signs = [...document.querySelectorAll('.text-view .sign')];
         return document.querySelector('.text-view').textContent === 'Echo: a⟨RLO⟩␛b ␛'
             && signs.map(it => it.textContent).join() === '⟨RLO⟩␛'
             && getComputedStyle(signs[0]).userSelect === 'none'",
    )
    .await;
}

#[tokio::test]
async fn the_view_that_is_chosen_stays_past_events_and_with_its_tab() {
    let (_server, _browser, page) = echoed(&["one"]).await;
    let hex = "#detail-tab-hex[aria-selected=true]";
    page.clicks(".entry[data-kind=text]").await;
    page.has(".detail-tabs").await;
    page.clicks("#detail-tab-hex").await;
    page.has(hex).await;
    page.clicks(".entry[data-kind=opened]").await;
    page.lacks(".detail-tabs").await;
    page.clicks(".entry[data-kind=text]").await;
    page.has(hex).await;
    page.opens_tab().await;
    page.clicks(".tab:first-child [role=tab]").await;
    page.has(hex).await;
}

/// Rows in the order of the document, by their texts, if that is the order of what is seen.
const IN_ORDER: &str = "
    const rows = [...document.querySelectorAll('.entry:not([hidden])')];
    const tops = rows.map(it => it.getBoundingClientRect().top);
    return tops.every((top, at) => at === 0 || top > tops[at - 1])
        ? rows.map(it => it.querySelector('.payload').textContent).join('|') : ''";

#[tokio::test]
async fn a_node_stays_with_its_row_while_the_list_moves_on() {
    let (_server, browser, page) = echoed(&["0"]).await;
    browser.sets_viewport(1280, 620).await;
    for number in 1..30 {
        page.submits(&number.to_string()).await;
    }
    page.counts("received", 30).await;
    page.waits_for(&format!("return (() => {{ {IN_ORDER} }})().endsWith('|28|28|29|29')")).await;
    page.run("window.kept = [...document.querySelectorAll('.entry:not([hidden])')].at(-3)").await;
    for number in 30..33 {
        page.submits(&number.to_string()).await;
    }
    page.waits_for(&format!("return (() => {{ {IN_ORDER} }})().endsWith('|31|31|32|32')")).await;
    page.waits_for("return kept.querySelector('.payload').textContent === '28'").await;
    // The actions go with the row below a pointer at rest.
    let rows = format!("(() => {{ {IN_ORDER} }})()");
    page.run(&format!(
        "window.before = {rows};
        window.pointed = [...document.querySelectorAll('.entry:not([hidden])')].at(-6);
        pointed.dispatchEvent(new MouseEvent('mouseenter'));
        document.querySelector('.scroller').scrollTop -= 56"
    ))
    .await;
    page.waits_for(&format!("return {rows} && {rows} !== before")).await;
    let actions = "const top = part => part.getBoundingClientRect().top;
        return Math.abs(top(document.querySelector('.row-actions')) - top(pointed)) < 8";
    page.waits_for(actions).await;
    // Up and down again, by little and by much; and with another number of nodes.
    for (scroll, height, part) in [
        ("scrollTop -= 60", 620, "|31|31|"),
        ("scrollTop = 0", 620, "|0|0|1|1|"),
        ("scrollTop += 84", 620, "|2|2|3|3|"),
        ("scrollTop = 1e6", 620, "|31|32|32"),
        ("scrollTop -= 40", 800, "|31|31|32"),
        ("scrollTop = 0", 800, "|0|0|1|1|"),
    ] {
        browser.sets_viewport(1280, height).await;
        page.run(&format!("document.querySelector('.scroller').{scroll}")).await;
        page.waits_for(&format!("return (() => {{ {IN_ORDER} }})().includes('{part}')")).await;
    }
}

/// Script that presses keys in the list, in one task.
fn pressed(keys: &[&str]) -> String {
    format!(
        "for (const key of {keys:?})
            document.querySelector('.scroller').dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }}))"
    )
}

#[tokio::test]
async fn no_key_in_the_list_is_lost_and_a_closed_pane_stays_closed() {
    let (_server, _browser, page) = echoed(&["one", "two", "three"]).await;
    page.focuses(".scroller").await;
    page.run(&pressed(&["ArrowUp", "ArrowUp", "ArrowUp"])).await;
    page.reads(".entry[aria-selected=true] .payload", "two").await;
    page.has(".entry[aria-selected=true][data-direction=received]").await;
    // What was asked for comes after the pane was closed.
    page.run(&pressed(&["ArrowDown", "Escape"])).await;
    page.submits("four").await;
    page.counts("received", 4).await;
    page.lacks(".aside, .entry[aria-selected=true]").await;
    // The browser goes back by it.
    let is_left = "const event = new KeyboardEvent('keydown', { key: 'ArrowLeft', altKey: true, bubbles: true, cancelable: true });
        return document.querySelector('[role=tab]').dispatchEvent(event)";
    assert_eq!(page.run(is_left).await, true);
}

#[tokio::test]
async fn keys_reach_the_actions_of_the_current_row_and_not_of_one_below_the_resting_pointer() {
    let (_server, _browser, page) = echoed(&["one", "two"]).await;
    points_at(&page, "received").await;
    page.focuses(".scroller").await;
    page.presses(keys::HOME).await;
    for _ in 0..4 {
        page.presses(keys::DOWN).await;
    }
    page.has(".entry[aria-selected=true][data-kind=text]").await;
    let current = page
        .run("return document.querySelector('.entry[aria-selected=true] .payload').textContent")
        .await;
    page.presses(keys::TAB).await;
    page.presses(keys::TAB).await;
    page.presses(keys::TAB).await;
    page.presses(keys::ENTER).await;
    page.reads(".pins .payload", current.as_str().unwrap()).await;
    assert_eq!(current, "one");
}
