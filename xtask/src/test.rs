//! `cargo xtask test`: every suite, or one.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::PathBuf,
    process::Command,
    thread,
};

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;

use crate::{
    conformance, page, process,
    server::Server,
    setup::{self, Tools},
    workspace::{self, Profile},
};

/// Environment variable with the folder of npm's modules, for tests that need one.
const NODE_MODULES: &str = "WSBENCH_NODE_MODULES";

/// Environment variable with the folder of Python packages, for tests with peers in Python.
const PYTHON_PACKAGES: &str = "WSBENCH_PYTHON_PACKAGES";

/// Environment variable with the folder of Prometheus. As part of `PATH`, it would have ring built again.
const PROMETHEUS: &str = "WSBENCH_PROMETHEUS";

/// Environment variable with the folder of the program, once it is built.
const PROGRAMS: &str = "WSBENCH_PROGRAMS";

/// Environment variable with the browser of the page's main scenarios.
const BROWSER: &str = "WSBENCH_BROWSER";

/// Environment variable with Firefox's WebDriver.
const GECKODRIVER: &str = "GECKODRIVER";

/// Program that the tests start.
const PROGRAM: &str = "wsbench";

/// Packages of the native tests. Every build selects the same ones: cargo unites the features of
/// the packages that it builds together, and would build half of the dependencies again for another
/// selection.
const NATIVE: [&str; 5] = ["--workspace", "--exclude", "client", "--exclude", "xtask"];

/// Tests that run at the same time, for each core: most of them wait for the time limit of another program.
const TESTS_PER_CORE: usize = 2;

/// Suite of tests.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum Suite {
    /// Tests inside the packages
    Unit,
    /// The server over real sockets
    Server,
    /// The test endpoints
    Endpoints,
    /// wsbench in a pipe and at a terminal
    Cli,
    /// The server and wsbench with other programs, and the examples with theirs
    Interop,
    /// The page in a headless browser
    Page,
    /// Parts of the page in a headless browser
    Client,
    /// Autobahn|Testsuite's quick cases
    Autobahn,
}

/// Browser for the main scenarios of the page, beside Chromium, which runs all tests.
#[derive(Clone, Copy, Eq, PartialEq, ValueEnum)]
pub(crate) enum Browser {
    /// Firefox, by geckodriver
    Firefox,
    /// `WebKitGTK`'s `MiniBrowser`, by `WebKitWebDriver`
    Webkit,
}

impl Suite {
    /// Name of the suite on the command line, and of its test target.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// True for tests of the page, or of the server that embeds it: the program is built after the
    /// page.
    fn needs_page(self) -> bool {
        matches!(self, Self::Server | Self::Page)
    }
}

/// Runs all suites, or `suite` alone with `arguments` for its test programs.
pub(crate) fn run(suite: Option<Suite>, arguments: &[OsString]) -> Result<()> {
    match suite {
        Some(suite) => run_one(suite, arguments),
        None => run_all(),
    }
}

/// Runs the main scenarios of the page in `browser`. Builds the page first, with the browser's
/// driver in the environment of the tests.
pub(crate) fn run_in(browser: Browser) -> Result<()> {
    let (name, driver) = match browser {
        Browser::Firefox => ("firefox", setup::for_firefox()?),
        Browser::Webkit => ("webkit", setup::for_webkit().map(|()| None)?),
    };
    page::build(&setup::for_page()?)?;
    let mut tests = built_test("page")?;
    tests.env(BROWSER, name).envs(driver.map(|folder| (GECKODRIVER, folder.join("geckodriver"))));
    process::run(tests.args(["--", "browsers"]))
}

