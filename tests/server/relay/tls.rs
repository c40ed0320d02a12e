//! TLS through the relay: rule 10, and certificates that a browser does not take.

use harness::{
    Authority, Program, Server, acceptor, raw,
    relayed::{RelayClient, to},
    soon,
};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair, SigningKey};
use relay::{Event, FailureCause, Open, Stage, Tls};
use rustls::{AlertDescription, Error, pki_types::CertificateDer};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{Listener, redirect};

/// The last event of an opening.
async fn last(server: &str, open: Open) -> Event<'static> {
    RelayClient::asking(server, open).await.opening().await.pop().unwrap()
}

fn cause(event: &Event<'_>) -> Option<FailureCause> {
    match event {
        Event::Failed(failure) => Some(failure.cause),
        _ => None,
    }
}

/// The result of TLS among the events of an opening.
fn tls<'a>(events: &'a [Event<'_>]) -> Option<&'a Tls> {
    events.iter().find_map(|event| match event {
        Event::Tls(tls) => Some(tls),
        _ => None,
    })
}

#[tokio::test]
async fn rule_10_a_refused_certificate_is_shown_and_only_that_one_is_accepted() {
    let server = Server::start().await;
    let authority = Authority::default();
    let url = |port: u16| to(&format!("wss://localhost:{port}"));
    let own = authority.certify("localhost");
    let expected: [u8; 32] = Sha256::digest(own.0.der()).into();
    let (port, other) = (authority.serve_as(own, false).await, authority.serve().await);

    let events = RelayClient::asking(server.authority(), url(port)).await.opening().await;
    let refused = tls(&events).expect("it is shown");
    assert!(!refused.is_trusted && refused.version.is_empty(), "{refused:?}");
    let certificate = &refused.certificates[0];
    assert_eq!((certificate.fingerprint, &*certificate.names[0]), (expected, "localhost"));
    assert!(certificate.not_before < certificate.not_after, "{certificate:?}");
    assert_eq!(cause(events.last().unwrap()), Some(FailureCause::Certificate));

    let accepting = |port| Open { accepted: Some(expected), ..url(port) };
    let events = RelayClient::asking(server.authority(), accepting(port)).await.opening().await;
    assert!(matches!(events.last(), Some(Event::Opened(_))), "{events:?}");
    let accepted = tls(&events).expect("it is open over TLS");
    assert!(!accepted.is_trusted && accepted.version == "TLSv1_3", "{accepted:?}");
    assert_eq!(accepted.certificates[0].fingerprint, expected);

    // Another one is asked about with its own fingerprint.
    let events = RelayClient::asking(server.authority(), accepting(other)).await.opening().await;
    assert_ne!(tls(&events).expect("it is shown").certificates[0].fingerprint, expected);
    assert_eq!(cause(events.last().unwrap()), Some(FailureCause::Certificate));
}

/// Server over TLS that is a listener of the test.
struct TlsListener {
    listener: TcpListener,
    port: u16,
    acceptor: TlsAcceptor,
}

impl TlsListener {
    async fn start(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port, acceptor: acceptor(certificate, key, None) }
    }

    /// The next connection, or why the client refused it.
    async fn accept(&self) -> Result<TlsStream<TcpStream>, Error> {
        let (stream, _) = self.listener.accept().await.unwrap();
        let accepted = self.acceptor.accept(stream).await;
        accepted.map_err(|error| error.downcast::<Error>().unwrap())
    }
}

#[tokio::test]
async fn rule_9_a_redirect_to_tls_at_the_same_host_and_port_is_one_to_another() {
    let (server, target, authority) =
        (Server::start().await, Listener::start().await, Authority::default());
    let (certificate, key) = authority.certify("localhost");
    let acceptor = acceptor(certificate.der().clone(), &key, None);
    let trusted = Open { authorities: authority.pem(), ..Open::default() };
    let fingerprint = Sha256::digest(certificate.der()).into();
    let accepted = Open { accepted: Some(fingerprint), ..Open::default() };
    let any = Open { insecure: true, ..Open::default() };
    for (options, cause) in [
        (trusted, FailureCause::Status),
        (accepted, FailureCause::Redirect),
        (any, FailureCause::Status),
    ] {
        let headers = vec![("X-Key".to_owned(), "s3cret".to_owned())];
        let url = format!("ws://localhost:{}/", target.port);
        let open = Open { headers, follow: true, url, confirmed: to("").confirmed, ..options };
        let mut page = RelayClient::asking(server.authority(), open).await;
        let head = redirect(&target, &format!("wss://localhost:{}/there", target.port)).await;
        assert!(head.contains("s3cret"), "{head}");
        let (stream, _) = soon("a connection", target.listener.accept()).await.unwrap();
        // One that was accepted is so at its own origin only.
        if let Ok(mut stream) = acceptor.accept(stream).await {
            let head = raw::read_head(&mut stream).await;
            assert!(head.starts_with("GET /there ") && !head.contains("s3cret"), "{head}");
            stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        }
        assert_eq!(page.failure().await.cause, cause);
    }
}

