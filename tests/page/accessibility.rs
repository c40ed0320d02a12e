//! Accessibility: axe-core in each state, theme and width, and what it does not check: zoom of 400 %, touch
//! targets, forced colors, motion.

use std::{fs, path::Path};

use harness::{Browser, Page, Server, connected, keys, states::Part};
use serde_json::json;

const THEMES: [&str; 2] = ["light", "dark"];
const WIDTHS: [u32; 2] = [360, 1280];

/// Lists axe-core's violations of WCAG 2.2 at levels A and AA.
const VIOLATIONS: &str = "
    // What fades in has no contrast yet.
    await Promise.allSettled(document.getAnimations().map(animation => animation.finished));
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
    const rules = { 'page-has-heading-one': { enabled: true } };
    const { violations } = await axe.run(document, { runOnly: tags, rules, resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));";

/// Page with axe-core in it, of a server that has just started, connected; `None` without npm's axe-core.
async fn with_axe() -> Option<(Server, Browser, Page)> {
    let Some(modules) = std::env::var_os("WSBENCH_NODE_MODULES") else {
        eprintln!("axe-core is left out: WSBENCH_NODE_MODULES does not name its folder.");
        return None;
    };
    let script = Path::new(&modules).join("axe-core/axe.min.js");
    let axe = fs::read_to_string(&script);
    let axe = axe.unwrap_or_else(|error| panic!("{}: {error}", script.display()));
    let (server, browser, page) = connected().await;
    page.run(&axe).await;
    Some((server, browser, page))
}

/// Violations of the page as it is now, in each theme and width.
async fn violations(browser: &Browser, page: &Page, state: &str) -> Vec<String> {
    let mut all = Vec::new();
    for width in WIDTHS {
        browser.sets_viewport(width, 800).await;
        for theme in THEMES {
            page.sets_theme(theme).await;
            let found = page.run(&format!("return (async () => {{{VIOLATIONS}}})()")).await;
            let found = found.as_array().expect("a list").iter();
            all.extend(found.map(|it| format!("{state}, {theme}, {width} px: {it}")));
        }
    }
    all
}

/// Fails if anything is against the page in a state of `part`.
async fn audit(part: Part) {
    let Some((server, browser, page)) = with_axe().await else { return };
    let mut found = Vec::new();
    let visit = async |state: &str| found.extend(violations(&browser, &page, state).await);
    part.walk(server, &browser, &page, visit).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn nothing_is_against_a_conversation() {
    audit(Part::Conversation).await;
}

#[tokio::test]
async fn nothing_is_against_what_a_person_opens() {
    audit(Part::Opened).await;
}

#[tokio::test]
async fn nothing_is_against_a_connection_through_the_server() {
    audit(Part::Relay).await;
}

#[tokio::test]
async fn nothing_is_against_the_page_when_something_goes_wrong() {
    audit(Part::Trouble).await;
}

/// Has the browser prefer `value` of the media feature `name`.
async fn prefers(browser: &Browser, name: &str, value: &str) {
    let features = json!({ "features": [{ "name": name, "value": value }] });
    browser.devtools("Emulation.setEmulatedMedia", features).await;
}

const JSON: &str = r#"{"user": 42, "channels": ["news", "prices"]}"#;

/// Lists controls out of reach: beyond an edge that nothing scrolls to. The tabs
/// scroll by themselves.
const OUT_OF_REACH: &str = "
    const root = document.querySelector('.page');
    const edge = root.getBoundingClientRect();
    const controls = [...document.querySelectorAll('button, input, select, textarea, summary, [tabindex]')];
    const out = controls
        .filter(it => it.checkVisibility({ visibilityProperty: true }) && !it.closest('.tabs'))
        .filter(it => {
            it.scrollIntoView({ block: 'nearest', inline: 'nearest' });
            const { left, right, top, bottom } = it.getBoundingClientRect();
            return left < 0 || right > innerWidth + 1 || bottom < 1 || top > innerHeight - 1;
        })
        .map(it => it.outerHTML);
    return root.scrollWidth > root.clientWidth ? ['the page scrolls sideways', ...out] : out;";

#[tokio::test]
async fn at_400_percent_everything_is_there_and_nothing_scrolls_sideways() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi", JSON]).await;
    // A window of 1280 by 1024 pixels at 200 % and at 400 % (WCAG 2.2, 1.4.10).
    for (width, height) in [(640, 512), (320, 256)] {
        browser.sets_viewport(width, height).await;
        assert_eq!(page.run(OUT_OF_REACH).await, json!([]), "{width} px");
        page.run("document.querySelector('.unfold').click()").await;
        page.has(".options fieldset").await;
        assert_eq!(page.run(OUT_OF_REACH).await, json!([]), "options, {width} px");
        page.run("document.querySelector('.unfold').click()").await;
        page.run("document.querySelector('.entry[data-kind=text]').click()").await;
        page.has(".detail-tabs").await;
        assert_eq!(page.run(OUT_OF_REACH).await, json!([]), "detail, {width} px");
        page.run("document.querySelector('.detail-header .close').click()").await;
        page.run("document.querySelector('.show-keys').click()").await;
        let dialog = "const list = document.querySelector('dialog');
            return list.open && list.scrollWidth <= list.clientWidth && list.getBoundingClientRect().right <= innerWidth";
        assert_eq!(page.run(dialog).await, true, "keys, {width} px");
        page.run("document.querySelector('dialog').close()").await;
    }
}

