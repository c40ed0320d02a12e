//! Probable causes of a failed connection. Browsers hide the real one from pages (WHATWG
//! WebSockets, "fail the WebSocket connection"). The page's own server is asked for it by a plain
//! request; for others the usual causes are listed, most likely first.

mod probable;
mod relayed;

use ::relay::Certificate;
use serde::{Deserialize, Serialize};
use session::{Close, is_invisible};
use thiserror::Error;

pub(crate) use self::probable::causes_in_answer;
pub use self::probable::{causes, obstacle};
use super::{
    address::{AddressSpace, authority_of},
    page::Answer,
};
use crate::relay::{FailureCause, Network};

/// Possible cause of a failed connection: a sentence with advice.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Cause {
    /// Invalid address, in words. The page checks before it connects.
    #[error("{0}")]
    Malformed(String),
    /// Invalid name of a subprotocol, in words. The page checks before it connects.
    #[error("{0}")]
    InvalidSubprotocol(String),
    /// W3C Mixed Content: a page that came over TLS may not connect without it.
    #[error("A page loaded over https:// can connect to wss:// only. Try {instead}")]
    Mixed {
        /// Address over TLS.
        instead: String,
    },
    /// Port that browsers refuse for any URL (WHATWG Fetch, "port blocking").
    #[error(
        "Browsers block port {0}, which belongs to another service. Use another port for the server."
    )]
    BlockedPort(u16),
    /// Most common cause.
    #[error("No response from {authority}. Is the server running?")]
    NoResponse {
        /// Host and port.
        authority: String,
    },
    /// WICG Local Network Access; Chromium asks for WebSockets since version 147.
    #[error(
        "The browser asks for permission to reach {place}. Choose Allow, or allow it in the site settings.",
        place = place(*.space)
    )]
    Permission {
        /// Address space of the target.
        space: AddressSpace,
    },
    /// Chromium asks only on behalf of pages that came over TLS.
    #[error(
        "Browsers block pages loaded over http:// from reaching {place}. Open this page over https://, or from that network.",
        place = place(*.space)
    )]
    BlockedByBrowser {
        /// Address space of the target.
        space: AddressSpace,
    },
    /// Untrusted certificate, which can be accepted only on a page of its server.
    #[error(
        "The browser does not trust the certificate of {}. Open {page} once to accept it.",
        authority_of(.page)
    )]
    Certificate {
        /// Page of the same server.
        page: String,
    },
    /// A client must fail the connection if the server chose none of its subprotocols (WHATWG
    /// WebSockets, "establish a WebSocket connection").
    #[error("The server chose none of the requested subprotocols. Are their names right?")]
    Subprotocol,
    /// An HTTP answer other than 101.
    #[error("The server responded, but this path is not a WebSocket endpoint: {path}")]
    NotAnEndpoint {
        /// Path of the address.
        path: String,
    },
    /// TLS to a port without it.
    #[error("The server does not use TLS on this port. Try {instead}")]
    NoTls {
        /// Address without TLS.
        instead: String,
    },
    /// No TLS to a port that speaks nothing else.
    #[error("The server uses TLS on this port. Try {instead}")]
    OnlyTls {
        /// Address over TLS.
        instead: String,
    },
    /// A client must fail the connection if the server chose a subprotocol that it did not offer (RFC
    /// 6455 section 4.1).
    #[error(
        "The server chose the subprotocol {0}, which was not requested. Add it to the options."
    )]
    OtherSubprotocol(String),
    /// HTTP response, with the server's sentence.
    #[error("{}", refusal(*.status, .sentence))]
    Refused {
        /// HTTP status, 400 or above.
        status: u16,
        /// Sentence of the server; may be empty.
        sentence: String,
    },
    /// Handshake that would be accepted, without a connection. Some browsers report a connection
    /// that ends at once as one that never opened.
    #[error(
        "The server accepts WebSockets at {path}, but closed this connection immediately (1006) or violated the protocol."
    )]
    Dropped {
        /// Path of the address.
        path: String,
    },
    /// End without a Close frame, of which the browser reports an error: it failed the connection (RFC 6455 section
    /// 7.1.7), or lost it.
    #[error(
        "The browser broke off (1006), as it does after an invalid frame. Connect through this server to see the frames."
    )]
    BrokenOff,
    /// Cause that the page's server found, in its words.
    #[error("{sentence}")]
    Relayed {
        /// Kind of cause.
        cause: FailureCause,
        /// HTTP status of the response; 0 if none came.
        status: u16,
        /// Sentence of the server.
        sentence: String,
    },
    /// Page and server that do not understand each other.
    #[error("The page and its server have different versions. Reload the page.")]
    RelayVersion,
    /// Server of the page that connects nowhere.
    #[error(
        "The relay is off on this page's server: others can reach it, or --relay off was given. Start it with --relay on."
    )]
    RelayOff,
    /// Options for another address, by its scheme, host and port.
    #[error(
        "The headers and options are for {0}. Use them here, too, or choose “browser” in Options, Route."
    )]
    OptionsOfAnother(String),
    /// End of the connection to the page's server, before one to the target was open.
    #[error("This page's server ended the attempt: {0}.")]
    RelayClosed(Close),
    /// Cause in the words of an imported file.
    #[error("{0}")]
    Imported(String),
    /// Certificate that the page's server does not trust, in its words.
    #[error("{sentence}")]
    Untrusted {
        /// Certificates of the target, its own first.
        certificates: Vec<Certificate>,
        /// Sentence of the server.
        sentence: String,
    },
    /// Redirect that is not followed.
    #[error("{}", redirect(*.status, .location))]
    Redirects {
        /// HTTP status; 0 of a browser, which hides it.
        status: u16,
        /// Address that it redirects to, which can be relative; empty if unknown.
        location: String,
    },
    /// Network that the person is to confirm.
    #[error("{host} leads to {}. Allow that to connect.", reached(*.network))]
    Unconfirmed {
        /// Network that `host` turned out to be in.
        network: Network,
        /// Host that was refused: of the address, of the proxy, or of a redirect.
        host: String,
    },
    /// Connection that the page closed itself.
    #[error("Disconnected by the page: messages arrived faster than this browser can handle.")]
    Overrun,
}

