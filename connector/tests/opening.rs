//! Openings over loopback: what each stage leaves in the record, whether it succeeds or not.

use std::time::Duration;

use connector::{ConnectError, Connection, Route, Stage, Target, connect};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Server that does `answer` with its first connection. Returns its authority.
async fn server<F>(answer: impl FnOnce(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { answer(listener.accept().await.unwrap().0).await });
    authority
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// Answers a request as RFC 6455 wants it, and sends `rest` with it.
async fn accept(stream: &mut TcpStream, rest: &str) {
    let head = read_head(stream).await;
    let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
    let accept = protocol::accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n{rest}"
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

fn direct() -> Route {
    Route::Direct { family: None, resolutions: Vec::new() }
}

async fn open(url: &str, route: Route, timeout: Duration) -> Result<Connection, ConnectError> {
    let target = Target { route, timeout, ..Target::new(url.parse().unwrap()) };
    connect(&target, &|_| {}).await
}

/// Longer than any of these tests takes.
const LONG: Duration = Duration::from_secs(30);

fn stages(opening: &connector::OpeningReport) -> Vec<Stage> {
    opening.times.iter().map(|(stage, _)| stage).collect()
}

#[tokio::test]
async fn the_handshake_is_recorded_whole_in_both_directions() {
    let authority = server(async |mut stream| accept(&mut stream, "rest").await).await;
    let connection = open(&format!("ws://{authority}/a?b"), direct(), LONG).await.unwrap();
    let opening = connection.opening;
    assert_eq!(stages(&opening), [Stage::Name, Stage::Tcp, Stage::Http]);
    assert_eq!(opening.address.unwrap().to_string(), authority);
    let request = opening.request.unwrap();
    assert!(request.starts_with("GET /a?b HTTP/1.1\r\n") && request.ends_with("\r\n\r\n"));
    let response = opening.response.unwrap();
    assert_eq!((response.status, &*response.reason), (101, "Switching Protocols"));
    assert_eq!(response.headers.len(), 3);
    assert_eq!(connection.rest, b"rest");
}

#[tokio::test]
async fn a_refusal_leaves_its_response_in_the_record() {
    let authority = server(async |mut stream| {
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 404 No\r\nx: y\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let error = open(&format!("ws://{authority}"), direct(), LONG).await.err().unwrap();
    let response = error.opening().response.as_ref().unwrap();
    assert_eq!((response.status, error.status()), (404, Some(404)));
    assert_eq!(response.headers[0], ("x".to_owned(), "y".to_owned()));
    assert!(error.is_permanent());
}

#[tokio::test]
async fn the_way_through_a_proxy_is_a_stage_of_its_own() {
    let authority = server(async |mut stream| {
        let head = read_head(&mut stream).await;
        assert!(head.starts_with("CONNECT far.invalid:80 HTTP/1.1\r\n"), "{head}");
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        accept(&mut stream, "").await;
    })
    .await;
    let route = Route::Proxy(format!("http://{authority}").parse().unwrap());
    let connection = open("ws://far.invalid", route, LONG).await.unwrap();
    let expected = [Stage::Name, Stage::Tcp, Stage::Proxy, Stage::Http];
    assert_eq!(stages(&connection.opening), expected);
}

#[tokio::test]
async fn a_socks_proxy_gets_the_name_and_the_password() {
    let authority = server(async |mut stream| {
        let mut methods = vec![0; 2];
        stream.read_exact(&mut methods).await.unwrap();
        let mut offered = vec![0; usize::from(methods[1])];
        stream.read_exact(&mut offered).await.unwrap();
        assert!(offered.contains(&2), "{offered:?}");
        stream.write_all(&[5, 2]).await.unwrap();
        // RFC 1929: version 1, name, password.
        let mut login = [0; 7];
        stream.read_exact(&mut login).await.unwrap();
        assert_eq!(&login, b"\x01\x02me\x02pw");
        stream.write_all(&[1, 0]).await.unwrap();
        let mut request = [0; 5 + 11 + 2];
        stream.read_exact(&mut request).await.unwrap();
        assert_eq!(&request, b"\x05\x01\x00\x03\x0bfar.invalid\x00\x50");
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await.unwrap();
        accept(&mut stream, "").await;
    })
    .await;
    let route = Route::Proxy(format!("socks5://me:pw@{authority}").parse().unwrap());
    open("ws://far.invalid", route, LONG).await.unwrap();
}

#[tokio::test]
async fn a_time_limit_names_the_stage_that_was_under_way() {
    let silent = || server(async |mut stream| drop(stream.read_to_end(&mut Vec::new()).await));
    let limit = Duration::from_millis(200);
    let url = format!("ws://{}", silent().await);
    let error = open(&url, direct(), limit).await.err().unwrap();
    let sentence = error.to_string();
    assert!(sentence.contains("within 0.2 s: the opening handshake was not done"), "{sentence}");
    assert!(error.opening().times.get(Stage::Http).unwrap() <= limit * 50);
    let route = Route::Proxy(format!("http://{}", silent().await).parse().unwrap());
    let sentence = open("ws://far.invalid", route, limit).await.err().unwrap().to_string();
    assert!(sentence.contains("the tunnel through the proxy was not done"), "{sentence}");
}

#[tokio::test]
async fn a_head_without_end_is_refused_at_its_bound() {
    let authority = server(async |mut stream| {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 101 x\r\na: ").await;
        while stream.write_all(&[b'a'; 1 << 10]).await.is_ok() {}
    })
    .await;
    let error = open(&format!("ws://{authority}"), direct(), LONG).await.err().unwrap();
    assert!(error.to_string().contains("longer than 64 KiB"), "{error}");
}
