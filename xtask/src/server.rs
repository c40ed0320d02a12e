//! Server process for tests and benchmarks.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::process::Running;

/// Running server on a free port of 127.0.0.1, killed on drop.
pub(crate) struct Server {
    /// Kept so that the server lives as long as this value.
    _process: Running,
    /// `ws://127.0.0.1:PORT`
    pub(crate) url: String,
}

impl Server {
    /// Starts `wsbench server`; `program` is the path of `wsbench`. Returns once it listens, which
    /// its log on standard output says; fails if it ends before.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut process = Running::start(
            Command::new(program)
                .args(["server", "--listen", "127.0.0.1:0"])
                .env("RUST_LOG", "info")
                .stdout(Stdio::piped()),
        )?;
        let stdout = process.0.stdout.take().context("The server has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("running on ").map(|(_, url)| url.to_owned()))
            .context("The server ended before it listened")?;
        // A full pipe would block the server.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { _process: process, url })
    }
}
