//! Server process for tests and benchmarks.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::process::Running;

/// Time limit for the server to listen: under an emulator it is slow, and Wine sets up its folder first.
const LIMIT: Duration = Duration::from_mins(1);

/// Running server on a free port of 127.0.0.1, killed on drop.
pub(crate) struct Server {
    /// Kept so that the server lives as long as this value.
    _process: Running,
    /// `ws://127.0.0.1:PORT`
    pub(crate) url: String,
}

impl Server {
    /// Starts the server of `wsbench`, a command without arguments, in `folder`. Returns once it has written the file
    /// with its port there; fails if it ends before.
    pub(crate) fn start(wsbench: &mut Command, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let port_file = folder.join("port");
        let _ = fs::remove_file(&port_file);
        wsbench.args(["server", "--listen", "127.0.0.1:0", "--port-file", "port"]);
        let mut process = Running::start(wsbench.current_dir(folder).stdout(Stdio::null()))?;
        let start = Instant::now();
        loop {
            let port = fs::read_to_string(&port_file).unwrap_or_default();
            if let Some(port) = port.strip_suffix('\n') {
                return Ok(Self { _process: process, url: format!("ws://127.0.0.1:{port}") });
            }
            ensure!(process.0.try_wait()?.is_none(), "The server ended before it listened");
            ensure!(start.elapsed() < LIMIT, "The server does not listen after {LIMIT:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}
