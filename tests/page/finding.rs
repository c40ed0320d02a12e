//! Finding: steps from match to match, marks, filters and their chips, and the row that keeps its place.

use harness::{Page, connected, keys};

const FIND: &str = ".find input";
const ROWS: &str = ".entry:not([hidden])";

/// Waits until the current row shows `text`.
async fn is_at(page: &Page, text: &str) {
    page.reads(".entry[aria-current] .payload", text).await;
}

#[tokio::test]
async fn words_that_compare_a_field_are_offered_as_its_filter() {
    let (_server, _browser, page) = connected().await;
    page.sends(&[r#"{"price":12}"#, r#"{"price":9}"#]).await;
    page.enters(".find input", "price > 10").await;
    page.reads(".empty button", "Filter by the JSON field: price > 10").await;
    page.clicks(".empty button").await;
    page.shows("2 of 5 rows").await;
    page.reads(".chip-name", "price > 10").await;
}

#[tokio::test]
async fn a_pin_is_marked_by_the_search_as_it_is() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["apple"]).await;
    page.clicks(".entry[data-direction=sent]").await;
    page.clicks(".entry-actions .pin").await;
    page.has(".pins").await;
    page.enters(FIND, "apple").await;
    page.reads(".pins mark", "apple").await;
    page.clears(FIND).await;
    page.lacks(".pins mark").await;
}

#[tokio::test]
async fn matches_are_gone_through_one_by_one_in_the_whole_list() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["apple", "plum", "pineapple"]).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "apple").await;
    page.reads(".find .position", "4 matches").await;
    page.has_count(ROWS, 7).await;
    page.has_count(".entry mark", 4).await;
    page.presses(keys::ENTER).await;
    is_at(&page, "apple").await;
    page.reads(".find .position", "1 of 4").await;
    page.presses(keys::ENTER).await;
    is_at(&page, "Echo: apple").await;
    page.presses(keys::F3).await;
    is_at(&page, "pineapple").await;
    page.reads(".find .position", "3 of 4").await;
    page.presses(keys::SHIFT_ENTER).await;
    is_at(&page, "Echo: apple").await;
    page.presses(keys::SHIFT_F3).await;
    page.presses(keys::SHIFT_F3).await;
    // Around the start, to the last.
    is_at(&page, "Echo: pineapple").await;
    page.clicks(".find .next").await;
    is_at(&page, "apple").await;
    // No way to the newest row is offered where that is in view.
    page.lacks(".to-newest").await;

    // The message that is looked at goes along, with its matches marked.
    page.clicks(".entry[aria-current]").await;
    page.reads(".text-view mark", "apple").await;
    page.clicks(".find .next").await;
    page.reads(".text-view", "Echo: apple").await;
    page.reads(".text-view mark", "apple").await;

    // As a filter, the same text lists its matches alone, at the same place.
    page.clicks(".find [title='List only the rows that match']").await;
    page.has_count(ROWS, 4).await;
    page.reads(".find .position", "2 of 4").await;
    is_at(&page, "Echo: apple").await;
}

/// The current row is in the view of the list.
const IN_VIEW: &str = "
    const [it, list] = ['.entry[aria-current]:not([hidden])', '.scroller']
        .map(it => document.querySelector(it)?.getBoundingClientRect());
    return !!it && it.top >= list.top && it.bottom <= list.bottom";

#[tokio::test]
async fn a_match_far_up_comes_into_view_and_its_surroundings_with_it() {
    let (server, _browser, page) = connected().await;
    page.goes_to(&server.ws("/stream?rate=max&count=20000&size=32")).await;
    page.counts("received", 20_000).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "7777").await;
    page.presses(keys::ENTER).await;
    page.contains(".entry[aria-current]", "7777").await;
    page.waits_for(IN_VIEW).await;
    let around = "return [...document.querySelectorAll('.entry:not([hidden])')].filter(it => !it.textContent.includes('7777')).length > 5";
    page.waits_for(around).await;
    // Back to the whole list from the filtered one, the match stays in view.
    page.clicks(".find [title='List only the rows that match']").await;
    page.waits_for(&format!("{around} === false")).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.waits_for(around).await;
    page.waits_for(IN_VIEW).await;
}

