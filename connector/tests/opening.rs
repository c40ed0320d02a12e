//! Openings over loopback: what each stage leaves in the record, whether it succeeds or not.

use std::{sync::Mutex, time::Duration};

use connector::{
    Advice, ConnectError, Connection, ErrorKind, Limits, OpeningStep, Resolver, Route, Stage,
    Target, TlsOptions, connect, tls_connector,
};
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
    assert_eq!(request.start_line(), b"GET /a?b HTTP/1.1");
    assert!(request.as_bytes().ends_with(b"\r\n\r\n"));
    let response = opening.response.unwrap();
    assert_eq!((response.status, &*response.reason()), (101, "Switching Protocols"));
    assert_eq!(response.head.headers().count(), 3);
    assert_eq!(connection.rest, b"rest");
}

#[tokio::test]
async fn a_refusal_leaves_its_response_in_the_record() {
    let authority = server(async |mut stream| {
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 404 No\r\nx: \xe9\r\ncontent-length: 2\r\n\r\nno";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let error = open(&format!("ws://{authority}"), direct(), LONG).await.err().unwrap();
    let response = error.opening().response.as_ref().unwrap();
    assert_eq!((response.status, error.status()), (404, Some(404)));
    assert_eq!(response.head.headers().next(), Some(("x", &b"\xe9"[..])));
    assert_eq!(response.body, b"no");
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

/// Server that reads, and never answers.
async fn silent() -> String {
    server(async |mut stream| drop(stream.read_to_end(&mut Vec::new()).await)).await
}

#[tokio::test]
async fn a_time_limit_names_the_stage_that_took_too_long() {
    let short = Duration::from_millis(200);
    let authority = silent().await;
    let tls = TlsOptions { insecure: true, ..TlsOptions::default() };
    let secure = Target {
        tls: Some(tls_connector(&tls).unwrap()),
        ..Target::new(format!("wss://{}", silent().await).parse().unwrap())
    };
    let far = Target::new("ws://far.invalid".parse().unwrap());
    let unnamed = Resolver::new(async |_, _| std::future::pending().await);
    let proxy = Route::Proxy(format!("http://{}", silent().await).parse().unwrap());
    for (target, stage, advice, words) in [
        (
            Target { resolver: unnamed, ..far.clone() },
            Stage::Name,
            Advice::CheckNameServer,
            "the name resolution",
        ),
        (
            Target { route: proxy, ..far },
            Stage::Proxy,
            Advice::CheckProxy,
            "the tunnel through the proxy",
        ),
        (secure, Stage::Tls, Advice::CheckTls, "the TLS handshake"),
        (
            Target::new(format!("ws://{authority}").parse().unwrap()),
            Stage::Http,
            Advice::CheckServer,
            "the opening handshake",
        ),
    ] {
        let limits = Limits::each(LONG).with(stage, short);
        let target = Target { timeout: LONG, limits, ..target };
        let error = connect(&target, &|_| {}).await.err().unwrap();
        assert_eq!(error.advice(), Some(advice), "{error}");
        let sentence = format!("{} did not answer within 0.2 s: {words} was not done.", target.url);
        assert_eq!((error.to_string(), error.kind()), (sentence, ErrorKind::TimedOut(stage)));
        assert_eq!(error.kind().to_string(), format!("{words} timed out"));
        assert!(error.opening().times.get(stage).unwrap() >= short);
    }
}

#[tokio::test]
async fn a_refusal_comes_with_its_advice() {
    for (status, advice) in [
        ("301 Moved", Some(Advice::FollowRedirects)),
        ("401 Unauthorized", Some(Advice::GiveCredentials)),
        ("404 Not Found", Some(Advice::CheckPath)),
        ("403 Forbidden", None),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let authority = server(async move |mut stream| {
            read_head(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let url = format!("ws://{authority}");
        let error = open(&url, direct(), LONG).await.err().unwrap();
        assert_eq!(error.advice(), advice);
        let words = format!("{url} answered with HTTP status {status} instead of");
        assert!(error.to_string().starts_with(&words) && !error.to_string().contains("--"));
    }
}

#[tokio::test]
async fn an_answer_of_a_proxy_is_told_from_a_wrong_address() {
    let credentials = Some(Advice::GiveProxyCredentials);
    for (proxy, answer, advice, is_permanent) in [
        ("http", &b"HTTP/1.1 407 No\r\n\r\n"[..], credentials, true),
        ("http", b"HTTP/1.1 502 No\r\n\r\n", None, false),
        ("http", b"220 mail\r\n", Some(Advice::CheckProxy), false),
        // No method is acceptable; a wrong password; the host is unreachable.
        ("socks5", b"\x05\xff", credentials, true),
        ("socks5://me:pw@", b"\x05\x02\x01\x01", credentials, true),
        ("socks5", b"\x05\x00\x05\x04\x00\x01\x7f\0\0\x01\0\x01", None, false),
        ("socks5", b"HTTP/1.1 400 No\r\n\r\n", Some(Advice::CheckProxy), false),
    ] {
        let authority = server(async move |mut stream| {
            stream.write_all(answer).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let proxy = if proxy.contains("://") { proxy.to_owned() } else { format!("{proxy}://") };
        let route = Route::Proxy(format!("{proxy}{authority}").parse().unwrap());
        let error = open("ws://far.invalid", route, LONG).await.err().unwrap();
        assert_eq!((error.advice(), error.is_permanent()), (advice, is_permanent), "{error}");
    }
}

#[tokio::test]
async fn each_step_is_reported_as_it_happens() {
    let authority = server(async |mut stream| accept(&mut stream, "").await).await;
    let steps = Mutex::new(Vec::new());
    let target = Target::new(format!("ws://{authority}/a").parse().unwrap());
    let trace = |step: OpeningStep<'_>| {
        let text = match step {
            OpeningStep::Resolved(addresses) => format!("resolved {addresses:?}"),
            OpeningStep::Connected(address) => format!("connected {address}"),
            OpeningStep::Request(head) => String::from_utf8_lossy(head.start_line()).into_owned(),
            OpeningStep::Response(response) => response.status_line(),
            other => format!("{other:?}"),
        };
        steps.lock().unwrap().push(text);
    };
    connect(&target, &trace).await.unwrap();
    let expected = [
        &*format!("resolved [{authority}]"),
        &*format!("connected {authority}"),
        "GET /a HTTP/1.1",
        "101 Switching Protocols",
    ];
    assert_eq!(*steps.lock().unwrap(), expected);
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
