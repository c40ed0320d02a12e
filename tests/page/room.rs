//! Room to read: what opens, reports or grows takes none of the list's room for good, and moves nothing.

use harness::{Browser, Page, Server, connected, keys};
use serde_json::json;

/// Waits until what `selector` finds is whole in the window, and the first to be hit there.
pub(crate) async fn is_in_reach(page: &Page, selector: &str) {
    let script = format!(
        "const it = document.querySelector({selector:?});
         if (!it) return false;
         const {{ left, right, top, bottom }} = it.getBoundingClientRect();
         const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
         return left >= 0 && top >= 0 && right <= innerWidth + 1 && bottom <= innerHeight + 1
             && it.contains(hit)"
    );
    page.waits_for(&script).await;
}

/// The note on the address is there, and the last of its letters is in view.
const EXPLAINED: &str = "
    const note = document.querySelector('.status .note');
    const { right, bottom } = [...note.getClientRects()].at(-1) ?? {};
    const hit = note.textContent && document.elementFromPoint(right - 4, bottom - 4);
    return !!hit && note.contains(hit)";

/// Edges of the parts of the page that must not move.
async fn places(page: &Page) -> serde_json::Value {
    let script = "
        return ['.address input', '.connect', '.unfold', '.find', '.toolbar > .choices', '.clear', '.conversation',
            '.writing textarea', '.send', '.measure'].map(part => {
                const { top, bottom } = document.querySelector(part).getBoundingClientRect();
                return [part, top, bottom];
            })";
    page.run(script).await
}

#[tokio::test]
async fn the_dock_of_the_metrics_leaves_the_list_its_room() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    for (width, height) in [(1280, 620), (1280, 800), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        page.clicks(".unfold-measure").await;
        page.has_count(".dock .plot", 2).await;
        page.waits_for("return document.querySelector('.scroller').clientHeight >= 84").await;
        for part in [".find input", ".scroller", ".dock .close", ".send", ".unfold-measure"] {
            is_in_reach(&page, part).await;
        }
        let below =
            "const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
            return edge('.dock', 'bottom') <= edge('.composer', 'top')
                && innerHeight - edge('.composer', 'bottom') < 60";
        page.waits_for(below).await;
        page.clicks(".dock .close").await;
        page.lacks(".dock").await;
        page.has_focus(".unfold-measure").await;
    }
}