/// Provides the tools that the suite needs, and runs it with `arguments` for its test program.
fn run_one(suite: Suite, arguments: &[OsString]) -> Result<()> {
    match suite {
        Suite::Unit => {
            let mut tests = workspace::cargo();
            tests.args(["test", "--workspace", "--exclude", "client", "--exclude", "tests"]);
            process::run(tests.arg("--").args(arguments))
        }
        Suite::Client => test_client(&setup::everything()?, arguments),
        Suite::Autobahn => conformance::quick(&programs()?),
        Suite::Server | Suite::Endpoints | Suite::Cli | Suite::Interop | Suite::Page => {
            let tools = setup::everything()?;
            if suite.needs_page() {
                page::build(&tools)?;
            }
            let mut tests = built_test(&suite.name())?;
            process::run(tests.envs(peers(Some(suite))?).arg("--").args(arguments))
        }
    }
}

/// Builds a test program and the program that it starts, and returns the command that runs it.
fn built_test(name: &str) -> Result<Command> {
    let target = ["--test", name];
    let mut build = workspace::cargo();
    process::run(build.arg("build").args(NATIVE).args(["--bin", PROGRAM]).args(target))?;
    let mut tests = workspace::cargo();
    tests.arg("test").args(NATIVE).args(target).env(PROGRAMS, debug_folder()?);
    side_by_side(&mut tests);
    Ok(tests)
}

/// Lets as many tests run at the same time as keep the cores busy.
fn side_by_side(tests: &mut Command) -> &mut Command {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    tests.env("RUST_TEST_THREADS", (cores * TESTS_PER_CORE).to_string())
}

/// Runs all suites in two lanes, so that one computes while the other waits. The client's tests come last and
/// alone: their runner gives up a page that a busy machine keeps from answering.
fn run_all() -> Result<()> {
    eprintln!("Looking for the tools for building and testing:");
    let tools = setup::everything()?;
    let peers = peers(None)?;
    let autobahn = setup::for_conformance();
    thread::scope(|scope| {
        let page = scope.spawn(|| page::build(&tools));
        let native = build_native();
        join(page).and(native)
    })?;
    let has_autobahn = match autobahn {
        Ok(_) => true,
        // Not every system can have Python 2.7. The other tests are worth having without it.
        Err(error) => {
            eprintln!("\nAutobahn's cases are LEFT OUT: {error:#}");
            false
        }
    };
    let native = thread::scope(|scope| {
        let beside = scope.spawn(|| {
            let autobahn = has_autobahn.then(|| run_beside(Suite::Autobahn)).transpose()?;
            build_client(&tools)?;
            anyhow::Ok(autobahn)
        });
        let mut tests = workspace::cargo();
        tests.arg("test").args(NATIVE).arg("--no-fail-fast").env(PROGRAMS, debug_folder()?);
        let native = process::run(side_by_side(&mut tests).envs(peers));
        if let Some(Beside { suite, log, result }) = join(beside)? {
            eprintln!("\nSuite {}:\n{}", suite.name(), fs::read_to_string(log)?);
            result.with_context(|| format!("Suite {} failed", suite.name()))?;
        }
        native
    });
    native.and(test_client(&tools, &[]))
}

/// Builds the client's tests, except those that name the server, which is not started yet.
fn build_client(tools: &Tools) -> Result<()> {
    let target = ["--tests", "--target", "wasm32-unknown-unknown"];
    process::run(tools.cargo().args(["build", "-p", "client"]).args(target))
}

/// Builds the native tests and the program that they start, and runs the tests of xtask.
fn build_native() -> Result<()> {
    process::run(workspace::cargo().arg("build").args(NATIVE).args(["--bins", "--tests"]))?;
    process::run(workspace::cargo().args(["test", "-p", "xtask"]))
}

/// Result of a suite that ran beside others.
struct Beside {
    /// Suite for the heading above its output.
    suite: Suite,
    /// File with its output, printed once the others are done.
    log: PathBuf,
    /// Error if a test failed or the suite could not start.
    result: Result<()>,
}

/// Runs a suite in a process of its own, its output in a file.
fn run_beside(suite: Suite) -> Result<Beside> {
    let folder = workspace::target()?.join("xtask/test");
    fs::create_dir_all(&folder)?;
    let log = folder.join(suite.name()).with_extension("log");
    let output = File::create(&log)?;
    let mut xtask = Command::new(env::current_exe()?);
    xtask.args(["test", &suite.name()]).env(PROGRAMS, debug_folder()?);
    let result = process::run(xtask.stdout(output.try_clone()?).stderr(output));
    Ok(Beside { suite, log, result })
}

