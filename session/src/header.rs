//! HTTP header names: secret ones, and ones reserved for the handshake.

use std::borrow::Cow;

/// Stands for a secret.
pub const MASK: &str = "***";

/// Parts of the names of headers and query parameters with secrets, in lower case: `Authorization`, `X-Api-Key`,
/// `Set-Cookie`, `access_token`.
const SECRET_WORDS: [&str; 10] =
    ["auth", "cookie", "credential", "key", "passw", "secret", "session", "sig", "token", "jwt"];

/// Names of secrets, in lower case.
const SECRETS: [&str; 12] = [
    "apikey", "auth", "authorization", "credential", "jwt", "key", "passwd", "password", "secret",
    "session", "signature", "token",
];

/// Headers that a person adds and that have no secret, in lower case.
const PLAIN_HEADERS: [&str; 12] = [
    "accept", "accept-encoding", "accept-language", "cache-control", "origin", "pragma",
    "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id",
    "x-requested-with",
];

/// Headers of the handshake itself (RFC 6455 section 4.1), in lower case.
const OF_THE_HANDSHAKE: [&str; 6] = [
    "connection",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
];

/// Headers that name another server, belong to one hop, or announce a body, which would make frames a request of
/// their own; in lower case.
const OF_THE_CONNECTION: [&str; 9] = [
    "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding",
];

/// Length of a subprotocol, above which it may be a token: browsers cannot set headers, so that pages send tokens as
/// subprotocols. Registered names are shorter.
const MAX_SUBPROTOCOL: usize = 32;

/// Words in front of a token in a subprotocol, such as `bearer.abcdefg1`.
const TOKEN_WORDS: [&str; 5] = ["apikey", "bearer", "jwt", "secret", "token"];

/// Characters of a token after its word, at least: versions and most names of parts are shorter.
const MIN_TOKEN: usize = 8;

/// True for a character of a token (RFC 9110 section 5.6.2), as names of headers and subprotocols are.
#[must_use]
pub fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// True for a name that has the name of a secret as a word of its own: `api-key`, and neither `keyword` nor `author`,
/// whose values are hidden to be on the safe side.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    name.split(|it: char| !it.is_ascii_alphanumeric())
        .any(|word| SECRETS.iter().any(|secret| word.eq_ignore_ascii_case(secret)))
}

/// True for the name of a header or query parameter whose value is a secret. Case does not matter.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // The handshake's own headers, and challenges.
    let is_plain = name.starts_with("sec-websocket-") || name.ends_with("-authenticate");
    SECRET_WORDS.iter().any(|word| name.contains(word)) && !is_plain
}

