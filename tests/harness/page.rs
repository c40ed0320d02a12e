//! The page, as a person uses it. Verbs that say how it is wait until it is so.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use fantoccini::{
    Client, Locator,
    actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::{PATIENCE, keys};

/// Interval at which the page is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

const INPUT: &str = ".writing textarea";
const ADDRESS: &str = "[role=combobox]";
const SEND: &str = "button.send";
const CONNECT: &str = "button.connect";
const LISTS: &str = ".files input[accept*=har]";
const WORKSPACES: &str = ".files input[accept='.json']";

/// Number of the counter `it`.
const COUNT: &str = "Number(it.textContent.replaceAll(',', ''))";

/// State and notices of the page, for the report of a wait that was in vain.
const SHOWN: &str = "return [...document.querySelectorAll('.status, .notices')]
    .map(part => `${part.dataset.state ?? ''} ${part.innerText}`.trim()).join(' | ')";

/// Workbench in a browser window. Clones are the same page.
#[derive(Clone)]
pub struct Page {
    client: Client,
    /// Files that it is given, for as long as it may read them.
    files: Arc<TempDir>,
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, files: Arc::new(tempfile::tempdir().expect("a folder")) }
    }

    /// Waits until the app has replaced the static frame.
    pub(crate) async fn is_mounted(&self) {
        self.lacks("#frame").await;
    }

    /// The connection's state is `state`, as the page names it.
    pub async fn has_state(&self, state: &str) {
        let script = "return document.querySelector('.status')?.dataset.state ?? 'no page'";
        self.comes(&format!("the state '{state}'"), script, |now| now == state).await;
    }

    /// Puts `url` into the address box and connects.
    pub async fn goes_to(&self, url: &str) {
        self.enters(ADDRESS, url).await;
        self.presses(keys::ENTER).await;
    }

    /// As [`goes_to`](Self::goes_to), and waits until it is connected there.
    pub async fn connects_to(&self, url: &str) {
        // The state may be that of the last connection.
        self.run(
            "const status = document.querySelector('.status');
             window.opened = false;
             new MutationObserver(() => { window.opened ||= status.dataset.state === 'open'; })
                 .observe(status, { attributes: true, attributeFilter: ['data-state'] })",
        )
        .await;
        self.goes_to(url).await;
        self.waits_for("return window.opened").await;
    }

    /// Disconnects.
    pub async fn disconnects(&self) {
        self.clicks_connect().await;
        self.has_state("closed").await;
    }

    /// Opens another tab.
    pub async fn opens_tab(&self) {
        self.clicks("button.add").await;
        self.has_state("idle").await;
        self.has_focus("[role=combobox]").await;
    }

    /// Puts `text` into the field that `selector` finds, by keys.
    pub async fn enters(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.expect("the field can be emptied");
        field.send_keys(text).await.expect("the field takes keys");
    }

    /// Empties the field that `selector` finds, by keys.
    pub async fn clears(&self, selector: &str) {
        self.enters(selector, &format!(" {}", keys::BACKSPACE)).await;
    }

    /// Pastes `text` into the address box, which keeps what it has if the page takes the text.
    pub async fn pastes(&self, text: &str) {
        self.focuses(ADDRESS).await;
        self.run(&format!(
            "const clipboardData = new DataTransfer();
             clipboardData.setData('text/plain', {});
             document.activeElement.dispatchEvent(
                 new ClipboardEvent('paste', {{ clipboardData, bubbles: true, cancelable: true }}))",
            Value::from(text)
        ))
        .await;
    }

    /// Types into the box.
    pub async fn types(&self, text: &str) {
        self.find(INPUT).await.send_keys(text).await.expect("the box takes keys");
    }

    /// Puts `text` into the box at once, as pasting does.
    pub async fn fills(&self, text: &str) {
        let script = format!(
            "const box = document.querySelector('{INPUT}');
             box.value = {};
             box.dispatchEvent(new Event('input', {{ bubbles: true }}));",
            Value::from(text)
        );
        self.run(&script).await;
    }

    /// Presses a key of [`keys`] where the focus is, or types a text there.
    pub async fn presses(&self, key: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(key).await.expect("it takes keys");
    }

    /// Presses Enter in the field that `selector` finds.
    pub async fn presses_enter_in(&self, selector: &str) {
        self.find(selector).await.send_keys(keys::ENTER).await.expect("the field takes keys");
    }

    /// Presses Enter in the box.
    pub async fn presses_enter(&self) {
        self.types(keys::ENTER).await;
    }

    /// Clicks Send.
    pub async fn clicks_send(&self) {
        self.clicks(SEND).await;
    }

    /// Puts `text` into the box and clicks Send.
    pub async fn submits(&self, text: &str) {
        self.fills(text).await;
        self.clicks_send().await;
    }

    /// Sends each of `texts`, and waits for its answer: to `/` or `/ws`, which say "Echo: ".
    pub async fn sends(&self, texts: &[&str]) {
        for text in texts {
            self.submits(text).await;
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
        self.waits_for(script).await;
    }

    /// Gives the file at `path` to the input that `selector` finds, as a browser's dialog does.
    pub async fn uploads(&self, selector: &str, path: &Path) {
        let input = self.find(selector).await;
        input.send_keys(&path.to_string_lossy()).await.expect("the input takes a file");
    }

    /// Imports the list in the file at `path`.
    pub async fn imports(&self, path: &Path) {
        self.uploads(LISTS, path).await;
    }

    /// Imports a list with this content, from a file of this name.
    pub async fn imports_file(&self, name: &str, content: impl AsRef<[u8]>) {
        self.imports(&self.file(name, content)).await;
    }

    /// Imports a workspace with this content, from a file of this name.
    pub async fn imports_workspace(&self, name: &str, content: impl AsRef<[u8]>) {
        self.uploads(WORKSPACES, &self.file(name, content)).await;
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, content).expect("the file can be written");
        path
    }

    /// Reloads the page.
    pub async fn reloads(&self) {
        self.client.refresh().await.expect("the page loads");
        self.is_mounted().await;
    }

    /// Clicks what `selector` finds.
    pub async fn clicks(&self, selector: &str) {
        // A view may be built anew between the two.
        while let Err(error) = self.find(selector).await.click().await {
            assert!(error.is_stale_element_reference(), "{selector} cannot be clicked: {error}");
        }
    }

    /// Clicks the element of `selector` whose name or text is `text`.
    pub async fn clicks_text(&self, selector: &str, text: &str) {
        let script = format!(
            "const it = [...document.querySelectorAll({})]
                 .find(it => [it.ariaLabel, it.textContent.trim()].includes({}));
             it?.click();
             return it !== undefined",
            Value::from(selector),
            Value::from(text)
        );
        self.waits_for(&script).await;
    }

    /// Focuses what `selector` finds.
    pub async fn focuses(&self, selector: &str) {
        self.run(&format!("document.querySelector({}).focus()", Value::from(selector))).await;
    }

    /// Keeps what is copied from now on, for [`copied`](Self::copied).
    pub async fn catches_copies(&self) {
        let script = "navigator.clipboard.writeText = async text => { window.copied = text }";
        self.run(script).await;
    }

    /// Text that was copied since the last call.
    pub async fn copied(&self) -> String {
        self.waits_for("return typeof window.copied === 'string'").await;
        let script = "const { copied } = window; delete window.copied; return copied";
        self.run(script).await.as_str().expect("a text").to_owned()
    }

    /// Clicks at a point of the window, in CSS pixels.
    pub async fn clicks_at(&self, x: f64, y: f64) {
        let pointer = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(pointer).await.expect("it can be clicked");
    }

    /// A row of `direction` ("sent", "received", "event") in view shows exactly `text`.
    pub async fn sees(&self, direction: &str, text: &str) {
        let script = format!(
            "return [...document.querySelectorAll('.entry[data-direction={direction}]:not([hidden]) .payload')]\
             .map(element => element.textContent)"
        );
        let seen =
            |now: &Value| now.as_array().is_some_and(|rows| rows.iter().any(|row| row == text));
        self.comes(&format!("'{text}', {direction},"), &script, seen).await;
    }

    /// The page shows `text`.
    pub async fn shows(&self, text: &str) {
        let script = "return document.body.innerText";
        let said = |now: &Value| now.as_str().is_some_and(|words| words.contains(text));
        self.comes(&format!("the words '{text}'"), script, said).await;
    }

    /// Something is there that `selector` finds.
    pub async fn has(&self, selector: &str) {
        self.comes_to(selector, "it !== null", true).await;
    }

    /// Nothing is there that `selector` finds.
    pub async fn lacks(&self, selector: &str) {
        self.comes_to(selector, "it === null", true).await;
    }

    /// `selector` finds this many elements.
    pub async fn has_count(&self, selector: &str, count: usize) {
        let script = format!("return document.querySelectorAll({}).length", Value::from(selector));
        self.comes(&format!("{count} of {selector}"), &script, |now| *now == count).await;
    }

    /// The text of what `selector` finds is exactly `text`.
    pub async fn reads(&self, selector: &str, text: &str) {
        self.comes_to(selector, "it?.textContent", text).await;
    }

    /// The text of what `selector` finds contains `part`.
    pub async fn contains(&self, selector: &str, part: &str) {
        let script = format!("it?.innerText.includes({})", Value::from(part));
        self.comes_to(selector, &script, true).await;
    }

    /// The field that `selector` finds has this value.
    pub async fn has_value(&self, selector: &str, value: &str) {
        self.comes_to(selector, "it?.value", value).await;
    }

    /// Waits until the focused element matches `selector`.
    pub async fn has_focus(&self, selector: &str) {
        let script = format!("return document.activeElement.matches({})", Value::from(selector));
        self.waits_for(&script).await;
    }

    /// Waits until the focused element has this name or text.
    pub async fn has_focus_on(&self, text: &str) {
        let script = "const it = document.activeElement;
            return (it.ariaLabel ?? it.textContent).trim()";
        self.comes(&format!("the focus on '{text}'"), script, |now| now == text).await;
    }

    /// The counter `name` shows `count`.
    pub async fn counts(&self, name: &str, count: u64) {
        self.comes_to(&counter(name), COUNT, count).await;
    }

    /// The counter `name` shows at least `count`.
    pub async fn counts_at_least(&self, name: &str, count: u64) {
        self.comes_to(&counter(name), &format!("{COUNT} >= {count}"), true).await;
    }

    /// The script `value`, in which `it` is what `selector` finds, is `expected`.
    async fn comes_to(&self, selector: &str, value: &str, expected: impl Into<Value>) {
        let expected = expected.into();
        let script =
            format!("const it = document.querySelector({}); return {value}", Value::from(selector));
        self.comes(&format!("{selector}: {value} = {expected}"), &script, |now| *now == expected)
            .await;
    }

    /// Number of messages sent and received.
    pub async fn messages(&self) -> u64 {
        let script = format!(
            "return ['sent', 'received']
                 .map(name => document.querySelector(`[data-count=${{name}}]`))
                 .reduce((sum, it) => sum + {COUNT}, 0)"
        );
        self.run(&script).await.as_u64().expect("a count")
    }

    /// Text in the box.
    pub async fn draft(&self) -> String {
        let draft = self.run(&format!("return document.querySelector('{INPUT}').value")).await;
        draft.as_str().expect("a text").to_owned()
    }

    /// `true` if the box has the focus.
    pub async fn box_has_focus(&self) -> bool {
        self.run(&format!("return document.activeElement.matches('{INPUT}')")).await == true
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
    pub async fn waits_for(&self, script: &str) {
        self.comes(script, script, |now| *now == true).await;
    }

    /// Screenshot of the window, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("the browser takes a picture")
    }

    /// Chooses the page's own `theme`: "light", "dark" or "system".
    pub async fn sets_theme(&self, theme: &str) {
        let index = ["system", "light", "dark"].iter().position(|it| *it == theme);
        self.selects("select.theme", &index.expect("a theme").to_string()).await;
    }

    /// Selects the option of this text or value in the list that `selector` finds.
    pub async fn selects(&self, selector: &str, option: &str) {
        let script = format!(
            "const list = document.querySelector({});
             const is_meant = it => [it.text, it.value].includes({});
             list.selectedIndex = [...list.options].findIndex(is_meant);
             list.dispatchEvent(new Event('change', {{ bubbles: true }}));",
            Value::from(selector),
            Value::from(option)
        );
        self.run(&script).await;
    }

    /// Unfolds the options of the connection at `tab`.
    pub async fn opens_options(&self, tab: &str) {
        self.clicks("button.unfold").await;
        self.clicks_text(".options [role=tab]", tab).await;
    }

    /// Chooses the way through the page's server, in the options of the connection.
    pub async fn routes_through_server(&self) {
        self.opens_options("Route").await;
        self.selects(".route .choice select", "server").await;
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

fn counter(name: &str) -> String {
    format!("[data-count={name}]")
}