#[tokio::test]
async fn a_server_is_told_why_its_certificate_is_refused() {
    let (server, authority) = (Server::start().await, Authority::default());
    let mut expired = CertificateParams::new(["localhost".to_owned()]).unwrap();
    expired.not_after = rcgen::date_time_ymd(2001, 1, 1);
    for (certified, authorities, expected) in [
        (authority.certify("localhost"), String::new(), AlertDescription::UnknownCA),
        (authority.sign(&expired), authority.pem(), AlertDescription::CertificateExpired),
        (authority.certify("other.example"), authority.pem(), AlertDescription::BadCertificate),
    ] {
        let (certificate, key): (Certificate, KeyPair) = certified;
        let target = TlsListener::start(certificate.der().clone(), &key).await;
        let open = Open { authorities, ..to(&format!("wss://localhost:{}", target.port)) };
        let page = async { RelayClient::asking(server.authority(), open).await.opening().await };
        let (events, refused) = tokio::join!(page, target.accept());
        assert_eq!(refused.err(), Some(Error::AlertReceived(expected)));
        // And the page is shown it.
        let fingerprint: [u8; 32] = Sha256::digest(certificate.der()).into();
        let shown = tls(&events).expect("it is shown");
        assert_eq!(shown.certificates[0].fingerprint, fingerprint, "{expected:?}");
    }
}

/// Certificate of X.509 version 1 for `key`: that of `params` without its version and extensions.
fn of_version_1(params: &CertificateParams, key: &KeyPair) -> CertificateDer<'static> {
    fn element(der: &[u8]) -> (&[u8], &[u8]) {
        let (len, head) = match der[1] {
            0x82 => (usize::from(u16::from_be_bytes([der[2], der[3]])), 4),
            0x81 => (usize::from(der[2]), 3),
            short => (usize::from(short), 2),
        };
        der.split_at(head + len)
    }
    fn sequence(tag: u8, content: &[u8]) -> Vec<u8> {
        let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
        let head = match (high, low) {
            (0, 0..0x80) => vec![tag, low],
            (0, _) => vec![tag, 0x81, low],
            _ => vec![tag, 0x82, high, low],
        };
        [&head, content].concat()
    }
    let certificate = params.self_signed(key).unwrap();
    let (mut rest, mut parts) = (&element(&certificate.der()[4..]).0[4..], Vec::new());
    while !rest.is_empty() {
        let (part, others) = element(rest);
        parts.push(part);
        rest = others;
    }
    let algorithm = parts[2].to_vec();
    parts.retain(|part| ![0xa0, 0xa3].contains(&part[0]));
    let signed = sequence(0x30, &parts.concat());
    let signature = [&[0], &*key.sign(&signed).unwrap()].concat();
    let signature = sequence(0x03, &signature);
    sequence(0x30, &[signed, algorithm, signature].concat()).into()
}

/// It could not be accepted: TLS here knows no such certificates.
#[tokio::test]
async fn a_certificate_of_an_old_version_is_refused_for_that_and_not_asked_about() {
    let server = Server::start().await;
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = of_version_1(&params, &key);
    let fingerprint: [u8; 32] = Sha256::digest(&certificate).into();
    let target = TlsListener::start(certificate, &key).await;
    let url = to(&format!("wss://localhost:{}", target.port));
    for accepted in [None, Some(fingerprint)] {
        let open = Open { accepted, ..url.clone() };
        let page = async { RelayClient::asking(server.authority(), open).await.opening().await };
        let (events, refused) = tokio::join!(page, target.accept());
        assert!(refused.is_err());
        assert_eq!(tls(&events), None, "{events:?}");
        let Some(Event::Failed(failure)) = events.last() else { panic!("{events:?}") };
        assert_eq!(failure.cause, FailureCause::Certificate);
        assert!(failure.sentence.contains("is of X.509 version 1"), "{}", failure.sentence);
    }
}

