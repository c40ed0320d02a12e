//! Page, as the origin of its connections; and the plain request to its server that tells why one
//! failed.

use super::address::{Address, AddressSpace};

/// Path of the plain request for the relay's token.
pub const TOKEN_PATH: &str = "/relay/token";

/// Page, as browsers judge it for connections. Default: a page from a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// WebSocket address on the server that sent the page.
    server: Option<Address>,
}

impl Page {
    /// Page whose server has this [endpoint](super::endpoint_of_page).
    #[must_use]
    pub fn from_endpoint(url: Option<&str>) -> Self {
        Self { server: url.and_then(|url| Address::parse(url, false).ok()) }
    }

    /// True if the page was loaded over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.server.as_ref().is_some_and(Address::is_secure)
    }

    /// Address space that the page was loaded from; loopback for a file.
    pub(super) fn space(&self) -> AddressSpace {
        self.server.as_ref().map_or(AddressSpace::Loopback, Address::space)
    }

    /// Server that sent the page; `None` for a page from a file.
    pub(super) fn server(&self) -> Option<&Address> {
        self.server.as_ref()
    }

    /// URL of the token of the server's relay, and address of the relay; `None` for a page from a file.
    pub(crate) fn relay(&self) -> Option<(String, String)> {
        let server = self.server.as_ref()?;
        let (http, ws) = if server.is_secure() { ("https", "wss") } else { ("http", "ws") };
        let authority = server.authority();
        Some((format!("{http}://{authority}{TOKEN_PATH}"), format!("{ws}://{authority}/relay")))
    }

    /// URL of a plain request for `address`, which tells why a handshake failed. `None` if the address
    /// is of another origin: its answer would be hidden from the page.
    #[must_use]
    pub fn question(&self, address: &Address) -> Option<String> {
        let server = self.server.as_ref()?;
        let scheme = if address.is_secure() { "https" } else { "http" };
        address.is_same_origin(server).then(|| format!("{scheme}://{}", address.without_scheme()))
    }
}

/// Answer to a plain request for a WebSocket address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status; 0 for a redirect.
    pub status: u16,
    /// Start of a plain text.
    pub text: String,
    /// True if a handshake would be accepted.
    pub is_endpoint: bool,
    /// Subprotocol that the endpoint selects for any offer; empty for none.
    pub subprotocol: Option<String>,
    /// Seconds after which the server asks to try again.
    pub retry_after: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_HOME: &str = "ws://localhost:8080/ws";

    fn parsed(address: &str) -> Address {
        Address::parse(address, false).unwrap()
    }

    fn page(server: &str) -> Page {
        Page::from_endpoint(Some(server))
    }

    #[test]
    fn only_the_pages_own_server_is_asked() {
        let question = |address| page(AT_HOME).question(&parsed(address));
        assert_eq!(
            question("ws://localhost:8080/echo?delay=abc").as_deref(),
            Some("http://localhost:8080/echo?delay=abc")
        );
        assert_eq!(question("ws://Localhost:8080").as_deref(), Some("http://Localhost:8080"));
        for other in ["ws://localhost:9000/", "ws://127.0.0.1:8080/", "wss://localhost:8080/"] {
            assert_eq!(question(other), None, "{other}");
        }
        let secure = page("wss://page.example/ws").question(&parsed("wss://page.example:443/ws"));
        assert_eq!(secure.as_deref(), Some("https://page.example:443/ws"));
        assert_eq!(Page::default().question(&parsed(AT_HOME)), None);
    }
}
