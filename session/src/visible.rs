//! Escaping for display: text of a peer cannot control what shows it.

use std::{borrow::Cow, fmt::Write};

/// True for characters that are not shown as themselves: control characters, line and paragraph
/// separators, bidirectional controls (UAX #9 section 2), zero-width characters and tags.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text on one line, its [invisible characters](is_invisible) as `\n`, `\t` or `\u{202e}`.
#[must_use]
pub fn visible_line(text: &str) -> Cow<'_, str> {
    escape(text, is_invisible)
}

/// Text with its line breaks and tabs; its other [invisible characters](is_invisible) as `\u{202e}`.
#[must_use]
pub fn visible_text(text: &str) -> Cow<'_, str> {
    escape(text, |character| is_invisible(character) && !matches!(character, '\n' | '\t'))
}

/// JSON with its [invisible characters](is_invisible) as `\u202e`, which is the same JSON if they are
/// in strings.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    if !json.contains(is_invisible) {
        return json.into();
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_invisible(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped.into()
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_escaped(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_on_its_line_and_in_order() {
        for (text, shown) in [
            ("plain, 안녕 🙂", "plain, 안녕 🙂"),
            ("\u{1b}[2J\u{9b}\u{7}", r"\u{1b}[2J\u{9b}\u{7}"),
            ("a\r\n\tb", r"a\r\n\tb"),
            ("a\u{2028}b\u{2029}c\u{85}", r"a\u{2028}b\u{2029}c\u{85}"),
            ("\u{202e}\u{2066}\u{200f}\u{61c}", r"\u{202e}\u{2066}\u{200f}\u{61c}"),
            ("in\u{200b}visi\u{feff}ble\u{e0041}", r"in\u{200b}visi\u{feff}ble\u{e0041}"),
        ] {
            assert_eq!(visible_line(text), shown);
        }
        assert_eq!(visible_text("a\n\tb\r\u{2067}"), "a\n\tb\\r\\u{2067}");
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        let json = "{\"a\":\"\u{9b}\u{202e}\u{e0041}\"}";
        let shown = visible_json(json);
        assert_eq!(shown, r#"{"a":"\u009b\u202e\udb40\udc41"}"#);
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parse(&shown), parse(json));
    }
}
