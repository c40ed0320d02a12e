//! Process of a client of `wsbench listen --exec`.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWriteExt},
    process::{Child, ChildStdin},
    time::{Instant, timeout, timeout_at},
};

use crate::process::{Group, shell};

/// Time for the process to end after its standard input has, before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// Process, and all that it starts, killed when dropped.
pub(super) struct ClientProcess {
    /// Group of its processes.
    group: Group,
    /// Shell that runs the command.
    child: Child,
    /// Its input; `None` once that is closed.
    stdin: Option<ChildStdin>,
    /// Bytes of the line that is being written.
    written: usize,
    /// Time until which it has to read more of the line, while that waits.
    until: Option<Instant>,
}

impl ClientProcess {
    /// Starts a line of the shell. Returns the process and its standard output; its standard error is
    /// the one of this program. The error is the end of a sentence.
    pub(super) fn start(line: &str) -> Result<(Self, Box<dyn AsyncRead + Send + Unpin>), String> {
        let started = Group::start(shell(line).stdin(Stdio::piped()).stdout(Stdio::piped()));
        let (group, mut child) =
            started.map_err(|error| format!("cannot start a shell: {error}"))?;
        let stdin = child.stdin.take();
        let output = child.stdout.take().ok_or("the command has no output")?;
        Ok((Self { group, child, stdin, written: 0, until: None }, Box::new(output)))
    }

    /// Writes a line. False if the process reads nothing of it for `limit`. Cancel safe if it is called with
    /// the same line again. A process that has closed its input gets no more.
    pub(super) async fn write(&mut self, line: &[u8], limit: Duration) -> bool {
        while let Some(stdin) = &mut self.stdin
            && self.written < line.len()
        {
            let until = *self.until.get_or_insert_with(|| Instant::now() + limit);
            match timeout_at(until, stdin.write(&line[self.written..])).await {
                Ok(Ok(count @ 1..)) => self.written += count,
                Ok(_) => self.stdin = None,
                Err(_) => return false,
            }
            self.until = None;
        }
        self.written = 0;
        true
    }

    /// Ends its input, and waits for its end; then kills what is left of it.
    pub(super) async fn end(self) {
        let Self { group, mut child, stdin, .. } = self;
        drop(stdin);
        if timeout(GRACE, child.wait()).await.is_ok() && cfg!(windows) {
            // Its number may be another process's by now.
            group.forget();
        }
    }
}
