//! Output: messages on standard output, notices about the connection on standard error, or both above
//! the prompt.
//!
//! A thread writes, so that a reader that stalls blocks neither Ctrl-C nor, until the queue is full,
//! the pongs: events are handled in order with the output.

mod opening;
mod render;
mod wrap;
mod writer;

use std::{cell::Cell, sync::Arc, thread::JoinHandle, time::Duration};

use anstyle::{AnsiColor, Style};
use connector::OpeningReport;
use session::{Direction, EndReason, Fact, Message, Record, visible_line};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    time::{Instant, sleep},
};

pub(crate) use self::render::json_line;
pub(super) use self::{opening::lines as opening_lines, render::OutputFormat, writer::WriteError};
use self::{
    render::DIMMED,
    wrap::{stderr_columns, stdout_columns, wrap},
    writer::Chunk,
};
use super::{input::PromptPrinter, sleep_until_some};
use crate::process::{Colors, Interrupt, escape_controls, paint, print_error};

/// Capacity of the queue in chunks.
const MAX_QUEUED: usize = 1_024;
/// Capacity of the queue in bytes. A single message may be larger.
const MAX_QUEUED_BYTES: u32 = 4 << 20;

/// Time to write the rest of the queue after an interrupt or `--timeout`, or above a prompt.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Style of a notice about an open connection.
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
/// Options of the output.
pub(super) struct OutputOptions {
    /// Text, JSON Lines or raw payloads.
    pub(super) format: OutputFormat,
    /// True if standard output is a terminal.
    pub(super) is_terminal: bool,
    /// Name of the peer: server or client.
    pub(super) peer: &'static str,
    /// Use of colours on each stream.
    pub(super) colors: Colors,
    /// True to print errors only, no notices.
    pub(super) quiet: bool,
    /// Time of `--timeout`, after which a stalled reader is given up.
    pub(super) deadline: Option<Instant>,
}

/// Output of a conversation.
pub(super) struct Output {
    options: OutputOptions,
    /// True if everything goes to the terminal, above the prompt.
    has_prompt: bool,
    /// True to lay out JSON payloads, switched at the prompt.
    indents_json: Cell<bool>,
    /// Queue of the writer thread.
    chunks: mpsc::Sender<Chunk>,
    /// Bytes that still have room in the queue.
    budget: Arc<Semaphore>,
    /// Error that ended the writer thread.
    error: watch::Receiver<Option<WriteError>>,
    /// Ctrl-C, which ends a wait for a stalled reader.
    interrupt: Interrupt,
    thread: JoinHandle<()>,
}

impl Output {
    /// Starts the writer thread. With a `printer`, everything is printed above the prompt.
    pub(super) fn start(
        options: OutputOptions,
        printer: Option<PromptPrinter>,
        interrupt: Interrupt,
    ) -> Self {
        let (chunks, queue) = mpsc::channel(MAX_QUEUED);
        let (failed, error) = watch::channel(None);
        let has_prompt = printer.is_some();
        let thread = std::thread::spawn(move || writer::run(queue, printer, &failed));
        Self {
            options,
            has_prompt,
            indents_json: Cell::new(false),
            chunks,
            budget: Arc::new(Semaphore::new(MAX_QUEUED_BYTES as usize)),
            error,
            interrupt,
            thread,
        }
    }

    /// True if messages sent and control frames are printed too.
    pub(super) fn prints_all(&self) -> bool {
        self.options.format == OutputFormat::Json
    }

    /// Turns the indentation of received JSON on or off. Returns the new state.
    pub(super) fn toggle_json(&self) -> bool {
        self.indents_json.set(!self.indents_json.get());
        self.indents_json.get()
    }

    /// Printer of notices that never waits: drops them while the queue is full.
    pub(super) fn tracer(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let chunks = self.chunks.clone();
        let columns = self.notice_columns();
        move |text| {
            let bytes = (wrap(&escape_controls(text), columns) + "\n").into_bytes();
            let _ = chunks.try_send(Chunk { bytes, is_notice: true, _permit: None });
        }
    }

    /// Resolves when nothing can be written any more.
    pub(super) async fn failed(&self) -> WriteError {
        let mut error = self.error.clone();
        match error.wait_for(Option::is_some).await {
            Ok(error) => error.clone().unwrap_or(WriteError::BrokenPipe),
            // The thread ended without an error.
            Err(_) => std::future::pending().await,
        }
    }

    /// Prints a record of the session.
    pub(super) async fn record(&self, record: &Record) {
        self.record_opening(record, None).await;
    }

    /// Prints a record of the session, with the facts of an opening in JSON.
    pub(super) async fn record_opening(&self, record: &Record, opening: Option<&OpeningReport>) {
        if self.prints_all() {
            let fields = opening.map(opening::fields).unwrap_or_default();
            let line = render::json_line(record, fields, self.options.is_terminal);
            return self.print(line.into_bytes()).await;
        }
        match &record.fact {
            Fact::Message(Direction::In, message, _) => self.message(message).await,
            Fact::Opened(_) => {
                let line = format!("Connected to {}", self.options.peer);
                self.notice(GOOD, &line).await;
            }
            Fact::Ended(EndReason::Closed(close), cause, _) => {
                let cause = cause.as_ref().map(|cause| format!(" ({cause})")).unwrap_or_default();
                let peer = self.options.peer;
                let line = format!("Disconnected from {peer}: {close}{cause}");
                self.notice(DIMMED, &visible_line(&line)).await;
            }
            Fact::Ended(EndReason::Cancelled, ..) => self.notice(DIMMED, "Cancelled").await,
            // A user sees the message that was typed; a failure is printed as an error.
            Fact::Message(Direction::Out, ..)
            | Fact::Raw(_)
            | Fact::Ended(EndReason::Failed, ..) => {}
            Fact::Ping(..) | Fact::Pong(..) | Fact::Close(..) | Fact::Frame(..) => {
                self.reply(&render::control_frame(&record.fact)).await;
            }
        }
    }

