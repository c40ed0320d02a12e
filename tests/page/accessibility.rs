//! Accessibility: axe-core in each state, theme and width, and what it does not check: zoom of 400 %, touch
//! targets, forced colors, motion.

use std::{fs, path::Path};

use harness::{Authority, Browser, Page, Server, connected};
use serde_json::json;
use tokio::net::TcpListener;

use crate::room::is_sized;

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

/// A page with axe-core in it.
struct Audit {
    server: Server,
    browser: Browser,
    page: Page,
    /// Violations so far.
    found: Vec<String>,
}

impl Audit {
    /// Of the page of a server that has just started, connected; `None` without npm's axe-core.
    async fn begin() -> Option<Self> {
        let Some(modules) = std::env::var_os("WSBENCH_NODE_MODULES") else {
            eprintln!("axe-core is left out: WSBENCH_NODE_MODULES does not name its folder.");
            return None;
        };
        let script = Path::new(&modules).join("axe-core/axe.min.js");
        let axe = fs::read_to_string(&script);
        let axe = axe.unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        let (server, browser, page) = connected().await;
        page.run(&axe).await;
        Some(Self { server, browser, page, found: Vec::new() })
    }

    /// Takes note of what there is against the page as it is now, in each theme and width.
    async fn sees(&mut self, state: &str) {
        for width in WIDTHS {
            is_sized(&self.browser, width, 800).await;
            for theme in THEMES {
                self.page.wears(theme).await;
                let found =
                    self.page.run(&format!("return (async () => {{{VIOLATIONS}}})()")).await;
                let found = found.as_array().expect("a list").iter();
                self.found.extend(found.map(|it| format!("{state}, {theme}, {width} px: {it}")));
            }
        }
    }

    /// Fails if there was anything.
    async fn passes(self) {
        assert!(self.found.is_empty(), "{}", self.found.join("\n"));
        self.browser.close().await;
    }
}

/// Has the browser prefer `value` of the media feature `name`.
async fn prefers(browser: &Browser, name: &str, value: &str) {
    let features = json!({ "features": [{ "name": name, "value": value }] });
    browser.devtools("Emulation.setEmulatedMedia", features).await;
}

const JSON: &str = r#"{"user": 42, "channels": ["news", "prices"]}"#;

/// Script that opens the newest handshake and tells if its details are as `are`: an older one may still be the last.
fn newest_handshake(are: &str) -> String {
    format!(
        "[...document.querySelectorAll('.entry[data-kind=handshake]:not([hidden])')].at(-1)?.click();
         return {are}"
    )
}

#[tokio::test]
async fn nothing_is_against_the_page_while_it_is_connected() {
    let Some(mut audit) = Audit::begin().await else { return };
    let page = audit.page.clone();
    audit.sees("empty").await;

    page.presses_enter().await;
    page.says("The message is empty.").await;
    audit.sees("an empty message is offered").await;

    page.sends(&["hi", "¡Hola!", JSON]).await;
    audit.sees("open with messages").await;

    page.clicks(".entry[data-direction=sent]").await;
    page.says("Edit as new message").await;
    audit.sees("detail").await;
    page.clicks("#detail-tab-hex").await;
    audit.sees("detail, hexadecimal").await;

    is_sized(&audit.browser, 1280, 800).await;
    page.run("document.querySelectorAll('.detail-actions button')[1].click()").await;
    page.run("document.querySelectorAll('.entry[data-direction=received]')[1].click()").await;
    page.says("differ").await;
    audit.sees("compare").await;
    page.clicks(".pin").await;
    page.clicks(".detail-header .close").await;
    audit.sees("pinned").await;

    page.enters(".find input", "news").await;
    page.comes_true("return document.querySelector('.entry mark') !== null").await;
    audit.sees("filtered").await;
    page.enters(".find input", "nothing like it").await;
    page.says("No matches.").await;
    audit.sees("filtered, nothing found").await;
    is_sized(&audit.browser, 1280, 800).await;
    page.clicks(".find [title='List all rows and mark the matches']").await;
    page.clicks(".toggle[title='Show connection events']").await;
    page.enters(".find input", "news\u{e007}").await;
    page.says("1 of 2").await;
    audit.sees("marked").await;
    page.enters(".find input", " \u{e003}").await;

    page.clicks(".more summary").await;
    audit.sees("more of the list").await;
    page.enters(".sheet .field", "price >").await;
    page.says("Write a value after the comparison").await;
    audit.sees("a mistake in a field").await;
    is_sized(&audit.browser, 1280, 800).await;
    page.enters(".sheet .field", " \u{e003}").await;
    page.clicks(".more summary").await;
    is_sized(&audit.browser, 1280, 800).await;
    page.clicks(".unfold-measure").await;
    page.comes_true("return document.querySelector('.dock .plot') !== null").await;
    audit.sees("dock").await;
    page.clicks(".dock .close").await;
    page.clicks("button.clear").await;
    page.says("cleared").await;
    audit.sees("cleared").await;
    audit.passes().await;
}

