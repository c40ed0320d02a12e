//! Opening of a connection, as the server saw it.

use session::{Certificate, Stage};

use crate::record::{
    DecodeError, Fields, by_number, flags, put_list, put_pairs, put_text, put_texts,
};

/// Flag of [`Tls`].
const IS_TRUSTED: u8 = 1;
const HAS_ALPN: u8 = 2;

/// Flags of [`Opened`].
const HAS_SUBPROTOCOL: u8 = 1;
const HAS_DEFLATE: u8 = 2;

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

/// Response to the opening handshake. The texts are the target's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Reason phrase.
    pub reason: String,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// Start of the body of a refusal, at most 4 KiB, if it is a text; else empty.
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
            put_texts(&certificate.names, out);
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
                    names: body.texts()?,
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
        put_pairs(&self.headers, out);
        put_text(&self.body, out);
    }

    pub(crate) fn get(status: u16, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self { status, reason: body.text()?, headers: body.pairs()?, body: body.text()? })
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
        out.push(*stage as u8 + 1);
        out.extend(time.to_be_bytes());
    });
}

/// Stages with the microseconds that each took.
pub(crate) fn get_times(body: &mut Fields<'_>) -> Result<Vec<(Stage, u64)>, DecodeError> {
    body.list(|body| {
        let number = body.u8()?.into();
        Ok((by_number(&Stage::ALL, number, |it| it as u16 + 1, "stage")?, body.u64()?))
    })
}
