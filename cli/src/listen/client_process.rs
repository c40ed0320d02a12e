//! Process of a client of `wsbench listen --exec`.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWriteExt},
    process::{Child, ChildStdin},
    time::timeout,
};

use crate::process::{Group, shell};

/// Time for the process to end after its standard input has, before it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// Process, and all that it starts, killed when dropped.
pub(super) struct ClientProcess {
    /// Group of its processes.
    _group: Group,
    /// Shell that runs the command.
    child: Child,
    /// Its input; `None` once that is closed.
    stdin: Option<ChildStdin>,
    /// Bytes of the line that is being written.
    written: usize,
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
        Ok((Self { _group: group, child, stdin, written: 0 }, Box::new(output)))
    }

    /// Writes a line. Cancel safe if it is called with the same line again. A process that has closed its
    /// input gets no more.
    pub(super) async fn write(&mut self, line: &[u8]) {
        while let Some(stdin) = &mut self.stdin
            && self.written < line.len()
        {
            match stdin.write(&line[self.written..]).await {
                Ok(count @ 1..) => self.written += count,
                _ => self.stdin = None,
            }
        }
        self.written = 0;
    }

    /// Ends its input, and waits for its end; then kills what is left of it.
    pub(super) async fn end(mut self) {
        self.stdin = None;
        let _ = timeout(GRACE, self.child.wait()).await;
    }
}
