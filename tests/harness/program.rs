//! Programs of the workspace as child processes.

use std::{
    collections::BTreeMap,
    env::consts::EXE_EXTENSION,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Mutex,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::soon;

/// Environment variable with the folder of the built programs, set by `cargo xtask test`.
const PROGRAMS: &str = "WSBENCH_PROGRAMS";

/// Profile of a release without optimization (the workspace's Cargo.toml).
const RELEASE: &str = "unoptimized-release";

/// Programs built by this test program, by name and profile. One build at a time.
static BUILT: Mutex<BTreeMap<(String, &str), PathBuf>> = Mutex::new(BTreeMap::new());

/// Path of the program `name` of `package`, built if need be.
#[must_use]
pub fn binary(package: &str, name: &str) -> PathBuf {
    match std::env::var_os(PROGRAMS) {
        Some(folder) => Path::new(&folder).join(name).with_extension(EXE_EXTENSION),
        None => build(package, name, "dev"),
    }
}

/// Like [`binary`], but released in all but optimization.
#[must_use]
pub fn release_binary(package: &str, name: &str) -> PathBuf {
    build(package, name, RELEASE)
}

fn build(package: &str, name: &str, profile: &'static str) -> PathBuf {
    let mut built = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let built = built.entry((name.to_owned(), profile));
    built.or_insert_with(|| run_cargo(package, name, profile)).clone()
}

fn run_cargo(package: &str, name: &str, profile: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    // The folder that this test was built to: TARGET/debug/deps/TEST.
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.ancestors().nth(3).expect("a test is in cargo's folder");
    let build = escargot::CargoBuild::new().package(package).bin(name).profile(profile);
    let build = build.manifest_path(root).target_dir(target);
    let run = build.run().expect("the program builds");
    run.path().to_owned()
}

/// Running program with pipes, killed on drop.
pub struct Program {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
}

/// Variables that change what `wsbench` does, beside those that begin with `WSBENCH_`.
const SETTINGS: [&str; 7] = [
    "ALL_PROXY", "GITHUB_ACTIONS", "HTTPS_PROXY", "HTTP_PROXY", "NO_COLOR", "NO_PROXY", "RUST_LOG",
];

/// Command for `wsbench` with `arguments`, shielded from the environment and without a history.
#[must_use]
pub fn wsbench(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("cli", "wsbench"));
    let is_setting = |name: &str| {
        name.starts_with("WSBENCH_") || SETTINGS.contains(&name.to_ascii_uppercase().as_str())
    };
    for name in std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()) {
        if is_setting(&name) {
            command.env_remove(name);
        }
    }
    command.env("WSBENCH_HISTORY", "").args(arguments);
    command
}

/// Command for `wsbench server` with `arguments`, shielded from the environment.
#[must_use]
pub fn server_command(arguments: &[&str]) -> Command {
    wsbench(&[&["server"], arguments].concat())
}

/// Status, standard output and standard error of `command`, which gets no input.
pub async fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let output = soon("the program's end", command.output()).await.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

impl Program {
    /// Starts `wsbench server` with `arguments`.
    #[must_use]
    pub fn server(arguments: &[&str]) -> Self {
        Self::start(&mut server_command(arguments))
    }

    /// As [`server`](Self::server), on a free port.
    #[must_use]
    pub fn server_here(more: &[&str]) -> Self {
        Self::server(&[&["--listen", "127.0.0.1:0"], more].concat())
    }

    /// `HOST:PORT` of the listener for health and metrics, which is named before the public one.
    pub async fn admin(&mut self) -> String {
        let address = self.address("Health and metrics are at http://").await;
        address.strip_suffix("/metrics").expect("a path").to_owned()
    }

    /// Starts `command`.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        Self::start_with(command, Stdio::piped())
    }

    /// Starts `command` with this standard input.
    #[must_use]
    pub fn start_with(command: &mut Command, input: Stdio) -> Self {
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = child.stdout.take().expect("standard output is a pipe");
        Self { child, stdout: BufReader::new(stdout).lines() }
    }

    /// Writes `text` to its standard input, which stays open.
    pub async fn write(&mut self, text: &str) {
        let stdin = self.child.stdin.as_mut().expect("standard input is open");
        let written = soon("reading of the input", stdin.write_all(text.as_bytes())).await;
        written.expect("the program reads its input");
    }

    /// Its standard input, to be written while its output is read.
    pub fn input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("standard input is open")
    }

    /// Closes its standard input.
    pub fn end_input(&mut self) {
        self.child.stdin = None;
    }

    /// The next line of its standard output, or `None` at the end.
    pub async fn line(&mut self) -> Option<String> {
        soon("a line of output", self.stdout.next_line()).await.expect("the output is UTF-8")
    }

    /// The first line from here on that contains `text`.
    pub async fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await.unwrap_or_else(|| panic!("no line with '{text}'"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// `HOST:PORT` and path after `scheme`, in the next line that has it.
    pub async fn address(&mut self, scheme: &str) -> String {
        let line = self.line_with(scheme).await;
        let (_, address) = line.split_once(scheme).expect("the line has it");
        address.split_whitespace().next().expect("something follows").to_owned()
    }

    /// Waits for its end; returns its status, the rest of standard output, and standard error.
    pub async fn end(mut self) -> (ExitStatus, Vec<String>, String) {
        let (mut lines, mut said) = (Vec::new(), String::new());
        let mut stderr = self.child.stderr.take().expect("standard error is a pipe");
        // Both at once: a pipe that is full stops the program.
        let reading = async {
            while let Some(line) = self.line().await {
                lines.push(line);
            }
        };
        let ((), errors) = tokio::join!(reading, stderr.read_to_string(&mut said));
        errors.expect("the errors are UTF-8");
        let status =
            soon("the program's end", self.child.wait()).await.expect("it can be waited for");
        (status, lines, said)
    }

    /// Process ID.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Peak memory so far, in bytes. Linux only.
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let id = self.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kib.expect("the kernel says it in kB") << 10
    }

    /// Sends SIGTERM, as a service manager does.
    pub async fn terminate(&self) {
        self.signal("-TERM").await;
    }

    /// Sends SIGHUP, which reloads certificates, or tells that the terminal is gone.
    pub async fn hang_up(&self) {
        self.signal("-HUP").await;
    }

    /// Sends SIGKILL, which no program can handle.
    pub async fn kill(&self) {
        self.signal("-KILL").await;
    }

    async fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.id().to_string()]).status().await;
        assert!(status.expect("kill runs").success());
    }
}
