//! Going from one address to another while connected.

use harness::{Page, Server, connected};
use serde_json::Value;

use crate::keeping::keeps;

const NOTE: &str = "return document.querySelector('.status .note').textContent";
const TAB: &str = "return document.querySelector('[role=tab][aria-selected=true]').textContent";

#[tokio::test]
async fn enter_on_another_address_switches_to_it() {
    let (server, browser, page) = connected().await;
    let (before, after) = (server.ws("/ws"), server.ws("/echo"));
    page.enters("[role=combobox]", &after).await;
    let note = page.run(NOTE).await;
    assert_eq!(note, format!("Still connected to {before}. Press Enter to switch."));
    let name = |url: &str| url.trim_start_matches("ws://").to_owned();
    assert_eq!(page.run(TAB).await, name(&before), "the tab shows what is connected");
    page.presses("\u{e007}").await;
    page.sees("event", &format!("Switching from {before} to {after}")).await;
    page.comes_true(&format!("{TAB} === '{}'", name(&after))).await;
    page.is("open").await;
    page.comes_true(&format!("{NOTE} === ''")).await;
    page.comes_true("return document.querySelector('.conversation .empty') === null").await;
    page.types("plain").await;
    page.presses_enter().await;
    page.sees("received", "plain").await;
    browser.close().await;
}

#[tokio::test]
async fn picking_an_endpoint_while_connected_switches_to_it() {
    let (server, browser, page) = connected().await;
    page.enters("[role=combobox]", "/echo").await;
    page.clicks(".suggestion").await;
    page.sees("event", &format!("Switching from {} to {}", server.ws("/ws"), server.ws("/echo")))
        .await;
    page.is("open").await;
    browser.close().await;
}

#[tokio::test]
async fn an_endpoint_with_options_is_marked_and_unfolds_nothing() {
    let (server, browser, page) = connected().await;
    let own = "document.querySelector('.unfold .own')";
    page.comes_true(&format!("return {own} === null")).await;
    page.enters("[role=combobox]", "/echo").await;
    page.clicks(".suggestion").await;
    page.sees("event", &format!("Connected to {}", server.ws("/echo"))).await;
    page.comes_true(&format!("return {own} !== null")).await;
    let unfold = "document.querySelector('.unfold')";
    assert_eq!(page.run(&format!("return {unfold}.title")).await, "Options of /echo");
    assert_eq!(page.run(&format!("return {unfold}.ariaExpanded")).await, "false");
    page.clicks("button.unfold").await;
    page.comes_true(
        "return document.querySelector('.options [aria-selected=true]').textContent === 'Endpoint'",
    )
    .await;
    browser.close().await;
}

/// Adds an environment with these variables.
async fn defines(page: &Page, variables: &[(&str, &str)]) {
    page.run("document.querySelector('.fold-panel').click()").await;
    page.clicks(".add-environment").await;
    for (name, value) in variables {
        page.clicks(".add-variable").await;
        page.comes_true("return document.activeElement.matches('.variable .name')").await;
        page.presses(name).await;
        page.enters(".variable:last-child .value", value).await;
    }
}

#[tokio::test]
async fn an_address_has_variables_and_the_connection_their_values() {
    let (server, browser, page) = connected().await;
    let variables = [("host", server.authority()), ("greeting", "a b&")];
    defines(&page, &variables).await;
    let template = "ws://{{host}}/echo?prefix={{greeting}}";
    page.goes_to(template).await;
    let address = server.ws("/echo?prefix=a%20b%26");
    page.sees("event", &format!("Switching from {} to {address}", server.ws("/ws"))).await;
    page.comes_true(&format!("{TAB}.endsWith('/echo?prefix=a%20b%26')")).await;
    page.is("open").await;
    page.comes_true(&format!("{NOTE} === ''")).await;
    page.fills("hi").await;
    page.presses_enter().await;
    page.sees("received", "a b&hi").await;
    let typed = "return document.querySelector('[role=combobox]').value";
    assert_eq!(page.run(typed).await, template);
    // A row of the query takes them, too.
    page.clicks(".unfold").await;
    page.enters(".parts .value", "<{{greeting}}>").await;
    assert_eq!(page.run(typed).await, "ws://{{host}}/echo?prefix=%3C{{greeting}}%3E");

    page.goes_to("ws://{{port}}/").await;
    page.comes_true(&format!(
        "{NOTE} === 'Variables: no variable port. Available: host, greeting, now, now_ms, random 1 100, seq, uuid. \
         Write {{{{{{{{ for literal braces.'"
    ))
    .await;
    browser.close().await;
}

