//! TLS certificates: from files, reloaded on demand, or self-signed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::{RwLock, RwLockReadGuard};
use rustls::{
    ServerConfig,
    client::verify_server_name,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_rustls::TlsAcceptor;
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

/// Protocols offered by ALPN (RFC 7301), in order of preference. WebSockets run over both (RFC 6455,
/// RFC 8441).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// TLS certificate of the server, with its private key.
#[derive(Debug)]
pub struct Certificates {
    /// Certificate chain and private key; `None` if self-signed.
    files: Option<(PathBuf, PathBuf)>,
    /// Certificate for new connections. Open ones keep the one that they began with.
    current: RwLock<Loaded>,
}

/// Certificate in use.
#[derive(Debug)]
struct Loaded {
    /// Configuration for rustls, with chain and key.
    config: Arc<ServerConfig>,
    /// First certificate of the chain, the server's own, in DER.
    certificate: CertificateDer<'static>,
}

/// Error loading or signing a certificate, as a sentence with a remedy.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("Cannot read {}: {source}. Give a readable file in PEM format.", path.display())]
    Unreadable {
        /// File to be read.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The file holds no certificate.
    #[error(
        "There is no certificate in {}. It must hold one in PEM format, \
         from `-----BEGIN CERTIFICATE-----` on, with the chain after it.", path.display()
    )]
    NoCertificate {
        /// File that was read.
        path: PathBuf,
    },
    /// The file holds no private key.
    #[error(
        "There is no private key in {}. It must hold one in PEM format, without a password.",
        path.display()
    )]
    NoKey {
        /// File that was read.
        path: PathBuf,
    },
    /// The key belongs to another certificate.
    #[error(
        "The private key in {} does not match the certificate in {}. Give the key that the \
         certificate was requested with.", key.display(), chain.display()
    )]
    WrongKey {
        /// File of the certificate chain.
        chain: PathBuf,
        /// File of the private key.
        key: PathBuf,
    },
    /// rustls does not support the certificate or the key.
    #[error("The certificate in {} with the key in {} cannot be used: {source}.", chain.display(), key.display())]
    Unusable {
        /// File of the certificate chain.
        chain: PathBuf,
        /// File of the private key.
        key: PathBuf,
        /// Error of rustls.
        source: rustls::Error,
    },
    /// rustls does not support a certificate signed here.
    #[error("The self-signed certificate cannot be used: {0}.")]
    SelfSigned(#[from] rustls::Error),
    /// A certificate cannot be signed.
    #[error("Cannot sign a certificate: {0}.")]
    Unsigned(#[from] rcgen::Error),
}

impl Certificates {
    /// Reads a certificate chain and its private key from files in PEM format.
    ///
    /// # Errors
    /// [`TlsError`] if a file cannot be read or used.
    pub fn read(chain: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let current = RwLock::new(read(&chain, &key)?);
        Ok(Self { files: Some((chain, key)), current })
    }

    /// Signs a certificate for `hosts` that no client trusts: to try `wss://` on your own machine.
    ///
    /// # Errors
    /// [`TlsError::Unsigned`] if a host is not a valid name for a certificate.
    pub fn self_signed(hosts: Vec<String>) -> Result<Self, TlsError> {
        let (certificate, key) = self_sign(hosts)?;
        let config = configure(vec![certificate.clone()], key)?;
        Ok(Self { files: None, current: RwLock::new(Loaded { config, certificate }) })
    }

    /// Reloads the files for new connections. On an error the old certificate stays. Does nothing if
    /// self-signed.
    ///
    /// # Errors
    /// [`TlsError`] as from [`Certificates::read`].
    pub fn reload(&self) -> Result<(), TlsError> {
        if let Some((chain, key)) = &self.files {
            let loaded = read(chain, key)?;
            *self.current.write() = loaded;
        }
        Ok(())
    }

    /// Acceptor with the current certificate.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current().config))
    }

    /// Acceptor with the current certificate, for HTTP/1.1 only.
    pub(crate) fn http1_acceptor(&self) -> TlsAcceptor {
        let mut config = ServerConfig::clone(&self.current().config);
        config.alpn_protocols = vec![PROTOCOLS[1].to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    /// End of the certificate's validity, in seconds since 1970; 0 if it cannot be read.
    pub(crate) fn expiry(&self) -> i64 {
        validity(&self.current().certificate).map_or(0, |(_, end)| end)
    }

    /// Logs a warning if clients will reject the certificate: it is not valid now, or not for one of
    /// `hosts`.
    pub(crate) fn warn(&self, hosts: &[String]) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        for fault in faults(&self.current().certificate, now, hosts) {
            tracing::warn!("Clients will reject the certificate: {fault}");
        }
    }

    /// Locks the certificate in use for reading, which blocks a reload only.
    fn current(&self) -> RwLockReadGuard<'_, Loaded> {
        self.current.read()
    }
}

