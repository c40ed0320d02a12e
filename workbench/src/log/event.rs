//! Events of a list: all entries but messages.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use session::{Close, CloseCode, Direction, EndReason, Handshake, Negotiated};

use crate::{
    codec,
    compose::mask_secrets,
    connect::{Cause, Overrun},
    relay::{ControlFrame, Opening},
};

/// Entry that is no message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogEvent {
    /// The connection opened.
    Opened(Opened),
    /// The connection or the attempt ended.
    Ended(Ended),
    /// Divider: earlier entries were imported or restored.
    Imported(Imported),
    /// The connection is closed in favor of another address.
    Switched(Switched),
    /// The connection is closed because messages lag behind.
    Overrun(Overrun),
    /// Ping, pong or Close frame of a relayed connection.
    Control(ControlFrame),
    /// Opening of a relayed connection.
    Handshake(Box<Opening>),
}

impl LogEvent {
    /// Bytes of the event as it is stored.
    pub(super) fn size(&self) -> usize {
        codec::encode(self).len()
    }

    /// Masks the secrets in its addresses. An opening has none: it is masked as it comes.
    pub(crate) fn mask(&mut self) {
        match self {
            Self::Opened(opened) => mask_secrets(&mut opened.address),
            Self::Ended(ended) => {
                mask_secrets(&mut ended.address);
                ended.causes.iter_mut().filter_map(Cause::url_mut).for_each(mask_secrets);
            }
            Self::Switched(Switched { from, to }) => [from, to].into_iter().for_each(mask_secrets),
            Self::Imported(_) | Self::Overrun(_) | Self::Control(_) | Self::Handshake(_) => {}
        }
    }
}

/// Opening of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Address, its secrets masked; empty if unknown, as in an imported list.
    pub address: String,
    /// Result of the handshake.
    pub negotiated: Negotiated,
    /// Time without a connection, if an earlier one was lost.
    pub outage: Option<Duration>,
}

/// End of a connection or of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Address, its secrets masked; empty if unknown, as in an imported list.
    pub address: String,
    /// Close code and reason of an open connection, or the failure or cancellation of an attempt.
    pub reason: EndReason,
    /// Probable causes of a failure, likeliest first.
    pub causes: Vec<Cause>,
    /// Subprotocol of the connection; empty if there was none.
    pub subprotocol: String,
    /// Time from opening to end; `None` for an attempt, or if unknown.
    pub lasted: Option<Duration>,
    /// True if this side began to close.
    pub is_own: bool,
}

/// Change of address while connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// Address of the connection that closes.
    pub from: String,
    /// Address of the next connection.
    pub to: String,
}

/// Imported or restored entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Number of entries.
    pub entries: u64,
    /// Origin of the entries.
    pub from: Origin,
}

/// Origin of imported or restored entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Restored from the store after a reload.
    LastVisit,
    /// From a file of this name.
    File(String),
}

impl Opened {
    /// Handshake of a [record](session::Record).
    pub(crate) fn handshake(&self) -> Handshake {
        let Negotiated { subprotocol, extensions } = &self.negotiated;
        let [url, subprotocol, extensions] =
            [&self.address, subprotocol, extensions].map(|text| known(text));
        Handshake { url, subprotocol, extensions, ..Handshake::default() }
    }
}

impl From<Negotiated> for Opened {
    fn from(negotiated: Negotiated) -> Self {
        Self { negotiated, ..Self::default() }
    }
}

impl From<Handshake> for Opened {
    fn from(handshake: Handshake) -> Self {
        let Handshake { url, subprotocol, extensions, .. } = handshake;
        let [address, subprotocol, extensions] =
            [url, subprotocol, extensions].map(Option::unwrap_or_default);
        Self { address, negotiated: Negotiated { subprotocol, extensions }, outage: None }
    }
}

/// A text, unless it is empty.
fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl From<EndReason> for Ended {
    fn from(reason: EndReason) -> Self {
        let (address, subprotocol) = (String::new(), String::new());
        Self { address, reason, causes: Vec::new(), subprotocol, lasted: None, is_own: false }
    }
}

impl Ended {
    /// Handshake of a [record](session::Record).
    pub(crate) fn handshake(&self) -> Handshake {
        Handshake { url: known(&self.address), closed_by: self.closed_by(), ..Handshake::default() }
    }

    /// Side that began to close; `None` if neither did, or if that is unknown.
    pub(crate) fn closed_by(&self) -> Option<Direction> {
        let is_by_peer = self.is_clean() && !self.address.is_empty();
        if self.is_own { Some(Direction::Out) } else { is_by_peer.then_some(Direction::In) }
    }

    /// Likeliest cause of a failure, in words.
    pub(crate) fn cause(&self) -> Option<String> {
        self.causes.first().map(Cause::to_string)
    }

    /// End at an address, as a file tells it, with the cause in words.
    pub(crate) fn imported(
        address: String,
        reason: EndReason,
        cause: Option<&str>,
        closed_by: Option<Direction>,
    ) -> Self {
        let causes = cause.map(Cause::imported).into_iter().collect();
        Self { address, causes, is_own: closed_by == Some(Direction::Out), ..reason.into() }
    }

    /// True for a failed attempt, and for a close code of an error.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match &self.reason {
            EndReason::Failed => true,
            EndReason::Cancelled => false,
            EndReason::Closed(close) => close.code.is_error() && !self.is_unanswered(),
        }
    }

    /// True if this side closed at its person's wish, and the peer sent no Close frame in return. The page's server
    /// gives a reason where it ended the connection itself.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        let is_wished = self.is_own && self.causes != [Cause::Overrun];
        is_wished && self.reason == EndReason::Closed(Close::abnormal())
    }

    /// True if the connection ended by Close frames (RFC 6455 section 7.1.4).
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(&self.reason, EndReason::Closed(close) if close.code != CloseCode::ABNORMAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_the_address_of_a_cause() {
        let instead = "ws://h/a?token=s3cret".to_owned();
        let causes = vec![Cause::NoTls { instead }, Cause::BrokenOff];
        let mut event = LogEvent::Ended(Ended { causes, ..EndReason::Failed.into() });
        event.mask();
        let LogEvent::Ended(ended) = event else { panic!("{event:?}") };
        let sentence = "The server does not use TLS on this port. Try ws://h/a?token=***";
        assert_eq!(ended.cause().as_deref(), Some(sentence));
    }

    #[test]
    fn failures_and_codes_of_errors_are_told_from_orderly_ends() {
        let closed = |code| {
            let close = Close { code: CloseCode(code), reason: String::new() };
            let ended = Ended::from(EndReason::Closed(close));
            (ended.is_failure(), ended.is_clean())
        };
        assert_eq!(closed(1000), (false, true));
        assert_eq!(closed(1001), (false, true));
        assert_eq!(closed(1011), (true, true));
        assert_eq!(closed(1006), (true, false));
        let own = Ended { is_own: true, ..EndReason::Closed(Close::abnormal()).into() };
        assert!(own.is_unanswered() && !own.is_failure());
        let of_page = Ended { causes: vec![Cause::Overrun], ..own };
        assert!(!of_page.is_unanswered() && of_page.is_failure());
        assert!(Ended::from(EndReason::Failed).is_failure());
        assert!(!Ended::from(EndReason::Cancelled).is_failure());
    }
}
