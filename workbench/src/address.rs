//! WebSocket addresses (RFC 6455 section 3).

/// The endpoint of the server that served a page, from the `protocol` and `host` of the page's
/// location: `ws://HOST/ws`, and `wss://` for an `https:` page, from which browsers block `ws://`.
/// `None` if the page was not served over HTTP: opened as a file, say.
#[must_use]
pub fn endpoint_of_page(protocol: &str, host: &str) -> Option<String> {
    let scheme = match protocol {
        "http:" => "ws",
        "https:" => "wss",
        _ => return None,
    };
    Some(format!("{scheme}://{host}/ws"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