#[tokio::test]
async fn nothing_is_against_what_a_person_opens() {
    let Some(mut audit) = Audit::begin().await else { return };
    let page = audit.page.clone();
    page.clicks("button.show-keys").await;
    page.says("Start a new line").await;
    audit.sees("list of keys").await;
    page.clicks(".keys .forget").await;

    page.clicks(".opener").await;
    page.comes_true("return document.querySelector('.suggestion') !== null").await;
    audit.sees("presets").await;
    page.presses("\u{e00c}").await;

    page.clicks("button.unfold").await;
    page.clicks(".options [role=tab]:not([hidden])").await;
    audit.sees("options unfolded").await;
    page.clicks(".options [role=tab]:nth-child(2)").await;
    page.clicks(".options fieldset:not([hidden]) .add-part").await;
    audit.sees("query of the options").await;
    page.clicks(".options [role=tab]:nth-child(4)").await;
    page.chooses(".route .choice select", "server").await;
    page.clicks(".route .add-part").await;
    audit.sees("options of the way through this server").await;
    page.clicks(".section.credentials").await;
    page.chooses(".sign-in", "Basic").await;
    page.clicks(".credentials .add-part").await;
    audit.sees("sign-in and cookies").await;
    for section in ["tls", "network", "compression"] {
        page.clicks(&format!(".section.{section}")).await;
        audit.sees(section).await;
    }
    page.chooses(".route .choice select", "browser").await;
    page.clicks("button.unfold").await;

    page.clicks("button.with-code").await;
    page.enters(".panel .code", "1").await;
    audit.sees("disconnecting with a wrong code").await;
    page.presses("\u{e00c}").await;

    page.clicks("button.add").await;
    page.clicks("button.add").await;
    audit.sees("several tabs").await;
    page.run("document.querySelector('[role=tab][aria-selected=true]').focus()").await;
    page.presses("\u{e032}").await;
    page.comes_true("return document.querySelector('.tab-rename') !== null").await;
    audit.sees("a tab is renamed").await;
    page.presses("\u{e00c}").await;
    page.run(
        "const tab = document.querySelector('[role=tab][aria-selected=true]');
         tab.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: 200, clientY: 20 }))",
    )
    .await;
    page.comes_true("return document.querySelector('.tab-menu') !== null").await;
    audit.sees("a tab's menu").await;
    page.presses("\u{e00c}").await;
    page.run("document.querySelector('.tab .close').click()").await;
    page.says("Closed").await;
    audit.sees("a closed tab").await;

    page.clicks("button.show-settings").await;
    audit.sees("settings").await;
    page.presses("\u{e00c}").await;
    page.clicks(".unfold-measure").await;
    audit.sees("dock without messages").await;
    page.run("navigator.clipboard.writeText = async () => { throw 0 }").await;
    page.run("[...document.querySelectorAll('#files button')].find(it => it.textContent === 'Copy as link').click()")
        .await;
    page.comes_true("return document.querySelector('.notices .notice') !== null").await;
    audit.sees("a notice").await;
    audit.passes().await;
}

