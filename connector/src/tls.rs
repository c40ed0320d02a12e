//! TLS: trusted certificates, client certificate, handshake.

use std::{
    cell::Cell,
    fmt::Display,
    io,
    net::{Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    sync::Arc,
};

use session::{Certificate, FINGERPRINT_LEN};
use sha2::{Digest, Sha256};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
        SignatureScheme,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
            verify_server_name,
        },
        crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{
            CertificateDer, PrivateKeyDer, ServerName, UnixTime,
            pem::{self, PemObject},
        },
        server::ParsedCertificate,
    },
};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time,
};

use crate::Transport;

/// Certificates that are trusted, as issuers or themselves.
#[derive(Clone, Copy, Debug, Default)]
pub enum Trust<'a> {
    /// Those of the system.
    #[default]
    System,
    /// Those of a file in PEM format, at least one.
    File(&'a Path),
    /// Those of a text in PEM format, at least one.
    Pem(&'a str),
}

/// Certificate options.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions<'a> {
    /// Certificates by which the server's is trusted.
    pub trust: Trust<'a>,
    /// Files in PEM format: client certificate, its own first in its chain, and its private key, not encrypted.
    pub identity: Option<(&'a Path, &'a Path)>,
    /// Accept any certificate.
    pub insecure: bool,
    /// Accept the certificate with this SHA-256 fingerprint as the server's own, whatever is wrong with it.
    pub accepted: Option<[u8; FINGERPRINT_LEN]>,
}

/// Result of a TLS handshake.
#[derive(Clone, Debug)]
pub struct TlsInfo {
    /// Protocol version, as rustls names it: `TLSv1_3`.
    pub version: String,
    /// Cipher suite: `TLS13_AES_256_GCM_SHA384`.
    pub cipher_suite: String,
    /// Protocol that the server selected by ALPN (RFC 7301).
    pub alpn: Option<String>,
    /// Certificates of the server, its own first, in DER. rustls bounds them to 64 KiB in all.
    chain: Vec<CertificateDer<'static>>,
}

impl TlsInfo {
    /// Certificates of the server, its own first; those that cannot be parsed are left out.
    pub fn certificates(&self) -> impl Iterator<Item = Certificate> + '_ {
        self.chain.iter().filter_map(|der| parse(der))
    }
}

/// Parses a certificate in DER; `None` if it is not one.
fn parse(der: &[u8]) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    // Before 1970 is as good as then.
    let time = |time: ASN1Time| u64::try_from(time.timestamp()).unwrap_or_default();
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.into_iter().flat_map(|names| &names.value.general_names);
    let name = |name: &GeneralName| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match *bytes {
            [a, b, c, d] => Some(Ipv4Addr::new(*a, *b, *c, *d).to_string()),
            bytes => <[u8; 16]>::try_from(bytes).ok().map(|it| Ipv6Addr::from(it).to_string()),
        },
        _ => None,
    };
    Some(Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names.filter_map(name).collect(),
        not_before: time(certificate.validity().not_before),
        not_after: time(certificate.validity().not_after),
        fingerprint: fingerprint(der),
    })
}

fn fingerprint(der: &[u8]) -> [u8; FINGERPRINT_LEN] {
    Sha256::digest(der).into()
}

tokio::task_local! {
    /// Certificates that the handshake under way refused: its error has no room for them, since the alert for the
    /// server follows from it.
    static REFUSED: Cell<Vec<CertificateDer<'static>>>;
}

/// Failed TLS handshake.
#[derive(Debug)]
pub(crate) struct HandshakeFailure {
    pub(crate) error: io::Error,
    /// Certificates that were refused, where they can be shown.
    pub(crate) refused: Option<TlsInfo>,
}

impl HandshakeFailure {
    fn new(error: io::Error, chain: Vec<CertificateDer<'static>>) -> Self {
        // One of X.509 version 1 is parsed, and refused by rustls even if it is accepted.
        let is_known = chain
            .first()
            .is_some_and(|der| parse(der).is_some() && ParsedCertificate::try_from(der).is_ok());
        let info =
            TlsInfo { version: String::new(), cipher_suite: String::new(), alpn: None, chain };
        Self { error, refused: is_known.then_some(info) }
    }
}

/// Reason for which a TLS handshake refused a certificate.
pub(crate) fn certificate_error(error: &io::Error) -> Option<&CertificateError> {
    match error.get_ref()?.downcast_ref()? {
        Error::InvalidCertificate(error) => Some(error),
        _ => None,
    }
}

/// Role of a PEM file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemFile {
    /// Trusted certificates.
    Roots,
    /// Client certificate.
    Certificate,
    /// Private key of the client certificate.
    Key,
}

/// TLS that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("{} cannot be used: {why}.", path.display())]
    File {
        /// Role of the file.
        role: PemFile,
        /// Its path.
        path: PathBuf,
        /// Sentence part.
        why: String,
    },
    /// Unusable text in place of trusted certificates; a sentence part.
    #[error("The trusted certificates cannot be used: {0}. They must be in PEM format.")]
    Authorities(String),
    /// Client certificate with another certificate's private key.
    #[error("{} does not match {}.", certificate.display(), key.display())]
    Mismatch {
        /// Client certificate.
        certificate: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// No trusted certificates, neither the system's nor given ones.
    #[error("This system has no trusted certificates.")]
    NoRoots,
    /// Failure to set up the library.
    #[error("Cannot set up TLS: {0}.")]
    Setup(Error),
}

