//! Losses by a slip: each can be undone, or the page asks first.

use harness::{Page, connected, disconnected};
use serde_json::{Value, json};

const ENTER: &str = "\u{e007}";
const MAX_ROWS: &str = ".sheet label:nth-last-child(2) input";
const MAX_MEBIBYTES: &str = ".sheet label:last-child input";

async fn has(page: &Page, selector: &str, value: &str) {
    let script = format!("return document.querySelector({selector:?})?.value === {value:?}");
    page.comes_true(&script).await;
}

/// Types over the number in a box, and leaves it by Enter.
async fn limits(page: &Page, selector: &str, number: &str) {
    page.run(&format!("const it = document.querySelector({selector:?}); it.focus(); it.select()"))
        .await;
    page.presses(number).await;
    page.presses(ENTER).await;
}

/// Number of rows in view.
async fn rows(page: &Page) -> Value {
    page.run("return document.querySelectorAll('.entry:not([hidden])').length").await
}

#[tokio::test]
async fn a_lower_limit_drops_rows_only_once_it_is_confirmed() {
    let (_server, browser, page) = connected().await;
    page.types("hi").await;
    page.presses_enter().await;
    page.sees("received", "Echo: hi").await;
    page.clicks(".more summary").await;
    limits(&page, MAX_ROWS, "1").await;
    page.says("Lower the limit to 1 row?").await;
    has(&page, MAX_ROWS, "1000000").await;
    page.clicks(".notices .forget").await;
    page.comes_true("return document.querySelector('.notices .lower') === null").await;
    page.types("still").await;
    page.presses_enter().await;
    page.sees("received", "Echo: still").await;
    assert_eq!(rows(&page).await, 5, "none was dropped");

    page.clicks(".more summary").await;
    limits(&page, MAX_MEBIBYTES, "3000").await;
    page.says("Limit unchanged: 1,000,000 rows and 256 MiB.").await;
    has(&page, MAX_MEBIBYTES, "256").await;

    limits(&page, MAX_ROWS, "2").await;
    page.says("Lower the limit to 2 rows?").await;
    // Changed while the question stands, which is about rows alone.
    limits(&page, MAX_MEBIBYTES, "512").await;
    has(&page, MAX_MEBIBYTES, "512").await;
    page.clicks(".notices .lower").await;
    page.says("3 oldest rows dropped (limit reached)").await;
    assert_eq!(rows(&page).await, 2);
    has(&page, MAX_ROWS, "2").await;
    has(&page, MAX_MEBIBYTES, "512").await;
    browser.close().await;
}

#[tokio::test]
async fn a_variable_that_was_deleted_comes_back_in_its_place() {
    let (_server, browser, page) = connected().await;
    page.clicks(".fold-panel").await;
    page.clicks(".add-environment").await;
    for (row, name, value) in [(1, "one", "1"), (2, "two", "2"), (3, "three", "3")] {
        page.clicks(".add-variable").await;
        page.enters(&format!(".variable:nth-child({row}) .name"), name).await;
        page.enters(&format!(".variable:nth-child({row}) .value"), value).await;
    }
    page.clicks(".variable:nth-child(2) .forget").await;
    page.says("Deleted two.").await;
    has(&page, ".variable:nth-child(2) .name", "three").await;
    page.clicks(".undo-line .undo").await;
    has(&page, ".variable:nth-child(2) .name", "two").await;
    has(&page, ".variable:nth-child(2) .value", "2").await;
    page.comes_true("return document.querySelector('.undo-line') === null").await;
    page.fills("{{two}}").await;
    page.says("Preview: 2").await;
    browser.close().await;
}

