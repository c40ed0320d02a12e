//! POSIX shell words: splitting and quoting (POSIX.1-2024, Shell Command Language, section 2.2).
//! Nothing is expanded or run.

use std::fmt::Write;

use session::is_invisible;
use thiserror::Error;

/// Token of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Unquoted word, and `true` if a shell would have expanded part of it.
    Word(String, bool),
    /// Operator between words.
    Operator(Operator),
}

/// Shell operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `|`: pipe.
    Pipe,
    /// `<`, `>`, `2>` and the like: redirection to the file named by the next word.
    Redirection,
    /// `<<<`: the next word is input.
    HereString,
    /// `;`, `&`, `||`, a line's end and others: another command.
    Next,
}

/// Shell syntax error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShellError {
    /// Unclosed quote.
    #[error("The quote {0} is not closed. Copy the whole command.")]
    Unclosed(char),
    /// `<<`.
    #[error("Text after << is not supported. Paste the command without it.")]
    HereDocument,
}

/// Text that no shell can quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A command cannot hold the character U+0000. Send the message from here.")]
pub struct NotQuotable;

/// Splits text into words. Quotes, backslashes, `$'…'`, comments and line continuations are
/// processed; `$NAME`, `$(…)`, `` `…` ``, `*` and `~` are kept.
pub(super) fn split(text: &str) -> Result<Vec<Token>, ShellError> {
    let mut words =
        Splitter { rest: text, tokens: Vec::new(), word: Vec::new(), state: State::None };
    words.read()?;
    Ok(words.tokens)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between words.
    None,
    /// In a word.
    Word,
    /// In a word with an expansion.
    Expanded,
}

/// Splitter of a command line, after POSIX shells with bash's `$'…'`.
struct Splitter<'a> {
    /// Text that is not read yet.
    rest: &'a str,
    /// Words and operators read so far.
    tokens: Vec<Token>,
    /// Bytes, because escapes name bytes.
    word: Vec<u8>,
    state: State,
}

