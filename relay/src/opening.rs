//! Opening of a connection, as the server saw it.

use serde::{Deserialize, Serialize};

use crate::{
    FINGERPRINT_LEN,
    record::{DecodeError, Fields, flags, put_list, put_text},
};

/// Flag of [`Tls`].
const IS_TRUSTED: u8 = 1;
const HAS_ALPN: u8 = 2;

/// Flags of [`Opened`].
const HAS_SUBPROTOCOL: u8 = 1;
const HAS_DEFLATE: u8 = 2;

/// Stage of an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Name resolution.
    Name = 1,
    /// TCP connection.
    Tcp,
    /// Tunnel through the proxy.
    Proxy,
    /// TLS handshake.
    Tls,
    /// Opening handshake (RFC 6455 section 4).
    Http,
}

/// Result of a TLS handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Version, such as `TLSv1_3`; empty if the certificate was refused, with which the handshake ends.
    pub version: String,
    /// Cipher suite; empty as the version is.
    pub cipher_suite: String,
    /// Protocol that was selected by ALPN (RFC 7301).
    pub alpn: Option<String>,
    /// False if the certificate was refused, or accepted whatever is wrong with it.
    pub is_trusted: bool,
    /// Certificates of the target, its own first.
    pub certificates: Vec<Certificate>,
}

/// Certificate. The texts are the target's: escape them for display.
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

/// Response to the opening handshake. The texts are the target's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// Start of the body of a refusal, if it is a text.
    pub body: String,
}

/// WebSocket open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Address, after redirects.
    pub url: String,
    /// Subprotocol that the target selected.
    pub subprotocol: Option<String>,
    /// Parameters of permessage-deflate as in `Sec-WebSocket-Extensions`, if it was agreed on.
    pub deflate: Option<String>,
    /// Microseconds that each stage took.
    pub times: Vec<(Stage, u64)>,
}

impl Stage {
    fn get(number: u8) -> Result<Self, DecodeError> {
        let stages = [Self::Name, Self::Tcp, Self::Proxy, Self::Tls, Self::Http];
        let stage = stages.into_iter().find(|stage| *stage as u8 == number);
        stage.ok_or(DecodeError::Value("stage"))
    }
}

impl Tls {
    pub(crate) const FLAGS: u8 = IS_TRUSTED | HAS_ALPN;

    pub(crate) fn flags(&self) -> u8 {
        flags([(self.is_trusted, IS_TRUSTED), (self.alpn.is_some(), HAS_ALPN)])
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_text(&self.version, out);
        put_text(&self.cipher_suite, out);
        if let Some(alpn) = &self.alpn {
            put_text(alpn, out);
        }
        put_list(&self.certificates, out, |certificate, out| {
            put_text(&certificate.subject, out);
            put_text(&certificate.issuer, out);
            put_list(&certificate.names, out, |name, out| put_text(name, out));
            out.extend(certificate.not_before.to_be_bytes());
            out.extend(certificate.not_after.to_be_bytes());
            out.extend(certificate.fingerprint);
        });
    }

    pub(crate) fn get(flags: u8, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            version: body.text()?,
            cipher_suite: body.text()?,
            alpn: (flags & HAS_ALPN != 0).then(|| body.text()).transpose()?,
            is_trusted: flags & IS_TRUSTED != 0,
            certificates: body.list(|body| {
                Ok(Certificate {
                    subject: body.text()?,
                    issuer: body.text()?,
                    names: body.list(Fields::text)?,
                    not_before: body.u64()?,
                    not_after: body.u64()?,
                    fingerprint: body.array()?,
                })
            })?,
        })
    }
}

impl Response {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_text(&self.reason, out);
        put_list(&self.headers, out, |(name, value), out| {
            put_text(name, out);
            put_text(value, out);
        });
        put_text(&self.body, out);
    }

    pub(crate) fn get(status: u16, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        let reason = body.text()?;
        let headers = body.list(|body| Ok((body.text()?, body.text()?)))?;
        Ok(Self { status, reason, headers, body: body.text()? })
    }
}

impl Opened {
    pub(crate) const FLAGS: u8 = HAS_SUBPROTOCOL | HAS_DEFLATE;

    pub(crate) fn flags(&self) -> u8 {
        flags([
            (self.subprotocol.is_some(), HAS_SUBPROTOCOL),
            (self.deflate.is_some(), HAS_DEFLATE),
        ])
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_text(&self.url, out);
        for text in [&self.subprotocol, &self.deflate].into_iter().flatten() {
            put_text(text, out);
        }
        put_times(&self.times, out);
    }

    pub(crate) fn get(flags: u8, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            url: body.text()?,
            subprotocol: (flags & HAS_SUBPROTOCOL != 0).then(|| body.text()).transpose()?,
            deflate: (flags & HAS_DEFLATE != 0).then(|| body.text()).transpose()?,
            times: get_times(body)?,
        })
    }
}

/// Appends stages with the microseconds that each took.
pub(crate) fn put_times(times: &[(Stage, u64)], out: &mut Vec<u8>) {
    put_list(times, out, |(stage, time), out| {
        out.push(*stage as u8);
        out.extend(time.to_be_bytes());
    });
}

/// Stages with the microseconds that each took.
pub(crate) fn get_times(body: &mut Fields<'_>) -> Result<Vec<(Stage, u64)>, DecodeError> {
    body.list(|body| Ok((Stage::get(body.u8()?)?, body.u64()?)))
}