#[tokio::test]
async fn a_secret_variable_in_the_address_is_filled_in_and_shown_nowhere() {
    let (server, browser, page) = connected().await;
    defines(&page, &[("apiKey", "s3cret")]).await;
    let template = server.ws("/echo?prefix={{apiKey}}");
    page.goes_to(&template).await;
    page.sees("event", &format!("Switching from {} to {template}", server.ws("/ws"))).await;
    page.comes_true(&format!("{TAB}.endsWith('/echo?prefix={{{{apiKey}}}}')")).await;
    page.is("open").await;
    page.comes_true(&format!("{NOTE} === ''")).await;
    page.sees("event", &format!("Connected to {template}")).await;
    page.comes_true("return localStorage['wsbench.recent']?.includes('apiKey')").await;
    page.comes_true("return sessionStorage['wsbench.desk']?.includes('apiKey')").await;
    let shown = "return [document.querySelector('.page').innerText, document.querySelector('.tabs').innerHTML,
        localStorage['wsbench.recent'], sessionStorage['wsbench.desk']].join().includes('s3cret')";
    assert_eq!(page.run(shown).await, false);
    // A tab connects again to what it was connected to.
    page.reloads().await;
    page.is("open").await;
    page.fills("hi").await;
    page.presses_enter().await;
    page.sees("received", "s3crethi").await;
    browser.close().await;
}

#[tokio::test]
async fn a_secret_variable_in_the_chosen_subprotocol_is_shown_nowhere() {
    let (server, browser, page) = connected().await;
    defines(&page, &[("apiKey", "s3cret")]).await;
    page.unfolds("Subprotocols").await;
    page.run(
        "[...document.querySelectorAll('.add-part')]
            .find(button => button.textContent === 'Add subprotocol').click()",
    )
    .await;
    page.enters("input.subprotocol", "v1.{{apiKey}}").await;
    page.goes_to(&server.ws("/subprotocol?accept=v1.{{apiKey}}")).await;
    page.comes_true("return document.querySelector('.agreed')?.textContent === 'v1.{{apiKey}}'")
        .await;
    page.comes_true(
        "const row = [...document.querySelectorAll('.entry:not([hidden])')]
            .find(it => /Connected to .*\\/subprotocol/.test(it.textContent));
         row?.click();
         return !!row",
    )
    .await;
    page.comes_true(
        "return document.querySelector('.event-facts')?.innerText.includes('v1.{{apiKey}}')",
    )
    .await;
    assert_eq!(
        page.run("return document.querySelector('.page').innerText.includes('s3cret')").await,
        false
    );
    browser.close().await;
}

#[tokio::test]
async fn endpoints_are_listed_by_path_and_faults_on_request() {
    let (server, browser, page) = connected().await;
    page.clicks(".opener").await;
    let listed = "[...document.querySelectorAll('.suggestion code')].map(it => it.textContent)";
    page.comes_true(&format!("return {listed}.includes('/chat/{{room}}')")).await;
    assert_eq!(page.run(&format!("return {listed}.filter(it => it === '/ws').length")).await, 1);
    let origin = "return document.querySelector('.origin').textContent";
    assert_eq!(page.run(origin).await, format!("This server ws://{}", server.authority()));
    page.comes_true(&format!("return !{listed}.some(it => it.startsWith('/fault/'))")).await;
    let last = "[...document.querySelectorAll('.suggestion')].at(-1)";
    assert_eq!(page.run(&format!("return {last}.textContent")).await, "Show 24 endpoints");
    page.presses("\u{e013}").await;
    page.presses("\u{e007}").await;
    page.comes_true(&format!("return {listed}.includes('/fault/masked-frame')")).await;
    page.enters("[role=combobox]", "masked").await;
    page.comes_true(&format!("return {listed}.join() === '/fault/masked-frame'")).await;
    page.clicks(".suggestion").await;
    page.comes_true(&format!("{TAB}.endsWith('/fault/masked-frame')")).await;
    // A room has to be named before.
    page.enters("[role=combobox]", "chat").await;
    page.comes_true(&format!("return {listed}.join() === '/chat/{{room}}'")).await;
    page.clicks(".suggestion").await;
    page.presses("lobby\u{e007}").await;
    page.comes_true(&format!("{TAB}.endsWith('/chat/lobby')")).await;
    browser.close().await;
}