#[tokio::test]
async fn the_place_and_size_of_the_dock_are_remembered_and_it_repeats_no_figure() {
    let (server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    page.clicks(".unfold-measure").await;
    page.has(".dock .group").await;
    let text = page.run("return document.querySelector('.dock').innerText").await;
    let text = text.as_str().expect("words");
    assert!(
        text.contains("p95") && !text.contains("p50") && !text.contains("Received\n"),
        "{text}"
    );

    let before = page.run("return document.querySelector('.dock').offsetHeight").await;
    page.focuses(".splitter.flat").await;
    page.presses(keys::DOWN).await;
    // By 16 pixels from what is seen of it, to a pixel of its edge.
    let smaller = format!(
        "return Math.abs(document.querySelector('.dock').offsetHeight - {before} + 16) <= 2"
    );
    page.waits_for(&smaller).await;
    page.clicks(".dock-place").await;
    page.waits_for(
        "const [pane, dock] = ['.reading', '.dock'].map(it => document.querySelector(it).getBoundingClientRect());
         return dock.left >= pane.right && dock.top === pane.top && dock.bottom === pane.bottom",
    )
    .await;
    let page = browser.open(&server.http()).await;
    page.has(".dock.beside").await;
    page.clicks(".dock-place").await;
    page.waits_for(&smaller).await;
}

const ACTIVE_IN_VIEW: &str = "
    const bar = document.querySelector('.tabs').getBoundingClientRect();
    const active = document.querySelector('.tab:has([aria-selected=true])');
    const boxes = [active, active.querySelector('.close')].map(it => it.getBoundingClientRect());
    return boxes.every(({ left, right }) => left >= bar.left - 1 && right <= bar.right + 1);";

#[tokio::test]
async fn tabs_shrink_and_the_active_one_is_always_in_view() {
    let (_server, browser, page) = connected().await;
    for _ in 0..3 {
        page.clicks("button.add").await;
    }
    let all_in_view = "
        const bar = document.querySelector('.tabs');
        return document.querySelectorAll('.tab').length === 4 && bar.scrollWidth <= bar.clientWidth";
    page.waits_for(all_in_view).await;
    for _ in 0..12 {
        page.clicks("button.add").await;
    }
    page.has_count(".tab", 16).await;
    page.waits_for(ACTIVE_IN_VIEW).await;
    for width in [768, 360, 1280] {
        browser.sets_viewport(width, 800).await;
        page.waits_for(ACTIVE_IN_VIEW).await;
    }
    page.run("document.querySelector('.tab [role=tab]').click()").await;
    page.waits_for(ACTIVE_IN_VIEW).await;
    page.run("location.hash = '#address=ws%3A%2F%2Flocalhost%3A1%2Flinked'").await;
    page.reads("[role=tab][aria-selected=true]", "localhost:1/linked").await;
    page.waits_for(ACTIVE_IN_VIEW).await;
}

const NAMES: &str =
    "return [...document.querySelectorAll('[role=tab]')].map(it => it.textContent).join('|')";

/// Types over the name that is selected, and ends with a key.
async fn renames(page: &Page, name: &str, key: &str) {
    page.has_focus(".tab-rename").await;
    page.presses(name).await;
    page.presses(key).await;
}

#[tokio::test]
async fn tabs_of_a_host_are_told_apart_and_are_renamed() {
    let (server, _browser, page) = connected().await;
    let address = server.ws("/ws");
    let automatic = address.trim_start_matches("ws://");
    page.opens_tab().await;
    page.connects_to(&address).await;
    page.waits_for(&format!("{NAMES} === '{automatic}|{automatic} (2)'")).await;
    page.has(&format!("[role=tab][title^='{address} ']")).await;

    let double = "const tab = document.querySelectorAll('[role=tab]')[1];
        tab.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))";
    page.run(double).await;
    renames(&page, "staging", keys::ENTER).await;
    page.waits_for(&format!("{NAMES} === '{automatic}|staging'")).await;
    page.has_focus("[role=tab][aria-selected=true]").await;
    page.presses(keys::F2).await;
    renames(&page, "not this", keys::ESCAPE).await;
    page.lacks(".tab-rename").await;
    page.waits_for(&format!("{NAMES} === '{automatic}|staging'")).await;

    // The second button, and its menu.
    let menu = "const tab = document.querySelectorAll('[role=tab]')[1];
        tab.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: 200, clientY: 20 }))";
    page.run(menu).await;
    page.has_focus_on("Rename").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".tab-menu").await;
    page.has_focus("[role=tab]").await;
    page.run(menu).await;
    page.clicks(".tab-menu button").await;
    renames(&page, "staging 2", keys::ENTER).await;
    page.waits_for(&format!("{NAMES} === '{automatic}|staging 2'")).await;
    page.presses(keys::F2).await;
    renames(&page, "staging", keys::ENTER).await;
    page.waits_for(&format!("{NAMES} === '{automatic}|staging'")).await;

    // It is stored with the tab, a moment after.
    let stored = "return sessionStorage.getItem('wsbench.desk').includes('staging')";
    page.waits_for(stored).await;
    page.reloads().await;
    page.waits_for(&format!("{NAMES} === '{automatic}|staging'")).await;
    page.run(double).await;
    renames(&page, keys::DELETE, keys::ENTER).await;
    page.waits_for(&format!("{NAMES} === '{automatic}|{automatic} (2)'")).await;
}

