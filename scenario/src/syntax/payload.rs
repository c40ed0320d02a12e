//! Payloads to send: text, JSON, hexadecimal, base64 and files.

use workbench::payload::{decode_base64, decode_hex};

use super::{cursor::Cursor, diagnostic::Diagnostic, text::Text};

/// Payload of a message to send.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    /// Text message.
    Text(Text),
    /// Binary message.
    Binary(Vec<u8>),
    /// Content of a file: a text message if it is UTF-8, otherwise a binary one.
    File(Text),
    /// Text or binary message in frames, with their size in bytes.
    Fragments(usize, Box<Payload>),
}

impl Payload {
    /// Parses a payload, up to the end of the line or of the JSON. Words without quotes are a text.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Diagnostic> {
        if let Some((text, span)) = cursor.quoted()? {
            return Ok(Self::Text(Text::new(&text, span)?));
        }
        if let Some((json, span)) = cursor.brackets()? {
            let text = Text::new(json, span.clone())?;
            text.check_json(span, "To send it anyway, write it as text in quotes.")?;
            return Ok(Self::Text(text));
        }
        if cursor.takes("hex") {
            return Ok(Self::Binary(hex(cursor)?));
        }
        if cursor.takes("base64") {
            let (word, span) = cursor.expect("Base64")?;
            let bytes = decode_base64(word).map_err(|error| {
                Diagnostic::is_not(word, span, &format!("base64: {error}."))
                    .with_help("To send these words as text, put them in quotes.")
            })?;
            return Ok(Self::Binary(bytes));
        }
        if cursor.takes("file") {
            let (path, span) = match cursor.quoted()? {
                Some(quoted) => quoted,
                None => cursor.expect("A path").map(|(path, span)| (path.to_owned(), span))?,
            };
            return Ok(Self::File(Text::new(&path, span)?));
        }
        if cursor.takes("fragment") {
            let (word, span) = cursor.expect("A frame size in bytes")?;
            let bytes = word.parse().ok().filter(|bytes| *bytes > 0).ok_or_else(|| {
                Diagnostic::is_not(word, span, "a number of bytes.")
                    .with_help("Write fragment 5 \"a message\". To send these words as text, put them in quotes.")
            })?;
            if ["file", "fragment"].contains(&cursor.peek()) {
                let message = "Only text, JSON, hex and base64 can be sent in fragments.";
                return Err(Diagnostic::new(cursor.here(), message));
            }
            return Ok(Self::Fragments(bytes, Box::new(Self::parse(cursor)?)));
        }
        let here = cursor.here();
        if here.is_empty() {
            return Err(Diagnostic::new(here, "The message is missing.").with_help(
                "Write its text, JSON, \"text in quotes\", hex, base64, file or fragment. \"\" is empty.",
            ));
        }
        let (text, span) = cursor.take_rest();
        Ok(Self::Text(Text::new(text, span)?))
    }
}

/// Parses the rest of the line as hexadecimal, up to a comment. Empty quotes are no bytes. Digits
/// may be grouped by spaces, two to a byte.
pub(super) fn hex(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, Diagnostic> {
    if cursor.takes("\"\"") {
        return Ok(Vec::new());
    }
    let here = cursor.here();
    let mut bytes = Vec::new();
    while !cursor.is_done() && cursor.peek().bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let Some((word, span)) = cursor.word() else { break };
        let pair = decode_hex(word).map_err(|error| {
            Diagnostic::is_not(word, span, &format!("hexadecimal: {error}."))
                .with_help("Write two digits for each byte: hex 68 69.")
        })?;
        bytes.extend(pair);
    }
    if bytes.is_empty() {
        return Err(Diagnostic::new(here, "Bytes in hexadecimal are missing here.").with_help(
            "Write two digits for each byte: hex 68 69. To send these words as text, put them in quotes.",
        ));
    }
    Ok(bytes)
}
