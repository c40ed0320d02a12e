//! Probable causes of a failed connection. Browsers hide the real one from pages (WHATWG
//! WebSockets, "fail the WebSocket connection"), so the usual causes are listed, most likely first.

use thiserror::Error;

use crate::connect::{Address, AddressSpace};

/// Origin of the page, as browsers judge it for connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// `true` if the page was loaded over TLS.
    pub is_secure: bool,
    /// Address space the page was loaded from.
    pub space: AddressSpace,
}

impl From<&Address> for Page {
    /// Page served from this address, over TLS if the address is.
    fn from(endpoint: &Address) -> Self {
        Self { is_secure: endpoint.is_secure(), space: endpoint.space() }
    }
}

/// Possible cause of a failed connection: a sentence with advice.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// W3C Mixed Content: a page that came over TLS may not connect without it.
    #[error("A page loaded over https:// can connect to wss:// only. Try {instead}")]
    Mixed {
        /// The same address over TLS.
        instead: String,
    },
    /// Fetch, "port blocking".
    #[error(
        "Browsers block port {0}, which belongs to another service. Use another port for the server."
    )]
    BlockedPort(u16),
    /// Most common cause.
    #[error("Nothing answers at {authority}. Is the server running?")]
    Nobody {
        /// Host and port.
        authority: String,
    },
    /// WICG Local Network Access; Chromium asks for WebSockets since version 147.
    #[error(
        "The browser asks for permission to reach {place}. Choose Allow, or allow it in the site settings.",
        place = place(*.space)
    )]
    Permission {
        /// Address space of the target.
        space: AddressSpace,
    },
    /// Chromium asks only on behalf of pages that came over TLS.
    #[error(
        "Browsers block pages loaded over http:// from reaching {place}. Open this page over https://, or from that network.",
        place = place(*.space)
    )]
    NotAsked {
        /// Address space of the target.
        space: AddressSpace,
    },
    /// Untrusted certificate, which can be accepted only on a page of its server.
    #[error("The browser does not trust the certificate. Open {page} once to accept it.")]
    Certificate {
        /// Page of the same server.
        page: String,
    },
    /// A client must fail the connection if the server chose none of its subprotocols (WHATWG
    /// WebSockets, "establish a WebSocket connection").
    #[error("The server chose none of the requested subprotocols. Are their names right?")]
    Subprotocol,
    /// An HTTP answer other than 101.
    #[error("The server answers, but not as a WebSocket endpoint. Is the path {path} right?")]
    NotAnEndpoint {
        /// The path of the address.
        path: String,
    },
}

/// Phrase for an address space; public addresses are never blocked.
fn place(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Loopback => "this computer",
        AddressSpace::Local | AddressSpace::Public => "the local network",
    }
}

/// Reason for which browsers refuse to connect to `address` without trying.
#[must_use]
pub fn obstacle(address: &Address, page: Page) -> Option<Cause> {
    if page.is_secure && !address.is_secure() && address.space() != AddressSpace::Loopback {
        return Some(Cause::Mixed { instead: format!("wss://{}", address.without_scheme()) });
    }
    let is_blocked = BLOCKED_PORTS.binary_search(&address.port()).is_ok();
    is_blocked.then(|| Cause::BlockedPort(address.port()))
}

/// Probable causes of a failed connection to `address`, most likely first.
#[must_use]
pub fn causes(address: &Address, subprotocols: &[String], page: Page) -> Vec<Cause> {
    if let Some(obstacle) = obstacle(address, page) {
        // Conclusive: no other cause applies before this one is fixed.
        return vec![obstacle];
    }
    let space = address.space();
    let mut causes = vec![Cause::Nobody { authority: address.authority().to_owned() }];
    if page.space > space {
        causes.push(if page.is_secure {
            Cause::Permission { space }
        } else {
            Cause::NotAsked { space }
        });
    }
    let certificate = Cause::Certificate { page: format!("https://{}/", address.authority()) };
    // Authorities issue no certificates for these, so most are self-signed.
    let is_home_made = address.is_secure() && space != AddressSpace::Public;
    if is_home_made {
        causes.push(certificate.clone());
    }
    if subprotocols.iter().any(|name| !name.is_empty()) {
        causes.push(Cause::Subprotocol);
    }
    causes.push(Cause::NotAnEndpoint { path: address.path().to_owned() });
    if address.is_secure() && !is_home_made {
        causes.push(certificate);
    }
    causes
}

