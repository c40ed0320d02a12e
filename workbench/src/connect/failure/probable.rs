//! Probable causes of a failure whose real one the browser hides.

use super::{Cause, sentence};
use crate::connect::{Address, AddressSpace, Answer, Page};

impl Page {
    /// Cause of an attempt that the page's server did not answer.
    pub(crate) fn no_response(&self) -> Cause {
        let authority = self.server().map_or("", Address::authority).to_owned();
        Cause::NoResponse { authority }
    }
}

/// Reason for which a connection to `address` cannot succeed, known without trying.
#[must_use]
pub fn obstacle(address: &Address, page: &Page) -> Option<Cause> {
    if page.is_secure() && !address.is_secure() && address.space() != AddressSpace::Loopback {
        return Some(Cause::Mixed { instead: format!("wss://{}", address.without_scheme()) });
    }
    let is_without_tls = |server: &Address| !server.is_secure() && address.is_same_server(server);
    if address.is_secure() && page.server().is_some_and(is_without_tls) {
        return Some(no_tls(address));
    }
    let is_blocked = BLOCKED_PORTS.binary_search(&address.port()).is_ok();
    is_blocked.then(|| Cause::BlockedPort(address.port()))
}

/// Cause with the same address without TLS.
fn no_tls(address: &Address) -> Cause {
    Cause::NoTls { instead: format!("ws://{}", address.without_scheme()) }
}

/// Causes of a failed connection to the page's own server, from its answer to a
/// [plain request](Page::question); `None` if there was no answer.
pub(crate) fn causes_in_answer(
    address: &Address,
    subprotocols: &[String],
    answer: Option<&Answer>,
) -> Vec<Cause> {
    let path = || address.path().to_owned();
    let Some(answer) = answer else {
        return vec![Cause::NoResponse { authority: address.authority().to_owned() }];
    };
    // The page is at the root, and so is an endpoint.
    let is_page = address.path() == "/" && answer.status == 200;
    let is_offered = |name: &String| subprotocols.contains(name);
    vec![match (&answer.subprotocol, answer.status) {
        (Some(chosen), _) if chosen.is_empty() && !subprotocols.is_empty() => Cause::Subprotocol,
        (Some(chosen), _) if !chosen.is_empty() && !is_offered(chosen) => {
            Cause::OtherSubprotocol(chosen.clone())
        }
        _ if answer.is_endpoint || is_page => Cause::Dropped { path: path() },
        (_, 0) => Cause::Redirects { status: 0, location: String::new() },
        (_, ..400) => Cause::NotAnEndpoint { path: path() },
        (_, status) => Cause::Refused { status, sentence: sentence(&answer.text) },
    }]
}

/// Probable causes of a failed connection to `address`, most likely first.
#[must_use]
pub fn causes(address: &Address, subprotocols: &[String], page: &Page) -> Vec<Cause> {
    if let Some(obstacle) = obstacle(address, page) {
        // Conclusive: no other cause applies before this one is fixed.
        return vec![obstacle];
    }
    let space = address.space();
    let authority = address.authority();
    let certificate = Cause::Certificate { page: format!("https://{authority}/") };
    // Authorities issue no certificates for these, so most are self-signed.
    let is_self_signed_likely = address.is_secure() && space != AddressSpace::Public;
    let mut causes = Vec::new();
    causes.extend(is_self_signed_likely.then(|| certificate.clone()));
    causes.push(Cause::NoResponse { authority: authority.to_owned() });
    if page.space() > space {
        causes.push(if page.is_secure() {
            Cause::Permission { space }
        } else {
            Cause::BlockedByBrowser { space }
        });
    }
    if address.is_secure() && address.port() != HTTPS {
        causes.push(no_tls(address));
    }
    if subprotocols.iter().any(|name| !name.is_empty()) {
        causes.push(Cause::Subprotocol);
    }
    causes.push(Cause::NotAnEndpoint { path: address.path().to_owned() });
    if !address.is_secure() && address.port() != HTTP {
        causes.push(Cause::OnlyTls { instead: format!("wss://{}", address.without_scheme()) });
    }
    if address.is_secure() && !is_self_signed_likely {
        causes.push(certificate);
    }
    causes
}

/// Default port without TLS: servers with it do not listen there.
const HTTP: u16 = 80;

