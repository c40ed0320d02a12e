//! Process group: a shell command and all processes that it starts, ended together.

use std::{
    collections::VecDeque,
    io,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

/// Bytes of output kept: the last ones.
const OUTPUT: usize = 64 << 10;
/// Time to end after SIGTERM, before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);
/// Time between two checks of a group that is to end.
const POLL: Duration = Duration::from_millis(10);
/// Time to read the rest of the output of a group that has ended.
const READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Groups that run, by the ID of their first process.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Process group, by the ID of its first process; killed when dropped.
pub(crate) struct Group(u32);

impl Group {
    /// Starts a command as the first process of a group.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Self, Child)> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        let id = child.id().unwrap_or_default();
        lock(&RUNNING).push(id);
        Ok((Self(id), child))
    }

    /// Kills nothing any more: the first process has ended.
    pub(crate) fn forget(self) {
        lock(&RUNNING).retain(|id| *id != self.0);
        std::mem::forget(self);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        lock(&RUNNING).retain(|id| *id != self.0);
        signal(self.0, Signal::Kill);
    }
}

/// Shell command in a process group of its own, with its output.
pub(crate) struct ProcessGroup {
    group: Group,
    /// The shell.
    child: Child,
    /// Last bytes of both streams, in order of arrival.
    output: Arc<Mutex<VecDeque<u8>>>,
    /// Tasks that read the streams.
    readers: Vec<JoinHandle<()>>,
}

/// Command that runs a line in the system's shell.
pub(crate) fn shell(line: &str) -> Command {
    let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(shell);
    command.args([flag, line]);
    command
}

impl ProcessGroup {
    /// Starts a line of the shell, without input. Its output is collected from both streams.
    pub(crate) fn start(line: &str) -> io::Result<Self> {
        let mut command = shell(line);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        adopt_orphans();
        let (group, mut child) = Group::start(&mut command)?;
        let output = Arc::default();
        let stdout = child.stdout.take().map(|pipe| tokio::spawn(keep(pipe, Arc::clone(&output))));
        let stderr = child.stderr.take().map(|pipe| tokio::spawn(keep(pipe, Arc::clone(&output))));
        let readers = stdout.into_iter().chain(stderr).collect();
        Ok(Self { group, child, output, readers })
    }

    /// Status of the shell, once it has ended. `None` while it runs.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for the end of the shell. Cancel safe.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends the group: SIGTERM, and after 5 seconds SIGKILL; on Windows, at once. Returns the end of
    /// its output.
    pub(crate) async fn end(mut self) -> String {
        let deadline = Instant::now() + GRACE;
        let id = self.group.0;
        signal(id, Signal::Terminate);
        while (self.status().is_none() || is_alive(id)) && Instant::now() < deadline {
            sleep(POLL).await;
            if self.status().is_some() {
                reap(id);
            }
        }
        signal(id, Signal::Kill);
        let _ = timeout(READ_TIMEOUT, self.child.wait()).await;
        if self.status().is_some() {
            reap(id);
        }
        for reader in self.readers.drain(..) {
            let _ = timeout(READ_TIMEOUT, reader).await;
        }
        let bytes: Vec<u8> = lock(&self.output).drain(..).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Kills every running group: this program exits at once.
pub(super) fn kill_all() {
    for id in lock(&RUNNING).drain(..) {
        signal(id, Signal::Kill);
    }
}

/// Reads a pipe to its end, and keeps the last bytes.
async fn keep(mut pipe: impl AsyncRead + Unpin, output: Arc<Mutex<VecDeque<u8>>>) {
    let mut buffer = vec![0; 4 << 10];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let mut output = lock(&output);
        output.extend(&buffer[..count]);
        let excess = output.len().saturating_sub(OUTPUT);
        output.drain(..excess);
    }
}

/// Locks a mutex, also after a panic of another thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Signal to a group.
#[derive(Clone, Copy)]
enum Signal {
    /// Request to end (SIGTERM).
    Terminate,
    /// Immediate end (SIGKILL).
    Kill,
}

/// Group of this ID, for rustix.
#[cfg(unix)]
fn group(id: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(id).ok()?)
}

/// Signals a group; nothing happens if it is gone.
#[cfg(unix)]
fn signal(id: u32, request: Signal) {
    use rustix::process;
    let request = match request {
        Signal::Terminate => process::Signal::TERM,
        Signal::Kill => process::Signal::KILL,
    };
    if let Some(group) = group(id) {
        let _ = process::kill_process_group(group, request);
    }
}

/// Makes this program the parent of processes whose parent has ended: PID 1 of a container may
/// leave them as zombies, which count as alive. Only Linux can.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Collects the statuses of ended processes of a group that are children of this program. Call it
/// once the status of the first one is known.
#[cfg(unix)]
fn reap(id: u32) {
    use rustix::process::{WaitOptions, waitpgid};
    let Some(group) = group(id) else { return };
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
}

/// Does nothing on this system: there are no zombies.
#[cfg(not(unix))]
fn reap(_: u32) {}

/// True if the group has a process left.
#[cfg(unix)]
fn is_alive(id: u32) -> bool {
    group(id).is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}

/// Ends the tree of a process.
#[cfg(not(unix))]
fn signal(id: u32, _: Signal) {
    let _ = std::process::Command::new("taskkill")
        .args(["/T", "/F", "/PID", &id.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// False: processes are ended with their tree.
#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    false
}
