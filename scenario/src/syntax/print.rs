//! Layout of a file: `wsbench fmt`. It prints the parts that were parsed, so that nothing is lost
//! or changed.

use std::fmt::Write;

use super::{
    diagnostic::{DIAGNOSTICS, Diagnostic, Span},
    line::Line,
    parser::{DEPTH, lines, nested_too_deep},
};

/// Indentation of a block and of the options of a connection.
const INDENT: &str = "  ";

/// Lays a file out: indentation by block, one space between words, no more than one empty line. JSON over
/// several lines, texts and comments stay as they are. Lines end as the first one does.
///
/// # Errors
/// Lines that cannot be read, and blocks that are not closed, up to 20: such a file is not touched. Names of
/// connections are not checked, since the file may be a part of another one.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut mistakes = Vec::new();
    let mut laid_out = String::with_capacity(text.len());
    let mut open: Vec<Span> = Vec::new();
    let mut empty_before = true;
    let mut line_break = "\n";
    // Start of the comments above the next line.
    let mut comments = 0;
    for (span, line, atoms) in lines(text) {
        if mistakes.len() >= DIAGNOSTICS {
            break;
        }
        let line = match line {
            Ok(Line::Closes) if open.pop().is_none() => {
                let message = "No block to close here.";
                mistakes.push(Diagnostic::new(span.clone(), message));
                Line::Closes
            }
            Ok(line) => line,
            Err(mistake) => {
                mistakes.push(mistake);
                Line::Empty
            }
        };
        let source = text[span.clone()].trim_end();
        if source.is_empty() {
            if !empty_before {
                laid_out.push_str(line_break);
            }
            empty_before = true;
            continue;
        }
        empty_before = false;
        if laid_out.is_empty() && text[span.clone()].ends_with('\r') {
            line_break = "\r\n";
        }
        if matches!(line, Line::Option(_)) {
            for comment in laid_out.split_off(comments).lines() {
                let indent = if comment.is_empty() { "" } else { INDENT };
                let _ = write!(laid_out, "{indent}{comment}{line_break}");
            }
            laid_out.push_str(INDENT);
        }
        laid_out.push_str(&INDENT.repeat(open.len()));
        for (index, atom) in atoms.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            let _ = write!(laid_out, "{space}{}", &text[atom.clone()]);
        }
        let comment = text[atoms.last().map_or(span.start, |last| last.end)..span.end].trim();
        if !comment.is_empty() {
            let space = if atoms.is_empty() { "" } else { INDENT };
            let _ = write!(laid_out, "{space}{comment}");
        }
        laid_out.push_str(line_break);
        if !atoms.is_empty() {
            comments = laid_out.len();
        }
        if matches!(line, Line::Opens(_)) {
            if open.len() >= DEPTH {
                mistakes.push(nested_too_deep(span.clone()));
            }
            open.push(span);
        }
    }
    let unclosed = open.pop().filter(|_| mistakes.is_empty());
    mistakes.extend(
        unclosed.map(|span| Diagnostic::new(span, "The block is not closed: a '}' is missing.")),
    );
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    laid_out.truncate(laid_out.trim_end().len());
    if !laid_out.is_empty() {
        laid_out.push_str(line_break);
    }
    Ok(laid_out)
}
