//! Prompt, on a pseudo-terminal.

use std::path::PathBuf;

use harness::{PATIENCE, Server, binary, wsbench};
use rexpect::{error::Error, session::PtySession as Terminal};
use tokio::process::Command;

use crate::{close_with, other_server};

/// Runs `wsbench` on a pseudo-terminal with the steps of `act`. Returns the exit status.
async fn on_a_terminal(
    arguments: &[&str],
    history: PathBuf,
    act: impl FnOnce(&mut Terminal) -> Result<(), Error> + Send + 'static,
) -> i32 {
    let mut command = wsbench(arguments);
    command.env("WSBENCH_HISTORY", history);
    on_a_terminal_of(command, |terminal| {
        terminal.exp_string("Connected to server")?;
        terminal.exp_string("> ")?;
        act(terminal)?;
        terminal.exp_eof()?;
        // `Exited(Pid(7), 0)`: a type that rexpect does not re-export.
        let ended = format!("{:?}", terminal.process().wait()?);
        let code =
            ended.trim_end_matches(')').rsplit(' ').next().and_then(|code| code.parse().ok());
        Ok(code.unwrap_or_else(|| panic!("it ended with {ended}")))
    })
    .await
}

/// Runs `command` on a pseudo-terminal without colors. Returns the result of `act`.
async fn on_a_terminal_of<T: Send + 'static>(
    mut command: Command,
    act: impl FnOnce(&mut Terminal) -> Result<T, Error> + Send + 'static,
) -> T {
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let session = tokio::task::spawn_blocking(move || {
        let patience = PATIENCE.as_millis().try_into().ok();
        act(&mut rexpect::session::spawn_command(command.into_std(), patience)?)
    });
    session.await.unwrap().unwrap()
}

const NORMAL_END: &str = "Disconnected from server: 1000 (normal closure)";

