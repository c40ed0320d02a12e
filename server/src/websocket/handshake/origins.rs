//! Allowed origins (RFC 6455 section 10.2).

/// Origins allowed to open a WebSocket from a browser; all if empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Origins {
    /// Origin allowed to connect from a browser, such as `https://example.com`; repeatable.
    /// Default: any, as a test server must be reachable from the page under test. Programs that
    /// send no Origin are always allowed
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
    /// Allows only these, each written as `scheme://host[:port]`.
    #[must_use]
    pub fn only(allowed: &[&str]) -> Self {
        Self { allowed: allowed.iter().copied().map(str::to_owned).collect() }
    }

    /// True for an allowed origin, and for a request without one.
    pub(super) fn allow(&self, origin: Option<&[u8]>) -> bool {
        let Some(origin) = origin else { return true };
        self.allowed.is_empty()
            || self.allowed.iter().any(|it| it.as_bytes().eq_ignore_ascii_case(origin))
    }
}

/// Parses an origin. It has no path: origins are compared as strings (RFC 6454 section 6.2), so that
/// a path would never match.
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
    fn listed_origins_and_programs_are_allowed() {
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
    fn an_origin_has_no_path() {
        assert!(origin("https://example.com:8443").is_ok());
        assert!(origin("null").is_ok());
        for wrong in ["", "example.com", "https://", "https://example.com/", "://x", "*"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
