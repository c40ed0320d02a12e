//! A headless Chromium, driven through its WebDriver.

use std::process::Stdio;

use fantoccini::{ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{Page, soon};

/// The first flags are for root and containers; the rest keep the browser from calling home.
const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,800",
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

    /// Opens `url`.
    pub async fn open(&self, url: &str) -> Page {
        soon("the page's load", self.client.goto(url)).await.expect("the page loads");
        Page::new(self.client.clone())
    }

    /// Ends it in order.
    pub async fn close(self) {
        let _ = soon("the browser's end", self.client.clone().close()).await;
    }
}
