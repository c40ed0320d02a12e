//! `wsbench server` as a program: output, start and end.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use harness::{Program, connect, release_binary, server_command, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

/// The WebSocket address in the line that says where the server runs.
async fn url(server: &mut Program) -> String {
    format!("ws://{}", server.address("WebSocket server is running on ws://").await)
}

#[tokio::test]
async fn it_prints_what_happens_on_a_connection() {
    let mut server = Program::server_here(&[]);
    let url = url(&mut server).await;
    let mut client = connect(&url).await;
    let connected = server.line_with("Client connected").await;
    assert!(connected.contains("connection=1 peer=127.0.0.1:"), "{connected}");
    client.send(Message::text("안녕\u{1b}[31m\n\u{202e}\u{200f}world")).await.unwrap();
    let received = server.line_with("Received: ").await;
    assert!(received.contains(r"Received: 안녕\u{1b}[31m\n\u{202e}\u{200f}world"), "{received}");
    client.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    server.line_with("Received: 3 bytes of binary data").await;
    let frame = CloseFrame { code: CloseCode::from(4001), reason: "".into() };
    client.close(Some(frame)).await.unwrap();
    let disconnected = server.line_with("Client disconnected").await;
    assert!(disconnected.contains("connection=1"), "{disconnected}");
    assert!(disconnected.contains("code=4001"), "{disconnected}");
}

#[tokio::test]
async fn a_flood_is_counted_not_printed() {
    const MESSAGES: usize = 5_000;
    let mut server = Program::server_here(&[]);
    let url = url(&mut server).await;
    let (mut sink, stream) = connect(&url).await.split();
    let start = Instant::now();
    let sending = async {
        for _ in 0..MESSAGES {
            sink.feed(Message::text("x".repeat(1_000))).await.unwrap();
        }
        sink.flush().await.unwrap();
    };
    let receiving = stream.take(MESSAGES).count();
    let printing = async {
        let (mut printed, mut counted) = (0, 0);
        while printed + counted < MESSAGES {
            let line = server.line_with("eceived").await;
            if let Some((before, _)) = line.split_once(" more messages were received") {
                counted += before.rsplit(' ').next().unwrap().parse::<usize>().expect("a number");
            } else {
                assert!(line.contains("Received: xxx"), "{line}");
                assert!(line.len() < 400, "long text is cut: {line}");
                printed += 1;
            }
        }
        (printed, counted)
    };
    let all = async { tokio::join!(sending, receiving, printing) };
    let ((), _, (printed, counted)) = soon("the flood's end", all).await;
    assert_eq!(printed + counted, MESSAGES, "every message is printed or counted, once");
    // Twenty in the second that the flood takes; a slow machine may need more seconds for it.
    let seconds = usize::try_from(start.elapsed().as_secs()).unwrap() + 1;
    assert!((20..=20 * seconds).contains(&printed), "{printed} lines in {seconds} s");
}

#[tokio::test]
async fn a_port_in_use_is_one_sentence_and_status_1() {
    let mut first = Program::server(&["--listen", "localhost:0"]);
    let taken = url(&mut first).await.replace("ws://", "");
    let (status, printed, said) = Program::server(&["--listen", &taken]).end().await;
    assert_eq!(status.code(), Some(1));
    assert_eq!(printed, [""; 0]);
    let port = taken.rsplit_once(':').unwrap().1;
    let expected = format!(
        "Port {port} on localhost is already in use. Stop the program that uses it, or choose another \
         port with --listen localhost:PORT (0 picks a free one).\n"
    );
    assert_eq!(said, expected);
}

#[tokio::test]
async fn it_listens_where_flags_or_the_environment_say() {
    let by_flags = Program::server_here(&["--listen", "localhost:0"]);
    let mut command = server_command(&[]);
    command.env("WSBENCH_LISTEN", "127.0.0.1:0,localhost:0");
    for mut server in [by_flags, Program::start(&mut command)] {
        for _ in 0..2 {
            let url = url(&mut server).await;
            connect(&url).await;
        }
    }
}