/// Builds a TLS connector.
///
/// # Errors
///
/// [`TlsError`], most often about a file.
pub fn tls_connector(options: &TlsOptions) -> Result<TlsConnector, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?;
    let verifier = if options.insecure {
        Verifier { given: Vec::new(), issued: None, accepted: None, provider }
    } else {
        let (roots, given) = roots(options.trust)?;
        let issued = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone())
            .build()
            .map_err(|error| TlsError::Setup(Error::General(error.to_string())))?;
        Verifier { given, issued: Some(issued), accepted: options.accepted, provider }
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match options.identity {
        Some((cert, key)) => {
            let chain = certificates(PemFile::Certificate, cert)?;
            let key_der = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unreadable(PemFile::Key, key, error))?;
            builder.with_client_auth_cert(chain, key_der).map_err(|error| match error {
                Error::InconsistentKeys(_) => {
                    TlsError::Mismatch { certificate: cert.to_owned(), key: key.to_owned() }
                }
                error => unusable(PemFile::Key, key, &error),
            })?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config).into())
}

/// TLS handshake with the server `host`.
pub(crate) async fn encrypt(
    connector: &TlsConnector,
    host: &str,
    stream: Box<dyn Transport>,
) -> Result<(Box<dyn Transport>, TlsInfo), HandshakeFailure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| HandshakeFailure::new(io::Error::other(error), Vec::new()))?;
    let handshake = async {
        let result = connector.connect(name, stream).await;
        result.map_err(|error| HandshakeFailure::new(error, REFUSED.with(Cell::take)))
    };
    let stream = REFUSED.scope(Cell::default(), handshake).await?;
    let (_, session) = stream.get_ref();
    let name = |value: Option<String>| value.unwrap_or_default();
    let info = TlsInfo {
        version: name(session.protocol_version().map(|version| format!("{version:?}"))),
        cipher_suite: name(
            session.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())),
        ),
        alpn: session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        chain: session
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .map(|it| it.clone().into_owned())
            .collect(),
    };
    Ok((Box::new(stream), info))
}

/// Trusted root certificates. Returns those that were given, too.
fn roots(trust: Trust) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    let mut roots = RootCertStore::empty();
    let wrong = |why: &dyn Display| match trust {
        Trust::File(path) => unusable(PemFile::Roots, path, why),
        _ => TlsError::Authorities(why.to_string()),
    };
    let given = match trust {
        Trust::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Vec::new()
        }
        Trust::File(path) => certificates(PemFile::Roots, path)?,
        Trust::Pem(pem) => CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| wrong(&error))?,
    };
    for certificate in &given {
        roots.add(certificate.clone()).map_err(|error| wrong(&error))?;
    }
    match trust {
        _ if !roots.is_empty() => Ok((roots, given)),
        Trust::Pem(_) => Err(wrong(&"there is none")),
        _ => Err(TlsError::NoRoots),
    }
}

/// Reads the certificates of a PEM file, at least one.
fn certificates(role: PemFile, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(role, path, error))?;
    if certificates.is_empty() {
        return Err(unusable(role, path, &"it contains no certificate"));
    }
    Ok(certificates)
}

/// Error about a file whose content cannot be used.
fn unusable(role: PemFile, path: &Path, error: &dyn Display) -> TlsError {
    let why = format!("{error}. It must be a PEM file");
    TlsError::File { role, path: path.to_owned(), why }
}

/// Error about a file that cannot be read, or is no PEM file.
fn unreadable(role: PemFile, path: &Path, error: pem::Error) -> TlsError {
    match error {
        pem::Error::Io(error) => {
            TlsError::File { role, path: path.to_owned(), why: error.to_string() }
        }
        error => unusable(role, path, &error),
    }
}

/// Verifier of certificates by their issuers that takes a given certificate as a server's own, too: one that is signed
/// by itself is often marked as an authority's, which no server's may be. [`REFUSED`] has those that it refuses.
#[derive(Debug)]
struct Verifier {
    /// Certificates to trust as a server's own.
    given: Vec<CertificateDer<'static>>,
    /// Verifier by trusted issuers; `None` accepts any certificate, so the peer is not authenticated.
    issued: Option<Arc<WebPkiServerVerifier>>,
    /// Fingerprint of the certificate that is accepted, whatever is wrong with it.
    accepted: Option<[u8; FINGERPRINT_LEN]>,
    /// Algorithms of signatures.
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Verifies that a given certificate is for this host, and valid now.
    fn verify_given(
        certificate: &CertificateDer<'_>,
        host: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        verify_server_name(&ParsedCertificate::try_from(certificate)?, host)?;
        let Certificate { not_before, not_after, .. } =
            parse(certificate).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let now = now.as_secs();
        if now > not_after {
            return Err(Error::InvalidCertificate(CertificateError::Expired));
        }
        if now < not_before {
            return Err(Error::InvalidCertificate(CertificateError::NotValidYet));
        }
        Ok(ServerCertVerified::assertion())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(issued) = &self.issued else { return Ok(ServerCertVerified::assertion()) };
        let issued = issued.verify_server_cert(certificate, intermediates, host, ocsp, now);
        let is_given = || self.given.iter().any(|given| **given == **certificate);
        let verified = match issued {
            Err(_) if is_given() => Self::verify_given(certificate, host, now),
            issued => issued,
        };
        match verified {
            Err(Error::InvalidCertificate(_))
                if self.accepted == Some(fingerprint(certificate)) =>
            {
                Ok(ServerCertVerified::assertion())
            }
            Err(error) => {
                let chain = [certificate].into_iter().chain(intermediates);
                let chain = chain.map(|it| it.clone().into_owned()).collect();
                // In no handshake of `encrypt`, nobody asks for them.
                let _ = REFUSED.try_with(|refused| refused.set(chain));
                Err(error)
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
