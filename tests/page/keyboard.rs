//! The page without a mouse: a whole session by keys, in which it is always plain where they go, and
//! the shortcuts.

use harness::{Page, connected, keys};

/// Focused element, in view and not covered; or the fault.
const FOCUS: &str = "
    const it = document.activeElement;
    if (!it || it === document.body) return 'lost';
    if (!it.matches(':focus-visible')) return 'not shown on ' + it.outerHTML;
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) return 'without an outline on ' + it.outerHTML;
    const { left, right, top, bottom, width, height } = it.getBoundingClientRect();
    const points = [[left + 2, top + 2], [right - 2, bottom - 2], [left + width / 2, top + height / 2]];
    const is_seen = points.some(point => it.contains(document.elementFromPoint(...point)));
    return is_seen ? 'well' : 'out of view on ' + it.outerHTML;";

/// True if typing replaces the whole text of the focused box.
const ALL_SELECTED: &str = "
    const it = document.activeElement;
    return it.value !== '' && it.selectionStart === 0 && it.selectionEnd === it.value.length;";

/// Presses a key; fails if the focus is lost or not seen then.
async fn press(page: &Page, key: &str) {
    page.presses(key).await;
    sees_focus(page, key.escape_unicode()).await;
}

async fn sees_focus(page: &Page, after: impl std::fmt::Display) {
    let focus = page.run(FOCUS).await;
    assert_eq!(focus, "well", "after {after}");
}

/// Goes on with Tab until what `selector` finds has the focus. After the last stop of the page it is
/// the browser's own turn.
async fn tabs_to(page: &Page, selector: &str) {
    /// Stops of the page, at most.
    const STOPS: u32 = 60;
    for _ in 0..STOPS {
        if has_focus(page, selector).await {
            return sees_focus(page, selector).await;
        }
        page.presses(keys::TAB).await;
        if !has_focus(page, "body").await {
            sees_focus(page, "Tab").await;
        }
    }
    panic!("Tab does not come to {selector}");
}

async fn has_focus(page: &Page, selector: &str) -> bool {
    let script = format!("return document.activeElement.matches({selector:?})");
    page.run(&script).await == true
}

async fn focus_comes_to(page: &Page, selector: &str) {
    page.has_focus(selector).await;
    sees_focus(page, selector).await;
}

/// Alt with a letter.
fn alt(letter: char) -> String {
    format!("\u{e00a}{letter}\u{e000}")
}

#[tokio::test]
async fn a_whole_session_goes_by_keys() {
    let (server, _browser, page) = connected().await;
    // Another address, and two messages.
    tabs_to(&page, "button.connect").await;
    press(&page, keys::ENTER).await;
    page.has_state("closed").await;
    tabs_to(&page, "[role=combobox]").await;
    page.presses(keys::SELECT_ALL).await;
    press(&page, &server.ws("/echo")).await;
    press(&page, keys::ENTER).await;
    page.has_state("open").await;
    tabs_to(&page, "textarea").await;
    for text in ["one", r#"{"two": [2]}"#] {
        press(&page, text).await;
        press(&page, keys::ENTER).await;
        page.sees("received", text).await;
    }

    // Along the list, and into a message.
    tabs_to(&page, ".scroller").await;
    press(&page, keys::UP).await;
    page.has("#detail-tab-json[aria-selected=true]").await;
    press(&page, keys::ENTER).await;
    focus_comes_to(&page, "#detail-tab-json").await;
    for (key, view) in
        [(keys::RIGHT, "hex"), (keys::RIGHT, "text"), (keys::LEFT, "hex"), (keys::LEFT, "json")]
    {
        press(&page, key).await;
        focus_comes_to(&page, &format!("#detail-tab-{view}[aria-selected=true]")).await;
    }
    tabs_to(&page, ".entry-actions .pin").await;
    press(&page, keys::ENTER).await;
    page.has(".pins").await;
    tabs_to(&page, ".detail-actions .close").await;
    press(&page, keys::ENTER).await;
    focus_comes_to(&page, ".scroller").await;
    tabs_to(&page, ".pins .forget").await;
    press(&page, keys::ENTER).await;
    page.lacks(".pins").await;
    sees_focus(&page, "unpinning").await;

    // Find, clear, and take that back.
    tabs_to(&page, ".find input").await;
    press(&page, "two").await;
    page.has_count(".entry:not([hidden])", 2).await;
    press(&page, keys::SELECT_ALL).await;
    press(&page, keys::DELETE).await;
    tabs_to(&page, "button.clear").await;
    press(&page, keys::ENTER).await;
    page.shows("cleared").await;
    tabs_to(&page, ".cleared .undo").await;
    press(&page, keys::ENTER).await;
    page.lacks(".cleared").await;
    sees_focus(&page, "undoing").await;

    // Another tab and back, closed and opened again.
    tabs_to(&page, "button.add").await;
    press(&page, keys::ENTER).await;
    page.has_state("idle").await;
    tabs_to(&page, "[role=tab][aria-selected=true]").await;
    press(&page, keys::LEFT).await;
    page.has_state("open").await;
    press(&page, keys::DELETE).await;
    page.has_state("idle").await;
    sees_focus(&page, "closing a tab").await;
    tabs_to(&page, ".closed-tab .undo").await;
    press(&page, keys::ENTER).await;
    page.has_state("open").await;
    sees_focus(&page, "bringing a tab back").await;
    page.sees("received", "one").await;
}

