//! Facts of an opening: its stages, and the certificates of the server.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Time;

/// Bytes of the SHA-256 fingerprint of a certificate.
pub const FINGERPRINT_LEN: usize = 32;

/// Stage of an opening, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Addresses of the server's name, or of the proxy's.
    Name,
    /// TCP connection, or that to a Unix socket.
    Tcp,
    /// Tunnel through the proxy.
    Proxy,
    /// TLS handshake.
    Tls,
    /// Opening handshake (RFC 6455 section 4): request and response.
    Http,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 5] = [Self::Name, Self::Tcp, Self::Proxy, Self::Tls, Self::Http];

    /// Name in one lower-case word, as records have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Tcp => "tcp",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Http => "http",
        }
    }
}

/// For a sentence: `the TLS handshake`.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the name resolution",
            Self::Tcp => "the connection",
            Self::Proxy => "the tunnel through the proxy",
            Self::Tls => "the TLS handshake",
            Self::Http => "the opening handshake",
        })
    }
}

/// Certificate of a server. The texts are the server's: escape them for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Subject, as in `CN=example.org`.
    pub subject: String,
    /// Issuer.
    pub issuer: String,
    /// DNS names and IP addresses that it is for.
    pub names: Vec<String>,
    /// Start of its validity, in seconds since 1970.
    pub not_before: u64,
    /// End of its validity, in seconds since 1970.
    pub not_after: u64,
    /// SHA-256 of the certificate in DER.
    pub fingerprint: [u8; FINGERPRINT_LEN],
}

impl Certificate {
    /// Start and end of its validity (RFC 3339), in whole seconds: `2026-01-02T03:04:05Z`.
    #[must_use]
    pub fn validity(&self) -> [String; 2] {
        [self.not_before, self.not_after].map(|seconds| {
            let mut time = Time::from_secs(seconds).to_string();
            time.truncate("2026-01-02T03:04:05".len());
            time + "Z"
        })
    }
}
