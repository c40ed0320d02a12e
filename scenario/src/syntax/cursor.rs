//! Cursor over one line: words, quoted strings, JSON and the rest.

use session::is_token_character;

use super::diagnostic::{Diagnostic, Span, excerpt};

/// Words of other tools behind a step, with the help for each.
const FOLLOWING: [(&str, &str); 5] = [
    ("or", "To expect one of several messages, use a block: any 1 of {"),
    ("||", "To expect one of several messages, use a block: any 1 of {"),
    ("&&", "Join matchers with and."),
    ("timeout", "Syntax of a time limit: within 1s"),
    ("within", "Only an expectation (a line with <) can have its own time limit."),
];

/// Reads a line from left to right. Positions are those of the file. It moves forward only.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    /// Text up to the end of the file.
    text: &'a str,
    /// Position of the next part.
    at: usize,
    /// End of the line, without its line break.
    end: usize,
    /// Parts taken: the line as [`format()`](super::format) prints it, with a space between each two.
    atoms: Vec<Span>,
    /// `true` in a rule, where `>` begins the answer instead of a comparison.
    in_rule: bool,
}

impl<'a> Cursor<'a> {
    /// Cursor on the part `span`, after its leading space.
    pub(super) fn new(text: &'a str, span: Span) -> Self {
        let mut cursor =
            Self { text, at: span.start, end: span.end, atoms: Vec::new(), in_rule: false };
        cursor.skip_space();
        cursor
    }

