//! TLS: certificates from files and of the server's own making, `wss://` over HTTP/1.1 and HTTP/2.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, LazyLock},
    task::{Poll, ready},
    time::{Duration, Instant},
};

use futures::stream;
use h2::{RecvStream, SendStream, client::SendRequest, ext::Protocol};
use harness::{
    Program, Server, binary,
    raw::{self, BINARY, CLOSE, FIN, PING, PONG, TEXT, frame, get, read_frame},
    soon,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use serde_json::{Value, json};
use server::{Certificates, Config, Limits};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::tungstenite::{
    Bytes,
    http::{Request, Response, StatusCode, request},
};
use tokio_util::io::StreamReader;

use super::memory::figure;

/// Certificate that a client trusts.
#[derive(Clone, Debug)]
struct Trust(CertificateDer<'static>);

impl Trust {
    fn connector(&self, alpn: &[&[u8]]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }

    async fn try_connect(
        &self,
        authority: &str,
        alpn: &[&[u8]],
    ) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(authority).await.expect("the server listens");
        let name = ServerName::try_from("localhost").unwrap();
        soon("the TLS handshake", self.connector(alpn).connect(name, stream)).await
    }

    async fn connect(&self, authority: &str) -> TlsStream<TcpStream> {
        self.try_connect(authority, &[b"http/1.1"]).await.expect("the certificate is trusted")
    }

    /// A WebSocket at `/echo`.
    async fn open(&self, authority: &str) -> TlsStream<TcpStream> {
        self.open_at(authority, "/echo").await
    }

    async fn open_at(&self, authority: &str, path: &str) -> TlsStream<TcpStream> {
        let mut stream = self.connect(authority).await;
        let head = raw::shake_hands(&mut stream, path, "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        stream
    }
}

/// The files of a certificate for localhost, in a folder of the test's own.
struct Files {
    chain: PathBuf,
    key: PathBuf,
    _folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name| folder.path().join(name);
        Self { chain: file("chain.pem"), key: file("key.pem"), _folder: folder }
    }

    /// Writes a certificate that no one has seen before, and trusts it.
    fn sign(&self) -> Trust {
        let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&self.chain, signed.cert.pem()).unwrap();
        fs::write(&self.key, signed.signing_key.serialize_pem()).unwrap();
        Trust(signed.cert.der().clone())
    }

    fn start(&self) -> Program {
        start(&self.chain, &self.key)
    }
}

fn start(chain: &Path, key: &Path) -> Program {
    let (chain, key) = (chain.to_str().unwrap(), key.to_str().unwrap());
    Program::server_here(&["--tls-cert", chain, "--tls-key", key])
}

async fn echo(stream: &mut TlsStream<TcpStream>) {
    stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(read_frame(stream).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
}

#[tokio::test]
async fn page_and_websocket_are_there_over_tls() {
    let files = Files::new();
    let trust = files.sign();
    let mut server = files.start();
    let authority = server.address("wss://").await;
    let page = server.address("The page is at https://").await;
    let answer = get(trust.connect(&page).await, "/").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("content-type: text/html"), "{answer}");
    let mut stream = trust.open(&authority).await;
    echo(&mut stream).await;
    let large = vec![7; 1 << 20];
    let (mut read, mut write) = tokio::io::split(stream);
    let sending = async {
        write.write_all(&frame(FIN | BINARY, &large)).await.unwrap();
        write.write_all(&frame(FIN | CLOSE, &1000_u16.to_be_bytes())).await.unwrap();
        write.flush().await.unwrap();
    };
    let reading = async {
        assert!(read_frame(&mut read).await.unwrap() == (FIN | BINARY, large.clone()));
        assert_eq!(raw::close_code(&mut read).await, Some(1000));
    };
    tokio::join!(sending, reading);
}

