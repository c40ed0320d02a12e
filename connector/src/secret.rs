//! Credentials in headers and URLs, hidden where they are shown.

use std::borrow::Cow;

use session::{is_secret_name, is_secret_subprotocol, mask_url};

/// Shown in place of a credential.
pub const REDACTED: &str = "[redacted]";

/// Value of a header without credentials, also in a URL. The scheme of an Authorization header stays.
#[must_use]
pub fn redact<'a>(header: &str, value: &'a str) -> Cow<'a, str> {
    if header.eq_ignore_ascii_case("sec-websocket-protocol") {
        return redact_subprotocols(value).into();
    }
    if !is_secret_name(header) {
        return mask_url(value, REDACTED);
    }
    match value.split_once(' ') {
        Some((scheme @ ("Basic" | "Bearer" | "Digest"), _)) => {
            format!("{scheme} {REDACTED}").into()
        }
        _ => REDACTED.into(),
    }
}

/// Comma-separated subprotocols without tokens.
#[must_use]
pub fn redact_subprotocols(names: &str) -> String {
    let names = names.split(',').map(str::trim);
    let shown = names.map(|name| if is_secret_subprotocol(name) { REDACTED } else { name });
    shown.collect::<Vec<_>>().join(", ")
}

/// Text typed as a URL, valid or not, without user name, password and secret parameters.
#[must_use]
pub fn redact_url(text: &str) -> Cow<'_, str> {
    let Some((before, host)) = text.rsplit_once('@') else { return mask_url(text, REDACTED) };
    let scheme = before.split_once("://").map_or("", |(scheme, _)| &before[..scheme.len() + 3]);
    format!("{scheme}{REDACTED}@{}", mask_url(host, REDACTED)).into()
}

/// Text typed as a header, valid or not, without its value if that is a credential.
#[must_use]
pub fn redact_header(text: &str) -> Cow<'_, str> {
    match text.split_once(':') {
        Some((name, _)) if is_secret_name(name.trim()) => format!("{name}: {REDACTED}").into(),
        _ => text.into(),
    }
}

/// Nothing of a text that is a credential as a whole.
#[must_use]
pub fn redact_all(_: &str) -> Cow<'_, str> {
    REDACTED.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_headers_are_hidden() {
        for (line, shown) in [
            ("Authorization: Bearer t0k", "Authorization: Bearer [redacted]"),
            ("authorization: t0k en", "authorization: [redacted]"),
            ("Set-Cookie: a=b; Path=/", "Set-Cookie: [redacted]"),
            ("X-Access-Token: t0k", "X-Access-Token: [redacted]"),
            ("Api-Key: Bearer t0k", "Api-Key: Bearer [redacted]"),
            ("WWW-Authenticate: Bearer", "WWW-Authenticate: Bearer"),
            ("Sec-WebSocket-Key: bm9uY2U=", "Sec-WebSocket-Key: bm9uY2U="),
            ("Host: localhost", "Host: localhost"),
            ("Location: /a?token=t0k&b=c", "Location: /a?token=[redacted]&b=c"),
            ("Sec-WebSocket-Protocol: chat, soap", "Sec-WebSocket-Protocol: chat, soap"),
            (
                "Sec-WebSocket-Protocol: chat, eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.abc",
                "Sec-WebSocket-Protocol: chat, [redacted]",
            ),
        ] {
            let (name, value) = line.split_once(": ").unwrap();
            assert_eq!(format!("{name}: {}", redact(name, value)), shown);
        }
    }

    #[test]
    fn credentials_in_urls_are_hidden_whatever_is_wrong_with_them() {
        for (text, shown) in [
            ("ws://me:pw@host:port", "ws://[redacted]@host:port"),
            ("ws://me:p/w?@x@host", "ws://[redacted]@host"),
            ("me:pw@host", "[redacted]@host"),
            ("ws://host:port", "ws://host:port"),
            ("ws://host:port/?token=t0k", "ws://host:port/?token=[redacted]"),
            ("me:pw@host/?token=t0k", "[redacted]@host/?token=[redacted]"),
        ] {
            assert_eq!(redact_url(text), shown);
        }
        assert_eq!(redact_header("Cookie: a\nb"), "Cookie: [redacted]");
        assert_eq!(redact_header("X: a\nb"), "X: a\nb");
    }
}