#[tokio::test]
async fn nothing_is_against_a_connection_through_the_server() {
    let Some(mut audit) = Audit::begin().await else { return };
    let page = audit.page.clone();
    page.takes_the_server().await;
    page.clicks(".route .add-part").await;
    page.enters(".route .name", "X-Key").await;
    page.enters(".route .value", "abc").await;
    page.goes_to(&audit.server.ws("/echo")).await;
    page.says("through this server").await;
    page.clicks("button.unfold").await;
    page.chooses(".framing", "Fragments by number").await;
    page.comes_true("return document.querySelector('.frame-number') !== null").await;
    page.types("in two").await;
    page.presses_enter().await;
    page.sees("received", "in two").await;
    audit.sees("relayed, with a choice of frames").await;
    page.enters(".frame-number", "0").await;
    page.comes_true("return document.querySelector('.frame-number[aria-invalid]') !== null").await;
    audit.sees("no number of fragments").await;
    page.clicks(".entry[data-direction=sent]").await;
    page.comes_true("return document.querySelectorAll('.frames tbody tr').length === 2").await;
    page.clicks(".frames summary").await;
    audit.sees("frames of a message").await;
    page.clicks(".entry[data-kind=handshake]").await;
    page.comes_true("return document.querySelectorAll('.head').length === 2").await;
    audit.sees("handshake").await;
    page.clicks(".detail-header .close").await;
    page.chooses(".framing", "Ping").await;
    page.types("there?").await;
    page.presses_enter().await;
    page.sees("event", "Pong received: there?").await;
    page.clicks(".entry[data-kind=control]").await;
    page.comes_true("return document.querySelector('.frame-table') !== null").await;
    audit.sees("frame of no message").await;
    page.clicks(".detail-header .close").await;

    page.goes_to("ws://localhost:9/other").await;
    page.comes_true("return document.querySelector('.detour') !== null").await;
    audit.sees("asked if headers go elsewhere").await;
    let untrusted = Authority::default().serve().await;
    page.goes_to(&format!("wss://localhost:{untrusted}/")).await;
    page.clicks(".detour").await;
    let question = format!("Accept this certificate of localhost:{untrusted} once");
    page.says(&question).await;
    audit.sees("asked about a certificate").await;
    page.comes_true(&newest_handshake(
        "document.body.innerText.includes('The certificate was refused')",
    ))
    .await;
    audit.sees("a refused certificate").await;
    page.clicks(".detail-header .close").await;
    page.goes_to(&audit.server.ws("/reject?status=401")).await;
    page.clicks(".detour").await;
    page.says("HTTP status 401").await;
    page.comes_true(&newest_handshake(
        "document.querySelectorAll('.event-facts .head').length === 3",
    ))
    .await;
    audit.sees("body of a refusal").await;
    page.clicks(".detail-header .close").await;
    page.unfolds("Route").await;
    page.clicks(".route .remove-part").await;
    page.clicks(".section.network").await;
    page.enters(".route input[placeholder='127.0.0.1']", "10.255.255.1").await;
    page.clicks("button.unfold").await;
    let host = "a-long-name-of-a-service-in-the-local-network.and-its-department.example.test";
    page.goes_to(&format!("ws://{host}:8443/")).await;
    page.comes_true("return document.querySelector('.detour')?.textContent.includes('service')")
        .await;
    audit.sees("asked about a network").await;
    page.unfolds("Saved").await;
    page.enters("input[placeholder='Name of this connection']", "Of the department").await;
    page.clicks(".options form button").await;
    page.comes_true("return document.querySelector('.options .load') !== null").await;
    audit.sees("saved connections").await;
    audit.passes().await;
}

#[tokio::test]
async fn nothing_is_against_the_page_when_something_goes_wrong() {
    let Some(mut audit) = Audit::begin().await else { return };
    let page = audit.page.clone();
    page.clicks_connect().await;
    page.is("closed").await;
    audit.sees("closed").await;

    page.goes_to("ftp://example.org").await;
    page.comes_true("return document.querySelector('[role=combobox][aria-invalid]') !== null")
        .await;
    audit.sees("wrong address").await;

    page.goes_to(&audit.server.ws("/hang?stage=handshake")).await;
    page.is("connecting").await;
    audit.sees("connecting").await;
    page.clicks_connect().await;
    page.is("closed").await;

    // Nothing listens where something just did.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
    let address = listener.local_addr().expect("it has an address");
    drop(listener);
    page.goes_to(&format!("ws://{address}/")).await;
    page.is("waiting").await;
    audit.sees("waiting").await;
    page.stops_retrying().await;
    page.is("failed").await;
    page.clicks(".causes summary").await;
    audit.sees("failed").await;
    audit.passes().await;
}

