//! Report of an opening: what each stage found, and the time that it took.

use std::{fmt, net::SocketAddr, time::Duration};

use tokio::time::Instant;

use crate::{handshake::Response, tls::TlsInfo};

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

    /// Name in one lower-case word.
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

/// Time that each stage took, the unfinished one included. A stage that did not take place has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times([Option<Duration>; Stage::ALL.len()]);

impl Times {
    /// Time of a stage.
    #[must_use]
    pub fn get(&self, stage: Stage) -> Option<Duration> {
        self.0[stage as usize]
    }

    /// Stages that took place, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, Duration)> + '_ {
        Stage::ALL.into_iter().filter_map(|stage| Some((stage, self.get(stage)?)))
    }
}

/// Report of an opening, as far as it came. After redirects, of the last target alone.
#[derive(Clone, Debug, Default)]
pub struct OpeningReport {
    /// Address of the TCP connection, or tried first: the server's or the proxy's.
    pub address: Option<SocketAddr>,
    /// Result of the TLS handshake.
    pub tls: Option<TlsInfo>,
    /// Head of the request, as it was sent: with credentials.
    pub request: Option<String>,
    /// Head of the response, of any status.
    pub response: Option<Response>,
    /// Time of each stage.
    pub times: Times,
    /// Stage under way, and its start.
    current: Option<(Stage, Instant)>,
}

impl OpeningReport {
    /// Begins a stage, and ends the one before.
    pub(crate) fn begin(&mut self, stage: Stage) {
        self.end();
        self.current = Some((stage, Instant::now()));
    }

    /// Ends the stage under way, if any, and returns it.
    pub(crate) fn end(&mut self) -> Option<Stage> {
        let (stage, start) = self.current.take()?;
        self.times.0[stage as usize] = Some(start.elapsed());
        Some(stage)
    }
}