#[tokio::test]
async fn a_field_of_json_narrows_the_list_and_a_mistake_is_a_sentence() {
    let (server, _browser, page) = connected().await;
    page.connects_to(&server.ws("/echo")).await;
    for price in ["9", "10", "11"] {
        let trade = format!(r#"{{"type":"trade","data":{{"price":{price}}}}}"#);
        page.submits(&trade).await;
        page.sees("received", &trade).await;
    }
    page.clicks(".more summary").await;
    page.enters(".sheet .field", "data.price > 9").await;
    page.has_count(ROWS, 4).await;
    page.enters(".sheet .field", "type:quote").await;
    page.has_count(ROWS, 0).await;
    page.enters(".sheet .field", "data.price > high").await;
    page.shows("<, <=, > and >= need a number, such as price > 10.").await;
    page.has(".sheet .field[aria-invalid=true]").await;
    page.enters(".sheet .field", "$.data.price = 11").await;
    page.has_count(ROWS, 2).await;
}

#[tokio::test]
async fn a_size_that_is_not_read_is_marked_until_it_is_mended() {
    let (_server, _browser, page) = connected().await;
    page.clicks(".more summary").await;
    let (size, marked) =
        ("[aria-describedby=min-size]", "[aria-describedby=min-size][aria-invalid=true]");
    for wrong in ["5.0", "99999999999999999999", "-5"] {
        page.enters(size, wrong).await;
        page.presses(keys::TAB).await;
        page.has(marked).await;
        page.contains("#min-size", "Enter a whole number").await;
        page.has_value(size, wrong).await;
        page.enters(size, "1").await;
        page.presses(keys::TAB).await;
        page.lacks(marked).await;
    }
    page.enters(size, "-5").await;
    page.presses(keys::TAB).await;
    page.enters(".find input", "hi").await;
    page.has(".chip").await;
    page.has(marked).await;
}

#[tokio::test]
async fn each_active_filter_has_a_chip_that_removes_it() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["hi", "there"]).await;
    let chips = |names: &[&str]| {
        format!(
            "return JSON.stringify([...document.querySelectorAll('.chip')].map(it => it.innerText.replaceAll(/\\s*×/g, ''))) === {:?}",
            serde_json::to_string(names).expect("names")
        )
    };
    page.waits_for(&chips(&[])).await;
    page.clicks(".toggle[title='Show received messages']").await;
    page.waits_for(&chips(&["received hidden"])).await;
    page.clicks(".more summary").await;
    page.enters("[aria-describedby=min-size]", "3").await;
    page.presses(keys::ENTER).await;
    page.clicks(".more summary").await;
    page.enters(FIND, "e").await;
    page.waits_for(&chips(&["e", "received hidden", "at least 3 B", "Clear filters"])).await;
    page.has_count(ROWS, 1).await;
    page.clicks(".chip[aria-label='Remove filter: received hidden']").await;
    page.has_count(ROWS, 3).await;
    page.waits_for(&chips(&["e", "at least 3 B", "Clear filters"])).await;
    page.clicks(".clear-filters").await;
    page.waits_for(&chips(&[])).await;
    page.has_count(ROWS, 5).await;
    page.has_value(".find input", "").await;
    // Text that is only marked hides nothing.
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "hi").await;
    page.waits_for(&chips(&[])).await;
}

#[tokio::test]
async fn after_a_look_the_arrow_keys_go_on_from_the_row() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["one", "two", "three"]).await;
    page.clicks(".entry[data-direction=sent]").await;
    page.clicks(".detail [role=tab][aria-selected=true]").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".detail").await;
    page.has_focus(".scroller").await;
    is_at(&page, "one").await;
    page.presses(keys::DOWN).await;
    is_at(&page, "Echo: one").await;
    page.has(".detail").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".detail").await;
    page.presses(keys::ENTER).await;
    page.reads(".entry[aria-selected=true] .payload", "Echo: one").await;
}

/// Waits until the first mark of the detail pane is in its view.
async fn is_at_mark(page: &Page, view: &str, text: &str) {
    page.waits_for(&format!(
        "const mark = document.querySelector('{view} mark');
         const [at, view] = [mark, document.querySelector('{view}')].map(it => it?.getBoundingClientRect());
         return mark?.textContent === '{text}' && at.top >= view.top && at.bottom <= view.bottom"
    ))
    .await;
}

#[tokio::test]
async fn a_message_opens_at_its_first_match_and_says_if_more_are_not_marked() {
    let (_server, _browser, page) = connected().await;
    let numbers = (0..500).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    page.submits(&format!("[{numbers},\"needle\"]")).await;
    page.submits(&format!("{}needle{}", "line\n".repeat(300), " pin".repeat(101))).await;
    page.has_count(ROWS, 5).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.enters(FIND, "needle").await;
    page.presses(keys::ENTER).await;
    page.reads(".find .position", "1 of 4").await;
    page.clicks(".entry[aria-current]").await;
    is_at_mark(&page, ".rows", "needle").await;
    page.clicks(".find .previous").await;
    is_at_mark(&page, ".text-view", "needle").await;
    page.lacks(".text-view .notice").await;
    page.enters(FIND, "pin").await;
    page.shows("(more matches, not marked)").await;
    page.has_count(".text-view mark", 100).await;
}
