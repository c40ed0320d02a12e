//! Certificate authority of a test, and WebSocket servers with its certificates.

use std::{fs, path::Path, sync::Arc};

use futures::{SinkExt, StreamExt};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Certificate authority, with a folder for files.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Default for Authority {
    fn default() -> Self {
        let mut params = CertificateParams::default();
        // Another one than that of its certificates: those would count as signed by themselves.
        params.distinguished_name.push(DnType::CommonName, "issuer");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("there is randomness");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("it can be signed");
        Self { issuer, folder: TempDir::new().expect("there is room for a folder") }
    }
}

impl Authority {
    /// Its certificate, as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Writes its certificate, and returns the path.
    #[must_use]
    pub fn path(&self) -> String {
        self.file("ca.pem", &self.pem())
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and returns its path.
    #[must_use]
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("there is room for a file");
        path.to_str().expect("the path is UTF-8").to_owned()
    }

    /// Certificate for `name`, and its key.
    #[must_use]
    pub fn certify(&self, name: &str) -> (Certificate, KeyPair) {
        self.sign(&CertificateParams::new([name.to_owned()]).expect("it is a name"))
    }

    /// Certificate of these parameters, and its key.
    #[must_use]
    pub fn sign(&self, params: &CertificateParams) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("there is randomness");
        (params.signed_by(&key, &self.issuer).expect("it can be signed"), key)
    }

    /// Writes a certificate for `name` and its key, and returns the paths.
    #[must_use]
    pub fn identity(&self, name: &str) -> [String; 2] {
        self.files(name, self.certify(name))
    }

    /// Writes a certificate for `name` that is signed by itself, and its key, and returns the paths.
    #[must_use]
    pub fn self_signed(&self, name: &str) -> [String; 2] {
        let params = CertificateParams::new([name.to_owned()]).expect("it is a name");
        let key = KeyPair::generate().expect("there is randomness");
        self.files(name, (params.self_signed(&key).expect("it can be signed"), key))
    }

    fn files(&self, name: &str, (certificate, key): (Certificate, KeyPair)) -> [String; 2] {
        [("pem", certificate.pem()), ("key", key.serialize_pem())]
            .map(|(extension, text)| self.file(&format!("{name}.{extension}"), &text))
    }

    /// Starts an echo of texts for `localhost`. Returns its port.
    pub async fn serve(&self) -> u16 {
        self.serve_as(self.certify("localhost"), false).await
    }

    /// Starts one that requires a client certificate of this authority.
    pub async fn serve_certified(&self) -> u16 {
        self.serve_as(self.certify("localhost"), true).await
    }

    /// Starts one with this certificate and key.
    pub async fn serve_as(
        &self,
        (certificate, key): (Certificate, KeyPair),
        requires_certificate: bool,
    ) -> u16 {
        let issuers = requires_certificate.then(|| {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).expect("it is a certificate");
            roots
        });
        let acceptor = acceptor(certificate.der().clone(), &key, issuers);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that rejects the certificate disconnects.
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
                    continue;
                };
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() && socket.send(message).await.is_err() {
                        break;
                    }
                }
            }
        });
        port
    }
}

/// TLS of a server with this certificate, which may be of any kind, and key. With `issuers`, it requires a client
/// certificate of one of them.
#[must_use]
pub fn acceptor(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    issuers: Option<RootCertStore>,
) -> TlsAcceptor {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("ring has them");
    let builder = match issuers.map(Arc::new) {
        Some(roots) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
            builder.with_client_cert_verifier(verifier.expect("there is a root"))
        }
        None => builder.with_no_client_auth(),
    };
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let key = ring::sign::any_supported_type(&key).expect("it is a key");
    let resolver = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    TlsAcceptor::from(Arc::new(builder.with_cert_resolver(Arc::new(resolver))))
}