impl Splitter<'_> {
    fn read(&mut self) -> Result<(), ShellError> {
        while let Some(sign) = self.take() {
            match sign {
                '\'' => {
                    self.begin();
                    let (quoted, rest) =
                        self.rest.split_once('\'').ok_or(ShellError::Unclosed('\''))?;
                    self.word.extend_from_slice(quoted.as_bytes());
                    self.rest = rest;
                }
                '"' => self.double_quoted()?,
                '$' if self.skip("'") => self.escaped()?,
                // Localized string of bash.
                '$' if self.rest.starts_with('"') => {}
                '\\' => {
                    // A line continuation is not part of a word.
                    if self.skip("\r\n") || self.skip("\n") {
                        continue;
                    }
                    self.begin();
                    let next = self.take().unwrap_or('\\');
                    self.push(next);
                }
                '#' if self.state == State::None => {
                    self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
                }
                ' ' | '\t' | '\r' => self.end(),
                '\n' | ';' | '&' | '(' | ')' => self.operator(Operator::Next),
                '|' if self.skip("|") => self.operator(Operator::Next),
                '|' => self.operator(Operator::Pipe),
                '<' if self.skip("<<") => self.operator(Operator::HereString),
                '<' if self.rest.starts_with('<') => return Err(ShellError::HereDocument),
                '<' | '>' => self.redirection(),
                sign => {
                    self.begin();
                    if sign == '`' || sign == '$' && names(self.rest) {
                        self.state = State::Expanded;
                    }
                    self.push(sign);
                }
            }
        }
        self.end();
        Ok(())
    }

    /// Reads to the closing quote. A dollar or backquote marks the word as expanded.
    fn double_quoted(&mut self) -> Result<(), ShellError> {
        self.begin();
        loop {
            match self.take().ok_or(ShellError::Unclosed('"'))? {
                '"' => return Ok(()),
                '\\' if self.skip("\n") => {}
                '\\' if self.rest.starts_with(['$', '`', '"', '\\']) => {
                    let next = self.take().unwrap_or_default();
                    self.push(next);
                }
                sign => {
                    if sign == '`' || sign == '$' && names(self.rest) {
                        self.state = State::Expanded;
                    }
                    self.push(sign);
                }
            }
        }
    }

    /// `$'…'`, behind its first quote.
    fn escaped(&mut self) -> Result<(), ShellError> {
        self.begin();
        loop {
            let sign = match self.take().ok_or(ShellError::Unclosed('\''))? {
                '\'' => return Ok(()),
                '\\' => self.take().ok_or(ShellError::Unclosed('\''))?,
                sign => {
                    self.push(sign);
                    continue;
                }
            };
            match sign {
                'a' => self.word.push(7),
                'b' => self.word.push(8),
                'e' | 'E' => self.word.push(27),
                'f' => self.word.push(12),
                'n' => self.word.push(b'\n'),
                'r' => self.word.push(b'\r'),
                't' => self.word.push(b'\t'),
                'v' => self.word.push(11),
                'c' => {
                    let sign = self.take().unwrap_or('@');
                    // A control character is its letter without the upper three bits.
                    self.word.push(u8::try_from(sign).unwrap_or_default() & 31);
                }
                'x' => {
                    let byte = self.number(16, 2);
                    self.word.push(u8::try_from(byte).unwrap_or_default());
                }
                'u' | 'U' => {
                    let number = self.number(16, if sign == 'u' { 4 } else { 8 });
                    self.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                '0'..='7' => {
                    let first = sign.to_digit(8).unwrap_or_default();
                    let before = self.rest.len();
                    let rest = self.number(8, 2);
                    let digits = u32::try_from(before - self.rest.len()).unwrap_or_default();
                    // Shells truncate to a byte.
                    self.word.push(((first * 8_u32.pow(digits) + rest) & 255) as u8);
                }
                '\\' | '\'' | '"' | '?' => self.push(sign),
                sign => {
                    self.push('\\');
                    self.push(sign);
                }
            }
        }
    }

    /// Parses a number of at most this many digits.
    fn number(&mut self, radix: u32, digits: usize) -> u32 {
        let mut number: u32 = 0;
        for _ in 0..digits {
            let Some(digit) = self.rest.chars().next().and_then(|sign| sign.to_digit(radix)) else {
                break;
            };
            number = number.wrapping_mul(radix).wrapping_add(digit);
            self.rest = &self.rest[1..];
        }
        number
    }

    /// Ends the word before `<` or `>`, unless it is the number of a file descriptor.
    fn redirection(&mut self) {
        // A file descriptor is not a word: `2>`.
        if !self.word.is_empty() && self.word.iter().all(u8::is_ascii_digit) {
            self.word.clear();
            self.state = State::None;
        }
        for sign in [">", "&", "|"] {
            self.skip(sign);
        }
        self.operator(Operator::Redirection);
    }

    /// Ends the word, and adds an operator.
    fn operator(&mut self, operator: Operator) {
        self.end();
        self.tokens.push(Token::Operator(operator));
    }

    /// Begins a word, which may stay empty, as `''` does.
    fn begin(&mut self) {
        if self.state == State::None {
            self.state = State::Word;
        }
    }

    /// Ends the word, if one has begun.
    fn end(&mut self) {
        if self.state != State::None {
            // Escaped bytes may be anything; a message is UTF-8.
            let word = String::from_utf8_lossy(&self.word).into_owned();
            self.tokens.push(Token::Word(word, self.state == State::Expanded));
            self.word.clear();
            self.state = State::None;
        }
    }

    fn take(&mut self) -> Option<char> {
        let mut signs = self.rest.chars();
        let sign = signs.next()?;
        self.rest = signs.as_str();
        Some(sign)
    }

    /// Skips `text` if it comes next. True if it did.
    fn skip(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Appends a character to the word.
    fn push(&mut self, sign: char) {
        self.word.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// True if `rest`, the text after a `$`, starts an expansion.
fn names(rest: &str) -> bool {
    rest.starts_with(|sign: char| sign.is_ascii_alphanumeric() || "_{(@*#?!$-".contains(sign))
}

/// Quotes a word.
///
/// Control characters are escaped to protect the terminal: an escape sequence in a pasted command
/// could end the bracketed paste and run what follows.
pub(super) fn quote(word: &str, out: &mut String) -> Result<(), NotQuotable> {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "-._/:@%+=,".contains(sign);
    if word.contains('\0') {
        return Err(NotQuotable);
    }
    if !word.is_empty() && word.chars().all(is_plain) {
        out.push_str(word);
    } else if word.contains(is_invisible) {
        out.push_str("$'");
        for sign in word.chars() {
            if is_invisible(sign) || sign == '\'' {
                // With all octal digits, no shell takes the next character for one.
                for byte in sign.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "\\{byte:03o}");
                }
            } else {
                if sign == '\\' {
                    out.push('\\');
                }
                out.push(sign);
            }
        }
        out.push('\'');
    } else {
        out.push('\'');
        out.push_str(&word.replace('\'', r"'\''"));
        out.push('\'');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        split(text)
            .unwrap()
            .into_iter()
            .map(|token| match token {
                Token::Word(word, false) => word,
                Token::Word(word, true) => format!("expands {word}"),
                Token::Operator(operator) => format!("{operator:?}"),
            })
            .collect()
    }

    #[test]
    fn splits_words_like_a_shell() {
        for (text, expected) in [
            ("", &[][..]),
            ("  a  b\tc ", &["a", "b", "c"]),
            (r#"a'b c'"d e"f\ g"#, &["ab cd ef g"]),
            (r#"'' "" x"#, &["", "", "x"]),
            (r#""a\"b\\c\$d\e""#, &[r#"a"b\c$d\e"#]),
            ("a \\\n b", &["a", "b"]),
            ("a\\\nb", &["ab"]),
            ("a \\\r\n  b", &["a", "b"]),
            ("\"a\\\nb\"", &["ab"]),
            (r"$'a\n\t\'\\\x41\u00e9\101\e\q'", &["a\n\t'\\AéA\u{1b}\\q"]),
            (r"$'\303\251'", &["é"]),
            (r"$'\1012'", &["A2"]),
            ("a # b\nc", &["a", "Next", "c"]),
            ("a#b", &["a#b"]),
            ("echo hi|x", &["echo", "hi", "Pipe", "x"]),
            (
                "x 2>/dev/null <&0 >>f",
                &["x", "Redirection", "/dev/null", "Redirection", "0", "Redirection", "f"],
            ),
            ("x ''>f", &["x", "", "Redirection", "f"]),
            ("x <<< hi", &["x", "HereString", "hi"]),
            ("a && b; c || d &", &["a", "Next", "Next", "b", "Next", "c", "Next", "d", "Next"]),
            (
                "$HOME '$HOME' \"${X}\" \"$(rm)\" `x` $ a$",
                &[
                    "expands $HOME", "$HOME", "expands ${X}", "expands $(rm)", "expands `x`", "$",
                    "a$",
                ],
            ),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn incomplete_input_is_refused() {
        for (text, error) in [
            ("a 'b", ShellError::Unclosed('\'')),
            ("a \"b", ShellError::Unclosed('"')),
            (r"$'\", ShellError::Unclosed('\'')),
            ("cat <<END", ShellError::HereDocument),
        ] {
            assert_eq!(split(text), Err(error), "{text}");
        }
    }

    #[test]
    fn simple_quotes_are_preferred() {
        for (word, expected) in [
            ("ws://localhost:8080/ws", "ws://localhost:8080/ws"),
            ("", "''"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("a\nb", r"$'a\012b'"),
            ("\u{1b}[201~'x", r"$'\033[201~\047x'"),
        ] {
            let mut quoted = String::new();
            quote(word, &mut quoted).unwrap();
            assert_eq!(quoted, expected);
        }
        assert_eq!(quote("\0", &mut String::new()), Err(NotQuotable));
    }

    proptest! {
        #[test]
        fn quoted_words_parse_back_without_control_characters(word in "[a'\"\\\\$`\u{0}-\u{1f}\u{7f}-\u{9f}7é]{0,12}|\\PC*") {
            prop_assume!(!word.contains('\0'));
            let mut quoted = String::new();
            quote(&word, &mut quoted).unwrap();
            prop_assert!(!quoted.contains(char::is_control));
            prop_assert_eq!(split(&quoted), Ok(vec![Token::Word(word, false)]));
        }

        #[test]
        fn arbitrary_text_does_not_panic(text in "[a'\"\\\\$<>|&; \nxuU0-9c]*|\\PC*") {
            let _ = split(&text);
        }
    }
}
