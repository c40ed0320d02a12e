//! `wsbench` as a program: in a pipe, at a terminal, and when things go wrong.

use std::process::Stdio;

use futures::{SinkExt, StreamExt};
use harness::{Program, Server, binary, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};

fn wsbench(arguments: &[&str]) -> Program {
    Program::start(Command::new(binary("terminal", "wsbench")).args(arguments))
}

#[tokio::test]
async fn piped_lines_are_sent_and_answers_printed() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/")]);
    wsbench.write("hi\n안녕 🙂\n\nno line break at the end").await;
    wsbench.end_input();
    let (status, lines, said) = wsbench.end().await;
    let expected = [
        "Connected to server",
        "Received: Echo: hi",
        "Received: Echo: 안녕 🙂",
        "Received: Echo: ",
        "Received: Echo: no line break at the end",
        "Disconnected from server: 1000 (normal closure)",
    ];
    assert_eq!(lines, expected);
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn what_execute_names_is_sent_first_and_in_order() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/ws"), "-x", "one", "-x", "two"]);
    wsbench.write("three\n").await;
    wsbench.end_input();
    let (status, lines, _) = wsbench.end().await;
    assert_eq!(
        lines[1..4],
        ["Received: Echo: one", "Received: Echo: two", "Received: Echo: three"]
    );
    assert!(status.success());
}

#[tokio::test]
async fn answers_come_while_the_input_is_open() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/ws")]);
    wsbench.line_with("Connected to server").await;
    for text in ["one", "two"] {
        wsbench.write(&format!("{text}\n")).await;
        assert_eq!(wsbench.line().await.unwrap(), format!("Received: Echo: {text}"));
    }
    wsbench.end_input();
    assert!(wsbench.end().await.0.success());
}

/// More than fits into all buffers between: one who only writes would wait for ever.
#[tokio::test]
async fn a_large_input_passes_whole() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/echo")]);
    let mut input = wsbench.input();
    let line = "x".repeat(99_999) + "\n";
    let writing = async move {
        for _ in 0..300 {
            input.write_all(line.as_bytes()).await.unwrap();
        }
    };
    let (status, lines, said) =
        soon("all answers", async { tokio::join!(writing, wsbench.end()).1 }).await;
    let received = lines.iter().filter(|line| line.starts_with("Received: xxx")).count();
    assert_eq!((received, status.code(), said.as_str()), (300, Some(0), ""));
}

/// A server that takes one connection and does with it what `conduct` says.
async fn other_server<F, C>(conduct: F) -> String
where
    F: FnOnce(tokio::net::TcpStream) -> C + Send + 'static,
    C: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        conduct(stream).await;
    });
    url
}

