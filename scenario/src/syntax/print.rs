//! Layout of a file: `wsbench fmt`.

use std::fmt::Write;

use super::{block::lines, diagnostic::Diagnostic, line::Line};

/// Indentation of a block and of the options of a connection.
const INDENT: &str = "  ";

/// Lays a file out: indentation by block, one space between words, no more than one empty line. JSON over
/// several lines, texts and comments stay as they are.
///
/// # Errors
///
/// The mistakes of the file: what cannot be parsed is not touched.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    super::parse(text)?;
    let mut laid_out = String::with_capacity(text.len());
    let mut depth = 0usize;
    let mut empty_before = true;
    for (span, line, atoms) in lines(text) {
        let Ok(line) = line else { continue };
        let source = text[span.clone()].trim_end();
        if source.is_empty() {
            if !empty_before {
                laid_out.push('\n');
            }
            empty_before = true;
            continue;
        }
        empty_before = false;
        if line == Line::Closes {
            depth = depth.saturating_sub(1);
        }
        let indent = depth + usize::from(matches!(line, Line::Option(_)));
        laid_out.push_str(&INDENT.repeat(indent));
        for (index, atom) in atoms.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            let _ = write!(laid_out, "{space}{}", &text[atom.clone()]);
        }
        let comment = text[atoms.last().map_or(span.start, |last| last.end)..span.end].trim();
        if !comment.is_empty() {
            let space = if atoms.is_empty() { "" } else { INDENT };
            let _ = write!(laid_out, "{space}{comment}");
        }
        laid_out.push('\n');
        if matches!(line, Line::Opens(_)) {
            depth += 1;
        }
    }
    laid_out.truncate(laid_out.trim_end().len());
    if !laid_out.is_empty() {
        laid_out.push('\n');
    }
    Ok(laid_out)
}