#[tokio::test]
async fn a_closed_tab_that_can_be_reopened_moves_nothing() {
    let (_server, browser, page) = connected().await;
    for (width, height) in [(1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        let before = places(&page).await;
        page.opens_tab().await;
        page.run("[...document.querySelectorAll('.tab .close')].at(-1).click()").await;
        page.has_state("open").await;
        page.has(".closed-tab .undo").await;
        is_in_reach(&page, ".closed-tab .undo").await;
        assert_eq!(places(&page).await, before, "{width} px");
        page.clicks(".closed-tab .forget").await;
        page.lacks(".closed-tab .undo").await;
    }
}

#[tokio::test]
async fn copied_moves_nothing_and_goes_by_itself() {
    let (_server, _browser, page) = connected().await;
    page.run("navigator.clipboard.writeText = async () => {}").await;
    let before = places(&page).await;
    for _ in 0..3 {
        page.clicks_text("#files button", "Copy as link").await;
        page.shows("Copied.").await;
    }
    assert_eq!(page.run("return document.querySelectorAll('.notices .notice').length").await, 1);
    // Over the end of the list, at its right.
    let apart = "
        const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
        return edge('.notice', 'left') > edge('.entry:not([hidden]) .payload', 'left')
            && edge('.notice', 'top') > (edge('.scroller', 'top') + edge('.scroller', 'bottom')) / 2";
    page.waits_for(apart).await;
    assert_eq!(places(&page).await, before);
    // It stays while it has the focus.
    page.focuses(".notices button").await;
    page.has(".notices .notice:focus-within").await;
    page.focuses("textarea").await;
    page.lacks(".notices .notice").await;
    assert_eq!(places(&page).await, before);
}

#[tokio::test]
async fn the_first_hint_is_whole_in_a_low_list() {
    let (_server, browser, page) = connected().await;
    page.clicks(".unfold-measure").await;
    for (width, height) in [(1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        page.waits_for(
            "const edges = it => document.querySelector(it)?.getBoundingClientRect() ?? {};
             const [button, list, row] = ['.empty button', '.scroller', '.entry:not([hidden])'].map(edges);
             return list.height < 170 && button.top >= list.top && button.bottom <= row.top",
        )
        .await;
        is_in_reach(&page, ".empty button").await;
    }
}

#[tokio::test]
async fn a_mistaken_address_moves_nothing_and_is_explained_whole() {
    let (_server, browser, page) = connected().await;
    for (width, height) in [(1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        page.enters("[role=combobox]", "ws://localhost:1/").await;
        page.waits_for(&format!("{EXPLAINED} && !note.matches('.wrong')")).await;
        let before = places(&page).await;
        page.enters("[role=combobox]", "ws://user:secret@example.org/feed").await;
        page.presses(keys::ENTER).await;
        page.waits_for(&format!("{EXPLAINED} && note.matches('.wrong')")).await;
        assert_eq!(places(&page).await, before, "at {width} px");
    }
}

#[tokio::test]
async fn what_is_found_and_how_it_stands_moves_nothing() {
    let (server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    for (width, height) in [(1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        let before = places(&page).await;
        // The chip of a filter lies over the list, but over none of its rows.
        page.enters(".find input", "hi").await;
        page.contains(".list-status", " of ").await;
        page.has(".chip").await;
        assert_eq!(places(&page).await, before, "filtered, {width} px");
        is_in_reach(&page, ".chip").await;
        is_in_reach(&page, ".entry:not([hidden]) .payload").await;
        page.clears(".find input").await;
        page.lacks(".chip").await;
        assert_eq!(places(&page).await, before, "{width} px");
        page.clicks("button.pause").await;
        page.contains(".list-status", "aused").await;
        assert_eq!(places(&page).await, before, "paused, {width} px");
        page.clicks("button.pause").await;
        page.presses_enter().await;
        page.shows("The message is empty.").await;
        assert_eq!(places(&page).await, before, "an offer, {width} px");
        page.types("x").await;
        page.lacks(".offer button").await;
        page.fills("").await;
    }
    browser.sets_viewport(1280, 800).await;
    let before = places(&page).await;
    let stopped = server.stop().await;
    page.has_state("waiting").await;
    assert_eq!(places(&page).await, before, "{} is gone", stopped.authority());
}

#[tokio::test]
async fn a_failure_and_its_remedy_move_nothing() {
    let (server, browser, page) = connected().await;
    let url = server.ws("/ws");
    for (width, height) in [(1280, 800), (1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        let edges = "return ['.address input', '.unfold'].map(part => {
            const { left, right } = document.querySelector(part).getBoundingClientRect();
            return [part, left, right];
        })";
        let before = (places(&page).await, page.run(edges).await);
        page.goes_to("ws://localhost:2/a-path-that-nobody-has-asked-for-and-nobody-answers").await;
        page.has_state("waiting").await;
        page.has(".way-on .detour").await;
        assert_eq!((places(&page).await, page.run(edges).await), before, "waits, {width} px");
        page.focuses(".writing textarea").await;
        is_in_reach(&page, ".way-on .detour").await;
        is_in_reach(&page, ".retry").await;
        // Rows are beside them, and not below them.
        let apart = "
            const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
            return ['.way-on', '.retry'].every(it => edge(it, 'bottom') <= edge('.scroller', 'top') + 1)";
        page.waits_for(apart).await;
        page.stops_retrying().await;
        page.has_state("failed").await;
        assert_eq!((places(&page).await, page.run(edges).await), before, "failed, {width} px");
        page.clicks(".toolbar > .choices .toggle:nth-child(2)").await;
        is_in_reach(&page, ".chip").await;
        page.clicks(".chip").await;
        page.connects_to(&url).await;
    }
}

/// Edges of the toolbar's parts, and of the first row.
const READING: &str = "
    return ['.find input', '.next', '.toolbar > .choices', '.more', '.pause', '.clear', '.entry:not([hidden])']
        .map(part => {
            const { left, top, bottom } = document.querySelector(part).getBoundingClientRect();
            return [part, left, top, bottom];
        })";

#[tokio::test]
async fn a_message_that_opens_and_a_filter_move_no_part_of_the_toolbar_and_no_row() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    for (width, height) in [(1280, 620), (1280, 800), (768, 700)] {
        browser.sets_viewport(width, height).await;
        let before = page.run(READING).await;
        page.clicks(".entry[data-direction=sent]").await;
        page.has(".detail").await;
        assert_eq!(page.run(READING).await, before, "a message is open, {width} px");
        page.clicks(".detail .close").await;
        page.lacks(".detail").await;
        // What was received is below the first row.
        page.clicks(".toolbar > .choices .toggle:nth-child(2)").await;
        page.has(".chip").await;
        page.has_count(".entry:not([hidden])", 2).await;
        assert_eq!(page.run(READING).await, before, "filtered, {width} px");
        page.clicks(".chip").await;
        page.lacks(".chip").await;
    }
}

#[tokio::test]
async fn a_long_state_leaves_the_options_in_reach() {
    let (server, browser, page) = connected().await;
    let reason = "because%20".repeat(15);
    page.goes_to(&server.ws(&format!("/close?code=4000&reason={reason}"))).await;
    page.has_state("closed").await;
    page.clicks(".unfold").await;
    for (width, height) in [(1280, 620), (1280, 800), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        // By the focus in the options, then in what is said.
        for focused in [".options [role=tab][tabindex='0']", ".more-said"] {
            page.run(&format!("document.querySelector({focused:?}).focus()")).await;
            for tab in 1..=5 {
                let tab = format!(".options-tabs button:nth-child({tab})");
                page.run(&format!("document.querySelector({tab:?}).scrollIntoView()")).await;
                is_in_reach(&page, &tab).await;
            }
        }
        is_in_reach(&page, ".more-said").await;
        let covers_nothing = "
            const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
            return edge('.said', 'top') > edge('.page > header', 'bottom')
                && edge('.said', 'bottom') < edge('.options', 'top')";
        page.waits_for(covers_nothing).await;
        // The last of its letters.
        page.clicks(".more-said").await;
        page.waits_for(
            "const text = document.querySelector('.explanation');
             const { right, bottom } = [...text.getClientRects()].at(-1);
             return text.contains(document.elementFromPoint(right - 4, bottom - 4))",
        )
        .await;
        page.presses(keys::ESCAPE).await;
        page.has_focus(".more-said").await;
        page.lacks(".whole").await;
    }
}

#[tokio::test]
async fn a_pin_leaves_the_dock_and_the_composer_their_room() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.clicks(".pin").await;
    page.has(".pins").await;
    page.presses(keys::ESCAPE).await;
    page.clicks(".unfold-measure").await;
    let above = "
        const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
        return edge('.dock', 'bottom') <= edge('.composer', 'top')
            && edge('.scroller', 'bottom') <= edge('.dock', 'top')";
    for (width, height) in [(1280, 620), (768, 600), (360, 640)] {
        browser.sets_viewport(width, height).await;
        page.waits_for(above).await;
    }
}

#[tokio::test]
async fn options_and_metrics_leave_the_composer_in_view() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    page.clicks(".unfold-measure").await;
    page.opens_options("Query").await;
    for (width, height) in [(1280, 620), (1280, 800), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        for part in [".options [aria-selected=true]", ".scroller", ".dock .close", ".send"] {
            is_in_reach(&page, part).await;
        }
    }
}

/// Sends a message, and pins the answer.
async fn pins_an_answer(page: &Page) {
    page.sends(&["hi"]).await;
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.clicks(".pin").await;
    page.presses(keys::ESCAPE).await;
}

#[tokio::test]
async fn pins_options_and_metrics_leave_the_composer_in_view() {
    let (_server, browser, page) = connected().await;
    pins_an_answer(&page).await;
    page.clicks(".unfold-measure").await;
    page.opens_options("Query").await;
    for (width, height) in [(1280, 620), (1280, 800), (768, 700), (360, 740), (360, 640)] {
        browser.sets_viewport(width, height).await;
        for part in [
            ".options [aria-selected=true]",
            ".pins time",
            ".scroller",
            ".dock .close",
            ".compose-controls select",
            ".send",
            "#composer-says",
        ] {
            is_in_reach(&page, part).await;
        }
    }
}

#[tokio::test]
async fn options_and_metrics_leave_the_composer_in_view_under_a_finger() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    browser.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    page.enters("[role=combobox]", &server.ws("/stream")).await;
    page.opens_options("Endpoint").await;
    page.clicks(".unfold-measure").await;
    page.has(".dock").await;
    let apart = "
        const edge = (of, side) => of.getBoundingClientRect()[side];
        const [pane, dock, options, composer] = ['.pane', '.dock', '.options', '.composer']
            .map(it => document.querySelector(it));
        const tabs = [...document.querySelectorAll('.options-tabs button')];
        return [pane, dock, options].every(it => edge(it, 'bottom') <= edge(composer, 'top'))
            && tabs.every(it => it.scrollWidth <= it.clientWidth)";
    for (width, height) in [(360, 740), (390, 664), (768, 700)] {
        let room =
            json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
        browser.devtools("Emulation.setDeviceMetricsOverride", room).await;
        for part in [".options [aria-selected=true]", ".compose-controls select", ".send"] {
            is_in_reach(&page, part).await;
        }
        page.waits_for(apart).await;
    }
}

