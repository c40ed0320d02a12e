//! Target of a connection, and the options of its opening.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    FINGERPRINT_LEN, FailureCause,
    record::{DecodeError, Fields, flags, put_pairs, put_text, put_texts},
};

const FOLLOW: u8 = 1;
const INSECURE: u8 = 2;
const LOOPBACK: u8 = 4;
const PRIVATE: u8 = 8;
const PUBLIC: u8 = 16;
const ACCEPTED: u8 = 32;

/// Network of an address, as the question to the user names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Network {
    /// This machine.
    Loopback,
    /// Local network.
    Private,
    /// Internet.
    Public,
}

/// Target and options.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// Address, `ws://…` or `wss://…`.
    pub url: String,
    /// Headers of the request beside the handshake's own, names and values.
    pub headers: Vec<(String, String)>,
    /// Subprotocols, preferred first.
    pub subprotocols: Vec<String>,
    /// Offers of permessage-deflate as in `Sec-WebSocket-Extensions` (RFC 7692), preferred first.
    pub offers: Vec<String>,
    /// Bytes of a message from which on it is compressed, if that is agreed on.
    pub compress_from: u32,
    /// Follow redirects.
    pub follow: bool,
    /// Accept any certificate, for this connection.
    pub insecure: bool,
    /// SHA-256 fingerprint of the certificate that is accepted as the target's own, whatever is wrong with it.
    pub accepted: Option<[u8; FINGERPRINT_LEN]>,
    /// Networks that the user confirmed for this host, beside the loopback addresses of
    /// `localhost`.
    pub confirmed: Vec<Network>,
    /// Name of a client certificate that the server was started with; empty for none.
    pub certificate: String,
    /// Certificates to trust instead of the system's, in PEM format; empty for the system's.
    pub authorities: String,
    /// Proxy, such as `http://host:3128` or `socks5://host:1080`; empty for none.
    pub proxy: String,
    /// IP address to connect to in place of the name's; empty for those.
    pub address: String,
    /// Milliseconds for everything up to the opening handshake; 0 for the server's default.
    pub timeout: u32,
}

impl Open {
    pub(crate) const FLAGS: u8 = FOLLOW | INSECURE | LOOPBACK | PRIVATE | PUBLIC | ACCEPTED;

    pub(crate) fn flags(&self) -> u8 {
        let options = flags([
            (self.follow, FOLLOW),
            (self.insecure, INSECURE),
            (self.accepted.is_some(), ACCEPTED),
        ]);
        self.confirmed.iter().fold(options, |flags, network| flags | network.flag())
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.timeout.to_be_bytes());
        out.extend(self.compress_from.to_be_bytes());
        out.extend(self.accepted.into_iter().flatten());
        for text in [&self.url, &self.certificate, &self.authorities, &self.proxy, &self.address] {
            put_text(text, out);
        }
        put_pairs(&self.headers, out);
        put_texts(&self.subprotocols, out);
        put_texts(&self.offers, out);
    }

    pub(crate) fn get(flags: u8, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        let (timeout, compress_from) = (body.u32()?, body.u32()?);
        let accepted = (flags & ACCEPTED != 0).then(|| body.array()).transpose()?;
        let mut text = || body.text();
        let (url, certificate, authorities) = (text()?, text()?, text()?);
        let (proxy, address) = (text()?, text()?);
        Ok(Self {
            url,
            headers: body.pairs()?,
            subprotocols: body.texts()?,
            offers: body.texts()?,
            compress_from,
            follow: flags & FOLLOW != 0,
            insecure: flags & INSECURE != 0,
            accepted,
            confirmed: Network::ALL.into_iter().filter(|it| flags & it.flag() != 0).collect(),
            certificate,
            authorities,
            proxy,
            address,
            timeout,
        })
    }
}

/// Without possible secrets: headers, subprotocols, user names and passwords in addresses.
impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

impl Network {
    /// All, in their order in [`Open::confirmed`].
    pub const ALL: [Self; 3] = [Self::Loopback, Self::Private, Self::Public];

    /// Cause of a failure because the user has not confirmed the network.
    #[must_use]
    pub fn unconfirmed(self) -> FailureCause {
        match self {
            Self::Loopback => FailureCause::UnconfirmedLoopback,
            Self::Private => FailureCause::UnconfirmedPrivate,
            Self::Public => FailureCause::UnconfirmedPublic,
        }
    }

    fn flag(self) -> u8 {
        match self {
            Self::Loopback => LOOPBACK,
            Self::Private => PRIVATE,
            Self::Public => PUBLIC,
        }
    }
}