#[tokio::test]
async fn rule_10_an_accepted_certificate_lets_no_other_key_pass() {
    let (server, authority) = (Server::start().await, Authority::default());
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let [(one, key), (other, other_key)] = [authority.sign(&params), authority.sign(&params)];
    let fingerprint: [u8; 32] = Sha256::digest(one.der()).into();
    // A server that shows it, and does not have its key.
    let impostor = TlsListener::start(one.der().clone(), &other_key).await;
    let open = |port: u16| {
        let url = to(&format!("wss://localhost:{port}"));
        Open { accepted: Some(fingerprint), ..url }
    };
    let page = async {
        RelayClient::asking(server.authority(), open(impostor.port)).await.failure().await
    };
    let (failure, refused) = tokio::join!(page, impostor.accept());
    assert!(refused.is_err(), "{failure:?}");
    // One with the same name and another key is asked about with its own fingerprint.
    for (certificate, key, is_accepted) in [(&one, &key, true), (&other, &other_key, false)] {
        let target = TlsListener::start(certificate.der().clone(), key).await;
        let answering = async {
            let Ok(mut stream) = target.accept().await else { return };
            let _ = stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        };
        let page = async {
            RelayClient::asking(server.authority(), open(target.port)).await.opening().await
        };
        let (events, ()) = tokio::join!(page, answering);
        let expected = if is_accepted { FailureCause::Status } else { FailureCause::Certificate };
        assert_eq!(cause(events.last().unwrap()), Some(expected), "{events:?}");
        let shown = tls(&events).expect("it is shown").certificates[0].fingerprint;
        assert_eq!(shown == fingerprint, is_accepted);
    }
}

/// Nor back to where it was accepted: by then, it is not the page that leads there.
#[tokio::test]
async fn rule_10_an_accepted_certificate_is_for_no_place_that_a_redirect_leads_to() {
    let (server, plain) = (Server::start().await, Listener::start().await);
    let (certificate, key) = Authority::default().certify("127.0.0.1");
    let fingerprint: [u8; 32] = Sha256::digest(certificate.der()).into();
    let target = TlsListener::start(certificate.der().clone(), &key).await;
    let same_host = TlsListener::start(certificate.der().clone(), &key).await;
    let url = format!("wss://127.0.0.1:{}/", target.port);
    let open = Open { accepted: Some(fingerprint), follow: true, ..to(&url) };
    for (there, is_back) in [
        (format!("wss://127.0.0.1:{}/", same_host.port), false),
        (format!("ws://127.0.0.1:{}/", plain.port), true),
    ] {
        let leading = async {
            let mut stream = target.accept().await.unwrap();
            let answer =
                format!("HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n");
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            if is_back {
                redirect(&plain, &url).await;
                return target.accept().await.err();
            }
            same_host.accept().await.err()
        };
        let page =
            async { RelayClient::asking(server.authority(), open.clone()).await.failure().await };
        let (failure, refused) = tokio::join!(page, leading);
        assert_eq!(refused, Some(Error::AlertReceived(AlertDescription::UnknownCA)));
        // The question would be asked again and again.
        assert_eq!(failure.cause, FailureCause::Redirect, "{there}: {}", failure.sentence);
        let start = format!("Redirected by {url}: ");
        assert!(failure.sentence.starts_with(&start), "{}", failure.sentence);
    }
}

#[tokio::test]
async fn rule_10_any_certificate_is_accepted_for_one_connection_which_says_so() {
    let server = Server::start().await;
    let authority = Authority::default();
    let url = format!("wss://localhost:{}", authority.serve().await);
    for insecure in [false, true, false] {
        let mut page = RelayClient::asking(server.authority(), Open { insecure, ..to(&url) }).await;
        let events = page.opening().await;
        if insecure {
            let tls = tls(&events).expect("it is open over TLS");
            assert!(!tls.is_trusted && tls.version == "TLSv1_3", "{tls:?}");
            assert_eq!(tls.certificates[0].names, ["localhost"]);
            let Some(Event::Opened(opened)) = events.last() else { panic!("{events:?}") };
            assert!(opened.times.iter().any(|(stage, _)| *stage == Stage::Tls));
        } else {
            assert_eq!(cause(events.last().unwrap()), Some(FailureCause::Certificate));
        }
    }
}

