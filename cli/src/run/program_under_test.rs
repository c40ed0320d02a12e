//! Program under test, started before the run and ended after it (`--with`).

use scenario::Secrets;

use super::{report::Report, worse};
use crate::process::{Exit, ProcessGroup, escape_controls, print_error};

/// Program under test. With its processes, which are ended together.
pub(super) struct ProgramUnderTest {
    /// Line of the shell, as typed.
    line: String,
    /// Shell and all processes that it starts.
    group: ProcessGroup,
}

impl ProgramUnderTest {
    /// Starts a line of the shell. Its output is collected, not shown. An error is printed, and
    /// `Err` is the exit status.
    pub(super) fn start(line: &str, report: &Report) -> Result<Self, Exit> {
        let group = ProcessGroup::start(line)
            .map_err(|error| report.fail(&format!("Cannot start '{line}': {error}.")))?;
        Ok(Self { line: line.to_owned(), group })
    }

    /// Waits for its end, which is an error of the run.
    pub(super) async fn ended(&mut self) {
        // The status is reported at its end.
        let _ = self.group.ended().await;
    }

    /// Ends it, with its processes. Reports its status if it had ended by itself, and shows its
    /// output if the run did not pass.
    pub(super) async fn end(mut self, mut exit: Exit, secrets: &Secrets, report: &Report) -> Exit {
        let status = self.group.status();
        let output = self.group.end().await;
        if let Some(status) = status {
            let sentence = format!("'{}' exited on its own: {status}.", self.line);
            exit = worse(exit, report.fail(&sentence));
        }
        if exit != Exit::Done && exit != Exit::Interrupted {
            let output = escape_controls(secrets.hide(output.trim_end()).as_str());
            let said = if output.is_empty() { "It printed nothing." } else { &output };
            print_error(&format!("Output of '{}':\n{said}", self.line));
        }
        exit
    }
}
