//! Relay: its rules (`docs/relay.md`), each a test, but for those of the page, and what it passes on.

mod bounds;
mod conversation;
mod destinations;
mod failures;
mod secrets;
mod tls;
mod users;

use harness::{
    raw::{self, OPENING, status},
    relayed::{RelayClient, to},
    soon,
};
use relay::Open;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

/// The status of the answer to a handshake with `/relay`.
pub(super) async fn shake_hands(authority: &str, host: &str, origin: &[&str]) -> String {
    let mut stream = TcpStream::connect(authority).await.expect("the server listens");
    let origin = origins(origin);
    let request = format!("GET /relay HTTP/1.1\r\nHost: {host}\r\n{OPENING}{origin}\r\n");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    status(&raw::read_head(&mut stream).await).to_owned()
}

/// Answers the next request with a redirect. Returns its head.
pub(super) async fn redirect(from: &Listener, to: &str) -> String {
    let (mut stream, head) = from.request().await;
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    head
}

/// A page with an open connection to a target of the test, through the server at `authority`.
pub(super) async fn connected(
    authority: &str,
    open: impl FnOnce(Open) -> Open,
) -> (RelayClient, TcpStream) {
    let target = Listener::start().await;
    let open = open(to(&format!("ws://127.0.0.1:{}", target.port)));
    let (page, stream) = tokio::join!(RelayClient::connected(authority, open), target.accept());
    (page.0, stream)
}

/// Header lines of these origins.
pub(super) fn origins(origins: &[&str]) -> String {
    origins.iter().fold(String::new(), |lines, origin| format!("{lines}Origin: {origin}\r\n"))
}

/// A target that is a listener of the test: a page gets there only if the relay connects.
pub(super) struct Listener {
    listener: TcpListener,
    pub(super) port: u16,
}

impl Listener {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    /// The next connection, with the head of its request.
    pub(super) async fn request(&self) -> (TcpStream, String) {
        let (mut stream, _) = soon("a connection", self.listener.accept()).await.unwrap();
        let head = raw::read_head(&mut stream).await;
        (stream, head)
    }

    /// The next connection, after its opening handshake.
    pub(super) async fn accept(&self) -> TcpStream {
        let (mut stream, head) = self.request().await;
        let offered = head.contains("permessage-deflate");
        let deflate = "Sec-WebSocket-Extensions: permessage-deflate
";
        raw::accept(&mut stream, &head, if offered { deflate } else { "" }).await;
        stream
    }

    /// Fails if anybody connected before.
    pub(super) async fn saw_nobody(&self) {
        let own = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (_, first) = self.listener.accept().await.unwrap();
        assert_eq!(first, own.local_addr().unwrap(), "the relay connected");
    }
}