/// Begin and end of a certificate's validity, in seconds since 1970.
fn validity(certificate: &CertificateDer<'_>) -> Option<(i64, i64)> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let validity = parsed.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

/// Reasons for clients to reject a certificate at the time `now`, in seconds since 1970, as
/// sentences. Its issuer is not checked: a private one may be trusted by the clients.
fn faults(certificate: &CertificateDer<'_>, now: i64, hosts: &[String]) -> Vec<String> {
    let time = |seconds: i64| {
        let since = Duration::from_secs(seconds.try_into().unwrap_or_default());
        humantime::format_rfc3339_seconds(UNIX_EPOCH + since)
    };
    let mut faults = Vec::new();
    match validity(certificate) {
        Some((begin, _)) if now < begin => {
            faults.push(format!("it is not valid before {}", time(begin)));
        }
        Some((_, end)) if now > end => faults.push(format!("it expired at {}", time(end))),
        _ => {}
    }
    if let Ok(parsed) = ParsedCertificate::try_from(certificate) {
        let is_wrong = |host: &&String| {
            let name = ServerName::try_from(host.as_str());
            name.is_ok_and(|name| verify_server_name(&parsed, &name).is_err())
        };
        faults.extend(hosts.iter().filter(is_wrong).map(|host| format!("it is not for {host}")));
    }
    faults
}

/// Signs a certificate with its own key. The key exists in memory only.
fn self_sign(
    hosts: Vec<String>,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let signed = rcgen::generate_simple_self_signed(hosts)?;
    let key = PrivateKeyDer::Pkcs8(signed.signing_key.serialize_der().into());
    Ok((signed.cert.der().clone(), key))
}

/// Reads certificate chain and private key from PEM files.
fn read(chain: &Path, key: &Path) -> Result<Loaded, TlsError> {
    let text = |path: &Path| {
        fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
    };
    let no_certificate = || TlsError::NoCertificate { path: chain.to_owned() };
    let certificates = CertificateDer::pem_slice_iter(&text(chain)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| no_certificate())?;
    let Some(certificate) = certificates.first().cloned() else {
        return Err(no_certificate());
    };
    let private = PrivateKeyDer::from_pem_slice(&text(key)?)
        .map_err(|_| TlsError::NoKey { path: key.to_owned() })?;
    let config = configure(certificates, private).map_err(|source| {
        let (chain, key) = (chain.to_owned(), key.to_owned());
        match source {
            rustls::Error::InconsistentKeys(_) => TlsError::WrongKey { chain, key },
            source => TlsError::Unusable { chain, key, source },
        }
    })?;
    Ok(Loaded { config, certificate })
}

/// TLS configuration with ring, TLS 1.2 and 1.3, and ALPN.
fn configure(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    use super::*;

    #[test]
    fn clients_reject_a_certificate_outside_its_time_and_for_other_hosts() {
        const YEAR: i64 = 365 * 24 * 60 * 60;
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters =
            rcgen::CertificateParams::new(["*.example.com".to_owned(), "192.0.2.1".to_owned()])
                .unwrap();
        parameters.not_before = rcgen::date_time_ymd(2001, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2002, 1, 1);
        let certificate = parameters.self_signed(&key).unwrap();
        let (begin, end) = validity(certificate.der()).unwrap();
        assert_eq!((begin, end), (978_307_200, 978_307_200 + YEAR));
        let faults = |now, hosts: &[&str]| {
            let hosts = hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>();
            faults(certificate.der(), now, &hosts)
        };
        let none: [&str; 0] = [];
        assert_eq!(faults(begin, &["a.example.com", "192.0.2.1"]), none);
        assert_eq!(faults(begin - 1, &[]), ["it is not valid before 2001-01-01T00:00:00Z"]);
        assert_eq!(faults(end + 1, &[]), ["it expired at 2002-01-01T00:00:00Z"]);
        let others = faults(end, &["example.org", "192.0.2.2"]);
        assert_eq!(others, ["it is not for example.org", "it is not for 192.0.2.2"]);
    }

    /// Whoever imports a self-signed certificate needs to trust nothing more.
    #[tokio::test]
    async fn a_self_signed_certificate_is_good_for_its_hosts_once_imported() {
        let (certificate, key) = self_sign(vec!["localhost".to_owned()]).unwrap();
        let server = TlsAcceptor::from(configure(vec![certificate.clone()], key).unwrap());
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = TlsConnector::from(Arc::new(client));
        for (host, is_good) in [("localhost", true), ("other.invalid", false)] {
            let (near, far) = tokio::io::duplex(64 << 10);
            let name = ServerName::try_from(host).unwrap();
            let (connected, accepted) =
                tokio::join!(client.connect(name, near), server.accept(far));
            assert_eq!((connected.is_ok(), accepted.is_ok()), (is_good, is_good), "{host}");
        }
    }
}
