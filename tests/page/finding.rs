//! Finding: steps from match to match, marks, filters and their chips, and the row that keeps its place.

use harness::{Page, connected};

const ENTER: &str = "\u{e007}";
const SHIFT_ENTER: &str = "\u{e008}\u{e007}\u{e000}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const F3: &str = "\u{e033}";
const SHIFT_F3: &str = "\u{e008}\u{e033}\u{e000}";
const FIND: &str = ".find input";

/// Waits until the current row shows `text`.
async fn is_at(page: &Page, text: &str) {
    page.comes_true(&format!(
        "return document.querySelector('.entry[aria-current] .payload')?.textContent === {text:?}"
    ))
    .await;
}

async fn says_position(page: &Page, text: &str) {
    let script =
        format!("return document.querySelector('.find .position').textContent === {text:?}");
    page.comes_true(&script).await;
}

async fn rows(page: &Page, count: usize) {
    page.comes_true(&format!(
        "return document.querySelectorAll('.entry:not([hidden])').length === {count}"
    ))
    .await;
}

#[tokio::test]
async fn matches_are_gone_through_one_by_one_in_the_whole_list() {
    let (_server, browser, page) = connected().await;
    page.sends(&["apple", "plum", "pineapple"]).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "apple").await;
    says_position(&page, "4 matches").await;
    rows(&page, 7).await;
    page.comes_true("return document.querySelectorAll('.entry mark').length === 4").await;
    page.presses(ENTER).await;
    is_at(&page, "apple").await;
    says_position(&page, "1 of 4").await;
    page.presses(ENTER).await;
    is_at(&page, "Echo: apple").await;
    page.presses(F3).await;
    is_at(&page, "pineapple").await;
    says_position(&page, "3 of 4").await;
    page.presses(SHIFT_ENTER).await;
    is_at(&page, "Echo: apple").await;
    page.presses(SHIFT_F3).await;
    page.presses(SHIFT_F3).await;
    // Around the start, to the last.
    is_at(&page, "Echo: pineapple").await;
    page.clicks(".find .next").await;
    is_at(&page, "apple").await;
    // No way to the newest row is offered where that is in view.
    assert_eq!(
        page.run("return document.querySelector('.to-newest')").await,
        serde_json::Value::Null
    );

    // The message that is looked at goes along, with its matches marked.
    page.clicks(".entry[aria-current]").await;
    page.comes_true("return document.querySelector('.text-view mark')?.textContent === 'apple'")
        .await;
    page.clicks(".find .next").await;
    page.comes_true("return document.querySelector('.text-view')?.textContent === 'Echo: apple'")
        .await;
    page.comes_true("return document.querySelector('.text-view mark')?.textContent === 'apple'")
        .await;

    // As a filter, the same text lists its matches alone, at the same place.
    page.clicks(".find [title='List only the rows that match']").await;
    rows(&page, 4).await;
    says_position(&page, "2 of 4").await;
    is_at(&page, "Echo: apple").await;
    browser.close().await;
}

#[tokio::test]
async fn a_match_far_up_comes_into_view_and_its_surroundings_with_it() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/stream?rate=max&count=20000&size=32")).await;
    page.comes_true(
        "return document.querySelector('[data-count=received]').textContent === '20,000'",
    )
    .await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "7777").await;
    page.presses(ENTER).await;
    page.comes_true(
        "return document.querySelector('.entry[aria-current]')?.textContent.includes('7777')",
    )
    .await;
    page.comes_true(
        "const list = document.querySelector('.scroller').getBoundingClientRect();
         const it = document.querySelector('.entry[aria-current]').getBoundingClientRect();
         return it.top >= list.top && it.bottom <= list.bottom",
    )
    .await;
    let around = "return [...document.querySelectorAll('.entry:not([hidden])')].filter(it => !it.textContent.includes('7777')).length > 5";
    page.comes_true(around).await;
    // Back to the whole list from the filtered one, the match stays in view.
    page.clicks(".find [title='List only the rows that match']").await;
    page.comes_true(&format!("{around} === false")).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.comes_true(around).await;
    page.comes_true(
        "const it = document.querySelector('.entry[aria-current]:not([hidden])');
         const list = document.querySelector('.scroller').getBoundingClientRect();
         return !!it && it.getBoundingClientRect().top >= list.top && it.getBoundingClientRect().bottom <= list.bottom",
    )
    .await;
    browser.close().await;
}

