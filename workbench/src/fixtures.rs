//! Values that the unit tests of several rooms start from.

use ::relay::{Certificate, Tls};

use crate::{
    compose::Values,
    relay::{RelayOptions, WireFrame},
};

/// Name and value of a header, a variable or a cookie.
pub(crate) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Several of them.
pub(crate) fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, value)| pair(name, value)).into()
}

/// Values with these variables.
pub(crate) fn values<const N: usize>(variables: [(&str, &str); N]) -> Values {
    Values { variables: pairs(variables), ..Values::new(1) }
}

/// Options with these headers, and nothing else.
pub(crate) fn with_headers<const N: usize>(headers: [(&str, &str); N]) -> RelayOptions {
    RelayOptions { headers: pairs(headers), ..RelayOptions::default() }
}

/// Certificate for `a`, of the second after 1970 began.
pub(crate) fn certificate() -> Certificate {
    Certificate {
        subject: "CN=a".to_owned(),
        issuer: "CN=b".to_owned(),
        names: vec!["a".to_owned()],
        not_before: 1,
        not_after: 2,
        fingerprint: [3; 32],
    }
}

/// TLS with that certificate.
pub(crate) fn tls() -> Tls {
    Tls {
        version: "TLSv1_3".to_owned(),
        cipher_suite: "c".to_owned(),
        alpn: None,
        is_trusted: true,
        certificates: vec![certificate()],
    }
}

/// Whole message of bytes in a frame that a client sent.
pub(crate) fn frame(wire_len: u64) -> WireFrame {
    WireFrame {
        opcode: 2,
        fin: true,
        compressed: false,
        masked: true,
        head_len: 6,
        wire_len,
        inflated: None,
    }
}
