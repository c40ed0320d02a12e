//! WebDriver of a browser: a process that starts the browser and is ended with it.

use std::{
    env,
    ffi::OsString,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use fantoccini::wd::Capabilities;
use serde_json::json;
use tokio::{net::TcpStream, time::sleep};

use crate::soon;

/// The first flags are for root and containers; the rest keep the browser from calling home,
/// and from the languages of the machine.
const CHROMIUM_FLAGS: [&str; 10] = [
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
const FIREFOX_FLAGS: [&str; 5] = ["-headless", "-width", "1280", "-height", "800"];

/// Names of Firefox on different systems, in the order of preference.
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Screen of `WebKitGTK`, which has no headless mode.
const SCREEN: &str = "1920x1200x24";

/// Runs a program, and kills it with all that it started when the test program ends in any way or drops the
/// process, which closes the pipe that `cat` reads.
const GUARD: &str = "exec 3>&1 >/dev/null 2>&1
    \"$0\" \"$@\" >&3 3>&- &
    exec 3>&-
    cat
    kill -KILL 0";

static DISPLAY: LazyLock<Display> = LazyLock::new(Display::start);

/// Browser engine. `WSBENCH_BROWSER` chooses the one of a test run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, by `ChromeDriver`.
    Chromium,
    /// Firefox, by `geckodriver`.
    Firefox,
    /// `WebKitGTK`'s `MiniBrowser`, by `WebKitWebDriver`.
    WebKit,
}

impl Engine {
    /// Engine of this test run; Chromium unless another is chosen.
    #[must_use]
    pub fn chosen() -> Self {
        env::var("WSBENCH_BROWSER").map_or(Self::Chromium, |name| Self::named(&name))
    }

    /// Engine of this name.
    ///
    /// # Panics
    /// For any other name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "chromium" => Self::Chromium,
            "firefox" => Self::Firefox,
            "webkit" => Self::WebKit,
            other => panic!("a browser is chromium, firefox or webkit, not {other}"),
        }
    }

    /// Name or path of its WebDriver.
    fn driver(self) -> OsString {
        let named = |variable, name: &str| env::var_os(variable).unwrap_or(name.into());
        match self {
            Self::Chromium => named("CHROMEDRIVER", "chromedriver"),
            Self::Firefox => named("GECKODRIVER", "geckodriver"),
            Self::WebKit => "WebKitWebDriver".into(),
        }
    }

    /// True if its WebDriver and what that needs are there.
    #[must_use]
    pub fn is_installed(self) -> bool {
        let mut version = Command::new(self.driver());
        version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok()
            && match self {
                Self::Chromium => true,
                Self::Firefox => on_path(&FIREFOX).is_some(),
                Self::WebKit => on_path(&["Xvfb"]).is_some(),
            }
    }

    fn command(self, port: u16) -> Command {
        let port = port.to_string();
        let mut driver = guarded(self.driver());
        match self {
            Self::Chromium => driver.arg(format!("--port={port}")),
            Self::Firefox => driver.args(["--port", &port, "--websocket-port", "0"]),
            Self::WebKit => driver.arg(format!("--port={port}")).env("DISPLAY", &DISPLAY.name),
        };
        driver
    }

    pub(super) fn capabilities(self) -> Capabilities {
        let mut capabilities = Capabilities::new();
        match self {
            Self::Chromium => capabilities
                .insert("goog:chromeOptions".to_owned(), json!({ "args": CHROMIUM_FLAGS })),
            Self::Firefox => capabilities.insert("moz:firefoxOptions".to_owned(), {
                let prefs = json!({ "intl.accept_languages": "en" });
                let binary = on_path(&FIREFOX);
                let binary = binary.expect("Firefox is installed; `cargo xtask test` does it");
                json!({ "args": FIREFOX_FLAGS, "binary": binary, "prefs": prefs })
            }),
            Self::WebKit => None,
        };
        capabilities
    }
}

/// Running WebDriver. Dropped, it ends with its browsers.
pub(super) struct Driver {
    pub(super) url: String,
    process: Child,
}

impl Driver {
    /// Starts it, and waits until it listens.
    pub(super) async fn start(engine: Engine) -> Self {
        // Free now; the driver takes it at once.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
        let address: SocketAddr = free.expect("there is a free port");
        let process = engine.command(address.port()).stdout(Stdio::null()).spawn();
        let process = process.expect("sh starts");
        let listening = async {
            while TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        soon("the start of the WebDriver, which `cargo xtask test` installs,", listening).await;
        Self { url: format!("http://{address}"), process }
    }

    /// Process group of the driver and its browsers.
    pub(super) fn group(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It kills itself, too.
        let _ = self.process.wait();
    }
}

/// Virtual screen, one a test program.
struct Display {
    /// `:99`.
    name: String,
    /// Keeps its standard input open while the test program runs.
    _process: Child,
}

impl Display {
    fn start() -> Self {
        let mut server = guarded("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
        let mut process = server.stdout(Stdio::piped()).spawn().expect("sh starts");
        let stdout = process.stdout.take().expect("standard output is a pipe");
        let number = BufReader::new(stdout).lines().next();
        let number =
            number.and_then(Result::ok).expect("Xvfb starts; `cargo xtask test` installs it");
        Self { name: format!(":{number}"), _process: process }
    }
}

/// Command that runs `program` behind the [`GUARD`].
fn guarded(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD]).arg(program).stdin(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Path of the first of `programs` that is there, if any.
fn on_path(programs: &[&str]) -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut paths = programs
        .iter()
        .flat_map(|it| env::split_paths(&folders).map(move |folder| folder.join(it)))
        .filter(|it: &PathBuf| it.is_file());
    paths.next()
}
