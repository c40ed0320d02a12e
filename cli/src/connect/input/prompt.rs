//! Prompt: a line editor at the bottom of the terminal; all output appears above it.

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
    time::{Duration, Instant},
};

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use rustyline::{Config, Editor, ExternalPrinter, error::ReadlineError, history::FileHistory};
use tokio::sync::mpsc;

use crate::process::{Interrupt, terminal_mode};

/// Text before a line that is typed.
const PROMPT: &str = "> ";

/// Maximum number of lines in the history file.
const MAX_HISTORY: usize = 1_000;

/// Environment variable with the path of the history file; empty for none.
const HISTORY_VARIABLE: &str = "WSBENCH_HISTORY";

/// Maximum wait for the editor between two lines, before printing without it.
const BETWEEN_LINES: Duration = Duration::from_millis(50);

/// Escape sequence without a visible effect: up a line, and down again.
const NO_EFFECT: &str = "\x1b[A\n";

/// Printer above the prompt.
///
/// While the editor reads, it prints from a queue of one; otherwise its printer writes to the
/// terminal directly, which would overtake the queue.
pub(crate) struct PromptPrinter(Box<dyn ExternalPrinter + Send>);

impl PromptPrinter {
    /// Prints complete lines.
    pub(crate) fn print(&mut self, lines: String) -> io::Result<()> {
        let start = Instant::now();
        while !terminal_mode::is_raw() && start.elapsed() < BETWEEN_LINES {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.0.print(lines).map_err(io::Error::other)
    }

    /// Waits until everything is on the screen: once the second of two prints is queued, the editor
    /// has printed everything before the first.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        for _ in 0..2 {
            if terminal_mode::is_raw() {
                self.print(NO_EFFECT.to_owned())?;
            }
        }
        Ok(())
    }
}

/// Line editor that has not begun to read. It owns the terminal's mode from its first line on.
pub(crate) struct Prompt {
    editor: Editor<(), FileHistory>,
    /// File with the history; `None` for none.
    history: Option<PathBuf>,
}

impl Prompt {
    /// Prompt and printer; `None` unless standard input and output are a terminal.
    pub(crate) fn new() -> Option<(Self, PromptPrinter)> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return None;
        }
        terminal_mode::save();
        let config = Config::builder()
            .max_history_size(MAX_HISTORY)
            .and_then(|config| config.history_ignore_dups(true))
            .ok()?
            // Lines that begin with a space are not remembered, as in a shell.
            .history_ignore_space(true)
            .build();
        let mut editor = Editor::with_config(config).ok()?;
        let printer = editor.create_external_printer().ok()?;
        let history = history_file();
        if let Some(history) = &history {
            // A missing file is fine.
            let _ = editor.load_history(history);
        }
        Some((Self { editor, history }, PromptPrinter(Box::new(printer))))
    }

    /// Reads lines on a thread of its own, which is never joined: it blocks on the keyboard. Ctrl-C
    /// raises `interrupt`; Ctrl-D ends the lines.
    pub(super) fn read_lines(mut self, interrupt: Interrupt) -> mpsc::Receiver<String> {
        let (sender, lines) = mpsc::channel(1);
        std::thread::spawn(move || {
            loop {
                match self.editor.readline(PROMPT) {
                    Ok(line) => {
                        self.remember(&line);
                        if sender.blocking_send(line).is_err() {
                            return;
                        }
                    }
                    Err(ReadlineError::Interrupted) => {
                        // Restores the terminal before anything ends the program.
                        drop(self);
                        interrupt.raise();
                        // Kept open: the end of the lines would overtake the interrupt.
                        std::mem::forget(sender);
                        return;
                    }
                    Err(_) => return,
                }
            }
        });
        lines
    }

    /// Adds a line to the history, in memory and on disk. Repeated lines and lines with a space at
    /// their start are left out.
    fn remember(&mut self, line: &str) {
        // A failure to write the history does not interrupt a conversation.
        if let (Ok(true), Some(history)) = (self.editor.add_history_entry(line), &self.history) {
            let _ = self.editor.append_history(history);
        }
    }
}

/// Path of the history file; `None` if it is turned off. The default one gets its folder, or is
/// `None`, too, if that cannot be made.
fn history_file() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(HISTORY_VARIABLE) {
        return (!named.is_empty()).then(|| named.into());
    }
    let folders = choose_native_strategy().ok()?;
    let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir()).join("wsbench");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}
