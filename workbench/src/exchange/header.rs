//! Headers of a pasted command or an imported archive, for a connection through the page's server.

use session::{MASK, is_of_connection, is_of_handshake};

use crate::{
    compose::{Template, Values},
    relay::{HEADERS, HeaderError, RelayOptions, is_authorization},
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

/// Options of a copied command, with their variables expanded, and other braces escaped: a command that is pasted has
/// variables. If `values` hide secrets, those by variables stay as typed, and others are left out, as are always
/// certificates. True if any was.
///
/// # Errors
/// The first invalid option: without it, the command would connect in another way.
pub fn copied_options(
    options: &RelayOptions,
    values: &Values,
) -> Result<(RelayOptions, bool), HeaderError> {
    let hides = values.hides_secrets;
    let mut kept = if hides { options.stored() } else { options.checked() };
    kept.headers.retain(|(name, value)| !(name.trim().is_empty() && value.trim().is_empty()));
    let count = kept.headers.len();
    kept.headers.retain(|(name, value)| !hides || !value.is_empty() || !options.is_secret(name));
    let is_less = kept.proxy != options.proxy
        || kept.headers.len() < count
        || !options.certificate.is_empty()
        || !(options.offers.is_empty() || options.offered_parameters().is_some())
        || !options.authorities.is_empty();
    let mut filled = kept.filled(values).map_err(|(_, error)| error)?;
    for ((name, value), (_, typed)) in filled.headers.iter_mut().zip(&kept.headers) {
        let is_secret = hides && !filled.plain.contains(name);
        *value = if is_secret { typed.trim().to_owned() } else { Template::escaped(value).into() };
    }
    filled.accepts_any_certificate = options.accepts_any_certificate;
    Ok((filled, is_less))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        connect::Address,
        exchange::{PastedCommand, parse_command, to_wsbench_command},
    };

    #[test]
    fn a_copied_command_has_options_and_no_secrets() {
        let headers = [
            ("Origin", "https://{{host}}"),
            ("Authorization", "Bearer {{pw}}"),
            ("Cookie", "a=typed"),
            ("", ""),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let proxy = "http://me:s3cret@p:{{port}}".to_owned();
        let options = RelayOptions { headers: headers.into(), proxy, ..RelayOptions::default() };
        let variables = [("host", "example.org"), ("pw", "s3cret"), ("port", "1")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let values = Values { variables, hides_secrets: true, ..Values::new(1) };
        let (copied, is_less) = copied_options(&options, &values).unwrap();
        assert_eq!(copied.proxy, "http://p:1");
        let lines = |copied: &RelayOptions| {
            let lines = copied.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(lines(&copied), "Origin: https://example.org\nAuthorization: Bearer {{pw}}");
        assert!(is_less);
        // With them, by the person's choice.
        let (copied, is_less) =
            copied_options(&options, &Values { hides_secrets: false, ..values.clone() }).unwrap();
        assert_eq!(copied.proxy, "http://me:s3cret@p:1");
        assert_eq!(
            lines(&copied),
            "Origin: https://example.org\nAuthorization: Bearer s3cret\nCookie: a=typed"
        );
        assert!(!is_less);
        let copied_proxy = |proxy: &str| {
            let options = RelayOptions { proxy: proxy.to_owned(), ..RelayOptions::default() };
            copied_options(&options, &values).map(|(copied, is_less)| (copied.proxy, is_less))
        };
        let kept = Ok(("http://me:{{pw}}@p:1".to_owned(), false));
        assert_eq!(copied_proxy("http://me:{{pw}}@p:{{port}}"), kept);
        assert!(copied_proxy("http://{{nobody}}").is_err());
        let authorities = "PEM".to_owned();
        let options = RelayOptions { authorities, ..RelayOptions::default() };
        assert!(copied_options(&options, &values).unwrap().1);
        for (offers, expected) in [
            ("permessage-deflate; server_no_context_takeover", false),
            ("permessage-deflate, permessage-deflate; client_max_window_bits", true),
        ] {
            let options = RelayOptions { offers: offers.into(), ..RelayOptions::default() };
            assert_eq!(copied_options(&options, &values).unwrap().1, expected, "{offers}");
        }
    }

    #[test]
    fn only_placeholders_of_secrets_are_variables_of_a_copied_command() {
        let variables = [("api_key", "s3cret"), ("room", "{{api_key}}")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let values = Values { variables, hides_secrets: true, ..Values::new(1) };
        // As a stranger's command is pasted.
        let pasted = parse_command(
            "curl -x 'http://{{a}}:{{b}}@{{api_key}}.test' -H 'X-Id: {{api_key}}' -H 'Origin: {{api_key}}' \
             'ws://{{c}}:{{d}}@h/{{api_key}}?{{api_key}}'",
        );
        let PastedCommand { address, mut relay, .. } = pasted.unwrap();
        relay.mark("X-Id", false);
        relay.headers.push(("Accept".to_owned(), "{{room}}".to_owned()));
        relay.headers.push(("Origin-Key".to_owned(), "{{api_key}}".to_owned()));
        for hides_secrets in [true, false] {
            let values = Values { hides_secrets, ..values.clone() };
            let address = Address::fill(&address, || values.clone(), false).unwrap();
            let (copied, _) = copied_options(&relay, &values).unwrap();
            let copied = to_wsbench_command(&address, &[], &copied, &[]).unwrap();
            let again = parse_command(&copied).unwrap();
            let mut texts = vec![&again.address, &again.relay.proxy, &again.relay.address];
            texts.extend(again.relay.headers.iter().map(|(_, value)| value));
            texts.retain(|text| Template::parse(text.as_str()).unwrap().has_variables());
            let expected: &[&str] = if hides_secrets { &["{{api_key}}"] } else { &[] };
            assert_eq!(texts, expected, "{copied}");
        }
        let options = with_headers(vec![("X-Bad".to_owned(), "{{nobody}}".to_owned())]).unwrap();
        assert!(copied_options(&options, &values).is_err());
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