    /// The rest of the line, without the space around it.
    pub(super) fn rest(&self) -> &'a str {
        self.text[self.at..self.end].trim_end()
    }

    /// Takes the rest of the line. A comment in it is part of it.
    pub(super) fn take_rest(&mut self) -> (&'a str, Span) {
        self.take_bytes(self.rest().len())
    }

    /// Takes the rest of the line up to a comment: a `#` after a space, or at the start.
    pub(super) fn take_value(&mut self) -> (&'a str, Span) {
        let rest = self.rest();
        let begins = |at: usize| rest[..at].chars().next_back().is_none_or(char::is_whitespace);
        let comment = rest.match_indices('#').find(|(at, _)| begins(*at));
        self.take_bytes(comment.map_or(rest, |(at, _)| rest[..at].trim_end()).len())
    }

    /// Takes the next `length` bytes of the line.
    pub(super) fn take_bytes(&mut self, length: usize) -> (&'a str, Span) {
        let span = self.at..self.at + length;
        self.take(span.clone());
        (&self.text[span.clone()], span)
    }

    /// Next character, after any space; `None` at the end of the line.
    pub(super) fn next(&self) -> Option<char> {
        self.text[self.at..self.end].chars().next()
    }

    /// `true` at the end of the line, or at its comment.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.next(), None | Some('#'))
    }

    /// Span of the next word, or of the end of the line.
    pub(super) fn here(&self) -> Span {
        self.at..self.at + self.word_len()
    }

    /// End of the line, without its line break.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Parts taken so far.
    pub(super) fn into_atoms(self) -> Vec<Span> {
        self.atoms
    }

    /// Notes that the line is a rule, in which `>` begins the answer.
    pub(super) fn begin_rule(&mut self) {
        self.in_rule = true;
    }

    /// `true` in a rule, at the `>` before its answer, or at the end that is its answer.
    pub(super) fn is_at_answer(&self) -> bool {
        self.in_rule && [">", "close", "drop"].contains(&self.peek())
    }

    /// Moves over a part. If that ends on a later line, the rest of that line is the cursor's.
    fn take(&mut self, span: Span) {
        self.at = span.end;
        if self.at > self.end {
            let line = self.text[self.at..].find('\n');
            self.end = line.map_or(self.text.len(), |newline| self.at + newline);
        }
        if !span.is_empty() {
            self.atoms.push(span);
        }
        self.skip_space();
    }

    /// Next word, up to a space; the cursor stays.
    pub(super) fn peek(&self) -> &'a str {
        &self.text[self.here()]
    }

    /// Takes the next word, if there is one.
    pub(super) fn word(&mut self) -> Option<(&'a str, Span)> {
        let span = self.here();
        if span.is_empty() {
            return None;
        }
        self.take(span.clone());
        Some((&self.text[span.clone()], span))
    }

    /// Takes the next word if it is `word`.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek() == word;
        if is_next {
            self.take(self.here());
        }
        is_next
    }

    /// Takes the next word. The mistake says that `wanted` is missing.
    pub(super) fn expect(&mut self, wanted: &str) -> Result<(&'a str, Span), Diagnostic> {
        let here = self.here();
        self.word().ok_or_else(|| Diagnostic::new(here, format!("{wanted} is missing here.")))
    }

    /// Checks that nothing follows but a comment. The help names the clause that a word may have
    /// been meant for.
    pub(super) fn finish(&self) -> Result<(), Diagnostic> {
        if self.is_done() {
            return Ok(());
        }
        let rest = self.rest();
        let span = self.at..self.at + rest.len();
        let message = format!("Unexpected '{}'.", excerpt(rest));
        let mistake = Diagnostic::new(span, message);
        let help = FOLLOWING.iter().find(|(word, _)| *word == self.peek());
        let before = self.text[..self.at].trim_end();
        Err(match help {
            _ if before.ends_with('{') => {
                mistake.with_help("Put each step of a block on its own line.")
            }
            Some((_, help)) => mistake.with_help(*help),
            None => mistake.suggest(self.peek(), &["within", "capture", "and"]),
        })
    }

    /// Takes a string in quotes, with the escapes of JSON (RFC 8259 section 7). `None` if there is no quote.
    pub(super) fn quoted(&mut self) -> Result<Option<(String, Span)>, Diagnostic> {
        let rest = &self.text[self.at..self.end];
        if !rest.starts_with('"') {
            return Ok(None);
        }
        let length = string_len(rest).ok_or_else(|| {
            let span = self.at..self.at + rest.trim_end().len();
            Diagnostic::new(span, "The string is not closed: a '\"' is missing.")
        })?;
        let span = self.at..self.at + length;
        let string = serde_json::from_str(&rest[..length]).map_err(|error| {
            Diagnostic::new(span.clone(), format!("The string is not valid: {error}."))
                .with_help("Use JSON escapes: \\\" \\\\ \\n \\t \\u001b.")
        })?;
        self.take(span.clone());
        Ok(Some((string, span)))
    }

    /// Takes a string in quotes. The mistake says that `wanted` is missing.
    pub(super) fn expect_quoted(&mut self, wanted: &str) -> Result<(String, Span), Diagnostic> {
        let here = self.here();
        let found = self.quoted()?;
        found.ok_or_else(|| {
            Diagnostic::new(here, format!("{wanted} is missing here."))
                .with_help("Write it in quotes, like \"hi\".")
        })
    }

    /// Takes a regular expression between slashes; `\/` is a slash. `None` if there is no slash.
    pub(super) fn between_slashes(&mut self) -> Result<Option<(String, Span)>, Diagnostic> {
        let rest = &self.text[self.at..self.end];
        if !rest.starts_with('/') {
            return Ok(None);
        }
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find(|&(_, character)| {
            let ends = character == '/' && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else {
            let span = self.at..self.at + rest.trim_end().len();
            return Err(Diagnostic::new(
                span,
                "The regular expression is not closed: a '/' is missing.",
            ));
        };
        let span = self.at..self.at + end + 1;
        let expression = rest[1..end].replace("\\/", "/");
        self.take(span.clone());
        Ok(Some((expression, span)))
    }

    /// Takes JSON that begins with a bracket and may go on over lines, until its brackets are closed.
    ///
    /// Variables may stand in it, so it is not parsed. Linear in its length. `None` if no bracket
    /// begins here.
    pub(super) fn brackets(&mut self) -> Result<Option<(&'a str, Span)>, Diagnostic> {
        let rest = &self.text[self.at..];
        // No JSON begins with two: that is a variable.
        if !rest.starts_with(['{', '[']) || rest.starts_with("{{") {
            return Ok(None);
        }
        let mut open = 0usize;
        let mut skip_to = 0;
        for (index, byte) in rest.bytes().enumerate() {
            match byte {
                _ if index < skip_to => {}
                b'"' => match string_len(&rest[index..]) {
                    Some(length) => skip_to = index + length,
                    None => break,
                },
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        let span = self.at..self.at + index + 1;
                        self.take(span.clone());
                        return Ok(Some((&self.text[span.clone()], span)));
                    }
                }
                _ => {}
            }
        }
        let line = self.text[self.at..self.end].trim_end();
        Err(Diagnostic::new(
            self.at..self.at + line.len(),
            "The JSON is not closed: a bracket is missing.",
        ))
    }

    /// Takes a JSON string or a word, as it is written. `None` at the end of the line.
    pub(super) fn value(&mut self) -> Result<Option<(&'a str, Span)>, Diagnostic> {
        Ok(match self.quoted()? {
            Some((_, span)) => Some((&self.text[span.clone()], span)),
            None => self.word(),
        })
    }

    /// Takes a JSON path (RFC 9535): up to a space that is outside of its brackets. `None` if it
    /// does not begin with `$`.
    pub(super) fn path(&mut self) -> Option<(&'a str, Span)> {
        let line = &self.text[self.at..self.end];
        let mut open = 0usize;
        let mut skip_to = 0;
        let mut length = line.len();
        for (index, byte) in line.bytes().enumerate() {
            match byte {
                _ if index < skip_to => {}
                b'"' | b'\'' if open > 0 => skip_to = index + string_len(&line[index..])?,
                b'[' | b'(' => open += 1,
                b']' | b')' => open = open.saturating_sub(1),
                b' ' | b'\t' if open == 0 => {
                    length = index;
                    break;
                }
                _ => {}
            }
        }
        let span = self.at..self.at + length;
        (line.starts_with('$')).then(|| {
            self.take(span.clone());
            (&self.text[span.clone()], span)
        })
    }

    /// Bytes of the next word; none at the end of the line.
    fn word_len(&self) -> usize {
        let line = &self.text[self.at..self.end];
        line.find(char::is_whitespace).unwrap_or(line.len())
    }

    /// Moves to the next character that is no space, at most to the end of the line.
    fn skip_space(&mut self) {
        let line = &self.text[self.at..self.end];
        self.at += line.len() - line.trim_start().len();
    }
}

/// Length of the string that `text` begins with, in single or double quotes, these included. A line break ends it
/// unclosed.
fn string_len(text: &str) -> Option<usize> {
    let quote = text.bytes().next()?;
    let mut escaped = true;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => return None,
            _ if byte == quote && !escaped => return Some(index + 1),
            b'\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    None
}

/// True for a token (RFC 9110 section 5.6.2) without `#`, which begins a comment.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| is_token_character(it) && it != '#')
}
