//! Standard streams: sentences on standard error, documents on standard output, colors, escaping.

use std::io::{self, IsTerminal, Write};

use anstyle::Style;

use super::exit::Exit;

/// Prints a sentence on standard error and returns [`Exit::Failed`].
pub(crate) fn fail(sentence: &str) -> Exit {
    print_error(sentence);
    Exit::Failed
}

/// Prints a line on standard error. A failure to write is ignored: nobody is left to tell.
pub(crate) fn print_error(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

/// Prints text of a server on standard error, its control characters escaped.
pub(crate) fn print_notice(text: &str) {
    print_error(&escape_controls(text));
}

/// Writes a document to standard output. A broken pipe (`| head`) is success. Nothing is written if
/// `write` fails.
pub(crate) fn print_document(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Exit {
    let mut document = Vec::new();
    match write(&mut document).and_then(|()| io::stdout().write_all(&document)) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => fail(&format!("Cannot write to standard output: {error}.")),
    }
}

/// Color support of each standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colors {
    /// True to print colors on standard output.
    pub(crate) stdout: bool,
    /// True to print colors on standard error.
    pub(crate) stderr: bool,
}

impl Colors {
    /// `choice` if given, else detected: a terminal, no `NO_COLOR`, no `TERM=dumb`.
    pub(crate) fn new(choice: Option<bool>) -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let detect = |is_terminal| choice.unwrap_or(is_terminal && !is_set("NO_COLOR") && !is_dumb);
        Self {
            stdout: detect(io::stdout().is_terminal()),
            stderr: detect(io::stderr().is_terminal()),
        }
    }
}

/// Wraps text in the escape sequences of `style`, if `color` is on. An empty text has no sequences.
pub(crate) fn paint(color: bool, style: Style, text: &str) -> String {
    if color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

/// Escapes control characters except line break and tab, and characters that change the direction
/// of text or are invisible: a server must not control the terminal.
pub(crate) fn escape_controls(text: &str) -> String {
    session::visible_text(text).into_owned()
}