/// "Bad ports" (Fetch, section 2.9), in order. Port 0 is no port at all to an [`Address`].
const BLOCKED_PORTS: [u16; 82] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102,
    103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
    512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const AT_HOME: Page = Page { is_secure: false, space: AddressSpace::Loopback };
    const PUBLIC: Page = Page { is_secure: true, space: AddressSpace::Public };

    fn said(address: &str, subprotocols: &[&str], page: Page, sentences: &Expect) {
        let address = Address::parse(address, false).unwrap();
        let subprotocols: Vec<_> = subprotocols.iter().map(|name| (*name).to_owned()).collect();
        let causes = causes(&address, &subprotocols, page);
        let lines: Vec<_> = causes.iter().map(ToString::to_string).collect();
        sentences.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn an_obstacle_is_known_without_trying() {
        let known = |address: &str, page| obstacle(&Address::parse(address, false).unwrap(), page);
        assert_eq!(
            known("ws://example.org:22/", PUBLIC).map(|it| it.to_string()).as_deref(),
            Some(
                "A page loaded over https:// can connect to wss:// only. Try wss://example.org:22/"
            )
        );
        assert_eq!(known("wss://example.org:22/", PUBLIC), Some(Cause::BlockedPort(22)));
        assert_eq!(known("ws://localhost:9", AT_HOME), Some(Cause::BlockedPort(9)));
        assert_eq!(known("ws://localhost:8080", PUBLIC), None);
        assert_eq!(known("ws://localhost:8080", AT_HOME), None);
    }

    #[test]
    fn a_local_failure_suggests_a_stopped_server() {
        said(
            "ws://localhost:9000/ws?x",
            &[],
            AT_HOME,
            &expect![[r"
                Nothing answers at localhost:9000. Is the server running?
                The server answers, but not as a WebSocket endpoint. Is the path /ws right?"]],
        );
    }

    #[test]
    fn a_block_by_the_browser_is_the_only_cause() {
        said(
            "ws://example.org/ws",
            &["chat"],
            PUBLIC,
            &expect![
                "A page loaded over https:// can connect to wss:// only. Try wss://example.org/ws"
            ],
        );
        said(
            "ws://localhost:6000",
            &[],
            AT_HOME,
            &expect![
                "Browsers block port 6000, which belongs to another service. Use another port for the server."
            ],
        );
    }

    #[test]
    fn a_public_page_needs_permission_for_loopback() {
        said(
            "ws://127.0.0.1:9000",
            &[""],
            PUBLIC,
            &expect![[r"
                Nothing answers at 127.0.0.1:9000. Is the server running?
                The browser asks for permission to reach this computer. Choose Allow, or allow it in the site settings.
                The server answers, but not as a WebSocket endpoint. Is the path / right?"]],
        );
        said(
            "ws://192.168.1.7",
            &[],
            Page { is_secure: false, ..PUBLIC },
            &expect![[r"
                Nothing answers at 192.168.1.7. Is the server running?
                Browsers block pages loaded over http:// from reaching the local network. Open this page over https://, or from that network.
                The server answers, but not as a WebSocket endpoint. Is the path / right?"]],
        );
    }

    #[test]
    fn an_untrusted_certificate_links_to_its_page() {
        said(
            "wss://localhost:8443/ws",
            &["chat"],
            AT_HOME,
            &expect![[r"
                Nothing answers at localhost:8443. Is the server running?
                The browser does not trust the certificate. Open https://localhost:8443/ once to accept it.
                The server chose none of the requested subprotocols. Are their names right?
                The server answers, but not as a WebSocket endpoint. Is the path /ws right?"]],
        );
        said(
            "wss://example.org",
            &[],
            PUBLIC,
            &expect![[r"
                Nothing answers at example.org. Is the server running?
                The server answers, but not as a WebSocket endpoint. Is the path / right?
                The browser does not trust the certificate. Open https://example.org/ once to accept it."]],
        );
    }

    #[test]
    fn the_blocked_ports_can_be_searched() {
        assert!(BLOCKED_PORTS.is_sorted());
        assert!(BLOCKED_PORTS.binary_search(&2).is_err(), "tests count on it");
    }
}
