//! Look: what stands where, how wide it is, and what is emphasized.

use harness::{Page, Server, connected, keys};

/// Opens a tab each for four rooms, without connecting.
async fn opens_rooms(page: &Page, server: &Server) {
    for room in 0..4 {
        page.opens_tab().await;
        page.enters("[role=combobox]", &server.ws(&format!("/chat/room-{room}"))).await;
    }
    page.has_count(".tab", 5).await;
}

#[tokio::test]
async fn narrow_tabs_show_the_ends_of_their_paths_and_no_part_of_a_digit() {
    let (server, browser, page) = connected().await;
    opens_rooms(&page, &server).await;
    let told_apart = "
        const box = node => {
            const range = document.createRange();
            range.selectNodeContents(node);
            return range.getBoundingClientRect();
        };
        return [...document.querySelectorAll('.tab-label')].every(label => {
            const frame = label.getBoundingClientRect();
            const [host, end] = label.children;
            const tail = box(end.lastChild.nodeType === Node.TEXT_NODE ? end.lastChild : end);
            const at = host.getBoundingClientRect();
            return tail.left >= frame.left - 1 && tail.right <= frame.right + 1 && tail.top < frame.bottom
                && (at.top >= frame.bottom - 1 || host.scrollWidth <= host.clientWidth || at.width >= 47);
        });";
    for width in [1280, 768, 360] {
        browser.sets_viewport(width, 700).await;
        page.waits_for(told_apart).await;
    }
}

#[tokio::test]
async fn tabs_that_do_not_fit_are_listed() {
    let (server, browser, page) = connected().await;
    page.lacks(".all-tabs").await;
    opens_rooms(&page, &server).await;
    browser.sets_viewport(360, 740).await;
    page.has(".all-tabs[title='All 5 tabs']").await;
    page.focuses(".all-tabs").await;
    page.presses(keys::ENTER).await;
    page.has("#all-tabs [aria-current=true]").await;
    let room = server.ws("/chat/room-1").replace("ws://", "");
    page.clicks_text("#all-tabs button", &room).await;
    page.reads("[role=tab][aria-selected=true]", &room).await;
    page.lacks("#all-tabs:popover-open").await;
    for _ in 0..3 {
        page.run("document.querySelector('.tab .close').click()").await;
    }
    page.has_count(".tab", 2).await;
    browser.sets_viewport(1280, 740).await;
    page.lacks(".all-tabs").await;
}

#[tokio::test]
async fn the_header_gives_its_width_to_the_tabs() {
    let (server, browser, page) = connected().await;
    opens_rooms(&page, &server).await;
    browser.sets_viewport(768, 700).await;
    page.waits_for("return document.querySelector('.tabs').clientWidth > 500").await;
}

#[tokio::test]
async fn bold_takes_no_room_and_only_what_deviates_is_tinted() {
    let (_server, browser, page) = connected().await;
    browser.sets_viewport(1280, 800).await;
    let look = "
        const toggles = [...document.querySelectorAll('.toolbar .toggle')];
        return toggles.map(it => [it.offsetWidth, getComputedStyle(it).backgroundColor]);";
    let before = page.run(look).await;
    let mut tints = before.as_array().expect("a list").iter().map(|it| it[1].clone());
    let plain = tints.next();
    assert!(tints.all(|it| Some(it) == plain), "{before}");
    for toggle in ["Mark", "Received"] {
        page.clicks_text(".toolbar .toggle", toggle).await;
    }
    page.has_count(".toolbar .toggle[aria-pressed=true]", 3).await;
    let after = page.run(look).await;
    for (at, (before, after)) in
        before.as_array().unwrap().iter().zip(after.as_array().unwrap()).enumerate()
    {
        assert_eq!(before[0], after[0], "its width");
        assert_eq!(before[1] != after[1], [3, 5].contains(&at), "toggle {at}: {after}");
    }
    let shadows = "return [...document.querySelectorAll('.page *')]
        .filter(it => getComputedStyle(it).textShadow !== 'none').length";
    assert_eq!(page.run(shadows).await, 0);
    let weight = "return getComputedStyle(document.querySelector('.connect')).fontWeight";
    assert_eq!(page.run(weight).await, "400", "to disconnect is not what is next");
}

#[tokio::test]
async fn a_narrow_row_has_room_for_its_message() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    browser.sets_viewport(360, 740).await;
    let room = "const it = document.querySelector('.entry[data-kind=text]:not([hidden])');
        return it.querySelector('.payload').clientWidth > 0.6 * it.clientWidth";
    page.waits_for(room).await;
}

#[tokio::test]
async fn text_is_not_cut_and_touches_none() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    for (width, height) in [(1280, 800), (360, 740)] {
        browser.sets_viewport(width, height).await;
        let whole = "const it = document.querySelector('.composer-says .hint');
            return it.scrollHeight <= it.clientHeight";
        page.waits_for(whole).await;
        page.clicks(".unfold-measure").await;
        let apart = "
            const edge = (of, side) => document.querySelector(of)?.getBoundingClientRect()[side];
            return edge('.chart-scale span', 'top') >= edge('.chart-title', 'bottom') + 2";
        page.waits_for(apart).await;
        page.clicks(".dock .close").await;
    }
}

#[tokio::test]
async fn boxes_of_options_start_where_their_columns_do() {
    let (server, browser, page) = connected().await;
    page.enters("[role=combobox]", &server.ws("/stream")).await;
    page.opens_options("Endpoint").await;
    for width in [1280, 768] {
        browser.sets_viewport(width, 800).await;
        let aligned = "
            const left = it => it.getBoundingClientRect().left;
            const labels = [...document.querySelectorAll('.preset label')];
            return labels.length > 3
                && labels.every(it => left(it.querySelector('input, select')) === left(it))";
        page.waits_for(aligned).await;
    }
}

#[tokio::test]
async fn an_error_of_the_address_that_covers_the_page_closes_by_escape() {
    let (_server, browser, page) = connected().await;
    browser.sets_viewport(360, 640).await;
    page.enters("[role=combobox]", "ws://user:secret@example.org/feed").await;
    page.presses(keys::ENTER).await;
    page.has(".says.whole .note.wrong").await;
    page.presses(keys::ESCAPE).await;
    page.lacks(".says.whole").await;
    page.has_focus("[role=combobox]").await;
}
