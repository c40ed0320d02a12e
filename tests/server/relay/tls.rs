//! TLS through the relay: rule 10, and certificates that a browser does not take.

use std::sync::Arc;

use harness::{
    Authority, Program, Server,
    relayed::{Page, to},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use relay::{Event, FailureCause, Open, Stage, Tls};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use tokio::{io::AsyncReadExt, net::TcpListener};
use tokio_rustls::TlsAcceptor;

/// The last event of an opening.
async fn last(server: &str, open: Open) -> Event<'static> {
    Page::asking(server, open).await.opening().await.pop().unwrap()
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

    let events = Page::asking(server.authority(), url(port)).await.opening().await;
    let refused = tls(&events).expect("it is shown");
    assert!(!refused.is_trusted && refused.version.is_empty(), "{refused:?}");
    let certificate = &refused.certificates[0];
    assert_eq!((certificate.fingerprint, &*certificate.names[0]), (expected, "localhost"));
    assert!(certificate.not_before < certificate.not_after, "{certificate:?}");
    assert_eq!(cause(events.last().unwrap()), Some(FailureCause::Certificate));

    let accepting = |port| Open { accepted: Some(expected), ..url(port) };
    let events = Page::asking(server.authority(), accepting(port)).await.opening().await;
    assert!(matches!(events.last(), Some(Event::Opened(_))), "{events:?}");
    let accepted = tls(&events).expect("it is open over TLS");
    assert!(!accepted.is_trusted && accepted.version == "TLSv1_3", "{accepted:?}");
    assert_eq!(accepted.certificates[0].fingerprint, expected);

    // Another one is asked about with its own fingerprint.
    let events = Page::asking(server.authority(), accepting(other)).await.opening().await;
    assert_ne!(tls(&events).expect("it is shown").certificates[0].fingerprint, expected);
    assert_eq!(cause(events.last().unwrap()), Some(FailureCause::Certificate));
}

#[tokio::test]
async fn rule_10_any_certificate_is_accepted_for_one_connection_which_says_so() {
    let server = Server::start().await;
    let authority = Authority::default();
    let url = format!("wss://localhost:{}", authority.serve().await);
    for insecure in [false, true, false] {
        let mut page = Page::asking(server.authority(), Open { insecure, ..to(&url) }).await;
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
    let mut server = Program::server(&["--listen", "127.0.0.1:0", "--client-cert", &identity]);
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
    let mut page = Page::asking(server.authority(), open(port)).await;
    let failure = page.failure().await;
    assert!(failure.sentence.contains("The server requires a client certificate."), "{failure:?}");

    // A server that says nothing of it, and ends TLS without an alert.
    let (own, key) = authority.certify("localhost");
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut page =
        Page::asking(server.authority(), open(listener.local_addr().unwrap().port())).await;
    let ending = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
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
    let (status, _, said) = Program::server(&arguments).end().await;
    assert_eq!(status.code(), Some(1), "{said}");
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