impl Cause {
    /// Cause in these words: on one line, and cut where they are long.
    pub(crate) fn imported(words: &str) -> Self {
        Self::Imported(sentence(words))
    }

    /// Cause of an answer of the page's server that has no token of the relay.
    #[must_use]
    pub fn without_token(answer: &Answer) -> Self {
        match answer.status {
            ..400 | 404 => Self::RelayOff,
            status => Self::Refused { status, sentence: sentence(&answer.text) },
        }
    }

    /// Option of a test endpoint of this project whose value the server refuses, as its sentence names it.
    #[must_use]
    pub fn refused_option(&self) -> Option<&str> {
        let (Self::Refused { sentence, .. } | Self::Relayed { sentence, .. }) = self else {
            return None;
        };
        let (_, name) = sentence.rsplit_once("' of option '")?;
        name.split_once('\'').map(|(name, _)| name)
    }

    /// Text of the cause that has the address, query included, or may have it.
    pub(crate) fn url_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Mixed { instead }
            | Self::NoTls { instead }
            | Self::OnlyTls { instead }
            | Self::Malformed(instead)
            | Self::Imported(instead) => Some(instead),
            _ => None,
        }
    }

    /// True if a retry would fail for the same reason.
    fn is_permanent(&self) -> bool {
        match self {
            Self::Malformed(_)
            | Self::InvalidSubprotocol(_)
            | Self::Mixed { .. }
            | Self::BlockedPort(_)
            | Self::NoTls { .. }
            | Self::OnlyTls { .. }
            | Self::Subprotocol
            | Self::OtherSubprotocol(_)
            | Self::NotAnEndpoint { .. }
            | Self::RelayVersion
            | Self::RelayOff
            | Self::OptionsOfAnother(_)
            | Self::Untrusted { .. }
            | Self::Redirects { .. }
            | Self::Unconfirmed { .. } => true,
            Self::Relayed { cause: FailureCause::Status, status, .. }
            | Self::Refused { status, .. } => is_final(*status),
            Self::Relayed { cause, .. } => !matches!(
                cause,
                FailureCause::UnknownHost
                    | FailureCause::Unreachable
                    | FailureCause::TimedOut
                    | FailureCause::Proxy
                    | FailureCause::Tls
            ),
            Self::NoResponse { .. }
            | Self::Permission { .. }
            | Self::BlockedByBrowser { .. }
            | Self::Certificate { .. }
            | Self::Dropped { .. }
            | Self::BrokenOff
            | Self::RelayClosed(_)
            | Self::Imported(_)
            | Self::Overrun => false,
        }
    }
}

/// True if a retry would fail, too: the cause is known, and permanent.
#[must_use]
pub fn is_permanent(causes: &[Cause]) -> bool {
    matches!(causes, [cause] if cause.is_permanent())
}

/// True for an HTTP status that another attempt would get, too. Timeout, too early and too many requests
/// (RFC 9110, RFC 8470, RFC 6585) are not for good.
fn is_final(status: u16) -> bool {
    (300..500).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// Sentence about an HTTP status; the server's own, if it sent one.
fn refusal(status: u16, sentence: &str) -> String {
    match sentence {
        "" => format!("The server answered with HTTP status {status}."),
        sentence => format!("{status}: {sentence}"),
    }
}

/// Sentence about a redirect that is not followed.
fn redirect(status: u16, location: &str) -> String {
    match (status, location) {
        (0, _) => "The server redirects, which browsers do not follow. Connect through this server to follow."
            .to_owned(),
        (_, "") => format!("The server redirects (HTTP status {status}), but does not say where."),
        _ => format!("The server redirects to {location} (HTTP status {status}). Follow it, or turn on Follow redirects."),
    }
}

/// Phrase for a network to confirm.
fn reached(network: Network) -> &'static str {
    match network {
        Network::Loopback => "this machine",
        Network::Private => "the local network",
        Network::Public => "the internet",
    }
}

/// Phrase for an address space; public addresses are never blocked.
fn place(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Loopback => "this computer",
        AddressSpace::Local | AddressSpace::Public => "the local network",
    }
}

/// Characters of a server's sentence, at most.
const MAX_SENTENCE: usize = 400;

/// Start of a text, on one line.
fn sentence(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown = words.chars().filter(|character| !is_invisible(*character));
    let mut sentence: String = shown.by_ref().take(MAX_SENTENCE).collect();
    if shown.next().is_some() {
        sentence.push('…');
    }
    sentence
}