/// True for a header that has no secret: any other that a person adds may have one, whatever its name.
#[must_use]
pub fn is_plain_header(name: &str) -> bool {
    PLAIN_HEADERS.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// True for a subprotocol that may be a token, or end in one.
#[must_use]
pub fn is_secret_subprotocol(name: &str) -> bool {
    let is_word = |word: &&str| TOKEN_WORDS.iter().any(|it| it.eq_ignore_ascii_case(word));
    // Names of parts, such as `transport`, are in lower case.
    let is_random = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    let ends_in_token = |separator| {
        let mut parts = name.split(separator);
        let is_token = |part: &str| part.len() >= MIN_TOKEN && part.contains(is_random);
        parts.by_ref().any(|part| is_word(&part)) && parts.any(is_token)
    };
    name.len() > MAX_SUBPROTOCOL || ['.', '-', '_'].into_iter().any(ends_in_token)
}

/// True for a header of the handshake itself, which a user cannot set.
#[must_use]
pub fn is_of_handshake(name: &str) -> bool {
    OF_THE_HANDSHAKE.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// True for a header of the connection, which a page does not set: it names another server, belongs to one hop, or
/// announces a body.
#[must_use]
pub fn is_of_connection(name: &str) -> bool {
    OF_THE_CONNECTION.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Signs that end the value of a query parameter, in a URL or around one; a semicolon ends none.
pub const ENDS_OF_VALUE: [char; 5] = ['&', '#', ' ', '"', '>'];

/// Text with `mask` in place of the values of query parameters that are secret by their names, and of user name and
/// password in front of a host. For URLs, and for lines with one in them.
#[must_use]
pub fn mask_url<'a>(text: &'a str, mask: &str) -> Cow<'a, str> {
    mask_url_with(text, mask, |text| (text.find(ENDS_OF_VALUE).unwrap_or(text.len()), false))
}

/// Masks a text as [`mask_url`] does. `value` gives the bytes of the value that a text begins with, and true if it
/// stays.
pub fn mask_url_with<'a>(
    text: &'a str,
    mask: &str,
    value: impl Fn(&str) -> (usize, bool),
) -> Cow<'a, str> {
    if !text.contains(['=', '@']) {
        return text.into();
    }
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['?', '&', '#', ';', '/']) {
        let (before, parameter) = rest.split_at(at + 1);
        masked += before;
        rest = parameter;
        if masked.ends_with("//") {
            let end = rest.find(['/', '?', '#', ' ']).unwrap_or(rest.len());
            if let Some(user) = rest[..end].rfind('@') {
                masked += mask;
                rest = &rest[user..];
            }
        } else if let Some(end) = rest.find(['=', '?', '&', '#', ';', '/', ' '])
            && let (name, Some(after)) = (&rest[..end], rest[end..].strip_prefix('='))
            && is_secret_name(name)
        {
            let (len, stays) = value(after);
            masked.extend([name, "=", if stays { &after[..len] } else { mask }]);
            rest = &after[len..];
        }
    }
    (masked + rest).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_the_names_of_headers() {
        for secret in [
            "Authorization", "cookie", "Set-Cookie", "X-Api-KEY", "proxy-authorization",
            "re-authenticate-token",
        ] {
            assert!(is_secret_name(secret), "{secret}");
        }
        for plain in ["Host", "Sec-WebSocket-Key", "WWW-Authenticate", "Origin", "User-Agent"] {
            assert!(!is_secret_name(plain), "{plain}");
        }
    }

    #[test]
    fn tokens_are_known_among_subprotocols() {
        for secret in [
            &"a".repeat(33),
            "bearer.s3cret-of-mine",
            "v1.Token.s3cret-x",
            "jwt-12345678",
            "token.abcDefgh",
        ] {
            assert!(is_secret_subprotocol(secret), "{secret}");
        }
        for plain in [
            "graphql-transport-ws",
            "graphql-token-transport",
            "v10.stomp",
            "bearer",
            "token.v1",
            "key-exchange",
            "mqtt",
        ] {
            assert!(!is_secret_subprotocol(plain), "{plain}");
        }
    }

    #[test]
    fn the_handshake_has_its_headers_for_itself() {
        assert!(is_of_handshake("Sec-Websocket-Protocol") && is_of_handshake("UPGRADE"));
        assert!(is_of_connection("Host") && is_of_connection("transfer-encoding"));
        for free in ["Origin", "Authorization", "X-Host"] {
            assert!(!is_of_handshake(free) && !is_of_connection(free), "{free}");
        }
    }

    #[test]
    fn secrets_in_urls_are_masked_by_the_names_of_parameters() {
        for (text, masked) in [
            ("GET /a?token=abc&b=c HTTP/1.1", "GET /a?token=*&b=c HTTP/1.1"),
            ("wss://h/a?b=c&access_token=a=b/c", "wss://h/a?b=c&access_token=*"),
            ("/a?token=abc;def=1&b=c", "/a?token=*&b=c"),
            ("https://me:p%40w@h:1/x?sig=1#key=2", "https://*@h:1/x?sig=*#key=*"),
            ("https://me:p@w@h/", "https://*@h/"),
            ("/a?next=/b?key=1", "/a?next=/b?key=*"),
            ("https://h/#access_token=abc&b=c", "https://h/#access_token=*&b=c"),
            ("/a/b?c=d@e", "/a/b?c=d@e"),
            ("chat", "chat"),
        ] {
            assert_eq!(mask_url(text, "*"), masked);
        }
    }
}
