//! Going from one address to another while connected.

use std::time::Duration;

use harness::connected;
use tokio::time::sleep;

/// Time after which a tab has stored its rows.
const STORED: Duration = Duration::from_secs(1);

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
async fn a_slow_close_keeps_connect_and_offers_to_close_now() {
    let (server, browser, page) = connected().await;
    page.goes_to(&server.ws("/hang?stage=close")).await;
    page.comes_true(&format!("{TAB}.endsWith('/hang?stage=close')")).await;
    page.is("open").await;
    let next = server.ws("/echo");
    page.goes_to(&next).await;
    page.is("closing").await;
    assert_eq!(page.run(NOTE).await, format!("Then connects to {next}."));
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
async fn a_blocked_port_is_said_without_trying() {
    let (_server, browser, page) = connected().await;
    page.goes_to("ws://localhost:22/").await;
    page.says("Browsers block port 22").await;
    page.is("open").await;
    page.comes_true("return document.querySelector('[role=combobox][aria-invalid]') !== null")
        .await;
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
    sleep(STORED).await;
    page.reloads().await;
    page.comes_true(RESTORED).await;
    page.is("open").await;
    page.comes_true("return document.querySelector('.conversation .empty') === null").await;
    browser.close().await;
}
