//! Text of a peer at a terminal: no line of it begins in the first column, where notices do.

use std::io;

use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthChar;

/// Line break within a text, and an indentation as wide as a message's label.
pub(super) const CONTINUATION: &str = "\n          ";

/// Minimum width of a wrapped line in columns, however narrow the terminal.
const MIN_WIDTH: usize = 10;

/// Columns of a tab, at most.
const TAB: usize = 8;

/// Columns of the terminal on standard output; `None` if there is none.
pub(super) fn stdout_columns() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into())
}

/// Columns of the terminal on standard error; `None` if there is none.
pub(super) fn stderr_columns() -> Option<usize> {
    terminal_size_of(io::stderr()).map(|(Width(columns), _)| columns.into())
}

/// Breaks lines at the edge of a terminal with this many `columns`: a text padded to it could pass
/// for several lines.
pub(super) fn wrap(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let width = columns.saturating_sub(CONTINUATION.len() - 1).max(MIN_WIDTH);
    let mut wrapped = String::with_capacity(text.len() + text.len() / width * CONTINUATION.len());
    let mut column = 0;
    for character in text.chars() {
        // Where terminals differ, the wider one.
        let taken = if character == '\t' { TAB } else { character.width_cjk().unwrap_or(0) };
        if character == '\n' {
            column = 0;
        } else if column + taken > width {
            wrapped += CONTINUATION;
            column = taken;
        } else {
            column += taken;
        }
        wrapped.push(character);
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of a text, wrapped.
    fn lines(text: &str, columns: usize) -> Vec<String> {
        wrap(text, Some(columns)).lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_padded_line_cannot_pass_for_two() {
        for (filler, count) in [(" ", 80), ("x", 80), ("\t", 10), ("한", 40), ("\u{2800}", 80)] {
            let forged = format!("{}Connected to server", filler.repeat(count));
            let lines = lines(&forged, 80);
            assert!(lines.len() > 1, "{filler:?}");
            assert!(
                lines[1..].iter().all(|line| line.starts_with(&CONTINUATION[1..])),
                "{lines:?}"
            );
            assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:?}");
        }
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let text = "a\nshort text\n  indented";
        assert_eq!(wrap(text, Some(80)), text);
        assert_eq!(wrap(&"x".repeat(500), None), "x".repeat(500));
        assert_eq!(lines(&"x".repeat(12), 1), ["xxxxxxxxxx", "          xx"]);
    }
}