#[tokio::test]
async fn a_slow_close_keeps_connect_and_offers_to_close_now() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/hang?stage=close")).await;
    page.comes_true(&format!("{TAB}.endsWith('/hang?stage=close')")).await;
    page.is("open").await;
    let next = server.ws("/echo");
    page.goes_to(&next).await;
    page.is("closing").await;
    assert_eq!(page.run(NOTE).await, format!("Will connect to {next} next."));
    let close_now = "
        const button = document.querySelector('button.retry:not(.out-of-use)');
        const offers = button?.textContent === 'Close now';
        if (offers) button.click();
        return offers";
    page.comes_true(close_now).await;
    page.comes_true(&format!("{TAB}.endsWith('/echo')")).await;
    page.is("open").await;
    browser.close().await;
}

#[tokio::test]
async fn who_closes_at_once_is_not_told_that_the_connection_was_lost() {
    let (server, browser, page) = connected().await;
    let url = server.ws("/hang?stage=close");
    page.goes_to(&url).await;
    page.comes_true(&format!("{TAB}.endsWith('/hang?stage=close')")).await;
    page.is("open").await;
    page.clicks_connect().await;
    page.is("closed").await;
    page.comes_true(
        "return document.querySelector('.explanation').textContent === 'The server did not confirm the close.'",
    )
    .await;
    page.sees("event", &format!("Closed: the server did not confirm it · {url}")).await;
    assert_eq!(page.run("return document.querySelector('[data-end]')").await, Value::Null);
    assert_eq!(page.run("return document.querySelector('.entry.failure')").await, Value::Null);
    browser.close().await;
}

#[tokio::test]
async fn another_address_while_a_lost_connection_is_retried_is_a_switch() {
    let (server, browser, page) = connected().await;
    let other = Server::start().await;
    let (before, after) = (server.ws("/ws"), other.ws("/echo"));
    let _stopped = server.stop().await;
    page.is("waiting").await;
    page.goes_to(&after).await;
    page.sees("event", &format!("Switching from {before} to {after}")).await;
    page.sees("event", &format!("Connected to {after}")).await;
    browser.close().await;
}

#[tokio::test]
async fn enter_in_an_option_connects_with_it_and_other_options_are_marked() {
    const OTHER: &str = "Options changed. Press Enter to reconnect.";
    let (server, browser, page) = connected().await;
    let note = |says: &str| format!("{NOTE} === {says:?}");
    let (before, after) = (server.ws("/ws"), server.ws("/ws?a=b"));
    page.unfolds("Query").await;
    page.clicks(".parts:not([hidden]) .add-part").await;
    page.enters(".parts:not([hidden]) .name", "a").await;
    page.enters(".parts:not([hidden]) .value", "b").await;
    page.comes_true(&note(&format!("Still connected to {before}. Press Enter to switch."))).await;
    page.presses_enter_in(".parts:not([hidden]) .value").await;
    page.sees("event", &format!("Switching from {before} to {after}")).await;
    page.is("open").await;
    page.comes_true(&note("")).await;

    // The way, there and back; then a header, of which an empty row says nothing yet.
    page.clicks(".unfold").await;
    page.takes_the_server().await;
    page.comes_true(&note(OTHER)).await;
    page.chooses(".route .choice select", "browser").await;
    page.comes_true(&note("")).await;
    page.chooses(".route .choice select", "server").await;
    page.presses_enter_in(".route .choice select").await;
    page.comes_true(
        "return document.querySelector('.said').innerText.includes('through this server')",
    )
    .await;
    page.comes_true(&note("")).await;
    page.clicks(".route .add-part").await;
    page.comes_true("return document.activeElement.matches('.route .name')").await;
    assert_eq!(page.run(NOTE).await, "");
    page.presses("X-Key").await;
    page.comes_true(&note(OTHER)).await;
    page.enters(".route .value", "abc").await;
    page.presses_enter_in(".route .value").await;
    page.comes_true(&note("")).await;
    page.is("open").await;
    browser.close().await;
}