    /// Prints a message received.
    async fn message(&self, message: &Message) {
        // Asked for each time, since a window may change; a file or pipe has none.
        let columns = self.options.is_terminal.then(stdout_columns).flatten();
        let bytes = match self.options.format {
            OutputFormat::Terminal => {
                let color = self.options.colors.stdout;
                let indents = self.indents_json.get();
                render::terminal_message(message, color, indents, columns).into_bytes()
            }
            format => render::message(format, self.options.is_terminal, columns, message),
        };
        self.print(bytes).await;
    }

    /// Prints an error. On standard error, or above the prompt.
    pub(super) async fn error(&self, sentence: &str) {
        self.say(BAD, sentence).await;
    }

    /// Prints the reply to a flag or command, even with `--quiet`.
    pub(super) async fn reply(&self, text: &str) {
        self.say(DIMMED, text).await;
    }

    /// Prints a dimmed notice, unless `--quiet`.
    pub(super) async fn aside(&self, text: &str) {
        self.notice(DIMMED, text).await;
    }

    /// Prints a notice about the connection, unless `--quiet`.
    async fn notice(&self, style: Style, text: &str) {
        if !self.options.quiet {
            self.say(style, text).await;
        }
    }

    /// Waits until the queue is written and every tracer is gone, then prints the last errors.
    /// Bounded after an interrupt or `--timeout`, or with a prompt.
    pub(super) async fn finish(self, mut last_words: Vec<String>) -> Option<WriteError> {
        if self.has_prompt {
            for sentence in std::mem::take(&mut last_words) {
                self.error(&sentence).await;
            }
        }
        drop(self.chunks);
        let from = if self.has_prompt { Some(Instant::now()) } else { self.options.deadline };
        let deadline = from.map(|at| at + FLUSH_TIMEOUT);
        let is_written = ended(&self.thread, deadline, &self.interrupt).await;
        let mut error = self.error.borrow().clone();
        match &error {
            Some(WriteError::Failed(sentence)) => last_words.push(sentence.clone()),
            None if !is_written && !self.interrupt.is_raised() && !self.has_prompt => {
                last_words.push("Standard output was not read in time (--timeout).".to_owned());
                error = Some(WriteError::TimedOut);
            }
            _ => {}
        }
        let color = self.options.colors.stderr;
        let last_words = std::thread::spawn(move || {
            for sentence in last_words {
                let sentence = wrap(&escape_controls(&sentence), stderr_columns());
                print_error(&paint(color, BAD, &sentence));
            }
        });
        let deadline = deadline.map(|_| Instant::now() + FLUSH_TIMEOUT);
        ended(&last_words, deadline, &self.interrupt).await;
        error
    }

    /// Prints a line about the connection.
    async fn say(&self, style: Style, text: &str) {
        let colors = self.options.colors;
        let color = if self.has_prompt { colors.stdout } else { colors.stderr };
        // Escaped: it may contain text of the server, such as a close reason.
        let text = wrap(&escape_controls(text), self.notice_columns());
        let line = paint(color, style, &text) + "\n";
        self.enqueue(line.into_bytes(), true).await;
    }

    /// Columns of the terminal that notices go to.
    fn notice_columns(&self) -> Option<usize> {
        if self.has_prompt { stdout_columns() } else { stderr_columns() }
    }

    /// Writes bytes to standard output.
    async fn print(&self, bytes: Vec<u8>) {
        self.enqueue(bytes, false).await;
    }

    /// Waits for room in the queue; drops the bytes on interrupt, `--timeout` or a write error. So
    /// a stalled reader holds back the connection, but no signal.
    async fn enqueue(&self, bytes: Vec<u8>, is_notice: bool) {
        let size = u32::try_from(bytes.len()).unwrap_or(MAX_QUEUED_BYTES).min(MAX_QUEUED_BYTES);
        let enqueue = async {
            let permit = Arc::clone(&self.budget).acquire_many_owned(size).await.ok();
            // The end of the thread is reported by `failed`.
            let _ = self.chunks.send(Chunk { bytes, is_notice, _permit: permit }).await;
        };
        tokio::select! {
            biased;
            () = enqueue => {}
            () = self.interrupt.raised() => {}
            () = sleep_until_some(self.options.deadline) => {}
            _ = self.failed() => {}
        }
    }
}

/// Waits for the end of a thread, until `deadline`, or shortly after an interrupt. True if it ended.
async fn ended(
    thread: &JoinHandle<()>,
    mut deadline: Option<Instant>,
    interrupt: &Interrupt,
) -> bool {
    while !thread.is_finished() {
        let now = Instant::now();
        if interrupt.is_raised() {
            let soon = now + FLUSH_TIMEOUT;
            deadline = Some(deadline.map_or(soon, |deadline| deadline.min(soon)));
        }
        if deadline.is_some_and(|deadline| deadline <= now) {
            return false;
        }
        sleep(Duration::from_millis(1)).await;
    }
    true
}
