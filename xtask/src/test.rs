//! `cargo xtask test`: every test there is, and Autobahn's cases where its Python can be had.

use anyhow::Result;

use crate::{conformance, page, process, server::Server, setup, workspace::Profile};

pub(crate) fn run() -> Result<()> {
    eprintln!("Looking for what building and testing need:");
    let tools = setup::everything()?;
    page::build(&tools)?;
    eprintln!("Native and end-to-end tests…");
    process::run(tools.cargo().args(["test", "--workspace", "--exclude", "client"]))?;
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
