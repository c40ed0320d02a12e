//! TLS, with certificates made by the test.

use std::{path::PathBuf, sync::Arc};

use futures::{SinkExt, StreamExt};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
        server::WebPkiClientVerifier,
    },
};

use crate::output;

/// Certificate authority of a test, with its files.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder =
            std::env::temp_dir().join(format!("wsbench-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self { issuer, folder }
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, pem: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn certificate(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// Starts a TLS echo server for `localhost`. Returns its port.
    async fn server(&self, asks_for_certificate: bool) -> u16 {
        self.serve(self.certificate("localhost"), asks_for_certificate).await
    }

    /// Starts a TLS echo server with a certificate and its key. Returns its port.
    async fn serve(
        &self,
        (certificate, key): (rcgen::Certificate, KeyPair),
        asks_for_certificate: bool,
    ) -> u16 {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if asks_for_certificate {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
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
                let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() {
                        socket.send(message).await.unwrap();
                    }
                }
            }
        });
        port
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_certificate_is_trusted_when_its_issuer_is() {
    let authority = Authority::new("trusted");
    let port = authority.server(false).await;
    let url = format!("wss://localhost:{port}");
    let cacert = authority.file("ca.pem", &authority.issuer.pem());
    let (status, lines, said) = output(&[&url, "--cacert", &cacert, "-x", "hi", "-v"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"), "{said}");
    assert!(said.contains("* TLSv1_3"), "{said}");
    assert!(
        said.contains("* Certificate: localhost, by CN=rcgen self signed cert, valid until 40"),
        "{said}"
    );
    assert!(said.contains("* Times: name ") && said.contains(", tls "), "{said}");

    let (_, lines, _) = output(&[&url, "--cacert", &cacert, "-x", "hi", "--json"]).await;
    let open: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    for stage in ["name", "tcp", "tls", "http"] {
        assert!(open["times_us"][stage].is_u64(), "{open}");
    }
    assert_eq!(open["times_us"]["proxy"], serde_json::Value::Null);
    assert_eq!(open["tls"]["version"], "TLSv1_3");
    assert_eq!(open["tls"]["certificates"][0]["names"][0], "localhost");
    assert_eq!(open["tls"]["certificates"][0]["not_after"], "4096-01-01T00:00:00Z");

    let (status, _, said) = output(&[&url, "-x", "hi"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("The certificate of") && said.contains("--cacert FILE"), "{said}");

    let (status, lines, said) = output(&[&url, "--insecure", "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"));
    assert!(said.contains("certificate is not checked (--insecure)"), "{said}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_rejected() {
    let authority = Authority::new("name");
    let port = authority.server(false).await;
    let cacert = authority.file("ca.pem", &authority.issuer.pem());
    let (status, _, said) =
        output(&[&format!("wss://127.0.0.1:{port}"), "--cacert", &cacert]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("is for another host: localhost. Use its name in the URL"), "{said}");
    assert!(!said.contains("--cacert"), "{said}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_named() {
    let authority = Authority::new("time");
    let cacert = authority.file("ca.pem", &authority.issuer.pem());
    let now = rcgen::date_time_ymd(2000, 1, 1);
    let never = rcgen::date_time_ymd(4000, 1, 1);
    for (not_before, not_after, words) in [
        (now, rcgen::date_time_ymd(2001, 1, 1), "expired "),
        (rcgen::date_time_ymd(3999, 1, 1), never, "is not valid yet. Is the clock of this machine"),
    ] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (not_before, not_after);
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        let port = authority.serve((certificate, key), false).await;
        let url = format!("wss://localhost:{port}");
        let (status, _, said) = output(&[&url, "--cacert", &cacert]).await;
        assert_eq!(status, Some(1));
        assert!(said.starts_with(&format!("The certificate of {url} {words}")), "{said}");
        assert!(!said.contains("--cacert") && said.contains("--insecure"), "{said}");
        let (status, ..) = output(&[&url, "--insecure", "-x", "hi"]).await;
        assert_eq!(status, Some(0));
    }
}

#[tokio::test]
async fn plain_text_to_a_tls_port_advises_wss() {
    let authority = Authority::new("plain");
    let port = authority.server(false).await;
    let (status, _, said) = output(&[&format!("ws://localhost:{port}/a")]).await;
    assert_eq!(status, Some(1));
    let words = format!("the server expects TLS. Try wss://localhost:{port}/a.");
    assert!(said.contains(&words), "{said}");
    // As nginx says it.
    let authority = crate::raw_server(async |mut stream| {
        harness::raw::read_head(&mut stream).await;
        let body = "The plain HTTP request was sent to HTTPS port";
        let head = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
    })
    .await;
    let (_, _, said) = output(&[&format!("ws://{authority}")]).await;
    assert!(said.contains(&format!("Try wss://{authority}.")), "{said}");
}

#[tokio::test]
async fn a_client_certificate_is_presented_on_request() {
    let authority = Authority::new("client");
    let port = authority.server(true).await;
    let url = format!("wss://localhost:{port}");
    let cacert = authority.file("ca.pem", &authority.issuer.pem());
    let (certificate, key) = authority.certificate("me");
    let cert = authority.file("me.pem", &certificate.pem());
    let key = authority.file("me.key", &key.serialize_pem());
    let (status, lines, said) =
        output(&[&url, "--cacert", &cacert, "--cert", &cert, "--key", &key, "-x", "hi"]).await;
    assert_eq!((status, lines.as_str()), (Some(0), "hi\n"), "{said}");
    let (status, _, said) = output(&[&url, "--cacert", &cacert, "-x", "hi"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("requires a client certificate: --cert FILE --key FILE."), "{said}");
    // A key is not a certificate.
    let (status, _, said) =
        output(&[&url, "--cacert", &cacert, "--cert", &key, "--key", &cert]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("--cert ") && said.contains("PEM"), "{said}");
}

#[tokio::test]
async fn a_redirect_to_tls_is_followed_without_the_client_certificate() {
    let authority = Authority::new("redirect");
    let cacert = authority.file("ca.pem", &authority.issuer.pem());
    let (certificate, key) = authority.certificate("me");
    let cert = authority.file("me.pem", &certificate.pem());
    let key = authority.file("me.key", &key.serialize_pem());
    for (asks_for_certificate, expected) in [(false, Some(0)), (true, Some(1))] {
        let port = authority.server(asks_for_certificate).await;
        let from = crate::raw_server(move |mut stream| async move {
            harness::raw::read_head(&mut stream).await;
            let location = format!("location: https://localhost:{port}/\r\n");
            let answer = format!("HTTP/1.1 308 Permanent Redirect\r\n{location}\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        })
        .await;
        let url = format!("ws://{from}");
        let identity = ["--cacert", &cacert, "--cert", &cert, "--key", &key];
        let flags = [&identity[..], &["--follow", "-x", "hi"]].concat();
        let (status, _, said) = output(&[&[&*url], &flags[..]].concat()).await;
        assert_eq!(status, expected, "{said}");
        assert_eq!(said.contains("requires a client certificate"), asks_for_certificate, "{said}");
    }
}

/// Proxy for one connection: HTTP, or SOCKS 5. Returns its address.
async fn proxy(is_socks: bool, port: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        if is_socks {
            let methods = usize::from(stream.read_u16().await.unwrap() & 0xff);
            stream.read_exact(&mut vec![0; methods]).await.unwrap();
            stream.write_all(&[5, 0]).await.unwrap();
            // CONNECT (1) to a name (3) of nine bytes, and a port.
            stream.read_exact(&mut [0; 5 + 9 + 2]).await.unwrap();
            stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await.unwrap();
        } else {
            harness::raw::read_head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        }
        let mut onward = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut onward).await;
    });
    authority
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_to_the_server() {
    let authority = Authority::new("tunnel");
    let port = authority.server(false).await;
    let cacert = authority.file("ca.pem", &authority.issuer.pem());
    let url = format!("wss://localhost:{port}");
    for (scheme, is_socks) in [("http", false), ("socks5", true)] {
        let through = format!("{scheme}://{}", proxy(is_socks, port).await);
        let arguments = [&*url, "--cacert", &cacert, "--proxy", &through, "-x", "hi", "-v"];
        let (status, lines, said) = output(&arguments).await;
        assert_eq!((status, &*lines), (Some(0), "hi\n"), "{said}");
        assert!(said.contains(", proxy ") && said.contains(", tls "), "{said}");
        // Trusted by nobody: the certificate is the server's, whatever the proxy.
        let through = format!("{scheme}://{}", proxy(is_socks, port).await);
        let (status, _, said) = output(&[&url, "--proxy", &through]).await;
        assert_eq!(status, Some(1));
        assert!(said.starts_with(&format!("The certificate of {url} ")), "{said}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_reported() {
    let server = harness::Server::start().await;
    let url = server.ws("/").replace("ws://", "wss://");
    let (status, _, said) = output(&[&url, "--insecure"]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("TLS handshake with "), "{said}");
    assert!(said.contains("The server does not use TLS at this port: try ws://."), "{said}");
}
