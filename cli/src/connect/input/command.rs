//! Line typed at the prompt: a message, or a command that begins with `/`.

use std::path::PathBuf;

use session::{Close, CloseCode, Message};

use super::control::{check_close, check_ping};

/// Meaning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Send(Message),
    Ping(Vec<u8>),
    Close(Close),
    /// Turn the indentation of received JSON on or off.
    ToggleJson,
    File(PathBuf),
    Stats,
    Help,
}

/// Output of `/help`.
pub(crate) const HELP: &str = "\
/ping [DATA]            send a ping and show its round-trip time
/close [CODE] [REASON]  close the connection
/binary HEX             send bytes, like /binary 00 ff 1b
/json [TEXT]            send TEXT if it is valid JSON; alone: indent received JSON, on or off
/file PATH              send a file: as text if it is UTF-8, else as binary
/stats                  messages, bytes and round-trip times so far
/help                   show this list
//TEXT                  send /TEXT; any other line is sent as typed
Ctrl-C or Ctrl-D closes the connection; arrow up recalls earlier lines.";

impl Command {
    /// Parses a line. The error is a sentence.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let Some(rest) = line.strip_prefix('/') else {
            return Ok(Self::Send(Message::Text(line.to_owned())));
        };
        if rest.starts_with('/') {
            return Ok(Self::Send(Message::Text(rest.to_owned())));
        }
        let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let argument = argument.trim();
        match name {
            "ping" => ping(argument),
            "close" => close(argument),
            "binary" if argument.is_empty() => {
                Err("/binary needs bytes, like /binary 00 ff".into())
            }
            "binary" => match parse_hex(argument) {
                Ok(bytes) => Ok(Self::Send(Message::Binary(bytes))),
                Err(why) => Err(format!("Not sent: {why}.")),
            },
            "json" if argument.is_empty() => Ok(Self::ToggleJson),
            "json" => match serde_json::from_str::<serde_json::Value>(argument) {
                Ok(_) => Ok(Self::Send(Message::Text(argument.to_owned()))),
                Err(error) => Err(format!("Not sent: invalid JSON: {error}.")),
            },
            "file" if argument.is_empty() => Err("/file needs a path".into()),
            "file" => Ok(Self::File(argument.into())),
            "stats" => Ok(Self::Stats),
            "help" | "?" => Ok(Self::Help),
            _ => Err(format!(
                "Unknown command /{name}; /help lists the commands. To send a line that begins with \
                 /, start it with //."
            )),
        }
    }
}

/// Parses `/ping [DATA]`.
fn ping(data: &str) -> Result<Command, String> {
    check_ping(data.as_bytes().to_vec()).map(Command::Ping)
}

/// Parses `/close [CODE] [REASON]`. Codes that must not be sent (RFC 6455 section 7.4) are errors.
fn close(argument: &str) -> Result<Command, String> {
    let (code, reason) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let reason = reason.trim();
    if code.is_empty() {
        return Ok(Command::Close(Close { code: CloseCode::NORMAL, reason: String::new() }));
    }
    let code = code.parse().map_err(|_| format!("'{code}' is not a close code."))?;
    let close = Close { code: CloseCode(code), reason: reason.to_owned() };
    check_close(close).map(Command::Close)
}

/// Parses pairs of hexadecimal digits, with or without spaces between.
fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    let mut digits = Vec::new();
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        let digit = character.to_digit(16);
        let digit = digit.ok_or_else(|| format!("'{character}' is not a hexadecimal digit"))?;
        digits.push(u8::try_from(digit).unwrap_or_default());
    }
    if !digits.len().is_multiple_of(2) {
        return Err("the last byte has only one hexadecimal digit".to_owned());
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_parsed() {
        assert_eq!(parse_hex("00 ff1B"), Ok(vec![0, 255, 27]));
        assert_eq!(parse_hex("0g"), Err("'g' is not a hexadecimal digit".into()));
        assert_eq!(parse_hex("123"), Err("the last byte has only one hexadecimal digit".into()));
    }

    fn text(text: &str) -> Command {
        Command::Send(Message::Text(text.into()))
    }

    #[test]
    fn lines_are_messages_unless_they_begin_with_a_slash() {
        assert_eq!(Command::parse("hi /there "), Ok(text("hi /there ")));
        assert_eq!(Command::parse("//ping"), Ok(text("/ping")));
        assert_eq!(Command::parse("///"), Ok(text("//")));
        assert_eq!(Command::parse(""), Ok(text("")));
        assert!(Command::parse("/nonsense").unwrap_err().contains("/help"));
        assert!(Command::parse("/").is_err());
    }

    #[test]
    fn commands_have_arguments() {
        assert_eq!(Command::parse("/ping  a b"), Ok(Command::Ping(b"a b".to_vec())));
        let bytes = Message::Binary(vec![0, 255]);
        assert_eq!(Command::parse("/binary 00 FF"), Ok(Command::Send(bytes)));
        assert_eq!(Command::parse("/file a b.txt"), Ok(Command::File("a b.txt".into())));
        assert_eq!(Command::parse("/json {\"a\": 1}"), Ok(text("{\"a\": 1}")));
        assert_eq!(Command::parse("/json"), Ok(Command::ToggleJson));
        let close = |code, reason: &str| {
            Ok(Command::Close(Close { code: CloseCode(code), reason: reason.into() }))
        };
        assert_eq!(Command::parse("/close"), close(1000, ""));
        assert_eq!(Command::parse("/close 4001 good bye"), close(4001, "good bye"));
    }

    #[test]
    fn invalid_arguments_are_reported() {
        for line in [
            "/binary",
            "/binary 0",
            "/binary xx",
            "/json {",
            "/close 1005",
            "/close 999",
            "/close 5000",
            "/close bye",
            "/file",
        ] {
            assert!(Command::parse(line).is_err(), "{line}");
        }
        let at_the_bound =
            |command: &str, len| Command::parse(&format!("{command}{}", "x".repeat(len)));
        assert!(at_the_bound("/ping ", 125).is_ok());
        assert!(at_the_bound("/ping ", 126).is_err());
        assert!(at_the_bound("/close 1000 ", 123).is_ok());
        assert!(at_the_bound("/close 1000 ", 124).is_err());
    }
}
