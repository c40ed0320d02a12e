//! A headless Chromium, driven through its WebDriver.

use std::{path::Path, process::Stdio};

use fantoccini::{
    ClientBuilder,
    wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use url::Url;

use crate::{Page, soon};

/// The first flags are for root and containers; the rest keep the browser from calling home,
/// and from the languages of the machine.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,800",
    "--accept-lang=en",
];

/// A browser with one window, and the driver it hangs on. Both end with this value.
pub struct Browser {
    client: fantoccini::Client,
    /// The browser's process, for when a test fails before it closes it: the driver, ended by the
    /// drop of `_driver`, would leave it running.
    process: String,
    _driver: Child,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Gone already is as good.
        let mut kill = std::process::Command::new("kill");
        let _ = kill.arg(&self.process).stderr(Stdio::null()).status();
    }
}

impl Browser {
    /// Starts one.
    pub async fn start() -> Self {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or("chromedriver".into());
        let mut driver = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts; `cargo xtask test` installs it");
        let stdout = driver.stdout.take().expect("standard output is a pipe");
        let mut lines = BufReader::new(stdout).lines();
        let port = loop {
            let line = soon("ChromeDriver's port", lines.next_line()).await;
            let line = line.expect("ChromeDriver's output is text").expect("ChromeDriver starts");
            // "ChromeDriver was started successfully on port 41234."
            if let Some((_, port)) = line.rsplit_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": FLAGS }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let url = format!("http://127.0.0.1:{port}");
        let client = soon("the browser's start", builder.connect(&url)).await;
        let client = client.expect("the browser starts");
        let process = client.capabilities().and_then(|found| found.get("goog:processID"));
        let process = process.expect("ChromeDriver names the process").to_string();
        Self { client, process, _driver: driver }
    }

    /// Opens `url` and waits until the app has replaced its static frame.
    pub async fn open(&self, url: &str) -> Page {
        let page = self.visits(url).await;
        page.is_mounted().await;
        page
    }

    /// Opens `url` and waits for the load event only.
    pub async fn visits(&self, url: &str) -> Page {
        soon("the page's load", self.client.goto(url)).await.expect("the page loads");
        Page::new(self.client.clone())
    }

    /// Has it put what is downloaded into `folder`.
    pub async fn downloads_to(&self, folder: &Path) {
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", params).await;
    }

    /// Has each page run `script` before its own.
    pub async fn runs_first(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// The windows, as [`shows`](Self::shows) takes them.
    pub async fn windows(&self) -> Vec<WindowHandle> {
        self.client.windows().await.expect("the browser has windows")
    }

    /// Has all that is done from now on done to this window.
    pub async fn shows(&self, window: WindowHandle) {
        self.client.switch_to_window(window).await.expect("the window is there");
    }

    /// Opens another window, as a person does, and shows it.
    pub async fn opens_a_window(&self) {
        let window = self.client.new_window(false).await.expect("there can be another window");
        self.shows(window.handle).await;
    }

    /// Ends it in order.
    pub async fn close(self) {
        let _ = soon("the browser's end", self.client.clone().close()).await;
    }

    /// Its number for the operating system.
    #[must_use]
    pub fn process(&self) -> &str {
        &self.process
    }

    /// Its name and version.
    #[must_use]
    pub fn version(&self) -> String {
        let capabilities = self.client.capabilities();
        let fact = |name| capabilities.and_then(|found| found.get(name)).and_then(Value::as_str);
        let (name, version) = (fact("browserName"), fact("browserVersion"));
        format!("{} {}", name.unwrap_or("unknown"), version.unwrap_or_default())
    }

    /// What a method of Chromium's `DevTools` protocol returns, called for the window's page.
    pub async fn devtools(&self, method: &str, params: Value) -> Value {
        let command = DevTools(json!({ "cmd": method, "params": params }).to_string());
        let answer = soon(method, self.client.issue_cmd(command)).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

/// ChromeDriver's own command for `DevTools`; its body.
#[derive(Debug)]
struct DevTools(String);

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.clone()))
    }
}
