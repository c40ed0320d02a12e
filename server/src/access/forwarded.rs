//! Client behind trusted proxies, by `Forwarded` (RFC 7239) or `X-Forwarded-For`.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use connector::unbracketed;

use super::proxies::Proxies;
use crate::accept::peer::PeerAddress;

/// Header that proxies used before RFC 7239, and mostly still do.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Client of a request that came from a trusted proxy: the rightmost address in its header that is
/// not a trusted proxy's. Addresses left of it may be the client's own invention.
///
/// `None` if no address is known, and if both headers are there and disagree: a proxy writes one of
/// them and may pass on the other as the client made it up.
pub(crate) fn client(headers: &HeaderMap, proxies: &Proxies) -> Option<PeerAddress> {
    let standard = entries(headers, &header::FORWARDED, forwarded);
    let customary = entries(headers, &X_FORWARDED_FOR, x_forwarded_for);
    match (standard.is_empty(), customary.is_empty()) {
        (false, true) => rightmost_client(standard, proxies),
        (true, _) => rightmost_client(customary, proxies),
        (false, false) => {
            let client = rightmost_client(standard, proxies)?;
            let other = rightmost_client(customary, proxies)?;
            (client.ip == other.ip).then_some(client)
        }
    }
}

/// Address of each hop, the client's side first; `None` for a hop without a valid address.
type Hops = Vec<Option<PeerAddress>>;

/// Hops of all lines of a header. A line that is no text is a hop without an address.
fn entries(headers: &HeaderMap, name: &HeaderName, parse: fn(&str) -> Hops) -> Hops {
    let lines = headers.get_all(name).iter();
    lines.flat_map(|line| line.to_str().map_or_else(|_| vec![None], parse)).collect()
}

/// Rightmost hop that is no trusted proxy. Without any, the leftmost known proxy.
fn rightmost_client(hops: Hops, proxies: &Proxies) -> Option<PeerAddress> {
    let mut client = None;
    for hop in hops.into_iter().rev() {
        let Some(address) = hop else { break };
        client = Some(address);
        if !proxies.trusts(address.ip) {
            break;
        }
    }
    client
}

/// Hops in a line of `X-Forwarded-For`.
fn x_forwarded_for(line: &str) -> Hops {
    line.split(',').map(|hop| address(hop.trim())).collect()
}

/// Hops in a line of `Forwarded`: the parameter `for` of each element (RFC 7239 section 4).
fn forwarded(line: &str) -> Hops {
    split_outside_quotes(line, ',').map(hop).collect()
}

/// Address in an element of `Forwarded`. `None` if anything in it is malformed: a quote that the
/// client left open must not swallow the parameters of a proxy.
fn hop(element: &str) -> Option<PeerAddress> {
    let mut client = None;
    for parameter in split_outside_quotes(element, ';') {
        let (name, value) = parameter.trim().split_once('=')?;
        let bare = match value.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            None => value,
        };
        if bare.contains(['"', '\\']) {
            return None;
        }
        if name.eq_ignore_ascii_case("for") && client.replace(address(bare)?).is_some() {
            return None;
        }
    }
    client
}

/// Parts of `text` between separators that are not in quotes.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |character| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    })
}

/// Parses an address with or without a port, an IPv6 address with or without brackets.
fn address(text: &str) -> Option<PeerAddress> {
    match (text.parse::<SocketAddr>(), unbracketed(text).parse::<IpAddr>()) {
        (Ok(address), _) => Some(address.into()),
        (_, Ok(ip)) => Some(ip.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Client by these header lines, with 10.0.0.0/8 as trusted proxies.
    fn client_by(lines: &[(&'static str, &str)]) -> Option<String> {
        let proxies =
            Proxies { trusted: vec!["10.0.0.0/8".parse().unwrap()], ..Proxies::default() };
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        client(&headers, &proxies).map(|client| client.to_string())
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_no_proxy() {
        for (line, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:4711", Some("192.0.2.1:4711")),
            ("[2001:db8::1]:4711", Some("[2001:db8::1]:4711")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("6.6.6.6, 192.0.2.1", Some("192.0.2.1")),
            ("6.6.6.6, 192.0.2.1, 10.0.0.2,10.0.0.3", Some("192.0.2.1")),
            ("10.0.0.1, 10.0.0.2", Some("10.0.0.1")),
            ("6.6.6.6, unknown", None),
            ("6.6.6.6, unknown, 10.0.0.2", Some("10.0.0.2")),
            ("", None),
        ] {
            let client = client_by(&[("x-forwarded-for", line)]);
            assert_eq!(client.as_deref(), expected, "{line}");
        }
        let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1, 10.0.0.2")];
        assert_eq!(client_by(&lines).as_deref(), Some("192.0.2.1"));
        assert_eq!(client_by(&[]), None);
    }

    #[test]
    fn forwarded_names_the_client_in_its_parameter_for() {
        for (line, expected) in [
            ("for=192.0.2.1", Some("192.0.2.1")),
            ("For=\"192.0.2.1:4711\";proto=https;by=10.0.0.1", Some("192.0.2.1:4711")),
            ("host=\"a,b;c\"; for=\"[2001:db8::1]:4711\"", Some("[2001:db8::1]:4711")),
            ("for=6.6.6.6, for=192.0.2.1 , for=10.0.0.2", Some("192.0.2.1")),
            ("for=_hidden", None),
            ("for=unknown, for=10.0.0.2", Some("10.0.0.2")),
            ("proto=https", None),
            ("for", None),
            ("for=192.0.2.1;for=192.0.2.2", None),
        ] {
            assert_eq!(client_by(&[("forwarded", line)]).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn a_client_cannot_swallow_what_its_proxy_adds() {
        for (invented, added) in [
            ("for=6.6.6.6, for=\"x", "for=192.0.2.1"),
            ("for=6.6.6.6;x=\"", "for=\"[2001:db8::1]\""),
            ("for=6.6.6.6;x=\"\\", "for=\"[2001:db8::1]\""),
            ("for=6.6.6.6;x=\"a\\\"", "for=\"[2001:db8::1]\""),
        ] {
            let client = client_by(&[("forwarded", &format!("{invented}, {added}"))]);
            let client = client.unwrap_or_default();
            assert!(client.is_empty() || added.contains(&client), "{invented}: {client}");
        }
    }

    #[test]
    fn two_headers_must_agree() {
        let both = |standard, customary| {
            client_by(&[("forwarded", standard), ("x-forwarded-for", customary)])
        };
        assert_eq!(both("for=192.0.2.1", "192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(both("for=6.6.6.6", "192.0.2.1"), None);
        assert_eq!(both("for=unknown", "192.0.2.1"), None);
    }
}
