//! Line typed at the prompt: a message, or a command that begins with `/`.

use std::path::PathBuf;

use session::{Close, CloseCode, Instruction, Message};
use workbench::payload::{HexError, decode_hex};

use super::control::{check, check_reason};

/// Meaning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Instruction: a message or frame to send.
    Instruction(Instruction),
    /// Switch of the indentation of received JSON.
    ToggleJson,
    /// `/file PATH`: sends the content of a file.
    File(PathBuf),
    /// `/stats`: prints counts and round trips.
    Stats,
    /// `/help`: prints the commands.
    Help,
}

/// Output of `/help`. One line a command.
pub(crate) const HELP: &str = "\
/ping [DATA]            send a ping and show its round-trip time
/pong [DATA]            send an unsolicited pong
/close [CODE [REASON]]  close the connection, with any code, even invalid ones; 1005 sends none
/fragment N TEXT        send TEXT in frames of N bytes
/raw HEX                send raw bytes, without a frame
/binary HEX             send bytes, like /binary 00 ff 1b
/json [TEXT]            send TEXT if it is valid JSON; alone: indent received JSON, on or off
/file PATH              send a file: as text if it is UTF-8, else as binary
/stats                  messages, bytes and round-trip times so far
/help                   show this list
//TEXT                  send /TEXT; any other line is sent as typed
Ctrl-C or Ctrl-D closes the connection; arrow up recalls earlier lines.";

impl Command {
    /// Parses a line. The error is a sentence. A line without `/` is a text message; `//` stands
    /// for one slash.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let Some(rest) = line.strip_prefix('/') else {
            return Ok(Self::text(line));
        };
        if rest.starts_with('/') {
            return Ok(Self::text(rest));
        }
        let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let argument = argument.trim();
        match name {
            "ping" => Self::checked(Instruction::Ping(argument.into())),
            "pong" => Self::checked(Instruction::Pong(argument.into())),
            "close" => close(argument).map(Instruction::Close).map(Self::Instruction),
            "fragment" => fragment(argument).and_then(Self::checked),
            "raw" if argument.is_empty() => Err("/raw needs bytes, like /raw 81 02 68 69".into()),
            "raw" => parse_hex(argument).map(Instruction::Raw).map(Self::Instruction),
            "binary" if argument.is_empty() => {
                Err("/binary needs bytes, like /binary 00 ff".into())
            }
            "binary" => parse_hex(argument)
                .map(|bytes| Self::Instruction(Instruction::Send(Message::Binary(bytes)))),
            "json" if argument.is_empty() => Ok(Self::ToggleJson),
            "json" => match serde_json::from_str::<serde_json::Value>(argument) {
                Ok(_) => Ok(Self::text(argument)),
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

    /// Instruction, if it may be sent.
    fn checked(instruction: Instruction) -> Result<Self, String> {
        check(&instruction)?;
        Ok(Self::Instruction(instruction))
    }

    fn text(text: &str) -> Self {
        Self::Instruction(Instruction::Send(Message::Text(text.to_owned())))
    }
}

/// Parses `/fragment N TEXT`.
fn fragment(argument: &str) -> Result<Instruction, String> {
    let (size, text) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let size = size.parse();
    let size = size.map_err(|_| "/fragment needs a frame size, like /fragment 5 TEXT")?;
    let message = Message::Text(text.trim_start().to_owned());
    Ok(Instruction::Fragments(message, size))
}

/// Parses `/close [CODE [REASON]]`. Any code is accepted, as a test of the server.
fn close(argument: &str) -> Result<Close, String> {
    let (code, reason) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let reason = reason.trim();
    if code.is_empty() {
        return Ok(Close::normal());
    }
    let code = code.parse().map_err(|_| format!("'{code}' is not a close code."))?;
    check_reason(reason)?;
    let close = Close { code: CloseCode(code), reason: reason.to_owned() };
    if code == CloseCode::NO_STATUS.0 && !reason.is_empty() {
        return Err("A Close frame without a code (1005) has no reason.".to_owned());
    }
    Ok(close)
}

/// Parses bytes in hexadecimal. The column of an error is left out: it counts within the argument.
fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    decode_hex(text).map_err(|error| match error {
        HexError::Character { found, .. } => {
            format!("Not sent: {found:?} is not a hexadecimal digit (0 to 9, a to f).")
        }
        HexError::HalfPair { .. } => "Not sent: a byte has two digits. Write 0f for f.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_parsed() {
        assert_eq!(parse_hex("00 ff1B"), Ok(vec![0, 255, 27]));
        let error = |sentence: &str| Err(format!("Not sent: {sentence}"));
        let digit = "is not a hexadecimal digit (0 to 9, a to f).";
        assert_eq!(parse_hex("0g"), error(&format!("'g' {digit}")));
        assert_eq!(parse_hex("00\u{a0}ff"), error(&format!(r"'\u{{a0}}' {digit}")));
        assert_eq!(parse_hex("123"), error("a byte has two digits. Write 0f for f."));
    }

    fn text(text: &str) -> Command {
        Command::Instruction(Instruction::Send(Message::Text(text.into())))
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
        for (line, instruction) in [
            ("/ping  a b", Instruction::Ping(b"a b".to_vec())),
            ("/pong a", Instruction::Pong(b"a".to_vec())),
            ("/raw 00 FF", Instruction::Raw(vec![0, 255])),
            ("/fragment 2 a  b ", Instruction::Fragments(Message::Text("a  b".into()), 2)),
            ("/binary 00 FF", Instruction::Send(Message::Binary(vec![0, 255]))),
        ] {
            assert_eq!(Command::parse(line), Ok(Command::Instruction(instruction)), "{line}");
        }
        assert_eq!(Command::parse("/file a b.txt"), Ok(Command::File("a b.txt".into())));
        assert_eq!(Command::parse("/json {\"a\": 1}"), Ok(text("{\"a\": 1}")));
        assert_eq!(Command::parse("/json"), Ok(Command::ToggleJson));
        let close = |code, reason: &str| {
            let close = Close { code: CloseCode(code), reason: reason.into() };
            Ok(Command::Instruction(Instruction::Close(close)))
        };
        assert_eq!(Command::parse("/close"), close(1000, ""));
        assert_eq!(Command::parse("/close 4001 good bye"), close(4001, "good bye"));
        // Codes that no endpoint may send: they test a server.
        assert_eq!(Command::parse("/close 1005"), close(1005, ""));
        assert_eq!(Command::parse("/close 999"), close(999, ""));
    }

    #[test]
    fn invalid_arguments_are_reported() {
        for line in [
            "/binary", "/binary 0", "/binary xx", "/json {", "/close 1005 why", "/close 65536",
            "/close bye", "/raw", "/raw 0", "/fragment", "/fragment hi", "/fragment 0 hi", "/file",
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
