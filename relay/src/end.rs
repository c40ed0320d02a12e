//! End of a connection, and of the attempt to open one.

use serde::{Deserialize, Serialize};

use session::Stage;

use crate::{
    opening::{get_times, put_times},
    record::{DecodeError, Fields, by_number, flags, put_text},
};

/// Flag of [`End`].
const HAS_CODE: u8 = 1;

/// Attempt that opened no WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Cause, by which the page explains the failure and offers a remedy.
    pub cause: FailureCause,
    /// Microseconds that each stage took, the last of which failed; none before the first one.
    pub times: Vec<(Stage, u64)>,
    /// Sentence for the user, in English.
    pub sentence: String,
}

/// Cause of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureCause {
    /// Option of [`Open`](crate::Open) that cannot be used, or lacks something.
    Option = 1,
    /// Address of a network that the user must confirm: this machine, by another name than
    /// `localhost`.
    UnconfirmedLoopback,
    /// The same of the local network.
    UnconfirmedPrivate,
    /// The same of the internet.
    UnconfirmedPublic,
    /// Address that is never connected to.
    RefusedAddress,
    /// Name without an address.
    UnknownHost,
    /// Nothing answers at the address.
    Unreachable,
    /// Not opened within the time limit.
    TimedOut,
    /// Error of the proxy, or on the way to it.
    Proxy,
    /// Certificate that is not trusted.
    Certificate,
    /// Any other error of TLS.
    Tls,
    /// Response with another status than 101.
    Status,
    /// Response that is not valid.
    Handshake,
    /// Redirect that is not followed.
    Redirect,
    /// TLS to a port without it.
    NoTls,
    /// A port that speaks TLS only, without it.
    OnlyTls,
}

/// End of an open WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Side that began it.
    pub side: Side,
    /// Cause, by which the page explains the end.
    pub cause: EndCause,
    /// Code of the Close frame; `None` without one.
    pub code: Option<u16>,
    /// Reason in the Close frame, or a sentence for the user.
    pub reason: String,
}

/// Side of a relayed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The page that asked for it.
    Page = 1,
    /// The target.
    Target,
    /// The server between them.
    Relay,
}

/// Cause of an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// Closing handshake complete.
    Closed = 1,
    /// Connection lost without a Close frame.
    Lost,
    /// Close frame that the target did not answer in time.
    Unanswered,
    /// Breach of the protocol by the target.
    Violation,
    /// Message or frame above the limit.
    TooLarge,
    /// Too much memory held for all relays, and for this one more than for others.
    Memory,
}

impl Failure {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        put_times(&self.times, out);
        put_text(&self.sentence, out);
    }

    pub(crate) fn get(code: u16, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        let cause = by_number(&FailureCause::ALL, code, |it| it as u16, "cause")?;
        Ok(Self { cause, times: get_times(body)?, sentence: body.text()? })
    }
}

impl FailureCause {
    /// All causes.
    pub const ALL: [Self; 16] = [
        Self::Option,
        Self::UnconfirmedLoopback,
        Self::UnconfirmedPrivate,
        Self::UnconfirmedPublic,
        Self::RefusedAddress,
        Self::UnknownHost,
        Self::Unreachable,
        Self::TimedOut,
        Self::Proxy,
        Self::Certificate,
        Self::Tls,
        Self::Status,
        Self::Handshake,
        Self::Redirect,
        Self::NoTls,
        Self::OnlyTls,
    ];
}

impl End {
    pub(crate) const FLAGS: u8 = HAS_CODE;

    pub(crate) fn flags(&self) -> u8 {
        flags([(self.code.is_some(), HAS_CODE)])
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.push(self.side as u8);
        if let Some(code) = self.code {
            out.extend(code.to_be_bytes());
        }
        put_text(&self.reason, out);
    }

    pub(crate) fn get(flags: u8, code: u16, body: &mut Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            side: by_number(&Side::ALL, body.u8()?.into(), |it| it as u16, "side")?,
            cause: by_number(&EndCause::ALL, code, |it| it as u16, "cause")?,
            code: (flags & HAS_CODE != 0).then(|| body.u16()).transpose()?,
            reason: body.text()?,
        })
    }
}

impl Side {
    /// All sides.
    pub const ALL: [Self; 3] = [Self::Page, Self::Target, Self::Relay];
}

impl EndCause {
    /// All causes.
    pub const ALL: [Self; 6] =
        [Self::Closed, Self::Lost, Self::Unanswered, Self::Violation, Self::TooLarge, Self::Memory];
}
