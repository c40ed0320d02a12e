//! The page, as a person uses it.

use std::{path::Path, time::Duration};

use fantoccini::{
    Client, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::PATIENCE;

/// Interval at which the page is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

const INPUT: &str = "textarea[placeholder='Enter a message']";
const SEND: &str = "button.send";
const CONNECT: &str = "button.connect";
const LISTS: &str = ".files input[accept*=har]";

/// State and notices of the page, for the report of a wait that was in vain.
const SHOWN: &str = "return [...document.querySelectorAll('.status, .notices')]
    .map(part => `${part.dataset.state ?? ''} ${part.innerText}`.trim()).join(' | ')";

/// Workbench in a browser window. Clones are the same page.
#[derive(Clone)]
pub struct Page {
    client: Client,
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Waits until the app has replaced the static frame.
    pub(crate) async fn is_mounted(&self) {
        self.comes_true("return document.getElementById('frame') === null").await;
    }

    /// Waits for the connection's state to be `state`, as the page names it.
    pub async fn is(&self, state: &str) {
        let script = "return document.querySelector('.status')?.dataset.state ?? 'no page'";
        self.comes(&format!("the state '{state}'"), script, |now| now == state).await;
    }

    /// Puts `url` into the address box and connects.
    pub async fn goes_to(&self, url: &str) {
        self.enters("[role=combobox]", url).await;
        self.presses("\u{e007}").await;
    }

    /// Puts `text` into the field that `selector` finds, by keys.
    pub async fn enters(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.expect("the field can be emptied");
        field.send_keys(text).await.expect("the field takes keys");
    }

    /// Types into the box.
    pub async fn types(&self, text: &str) {
        self.find(INPUT).await.send_keys(text).await.expect("the box takes keys");
    }

    /// Puts `text` into the box at once, as pasting does.
    pub async fn fills(&self, text: &str) {
        let script = format!(
            "const box = document.querySelector(\"{INPUT}\");
             box.value = {};
             box.dispatchEvent(new Event('input', {{ bubbles: true }}));",
            Value::from(text)
        );
        self.run(&script).await;
    }

    /// Presses a key where the focus is, such as `"\u{e007}"` for Enter.
    pub async fn presses(&self, key: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(key).await.expect("it takes keys");
    }

    /// Presses Enter in the field that `selector` finds.
    pub async fn presses_enter_in(&self, selector: &str) {
        self.find(selector).await.send_keys("\u{e007}").await.expect("the field takes keys");
    }

    /// Presses Enter in the box.
    pub async fn presses_enter(&self) {
        self.types("\u{e007}").await;
    }

    /// Clicks Send.
    pub async fn clicks_send(&self) {
        self.clicks(SEND).await;
    }

    /// Sends each of `texts`, and waits for its answer: to `/` or `/ws`, which say "Echo: ".
    pub async fn sends(&self, texts: &[&str]) {
        for text in texts {
            self.fills(text).await;
            self.clicks_send().await;
            self.sees("received", &format!("Echo: {text}")).await;
        }
    }

    /// Clicks the button that connects or disconnects.
    pub async fn clicks_connect(&self) {
        self.clicks(CONNECT).await;
    }

    /// Clicks "Stop retrying" once the button says so. Both are one step inside the page, or a retry could come
    /// between them.
    pub async fn stops_retrying(&self) {
        let script = "
            const button = document.querySelector('button.connect');
            const waits = document.querySelector('.status').dataset.state === 'waiting'
                && button.textContent === 'Stop retrying';
            if (waits) button.click();
            return waits";
        self.comes_true(script).await;
    }

    /// Gives the file at `path` to the input that `selector` finds, as a browser's dialog does.
    pub async fn gives(&self, selector: &str, path: &Path) {
        let input = self.find(selector).await;
        input.send_keys(&path.to_string_lossy()).await.expect("the input takes a file");
    }

    /// Imports the list in the file at `path`.
    pub async fn imports(&self, path: &Path) {
        self.gives(LISTS, path).await;
    }

    /// Reloads the page.
    pub async fn reloads(&self) {
        self.client.refresh().await.expect("the page loads");
        self.is_mounted().await;
    }

    /// Clicks what `selector` finds.
    pub async fn clicks(&self, selector: &str) {
        self.find(selector).await.click().await.expect("it can be clicked");
    }

    /// Clicks at a point of the window, in CSS pixels.
    pub async fn clicks_at(&self, x: f64, y: f64) {
        let pointer = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(pointer).await.expect("it can be clicked");
    }

    /// Waits until a row of `direction` ("sent", "received", "event") in view shows exactly `text`.
    pub async fn sees(&self, direction: &str, text: &str) {
        let script = format!(
            "return [...document.querySelectorAll('.entry[data-direction={direction}]:not([hidden]) .payload')]\
             .map(element => element.textContent)"
        );
        let seen =
            |now: &Value| now.as_array().is_some_and(|rows| rows.iter().any(|row| row == text));
        self.comes(&format!("'{text}', {direction},"), &script, seen).await;
    }

    /// Waits until the page's words contain `text`.
    pub async fn says(&self, text: &str) {
        let script = "return document.body.innerText";
        let said = |now: &Value| now.as_str().is_some_and(|words| words.contains(text));
        self.comes(&format!("the words '{text}'"), script, said).await;
    }

    /// Number of messages sent and received.
    pub async fn messages(&self) -> u64 {
        let script = "const count = name => Number(
                document.querySelector(`[data-count=${name}]`).textContent.replaceAll(',', ''));
            return count('sent') + count('received')";
        self.run(script).await.as_u64().expect("a count")
    }

    /// Text in the box.
    pub async fn draft(&self) -> String {
        let draft = self.run(&format!("return document.querySelector(\"{INPUT}\").value")).await;
        draft.as_str().expect("a text").to_owned()
    }

    /// `true` if the box has the focus.
    pub async fn box_has_focus(&self) -> bool {
        let script =
            format!("return document.activeElement === document.querySelector(\"{INPUT}\")");
        self.run(&script).await == true
    }

    /// `true` if Send sends: without a connection it offers one.
    pub async fn can_send(&self) -> bool {
        self.find(SEND).await.attr("aria-disabled").await.expect("the button says").is_none()
    }

    /// Label of the connect button.
    pub async fn connect_label(&self) -> String {
        self.find(CONNECT).await.text().await.expect("the button has a text")
    }

    /// Runs `script` and returns its result.
    pub async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until `script` returns true.
    pub async fn comes_true(&self, script: &str) {
        self.comes(script, script, |now| *now == true).await;
    }

    /// Screenshot of the window, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("the browser takes a picture")
    }

    /// Chooses the page's own `theme`: "light", "dark" or "system".
    pub async fn wears(&self, theme: &str) {
        self.chooses(".theme select", theme).await;
    }

    /// Chooses `value` in the list that `selector` finds.
    pub async fn chooses(&self, selector: &str, value: &str) {
        let script = format!(
            "const list = document.querySelector({});
             list.value = {};
             list.dispatchEvent(new Event('change', {{ bubbles: true }}));",
            Value::from(selector),
            Value::from(value)
        );
        self.run(&script).await;
    }

    /// Unfolds the options of the connection at `tab`.
    pub async fn unfolds(&self, tab: &str) {
        self.clicks("button.unfold").await;
        let tab = format!(
            "[...document.querySelectorAll('.options [role=tab]')]
                .find(tab => tab.textContent === '{tab}').click()"
        );
        self.run(&tab).await;
    }

    /// Chooses the way through the page's server, in the options of the connection.
    pub async fn takes_the_server(&self) {
        self.unfolds("Route").await;
        self.chooses(".route .choice select", "server").await;
    }

    /// Resizes the window, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("the window can be resized");
    }

    async fn find(&self, selector: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Polls `script` until its result is `right`.
    ///
    /// # Panics
    /// If the page has panicked.
    async fn comes(&self, what: &str, script: &str, right: impl Fn(&Value) -> bool) {
        let start = Instant::now();
        let script = format!(
            "const failure = document.body?.dataset.failure;
             if (failure) throw new Error(`The page has failed: ${{failure}}`);
             {script}"
        );
        loop {
            let now = self.run(&script).await;
            if right(&now) {
                return;
            }
            if start.elapsed() >= PATIENCE {
                let shown = self.run(SHOWN).await;
                panic!("{what} did not come; the page has {now}, and shows: {shown}");
            }
            sleep(POLL_INTERVAL).await;
        }
    }
}