#[tokio::test]
async fn a_saved_connection_that_is_overwritten_or_filled_in_can_be_undone() {
    let (_server, browser, page) = disconnected().await;
    page.enters("[role=combobox]", "ws://localhost:1/first").await;
    page.unfolds("Saved").await;
    page.enters("input[placeholder='Name of this connection']", "Mine").await;
    page.presses(ENTER).await;
    page.comes_true("return document.querySelector('.options .load') !== null").await;
    page.enters("[role=combobox]", "ws://localhost:1/second").await;
    page.clicks(".options form button").await;
    page.says("Replaced Mine.").await;
    let saved = |address: &str| {
        format!("return document.querySelector('.options .load code').textContent === '{address}'")
    };
    page.comes_true(&saved("ws://localhost:1/second")).await;
    page.clicks(".options .undo").await;
    page.comes_true(&saved("ws://localhost:1/first")).await;

    page.clicks(".options .load").await;
    has(&page, "[role=combobox]", "ws://localhost:1/first").await;
    page.says("Filled in Mine.").await;
    page.clicks(".options .undo").await;
    has(&page, "[role=combobox]", "ws://localhost:1/second").await;
    browser.close().await;
}

#[tokio::test]
async fn unsent_messages_that_were_discarded_come_back() {
    let (_server, browser, page) = connected().await;
    page.types("kept").await;
    page.presses_enter().await;
    page.sees("received", "Echo: kept").await;
    page.clicks_connect().await;
    page.is("closed").await;
    page.run(
        "document.querySelector('.entry[data-direction=received]').dispatchEvent(new MouseEvent('mouseenter'));
         document.querySelector('.row-actions [aria-label=\"Send message again\"]').click()",
    )
    .await;
    page.says("1 message was not sent").await;
    page.run("document.querySelectorAll('.unsent button')[1].click()").await;
    page.says("Discarded 1 unsent message.").await;
    page.comes_true("return document.querySelector('.unsent') === null").await;
    page.clicks(".notices .undo").await;
    page.says("1 message was not sent").await;
    page.clicks_connect().await;
    page.is("open").await;
    page.clicks(".unsent button:enabled").await;
    page.sees("received", "Echo: Echo: kept").await;
    browser.close().await;
}

#[tokio::test]
async fn a_pasted_command_can_be_undone() {
    let (server, browser, page) = disconnected().await;
    let address = server.ws("/echo");
    page.enters("[role=combobox]", &address).await;
    page.unfolds("Subprotocols").await;
    page.run(
        "[...document.querySelectorAll('.add-part')].find(it => it.textContent === 'Add subprotocol').click()",
    )
    .await;
    page.enters("input.subprotocol", "chat").await;
    page.fills("being written").await;
    let command = "wscat -c wss://example.org/feed -H 'X-Key: abc' -x 'from the command'";
    page.run(&format!(
        "const clipboardData = new DataTransfer();
         clipboardData.setData('text/plain', {});
         document.querySelector('[role=combobox]').dispatchEvent(
            new ClipboardEvent('paste', {{ clipboardData, bubbles: true, cancelable: true }}))",
        json!(command)
    ))
    .await;
    page.says("Address and draft filled in from the command.").await;
    has(&page, "[role=combobox]", "wss://example.org/feed").await;
    assert_eq!(page.draft().await, "from the command");
    page.clicks(".notices .undo").await;
    has(&page, "[role=combobox]", &address).await;
    has(&page, "input.subprotocol", "chat").await;
    assert_eq!(page.draft().await, "being written");
    page.comes_true("return document.querySelector('.notices .notice') === null").await;
    page.run(
        "[...document.querySelectorAll('.options [role=tab]')].find(it => it.textContent === 'Route').click()",
    )
    .await;
    has(&page, ".route .choice select", "browser").await;
    browser.close().await;
}

#[tokio::test]
async fn the_last_tab_that_fits_takes_the_place_of_the_closed_one() {
    let (_server, browser, page) = connected().await;
    let tabs =
        |count: u32| format!("return document.querySelectorAll('[role=tab]').length === {count}");
    for count in 2..=32 {
        page.clicks("button.add").await;
        page.comes_true(&tabs(count)).await;
    }
    page.run("document.querySelector('.tab:last-child .close').click()").await;
    page.comes_true("return document.querySelector('.closed-tab .undo') !== null").await;
    page.clicks("button.add").await;
    page.comes_true("return document.querySelector('.closed-tab .undo') === null").await;
    page.reloads().await;
    page.comes_true(&tabs(32)).await;
    browser.close().await;
}
