//! The line editor: a prompt at the bottom of the terminal, above which everything else appears.

use std::{
    fs,
    io::{self, IsTerminal},
    path::PathBuf,
    time::{Duration, Instant},
};

use rustyline::{Config, Editor, ExternalPrinter, error::ReadlineError, history::FileHistory};
use tokio::sync::mpsc;

use crate::interrupt::Interrupt;

const PROMPT: &str = "> ";

/// Lines that are remembered across runs.
const HISTORY: usize = 1_000;

/// Names the file that history is kept in; empty: none.
const HISTORY_VARIABLE: &str = "WSBENCH_HISTORY";

/// How long the editor may be between two lines before printing goes on without it.
const BETWEEN_LINES: Duration = Duration::from_millis(50);

/// Changes nothing on the screen: up a line, and down again.
const NOTHING: &str = "\x1b[A\n";

/// Prints above the prompt.
///
/// The editor takes what is printed from a queue of one while it reads; while it does not, its
/// printer writes to the terminal directly, which would overtake what is in the queue.
pub(crate) struct Printer(Box<dyn ExternalPrinter + Send>);

impl Printer {
    /// Prints lines, each with its line break.
    pub(crate) fn print(&mut self, lines: String) -> io::Result<()> {
        let start = Instant::now();
        while !is_raw() && start.elapsed() < BETWEEN_LINES {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.0.print(lines).map_err(io::Error::other)
    }

    /// Waits until everything is on the screen. When the second of these is in the queue, the
    /// editor is through with what came before the first.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        for _ in 0..2 {
            if is_raw() {
                self.print(NOTHING.to_owned())?;
            }
        }
        Ok(())
    }
}

/// A line editor that has not begun to read.
pub(crate) struct Prompt {
    editor: Editor<(), FileHistory>,
    history: Option<PathBuf>,
}

impl Prompt {
    /// A prompt, if standard input and output are a terminal that can show one.
    pub(crate) fn new() -> Option<(Self, Printer)> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return None;
        }
        save_terminal();
        let config = Config::builder()
            .max_history_size(HISTORY)
            .and_then(|config| config.history_ignore_dups(true))
            .ok()?
            // What begins with a space is not remembered, as in a shell.
            .history_ignore_space(true)
            .build();
        let mut editor = Editor::with_config(config).ok()?;
        let printer = editor.create_external_printer().ok()?;
        let history = history_file();
        if let Some(history) = &history {
            // There may be none yet.
            let _ = editor.load_history(history);
        }
        Some((Self { editor, history }, Printer(Box::new(printer))))
    }

    /// Reads lines on a thread of its own, which nobody waits for: it sits in a read of the
    /// keyboard. Ctrl-C raises `interrupt`; at Ctrl-D the lines end.
    pub(crate) fn read(mut self, interrupt: Interrupt) -> mpsc::Receiver<String> {
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
                        // First the terminal as it was, then whatever ends the program.
                        drop(self);
                        interrupt.raise();
                        // Held, or the end of the lines would overtake the interrupt.
                        std::mem::forget(sender);
                        return;
                    }
                    Err(_) => return,
                }
            }
        });
        lines
    }

    fn remember(&mut self, line: &str) {
        // A history that cannot be kept is not worth a word in the middle of a conversation.
        if let (Ok(true), Some(history)) = (self.editor.add_history_entry(line), &self.history) {
            let _ = self.editor.append_history(history);
        }
    }
}

fn history_file() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(HISTORY_VARIABLE) {
        return (!named.is_empty()).then(|| named.into());
    }
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?.join("wsbench");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

#[cfg(unix)]
static AS_IT_WAS: std::sync::OnceLock<rustix::termios::Termios> = std::sync::OnceLock::new();

/// Notes the terminal's state, which the program may have to end without the editor's help.
#[cfg(unix)]
fn save_terminal() {
    if let Ok(state) = rustix::termios::tcgetattr(io::stdin()) {
        let _ = AS_IT_WAS.set(state);
    }
}

/// Gives the terminal back as it was found: the editor may still sit in a read of the keyboard.
#[cfg(unix)]
pub(crate) fn restore_terminal() {
    use std::io::Write;

    let Some(state) = AS_IT_WAS.get() else { return };
    // Bracketed paste off; to the start of the line, and away with the prompt.
    let _ = io::stdout().write_all(b"\x1b[?2004l\r\x1b[J");
    let _ = io::stdout().flush();
    let _ = rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Drain, state);
}

/// Whether the editor reads keys.
#[cfg(unix)]
fn is_raw() -> bool {
    let state = rustix::termios::tcgetattr(io::stdin());
    state.is_ok_and(|state| !state.local_modes.contains(rustix::termios::LocalModes::ICANON))
}

#[cfg(not(unix))]
fn is_raw() -> bool {
    true
}

#[cfg(not(unix))]
fn save_terminal() {}

#[cfg(not(unix))]
pub(crate) fn restore_terminal() {}
