//! Check that a request comes from the page of this server: its Host and its Origin.
//!
//! A name that was rebound to this machine has another Host, a page of another program on this machine another
//! port, and any other page another Origin, which no page can choose.

use axum::http::{header, request::Parts, uri::Authority};

use crate::{
    accept::tls_info::TlsInfo,
    access::hosts::{self, Hosts, only},
    websocket::handshake::refusal::Refusal,
};

/// Hosts of a page that the person opened on this machine.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Checks Host and Origin of a request to one of `own_ports`.
///
/// # Errors
/// [`Refusal::NotOwnPage`] for a page of another server, a program, or another name or port than ours.
pub(super) fn check(parts: &Parts, own_ports: &[u16], hosts: &Hosts) -> Result<(), Refusal> {
    let is_tls = parts.extensions.get::<TlsInfo>().is_some();
    let origin = only(&parts.headers, &header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let is_own =
        own_host(parts, own_ports, hosts, is_tls).zip(origin).is_some_and(|(own, origin)| {
            own.schemes.iter().any(|scheme| origin.strip_prefix(scheme) == Some(own.host))
        });
    if is_own { Ok(()) } else { Err(Refusal::NotOwnPage) }
}

/// Checks a request like [`check`], by `Sec-Fetch-Site` instead of Origin: browsers send no Origin with a same-origin
/// GET.
///
/// # Errors
/// As [`check`].
pub(super) fn check_fetch(parts: &Parts, own_ports: &[u16], hosts: &Hosts) -> Result<(), Refusal> {
    let site = parts.headers.get("sec-fetch-site");
    match site.map(|site| site == "same-origin") {
        Some(false) => Err(Refusal::NotOwnPage),
        Some(true) if !parts.headers.contains_key(header::ORIGIN) => {
            let is_tls = parts.extensions.get::<TlsInfo>().is_some();
            own_host(parts, own_ports, hosts, is_tls).map(drop).ok_or(Refusal::NotOwnPage)
        }
        _ => check(parts, own_ports, hosts),
    }
}

/// Host of this server, and the beginnings of an Origin with it.
struct OwnHost<'a> {
    /// Host and port, as in the request.
    host: &'a str,
    /// `http://` or `https://`; both behind a proxy, which may end TLS.
    schemes: &'static [&'static str],
}

/// Host that a request names, if it is this server's.
fn own_host<'a>(
    parts: &'a Parts,
    own_ports: &[u16],
    hosts: &Hosts,
    is_tls: bool,
) -> Option<OwnHost<'a>> {
    let host = hosts::of_request(parts)?;
    let authority = host.parse::<Authority>().ok()?;
    if LOCAL.contains(&authority.host()) {
        let (scheme, default_port): (&[&str], _) =
            if is_tls { (&["https://"], 443) } else { (&["http://"], 80) };
        let is_here = own_ports.contains(&authority.port_u16().unwrap_or(default_port));
        return is_here.then_some(OwnHost { host, schemes: scheme });
    }
    // Others come through a proxy, which may have another port, and TLS of its own.
    let is_given = hosts.is_given(authority.host());
    is_given.then_some(OwnHost { host, schemes: &["http://", "https://"] })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn check(host: &str, origin: &[&str], is_tls: bool) -> bool {
        let mut hosts = Hosts::default();
        // As the server allows what it listens on.
        for host in ["127.0.0.1", "::1", "localhost", "named.example"] {
            hosts.allow(host);
        }
        let mut request = Request::builder().header(header::HOST, host);
        for origin in origin {
            request = request.header(header::ORIGIN, *origin);
        }
        if is_tls {
            request = request.extension(TlsInfo::default());
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        super::check(&parts, &[8080, 80], &hosts).is_ok()
    }

    #[test]
    fn only_pages_of_this_server_at_its_own_port_are_its_own() {
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
            assert!(check(host, &[&format!("http://{host}")], false), "{host}");
            assert!(!check(host, &[&format!("https://{host}")], false), "{host}");
        }
        assert!(check("localhost:8080", &["https://localhost:8080"], true));
        assert!(!check("localhost:8080", &["http://localhost:8080"], true));
        for host in [
            "evil.test", "0.0.0.0:8080", "localhost.evil.test", "localhost:8081",
            "a.localhost:8080",
        ] {
            assert!(!check(host, &[&format!("http://{host}")], false), "{host}");
        }
        for origin in [
            &[][..],
            &["null"],
            &["http://evil.test"],
            &["http://localhost:8081"],
            &["http://127.0.0.1:8080"],
            &["http://localhost:8080.evil.test"],
            &["http://localhost:8080", "http://localhost:8080"],
        ] {
            assert!(!check("localhost:8080", origin, false), "{origin:?}");
        }
    }

    #[test]
    fn a_name_that_was_given_may_have_the_port_and_scheme_of_a_proxy() {
        for origin in ["https://named.example", "http://named.example"] {
            assert!(check("named.example", &[origin], false), "{origin}");
        }
        assert!(!check("named.example", &["https://named.example:81"], false));
        assert!(!check("other.example", &["https://other.example"], false));
    }
}