#[tokio::test]
async fn the_focus_goes_round_without_a_trap() {
    let (_server, _browser, page) = connected().await;
    page.clicks("button.unfold").await;
    page.clicks(".more summary").await;
    let stop = "const it = document.activeElement;
        return [...document.querySelectorAll('*')].indexOf(it) + ' ' + it.outerHTML.slice(0, 200)";
    let mut stops = Vec::new();
    loop {
        page.presses(keys::TAB).await;
        let stop = page.run(stop).await.to_string();
        if stops.contains(&stop) {
            break;
        }
        if !stop.contains("<body") {
            sees_focus(&page, &stop).await;
        }
        stops.push(stop);
    }
    for expected in [
        "role=\\\"tab\\\"", "combobox", "unfold", "type=\\\"search\\\"", "scroller", "textarea",
        "show-keys",
    ] {
        assert!(stops.iter().any(|stop| stop.contains(expected)), "{expected} in {stops:#?}");
    }
}

#[tokio::test]
async fn what_goes_away_hands_the_focus_on() {
    let (server, _browser, page) = connected().await;
    // The first message that the empty list offers.
    tabs_to(&page, ".empty button").await;
    press(&page, keys::ENTER).await;
    page.sees("received", "Echo: hi").await;
    sees_focus(&page, "the first message").await;
    // Without a connection, Send offers one, and keeps the focus.
    tabs_to(&page, "button.send").await;
    server.stop().await;
    page.has_state("waiting").await;
    press(&page, keys::ENTER).await;
    page.has(".connect-and-send").await;
    sees_focus(&page, "the end of the connection").await;
}

#[tokio::test]
async fn shortcuts_are_listed_and_the_focus_comes_back() {
    let (_server, _browser, page) = connected().await;
    // Typed, a question mark is one.
    press(&page, "?").await;
    assert_eq!(page.draft().await, "?");
    tabs_to(&page, "button.connect").await;
    page.presses("?").await;
    page.has("dialog[open]").await;
    sees_focus(&page, "?").await;
    page.shows("Open a new connection").await;
    for _ in 0..4 {
        page.presses(keys::TAB).await;
        page.has_focus("body, dialog, dialog *").await;
    }
    page.focuses("dialog button").await;
    page.presses(keys::ESCAPE).await;
    page.lacks("dialog[open]").await;
    focus_comes_to(&page, "button.connect").await;

    tabs_to(&page, "button.show-keys").await;
    press(&page, keys::ENTER).await;
    page.has("dialog[open]").await;
    press(&page, keys::ENTER).await;
    focus_comes_to(&page, "button.show-keys").await;
}

#[tokio::test]
async fn shortcuts_lead_to_each_part_of_the_page() {
    let (_server, _browser, page) = connected().await;
    press(&page, &alt('c')).await;
    page.has_state("closed").await;
    press(&page, &alt('c')).await;
    page.has_state("open").await;
    for (letter, place) in [('a', "[role=combobox]"), ('l', ".scroller"), ('m', "textarea")] {
        press(&page, &alt(letter)).await;
        focus_comes_to(&page, place).await;
        if letter == 'a' {
            page.waits_for(ALL_SELECTED).await;
        }
    }
    assert_eq!(page.draft().await, "", "nothing was typed by that");
    press(&page, "/").await;
    assert_eq!(page.draft().await, "/", "typed, a stroke is one");
    press(&page, &alt('l')).await;
    press(&page, "/").await;
    focus_comes_to(&page, ".find input").await;
    press(&page, &alt('n')).await;
    page.has_state("idle").await;
    focus_comes_to(&page, "[role=combobox]").await;
    page.waits_for(ALL_SELECTED).await;
    // A click on the button leads there, too.
    page.clicks("button.add").await;
    page.has_count("[role=tab]", 3).await;
    focus_comes_to(&page, "[role=combobox]").await;
    page.waits_for(ALL_SELECTED).await;
}

#[tokio::test]
async fn single_keys_can_be_switched_off_and_stay_so() {
    let (server, browser, page) = connected().await;
    page.clicks("button.show-keys").await;
    page.clicks("dialog input").await;
    page.presses(keys::ESCAPE).await;
    tabs_to(&page, ".scroller").await;
    press(&page, "/").await;
    press(&page, "?").await;
    assert!(has_focus(&page, ".scroller").await);
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    tabs_to(&page, ".scroller").await;
    press(&page, "?").await;
    page.lacks("dialog[open]").await;
    press(&page, &alt('m')).await;
    focus_comes_to(&page, "textarea").await;
}
