//! Address and headers of a pasted command or an imported archive.

use session::{MASK, is_of_connection, is_of_handshake};

use crate::relay::{MAX_HEADERS, RelayOptions, is_authorization};

/// Adds a header, unless every client sends it by itself, none may set it, or its value was masked. Returns `false` if
/// there are [`MAX_HEADERS`] already.
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
    let has_room = headers.len() < MAX_HEADERS;
    if has_room {
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    has_room
}

/// Options of a connection with these headers; `None` without any: the browser connects by itself.
pub(super) fn with_headers(headers: Vec<(String, String)>) -> Option<RelayOptions> {
    (!headers.is_empty()).then(|| RelayOptions { headers, ..RelayOptions::default() })
}

/// Address with the scheme of WebSockets in place of HTTP's, which some tools write.
pub(super) fn as_web_socket(address: &str) -> String {
    match address.strip_prefix("http") {
        Some(rest) if rest.starts_with("://") || rest.starts_with("s://") => format!("ws{rest}"),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        headers = vec![Default::default(); MAX_HEADERS];
        assert!(!add_header(&mut headers, "X-Key", "a"));
    }
}