#[tokio::test]
async fn long_options_leave_the_list_above_the_composer() {
    let (server, browser, page) = connected().await;
    page.enters("[role=combobox]", &server.ws("/stream")).await;
    page.opens_options("Endpoint").await;
    let apart = "
        const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
        return edge('.pane', 'bottom') <= edge('.composer', 'top')";
    for (width, height) in [(1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        page.waits_for(apart).await;
        is_in_reach(&page, ".send").await;
    }
}

#[tokio::test]
async fn a_million_rows_have_room_in_the_summary() {
    let (_server, browser, page) = connected().await;
    browser.sets_viewport(1280, 800).await;
    let fits = "
        document.querySelector('[data-count=held]').textContent = '1,000,000';
        const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
        const figure = document.querySelector('.tallies span:has([data-count=held])');
        return figure.scrollWidth <= figure.clientWidth
            && edge('.sparkline', 'bottom') <= edge('.measure', 'bottom')";
    page.waits_for(fits).await;
}

#[tokio::test]
async fn pins_are_counted_and_a_pin_moves_no_button() {
    let (_server, browser, page) = connected().await;
    page.sends(&["one", "two"]).await;
    let places = "return ['.send-again', '.edit'].map(it => document.querySelector(it).getBoundingClientRect().left)";
    for row in 1..=4 {
        page.run(&format!(
            "document.querySelectorAll('.entry[data-kind=text]:not([hidden])')[{row} - 1].click()"
        ))
        .await;
        page.reads(".pin", "Pin").await;
        let before = page.run(places).await;
        page.clicks(".pin").await;
        page.reads(".pin", "Unpin").await;
        assert_eq!(page.run(places).await, before);
    }
    for (width, height) in [(1280, 800), (1280, 620)] {
        browser.sets_viewport(width, height).await;
        page.reads(".pins-title span", "Pinned (4)").await;
        is_in_reach(&page, ".pins-title button").await;
    }
    page.clicks(".pins-title button").await;
    page.lacks(".pins").await;
}

#[tokio::test]
async fn a_remedy_covers_no_pin() {
    let (_server, browser, page) = connected().await;
    pins_an_answer(&page).await;
    page.goes_to("ws://localhost:2/a-path-that-nobody-has-asked-for-and-nobody-answers").await;
    page.has_state("waiting").await;
    for (width, height) in [(1280, 800), (1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        for part in [".way-on .detour", ".pins time", ".send"] {
            is_in_reach(&page, part).await;
        }
    }
}

#[tokio::test]
async fn a_repetition_moves_nothing_on_a_phone() {
    let (_server, browser, page) = connected().await;
    browser.sets_viewport(360, 640).await;
    page.types("again").await;
    page.run("document.querySelectorAll('.fold-panel')[2].click()").await;
    page.has(".composer-panel").await;
    let before = places(&page).await;
    page.clicks(".panel-form [type=submit]").await;
    page.has(".repeating .stop").await;
    page.counts_at_least("sent", 3).await;
    assert_eq!(places(&page).await, before);
    is_in_reach(&page, ".repeating .stop").await;
    page.clicks(".repeating .stop").await;
    page.lacks(".repeating").await;
    assert_eq!(places(&page).await, before);
}

#[tokio::test]
async fn text_has_two_weights_and_the_dock_no_empty_line() {
    let (_server, browser, page) = connected().await;
    browser.sets_viewport(1280, 620).await;
    page.types("hi").await;
    page.presses_enter().await;
    page.clicks(".unfold-measure").await;
    page.has(".readout").await;
    let lines = "const it = document.querySelector('.readout');
        return it.getBoundingClientRect().height < 1.5 * parseFloat(getComputedStyle(it).lineHeight)";
    page.waits_for(lines).await;
    let mut attached = tempfile::NamedTempFile::with_suffix(".txt").expect("a file");
    std::io::Write::write_all(&mut attached, b"x").expect("a file");
    page.uploads(".file-button input", attached.path()).await;
    page.has(".file-name").await;
    let weights = "return [...new Set([...document.querySelectorAll('.page, .page *')]
        .filter(it => it.checkVisibility()).map(it => getComputedStyle(it).fontWeight))].sort().join()";
    assert_eq!(page.run(weights).await, "400,600");
}

