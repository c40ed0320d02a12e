//! Running other programs: what is run is shown, failure is a sentence, and waiting has an end.

use std::{
    io,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How often a program with a time limit is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Runs `command` to its end, its output shown.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| cannot_start(&shown))?;
    succeeded(status, &shown)
}

/// Like [`run`], but ends the program when `limit` has passed.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let shown = show(command);
    let mut child = command.stdin(Stdio::null()).spawn().with_context(|| cannot_start(&shown))?;
    match wait_within(limit, &mut child)? {
        Some(status) => succeeded(status, &shown),
        None => bail!("`{shown}` was not done after {} s", limit.as_secs()),
    }
}

/// What `command` prints on standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.output().with_context(|| cannot_start(&shown))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program that runs beside this one. Ends with this value.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let shown = show(command);
        command.stdin(Stdio::null()).spawn().map(Self).with_context(|| cannot_start(&shown))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_within(limit: Duration, child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(GLANCE);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

fn succeeded(status: ExitStatus, shown: &str) -> Result<()> {
    if status.success() { Ok(()) } else { bail!("`{shown}` failed ({status})") }
}

fn cannot_start(shown: &str) -> String {
    format!("Cannot start `{shown}`")
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_past_its_limit_is_ended() {
        let start = Instant::now();
        let error = run_within(GLANCE, Command::new("sleep").arg("60")).unwrap_err();
        assert!(error.to_string().contains("`sleep 60` was not done"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "Cannot start `no-such-program`");
    }
}
