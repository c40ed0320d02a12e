//! Child processes, with errors that show the command line, and with time limits.

use std::{
    io,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Interval at which a program with a time limit is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Runs `command` to its end, with inherited output. Fails if it exits with another code than 0, or
/// by a signal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| cannot_start(&shown))?;
    succeeded(status, &shown)
}

/// Runs `command` as [`run`] does, but without input, and kills it after `limit`. Programs that it
/// started may live on.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let shown = show(command);
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| cannot_start(&shown))?;
    match wait_within(limit, &mut child)? {
        Some(status) => succeeded(status, &shown),
        None => bail!("`{shown}` did not end within {} s", limit.as_secs()),
    }
}

/// Runs `command` and returns its standard output. Its standard error goes into the error if it
/// fails, and is lost otherwise.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.output().with_context(|| cannot_start(&shown))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Background process, killed on drop. A panic of the caller leaves no server behind, either.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts `command` without input, and returns at once.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let shown = show(command);
        command.stdin(Stdio::null()).spawn().map(Self).with_context(|| cannot_start(&shown))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Variable that makes a check that cannot be made here an error. Set for releases.
const STRICT: &str = "WSBENCH_STRICT";

/// Leaves out a check that cannot be made here, with the reason. Fails in a release.
pub(crate) fn leave_out(reason: &str) -> Result<()> {
    if std::env::var_os(STRICT).is_some() {
        bail!("{reason} ({STRICT} is set: no check may be left out)");
    }
    eprintln!("{reason}");
    Ok(())
}

/// Command with root rights, if they need no password.
pub(crate) fn as_root(program: &str) -> Command {
    let is_root = read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if is_root {
        Command::new(program)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", program]);
        sudo
    }
}

/// Status of the ended child; `None` if it was killed at `limit`. Polled, since the standard
/// library waits without a limit only.
fn wait_within(limit: Duration, child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(POLL_INTERVAL);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Error with the command line, unless the status is a success.
fn succeeded(status: ExitStatus, shown: &str) -> Result<()> {
    if status.success() { Ok(()) } else { bail!("`{shown}` failed ({status})") }
}

/// Context of an error from the system, which does not name the program.
fn cannot_start(shown: &str) -> String {
    format!("Cannot start `{shown}`")
}

/// Command line for messages: words joined by spaces, without quotes.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_past_its_limit_is_killed() {
        let start = Instant::now();
        let error = run_within(POLL_INTERVAL, Command::new("sleep").arg("60")).unwrap_err();
        assert!(error.to_string().contains("`sleep 60` did not end"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_missing_program_is_named_in_the_error() {
        let error = run(&mut Command::new("no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "Cannot start `no-such-program`");
    }
}