#[tokio::test]
async fn the_options_of_an_endpoint_fit_a_low_window() {
    let (server, browser, page) = connected().await;
    browser.sets_viewport(1280, 620).await;
    page.enters("[role=combobox]", &server.ws("/stream")).await;
    page.opens_options("Endpoint").await;
    page.waits_for("return document.querySelectorAll('.options fieldset input').length > 3").await;
    let fits =
        "const it = document.querySelector('.page'); return it.scrollHeight <= it.clientHeight";
    page.waits_for(fits).await;
}

#[tokio::test]
async fn the_end_of_an_address_is_never_under_a_tabs_close_button() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/close?code=4001&reason=a-long-reason&after=1")).await;
    let apart = "
        const edge = (of, side) => of.getBoundingClientRect()[side];
        return [...document.querySelectorAll('.tab')].every(it =>
            edge(it.querySelector('.tab-end'), 'right') <= edge(it.querySelector('.close'), 'left'))";
    page.contains(".tab-end", "reason").await;
    page.waits_for(apart).await;
    for _ in 0..7 {
        page.clicks("button.add").await;
    }
    page.has_count(".tab", 8).await;
    for width in [1280, 360] {
        browser.sets_viewport(width, 700).await;
        page.waits_for(apart).await;
    }
}

/// Holds the timers of what can be restored for 20 s, until `expire()`.
const HOLDS_TIMERS: &str = "
    const [real, held] = [setInterval, []];
    window.setInterval = (run, time) => time === 20000 ? -held.push(run) : real(run, time);
    window.expire = () => held.splice(0).forEach(run => run())";