/// Result of a thread; a panic in it becomes an error.
fn join<T>(thread: thread::ScopedJoinHandle<Result<T>>) -> Result<T> {
    thread.join().map_err(|_| anyhow!("A thread of `cargo xtask test` panicked"))?
}

/// Runs the client's tests inside a headless browser, with a server to talk to.
fn test_client(tools: &Tools, arguments: &[OsString]) -> Result<()> {
    let folder = workspace::target()?.join("xtask/test");
    let server = Server::start(&mut Command::new(programs()?.join(PROGRAM)), &folder)?;
    let mut tests = tools.cargo();
    tests.args(["test", "-p", "client", "--target", "wasm32-unknown-unknown"]);
    // Read by the compiler: a test in a browser has no environment.
    tests.env("WSBENCH_TEST_SERVER", &server.url);
    // Seconds for all of a file; a wait of the tests ends after ten.
    tests.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    // The runner would take another browser's driver first.
    tests.env("CHROMEDRIVER", "chromedriver");
    tests.env_remove("GECKODRIVER").env_remove("SAFARIDRIVER");
    process::run(tests.arg("--").args(arguments))
}

/// Folder of the program, built in debug mode unless [`PROGRAMS`] names one that has it.
fn programs() -> Result<PathBuf> {
    if let Some(folder) = env::var_os(PROGRAMS) {
        return Ok(folder.into());
    }
    let program = workspace::build("cli", PROGRAM, Profile::Debug)?;
    let folder = program.parent().context("The program is in no folder")?;
    Ok(folder.to_owned())
}

/// Folder of programs from debug builds.
fn debug_folder() -> Result<PathBuf> {
    Ok(workspace::target()?.join("debug"))
}

/// Provides Firefox and `WebKitGTK` where that is possible: recorded reactions of others stay. Returns the
/// variable that names Firefox's WebDriver.
pub(crate) fn other_browsers() -> Option<(&'static str, PathBuf)> {
    let left_out = |error: &anyhow::Error| eprintln!("A browser is LEFT OUT: {error:#}");
    let _ = setup::for_webkit().inspect_err(left_out);
    let folder = setup::for_firefox().inspect_err(left_out).ok().flatten()?;
    Some((GECKODRIVER, folder.join("geckodriver")))
}

/// Variables that name the folders of the peers that the tests of `suite`, or of all, need; without those that
/// cannot be provided.
fn peers(suite: Option<Suite>) -> Result<Vec<(&'static str, PathBuf)>> {
    use Suite::{Endpoints, Interop, Page, Server};
    let provide = |name, suites: &[Suite], folder: fn() -> Result<Option<PathBuf>>| {
        let is_needed = suite.is_none_or(|it| suites.contains(&it));
        anyhow::Ok(if is_needed { folder()?.map(|folder| (name, folder)) } else { None })
    };
    let peers = [
        provide(NODE_MODULES, &[Endpoints, Interop, Page], setup::node_modules)?,
        provide(PYTHON_PACKAGES, &[Interop], setup::python_packages)?,
        provide(PROMETHEUS, &[Server], setup::prometheus)?,
    ];
    Ok(peers.into_iter().flatten().collect())
}

/// Writes the tables of `docs/endpoints.md`, from the server's own list and from the reactions of
/// clients to the faults, and takes the screenshots of the READMEs.
pub(crate) fn document() -> Result<()> {
    let tools = setup::everything()?;
    let mut tests = workspace::cargo();
    tests.args(["test", "-p", "tests", "--test", "endpoints", "--", "document", "reactions"]);
    process::run(
        tests.env("UPDATE_EXPECT", "1").envs(peers(Some(Suite::Endpoints))?).envs(other_browsers()),
    )?;
    page::build(&tools)?;
    let screenshots = ["run", "-p", "tests", "--bin", "screenshots", "--", "--readme"];
    process::run(workspace::cargo().args(screenshots))
}
