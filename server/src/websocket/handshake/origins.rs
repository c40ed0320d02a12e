//! Allowed origins (RFC 6455 section 10.2).

use super::refusal::Refusal;

/// Origins allowed to open a WebSocket from a browser; all if empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Access")]
pub struct Origins {
    /// Origin allowed to connect from a browser, such as `https://example.com`; repeatable.
    /// Default: any for `wsbench server`, which the page under test must reach; none for `wsbench listen`
    #[arg(
        long = "allow-origin",
        env = "WSBENCH_ALLOW_ORIGIN",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    allowed: Vec<String>,
    /// With --allow-origin, also allow clients that send no Origin, as most programs do
    #[arg(long = "allow-no-origin", env = "WSBENCH_ALLOW_NO_ORIGIN", value_parser = clap::builder::BoolishValueParser::new())]
    allows_none: bool,
}

impl Origins {
    /// Allows only these, each written as `scheme://host[:port]`.
    #[must_use]
    pub fn only(allowed: &[&str]) -> Self {
        let allowed = allowed.iter().copied().map(str::to_owned).collect();
        Self { allowed, allows_none: false }
    }

    /// These; if they are any, only programs, which send no origin.
    #[must_use]
    pub fn or_programs(self) -> Self {
        if self.allowed.is_empty() {
            // Refuses every origin, since none is empty.
            return Self { allowed: vec![String::new()], allows_none: true };
        }
        self
    }

    /// Checks the origin of a page that this server sent, at `host`, over TLS or not.
    pub(super) fn check_own(&self, host: &[u8]) -> Result<(), Refusal> {
        let origin = |scheme: &[u8]| self.check(Some(&[scheme, host].concat()));
        origin(b"http://").or_else(|_| origin(b"https://"))
    }

    /// Checks the origin of a request.
    pub(super) fn check(&self, origin: Option<&[u8]>) -> Result<(), Refusal> {
        if self.allowed.is_empty() {
            return Ok(());
        }
        match origin {
            None if self.allows_none => Ok(()),
            None => Err(Refusal::NoOrigin),
            Some(origin) => {
                let mut allowed = self.allowed.iter().map(String::as_bytes);
                let is_allowed = allowed.any(|allowed| allowed.eq_ignore_ascii_case(origin));
                if is_allowed { Ok(()) } else { Err(Refusal::Origin) }
            }
        }
    }
}

/// Parses an origin. It has neither a path nor the default port: origins are compared as strings (RFC 6454 section
/// 6.2), so that these would never match.
fn origin(text: &str) -> Result<String, String> {
    let is_origin = text == "null"
        || text.split_once("://").is_some_and(|(scheme, host)| {
            let is_default = match scheme {
                "http" => host.ends_with(":80"),
                "https" => host.ends_with(":443"),
                _ => false,
            };
            !scheme.is_empty()
                && !host.is_empty()
                && !host.contains(['/', '?', '#', ' '])
                && !is_default
        });
    if is_origin {
        Ok(text.to_owned())
    } else {
        Err("write scheme://host or scheme://host:port, such as https://example.com, without a path and without \
             the default port"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_are_allowed() {
        let any = Origins::default();
        for origin in [None, Some(&b"https://example.com"[..])] {
            assert_eq!(any.check(origin), Ok(()));
        }
        let some = Origins::only(&["https://example.com", "http://localhost:8080"]);
        assert_eq!(some.check(Some(b"https://EXAMPLE.com")), Ok(()));
        for other in ["http://example.com", "https://example.com:444", "null", ""] {
            assert_eq!(some.check(Some(other.as_bytes())), Err(Refusal::Origin), "{other}");
        }
        assert_eq!(some.check(None), Err(Refusal::NoOrigin));
        let programs = Origins { allows_none: true, ..some };
        assert_eq!(programs.check(None), Ok(()));
        assert_eq!(programs.check(Some(b"null")), Err(Refusal::Origin));
    }

    #[test]
    fn a_page_of_this_server_has_an_origin_like_any_other() {
        assert_eq!(Origins::default().check_own(b"localhost:8080"), Ok(()));
        let some = Origins::only(&["https://example.com", "http://localhost:8080"]);
        assert_eq!(some.check_own(b"localhost:8080"), Ok(()));
        assert_eq!(some.check_own(b"example.com"), Ok(()));
        assert_eq!(some.check_own(b"localhost"), Err(Refusal::Origin));
    }

    #[test]
    fn an_origin_has_no_path_and_no_default_port() {
        for right in ["https://example.com:8443", "http://[::1]:443", "https://a:80", "null"] {
            assert!(origin(right).is_ok(), "{right}");
        }
        for wrong in ["", "example.com", "https://", "https://example.com/", "://x", "*"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
        for never in ["https://example.com:443", "http://[::1]:80"] {
            assert!(origin(never).unwrap_err().contains("default port"), "{never}");
        }
    }
}