#[tokio::test]
async fn messages_and_commands_are_typed() {
    let server = Server::start().await;
    let status = on_a_terminal(&[&server.ws("/")], PathBuf::new(), |terminal| {
        terminal.send_line("hi")?;
        terminal.exp_string("Received: Echo: hi")?;
        terminal.send_line("//not a command")?;
        terminal.exp_string("Received: Echo: /not a command")?;
        terminal.send_line("/binary 1b5b 41")?;
        terminal.exp_string("Received: 3 bytes of binary data: 1b 5b 41")?;
        terminal.send_line("/ping abc")?;
        terminal.exp_regex("Pong received after .*: abc")?;
        terminal.send_line("/stats")?;
        terminal.exp_string("Sent:        3 messages, 19 bytes")?;
        terminal.send_line("/help")?;
        terminal.exp_string("/close [CODE [REASON]]")?;
        terminal.send_line("/nonsense")?;
        terminal.exp_string("Unknown command /nonsense")?;
        terminal.send_line("/json {")?;
        terminal.exp_string("invalid JSON")?;
        terminal.send_line("/json")?;
        terminal.exp_string("JSON is indented.")?;
        terminal.send_line(concat!("/file ", env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))?;
        terminal.exp_string("Cargo.toml: ")?;
        terminal.exp_string("bytes as text")?;
        terminal.exp_string("Received: Echo: [package]")?;
        terminal.send_line("/file /no-such-file")?;
        terminal.exp_string("Not sent: /no-such-file cannot be read")?;
        terminal.send_line("/file /dev/zero")?;
        terminal.exp_string("Not sent: /dev/zero cannot be read: it is not a file.")?;
        terminal.send_control('d')?;
        terminal.exp_string(NORMAL_END).map(drop)
    })
    .await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn raw_output_without_a_prompt_stays_on_the_terminal() {
    let server = Server::start().await;
    let rest = on_a_terminal_of(wsbench(&[&server.ws("/"), "--raw"]), |terminal| {
        terminal.exp_string("Connected to server")?;
        terminal.send_line("hi")?;
        terminal.exp_string("Echo: hi")?;
        terminal.send_control('d')?;
        terminal.exp_eof()
    })
    .await;
    assert!(rest.contains(NORMAL_END) && !rest.contains("\x1b[J"), "{rest:?}");
}

/// A message that ends with the input needs no second Ctrl-D: a terminal could be read on.
#[tokio::test]
async fn one_ctrl_d_ends_the_input_without_a_prompt() {
    let server = Server::start().await;
    let rest = on_a_terminal_of(wsbench(&[&server.ws("/"), "--binary"]), |terminal| {
        terminal.exp_string("Connected to server")?;
        terminal.send_line("hi")?;
        terminal.send_control('d')?;
        terminal.exp_string("Received: 3 bytes of binary data: 68 69 0a")?;
        terminal.exp_eof()
    })
    .await;
    assert!(rest.contains(NORMAL_END), "{rest:?}");
}

#[tokio::test]
async fn a_line_over_the_limit_is_not_sent() {
    let server = Server::start().await;
    let status =
        on_a_terminal(&[&server.ws("/echo"), "--max-message", "6"], PathBuf::new(), |terminal| {
            terminal.send_line("1234567")?;
            terminal.exp_string("Not sent: more than 6 bytes; --max-message")?;
            terminal.send_line("123456")?;
            terminal.exp_string("Received: 123456")?;
            terminal.send_control('d')?;
            terminal.exp_string(NORMAL_END).map(drop)
        })
        .await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn a_talk_at_the_prompt_is_written_down_when_it_is_interrupted() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("talk.ws");
    let path = file.to_str().expect("it is UTF-8");
    let arguments = ["record", &server.ws("/"), "-o", path];
    let status = on_a_terminal(&arguments, PathBuf::new(), |terminal| {
        terminal.send_line("hi")?;
        terminal.exp_string("Received: Echo: hi")?;
        terminal.send_control('c')?;
        terminal.exp_string("Wrote ").map(drop)
    })
    .await;
    assert_eq!(status, 0);
    let written = std::fs::read_to_string(file).expect("it was written");
    let expected = format!("connect {}\n> \"hi\"\n<~ \"Echo: hi\"\nclose 1000\n", server.ws("/"));
    assert_eq!(written, expected);
}

#[tokio::test]
async fn frames_are_typed_as_the_protocol_allows_and_as_it_does_not() {
    let server = Server::start().await;
    let arguments = [&*server.ws("/"), "--show-control", "--compression", "off"];
    on_a_terminal(&arguments, PathBuf::new(), |terminal| {
        terminal.send_line("/fragment 2 abcde")?;
        terminal.exp_string("Received: Echo: abcde")?;
        terminal.send_line("/pong abc")?;
        terminal.exp_string("Pong sent: abc")?;
        terminal.send_line("/raw 81 82 00 00 00 00 68 69")?;
        terminal.exp_string("Sent raw: 8 bytes")?;
        terminal.exp_string("Received: Echo: hi")?;
        terminal.send_line("/fragment 0 abc")?;
        terminal.exp_string("The size of a fragment must be at least 1 byte.")?;
        terminal.send_line("/raw 8")?;
        terminal.exp_string("Not sent: a byte has two digits. Write 0f for f.")?;
        terminal.send_line("/close 999")?;
        terminal.exp_string("Sent anyway: a Close frame must not contain 999")?;
        terminal.exp_string("Close frame sent: 999").map(drop)
    })
    .await;
}

#[tokio::test]
async fn pasted_lines_are_all_sent() {
    let server = Server::start().await;
    let status = on_a_terminal(&[&server.ws("/")], PathBuf::new(), |terminal| {
        terminal.send("one\rtwo\rthree\r")?;
        terminal.flush()?;
        for text in ["one", "two", "three"] {
            terminal.exp_string(&format!("Received: Echo: {text}"))?;
        }
        terminal.send_control('d')
    })
    .await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn a_server_cannot_move_the_cursor() {
    let url = other_server(async |mut socket| {
        use futures::{SinkExt, StreamExt};
        use tokio_tungstenite::tungstenite::Message;
        socket.next().await;
        let forged = "\u{1b}[2Jgone\u{202e}\nConnected to server";
        socket.send(Message::text(forged)).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    on_a_terminal(&[&url], PathBuf::new(), |terminal| {
        terminal.send_line("hi")?;
        terminal.exp_string(r"Received: \u{1b}[2Jgone\u{202e}")?;
        terminal.exp_string("\n          Connected to server")?;
        terminal.send_control('d')
    })
    .await;
}

#[tokio::test]
async fn a_text_wider_than_the_terminal_goes_on_indented() {
    let server = Server::start().await;
    let mut command = Command::new("sh");
    let sized = ["-c", "stty cols 40 rows 24 && exec \"$@\"", "sh"];
    command.args(sized).arg(binary("cli", "wsbench")).args([&server.ws("/"), "--count", "1"]);
    command.args(["-x", &"A".repeat(60)]);
    let printed = on_a_terminal_of(command, |terminal| terminal.exp_eof()).await;
    let (first, second) = ("A".repeat(24), "A".repeat(30));
    let shown = format!("Received: Echo: {first}\r\n          {second}\r\n          AAAAAA\r\n");
    assert!(printed.contains(&shown), "{printed:?}");
}

/// Text of a server that would set the title and turn the text around, after a line break.
const HOSTILE: &str = "a\n\u{1b}]0;title\u{7}\u{202e}b";

/// Runs `wsbench` without a prompt on a pseudo-terminal, against a hostile server; returns all that it
/// prints.
async fn printed_without_prompt(flags: &[&str]) -> String {
    let url = other_server(async |mut socket| {
        use futures::{SinkExt, StreamExt};
        use tokio_tungstenite::tungstenite::Message;
        socket.send(Message::text(HOSTILE)).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let arguments = [&[&*url, "--count", "1"], flags].concat();
    on_a_terminal_of(wsbench(&arguments), |terminal| terminal.exp_eof()).await
}

#[tokio::test]
async fn without_a_prompt_a_terminal_is_protected_too() {
    let printed = printed_without_prompt(&[]).await;
    let shown = "Received: a\r\n          \\u{1b}]0;title\\u{7}\\u{202e}b\r\n";
    assert!(printed.contains(shown), "{printed:?}");
    let printed = printed_without_prompt(&["--json"]).await;
    assert!(printed.contains(r"\u001b]0;title\u0007\u202eb"), "{printed:?}");
}

#[tokio::test]
async fn raw_on_a_terminal_warns() {
    let printed = printed_without_prompt(&["--raw"]).await;
    let warning = "With --raw, messages of the server can control this terminal.";
    assert!(printed.contains(warning) && printed.contains("\u{1b}]0;title"), "{printed:?}");
}

#[tokio::test]
async fn a_partial_line_survives_output() {
    let url = other_server(async |mut socket| {
        use futures::{SinkExt, StreamExt};
        use tokio_tungstenite::tungstenite::Message;
        while let Some(Ok(message)) = socket.next().await {
            if message.is_ping() {
                socket.send(Message::text("in between")).await.unwrap();
            } else if message.is_text() {
                socket.send(message).await.unwrap();
            }
        }
    })
    .await;
    on_a_terminal(&[&url, "--ping", "100ms"], PathBuf::new(), |terminal| {
        terminal.send("half a ")?;
        terminal.flush()?;
        // Above the prompt, which is repainted with the partial line.
        for _ in 0..2 {
            terminal.exp_string("Received: in between")?;
            terminal.exp_string("> half a ")?;
        }
        terminal.send_line("line")?;
        terminal.exp_string("Received: half a line")?;
        terminal.send_control('d')
    })
    .await;
}

#[tokio::test]
async fn ctrl_c_closes_cleanly() {
    let server = Server::start().await;
    let status = on_a_terminal(&[&server.ws("/")], PathBuf::new(), |terminal| {
        terminal.send_control('c')?;
        terminal.exp_string(NORMAL_END).map(drop)
    })
    .await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn a_second_ctrl_c_exits_though_the_peer_does_not_answer() {
    let url = other_server(async |_socket| std::future::pending().await).await;
    let status = on_a_terminal(&[&url, "--show-control"], PathBuf::new(), |terminal| {
        terminal.send_control('c')?;
        terminal.exp_string("Close frame sent")?;
        terminal.send_control('c')
    })
    .await;
    assert_eq!(status, 130);
}

#[tokio::test]
async fn close_sends_code_and_reason() {
    let server = Server::start().await;
    let status = on_a_terminal(&[&server.ws("/")], PathBuf::new(), |terminal| {
        terminal.send_line("/close 4000 see you")?;
        terminal.exp_string("Disconnected from server: 4000").map(drop)
    })
    .await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn a_close_by_the_server_restores_the_terminal() {
    let url = other_server(async |mut socket| {
        use futures::StreamExt;
        socket.next().await;
        close_with(&mut socket, 1011, "broken").await;
    })
    .await;
    let status = on_a_terminal(&[&url], PathBuf::new(), |terminal| {
        terminal.send_line("hi")?;
        terminal.exp_string("Disconnected from server: 1011")?;
        // Bracketed paste is off again.
        terminal.exp_string("\u{1b}[?2004l").map(drop)
    })
    .await;
    assert_eq!(status, 4);
}

#[tokio::test]
async fn a_line_that_cannot_be_sent_is_reported_and_recalled() {
    let server = Server::start().await;
    let url = server.ws("/");
    let runtime = tokio::runtime::Handle::current();
    let status = on_a_terminal(&[&url, "--reconnect"], PathBuf::new(), move |terminal| {
        let stopped = runtime.block_on(server.stop());
        terminal.exp_string("Disconnected from server: 1001")?;
        terminal.exp_string("Trying again in ")?;
        terminal.send_line("hello?")?;
        terminal.exp_string("Not sent: not connected.")?;
        let _server = runtime.block_on(async { stopped.restart() });
        terminal.exp_string("Connected to server")?;
        // Arrow up.
        terminal.send_line("\u{1b}[A")?;
        terminal.exp_string("Received: Echo: hello?")?;
        terminal.send_control('d')?;
        // Dropped, the server stops.
        terminal.exp_string(NORMAL_END).map(drop)
    })
    .await;
    assert_eq!(status, 0);
}

#[tokio::test]
async fn history_is_kept_across_runs() {
    let server = Server::start().await;
    let url = server.ws("/");
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history");
    on_a_terminal(&[&url], history.clone(), |terminal| {
        terminal.send_line("remember me")?;
        terminal.exp_string("Received: Echo: remember me")?;
        terminal.send_control('d')
    })
    .await;
    on_a_terminal(&[&url], history.clone(), |terminal| {
        terminal.send("\u{1b}[A")?;
        terminal.flush()?;
        terminal.exp_string("remember me")?;
        terminal.send_line("!")?;
        terminal.exp_string("Received: Echo: remember me!")?;
        terminal.send_control('d')
    })
    .await;
}
