//! Server under measurement: a process, its CPU time and its memory.

use std::{
    ffi::OsString,
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{time::ClockId, unistd::Pid};

use crate::{
    cores::{self, Cores},
    open::Protocol,
};

/// Time for a program to listen.
const START_LIMIT: Duration = Duration::from_secs(10);
/// Interval of attempts to connect to a starting server.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// Program to be measured.
#[derive(Clone)]
pub(crate) struct Contestant {
    /// Name in the report.
    pub(crate) name: String,
    /// True for the raw TCP echo, which speaks no WebSocket.
    pub(crate) is_raw: bool,
    /// Path, or a name to look up.
    program: PathBuf,
    /// Arguments, with the placeholders `{port}`, `{deflate}` and `{buffer}` of [`Setting`].
    arguments: Vec<String>,
    environment: Vec<(&'static str, OsString)>,
}

/// Settings that a run passes to a program.
#[derive(Clone, Copy, Default)]
pub(crate) struct Setting {
    /// Placeholder for permessage-deflate; `on` or `off`.
    pub(crate) deflate: bool,
    /// Bytes that the raw TCP echo reads at once.
    pub(crate) raw_buffer: usize,
}

impl Contestant {
    /// Raw TCP echo: the floor.
    pub(crate) fn raw_tcp(program: &Path) -> Self {
        let arguments = ["127.0.0.1:{port}", "{buffer}"];
        Self { is_raw: true, ..Self::new("raw TCP echo", program, &arguments) }
    }

    /// `wsbench server`, which logs warnings only.
    pub(crate) fn wsbench(program: &Path) -> Self {
        let quiet = ("RUST_LOG", "warn".into());
        Self::new("wsbench", program, &["server", "--listen", "127.0.0.1:{port}"]).with(quiet)
    }

    /// `wsbench server` with more flags.
    pub(crate) fn wsbench_with(program: &Path, flags: &[String]) -> Self {
        let mut this = Self::wsbench(program);
        this.arguments.extend_from_slice(flags);
        this
    }

    /// Echo server on npm's `ws`, installed in the folder `modules`.
    pub(crate) fn node_ws(script: &Path, modules: &Path) -> Self {
        let script = script.display().to_string();
        Self::new("Node ws", Path::new("node"), &[&script, "{port}", "{deflate}"])
            .with(("NODE_PATH", modules.into()))
    }

    /// Parses any other server, as `NAME=PROGRAM ARGUMENTS`. The error is a sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wanted = || format!("'{text}' is not NAME=PROGRAM ARGUMENTS, with {{port}} in them");
        let (name, command) = text.split_once('=').ok_or_else(wanted)?;
        let mut words = command.split_whitespace();
        let program = words.next().ok_or_else(wanted)?;
        let arguments: Vec<_> = words.collect();
        if name.is_empty() || !command.contains("{port}") {
            return Err(wanted());
        }
        Ok(Self::new(name, Path::new(program), &arguments))
    }

    /// WebSocket server of this name.
    fn new(name: &str, program: &Path, arguments: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            is_raw: false,
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            environment: Vec::new(),
        }
    }

    fn with(mut self, variable: (&'static str, OsString)) -> Self {
        self.environment.push(variable);
        self
    }

    pub(crate) fn protocol(&self, offers_deflate: bool) -> Protocol {
        if self.is_raw { Protocol::RawTcp } else { Protocol::WebSocket { offers_deflate } }
    }

    /// Starts it on its core and waits until it listens.
    pub(crate) fn start(&self, setting: Setting, cores: Cores) -> Result<Server> {
        // A process starts on the cores of the thread that starts it.
        cores::stay_on(cores.server)?;
        let server = self.start_here(setting);
        cores::stay_on(cores.load)?;
        server
    }

    /// Starts it on any core and waits until it listens.
    pub(crate) fn start_here(&self, setting: Setting) -> Result<Server> {
        let port = free_port()?;
        let mut command = Command::new(&self.program);
        command
            .args(self.arguments.iter().map(|argument| setting.fill(argument, port)))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let start = Instant::now();
        let child = command.spawn();
        let child = child.with_context(|| format!("cannot start {}", self.program.display()))?;
        let mut server = Server { child, port, start_up: Duration::ZERO };
        server.start_up = server
            .wait_until_it_listens(start)
            .with_context(|| format!("{} did not start", self.name))?;
        Ok(server)
    }
}

impl Setting {
    /// Argument with its placeholders replaced.
    fn fill(self, argument: &str, port: u16) -> String {
        argument
            .replace("{port}", &port.to_string())
            .replace("{deflate}", if self.deflate { "on" } else { "off" })
            .replace("{buffer}", &self.raw_buffer.to_string())
    }
}

/// Free port. Another process may take it before the server does, which then fails to start.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Running server, killed when dropped.
pub(crate) struct Server {
    /// Process, killed on drop.
    child: Child,
    /// Port on 127.0.0.1.
    pub(crate) port: u16,
    /// Time from its start until it accepted a connection, in steps of [`POLL_INTERVAL`].
    pub(crate) start_up: Duration,
}

impl Server {
    /// Waits until it accepts a connection, and returns the time since `start`. Fails if it ends, or takes longer than
    /// [`START_LIMIT`].
    fn wait_until_it_listens(&mut self, start: Instant) -> Result<Duration> {
        while start.elapsed() < START_LIMIT {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(start.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended ({status})");
            }
            thread::sleep(POLL_INTERVAL);
        }
        bail!("it does not listen on port {}", self.port)
    }

    /// User and system time since its start, of all its threads, ended ones included.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let id = Pid::from_raw(self.child.id().try_into()?);
        // Counts nanoseconds up to now. `/proc/PID/stat` counts hundredths of a second, and
        // `/proc/PID/task/*/schedstat` forgets the threads that have ended.
        let clock =
            ClockId::pid_cpu_clock_id(id).context("the server's CPU clock cannot be read")?;
        Ok(clock.now().context("the server's CPU clock cannot be read")?.into())
    }

    /// Resident memory in KiB.
    pub(crate) fn rss_kib(&self) -> Result<usize> {
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        // Exact; some kernels lack it. The other is off by some pages a core.
        fs::read_to_string(folder.join("smaps_rollup"))
            .ok()
            .and_then(|text| kib(&text, "Rss:"))
            .or_else(|| kib(&fs::read_to_string(folder.join("status")).ok()?, "VmRSS:"))
            .context("the server's memory cannot be read; it may have ended")
    }

    /// Largest resident memory so far, in KiB. Cheap to ask for, also while much is held.
    pub(crate) fn peak_kib(&self) -> Result<usize> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        kib(&status, "VmHWM:").context("the server's peak memory cannot be read")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is as good. Nothing is drained: the load is over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// KiB in the line that begins with `name`, as in `/proc/PID/status`.
fn kib(text: &str, name: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_needs_a_name_and_a_port() {
        let contestant = Contestant::parse("uws=/opt/uws --port {port} {deflate}").unwrap();
        assert_eq!((contestant.name.as_str(), contestant.is_raw), ("uws", false));
        assert_eq!(contestant.program, Path::new("/opt/uws"));
        let setting = Setting { deflate: true, raw_buffer: 1 };
        let filled: Vec<_> =
            contestant.arguments.iter().map(|argument| setting.fill(argument, 7)).collect();
        assert_eq!(filled, ["--port", "7", "on"]);
        for bad in ["", "uws", "uws=", "=a {port}", "uws=/opt/uws"] {
            assert!(Contestant::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn memory_is_read_from_what_the_kernel_writes() {
        assert_eq!(kib("a [rollup]\nRss:                1234 kB\nPss: 5 kB\n", "Rss:"), Some(1234));
        assert_eq!(kib("VmHWM:\t 9 kB\nVmRSS:\t    1584 kB\n", "VmRSS:"), Some(1584));
        assert_eq!(kib("", "Rss:"), None);
    }

    #[test]
    fn a_programs_time_and_memory_are_its_own() {
        let child = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        let server = Server { child, port: 0, start_up: Duration::ZERO };
        let start = Instant::now();
        while server.cpu().unwrap() < POLL_INTERVAL {
            assert!(start.elapsed() < START_LIMIT, "it computes");
        }
        assert!(server.rss_kib().unwrap() > 0);
    }
}
