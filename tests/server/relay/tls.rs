//! TLS through the relay: rule 10, and certificates that a browser does not take.

use std::{fs, sync::Arc};

use futures::StreamExt;
use harness::{
    Program, Server,
    relayed::{Page, to},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use relay::{Event, FailureCause, Open, Stage};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Certificate authority of a test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn certificate(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.0).unwrap(), key)
    }

    /// Starts a server for `localhost` that wants a client certificate of this authority, or none. Returns its
    /// address.
    async fn serve(&self, wants_certificate: bool) -> String {
        let (certificate, key) = self.certificate("localhost");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if wants_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.0.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that rejects the certificate disconnects.
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                if let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await {
                    while socket.next().await.is_some() {}
                }
            }
        });
        format!("wss://localhost:{port}")
    }
}

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

#[tokio::test]
async fn rule_10_any_certificate_is_accepted_for_one_connection_which_says_so() {
    let server = Server::start().await;
    let authority = Authority::new();
    let url = authority.serve(false).await;
    for insecure in [false, true, false] {
        let mut page = Page::asking(server.authority(), Open { insecure, ..to(&url) }).await;
        let events = page.opening().await;
        let tls = events.iter().find_map(|event| match event {
            Event::Tls(tls) => Some(tls),
            _ => None,
        });
        if insecure {
            let tls = tls.expect("it is open over TLS");
            assert!(!tls.is_trusted && tls.version == "TLSv1_3", "{tls:?}");
            assert_eq!(tls.certificates[0].names, ["localhost"]);
            let Some(Event::Opened(opened)) = events.last() else { panic!("{events:?}") };
            assert!(opened.times.iter().any(|(stage, _)| *stage == Stage::Tls));
        } else {
            assert_eq!(tls, None);
            assert_eq!(cause(events.last().unwrap()), Some(FailureCause::Certificate));
        }
    }
}

#[tokio::test]
async fn certificates_that_the_page_brings_are_trusted_in_place_of_the_systems() {
    let server = Server::start().await;
    let (authority, other) = (Authority::new(), Authority::new());
    let url = authority.serve(false).await;
    for (authorities, expected) in [
        (authority.0.pem(), None),
        (other.0.pem(), Some(FailureCause::Certificate)),
        ("no certificate".to_owned(), Some(FailureCause::Option)),
        ("/etc/ssl/certs/ca-certificates.crt".to_owned(), Some(FailureCause::Option)),
    ] {
        let event = last(server.authority(), Open { authorities, ..to(&url) }).await;
        assert_eq!(cause(&event), expected, "{event:?}");
    }
}

#[tokio::test]
async fn rule_10_a_client_certificate_has_a_name_and_never_a_path() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let (certificate, key) = authority.certificate("me");
    let file = |name: &str, pem: &str| {
        let path = folder.path().join(name);
        fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let files = [file("cert.pem", &certificate.pem()), file("key.pem", &key.serialize_pem())];
    let identity = format!("work={}", files.join(","));
    let mut server = Program::server(&["--listen", "127.0.0.1:0", "--client-cert", &identity]);
    let here = server.address("ws://").await;
    let url = authority.serve(true).await;
    for (certificate, expected) in [
        ("work", None),
        (&files[0], Some(FailureCause::Option)),
        (&identity, Some(FailureCause::Option)),
        ("other", Some(FailureCause::Option)),
    ] {
        let open = Open {
            certificate: certificate.to_owned(),
            authorities: authority.0.pem(),
            ..to(&url)
        };
        let event = last(&here, open).await;
        assert_eq!(cause(&event), expected, "{certificate}: {event:?}");
    }
}

#[tokio::test]
async fn a_client_certificate_that_cannot_be_read_is_told_at_the_start() {
    let missing = "work=/no/such/cert.pem,/no/such/key.pem";
    let arguments = ["--listen", "127.0.0.1:0", "--client-cert", missing];
    let (status, _, said) = Program::server(&arguments).end().await;
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("--client-cert work") && said.contains("/no/such/cert.pem"), "{said}");
}
