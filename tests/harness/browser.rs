//! Headless Chromium, driven through its WebDriver.
//!
//! Starting one takes longer than most tests, so that a test hands its browser on to the next one: emptied,
//! with a fresh window. Each test has a server on a port of its own, and with it storage of its own.

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

/// Runs a driver, and ends it with its browsers when the test program has ended, in whatever way: then the
/// pipe that `cat` reads is closed.
const DRIVER_SCRIPT: &str = "exec 3>&1 >/dev/null
    \"$0\" --port=0 >&3 3>&- &
    exec 3>&-
    cat
    kill -KILL 0";

static DRIVER: LazyLock<Driver> = LazyLock::new(Driver::start);

/// Runs the connections to the browsers, which outlive the runtime of a test.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().expect("a runtime starts")
});

/// Browsers that no test uses at the moment.
static IDLE: Mutex<Vec<Session>> = Mutex::new(Vec::new());

/// The test program's only ChromeDriver.
struct Driver {
    url: String,
    /// Its standard input stays open for as long as the test program runs.
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

/// Browser of its own process. Ends with this value.
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

    /// Replaces all windows by a new one, and clears what `origins` have stored.
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
        // Already ended is as good.
        let _ = Command::new("kill").arg(&self.process).stderr(Stdio::null()).status();
    }
}

/// Browser with one window. [Closed](Self::close), it is ready for another test; dropped, as by a test that
/// fails, it ends.
pub struct Browser {
    session: Session,
    origins: Mutex<BTreeSet<String>>,
}

impl Browser {
    /// Takes one that no other test uses, or starts one.
    pub async fn start() -> Self {
        let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let session = match idle {
            Some(session) => session,
            None => Session::start().await,
        };
        Self { session, origins: Mutex::default() }
    }

    /// Leaves it to the next test.
    pub async fn close(self) {
        let Self { session, origins } = self;
        let origins = origins.into_inner().unwrap_or_else(PoisonError::into_inner);
        // One that cannot be cleared is of no use to anybody.
        if soon("the browser's clearing", session.clear(&origins)).await.is_ok() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        }
    }

    /// Opens `url`.
    pub async fn open(&self, url: &str) -> Page {
        let origin = Url::parse(url).expect("a URL").origin().ascii_serialization();
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).insert(origin);
        soon("the page's load", self.session.client.goto(url)).await.expect("the page loads");
        Page::new(self.session.client.clone())
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
        self.session.client.windows().await.expect("the browser has windows")
    }

    /// Has all that is done from now on done to this window.
    pub async fn shows(&self, window: WindowHandle) {
        self.session.client.switch_to_window(window).await.expect("the window is there");
    }

    /// Opens another window, as a person does, and shows it.
    pub async fn opens_a_window(&self) {
        let window =
            self.session.client.new_window(false).await.expect("there can be another window");
        self.shows(window.handle).await;
    }

    /// Its number for the operating system.
    #[must_use]
    pub fn process(&self) -> &str {
        &self.session.process
    }

    /// Its name and version.
    #[must_use]
    pub fn version(&self) -> String {
        let capabilities = self.session.client.capabilities();
        let fact = |name| capabilities.and_then(|found| found.get(name)).and_then(Value::as_str);
        let (name, version) = (fact("browserName"), fact("browserVersion"));
        format!("{} {}", name.unwrap_or("unknown"), version.unwrap_or_default())
    }

    /// What a method of Chromium's `DevTools` protocol returns, called for the window's page.
    pub async fn devtools(&self, method: &str, params: Value) -> Value {
        let answer = soon(method, self.session.devtools(method, params)).await;
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
