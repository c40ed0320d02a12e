//! TLS certificates: from files, reloaded on demand, or self-signed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

/// Protocols offered by ALPN (RFC 7301), in order of preference. WebSockets run over both (RFC 6455,
/// RFC 8441).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// TLS certificate of the server, with its private key.
#[derive(Debug)]
pub struct Certificates {
    /// Certificate chain and private key; `None` if self-signed.
    files: Option<(PathBuf, PathBuf)>,
    config: RwLock<Arc<ServerConfig>>,
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
    /// Certificate and key do not match, or rustls does not support them.
    #[error("The certificate cannot be used: {0}. Check that certificate and key match.")]
    Unusable(#[from] rustls::Error),
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
        let config = RwLock::new(read(&chain, &key)?);
        Ok(Self { files: Some((chain, key)), config })
    }

    /// Signs a certificate for `hosts` that no client trusts: to try `wss://` on your own machine.
    ///
    /// # Errors
    /// [`TlsError::Unsigned`] if a host is not a valid name for a certificate.
    pub fn self_signed(hosts: Vec<String>) -> Result<Self, TlsError> {
        let (certificate, key) = self_sign(hosts)?;
        let config = configure(vec![certificate], key)?;
        Ok(Self { files: None, config: RwLock::new(config) })
    }

    /// Reloads the files for new connections. On an error the old certificate stays. Does nothing if
    /// self-signed.
    ///
    /// # Errors
    /// [`TlsError`] as from [`Certificates::read`].
    pub fn reload(&self) -> Result<(), TlsError> {
        if let Some((chain, key)) = &self.files {
            let config = read(chain, key)?;
            *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        }
        Ok(())
    }

    /// Acceptor with the current certificate.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&config))
    }
}

/// Signs a certificate with its own key.
fn self_sign(
    hosts: Vec<String>,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let signed = rcgen::generate_simple_self_signed(hosts)?;
    let key = PrivateKeyDer::Pkcs8(signed.signing_key.serialize_der().into());
    Ok((signed.cert.der().clone(), key))
}

/// Reads certificate chain and private key from PEM files.
fn read(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let text = |path: &Path| {
        fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
    };
    let no_certificate = || TlsError::NoCertificate { path: chain.to_owned() };
    let certificates = CertificateDer::pem_slice_iter(&text(chain)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| no_certificate())?;
    if certificates.is_empty() {
        return Err(no_certificate());
    }
    let key = PrivateKeyDer::from_pem_slice(&text(key)?)
        .map_err(|_| TlsError::NoKey { path: key.to_owned() })?;
    configure(certificates, key)
}

/// TLS configuration with ring, TLS 1.2 and 1.3, and ALPN.
fn configure(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
    use tokio_rustls::TlsConnector;

    use super::*;

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