#[tokio::test]
async fn nothing_is_against_a_flood() {
    let Some(mut audit) = Audit::begin().await else { return };
    let page = audit.page.clone();
    page.clicks_connect().await;
    page.is("closed").await;
    page.goes_to(&audit.server.ws("/stream?rate=1000/s")).await;
    page.comes_true(
        "return Number(document.querySelector('[data-count=received]').textContent.replaceAll(',', '')) > 1000",
    )
    .await;
    audit.sees("flood").await;
    audit.passes().await;
}

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
        is_sized(&browser, width, height).await;
        assert_eq!(page.run(OUT_OF_REACH).await, json!([]), "{width} px");
        page.run("document.querySelector('.unfold').click()").await;
        page.comes_true("return document.querySelector('.options fieldset') !== null").await;
        assert_eq!(page.run(OUT_OF_REACH).await, json!([]), "options, {width} px");
        page.run("document.querySelector('.unfold').click()").await;
        page.run("document.querySelector('.entry[data-kind=text]').click()").await;
        page.comes_true("return document.querySelector('.detail-tabs') !== null").await;
        assert_eq!(page.run(OUT_OF_REACH).await, json!([]), "detail, {width} px");
        page.run("document.querySelector('.detail-header .close').click()").await;
        page.run("document.querySelector('.show-keys').click()").await;
        let dialog = "const list = document.querySelector('dialog');
            return list.open && list.scrollWidth <= list.clientWidth && list.getBoundingClientRect().right <= innerWidth";
        assert_eq!(page.run(dialog).await, true, "keys, {width} px");
        page.run("document.querySelector('dialog').close()").await;
    }
    browser.close().await;
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
    page.comes_true("return matchMedia('(pointer: coarse)').matches").await;
    page.is("open").await;
    page.sends(&["hi", JSON]).await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "open");
    page.run("document.querySelector('.more summary').click()").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "more");
    page.run("document.querySelector('.more summary').click()").await;
    page.enters(".find input", "h").await;
    page.comes_true("return document.querySelector('.chip') !== null").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "finding");
    page.enters(".find input", " \u{e003}").await;
    page.run(
        "document.querySelector('.unfold').click(); document.querySelector('.with-code').click()",
    )
    .await;
    page.comes_true("return document.querySelector('form.panel') !== null").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "options and disconnecting");
    page.run("document.querySelector('.entry[data-kind=text]').click()").await;
    page.comes_true("return document.querySelector('.detail-tabs') !== null").await;
    assert_eq!(page.run(TOO_SMALL).await, json!([]), "detail");
    browser.close().await;
}

#[tokio::test]
async fn what_is_chosen_is_seen_in_the_systems_own_colors() {
    let (_server, browser, page) = connected().await;
    page.sends(&["hi"]).await;
    prefers(&browser, "forced-colors", "active").await;
    page.run("document.querySelector('.entry[data-kind=text]').click()").await;
    page.comes_true("return document.querySelector('.entry[aria-selected=true]') !== null").await;
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
    page.comes_true("return document.querySelector('.choices [aria-pressed=false]') !== null")
        .await;
    for (one, other) in [
        (".entry[aria-selected=true]", ".entry[aria-selected=false]"),
        (".choices .toggle[aria-pressed=true]", ".choices .toggle[aria-pressed=false]"),
        ("#detail-tab-text[aria-selected=true]", "#detail-tab-hex"),
    ] {
        assert_eq!(page.run(&differ(one, other)).await, true, "{one}");
    }
    browser.close().await;
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
    browser.close().await;
}

#[tokio::test]
async fn rows_follow_a_change_of_the_pointing_device() {
    let (_server, browser, page) = connected().await;
    page.sends(&["one", "two", "three"]).await;
    for (is_touch, height) in [(true, 44), (false, 28)] {
        let enabled = json!({ "enabled": is_touch });
        browser.devtools("Emulation.setTouchEmulationEnabled", enabled).await;
        page.comes_true(&format!(
            "const rows = [...document.querySelectorAll('.entry:not([hidden])')].map(it => it.getBoundingClientRect());
             return rows.length === 7 && rows.every((row, at) => Math.abs(row.height - {height}) < 0.5
                 && Math.abs(row.top - rows[0].top - at * {height}) < 0.5)"
        ))
        .await;
    }
    browser.close().await;
}

/// Keeps what the announcer says in `window.spoken`.
const LISTENS: &str = "window.spoken = [];
    new MutationObserver(changes => {
        const added = changes.flatMap(it => [...it.addedNodes]).map(it => it.textContent);
        window.spoken.push(...added.filter(text => text));
    }).observe(document.querySelector('.announcer'), { childList: true, subtree: true });";

#[tokio::test]
async fn equal_messages_and_the_result_of_a_search_are_read_out() {
    let (_server, browser, page) = connected().await;
    page.run(LISTENS).await;
    for count in [1, 2] {
        page.sends(&["hi"]).await;
        page.comes_true(&format!(
            "return window.spoken.filter(it => it === 'Received: Echo: hi').length === {count}"
        ))
        .await;
    }
    // Counts of each snapshot are not: only that of the whole search.
    page.enters(".find input", "Echo").await;
    page.comes_true("return window.spoken.at(-1).startsWith('2 of 5')").await;
    let live = "return document.querySelector('.list-status > span').ariaLive";
    assert_eq!(page.run(live).await, "off");
    page.run("document.querySelector('.scroller').focus()").await;
    page.presses("\u{e013}").await;
    page.comes_true(
        "const rows = [...document.querySelectorAll('.entry[aria-setsize]')];
         return rows.length === 1 && rows[0].ariaSetSize === '2' && rows[0].ariaPosInSet === '2'",
    )
    .await;
    browser.close().await;
}
