//! Writer thread: the only place that writes to the standard streams during a conversation.

use std::io::{self, BufWriter, Stdout, Write};

use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

use crate::connect::input::PromptPrinter;

/// Size of the write buffer, and of a batch above the prompt: about a screenful of repainting.
const BATCH: usize = 64 << 10;

/// Reason that nothing can be written any more.
#[derive(Clone, Debug)]
pub(crate) enum WriteError {
    /// Reader that is gone (`| head`).
    BrokenPipe,
    /// Reader that stalled until after `--timeout`.
    TimedOut,
    /// Any other failure; a sentence.
    Failed(String),
}

/// Bytes to write.
pub(super) struct Chunk {
    /// Bytes, with their line break.
    pub(super) bytes: Vec<u8>,
    /// True for a notice about the connection: it goes to standard error, unless there is a prompt.
    pub(super) is_notice: bool,
    /// Memory budget, released once written.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

/// Writes chunks until the channel closes. An error ends it, and is published to `failed`.
pub(super) fn run(
    chunks: mpsc::Receiver<Chunk>,
    printer: Option<PromptPrinter>,
    failed: &watch::Sender<Option<WriteError>>,
) {
    let written = match printer {
        Some(printer) => print_above_prompt(chunks, printer),
        None => write_streams(chunks),
    };
    if let Err(error) = written {
        failed.send_replace(Some(match error.kind() {
            io::ErrorKind::BrokenPipe => WriteError::BrokenPipe,
            _ => WriteError::Failed(format!("Cannot write to standard output: {error}.")),
        }));
    }
}

/// Writes messages to standard output and notices to standard error; flushes when idle.
fn write_streams(mut chunks: mpsc::Receiver<Chunk>) -> io::Result<()> {
    let mut stdout: BufWriter<Stdout> = BufWriter::with_capacity(BATCH, io::stdout());
    while let Some(chunk) = chunks.blocking_recv() {
        let mut next = Some(chunk);
        while let Some(chunk) = next {
            if chunk.is_notice {
                stdout.flush()?;
                // Nobody to tell if this fails.
                let _ = io::stderr().write_all(&chunk.bytes);
            } else {
                stdout.write_all(&chunk.bytes)?;
            }
            next = chunks.try_recv().ok();
        }
        stdout.flush()?;
    }
    Ok(())
}

/// Prints everything above the prompt, in batches if it arrives faster than it can be repainted.
fn print_above_prompt(
    mut chunks: mpsc::Receiver<Chunk>,
    mut printer: PromptPrinter,
) -> io::Result<()> {
    while let Some(chunk) = chunks.blocking_recv() {
        let mut batch = chunk.bytes;
        while batch.len() < BATCH {
            let Ok(chunk) = chunks.try_recv() else { break };
            batch.extend_from_slice(&chunk.bytes);
        }
        let text = String::from_utf8_lossy(&batch).into_owned();
        printer.print(text)?;
    }
    printer.settle()
}
