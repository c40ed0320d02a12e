//! What the program prints on standard output.

use std::io::{self, IsTerminal, Write};

/// Standard output, a line at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    is_terminal: bool,
}

impl Output {
    pub(crate) fn stdout() -> Self {
        Self { is_terminal: io::stdout().is_terminal() }
    }

    /// Prints `text` as a line. If that cannot be done the program ends: well, if the reader went
    /// away (`| head`); else with a sentence.
    pub(crate) fn line(self, text: &str) {
        let shown = if self.is_terminal { escape_controls(text) } else { text.to_owned() };
        let mut stdout = io::stdout().lock();
        match writeln!(stdout, "{shown}").and_then(|()| stdout.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
            Err(error) => {
                eprintln!("Cannot write to standard output: {error}.");
                std::process::exit(1);
            }
        }
    }
}

/// A server must not be able to move the cursor or change the colours of the terminal.
fn escape_controls(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(escape_controls("\u{1b}[2Jgone"), r"\u{1b}[2Jgone");
        assert_eq!(escape_controls("two\nlines\tand 안녕"), "two\nlines\tand 안녕");
    }
}
