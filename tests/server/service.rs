//! `wsbench server` under a service manager: sockets that are handed over, readiness, watchdog.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::Stdio,
    time::Duration,
};

use futures::{SinkExt, StreamExt};
use harness::{
    Program, connect,
    raw::{get, read_head, shake_hands},
    server_command, soon,
};
use tokio::{io::AsyncWriteExt, net::TcpStream, process::Command, task::spawn_blocking};
use tokio_tungstenite::tungstenite::Message;

/// Time for a notification to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server to which `socket` is handed over as a socket of this name, as systemd does it: it is file 3.
fn start_with(socket: TcpListener, name: &str, arguments: &[&str]) -> Program {
    let server = server_command(arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", "export LISTEN_PID=$$; exec \"$0\" \"$@\" 3<&0 </dev/null"]);
    shell.arg(server.as_std().get_program()).args(server.as_std().get_args());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WSBENCH_")) {
        shell.env_remove(name);
    }
    shell.env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", name).env("RUST_LOG", "info");
    Program::start_with(&mut shell, Stdio::from(OwnedFd::from(socket)))
}

/// A listening socket, and its `HOST:PORT`.
fn socket() -> (TcpListener, String) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = socket.local_addr().unwrap().to_string();
    (socket, authority)
}

async fn is_listening(authority: &str, path: &str) -> bool {
    match TcpStream::connect(authority).await {
        Ok(stream) => get(stream, path).await.contains(" 200 "),
        Err(_) => false,
    }
}

#[tokio::test]
async fn a_socket_that_is_handed_over_takes_the_place_of_those_of_listen() {
    let (socket, authority) = socket();
    // The client connects before the server starts: that is what such a socket is for.
    let mut early = TcpStream::connect(&authority).await.unwrap();
    let mut server = start_with(socket, "connections", &["--listen", "127.0.0.1:0"]);
    let announced = server.address("WebSocket server is running on ws://").await;
    assert_eq!(announced, authority, "that of --listen would come first");
    assert!(shake_hands(&mut early, "/ws", "").await.contains(" 101 "));
    let mut client = connect(&format!("ws://{authority}/ws")).await;
    client.send(Message::text("hi")).await.unwrap();
    let answer = soon("the echo", client.next()).await.unwrap().unwrap();
    assert_eq!(answer, Message::text("Echo: hi"));
}

#[tokio::test]
async fn the_host_check_holds_for_a_socket_that_is_handed_over() {
    let (socket, authority) = socket();
    let mut server = start_with(socket, "connections", &[]);
    server.line_with("WebSocket server is running").await;
    for (host, status) in [("localhost", 200), ("127.0.0.1", 200), ("rebound.example", 421)] {
        let mut stream = TcpStream::connect(&authority).await.unwrap();
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let head = read_head(&mut stream).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {head}");
    }
}

#[tokio::test]
async fn a_socket_by_the_name_of_admin_has_health_and_metrics() {
    let (socket, authority) = socket();
    let mut server = start_with(socket, "admin", &["--listen", "127.0.0.1:0"]);
    let public = server.address("WebSocket server is running on ws://").await;
    assert!(is_listening(&authority, "/readyz").await);
    assert!(!is_listening(&public, "/readyz").await);
}

#[tokio::test]
async fn it_tells_the_service_manager_that_it_is_ready_alive_and_stopping_and_outlives_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = server_command(&["--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    let mut server = Program::start(&mut command);
    let until = |state: &'static str| {
        let manager = manager.try_clone().unwrap();
        spawn_blocking(move || {
            loop {
                let mut said = [0; 256];
                let len = manager.recv(&mut said).expect("the server tells its state");
                let said = String::from_utf8_lossy(&said[..len]);
                if said.lines().any(|line| line == state) {
                    return;
                }
            }
        })
    };
    until("READY=1").await.unwrap();
    let authority = server.address("WebSocket server is running on ws://").await;
    assert!(is_listening(&authority, "/readyz").await, "ready means that it listens");
    until("WATCHDOG=1").await.unwrap();
    server.hang_up().await;
    server.line_with("Nothing to reload").await;
    until("WATCHDOG=1").await.unwrap();
    server.terminate().await;
    until("STOPPING=1").await.unwrap();
    assert!(server.end().await.0.success());
}
