//! Headless Chromium, driven through its WebDriver.
//!
//! Browsers are pooled, since a start costs more than most tests: a test returns its browser cleared, with a
//! new window. Storage is per origin, and each test's server has a port of its own.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

use fantoccini::{
    ClientBuilder,
    error::CmdError,
    wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::{self, Runtime};
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
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 800;

/// Runs ChromeDriver, and kills it with its browsers when the test program ends in any way, which closes the
/// pipe that `cat` reads.
const DRIVER_SCRIPT: &str = "exec 3>&1 >/dev/null
    \"$0\" --port=0 >&3 3>&- &
    exec 3>&-
    cat
    kill -KILL 0";

static DRIVER: LazyLock<Driver> = LazyLock::new(Driver::start);

/// Runtime of the connections to the browsers, which outlive the runtimes of the tests.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().expect("a runtime starts")
});

/// Pool of browsers.
static IDLE: Mutex<Vec<Session>> = Mutex::new(Vec::new());

/// ChromeDriver, one a test program.
struct Driver {
    url: String,
    /// Keeps its standard input open while the test program runs.
    _process: Child,
}

impl Driver {
    fn start() -> Self {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or("chromedriver".into());
        let mut driver = Command::new("sh");
        driver
            .args(["-c", DRIVER_SCRIPT])
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut driver, 0);
        let mut driver = driver.spawn().expect("sh starts");
        let stdout = driver.stdout.take().expect("standard output is a pipe");
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        // "ChromeDriver was started successfully on port 41234."
        let port = lines.filter_map(|line| {
            let (_, port) = line.rsplit_once("successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let port = { port }.next().expect("chromedriver starts; `cargo xtask test` installs it");
        Self { url: format!("http://127.0.0.1:{port}"), _process: driver }
    }
}

/// Browser process with its WebDriver session. Killed on drop.
struct Session {
    client: fantoccini::Client,
    process: String,
}

impl Session {
    async fn start() -> Self {
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": FLAGS }));
        let starting = RUNTIME.spawn(async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities).connect(&DRIVER.url).await
        });
        let client = soon("the browser's start", starting).await.expect("it does not panic");
        let client = client.expect("the browser starts");
        let process = client.capabilities().and_then(|found| found.get("goog:processID"));
        let process = process.expect("ChromeDriver names the process").to_string();
        Self { client, process }
    }

    /// Replaces all windows by a new one, and clears the storage of `origins`.
    async fn clear(&self, origins: &BTreeSet<String>) -> Result<(), CmdError> {
        let old = self.client.windows().await?;
        let window = self.client.new_window(true).await?.handle;
        for window in old {
            self.client.switch_to_window(window).await?;
            self.client.close_window().await?;
        }
        self.client.switch_to_window(window).await?;
        self.client.set_window_size(WIDTH, HEIGHT).await?;
        for origin in origins {
            let stored = json!({ "origin": origin, "storageTypes": "all" });
            self.devtools("Storage.clearDataForOrigin", stored).await?;
        }
        self.devtools("Browser.setDownloadBehavior", json!({ "behavior": "default" })).await?;
        self.devtools("Browser.resetPermissions", json!({})).await?;
        Ok(())
    }

    async fn devtools(&self, method: &str, params: Value) -> Result<Value, CmdError> {
        let command = DevTools(json!({ "cmd": method, "params": params }).to_string());
        self.client.issue_cmd(command).await
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = Command::new("kill").arg(&self.process).stderr(Stdio::null()).status();
    }
}

/// Browser with one window. [`close`](Self::close) returns it to the pool; a drop, as in a failed test, kills it.
pub struct Browser {
    session: Session,
    origins: Mutex<BTreeSet<String>>,
}

impl Browser {
    /// Takes a browser from the pool, or starts one.
    pub async fn start() -> Self {
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let session = match idle {
            Some(session) => session,
            None => Session::start().await,
        };
        Self { session, origins: Mutex::default() }
    }

    /// Clears it and returns it to the pool.
    pub async fn close(self) {
        let Self { session, origins } = self;
        let origins = origins.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Otherwise it is killed.
        if soon("the browser's clearing", session.clear(&origins)).await.is_ok() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        }
    }

    /// Opens `url` and waits until the app has replaced its static frame.
    pub async fn open(&self, url: &str) -> Page {
        let page = self.visits(url).await;
        page.is_mounted().await;
        page
    }

    /// Opens `url` and waits for its load event only.
    pub async fn visits(&self, url: &str) -> Page {
        let origin = Url::parse(url).expect("a URL").origin().ascii_serialization();
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).insert(origin);
        soon("the page's load", self.session.client.goto(url)).await.expect("the page loads");
        Page::new(self.session.client.clone())
    }

    /// Sends downloads to `folder`.
    pub async fn downloads_to(&self, folder: &Path) {
        let params = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", params).await;
    }

    /// Runs `script` in each page before the page's own scripts.
    pub async fn runs_first(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Open windows, for [`shows`](Self::shows).
    pub async fn windows(&self) -> Vec<WindowHandle> {
        self.session.client.windows().await.expect("the browser has windows")
    }

    /// Directs all further commands to `window`.
    pub async fn shows(&self, window: WindowHandle) {
        self.session.client.switch_to_window(window).await.expect("the window is there");
    }

    /// Opens another window and shows it.
    pub async fn opens_a_window(&self) {
        let window =
            self.session.client.new_window(false).await.expect("there can be another window");
        self.shows(window.handle).await;
    }

    /// Process ID.
    #[must_use]
    pub fn process(&self) -> &str {
        &self.session.process
    }

    /// Name and version.
    #[must_use]
    pub fn version(&self) -> String {
        let capabilities = self.session.client.capabilities();
        let fact = |name| capabilities.and_then(|found| found.get(name)).and_then(Value::as_str);
        let (name, version) = (fact("browserName"), fact("browserVersion"));
        format!("{} {}", name.unwrap_or("unknown"), version.unwrap_or_default())
    }

    /// Calls a method of the `DevTools` protocol on the window's page.
    pub async fn devtools(&self, method: &str, params: Value) -> Value {
        let answer = soon(method, self.session.devtools(method, params)).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}

/// ChromeDriver's command for `DevTools`, by its body.
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