/// A browser need not connect to the address that stands for all.
#[tokio::test]
async fn the_page_of_a_server_that_listens_everywhere_is_at_a_loopback_address() {
    for (listen, host) in [(":0", "localhost:"), ("0.0.0.0:0", "127.0.0.1:")] {
        let mut server = Program::server(&["--listen", listen]);
        let page = server.address("The page is at http://").await;
        assert!(page.starts_with(host), "{page}");
        connect(&format!("ws://{page}")).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_to_stop_ends_it_cleanly() {
    let mut server = Program::server_here(&[]);
    let url = url(&mut server).await;
    let client = connect(&url).await;
    server.terminate().await;
    let reading = client.collect::<Vec<_>>();
    let (messages, (status, lines, _)) = tokio::join!(reading, server.end());
    let close = messages[0].as_ref().expect("a Close frame");
    assert!(
        matches!(close, Message::Close(Some(frame)) if u16::from(frame.code) == 1001),
        "{close}"
    );
    assert!(status.success(), "{status}");
    assert!(lines.iter().any(|line| line.contains("code=1001")), "{lines:?}");
}

/// A path for a port file that is not there yet.
fn port_file() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("port").to_str().unwrap().to_owned();
    (folder, path)
}

/// The ports in the file, once it is there: it is whole then.
async fn ports(path: &str) -> Vec<u16> {
    let written = async {
        loop {
            if let Ok(text) = std::fs::read_to_string(path) {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let text = soon("the port file", written).await;
    assert!(text.ends_with('\n'), "{text:?}");
    text.lines().map(|port| port.parse().expect("a port")).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn a_port_file_says_where_it_listens_while_it_does() {
    let (_folder, path) = port_file();
    std::fs::write(&path, "0\n").unwrap();
    let listen = ["--listen", "0", "--listen", ":0", "--admin", "127.0.0.1:0"];
    let server = Program::server(&[&listen[..], &["--port-file", &path]].concat());
    // That of an earlier run is gone before this one is written.
    let fresh = async { while ports(&path).await == [0] {} };
    soon("a new file", fresh).await;
    let ports = ports(&path).await;
    assert_eq!(ports.len(), 2, "{ports:?}");
    for port in ports {
        connect(&format!("ws://localhost:{port}")).await;
        connect(&format!("ws://127.0.0.1:{port}")).await;
    }
    server.terminate().await;
    assert!(server.end().await.0.success());
    assert!(!std::path::Path::new(&path).exists());
}

#[tokio::test]
async fn a_port_file_that_cannot_be_is_one_sentence_and_status_1() {
    let (folder, path) = port_file();
    let nowhere = format!("{path}/port");
    std::fs::write(&path, "").unwrap();
    let folder = folder.path().to_str().unwrap();
    for (file, words) in [(folder, "is not a regular file"), (&nowhere, "Cannot write ")] {
        let arguments = ["--listen", "127.0.0.1:0", "--port-file", file];
        let (status, _, said) = Program::server(&arguments).end().await;
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn it_says_what_it_can_hold() {
    let limits = ["--max-connections", "7", "--max-memory", "64MiB"];
    let mut server = Program::server_here(&limits);
    server.line_with("INFO Capacity: 7 connections, 64.0 MiB held for clients").await;
}

/// The command of a server that may open so many files.
#[cfg(unix)]
fn with_open_files(files: u32) -> tokio::process::Command {
    let server = server_command(&[]);
    let program = server.as_std().get_program();
    let mut command = tokio::process::Command::new("sh");
    let script = format!("ulimit -n {files} && exec \"$0\" server --listen 127.0.0.1:0");
    command.args(["-c", &script]).arg(program).env_remove("RUST_LOG");
    command
}

#[cfg(unix)]
#[tokio::test]
async fn its_capacity_is_what_the_open_files_allow() {
    let mut server = Program::start(&mut with_open_files(500));
    let line = server.line_with("INFO Capacity: ").await;
    assert!(line.contains("218 connections") && line.contains("500 open files"), "{line}");
    url(&mut server).await;
}

#[cfg(unix)]
#[tokio::test]
async fn without_room_for_a_connection_it_does_not_start() {
    let none = ["--listen", "127.0.0.1:0", "--max-connections", "0"];
    for (mut command, words) in [
        (with_open_files(64), "open files, 64, allows no connections"),
        (server_command(&none), "--max-connections 0 allows no connections"),
    ] {
        let (status, lines, said) = Program::start(&mut command).end().await;
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(!lines.iter().any(|line| line.contains("running")), "{lines:?}");
    }
}

#[tokio::test]
async fn a_log_filter_that_is_none_is_one_sentence_and_status_1() {
    let mut command = server_command(&["--listen", "127.0.0.1:0"]);
    let (status, _, said) = Program::start(command.env("RUST_LOG", "garbage===")).end().await;
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.starts_with("RUST_LOG='garbage===' is not a log filter: "), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
}

/// A server whose log is a pipe that is full and that nobody reads; and the reading end of the pipe.
#[cfg(unix)]
async fn unread(arguments: &[&str]) -> (tokio::process::Child, u16, impl Sized) {
    let (sender, receiver) = tokio::net::unix::pipe::pipe().unwrap();
    sender.writable().await.unwrap();
    let mut filled = 0;
    for block in [&[b'.'; 4096][..], b"."] {
        while let Ok(len) = sender.try_write(block) {
            filled += len;
        }
    }
    assert!(filled > 0, "the pipe takes something");
    let (_folder, path) = port_file();
    let listen = ["--listen", "127.0.0.1:0", "--port-file", &path];
    let server = server_command(&[&listen[..], arguments].concat())
        .env("RUST_LOG", "trace")
        .stdout(sender.into_blocking_fd().unwrap())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let port = ports(&path).await[0];
    (server, port, receiver)
}

/// Makes a server at the level `trace` log many more lines than it keeps for a slow reader: HTTP/2 logs
/// each frame.
#[cfg(unix)]
async fn fill_log(port: u16) {
    const PINGS: usize = 2_000;
    /// A PING frame and its payload.
    const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut read, mut write) = stream.split();
    let start = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let sent = [&start[..], &PING.repeat(PINGS)].concat();
    let mut answers = vec![0; PING.len() * PINGS];
    let all = async { tokio::try_join!(write.write_all(&sent), read.read_exact(&mut answers)) };
    soon("all pongs", all).await.unwrap();
}

#[cfg(unix)]
async fn terminate(server: &tokio::process::Child) {
    let id = server.id().expect("it runs").to_string();
    let killed = tokio::process::Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(killed.unwrap().success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_that_nobody_reads_does_not_hold_its_end() {
    let (mut server, port, _pipe) = unread(&["--drain", "1s"]).await;
    fill_log(port).await;
    let client = connect(&format!("ws://127.0.0.1:{port}")).await;
    terminate(&server).await;
    let (status, _) = tokio::join!(soon("its end", server.wait()), client.collect::<Vec<_>>());
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_ends_it_though_nobody_reads_its_log() {
    let (mut server, port, _pipe) = unread(&["--drain", "10m", "--close-timeout", "10m"]).await;
    let mut client = harness::raw::open(&format!("127.0.0.1:{port}"), "/echo").await;
    terminate(&server).await;
    // It drains, and waits for an answer that does not come.
    let (first, _) = harness::raw::read_frame(&mut client).await.unwrap();
    assert_eq!(first, harness::raw::FIN | harness::raw::CLOSE);
    terminate(&server).await;
    let status = soon("its end", server.wait()).await.unwrap();
    assert_eq!(status.code(), Some(130));
}

/// The wasm file is most of the page; if its compressed bytes are in the binary, the page is.
#[tokio::test]
async fn the_release_binary_carries_the_page() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
    let files = std::fs::read_dir(&dist).expect("dist/ is there: `cargo xtask build` makes it");
    let wasm = files
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .expect("the page has a wasm file");
    let page = std::fs::read(wasm.with_added_extension("br")).unwrap();
    let program = std::fs::read(release_binary("cli", "wsbench")).unwrap();
    assert!(
        program.windows(page.len()).any(|window| window == page),
        "the release binary does not carry the page in dist/"
    );
}