/// Default port of TLS: servers without it do not listen there.
const HTTPS: u16 = 443;

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
    use crate::connect::{failure::MAX_SENTENCE, is_permanent};

    const AT_HOME: &str = "ws://localhost:8080/ws";
    const PUBLIC: &str = "wss://page.example/ws";

    fn parsed(address: &str) -> Address {
        Address::parse(address, false).unwrap()
    }

    fn page(server: &str) -> Page {
        Page::from_endpoint(Some(server))
    }

    fn said(address: &str, subprotocols: &[&str], server: &str, sentences: &Expect) {
        let subprotocols: Vec<_> = subprotocols.iter().map(|name| (*name).to_owned()).collect();
        let causes = causes(&parsed(address), &subprotocols, &page(server));
        let lines: Vec<_> = causes.iter().map(ToString::to_string).collect();
        sentences.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn an_obstacle_is_known_without_trying() {
        let known = |address: &str, server| obstacle(&parsed(address), &page(server));
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
        assert_eq!(
            known("wss://LOCALHOST:8080/a?b", AT_HOME).map(|it| it.to_string()).as_deref(),
            Some("The server does not use TLS on this port. Try ws://LOCALHOST:8080/a?b")
        );
        assert_eq!(known("wss://localhost:8443", AT_HOME), None);
    }

    fn answered(path: &str, subprotocols: &[&str], answer: Option<&Answer>) -> (String, bool) {
        let subprotocols: Vec<_> = subprotocols.iter().map(|name| (*name).to_owned()).collect();
        let address = parsed(&format!("ws://localhost:8080{path}"));
        let causes = causes_in_answer(&address, &subprotocols, answer);
        let lines: Vec<_> = causes.iter().map(ToString::to_string).collect();
        (lines.join("\n"), is_permanent(&causes))
    }

    #[test]
    fn an_answer_tells_the_cause_and_if_a_retry_can_help() {
        let refused = |status, text: &str| {
            let answer = Answer { status, text: text.into(), ..Answer::default() };
            answered("/x", &[], Some(&answer))
        };
        let expected = |sentence: &str, is_permanent| (sentence.to_owned(), is_permanent);
        assert_eq!(
            refused(400, "The option 'delay'\ncannot be 'a\u{202e}bc'.\n"),
            expected("400: The option 'delay' cannot be 'abc'.", true)
        );
        assert_eq!(refused(403, ""), expected("The server answered with HTTP status 403.", true));
        assert_eq!(refused(503, "Full."), expected("503: Full.", false));
        assert_eq!(refused(429, "Later."), expected("429: Later.", false));
        let not_an_endpoint = "The server responded, but this path is not a WebSocket endpoint: /x";
        assert_eq!(refused(200, "<html>"), expected(not_an_endpoint, true));
        let redirects = "The server redirects, which browsers do not follow. Connect through this server to follow.";
        assert_eq!(refused(0, ""), expected(redirects, true));
        assert_eq!(
            answered("/x", &[], None),
            expected("No response from localhost:8080. Is the server running?", false)
        );
        assert_eq!(
            refused(500, &"x".repeat(1_000)).0,
            format!("500: {}…", "x".repeat(MAX_SENTENCE))
        );
    }

    #[test]
    fn an_endpoint_that_would_accept_ended_the_connection_or_chose_another_subprotocol() {
        let endpoint = Answer { status: 426, is_endpoint: true, ..Answer::default() };
        let dropped = |path: &str| {
            format!(
                "The server accepts WebSockets at {path}, but closed this connection immediately (1006) or violated the protocol."
            )
        };
        assert_eq!(answered("/abort", &[], Some(&endpoint)), (dropped("/abort"), false));
        assert_eq!(answered("/abort", &["a"], Some(&endpoint)), (dropped("/abort"), false));
        let page = Answer { status: 200, ..Answer::default() };
        assert_eq!(answered("", &[], Some(&page)), (dropped("/"), false));
        let none = Answer { subprotocol: Some(String::new()), ..endpoint.clone() };
        assert_eq!(answered("/s", &[], Some(&none)), (dropped("/s"), false));
        let sentence =
            "The server chose none of the requested subprotocols. Are their names right?";
        assert_eq!(answered("/s", &["a"], Some(&none)), (sentence.to_owned(), true));
        let other = Answer { subprotocol: Some("b".to_owned()), ..endpoint };
        let sentence =
            "The server chose the subprotocol b, which was not requested. Add it to the options.";
        assert_eq!(answered("/s", &["a"], Some(&other)), (sentence.to_owned(), true));
        assert_eq!(answered("/s", &["a", "b"], Some(&other)), (dropped("/s"), false));
    }

    #[test]
    fn a_local_failure_suggests_a_stopped_server() {
        said(
            "ws://localhost:9000/ws?x",
            &[],
            AT_HOME,
            &expect![[r"
                No response from localhost:9000. Is the server running?
                The server responded, but this path is not a WebSocket endpoint: /ws
                The server uses TLS on this port. Try wss://localhost:9000/ws?x"]],
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
                No response from 127.0.0.1:9000. Is the server running?
                The browser asks for permission to reach this computer. Choose Allow, or allow it in the site settings.
                The server responded, but this path is not a WebSocket endpoint: /
                The server uses TLS on this port. Try wss://127.0.0.1:9000"]],
        );
        said(
            "ws://192.168.1.7",
            &[],
            "ws://page.example/ws",
            &expect![[r"
                No response from 192.168.1.7. Is the server running?
                Browsers block pages loaded over http:// from reaching the local network. Open this page over https://, or from that network.
                The server responded, but this path is not a WebSocket endpoint: /"]],
        );
    }

    #[test]
    fn an_untrusted_certificate_links_to_its_page() {
        said(
            "wss://localhost:8443/ws",
            &["chat"],
            AT_HOME,
            &expect![[r"
                The browser does not trust the certificate of localhost:8443. Open https://localhost:8443/ once to accept it.
                No response from localhost:8443. Is the server running?
                The server does not use TLS on this port. Try ws://localhost:8443/ws
                The server chose none of the requested subprotocols. Are their names right?
                The server responded, but this path is not a WebSocket endpoint: /ws"]],
        );
        said(
            "wss://example.org",
            &[],
            PUBLIC,
            &expect![[r"
                No response from example.org. Is the server running?
                The server responded, but this path is not a WebSocket endpoint: /
                The browser does not trust the certificate of example.org. Open https://example.org/ once to accept it."]],
        );
    }

    #[test]
    fn the_blocked_ports_can_be_searched() {
        assert!(BLOCKED_PORTS.is_sorted());
        assert!(BLOCKED_PORTS.binary_search(&2).is_err(), "tests count on it");
    }
}
