//! Going from one address to another while connected.

use harness::{Page, Server, connected, keys};

use crate::keeping::keeps;

const NOTE: &str = ".status .note";
const TAB: &str = "[role=tab][aria-selected=true]";

/// Name of the tab that is connected to `url`.
fn name(url: &str) -> &str {
    url.trim_start_matches("ws://")
}

#[tokio::test]
async fn enter_on_another_address_switches_to_it() {
    let (server, _browser, page) = connected().await;
    let (before, after) = (server.ws("/ws"), server.ws("/echo"));
    page.enters("[role=combobox]", &after).await;
    page.reads(NOTE, &format!("Still connected to {before}. Press Enter to switch.")).await;
    page.waits_for(
        "return getComputedStyle(document.querySelector('.covered')).display === 'none'",
    )
    .await;
    // The tab shows what is connected.
    page.reads(TAB, name(&before)).await;
    page.presses(keys::ENTER).await;
    page.sees("event", &format!("Switching from {before} to {after}")).await;
    page.reads(TAB, name(&after)).await;
    page.has_state("open").await;
    page.reads(NOTE, "").await;
    page.lacks(".conversation .empty").await;
    page.types("plain").await;
    page.presses_enter().await;
    page.sees("received", "plain").await;
}

#[tokio::test]
async fn picking_an_endpoint_while_connected_switches_to_it() {
    let (server, _browser, page) = connected().await;
    page.enters("[role=combobox]", "/echo").await;
    page.clicks(".suggestion").await;
    page.sees("event", &format!("Switching from {} to {}", server.ws("/ws"), server.ws("/echo")))
        .await;
    page.has_state("open").await;
}

#[tokio::test]
async fn an_endpoint_with_options_unfolds_nothing_and_shows_them_first() {
    let (server, _browser, page) = connected().await;
    page.enters("[role=combobox]", "/echo").await;
    page.clicks(".suggestion").await;
    page.sees("event", &format!("Connected to {}", server.ws("/echo"))).await;
    page.has(".unfold[aria-expanded=false]:not(:has(.set-mark))").await;
    page.clicks("button.unfold").await;
    page.reads(".options [aria-selected=true]", "Endpoint").await;
}

/// Adds an environment with these variables.
async fn defines(page: &Page, variables: &[(&str, &str)]) {
    page.run("document.querySelector('.fold-panel').click()").await;
    page.clicks(".add-environment").await;
    for (name, value) in variables {
        page.clicks(".composer .add-part").await;
        page.has_focus(".composer .part .name").await;
        page.presses(name).await;
        page.enters(".composer .part:last-of-type .value", value).await;
    }
}

#[tokio::test]
async fn an_address_has_variables_and_the_connection_their_values() {
    let (server, _browser, page) = connected().await;
    let variables = [("host", server.authority()), ("greeting", "a b&")];
    defines(&page, &variables).await;
    let template = "ws://{{host}}/echo?prefix={{greeting}}";
    page.goes_to(template).await;
    let address = server.ws("/echo?prefix=a%20b%26");
    page.sees("event", &format!("Switching from {} to {address}", server.ws("/ws"))).await;
    page.reads(TAB, name(&server.ws("/echo?prefix=a%20b%26"))).await;
    page.has_state("open").await;
    page.reads(NOTE, "").await;
    page.fills("hi").await;
    page.presses_enter().await;
    page.sees("received", "a b&hi").await;
    page.has_value("[role=combobox]", template).await;
    // A row of the query takes them, too.
    page.clicks(".unfold").await;
    page.enters(".parts .value", "<{{greeting}}>").await;
    page.has_value("[role=combobox]", "ws://{{host}}/echo?prefix=%3C{{greeting}}%3E").await;

    page.goes_to("ws://{{port}}/").await;
    let missing = "Variables: there is no variable “port”. Available: host, greeting, now, now_ms, random 1 100, seq, uuid. \
        For a literal {{, write {{{{.";
    page.reads(NOTE, missing).await;
}

#[tokio::test]
async fn a_secret_variable_in_the_address_is_filled_in_and_shown_nowhere() {
    let (server, _browser, page) = connected().await;
    defines(&page, &[("apiKey", "s3cret")]).await;
    let template = server.ws("/echo?prefix={{apiKey}}");
    page.goes_to(&template).await;
    page.sees("event", &format!("Switching from {} to {template}", server.ws("/ws"))).await;
    page.reads(TAB, name(&server.ws("/echo?prefix={{apiKey}}"))).await;
    page.has_state("open").await;
    page.reads(NOTE, "").await;
    page.sees("event", &format!("Connected to {template}")).await;
    page.waits_for("return localStorage['wsbench.recent']?.includes('apiKey')").await;
    page.waits_for("return sessionStorage['wsbench.desk']?.includes('apiKey')").await;
    let shown = "return [document.querySelector('.page').innerText, document.querySelector('.tabs').innerHTML,
        localStorage['wsbench.recent'], sessionStorage['wsbench.desk']].join().includes('s3cret')";
    assert_eq!(page.run(shown).await, false);
    // A tab connects again to what it was connected to.
    page.reloads().await;
    page.has_state("open").await;
    page.fills("hi").await;
    page.presses_enter().await;
    page.sees("received", "s3crethi").await;
}

