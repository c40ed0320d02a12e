//! Losses by a slip: each can be undone, or the page asks first.

use harness::{Page, connected, disconnected, keys};

const MAX_ROWS: &str = ".sheet > div:nth-last-child(2) input";
const MAX_MEBIBYTES: &str = ".sheet > div:last-child input";

/// Types over the number in a box, and leaves it by Enter.
async fn limits(page: &Page, selector: &str, number: &str) {
    page.run(&format!("const it = document.querySelector({selector:?}); it.focus(); it.select()"))
        .await;
    page.presses(number).await;
    page.presses(keys::ENTER).await;
}

#[tokio::test]
async fn a_lower_limit_drops_rows_only_once_it_is_confirmed() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["hi"]).await;
    page.clicks(".more summary").await;
    limits(&page, MAX_ROWS, "1").await;
    page.shows("Lower the limit to 1 row?").await;
    page.has_value(MAX_ROWS, "1000000").await;
    page.clicks(".notices .forget").await;
    page.lacks(".notices .lower").await;
    page.sends(&["still"]).await;
    // None was dropped.
    page.has_count(".entry:not([hidden])", 5).await;

    page.clicks(".more summary").await;
    limits(&page, MAX_MEBIBYTES, "3000").await;
    page.reads("#max-mebibytes", "Enter a whole number from 1 to 2,048.").await;
    page.has(&format!("{MAX_MEBIBYTES}[aria-invalid]")).await;
    limits(&page, MAX_MEBIBYTES, "256").await;
    page.lacks(".sheet [aria-invalid]").await;

    limits(&page, MAX_ROWS, "2").await;
    page.shows("Lower the limit to 2 rows?").await;
    // Changed while the question stands, which is about rows alone.
    limits(&page, MAX_MEBIBYTES, "512").await;
    page.has_value(MAX_MEBIBYTES, "512").await;
    page.clicks(".notices .lower").await;
    page.shows("3 oldest rows dropped (limit reached)").await;
    page.has_count(".entry:not([hidden])", 2).await;
    page.has_value(MAX_ROWS, "2").await;
    page.has_value(MAX_MEBIBYTES, "512").await;
}

#[tokio::test]
async fn a_variable_that_was_deleted_comes_back_in_its_place() {
    let (_server, _browser, page) = connected().await;
    page.clicks(".fold-panel").await;
    page.clicks(".add-environment").await;
    for (row, name, value) in [(1, "one", "1"), (2, "two", "2"), (3, "three", "3")] {
        page.clicks(".composer .add-part").await;
        page.enters(&format!(".composer .part:nth-of-type({row}) .name"), name).await;
        page.enters(&format!(".composer .part:nth-of-type({row}) .value"), value).await;
    }
    page.clicks(".composer .part:nth-of-type(2) .remove-part").await;
    page.shows("Deleted variable “two”.").await;
    page.clicks_text(".fold-panel", "Saved messages").await;
    page.has(".saving").await;
    page.lacks(".undo-line").await;
    page.clicks_text(".fold-panel", "Variables").await;
    page.has_value(".composer .part:nth-of-type(2) .name", "three").await;
    page.clicks(".undo-line .undo").await;
    page.has_value(".composer .part:nth-of-type(2) .name", "two").await;
    page.has_value(".composer .part:nth-of-type(2) .value", "2").await;
    page.lacks(".undo-line").await;
    page.fills("{{two}}").await;
    page.shows("Preview: 2").await;
}

#[tokio::test]
async fn a_saved_connection_that_is_overwritten_or_filled_in_can_be_undone() {
    let (_server, _browser, page) = disconnected().await;
    page.enters("[role=combobox]", "ws://localhost:1/first").await;
    page.opens_options("Saved connections").await;
    page.enters("input[placeholder='Name of this connection']", "Mine").await;
    page.presses(keys::ENTER).await;
    page.has(".options .load").await;
    page.shows("Saved Mine.").await;
    // Once more, as by a double click: nothing is replaced.
    page.reads(".options form button", "Save").await;
    page.clicks(".options form button").await;
    page.shows("Saved Mine.").await;
    page.enters("[role=combobox]", "ws://localhost:1/second").await;
    page.clicks(".options form button").await;
    page.shows("Replaced Mine.").await;
    let saved = ".options .load code";
    page.reads(saved, "ws://localhost:1/second").await;
    page.clicks(".options .undo").await;
    page.reads(saved, "ws://localhost:1/first").await;

    // A mistake in a name takes no undo away.
    page.clicks(".options .remove-part").await;
    page.shows("Deleted Mine.").await;
    let name = "input[placeholder='Name of this connection']";
    page.clears(name).await;
    page.presses_enter_in(name).await;
    page.has(".options .wrong:not(:empty)").await;
    page.clicks(".options .undo").await;
    page.clicks(".options .load").await;
    page.has_value("[role=combobox]", "ws://localhost:1/first").await;
    page.shows("Filled in Mine.").await;
    page.clicks(".options .undo").await;
    page.has_value("[role=combobox]", "ws://localhost:1/second").await;

    // From the list of addresses, too.
    page.clicks("button.opener").await;
    page.clicks("[aria-label='Saved connections'] [role=option]").await;
    page.has_value("[role=combobox]", "ws://localhost:1/first").await;
    page.shows("Filled in Mine.").await;
}

