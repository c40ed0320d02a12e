//! TLS: trusted certificates, client certificate, handshake.

use std::{io, path::Path, sync::Arc};

use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    },
};

use crate::transport::{Trace, Transport};

/// Certificate options.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions<'a> {
    /// Trusted certificates, instead of the system's.
    pub cacert: Option<&'a Path>,
    /// Client certificate and its private key.
    pub identity: Option<(&'a Path, &'a Path)>,
    /// Accept any certificate.
    pub insecure: bool,
}

/// Builds a TLS connector.
///
/// # Errors
///
/// A sentence that names the file that cannot be used.
pub fn tls_connector(options: &TlsOptions) -> Result<TlsConnector, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("Cannot set up TLS: {error}."))?;
    let builder = if options.insecure {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
    } else {
        builder.with_root_certificates(roots(options.cacert)?)
    };
    let mut config = match options.identity {
        Some((cert, key)) => {
            let chain = certificates("--cert", cert)?;
            let key_der = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| unreadable("--key", key, &error))?;
            builder.with_client_auth_cert(chain, key_der).map_err(|error| {
                format!(
                    "--cert {} does not match --key {}: {error}.",
                    cert.display(),
                    key.display()
                )
            })?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config).into())
}

/// TLS handshake with the server `host`. Reports version and cipher suite to `trace`.
pub(crate) async fn encrypt(
    connector: &TlsConnector,
    host: &str,
    stream: Box<dyn Transport>,
    trace: Trace<'_>,
) -> io::Result<Box<dyn Transport>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let stream = connector.connect(name, stream).await?;
    let (_, session) = stream.get_ref();
    if let (Some(version), Some(suite)) =
        (session.protocol_version(), session.negotiated_cipher_suite())
    {
        trace(&format!("* {version:?}, {:?}", suite.suite()));
    }
    Ok(Box::new(stream))
}

/// Trusted root certificates: from a file, or the system's.
fn roots(cacert: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = cacert {
        for certificate in certificates("--cacert", path)? {
            roots.add(certificate).map_err(|error| unreadable("--cacert", path, &error))?;
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("This system has no trusted certificates; use --cacert FILE.".into());
        }
    }
    Ok(roots)
}

/// Reads the certificates of a PEM file, at least one.
fn certificates(flag: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(flag, path, &error))?;
    if certificates.is_empty() {
        return Err(unreadable(flag, path, &"it contains no certificate"));
    }
    Ok(certificates)
}

/// Sentence about a file that cannot be used.
fn unreadable(flag: &str, path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{flag} {} cannot be used: {error}. It must be a PEM file.", path.display())
}

/// Verifier for `--insecure`: accepts any certificate, so the peer is not authenticated.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