#[tokio::test]
async fn a_closed_tab_is_gone_for_good_after_a_while() {
    let (_server, _browser, page) = connected().await;
    page.run(HOLDS_TIMERS).await;
    page.clicks("button.add").await;
    page.run("[...document.querySelectorAll('.tab .close')][0].click()").await;
    page.has(".closed-tab .undo").await;
    page.run("expire()").await;
    page.lacks(".closed-tab .undo").await;
}

#[tokio::test]
async fn what_is_cleared_can_be_restored_for_a_while_and_covers_no_row() {
    let (_server, _browser, page) = connected().await;
    page.run(HOLDS_TIMERS).await;
    page.sends(&["hi"]).await;
    page.clicks("button.clear").await;
    page.has(".cleared .undo").await;
    page.sends(&["again"]).await;
    let apart = "
        const edge = (of, side) => document.querySelector(of).getBoundingClientRect()[side];
        return edge('.cleared', 'bottom') <= edge('.entry:not([hidden])', 'top')";
    page.waits_for(apart).await;
    page.run("expire()").await;
    page.lacks(".cleared").await;
}

/// Pop-ups: name, opener, and what is there while it is open.
const POPUPS: [(&str, &str, &str); 7] = [
    ("more", ".more summary", ".more[open]"),
    ("suggestions", ".opener", ".suggestion"),
    ("close code", ".with-code", "form.panel"),
    ("variables", ".fold-panel", ".composer-panel"),
    ("files", ".files > button", "#files:popover-open"),
    ("settings", ".show-settings", "#settings:popover-open"),
    ("keys", ".show-keys", "dialog[open]"),
];