#[tokio::test]
async fn a_secret_variable_in_the_chosen_subprotocol_is_shown_nowhere() {
    let (server, _browser, page) = connected().await;
    defines(&page, &[("apiKey", "s3cret")]).await;
    page.opens_options("Subprotocols").await;
    page.clicks_text(".add-part", "Add subprotocol").await;
    page.enters(".parts:not([hidden]) .name", "v1.{{apiKey}}").await;
    page.goes_to(&server.ws("/subprotocol?accept=v1.{{apiKey}}")).await;
    page.reads(".agreed", "v1.{{apiKey}}").await;
    page.waits_for(
        "const row = [...document.querySelectorAll('.entry:not([hidden])')]
            .find(it => /Connected to .*\\/subprotocol/.test(it.textContent));
         row?.click();
         return !!row",
    )
    .await;
    page.contains(".event-facts", "v1.{{apiKey}}").await;
    assert_eq!(
        page.run("return document.querySelector('.page').innerText.includes('s3cret')").await,
        false
    );
}

#[tokio::test]
async fn endpoints_are_listed_by_path_and_faults_on_request() {
    let (server, _browser, page) = connected().await;
    page.clicks(".opener").await;
    let listed = "[...document.querySelectorAll('.suggestion code')].map(it => it.textContent)";
    page.waits_for(&format!("return {listed}.includes('/chat/{{room}}')")).await;
    assert_eq!(page.run(&format!("return {listed}.filter(it => it === '/ws').length")).await, 1);
    page.reads(".origin", &format!("This server ws://{}", server.authority())).await;
    page.waits_for(&format!("return !{listed}.some(it => it.startsWith('/fault/'))")).await;
    let last = "[...document.querySelectorAll('.suggestion')].at(-1)";
    assert_eq!(page.run(&format!("return {last}.textContent")).await, "Show 24 endpoints");
    page.presses(keys::UP).await;
    page.presses(keys::ENTER).await;
    page.waits_for(&format!("return {listed}.includes('/fault/masked-frame')")).await;
    page.enters("[role=combobox]", "masked").await;
    page.waits_for(&format!("return {listed}.join() === '/fault/masked-frame'")).await;
    page.clicks(".suggestion").await;
    page.reads(TAB, name(&server.ws("/fault/masked-frame"))).await;
    // A room has to be named before.
    page.enters("[role=combobox]", "chat").await;
    page.waits_for(&format!("return {listed}.join() === '/chat/{{room}}'")).await;
    page.clicks(".suggestion").await;
    page.presses("lobby").await;
    page.presses(keys::ENTER).await;
    page.reads(TAB, name(&server.ws("/chat/lobby"))).await;
}

#[tokio::test]
async fn a_slow_close_keeps_connect_and_offers_to_close_now() {
    let (server, _browser, page) = connected().await;
    page.goes_to(&server.ws("/hang?stage=close")).await;
    page.reads(TAB, name(&server.ws("/hang?stage=close"))).await;
    page.has_state("open").await;
    let next = server.ws("/echo");
    page.goes_to(&next).await;
    page.has_state("closing").await;
    page.reads(NOTE, &format!("Will connect to {next} next.")).await;
    let close_now = "
        const button = document.querySelector('button.retry:not(.out-of-use)');
        const offers = button?.textContent === 'Close now';
        if (offers) button.click();
        return offers";
    page.waits_for(close_now).await;
    page.reads(TAB, name(&server.ws("/echo"))).await;
    page.has_state("open").await;
}

#[tokio::test]
async fn who_closes_at_once_is_not_told_that_the_connection_was_lost() {
    let (server, _browser, page) = connected().await;
    let url = server.ws("/hang?stage=close");
    page.goes_to(&url).await;
    page.reads(TAB, name(&server.ws("/hang?stage=close"))).await;
    page.has_state("open").await;
    page.disconnects().await;
    page.reads(".explanation", "The server did not confirm the close.").await;
    page.sees("event", &format!("Closed: the server did not confirm it · {url}")).await;
    page.lacks("[data-end], .entry.failure").await;
}

#[tokio::test]
async fn another_address_while_a_lost_connection_is_retried_is_a_switch() {
    let (server, _browser, page) = connected().await;
    let other = Server::start().await;
    let (before, after) = (server.ws("/ws"), other.ws("/echo"));
    let _stopped = server.stop().await;
    page.has_state("waiting").await;
    page.goes_to(&after).await;
    page.sees("event", &format!("Switching from {before} to {after}")).await;
    page.sees("event", &format!("Connected to {after}")).await;
}