#[tokio::test]
async fn a_double_click_does_not_undo_itself() {
    let (_server, browser, page) = connected().await;
    page.clicks_connect().await;
    page.is("closed").await;
    let double = "
        const button = document.querySelector('button.connect');
        for (const detail of [1, 2])
          button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail }))";
    page.run(double).await;
    page.is("open").await;
    page.types("hi").await;
    page.presses_enter().await;
    page.sees("received", "Echo: hi").await;
    browser.close().await;
}

#[tokio::test]
async fn the_address_of_a_page_is_understood() {
    let (server, browser, page) = connected().await;
    let next = server.ws("/echo");
    page.goes_to(&next.replacen("ws://", "http://", 1)).await;
    page.sees("event", &format!("Switching from {} to {next}", server.ws("/ws"))).await;
    page.is("open").await;
    browser.close().await;
}

#[tokio::test]
async fn a_reconnect_that_fails_is_shown_beside_another_address() {
    let (server, browser, page) = connected().await;
    let other = Server::start().await;
    page.unfolds("Reconnect").await;
    page.run("document.querySelector('.reconnect [type=checkbox]').click()").await;
    page.goes_to(&other.ws("/ws")).await;
    page.sees("event", &format!("Connected to {}", other.ws("/ws"))).await;
    page.enters("[role=combobox]", "example.org/typed").await;
    browser.visits(&format!("{}endpoints.json", server.http())).await;
    let _stopped = other.stop().await;
    let page = browser.open(&server.http()).await;
    page.is("failed").await;
    page.enters("[role=combobox]", "example.org/next").await;
    page.is("idle").await;
    page.comes_true("return document.querySelector('.tab').dataset.state === 'idle'").await;
    browser.close().await;
}

#[tokio::test]
async fn a_blocked_port_is_said_without_trying_and_reached_through_the_server() {
    let (server, browser, page) = connected().await;
    page.goes_to("ws://localhost:22/").await;
    page.says("Browsers block port 22").await;
    page.is("open").await;
    page.comes_true("return document.querySelector('[role=combobox][aria-invalid]') !== null")
        .await;
    page.says("Connect to localhost:22 through this server").await;
    page.clicks(".way-on .detour").await;
    let switches = format!("Switching from {} to ws://localhost:22/", server.ws("/ws"));
    page.sees("event", &switches).await;
    browser.close().await;
}

#[tokio::test]
async fn the_first_hint_is_not_drawn_over_restored_rows() {
    const RESTORED: &str = "return [...document.querySelectorAll('.entry:not([hidden]) .payload')]
        .some(row => row.textContent.includes('restored from your last visit'))";
    let (_server, browser, page) = connected().await;
    page.comes_true("return document.querySelector('.conversation .empty') !== null").await;
    page.types("kept").await;
    page.presses_enter().await;
    page.sees("received", "Echo: kept").await;
    keeps(&page, "Echo: kept").await;
    page.reloads().await;
    page.comes_true(RESTORED).await;
    page.is("open").await;
    page.comes_true("return document.querySelector('.conversation .empty') === null").await;
    browser.close().await;
}

#[tokio::test]
async fn the_suggestion_that_the_keys_come_to_is_in_view() {
    let (_server, browser, page) = connected().await;
    page.clicks(".opener").await;
    // The endpoints of a group are folded.
    page.comes_true("return document.querySelectorAll('.address [role=option]').length > 10").await;
    page.run("[...document.querySelectorAll('.address [role=option]')].at(-1).click()").await;
    page.comes_true("return document.querySelectorAll('.address [role=option]').length > 30").await;
    page.presses("\u{e013}").await;
    page.comes_true(
        "const id = document.querySelector('[role=combobox]').getAttribute('aria-activedescendant');
         if (!id) return false;
         const entry = document.getElementById(id);
         const [{ top, bottom }, list] = [entry, entry.closest('[role=listbox]')].map(it => it.getBoundingClientRect());
         return list.bottom - list.top > 0 && top >= list.top - 1 && bottom <= list.bottom + 1
             && entry === [...document.querySelectorAll('.address [role=option]')].at(-1)",
    )
    .await;
    browser.close().await;
}
