//! TLS parameters of a connection, as `/handshake` reports them.

use rustls::ServerConnection;
use serde_json::{Value, json};

/// Parameters negotiated by a TLS handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsInfo {
    /// Protocol version, such as `TLSv1_3`.
    version: Option<String>,
    /// Cipher suite by its name in IANA's registry.
    cipher_suite: Option<String>,
    /// Server name that the client requested (SNI).
    server_name: Option<String>,
    /// Application protocol, `h2` or `http/1.1`.
    alpn: Option<String>,
}

impl TlsInfo {
    /// Reads the parameters of a session after its handshake.
    pub(crate) fn new(session: &ServerConnection) -> Self {
        let cipher_suite = session.negotiated_cipher_suite();
        Self {
            version: session.protocol_version().map(|version| format!("{version:?}")),
            cipher_suite: cipher_suite.map(|suite| format!("{:?}", suite.suite())),
            server_name: session.server_name().map(str::to_owned),
            alpn: session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        }
    }

    /// Entry of `/handshake`'s report.
    pub(crate) fn json(&self) -> Value {
        let Self { version, cipher_suite, server_name, alpn } = self;
        json!({
            "version": version,
            "cipher_suite": cipher_suite,
            "server_name": server_name,
            "alpn": alpn,
        })
    }
}