#[tokio::test]
async fn enter_in_an_option_connects_with_it_and_other_options_are_marked() {
    const OTHER: &str = "Options changed. Reconnect to apply them.";
    let (server, _browser, page) = connected().await;
    let (before, after) = (server.ws("/ws"), server.ws("/ws?a=b"));
    page.opens_options("Query").await;
    page.clicks(".parts:not([hidden]) .add-part").await;
    page.enters(".parts:not([hidden]) .name", "a").await;
    page.enters(".parts:not([hidden]) .value", "b").await;
    page.reads(NOTE, &format!("Still connected to {before}. Press Enter to switch.")).await;
    page.presses_enter_in(".parts:not([hidden]) .value").await;
    page.sees("event", &format!("Switching from {before} to {after}")).await;
    page.has_state("open").await;
    page.reads(NOTE, "").await;

    // The way, there and back; then a header, of which an empty row says nothing yet.
    page.clicks(".unfold").await;
    page.routes_through_server().await;
    page.reads(NOTE, OTHER).await;
    page.selects(".route .choice select", "browser").await;
    page.reads(NOTE, "").await;
    page.selects(".route .choice select", "server").await;
    page.presses_enter_in(".route .choice select").await;
    page.contains(".said", "through this server").await;
    page.reads(NOTE, "").await;
    page.clicks(".route .add-part").await;
    page.has_focus(".route .name").await;
    page.reads(NOTE, "").await;
    page.presses("X-Key").await;
    page.reads(NOTE, OTHER).await;
    page.enters(".route .value", "abc").await;
    page.presses_enter_in(".route .value").await;
    page.reads(NOTE, "").await;
    page.has_state("open").await;
}

#[tokio::test]
async fn the_address_of_a_page_is_understood() {
    let (server, _browser, page) = connected().await;
    let next = server.ws("/echo");
    page.goes_to(&next.replacen("ws://", "http://", 1)).await;
    page.sees("event", &format!("Switching from {} to {next}", server.ws("/ws"))).await;
    page.has_state("open").await;
}

#[tokio::test]
async fn a_reconnect_that_fails_is_shown_beside_another_address() {
    let (server, browser, page) = connected().await;
    let other = Server::start().await;
    page.opens_options("Reconnect").await;
    page.run("document.querySelector('.reconnect [type=checkbox]').click()").await;
    page.goes_to(&other.ws("/ws")).await;
    page.sees("event", &format!("Connected to {}", other.ws("/ws"))).await;
    page.enters("[role=combobox]", "example.org/typed").await;
    browser.visits(&format!("{}endpoints.json", server.http())).await;
    let _stopped = other.stop().await;
    let page = browser.open(&server.http()).await;
    page.has_state("failed").await;
    page.enters("[role=combobox]", "example.org/next").await;
    page.has_state("idle").await;
    page.waits_for("return document.querySelector('.tab').dataset.state === 'idle'").await;
}

#[tokio::test]
async fn a_blocked_port_is_said_without_trying_and_reached_through_the_server() {
    let (server, _browser, page) = connected().await;
    page.goes_to("ws://localhost:22/").await;
    page.shows("Browsers block port 22").await;
    page.has_state("open").await;
    page.has("[role=combobox][aria-invalid]").await;
    page.shows("Connect to localhost:22 through this server").await;
    page.clicks(".way-on .detour").await;
    let switches = format!("Switching from {} to ws://localhost:22/", server.ws("/ws"));
    page.sees("event", &switches).await;
}

#[tokio::test]
async fn the_first_hint_is_not_drawn_over_restored_rows() {
    const RESTORED: &str = "return [...document.querySelectorAll('.entry:not([hidden]) .payload')]
        .some(row => row.textContent.includes('restored from your last visit'))";
    let (_server, _browser, page) = connected().await;
    page.has(".conversation .empty").await;
    page.sends(&["kept"]).await;
    keeps(&page, "Echo: kept").await;
    page.reloads().await;
    page.waits_for(RESTORED).await;
    page.has_state("open").await;
    page.lacks(".conversation .empty").await;
}

#[tokio::test]
async fn the_suggestion_that_the_keys_come_to_is_in_view() {
    let (_server, _browser, page) = connected().await;
    page.clicks(".opener").await;
    // The endpoints of a group are folded.
    page.waits_for("return document.querySelectorAll('.address [role=option]').length > 10").await;
    page.run("[...document.querySelectorAll('.address [role=option]')].at(-1).click()").await;
    page.waits_for("return document.querySelectorAll('.address [role=option]').length > 30").await;
    page.presses(keys::UP).await;
    page.waits_for(
        "const id = document.querySelector('[role=combobox]').getAttribute('aria-activedescendant');
         if (!id) return false;
         const entry = document.getElementById(id);
         const [{ top, bottom }, list] = [entry, entry.closest('[role=listbox]')].map(it => it.getBoundingClientRect());
         return list.bottom - list.top > 0 && top >= list.top - 1 && bottom <= list.bottom + 1
             && entry === [...document.querySelectorAll('.address [role=option]')].at(-1)",
    )
    .await;
}