#[tokio::test]
async fn certificates_that_the_page_brings_are_trusted_in_place_of_the_systems() {
    let server = Server::start().await;
    let (authority, other) = (Authority::default(), Authority::default());
    let url = format!("wss://localhost:{}", authority.serve().await);
    for (authorities, expected) in [
        (authority.pem(), None),
        (other.pem(), Some(FailureCause::Certificate)),
        ("no certificate".to_owned(), Some(FailureCause::Option)),
        ("/etc/ssl/certs/ca-certificates.crt".to_owned(), Some(FailureCause::Option)),
    ] {
        let event = last(server.authority(), Open { authorities, ..to(&url) }).await;
        assert_eq!(cause(&event), expected, "{event:?}");
    }
}

#[tokio::test]
async fn rule_10_a_client_certificate_has_a_name_and_never_a_path() {
    let authority = Authority::default();
    let files = authority.identity("me");
    let identity = format!("work={}", files.join(","));
    let mut server = Program::server_here(&["--client-cert", &identity]);
    let here = server.address("ws://").await;
    let url = format!("wss://localhost:{}", authority.serve_certified().await);
    for (certificate, expected) in [
        ("work", None),
        (&files[0], Some(FailureCause::Option)),
        (&identity, Some(FailureCause::Option)),
        ("other", Some(FailureCause::Option)),
    ] {
        let open =
            Open { certificate: certificate.to_owned(), authorities: authority.pem(), ..to(&url) };
        let event = last(&here, open).await;
        assert_eq!(cause(&event), expected, "{certificate}: {event:?}");
    }
}

#[tokio::test]
async fn a_client_certificate_that_is_missing_is_said() {
    let (server, authority) = (Server::start().await, Authority::default());
    let port = authority.serve_certified().await;
    let open = |port: u16| {
        let authorities = authority.pem();
        Open { authorities, ..to(&format!("wss://localhost:{port}")) }
    };
    let mut page = RelayClient::asking(server.authority(), open(port)).await;
    let failure = page.failure().await;
    assert!(failure.sentence.contains("The server requires a client certificate."), "{failure:?}");

    // A server that says nothing of it, and ends TLS without an alert.
    let (own, key) = authority.certify("localhost");
    let target = TlsListener::start(own.der().clone(), &key).await;
    let mut page = RelayClient::asking(server.authority(), open(target.port)).await;
    let ending = async {
        let mut stream = target.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
    };
    let (failure, ()) = tokio::join!(page.failure(), ending);
    let question =
        "closed the connection after TLS. Does it require a client certificate, or another one?";
    assert!(failure.sentence.contains(question), "{failure:?}");
    assert_eq!(failure.cause, FailureCause::Handshake);
}

#[tokio::test]
async fn a_client_certificate_that_cannot_be_read_is_told_at_the_start() {
    let missing = "work=/no/such/cert.pem,/no/such/key.pem";
    let arguments = ["--listen", "127.0.0.1:0", "--client-cert", missing];
    let (status, logged, said) = Program::server(&arguments).end().await;
    assert_eq!((status.code(), logged), (Some(1), Vec::new()), "{said}");
    assert!(said.contains("--client-cert work") && said.contains("/no/such/cert.pem"), "{said}");
}

/// A certificate that `openssl req -x509` makes is marked as an authority's.
#[tokio::test]
async fn a_given_certificate_is_trusted_as_a_servers_own() {
    let server = Server::start().await;
    let authority = Authority::default();
    for (name, has_expired, expected) in [
        ("localhost", false, None),
        ("other.example", false, Some(FailureCause::Certificate)),
        ("localhost", true, Some(FailureCause::Certificate)),
    ] {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        if has_expired {
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let pem = certificate.pem();
        let port = authority.serve_as((certificate, key), false).await;
        let open = |authorities| Open { authorities, ..to(&format!("wss://localhost:{port}")) };
        let event = last(server.authority(), open(pem)).await;
        assert_eq!(cause(&event), expected, "{name}, {has_expired}: {event:?}");
        let Event::Failed(failure) = last(server.authority(), open(authority.pem())).await else {
            panic!("it is not trusted by others")
        };
        assert!(!failure.sentence.contains("OtherError"), "{}", failure.sentence);
    }
}
