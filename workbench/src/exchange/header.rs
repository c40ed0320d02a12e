//! Headers of a pasted command or an imported archive, for a connection through the page's server.

use session::{MASK, is_of_connection, is_of_handshake};

use crate::{
    compose::Values,
    relay::{HEADERS, RelayOptions, is_authorization, is_by_variables},
};

/// Adds a header, unless every client sends it by itself, none may set it, or its value was masked. Returns `false` if
/// there are [`HEADERS`] already.
pub(super) fn add_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_own = match lower.as_str() {
        "pragma" | "cache-control" => true,
        lower => [":", "accept", "sec-"].iter().any(|start| lower.starts_with(start)),
    };
    if is_own || is_of_connection(name) || is_of_handshake(name) || value == MASK {
        return true;
    }
    // A request has one: the last is what was meant.
    if is_authorization(name) {
        headers.retain(|(name, _)| !is_authorization(name));
    }
    let has_room = headers.len() < HEADERS;
    if has_room {
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    has_room
}

/// Options of a connection with these headers; `None` without any: the browser connects by itself.
pub(super) fn with_headers(headers: Vec<(String, String)>) -> Option<RelayOptions> {
    (!headers.is_empty()).then(|| RelayOptions { headers, ..RelayOptions::default() })
}

/// Options of a copied command, with their variables expanded. If `values` hide secrets, secret variables stay
/// placeholders, and secrets that were typed are left out, as are always what cannot be sent, and certificates. True if
/// any was.
#[must_use]
pub fn copied_options(options: &RelayOptions, values: &Values) -> (RelayOptions, bool) {
    let hides = values.hides_secrets;
    let kept = if hides { options.stored() } else { options.checked() };
    let mut is_less = kept.proxy != options.proxy
        || !options.certificate.is_empty()
        || !(options.offers.is_empty() || options.offered_parameters().is_some())
        || !options.authorities.is_empty();
    let mut headers = Vec::new();
    for header in &options.headers {
        let is_secret = hides && options.is_secret(&header.0) && !is_by_variables(&header.1);
        let mut one = with_headers(vec![header.clone()]).unwrap_or_default();
        one.plain.clone_from(&options.plain);
        match one.filled(values) {
            Ok(filled) if !is_secret => headers.extend(filled.headers),
            _ => is_less = true,
        }
    }
    let kept = RelayOptions { headers: Vec::new(), ..kept };
    let filled = kept.filled(values);
    is_less |= filled.is_err();
    let bare = RelayOptions { proxy: String::new(), address: String::new(), ..kept };
    let accepts_any_certificate = options.accepts_any_certificate;
    (RelayOptions { headers, accepts_any_certificate, ..filled.unwrap_or(bare) }, is_less)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_command_has_options_and_no_secrets() {
        let headers = [
            ("Origin", "https://{{host}}"),
            ("Authorization", "Bearer {{token}}"),
            ("Cookie", "a=typed"),
            ("X-Bad", "{{nobody}}"),
            ("", ""),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let proxy = "http://me:s3cret@p:{{port}}".to_owned();
        let options = RelayOptions { headers: headers.into(), proxy, ..RelayOptions::default() };
        let variables = [("host", "example.org"), ("token", "s3cret"), ("port", "1")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let values = Values { variables, hides_secrets: true, ..Values::new(1) };
        let (copied, is_less) = copied_options(&options, &values);
        assert_eq!(copied.proxy, "http://p:1");
        let lines = |copied: &RelayOptions| {
            let lines = copied.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(lines(&copied), "Origin: https://example.org\nAuthorization: Bearer {{token}}");
        assert!(is_less);
        // With them, by the person's choice; what cannot be sent is still left out.
        let (copied, is_less) =
            copied_options(&options, &Values { hides_secrets: false, ..values.clone() });
        assert_eq!(copied.proxy, "http://me:s3cret@p:1");
        assert_eq!(
            lines(&copied),
            "Origin: https://example.org\nAuthorization: Bearer s3cret\nCookie: a=typed"
        );
        assert!(is_less);
        let authorities = "PEM".to_owned();
        let options = RelayOptions { authorities, ..RelayOptions::default() };
        assert!(copied_options(&options, &values).1);
        for (offers, expected) in [
            ("permessage-deflate; server_no_context_takeover", false),
            ("permessage-deflate, permessage-deflate; client_max_window_bits", true),
        ] {
            let options = RelayOptions { offers: offers.into(), ..RelayOptions::default() };
            assert_eq!(copied_options(&options, &values).1, expected, "{offers}");
        }
    }

    #[test]
    fn headers_of_every_client_are_left_to_it() {
        let mut headers = Vec::new();
        for name in
            ["Host", "Expect", ":authority", "Accept-Language", "Sec-WebSocket-Key", "User-Agent"]
        {
            assert!(add_header(&mut headers, name, " a "), "{name}");
        }
        assert!(add_header(&mut headers, "Cookie", "***"));
        assert_eq!(headers, [("User-Agent".to_owned(), "a".to_owned())]);
        for value in ["Bearer t", "Basic YTpi"] {
            assert!(add_header(&mut headers, "authorization", value));
        }
        let authorization = ("authorization".to_owned(), "Basic YTpi".to_owned());
        assert_eq!(headers[1..], [authorization]);
        headers = vec![Default::default(); HEADERS];
        assert!(!add_header(&mut headers, "X-Key", "a"));
    }
}
