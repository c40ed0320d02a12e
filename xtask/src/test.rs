//! `cargo xtask test`: every test there is, and Autobahn's cases where its Python can be had.

use anyhow::Result;

use crate::{conformance, page, process, server::Server, setup, workspace::Profile};

/// Names the folder of npm's modules to the tests that want one.
const NODE_MODULES: &str = "WSBENCH_NODE_MODULES";

/// Writes what `docs/endpoints.md` has from the server itself, and from how clients react to it; and
/// takes the pictures of the READMEs.
pub(crate) fn document() -> Result<()> {
    let tools = setup::everything()?;
    let modules = setup::node_modules()?;
    let mut tests = tools.cargo();
    tests.args(["test", "-p", "tests", "--test", "endpoints", "--", "document", "reactions"]);
    tests.env("UPDATE_EXPECT", "1").envs(modules.map(|modules| (NODE_MODULES, modules)));
    process::run(&mut tests)?;
    page::build(&tools)?;
    process::run(tools.cargo().args([
        "run",
        "-p",
        "tests",
        "--bin",
        "screenshots",
        "--",
        "--readme",
    ]))
}

pub(crate) fn run() -> Result<()> {
    eprintln!("Looking for what building and testing need:");
    let tools = setup::everything()?;
    let modules = setup::node_modules()?;
    page::build(&tools)?;
    eprintln!("Native and end-to-end tests…");
    let mut tests = tools.cargo();
    tests.args(["test", "--workspace", "--exclude", "client"]);
    process::run(tests.envs(modules.map(|modules| (NODE_MODULES, modules))))?;
    eprintln!("Tests of the client in a headless browser…");
    let server = Server::start(Profile::Debug)?;
    process::run(
        tools
            .cargo()
            .args(["test", "-p", "client", "--target", "wasm32-unknown-unknown"])
            // Read when the tests are compiled: a test in a browser has no environment.
            .env("WSBENCH_TEST_SERVER", &server.url)
            // The runner would take another browser's driver first.
            .env("CHROMEDRIVER", "chromedriver")
            .env_remove("GECKODRIVER")
            .env_remove("SAFARIDRIVER"),
    )?;
    drop(server);
    if let Err(error) = setup::for_conformance() {
        // Not every system can have Python 2.7. The tests above are worth having without it.
        eprintln!("\nAutobahn's cases are LEFT OUT: {error:#}");
        return Ok(());
    }
    conformance::quick()
}
