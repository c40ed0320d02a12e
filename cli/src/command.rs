//! What a person types at the prompt: a message, or a command that begins with `/`.

use std::path::PathBuf;

use session::{Close, CloseCode, Message};

use crate::quantity::{from_hex, show_count};

/// Bytes in the payload of a control frame, at most (RFC 6455 section 5.5).
const CONTROL: usize = 125;

/// Bytes in the reason of a Close frame, at most: its code takes two.
const REASON: usize = CONTROL - 2;

/// A line of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Send(Message),
    Ping(Vec<u8>),
    Close(Close),
    /// Show JSON that comes indented, or no longer.
    ToggleJson,
    File(PathBuf),
    Stats,
    Help,
}

/// What `/help` says.
pub(crate) const HELP: &str = "\
/ping [DATA]            send a ping; its round trip is shown
/close [CODE] [REASON]  close the connection
/binary HEX             send bytes, like /binary 00 ff 1b
/json [TEXT]            send TEXT if it is JSON; alone: show JSON that comes indented, or no longer
/file PATH              send a file: as text if it is UTF-8, else as binary
/stats                  messages, bytes and round trips so far
/help                   this
//TEXT                  send /TEXT; any other line is sent as it is
Ctrl-C or Ctrl-D closes the connection; arrow up brings back what was typed.";

impl Command {
    /// Reads a line, or says what is wrong with it.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
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
            "binary" => match from_hex(argument) {
                Ok(bytes) => Ok(Self::Send(Message::Binary(bytes))),
                Err(why) => Err(format!("Not sent: {why}.")),
            },
            "json" if argument.is_empty() => Ok(Self::ToggleJson),
            "json" => match serde_json::from_str::<serde_json::Value>(argument) {
                Ok(_) => Ok(Self::Send(Message::Text(argument.to_owned()))),
                Err(error) => Err(format!("Not sent: this is not JSON: {error}.")),
            },
            "file" if argument.is_empty() => Err("/file needs a path".into()),
            "file" => Ok(Self::File(argument.into())),
            "stats" => Ok(Self::Stats),
            "help" | "?" => Ok(Self::Help),
            _ => Err(format!(
                "There is no command /{name}; /help lists them. To send a line that begins with /, \
                 write it with two."
            )),
        }
    }
}

fn ping(data: &str) -> Result<Command, String> {
    match data.len() {
        0..=CONTROL => Ok(Command::Ping(data.as_bytes().to_vec())),
        len => {
            Err(format!("A ping carries {CONTROL} bytes at most, not {}.", show_count(len as u64)))
        }
    }
}

fn close(argument: &str) -> Result<Command, String> {
    let (code, reason) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let reason = reason.trim();
    if code.is_empty() {
        return Ok(Command::Close(Close { code: CloseCode::NORMAL, reason: String::new() }));
    }
    let may_be_sent = |code: &u16| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    let Some(number) = code.parse().ok().filter(may_be_sent) else {
        return Err(format!(
            "{code} cannot be sent: a close code is 1000 to 1014 or 3000 to 4999."
        ));
    };
    if reason.len() > REASON {
        return Err(format!("A reason has {REASON} bytes at most, not {}.", reason.len()));
    }
    Ok(Command::Close(Close { code: CloseCode(number), reason: reason.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Command {
        Command::Send(Message::Text(text.into()))
    }

    #[test]
    fn lines_are_messages_unless_they_begin_with_a_slash() {
        assert_eq!(Command::read("hi /there "), Ok(text("hi /there ")));
        assert_eq!(Command::read("//ping"), Ok(text("/ping")));
        assert_eq!(Command::read("///"), Ok(text("//")));
        assert_eq!(Command::read(""), Ok(text("")));
        assert!(Command::read("/nonsense").unwrap_err().contains("/help"));
        assert!(Command::read("/").is_err());
    }

    #[test]
    fn commands_are_read_with_their_arguments() {
        assert_eq!(Command::read("/ping  a b"), Ok(Command::Ping(b"a b".to_vec())));
        let bytes = Message::Binary(vec![0, 255]);
        assert_eq!(Command::read("/binary 00 FF"), Ok(Command::Send(bytes)));
        assert_eq!(Command::read("/file a b.txt"), Ok(Command::File("a b.txt".into())));
        assert_eq!(Command::read("/json {\"a\": 1}"), Ok(text("{\"a\": 1}")));
        assert_eq!(Command::read("/json"), Ok(Command::ToggleJson));
        let close = |code, reason: &str| {
            Ok(Command::Close(Close { code: CloseCode(code), reason: reason.into() }))
        };
        assert_eq!(Command::read("/close"), close(1000, ""));
        assert_eq!(Command::read("/close 4001 good bye"), close(4001, "good bye"));
    }

    #[test]
    fn wrong_arguments_are_named() {
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
            assert!(Command::read(line).is_err(), "{line}");
        }
        let at_the_bound =
            |command: &str, len| Command::read(&format!("{command}{}", "x".repeat(len)));
        assert!(at_the_bound("/ping ", 125).is_ok());
        assert!(at_the_bound("/ping ", 126).is_err());
        assert!(at_the_bound("/close 1000 ", 123).is_ok());
        assert!(at_the_bound("/close 1000 ", 124).is_err());
    }
}
