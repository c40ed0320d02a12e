//! `cargo xtask test`: every test there is, none skipped.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{page, process, setup, workspace};

pub(crate) fn run() -> Result<()> {
    eprintln!("Looking for what building and testing need:");
    let tools = setup::everything()?;
    page::build(&tools)?;
    eprintln!("Native and end-to-end tests…");
    process::run(tools.cargo().args(["test", "--workspace", "--exclude", "client"]))?;
    eprintln!("Tests of the client in a headless browser…");
    let server = TestServer::start()?;
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
    )
}

/// The server that the browser's tests talk to. Ends with this value.
struct TestServer {
    process: Child,
    url: String,
}

impl TestServer {
    fn start() -> Result<Self> {
        process::run(workspace::cargo().args(["build", "-p", "server"]))?;
        let mut process = Command::new(workspace::target()?.join("debug/wsbench-server"))
            .args(["--listen", "127.0.0.1:0"])
            .env("RUST_LOG", "info")
            .stdout(Stdio::piped())
            .spawn()
            .context("Cannot start the server")?;
        let stdout = process.stdout.take().context("The server has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("running on ").map(|(_, url)| url.to_owned()))
            .context("The server ended before it listened")?;
        // Its lines are read on, or it would wait for them to be.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { process, url })
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