#[tokio::test]
async fn each_popup_is_within_the_window() {
    let (_server, browser, page) = connected().await;
    for (width, height) in [(1280, 620), (768, 700), (360, 640)] {
        browser.sets_viewport(width, height).await;
        for (name, opener, open) in POPUPS {
            page.clicks(opener).await;
            page.has(open).await;
            let within = "
                const open = '.more[open] .sheet, .suggestions, form.panel, .composer-panel, #files, #settings, dialog[open]';
                const boxes = [...document.querySelectorAll(open)]
                    .filter(it => it.checkVisibility())
                    .map(it => it.getBoundingClientRect());
                return boxes.length > 0 && boxes.every(({ left, right, top, bottom }) =>
                    left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight)";
            assert_eq!(page.run(within).await, true, "{name}, {width} px");
            page.presses(keys::ESCAPE).await;
            page.lacks(open).await;
        }
    }
}

#[tokio::test]
async fn escape_and_a_press_elsewhere_close_each_popup() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["hi"]).await;
    for (name, opener, open) in POPUPS {
        page.clicks(opener).await;
        page.has(open).await;
        page.presses(keys::ESCAPE).await;
        page.lacks(open).await;
        page.has_focus(if name == "suggestions" { "[role=combobox]" } else { opener }).await;
        page.clicks(opener).await;
        page.has(open).await;
        // Where nothing is that takes the focus; the list of keys lies over it.
        if name == "keys" {
            page.clicks_at(4.0, 4.0).await;
        } else {
            page.clicks("h1").await;
        }
        page.lacks(open).await;
    }
    // Escape closes the pop-up alone, and not what is below it.
    page.clicks(".entry[data-direction=received]:not([hidden])").await;
    page.has(".detail-tabs").await;
    page.clicks(".more summary").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".more[open]").await;
    page.has(".detail-tabs").await;
}

#[tokio::test]
async fn options_are_tabs_and_an_endpoints_own_come_first() {
    let (server, _browser, page) = connected().await;
    page.enters("[role=combobox]", &server.ws("/echo?delay=1ms")).await;
    page.clicks("button.unfold").await;
    let shown = |tab: &str| {
        format!(
            "return document.querySelector('.options [aria-selected=true]').textContent === '{tab}'
                && [...document.querySelectorAll('.options fieldset')].filter(it => it.checkVisibility()).length === 1"
        )
    };
    page.waits_for(&shown("Endpoint")).await;
    let fields = "return [...document.querySelectorAll('.options code, .options .part .name')]
        .filter(it => it.checkVisibility() && (it.value ?? it.textContent) === 'delay').length";
    assert_eq!(page.run(fields).await, 1);
    for tab in ["Query", "Subprotocols", "Route", "Reconnect", "Saved connections", "Endpoint"] {
        page.focuses(".options [aria-selected=true]").await;
        page.presses(keys::RIGHT).await;
        page.waits_for(&shown(tab)).await;
    }
}

#[tokio::test]
async fn at_200_percent_the_connections_state_is_in_view_and_the_box_has_the_focus() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    browser.sets_viewport(640, 400).await;
    let page = browser.open(&server.http()).await;
    page.has_state("open").await;
    page.has_focus("textarea").await;
    is_in_reach(&page, ".said").await;
    browser.sets_viewport(360, 640).await;
    let heading = "const it = document.querySelector('h1'); return it.checkVisibility() && it.innerText !== ''";
    page.waits_for(heading).await;
}
