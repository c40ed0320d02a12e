//! A browser, driven through its WebDriver: headless Chromium, or another one to compare.
//!
//! Chromium is pooled, since a start costs more than most tests: a test that ends well returns its browser, which is
//! cleared and gets a new window. Storage is per origin, and each test's server has a port of its own. Other browsers
//! cannot be cleared from outside and are started for each test.

mod driver;
mod memory;
mod worker;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use fantoccini::{
    ClientBuilder,
    error::CmdError,
    wd::{WebDriverCompatibleCommand, WindowHandle},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::{
    runtime::{self, Runtime},
    task::JoinHandle,
    time::timeout,
};
use url::Url;

use self::driver::Driver;
pub use self::{driver::Engine, memory::Memory};
use crate::{PATIENCE, Page, soon};

const WIDTH: u32 = 1280;
const HEIGHT: u32 = 800;

/// Runtime of the connections to the browsers, which outlive the runtimes of the tests.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = runtime::Builder::new_multi_thread();
    runtime.worker_threads(1).enable_all().build().expect("a runtime starts")
});

/// Pool of browsers, all of them Chromium, each on its way to be cleared; `None` if that fails.
static IDLE: Mutex<Vec<JoinHandle<Option<Arc<Session>>>>> = Mutex::new(Vec::new());

/// Browser process with its WebDriver session. Killed on drop.
struct Session {
    client: fantoccini::Client,
    driver: Driver,
    /// Origins that it has visited since it was cleared.
    origins: Mutex<BTreeSet<String>>,
}

impl Session {
    async fn start(engine: Engine) -> Self {
        let driver = Driver::start(engine).await;
        let url = driver.url.clone();
        let starting = RUNTIME.spawn(async move {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(engine.capabilities()).connect(&url).await
        });
        let client = soon("the browser's start", starting).await.expect("it does not panic");
        let client = client.expect("the browser starts");
        Self { client, driver, origins: Mutex::default() }
    }

    /// Replaces all windows by a new one, and clears the storage of the origins.
    async fn clear(&self) -> Result<(), CmdError> {
        let old = self.client.windows().await?;
        let window = self.client.new_window(true).await?.handle;
        for window in old {
            self.client.switch_to_window(window).await?;
            self.client.close_window().await?;
        }
        self.client.switch_to_window(window).await?;
        self.client.set_window_size(WIDTH, HEIGHT).await?;
        let origins = std::mem::take(&mut *lock(&self.origins));
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

/// Browser with one window.
pub struct Browser {
    session: Arc<Session>,
    is_pooled: bool,
}

impl Drop for Browser {
    /// Returns it to the pool; in a failed test it is killed.
    fn drop(&mut self) {
        if self.is_pooled && !std::thread::panicking() {
            let session = Arc::clone(&self.session);
            let clearing = async move {
                let cleared = timeout(PATIENCE, session.clear()).await.is_ok_and(|it| it.is_ok());
                cleared.then_some(session)
            };
            lock(&IDLE).push(RUNTIME.spawn(clearing));
        }
    }
}

impl Browser {
    /// Takes Chromium from the pool, or starts it.
    pub async fn start() -> Self {
        let idle = lock(&IDLE).pop();
        let cleared = match idle {
            Some(clearing) => clearing.await.expect("clearing does not panic"),
            None => None,
        };
        let session = match cleared {
            Some(session) => session,
            None => Arc::new(Session::start(Engine::Chromium).await),
        };
        Self { session, is_pooled: true }
    }

    /// Starts the browser that [`Engine::chosen`] names, with English as its language.
    pub async fn start_chosen() -> Self {
        match Engine::chosen() {
            Engine::Chromium => Self::start().await,
            other => Self::start_new(other).await,
        }
    }

    /// Starts a browser of this engine in a new process, with English as its language. A drop kills it.
    pub async fn start_new(engine: Engine) -> Self {
        Self { session: Arc::new(Session::start(engine).await), is_pooled: false }
    }

    /// Replaces its windows by a new one, and clears the storage of what it has visited. A window that is merely
    /// led elsewhere may store its tabs after that: its page hears of it once the next one is there.
    pub async fn clear(&self) {
        let clearing = soon("the browser's clearing", self.session.clear()).await;
        clearing.expect("the browser is cleared");
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
        lock(&self.session.origins).insert(origin);
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

    /// Open windows, for [`switches_to`](Self::switches_to).
    pub async fn windows(&self) -> Vec<WindowHandle> {
        self.session.client.windows().await.expect("the browser has windows")
    }

    /// Directs all further commands to `window`.
    pub async fn switches_to(&self, window: WindowHandle) {
        self.session.client.switch_to_window(window).await.expect("the window is there");
    }

    /// Opens another window and shows it.
    pub async fn opens_a_window(&self) {
        let window =
            self.session.client.new_window(false).await.expect("there can be another window");
        self.switches_to(window.handle).await;
    }

    /// Gives the page this much room, in CSS pixels: windows have a minimum size, unlike a phone's page.
    pub async fn sets_viewport(&self, width: u32, height: u32) {
        let room =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", room).await;
    }

    /// Memory of the page's process: the largest of those that show pages. Linux only.
    #[must_use]
    pub fn page_memory(&self) -> Memory {
        let pages = memory::of_pages(self.session.driver.group());
        let largest = pages.into_iter().max_by(|a, b| a.private.total_cmp(&b.private));
        largest.expect("a page has a process")
    }

    /// Keeps the workers of the window's page busy from now on. Chromium only.
    pub async fn keeps_workers_busy(&self) {
        // Chromium terminates no worker that runs a script of the debugger.
        self.runs_in_workers("setTimeout(() => { for (;;); })").await;
    }

    /// Throws an error in each worker of the page, as a failed engine does. Chromium only.
    pub async fn fails_in_workers(&self) {
        self.runs_in_workers("setTimeout(() => { throw new Error('as in a test') })").await;
    }

    /// Leaves the probes of the page's workers without an answer, as if messages lagged behind, until
    /// [`answers_probes`](Self::answers_probes). Chromium only.
    pub async fn holds_probes(&self) {
        let script =
            "self.held = []; self.probe = () => new Promise(answer => self.held.push(answer))";
        self.runs_in_workers(script).await;
    }

    /// Answers the probes that were held back, and later ones at once: nothing lags behind. Chromium only.
    pub async fn answers_probes(&self) {
        let script = "self.probe = () => Promise.resolve(); self.held?.forEach(answer => answer())";
        self.runs_in_workers(script).await;
    }

    async fn runs_in_workers(&self, script: &str) {
        let client = &self.session.client;
        let capabilities = client.capabilities().expect("the session has capabilities");
        let address = capabilities["goog:chromeOptions"]["debuggerAddress"].as_str();
        let target = String::from(client.window().await.expect("the browser shows a window"));
        let running = worker::run_in_workers(address.expect("an address"), &target, script);
        soon("the attachment to the workers", running).await;
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