#[tokio::test]
async fn a_saved_connection_that_is_switched_to_can_be_undone_until_another_connect() {
    let (server, _browser, page) = connected().await;
    let saved = server.ws("/echo");
    page.enters("[role=combobox]", &saved).await;
    page.opens_options("Saved connections").await;
    page.enters("input[placeholder='Name of this connection']", "Mine").await;
    page.presses(keys::ENTER).await;
    page.has(".options .load").await;
    page.enters("[role=combobox]", &server.ws("/ws")).await;
    page.presses(keys::ESCAPE).await;
    page.clicks("button.opener").await;
    page.clicks("[aria-label='Saved connections'] [role=option]").await;
    page.sees("event", &format!("Connected to {saved}")).await;
    page.shows("Filled in Mine.").await;
    page.disconnects().await;
    page.shows("Filled in Mine.").await;
    page.clicks_connect().await;
    page.has_state("open").await;
    page.lacks(".options .undo").await;
}

#[tokio::test]
async fn unsent_messages_that_were_discarded_come_back() {
    let (_server, _browser, page) = connected().await;
    page.sends(&["kept"]).await;
    page.disconnects().await;
    page.run(
        "document.querySelector('.entry[data-direction=received]').dispatchEvent(new MouseEvent('mouseenter'));
         document.querySelector('.row-actions [aria-label=\"Send message again\"]').click()",
    )
    .await;
    page.shows("1 message was not sent").await;
    page.run("document.querySelectorAll('.unsent button')[1].click()").await;
    page.shows("Discarded 1 unsent message.").await;
    page.lacks(".unsent").await;
    page.clicks(".notices .undo").await;
    page.shows("1 message was not sent").await;
    page.clicks_connect().await;
    page.has_state("open").await;
    page.clicks(".unsent button:enabled").await;
    page.sees("received", "Echo: Echo: kept").await;
}

#[tokio::test]
async fn a_clear_can_be_undone_until_the_next_connection() {
    let (server, _browser, page) = connected().await;
    page.sends(&["hi"]).await;
    page.clicks(".toolbar .clear").await;
    page.has(".cleared .undo").await;
    page.enters(".find input", "(").await;
    page.clicks_text(".find .toggle", ".*").await;
    page.has(".list-status.wrong").await;
    page.lacks(".cleared").await;
    page.clears(".find input").await;
    page.has(".cleared .undo").await;
    page.connects_to(&server.ws("/echo")).await;
    page.lacks(".cleared").await;
}

#[tokio::test]
async fn a_pasted_command_can_be_undone() {
    let (server, _browser, page) = disconnected().await;
    let address = server.ws("/echo");
    page.enters("[role=combobox]", &address).await;
    page.opens_options("Subprotocols").await;
    page.clicks_text(".add-part", "Add subprotocol").await;
    page.enters(".parts:not([hidden]) .name", "chat").await;
    page.fills("being written").await;
    let command = "wscat -c wss://example.org/feed -H 'X-Key: abc' -x 'from the command'";
    page.pastes(command).await;
    page.shows("Address and draft filled in from the command.").await;
    page.has_value("[role=combobox]", "wss://example.org/feed").await;
    assert_eq!(page.draft().await, "from the command");
    page.clicks(".notices .undo").await;
    page.has_value("[role=combobox]", &address).await;
    page.has_value(".parts:not([hidden]) .name", "chat").await;
    assert_eq!(page.draft().await, "being written");
    page.lacks(".notices .notice").await;
    page.clicks_text(".options [role=tab]", "Route").await;
    page.has_value(".route .choice select", "browser").await;
}

#[tokio::test]
async fn the_last_tab_that_fits_takes_the_place_of_the_closed_one() {
    let (_server, _browser, page) = connected().await;
    for count in 2..=32 {
        page.clicks("button.add").await;
        page.has_count("[role=tab]", count).await;
    }
    page.run("document.querySelector('.tab:last-child .close').click()").await;
    page.has(".closed-tab .undo").await;
    page.clicks("button.add").await;
    page.lacks(".closed-tab .undo").await;
    page.reloads().await;
    page.has_count("[role=tab]", 32).await;
    // A link that finds no room is there once there is room.
    page.run("location.hash = '#address=ws://localhost:1/linked'").await;
    page.shows("The limit of 32 tabs is reached. Close one first.").await;
    page.run("document.querySelector('.tab:last-child .close').click()").await;
    page.has_count("[role=tab]", 31).await;
    page.reloads().await;
    page.has_count("[role=tab]", 32).await;
    page.has_value("[role=combobox]", "ws://localhost:1/linked").await;
}