#[tokio::test]
async fn a_certificate_of_its_own_is_good_for_localhost() {
    let mut server = Program::server_here(&["--tls-self-signed"]);
    let authority = server.address("wss://").await;
    let mut client = tokio::process::Command::new(binary("cli", "wsbench"));
    let url = format!("wss://{authority}");
    client.args([&url, "--insecure", "--json", "-x", "hi", "--expect", "Echo: hi"]);
    let output = soon("the echo", client.stdin(Stdio::null()).output()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let opened: Value =
        serde_json::Deserializer::from_slice(&output.stdout).into_iter().next().unwrap().unwrap();
    // Each once, though the address that it listens at is among them anyway.
    assert_eq!(opened["tls"]["certificates"][0]["names"], json!(["localhost", "127.0.0.1", "::1"]));
}

#[tokio::test]
async fn files_that_cannot_be_used_are_one_sentence_and_status_1() {
    let files = Files::new();
    let other = Files::new();
    let missing = PathBuf::from("/nowhere/at-all.pem");
    let empty = files.chain.with_file_name("empty.pem");
    fs::write(&empty, "").unwrap();
    files.sign();
    other.sign();
    let (chain, key) = (files.chain.display(), other.key.display());
    let wrong_key = format!("The private key in {key} does not match the certificate in {chain}. ");
    for (chain, key, words) in [
        (&missing, &files.key, "Cannot read /nowhere/at-all.pem: "),
        (&files.chain, &missing, "Cannot read /nowhere/at-all.pem: "),
        (&empty, &files.key, "There is no certificate in "),
        (&files.key, &files.key, "There is no certificate in "),
        (&files.chain, &empty, "There is no private key in "),
        (&files.chain, &files.chain, "There is no private key in "),
        (&files.chain, &other.key, &*wrong_key),
    ] {
        let (status, printed, said) = start(chain, key).end().await;
        assert_eq!(status.code(), Some(1), "{said}");
        assert_eq!(printed, [""; 0]);
        assert!(said.starts_with(words), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
}

/// Clients would fail, and the operator would not know why.
#[cfg(unix)]
#[tokio::test]
async fn a_certificate_that_clients_reject_is_a_warning_at_start_and_at_reload() {
    let files = Files::new();
    let key = rcgen::KeyPair::generate().unwrap();
    let sign = |from, until| {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_before = rcgen::date_time_ymd(from, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(until, 1, 1);
        fs::write(&files.chain, parameters.self_signed(&key).unwrap().pem()).unwrap();
    };
    fs::write(&files.key, key.serialize_pem()).unwrap();
    sign(2001, 2002);
    let (chain, key) = (files.chain.to_str().unwrap(), files.key.to_str().unwrap());
    let tls = ["--tls-cert", chain, "--tls-key", key, "--allow-host", "wrong.example"];
    let mut server = Program::server_here(&[&["--admin", "127.0.0.1:0"], &tls[..]].concat());
    let admin = server.admin().await;
    let warning = "WARN Clients will reject the certificate: ";
    let line = server.line_with("WARN").await;
    assert!(line.contains(&format!("{warning}it expired at 2002-01-01T00:00:00Z")), "{line}");
    let line = server.line_with("WARN").await;
    assert!(line.contains(&format!("{warning}it is not for wrong.example")), "{line}");
    server.address("wss://").await;
    let expiry = async || {
        let answer = raw::ask(&admin, "/metrics").await;
        let name = "wsbench_tls_certificate_expiry_timestamp_seconds ";
        let value = answer.lines().find_map(|line| line.strip_prefix(name)).expect("a figure");
        value.parse::<i64>().expect("seconds")
    };
    assert_eq!(expiry().await, 1_009_843_200);
    sign(3001, 3002);
    server.hang_up().await;
    let line = server.line_with("WARN").await;
    assert!(line.contains(&format!("{warning}it is not valid before 3001-01-01")), "{line}");
    assert_eq!(expiry().await, 32_566_752_000);
    sign(2001, 3002);
    server.hang_up().await;
    server.line_with("Certificate reloaded").await;
    let line = server.line_with("WARN").await;
    assert!(line.contains("it is not for wrong.example"), "{line}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_certificate_is_picked_up_again_on_sighup() {
    let files = Files::new();
    let before = files.sign();
    let mut server = files.start();
    let authority = server.address("wss://").await;
    let mut open = before.open(&authority).await;
    let after = files.sign();
    server.hang_up().await;
    server.line_with("Certificate reloaded").await;
    echo(&mut after.open(&authority).await).await;
    assert!(before.try_connect(&authority, &[]).await.is_err(), "the old one is shown no more");
    fs::write(&files.chain, "nonsense").unwrap();
    server.hang_up().await;
    let line = server.line_with("Certificate reload failed, keeping the old one.").await;
    assert!(line.contains("There is no certificate in "), "{line}");
    echo(&mut after.open(&authority).await).await;
    echo(&mut open).await;
}

/// Certificate of the servers in the test's process.
static CERTIFICATE: LazyLock<(Arc<Certificates>, Trust)> = LazyLock::new(|| {
    let files = Files::new();
    let trust = files.sign();
    let read = Certificates::read(files.chain.clone(), files.key.clone()).unwrap();
    (Arc::new(read), trust)
});

/// A client's trust in [`CERTIFICATE`].
fn trust() -> &'static Trust {
    &CERTIFICATE.1
}

/// A server with [`CERTIFICATE`], in the test's process.
async fn secure(limits: Limits) -> Server {
    let tls = Some(Arc::clone(&CERTIFICATE.0));
    Server::start_as(Config { limits, tls, ..Config::default() }).await
}

#[tokio::test]
async fn what_is_no_tls_handshake_is_cut_off() {
    // Far less than the harness waits, and enough for a good handshake on a busy machine.
    let limits = Limits { handshake_timeout: Duration::from_secs(3), ..Limits::DEFAULT };
    let server = secure(limits).await;
    for start in ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "", "\u{16}\u{3}\u{1}"] {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // An alert or nothing, perhaps a reset: the connection is over in any case.
        let _ = soon("the cut", stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP"), "{start:?}");
        echo(&mut trust().open(server.authority()).await).await;
    }
}

/// An HTTP/2 connection on which the server has said that it takes extended CONNECT.
async fn http2(authority: &str) -> SendRequest<Bytes> {
    let stream = trust().try_connect(authority, &[b"h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    http2_over(stream).await
}

/// One on a stream of which the server knows, or is to notice, that it is HTTP/2.
pub(super) async fn http2_over<T>(stream: T) -> SendRequest<Bytes>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let settings = async {
        while !requests.is_extended_connect_protocol_enabled() {
            tokio::task::yield_now().await;
        }
    };
    soon("SETTINGS_ENABLE_CONNECT_PROTOCOL", settings).await;
    requests
}

/// An extended CONNECT (RFC 8441 section 4).
async fn ask(
    requests: &SendRequest<Bytes>,
    protocol: &'static str,
    version: &str,
) -> (Response<RecvStream>, SendStream<Bytes>) {
    let request = Request::connect("https://localhost/echo")
        .header("sec-websocket-version", version)
        .extension(Protocol::from_static(protocol));
    perform(requests, request).await.unwrap()
}

/// One for a WebSocket at `path`.
async fn ask_for(
    requests: &SendRequest<Bytes>,
    path: &str,
) -> Result<(Response<RecvStream>, SendStream<Bytes>), h2::Error> {
    let request = Request::connect(format!("https://localhost{path}"))
        .header("sec-websocket-version", "13")
        .extension(Protocol::from_static("websocket"));
    perform(requests, request).await
}

pub(super) async fn perform(
    requests: &SendRequest<Bytes>,
    request: request::Builder,
) -> Result<(Response<RecvStream>, SendStream<Bytes>), h2::Error> {
    let mut requests = soon("a free stream", requests.clone().ready()).await?;
    let (response, sending) = requests.send_request(request.body(()).unwrap(), false).unwrap();
    Ok((soon("the answer", response).await?, sending))
}

/// A WebSocket that is a stream of HTTP/2.
struct Stream {
    read: Box<dyn AsyncRead + Unpin>,
    write: SendStream<Bytes>,
}

impl Stream {
    async fn open(requests: &SendRequest<Bytes>) -> Self {
        Self::open_at(requests, "/echo").await
    }

    async fn open_at(requests: &SendRequest<Bytes>, path: &str) -> Self {
        let (response, write) = ask_for(requests, path).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let mut body = response.into_body();
        let read = StreamReader::new(stream::poll_fn(move |context| {
            let data = ready!(body.poll_data(context));
            if let Some(Ok(bytes)) = &data {
                body.flow_control().release_capacity(bytes.len()).unwrap();
            }
            Poll::Ready(data.map(|bytes| bytes.map_err(io::Error::other)))
        }));
        Self { read: Box::new(read), write }
    }

    fn send(&mut self, frame: Vec<u8>) {
        self.write.send_data(frame.into(), false).unwrap();
    }

    async fn echo(&mut self, text: &str) {
        self.send(frame(FIN | TEXT, text.as_bytes()));
        let answer = read_frame(&mut self.read).await.unwrap();
        assert_eq!(answer, (FIN | TEXT, text.as_bytes().to_vec()));
    }
}

#[tokio::test]
async fn one_http2_connection_carries_several_websockets() {
    let server = secure(Limits::DEFAULT).await;
    let requests = http2(server.authority()).await;
    let mut first = Stream::open(&requests).await;
    let mut second = Stream::open(&requests).await;
    for number in 0..10 {
        first.echo(&format!("first {number}")).await;
        second.echo(&format!("second {number}")).await;
    }
    first.send(frame(FIN | PING, b"well?"));
    assert_eq!(read_frame(&mut first.read).await.unwrap(), (FIN | PONG, b"well?".to_vec()));
    // Many times the window that a stream has to begin with.
    let large = vec![7; 1 << 20];
    second.send(frame(FIN | BINARY, &large));
    assert!(read_frame(&mut second.read).await.unwrap() == (FIN | BINARY, large));
    first.send(frame(FIN | CLOSE, &1000_u16.to_be_bytes()));
    assert_eq!(raw::close_code(&mut first.read).await, Some(1000));
    let mut third = Stream::open(&requests).await;
    third.write.send_reset(h2::Reason::CANCEL);
    second.echo("still here").await;
    second.send(vec![FIN | TEXT, 2, b'h', b'i']);
    assert_eq!(raw::close_code(&mut second.read).await, Some(1002));
}

#[tokio::test]
async fn http2_needs_no_tls() {
    let server = Server::start_with(Limits { connections: 2, ..Limits::DEFAULT }).await;
    let stream = TcpStream::connect(server.authority()).await.unwrap();
    let requests = http2_over(stream).await;
    let mut first = Stream::open(&requests).await;
    first.echo("hi").await;
    // The limits are those of HTTP/2 over TLS.
    let (full, _) = ask(&requests, "websocket", "13").await;
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE);
    first.echo("still here").await;
}

/// Its request is answered long before: the files wait for the client to read them.
#[tokio::test]
async fn a_file_is_sent_whole_over_http2_however_slow_the_client_is() {
    const PAUSE: Duration = Duration::from_millis(100);
    let limits = Limits { handshake_timeout: Duration::from_secs(1), ..Limits::DEFAULT };
    let server = Server::start_with(limits).await;
    let page = raw::ask(server.authority(), "/").await;
    let wasm = page.split(['"', '\'']).find(|it| it.ends_with("_bg.wasm")).expect("a module");
    let requests = http2_over(TcpStream::connect(server.authority()).await.unwrap()).await;
    let file = Request::get(format!("http://localhost{wasm}")).header("accept-encoding", "br");
    let (answer, _) = perform(&requests, file).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let began = Instant::now();
    let (mut body, mut len) = (answer.into_body(), 0);
    while let Some(data) = soon("more of the file", body.data()).await {
        len += data.as_ref().expect("the connection lasts").len();
        tokio::time::sleep(PAUSE).await;
        body.flow_control().release_capacity(data.unwrap().len()).unwrap();
    }
    assert!(len > 100_000, "{len} bytes");
    assert!(began.elapsed() > 2 * limits.handshake_timeout, "{:?}", began.elapsed());
}

/// hyper can neither reset one WebSocket nor free what it holds for it.
#[tokio::test]
async fn an_http2_connection_that_holds_too_much_ends_with_all_its_websockets() {
    const UNREAD: &str = "/stream?size=16MiB&rate=max";
    let server = Server::start_with(Limits { memory: 8 << 20, ..Limits::DEFAULT }).await;
    let mut friend = raw::open(server.authority(), "/echo").await;
    let stream = TcpStream::connect(server.authority()).await.unwrap();
    let requests = http2_over(stream).await;
    let mut unread = Vec::new();
    for _ in 0..10 {
        unread.push(ask_for(&requests, UNREAD).await.unwrap());
    }
    // Of each, what waits for hyper (64 KiB) and what hyper holds at most (80 KiB).
    let counted = async {
        while figure(&server, "wsbench_memory_held_bytes").await < 10 * ((64 + 80) << 10) {
            tokio::task::yield_now().await;
        }
    };
    soon("the count", counted).await;
    while let Ok(one) = ask_for(&requests, UNREAD).await {
        unread.push(one);
    }
    assert!(unread.len() < 100, "{}", unread.len());
    let freed = async {
        while figure(&server, "wsbench_memory_held_bytes").await > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon("the end", freed).await;
    assert!(figure(&server, "wsbench_shed_total{reason=\"memory\"}").await > 0);
    friend.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    assert_eq!(read_frame(&mut friend).await.unwrap(), (FIN | TEXT, b"hi".to_vec()));
}

/// hyper holds what a client sends until it is read, which here is late or slow on purpose.
#[tokio::test]
async fn what_http2_may_hold_of_a_client_that_is_not_read_is_counted() {
    const WINDOW: usize = 256 << 10;
    for path in ["/slow?read=1/s", "/echo?delay=1m"] {
        let server = Server::start_with(Limits { waiting: 1_000, ..Limits::DEFAULT }).await;
        let stream = TcpStream::connect(server.authority()).await.unwrap();
        let requests = http2_over(stream).await;
        let mut held = Stream::open_at(&requests, path).await;
        let idle = async { while figure(&server, "wsbench_memory_held_bytes").await > 0 {} };
        soon("a connection that holds nothing", idle).await;
        held.send(frame(FIN | BINARY, &[7; 1_000]));
        let counted = async {
            while figure(&server, "wsbench_memory_held_bytes").await < WINDOW {
                tokio::task::yield_now().await;
            }
        };
        soon(path, counted).await;
    }
}

/// A proxy, or the network, may cut it anywhere.
#[tokio::test]
async fn a_preface_of_http2_may_come_in_pieces() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /// A SETTINGS frame without settings.
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    let server = Server::start().await;
    for cut in [1, 3, 4, 20] {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(&PREFACE[..cut]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(&PREFACE[cut..]).await.unwrap();
        stream.write_all(SETTINGS).await.unwrap();
        let mut head = [0; 9];
        soon("the server's SETTINGS", stream.read_exact(&mut head)).await.unwrap();
        assert_eq!(head[3], 4, "{cut}: {head:?}");
    }
    // Neither is a request that only begins like it.
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    stream.write_all(b"P").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stream.write_all(b"OST /ws HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    assert!(raw::read_head(&mut stream).await.starts_with("HTTP/1.1 405 "));
}

#[tokio::test]
async fn the_authority_of_http2_is_checked() {
    let server = Server::start().await;
    let stream = TcpStream::connect(server.authority()).await.unwrap();
    let requests = http2_over(stream).await;
    for path in ["/", "/metrics", "/endpoints.json"] {
        let get = Request::get(format!("http://evil.example{path}"));
        let (refused, _) = perform(&requests, get).await.unwrap();
        assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
        let get = Request::get(format!("http://localhost{path}"));
        let (answer, _) = perform(&requests, get).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let both = Request::get(format!("http://localhost{path}")).header("host", "evil.example");
        let (refused, _) = perform(&requests, both).await.unwrap();
        assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    let open = Request::connect("https://evil.example/chat/room")
        .header("sec-websocket-version", "13")
        .extension(Protocol::from_static("websocket"));
    let (refused, _) = perform(&requests, open).await.unwrap();
    assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_stop_closes_websockets_over_http2_with_1001() {
    let server = secure(Limits::DEFAULT).await;
    let requests = http2(server.authority()).await;
    let mut stream = Stream::open(&requests).await;
    stream.echo("hi").await;
    let closing = async {
        let (first, payload) = read_frame(&mut stream.read).await.unwrap();
        assert_eq!(first, FIN | CLOSE);
        assert!(payload.starts_with(&1001_u16.to_be_bytes()), "{payload:?}");
        stream.write.send_data(frame(FIN | CLOSE, &payload[..2]).into(), true).unwrap();
    };
    tokio::join!(server.stop(), closing);
}

#[tokio::test]
async fn over_http2_too_a_handshake_is_checked() {
    let server = secure(Limits::DEFAULT).await;
    let requests = http2(server.authority()).await;
    let (refused, _) = ask(&requests, "websocket", "8").await;
    assert!(refused.status().is_client_error(), "{refused:?}");
    assert_eq!(refused.headers()["sec-websocket-version"], "13");
    let (refused, _) = ask(&requests, "connect-udp", "13").await;
    assert!(refused.status().is_client_error(), "{refused:?}");
    Stream::open(&requests).await.echo("hi").await;
}

/// Else one connection would be a hundred.
#[tokio::test]
async fn each_websocket_over_http2_needs_a_place() {
    let server = secure(Limits { connections: 3, ..Limits::DEFAULT }).await;
    let requests = http2(server.authority()).await;
    let mut first = Stream::open(&requests).await;
    let mut second = Stream::open(&requests).await;
    let (full, _) = ask(&requests, "websocket", "13").await;
    assert_eq!(full.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(full.headers()["retry-after"], "5");
    first.send(frame(FIN | CLOSE, &[]));
    assert_eq!(read_frame(&mut first.read).await.unwrap(), (FIN | CLOSE, Vec::new()));
    let freed =
        async { while ask(&requests, "websocket", "13").await.0.status() != StatusCode::OK {} };
    soon("a free place", freed).await;
    second.echo("still here").await;
}

#[tokio::test]
async fn a_report_tells_of_tls_and_http2() {
    let server = secure(Limits::DEFAULT).await;
    let mut stream = trust().open_at(server.authority(), "/handshake").await;
    let (_, text) = read_frame(&mut stream).await.unwrap();
    let seen = serde_json::from_slice::<Value>(&text).unwrap();
    assert_eq!(seen["tls"]["version"], "TLSv1_3");
    assert_eq!(
        (&seen["tls"]["alpn"], &seen["tls"]["server_name"]),
        (&json!("http/1.1"), &json!("localhost"))
    );
    assert!(seen["tls"]["cipher_suite"].as_str().unwrap().starts_with("TLS13_"), "{seen}");
    let requests = http2(server.authority()).await;
    let mut stream = Stream::open_at(&requests, "/handshake?over=http2").await;
    let (_, text) = read_frame(&mut stream.read).await.unwrap();
    let seen = serde_json::from_slice::<Value>(&text).unwrap();
    assert_eq!((&seen["method"], &seen["http"]), (&json!("CONNECT"), &json!("HTTP/2.0")));
    assert_eq!((&seen["path"], &seen["query"]), (&json!("/handshake"), &json!("over=http2")));
    assert_eq!(seen["tls"]["alpn"], "h2");
}

#[tokio::test]
async fn a_connection_over_tls_ends_without_a_word_too() {
    let server = secure(Limits::DEFAULT).await;
    let mut rest = Vec::new();
    let mut stream = trust().open_at(server.authority(), "/abort?how=fin").await;
    soon("the end", stream.read_to_end(&mut rest)).await.expect("an end in order");
    let mut stream = trust().open_at(server.authority(), "/abort?how=rst&after=1").await;
    stream.write_all(&frame(FIN | TEXT, b"hi")).await.unwrap();
    let error = soon("the reset", stream.read_to_end(&mut rest)).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}

/// An aborted WebSocket leaves the others of its HTTP/2 connection alone.
#[tokio::test]
async fn over_http2_a_stream_is_what_ends() {
    let server = secure(Limits::DEFAULT).await;
    let requests = http2(server.authority()).await;
    let mut other = Stream::open(&requests).await;
    for how in ["fin", "rst"] {
        let mut stream = Stream::open_at(&requests, &format!("/abort?how={how}")).await;
        let mut rest = Vec::new();
        soon("the end", stream.read.read_to_end(&mut rest)).await.expect("an end in order");
        assert!(rest.is_empty(), "{how}: {rest:?}");
    }
    for stage in ["accept", "handshake"] {
        let path = format!("/hang?stage={stage}&for=50ms");
        let error = ask_for(&requests, &path).await.expect_err("the stream is reset");
        assert!(error.is_reset(), "{stage}: {error}");
    }
    for fault in ["wrong-accept", "missing-accept"] {
        let (refused, _) = ask_for(&requests, &format!("/fault/{fault}")).await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{fault}");
    }
    let mut slow = Stream::open_at(&requests, "/slow?write=1KiB/s").await;
    slow.echo("slowly").await;
    other.echo("still here").await;
}