/// Lists touch targets of less than 44 pixels a side.
const TOO_SMALL: &str = "
    return [...document.querySelectorAll('button, input, select, textarea, summary, .entry')]
        .filter(it => it.checkVisibility({ visibilityProperty: true }))
        // All of a label is what is hit.
        .map(it => [it, (it.closest('label') ?? it).getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 44 || height < 44)
        .map(([it, { width, height }]) => `${width}x${height} ${it.outerHTML}`);";

#[tokio::test]
async fn a_finger_hits_what_it_means() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    let room = json!({ "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true });
    browser.devtools("Emulation.setDeviceMetricsOverride", room).await;
    browser.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    let page = browser.open(&server.http()).await;
    page.waits_for("return matchMedia('(pointer: coarse)').matches").await;
    page.has_state("open").await;
    page.sends(&["hi", JSON]).await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "open");
    page.run("document.querySelector('.more summary').click()").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "more");
    page.run("document.querySelector('.more summary').click()").await;
    page.enters(".find input", "h").await;
    page.has(".chip").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "finding");
    page.clears(".find input").await;
    page.run(
        "document.querySelector('.unfold').click(); document.querySelector('.with-code').click()",
    )
    .await;
    page.has("form.panel").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "options and disconnecting");
    page.run("document.querySelector('.entry[data-kind=text]').click()").await;
    page.has(".detail-tabs").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "detail");
}

#[tokio::test]
async fn what_is_chosen_is_seen_in_the_systems_own_colors() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    prefers(&browser, "forced-colors", "active").await;
    page.run("document.querySelector('.entry[data-kind=text]').click()").await;
    page.has(".entry[aria-selected=true]").await;
    let differ = |one: &str, other: &str| {
        format!(
            "const look = selector => {{
                const {{ backgroundColor, color, outline, border }} = getComputedStyle(document.querySelector(selector));
                return [backgroundColor, color, outline, border].join();
            }};
            return look({one:?}) !== look({other:?});"
        )
    };
    page.clicks(".choices .toggle:last-child").await;
    page.has(".choices [aria-pressed=false]").await;
    for (one, other) in [
        (".entry[aria-selected=true]", ".entry[aria-selected=false]"),
        (".choices .toggle[aria-pressed=true]", ".choices .toggle[aria-pressed=false]"),
        ("#detail-tab-text[aria-selected=true]", "#detail-tab-hex"),
    ] {
        assert_eq!(page.run(&differ(one, other)).await, true, "{one}");
    }
}

#[tokio::test]
async fn nothing_moves_for_who_wants_no_motion() {
    let (_server, browser, page) = connected().await;
    prefers(&browser, "prefers-reduced-motion", "reduce").await;
    page.sends(&["hi"]).await;
    let moving = "
        return [...document.querySelectorAll('*')].filter(it => {
            const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(it);
            return transitionDuration !== '0s' || animationName !== 'none' || scrollBehavior !== 'auto';
        }).map(it => it.outerHTML)";
    assert_eq!(page.run(moving).await, json!([]));
}

#[tokio::test]
async fn rows_follow_a_change_of_the_pointing_device() {
    let (_server, browser, page) = connected().await;
    page.sends(&["one", "two", "three"]).await;
    for (is_touch, height) in [(true, 44), (false, 28)] {
        let enabled = json!({ "enabled": is_touch });
        browser.devtools("Emulation.setTouchEmulationEnabled", enabled).await;
        page.waits_for(&format!(
            "const rows = [...document.querySelectorAll('.entry:not([hidden])')].map(it => it.getBoundingClientRect());
             return rows.length === 7 && rows.every((row, at) => Math.abs(row.height - {height}) < 0.5
                 && Math.abs(row.top - rows[0].top - at * {height}) < 0.5)"
        ))
        .await;
    }
}

/// Keeps what the announcer says in `window.spoken`.
const LISTENS: &str = "window.spoken = [];
    new MutationObserver(changes => {
        const added = changes.flatMap(it => [...it.addedNodes]).map(it => it.textContent);
        window.spoken.push(...added.filter(text => text));
    }).observe(document.querySelector('.announcer'), { childList: true, subtree: true });";

#[tokio::test]
async fn equal_messages_and_the_result_of_a_search_are_read_out() {
    let (_server, _browser, page) = connected().await;
    page.run(LISTENS).await;
    for count in [1, 2] {
        page.sends(&["hi"]).await;
        page.waits_for(&format!(
            "return window.spoken.filter(it => it === 'Received: Echo: hi').length === {count}"
        ))
        .await;
    }
    // Counts of each snapshot are not: only that of the whole search.
    page.enters(".find input", "Echo").await;
    page.waits_for("return window.spoken.at(-1).startsWith('2 of 5')").await;
    let live = "return document.querySelector('.list-status > span').ariaLive";
    assert_eq!(page.run(live).await, "off");
    page.focuses(".scroller").await;
    page.presses(keys::UP).await;
    page.waits_for(
        "const rows = [...document.querySelectorAll('.entry[aria-setsize]')];
         return rows.length === 1 && rows[0].ariaSetSize === '2' && rows[0].ariaPosInSet === '2'",
    )
    .await;
}