#[tokio::test]
async fn a_field_of_json_narrows_the_list_and_a_mistake_is_a_sentence() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/echo")).await;
    page.comes_true("return document.querySelector('.status').dataset.state === 'open'").await;
    for price in ["9", "10", "11"] {
        page.fills(&format!(r#"{{"type":"trade","data":{{"price":{price}}}}}"#)).await;
        page.clicks_send().await;
        page.sees("received", &format!(r#"{{"type":"trade","data":{{"price":{price}}}}}"#)).await;
    }
    page.clicks(".more summary").await;
    page.enters(".sheet .field", "data.price > 9").await;
    rows(&page, 4).await;
    page.enters(".sheet .field", "type:quote").await;
    rows(&page, 0).await;
    page.enters(".sheet .field", "data.price > high").await;
    page.says("<, <=, > and >= need a number, such as price > 10.").await;
    page.comes_true("return document.querySelector('.sheet .field').ariaInvalid === 'true'").await;
    page.enters(".sheet .field", "$.data.price = 11").await;
    rows(&page, 2).await;
    browser.close().await;
}

#[tokio::test]
async fn each_active_filter_has_a_chip_that_removes_it() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi", "there"]).await;
    let chips = |names: &[&str]| {
        format!(
            "return JSON.stringify([...document.querySelectorAll('.chip')].map(it => it.innerText.replaceAll(/\\s*×/g, ''))) === {:?}",
            serde_json::to_string(names).expect("names")
        )
    };
    page.comes_true(&chips(&[])).await;
    page.clicks(".toggle[title='Show received messages']").await;
    page.comes_true(&chips(&["received hidden"])).await;
    page.clicks(".more summary").await;
    page.enters(".sheet label:nth-child(2) input", "3").await;
    page.presses(ENTER).await;
    page.clicks(".more summary").await;
    page.enters(FIND, "e").await;
    page.comes_true(&chips(&["“e”", "received hidden", "at least 3 B", "Clear filters"])).await;
    rows(&page, 1).await;
    page.clicks(".chip[aria-label='Remove filter: received hidden']").await;
    rows(&page, 3).await;
    page.comes_true(&chips(&["“e”", "at least 3 B", "Clear filters"])).await;
    page.clicks(".clear-filters").await;
    page.comes_true(&chips(&[])).await;
    rows(&page, 5).await;
    page.comes_true("return document.querySelector('.find input').value === ''").await;
    // Text that is only marked hides nothing.
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "hi").await;
    page.comes_true(&chips(&[])).await;
    browser.close().await;
}

#[tokio::test]
async fn after_a_look_the_arrow_keys_go_on_from_the_row() {
    let (_server, browser, page) = connected().await;
    page.sends(&["one", "two", "three"]).await;
    page.clicks(".entry[data-direction=sent]").await;
    page.clicks(".detail [role=tab][aria-selected=true]").await;
    page.presses(ESCAPE).await;
    page.comes_true("return document.querySelector('.detail') === null").await;
    page.comes_true("return document.activeElement.matches('.scroller')").await;
    is_at(&page, "one").await;
    page.presses(DOWN).await;
    is_at(&page, "Echo: one").await;
    page.comes_true("return document.querySelector('.detail') !== null").await;
    page.presses(ESCAPE).await;
    page.comes_true("return document.querySelector('.detail') === null").await;
    page.presses(ENTER).await;
    page.comes_true(
        "return document.querySelector('.entry[aria-selected=true] .payload')?.textContent === 'Echo: one'",
    )
    .await;
    browser.close().await;
}

/// Waits until the first mark of the detail pane is in its view.
async fn is_at_mark(page: &Page, view: &str, text: &str) {
    page.comes_true(&format!(
        "const mark = document.querySelector('{view} mark');
         const [at, view] = [mark, document.querySelector('{view}')].map(it => it?.getBoundingClientRect());
         return mark?.textContent === '{text}' && at.top >= view.top && at.bottom <= view.bottom"
    ))
    .await;
}

#[tokio::test]
async fn a_message_opens_at_its_first_match_and_says_if_more_are_not_marked() {
    let (_server, browser, page) = connected().await;
    let numbers = (0..500).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    page.fills(&format!("[{numbers},\"needle\"]")).await;
    page.clicks_send().await;
    page.fills(&format!("{}needle{}", "line\n".repeat(300), " pin".repeat(101))).await;
    page.clicks_send().await;
    rows(&page, 5).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "needle").await;
    page.presses(ENTER).await;
    says_position(&page, "1 of 4").await;
    page.clicks(".entry[aria-current]").await;
    is_at_mark(&page, ".rows", "needle").await;
    page.clicks(".find .previous").await;
    is_at_mark(&page, ".text-view", "needle").await;
    page.comes_true("return document.querySelector('.text-view .notice') === null").await;
    page.enters(FIND, "pin").await;
    page.says("(more matches, not marked)").await;
    page.comes_true("return document.querySelectorAll('.text-view mark').length === 100").await;
    browser.close().await;
}
