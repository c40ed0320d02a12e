//! How the server behaves, besides its bounds.

use std::sync::Arc;

use crate::{Limits, endpoints, limits, tls::Certificates};

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Bounds.
    pub limits: Limits,
    /// How messages are compressed.
    pub compression: Compression,
    /// Who may connect from a browser.
    pub origins: Origins,
    /// Speaks TLS on every public listener, if given.
    pub tls: Option<Arc<Certificates>>,
    /// Which test endpoints there are.
    pub endpoints: Endpoints,
}

/// The test endpoints that can be had. `/` and `/ws` always can.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Test endpoints")]
pub struct Endpoints {
    /// The test endpoints to have, such as echo,stream; all unless given. / and /ws always are
    #[arg(
        long = "endpoints",
        env = "WSBENCH_ENDPOINTS",
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = endpoint
    )]
    chosen: Option<Vec<String>>,
    /// Do without what breaks the protocol or takes more than its share: /fault, /hang, /abort and
    /// /stream?rate=max
    #[arg(long = "no-faults", env = "WSBENCH_NO_FAULTS")]
    no_faults: bool,
}

impl Endpoints {
    /// Whether the endpoint of this name is to be had.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen.iter().any(|it| it == name))
    }

    /// Whether what is dangerous is to be had.
    pub(crate) fn allow_faults(&self) -> bool {
        !self.no_faults
    }
}

fn endpoint(name: &str) -> Result<String, String> {
    let names = endpoints::names();
    if names.contains(&name) {
        Ok(name.to_owned())
    } else {
        Err(format!("there are {}", names.join(", ")))
    }
}

/// permessage-deflate (RFC 7692).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Compression")]
pub struct Compression {
    /// Compress messages for clients that offer permessage-deflate (RFC 7692). A connection that
    /// uses it holds up to 340 KiB for it, until no message came for the time of a ping or two
    #[arg(
        long = "compression",
        env = "WSBENCH_COMPRESSION",
        value_name = "on|off",
        value_parser = on_or_off,
        action = clap::ArgAction::Set,
        default_value = "on"
    )]
    pub offered: bool,
    /// Bytes below which a message is sent as it is
    #[arg(
        long = "compress-from",
        env = "WSBENCH_COMPRESS_FROM",
        value_name = "SIZE",
        value_parser = limits::size,
        default_value = "1KiB"
    )]
    pub from: usize,
}

impl Default for Compression {
    fn default() -> Self {
        Self { offered: true, from: 1 << 10 }
    }
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

/// The origins that may open a WebSocket from a browser (RFC 6455 section 10.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Origins {
    /// Who may connect from a browser, such as `https://example.com`; can be given several times.
    /// Without it, any page may: a test server must be reachable from the page under test.
    /// Programs that send no Origin always may
    #[arg(
        long = "allow-origin",
        env = "WSBENCH_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    allowed: Vec<String>,
}

impl Origins {
    /// Only these, each as a browser writes it: `scheme://host[:port]`.
    #[must_use]
    pub fn only(allowed: &[&str]) -> Self {
        Self { allowed: allowed.iter().copied().map(str::to_owned).collect() }
    }

    pub(crate) fn allow(&self, origin: Option<&[u8]>) -> bool {
        let Some(origin) = origin else { return true };
        self.allowed.is_empty()
            || self.allowed.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(origin))
    }
}

/// An origin is compared as it is written (RFC 6454 section 6.2): a path would never match.
fn origin(text: &str) -> Result<String, String> {
    let is_origin = text == "null"
        || text.split_once("://").is_some_and(|(scheme, host)| {
            !scheme.is_empty() && !host.is_empty() && !host.contains(['/', '?', '#', ' '])
        });
    if is_origin {
        Ok(text.to_owned())
    } else {
        Err("write scheme://host or scheme://host:port, such as https://example.com".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_may_connect_and_programs_always() {
        let any = Origins::default();
        assert!(any.allow(Some(b"https://example.com")));
        let some = Origins::only(&["https://example.com", "http://localhost:8080"]);
        assert!(some.allow(None));
        assert!(some.allow(Some(b"https://EXAMPLE.com")));
        for other in ["http://example.com", "https://example.com:444", "null", ""] {
            assert!(!some.allow(Some(other.as_bytes())), "{other}");
        }
    }

    #[test]
    fn an_origin_is_no_address() {
        assert!(origin("https://example.com:8443").is_ok());
        assert!(origin("null").is_ok());
        for wrong in ["", "example.com", "https://", "https://example.com/", "://x", "*"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