#[tokio::test]
async fn the_servers_close_code_and_reason_are_printed() {
    let url = other_server(async |stream| {
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let frame = CloseFrame { code: CloseCode::from(4001), reason: "go home".into() };
        socket.close(Some(frame)).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let (status, lines, _) = wsbench(&[&url]).end().await;
    assert_eq!(
        lines.last().unwrap(),
        "Disconnected from server: 4001 (a code of the application's own): go home"
    );
    assert!(status.success());
}

#[tokio::test]
async fn a_close_in_the_middle_of_sending_is_printed_too() {
    let url = other_server(async |stream| {
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        socket.next().await.unwrap().unwrap();
        let frame = CloseFrame { code: CloseCode::from(4002), reason: "enough".into() };
        socket.close(Some(frame)).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let mut wsbench = wsbench(&[&url]);
    let mut input = wsbench.input();
    // Ends when the program has ended and nobody reads any more.
    let writing = async move { while input.write_all(b"and another thing\n").await.is_ok() {} };
    let ((), (status, lines, said)) =
        soon("the end", async { tokio::join!(writing, wsbench.end()) }).await;
    let last = lines.last().unwrap();
    assert!(last.starts_with("Disconnected from server: 4002"), "{last}; {said}");
    assert!(status.success());
}

#[tokio::test]
async fn late_answers_are_waited_for() {
    let url = other_server(async |stream| {
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        let question = socket.next().await.unwrap().unwrap();
        // Later than the input's end, which the client's Close frame would follow at once.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        socket.send(question).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let mut wsbench = wsbench(&[&url]);
    wsbench.write("slow\n").await;
    wsbench.end_input();
    let (status, lines, _) = wsbench.end().await;
    assert!(lines.contains(&"Received: slow".to_owned()), "{lines:?}");
    assert!(status.success());
}

#[tokio::test]
async fn answers_that_never_come_are_not_waited_for_for_ever() {
    let url = other_server(async |stream| {
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        while socket.next().await.is_some() {}
    })
    .await;
    let mut wsbench = wsbench(&[&url]);
    wsbench.write("hello?\n").await;
    wsbench.end_input();
    assert!(wsbench.end().await.0.success());
}

/// Each ends with status 1 and one sentence that contains the words.
async fn fails(url: &str, words: &str) {
    let (status, lines, said) = wsbench(&[url]).end().await;
    assert_eq!(status.code(), Some(1), "{url}");
    assert_eq!(lines, [""; 0], "{url}");
    assert!(said.contains(words), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
}

#[tokio::test]
async fn a_refused_connection_is_a_sentence() {
    fails("ws://127.0.0.1:1", "Is the server running?").await;
    fails("ws://localhost:1", "Nothing answers at ws://localhost:1").await;
}

#[tokio::test]
async fn an_address_that_is_none_is_a_sentence() {
    for url in ["nonsense", "http://localhost:8080", "ws://", "ws://localhost:port", ""] {
        fails(url, "is not a WebSocket address").await;
    }
    fails("wss://localhost:1", "needs TLS").await;
}

#[tokio::test]
async fn an_address_may_be_written_in_capitals() {
    let server = Server::start().await;
    let mut wsbench = wsbench(&[&server.ws("/").replace("ws://localhost", "WS://LocalHost")]);
    wsbench.line_with("Connected to server").await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let url = other_server(async |mut stream| {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    fails(&url, "did not answer within 10 s").await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn output_that_cannot_be_written_is_not_a_success() {
    let server = Server::start().await;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(binary("terminal", "wsbench"));
    let command = command.arg(server.ws("/")).stdin(Stdio::null()).stdout(full);
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let output = soon("the end", child.wait_with_output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("Cannot write to standard output"), "{said}");
}

#[tokio::test]
async fn an_http_answer_is_a_sentence_with_its_status() {
    let server = Server::start().await;
    fails(&server.ws("/no-such-path"), "HTTP status 404 Not Found").await;
}

#[tokio::test]
async fn a_server_that_speaks_something_else_is_a_sentence() {
    let url = other_server(async |mut stream| {
        stream.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    fails(&url, "does not complete the WebSocket handshake").await;
}

#[cfg(unix)]
type Terminal = rexpect::session::PtySession;

/// Runs `wsbench URL` at a pseudo-terminal, as `act` does what a person does there.
#[cfg(unix)]
async fn at_a_terminal(url: String, act: fn(&mut Terminal) -> Result<(), rexpect::error::Error>) {
    let mut command = std::process::Command::new(binary("terminal", "wsbench"));
    command.arg(url);
    let session = tokio::task::spawn_blocking(move || {
        let patience = harness::PATIENCE.as_millis().try_into().ok();
        let mut terminal = rexpect::session::spawn_command(command, patience)?;
        terminal.exp_string("Connected to server")?;
        act(&mut terminal)?;
        terminal.exp_string("Disconnected from server: 1000 (normal closure)")?;
        terminal.exp_eof().map(drop)
    });
    session.await.unwrap().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn at_a_terminal_a_person_types_and_reads() {
    let server = Server::start().await;
    at_a_terminal(server.ws("/"), |terminal| {
        terminal.send_line("hi")?;
        terminal.exp_string("Received: Echo: hi")?;
        terminal.send_line("\u{1b}[31mred")?;
        // The terminal's own echo of the keys aside, the answer cannot colour the screen.
        terminal.exp_string(r"Received: Echo: \u{1b}[31mred")?;
        terminal.send_control('d')
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_closes_cleanly() {
    let server = Server::start().await;
    at_a_terminal(server.ws("/"), |terminal| terminal.send_control('c')).await;
}
