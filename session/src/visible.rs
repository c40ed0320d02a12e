//! Escaping for display: text of a peer cannot control a terminal or page.

use std::{borrow::Cow, fmt::Write, ops::Range};

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

/// First `characters` of a text, with `…` in place of the rest.
#[must_use]
pub fn excerpt(text: &str, characters: usize) -> Cow<'_, str> {
    match text.char_indices().nth(characters) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
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
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped.into()
}

/// Text with its [invisible characters](is_invisible) as signs, such as `␛`, `⟨RLO⟩` or `⟨U+0085⟩`,
/// except characters for which `stays` is true. Zero-width joiners inside emoji join them as usual.
#[must_use]
pub fn with_signs(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_shown = |character| is_invisible(character) && !stays(character);
    if !text.contains(is_shown) {
        return text.into();
    }
    place_signs(text, stays).0.into()
}

/// Text [with signs](with_signs), and where the signs are in it: signs side by side are one range.
#[must_use]
pub fn place_signs(text: &str, stays: impl Fn(char) -> bool) -> (String, Vec<Range<usize>>) {
    let is_shown = |character| is_invisible(character) && !stays(character);
    let mut signs = String::with_capacity(text.len());
    let mut places = Vec::<Range<usize>>::new();
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let joins = character == JOINER
            && before.is_some_and(is_pictograph)
            && characters.peek().copied().is_some_and(is_pictograph);
        if is_shown(character) && !joins {
            let start = signs.len();
            push_sign(&mut signs, character);
            match places.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = signs.len(),
                None => places.push(start..signs.len()),
            }
        } else {
            signs.push(character);
        }
        before = Some(character);
    }
    (signs, places)
}

/// Zero-width joiner.
pub const JOINER: char = '\u{200d}';

/// True for characters of emoji, and for modifiers of the emoji before them.
fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Appends the sign of an invisible character: a control picture, or its abbreviation or number in
/// brackets.
fn push_sign(signs: &mut String, character: char) {
    let code = u32::from(character);
    let name = match character {
        // Control pictures, in the order of the control characters.
        '\0'..='\u{1f}' => return signs.extend(char::from_u32(0x2400 + code)),
        '\u{7f}' => return signs.push('␡'),
        '\u{ad}' => "SHY",
        '\u{61c}' => "ALM",
        '\u{200b}' => "ZWSP",
        '\u{200c}' => "ZWNJ",
        JOINER => "ZWJ",
        '\u{200e}' => "LRM",
        '\u{200f}' => "RLM",
        '\u{2028}' => "LS",
        '\u{2029}' => "PS",
        '\u{202a}' => "LRE",
        '\u{202b}' => "RLE",
        '\u{202c}' => "PDF",
        '\u{202d}' => "LRO",
        '\u{202e}' => "RLO",
        '\u{2060}' => "WJ",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        '\u{feff}' => "BOM",
        _ => {
            let _ = write!(signs, "⟨U+{code:04X}⟩");
            return;
        }
    };
    signs.extend(["⟨", name, "⟩"]);
}

/// Text with escapes such as `\u{1b}` in place of some characters. Not copied without any.
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
    fn every_invisible_character_has_a_sign() {
        let signs = |text| with_signs(text, |character| matches!(character, '\n' | '\t'));
        for (text, shown) in [
            ("plain, 안녕 🙂\n\t", "plain, 안녕 🙂\n\t"),
            ("\0\u{1b}[2J\r\u{7f}\u{85}", "␀␛[2J␍␡⟨U+0085⟩"),
            ("\u{202e}evil\u{202c}", "⟨RLO⟩evil⟨PDF⟩"),
            ("a\u{200b}b\u{feff}\u{200d}", "a⟨ZWSP⟩b⟨BOM⟩⟨ZWJ⟩"),
            (
                "👩\u{200d}🔬 ❤\u{fe0f}\u{200d}🔥 \u{200d}🔥",
                "👩\u{200d}🔬 ❤\u{fe0f}\u{200d}🔥 ⟨ZWJ⟩🔥",
            ),
            ("🏴\u{e0067}", "🏴⟨U+E0067⟩"),
        ] {
            assert_eq!(signs(text), shown);
        }
        for character in ('\0'..=char::MAX).filter(|it| is_invisible(*it)) {
            let text = character.to_string();
            assert!(!with_signs(&text, |_| false).contains(is_invisible), "{character:?}");
        }
    }

    #[test]
    fn a_text_without_its_signs_has_what_was_visible() {
        let (text, places) = place_signs("a\0\u{202e}b ␀\u{200d}", |_| false);
        assert_eq!(text, "a␀⟨RLO⟩b ␀⟨ZWJ⟩");
        let signs: Vec<_> = places.into_iter().map(|place| &text[place]).collect();
        assert_eq!(signs, ["␀⟨RLO⟩", "⟨ZWJ⟩"], "not the sign that was written");
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
