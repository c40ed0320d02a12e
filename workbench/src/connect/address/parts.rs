//! Parts of an address as it is typed or shown, which may be invalid.

use std::ops::Range;

use percent_encoding::percent_decode_str;

use crate::compose::Template;

/// Maximum length of quoted input in an error, in characters.
const MAX_QUOTED: usize = 40;

/// Default endpoint on the page's own server, from the `protocol` and `host` of the page's
/// location: `ws://HOST/ws`, or `wss://` on an `https:` page, where browsers block `ws://`. `None`
/// if the page was not served over HTTP, such as a local file.
#[must_use]
pub fn endpoint_of_page(protocol: &str, host: &str) -> Option<String> {
    let scheme = match protocol {
        "http:" => "ws",
        "https:" => "wss",
        _ => return None,
    };
    Some(format!("{scheme}://{host}/ws"))
}

/// Host and port of an address as it is shown, without its scheme and path.
#[must_use]
pub fn authority_of(shown: &str) -> &str {
    let rest = shown.split_once("://").map_or(shown, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Start of an address for a sentence, without its user name and password.
#[must_use]
pub fn quoted_address(typed: &str) -> String {
    quoted(&without_user(typed))
}

/// Host and port that a Location names; `None` for one that is relative to the address (RFC 3986 section 4.2).
#[must_use]
pub fn authority_of_location(location: &str) -> Option<&str> {
    let (scheme, rest) = location.split_once("//")?;
    if scheme.contains(['/', '?', '#']) {
        return None;
    }
    rest.split(['/', '\\', '?', '#']).next()?.rsplit('@').next()
}

/// User name and password in front of the host of an address, as typed, with the `@` behind them.
fn user_info(typed: &str) -> Option<Range<usize>> {
    let start = match typed.find("//") {
        Some(at) if !typed[..at].contains(['/', '?', '#']) => at + 2,
        _ => 0,
    };
    let authority = typed[start..].split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let end = start + authority.rfind('@')? + 1;
    Some(start..end)
}

/// User name and password of an address, as typed, with percent signs decoded; `None` if it has neither.
pub(in crate::connect) fn split_user(typed: &str) -> Option<(String, String)> {
    let user_info = typed[user_info(typed)?].strip_suffix('@')?;
    let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
    // Variables are decoded by nobody.
    let decoded = |text: &str| {
        if text.contains("{{") {
            return text.to_owned();
        }
        Template::escaped(&percent_decode_str(text).decode_utf8_lossy()).into_owned()
    };
    Some((decoded(user), decoded(password)))
}

/// Address, as typed, without user name and password.
#[must_use]
pub fn without_user(typed: &str) -> String {
    let mut address = typed.to_owned();
    if let Some(user_info) = user_info(typed) {
        address.replace_range(user_info, "");
    }
    address
}

/// Truncates input for an error.
pub(super) fn quoted(typed: &str) -> String {
    session::excerpt(typed, MAX_QUOTED).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_names_its_own_host() {
        for (location, expected) in [
            ("https://evil.example/?next=https://bank.example/", Some("evil.example")),
            ("https://bank.example@evil.example/", Some("evil.example")),
            ("//other.example:1/a", Some("other.example:1")),
            ("/login?next=https://bank.example/", None),
            ("login", None),
        ] {
            assert_eq!(authority_of_location(location), expected, "{location}");
        }
    }

    #[test]
    fn the_endpoint_is_on_the_server_of_the_page() {
        let endpoint = |protocol, host| endpoint_of_page(protocol, host).unwrap();
        assert_eq!(endpoint("http:", "localhost:8080"), "ws://localhost:8080/ws");
        assert_eq!(endpoint("https:", "example.org"), "wss://example.org/ws");
        assert_eq!(endpoint("http:", "[::1]:8080"), "ws://[::1]:8080/ws");
    }

    #[test]
    fn a_page_opened_as_a_file_has_no_endpoint() {
        assert_eq!(endpoint_of_page("file:", ""), None);
    }
}
