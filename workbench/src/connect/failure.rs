//! Probable causes of a failed connection. Browsers hide the real one from pages (WHATWG
//! WebSockets, "fail the WebSocket connection"). The page's own server is asked for it by a plain
//! request; for others the usual causes are listed, most likely first.

use ::relay::{Certificate, Failure, Response};
use serde::{Deserialize, Serialize};
use session::{Close, MASK, is_invisible};
use thiserror::Error;

use super::{
    address::{Address, AddressSpace, authority_of},
    page::{Answer, Page},
    target::{hidden_hosts, hidden_path},
};
use crate::{
    compose::mask_url,
    relay::{FailureCause, Network, certificate_texts},
};

/// Possible cause of a failed connection: a sentence with advice.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum Cause {
    /// Invalid address, in words. None of the page, which connects to valid ones only.
    #[error("{0}")]
    Malformed(String),
    /// Invalid name of a subprotocol, in words. None of the page.
    #[error("{0}")]
    InvalidSubprotocol(String),
    /// W3C Mixed Content: a page that came over TLS may not connect without it.
    #[error("A page loaded over https:// can connect to wss:// only. Try {instead}")]
    Mixed {
        /// Address over TLS.
        instead: String,
    },
    /// Port that browsers refuse for any URL (WHATWG Fetch, "port blocking").
    #[error(
        "Browsers block port {0}, which belongs to another service. Use another port for the server."
    )]
    BlockedPort(u16),
    /// Most common cause.
    #[error("No response from {authority}. Is the server running?")]
    NoResponse {
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
    BlockedByBrowser {
        /// Address space of the target.
        space: AddressSpace,
    },
    /// Untrusted certificate, which can be accepted only on a page of its server.
    #[error(
        "The browser does not trust the certificate of {}. Open {page} once to accept it.",
        authority_of(.page)
    )]
    Certificate {
        /// Page of the same server.
        page: String,
    },
    /// A client must fail the connection if the server chose none of its subprotocols (WHATWG
    /// WebSockets, "establish a WebSocket connection").
    #[error("The server chose none of the requested subprotocols. Are their names right?")]
    Subprotocol,
    /// An HTTP answer other than 101.
    #[error("The server responded, but this path is not a WebSocket endpoint: {path}")]
    NotAnEndpoint {
        /// Path of the address.
        path: String,
    },
    /// TLS to a port without it.
    #[error("The server does not use TLS on this port. Try {instead}")]
    NoTls {
        /// Address without TLS.
        instead: String,
    },
    /// No TLS to a port that speaks nothing else.
    #[error("The server uses TLS on this port. Try {instead}")]
    OnlyTls {
        /// Address over TLS.
        instead: String,
    },
    /// A client must fail the connection if the server chose a subprotocol that it did not offer (RFC
    /// 6455 section 4.1).
    #[error(
        "The server chose the subprotocol {0}, which was not requested. Add it to the options."
    )]
    OtherSubprotocol(String),
    /// HTTP response, with the server's sentence.
    #[error("{}", refusal(*.status, .sentence))]
    Refused {
        /// HTTP status, 400 or above.
        status: u16,
        /// Sentence of the server; may be empty.
        sentence: String,
    },
    /// Handshake that would be accepted, without a connection. Some browsers report a connection
    /// that ends at once as one that never opened.
    #[error(
        "The server accepts WebSockets at {path}, but closed this connection immediately (1006) or violated the protocol."
    )]
    Dropped {
        /// Path of the address.
        path: String,
    },
    /// End without a Close frame, of which the browser reports an error: it failed the connection (RFC 6455 section
    /// 7.1.7), or lost it.
    #[error(
        "The browser broke off (1006), as it does after an invalid frame. Connect through this server to see the frames."
    )]
    BrokenOff,
    /// Cause that the page's server found, in its words.
    #[error("{sentence}")]
    Relayed {
        /// Kind of cause.
        cause: FailureCause,
        /// HTTP status of the response; 0 if none came.
        status: u16,
        /// Sentence of the server.
        sentence: String,
    },
    /// Page and server that do not understand each other.
    #[error("The page and its server have different versions. Reload the page.")]
    RelayVersion,
    /// Server of the page that connects nowhere.
    #[error(
        "The relay is off on this page's server: others can reach it, or --relay off was given. Start it with --relay on."
    )]
    RelayOff,
    /// Options for another address, by its scheme, host and port.
    #[error(
        "The headers and options are for {0}. Use them here, too, or choose “browser” in Options, Route."
    )]
    OptionsOfAnother(String),
    /// End of the connection to the page's server, before one to the target was open.
    #[error("This page's server ended the attempt: {0}.")]
    RelayClosed(Close),
    /// Cause in the words of an imported file.
    #[error("{0}")]
    Imported(String),
    /// Certificate that the page's server does not trust, in its words.
    #[error("{sentence}")]
    Untrusted {
        /// Certificates of the target, its own first.
        certificates: Vec<Certificate>,
        /// Sentence of the server.
        sentence: String,
    },
    /// Redirect that is not followed.
    #[error("{}", redirect(*.status, .location))]
    Redirects {
        /// HTTP status; 0 of a browser, which hides it.
        status: u16,
        /// Address that it redirects to, which can be relative; empty if unknown.
        location: String,
    },
    /// Network that the person is to confirm.
    #[error("{host} leads to {}. Allow that to connect.", reached(*.network))]
    Unconfirmed {
        /// Network that `host` turned out to be in.
        network: Network,
        /// Host that was refused: of the address, of the proxy, or of a redirect.
        host: String,
    },
    /// Connection that the page closed itself.
    #[error("Disconnected by the page: messages arrived faster than this browser can handle.")]
    Overrun,
}

impl Page {
    /// Cause of an attempt that the page's server did not answer.
    pub(crate) fn no_response(&self) -> Cause {
        let authority = self.server().map_or("", Address::authority).to_owned();
        Cause::NoResponse { authority }
    }
}

impl Cause {
    /// Cause in these words: on one line, and cut where they are long.
    pub(crate) fn imported(words: &str) -> Self {
        Self::Imported(sentence(words))
    }

    /// Cause of an answer of the page's server that has no token of the relay.
    #[must_use]
    pub fn without_token(answer: &Answer) -> Self {
        match answer.status {
            ..400 | 404 => Self::RelayOff,
            status => Self::Refused { status, sentence: sentence(&answer.text) },
        }
    }

    /// Option of a test endpoint of this project whose value the server refuses, as its sentence names it.
    #[must_use]
    pub fn refused_option(&self) -> Option<&str> {
        let (Self::Refused { sentence, .. } | Self::Relayed { sentence, .. }) = self else {
            return None;
        };
        let (_, name) = sentence.rsplit_once("' of option '")?;
        name.split_once('\'').map(|(name, _)| name)
    }

    /// Cause that the page's server found when it came to `host`, not [hidden](Self::hiding) yet.
    pub(crate) fn relayed(failure: &Failure, status: u16, host: &str) -> Self {
        let sentence = mask_url(&failure.sentence, MASK).into_owned();
        let cause = failure.cause;
        let instead = String::new();
        match Network::ALL.into_iter().find(|network| network.unconfirmed() == cause) {
            Some(network) => Self::Unconfirmed { network, host: host.to_owned() },
            None if cause == FailureCause::NoTls => Self::NoTls { instead },
            None if cause == FailureCause::OnlyTls => Self::OnlyTls { instead },
            None => Self::Relayed { cause, status, sentence },
        }
    }

    /// Cause of a response to `request` that opens no WebSocket, not [hidden](Self::hiding) yet.
    pub(crate) fn answered(request: &str, response: &Response) -> Self {
        let Response { status, reason, headers, body } = response;
        let status = *status;
        match status {
            301..=303 | 307 | 308 => {
                let location = headers.iter().find(|it| it.0.eq_ignore_ascii_case("location"));
                let location = location.map(|(_, value)| value.clone()).unwrap_or_default();
                Self::Redirects { status, location }
            }
            ..=300 => {
                let path = request.split([' ', '?']).nth(1).unwrap_or_default().to_owned();
                Self::NotAnEndpoint { path }
            }
            _ => {
                // No pages, which are for a browser's window.
                let is_told = !body.trim().is_empty() && !body.trim_start().starts_with('<');
                Self::Refused { status, sentence: if is_told { body } else { reason }.clone() }
            }
        }
    }

    /// Cause with the address that is `shown` in place of `url`, which may have secrets; cut only then, since half an
    /// address would not be found.
    pub(crate) fn hiding(mut self, url: &str, shown: &str) -> Self {
        let hide = |text: &str| {
            let mut text = text.replace(&*mask_url(url, MASK), shown);
            let path = hidden_path(url, shown);
            for (secret, shown) in path.into_iter().chain(hidden_hosts(url, shown)) {
                text = text.replace(&secret, &shown);
            }
            text
        };
        match &mut self {
            Self::Untrusted { certificates, sentence: whole } => {
                let texts = certificates.iter_mut().flat_map(certificate_texts);
                texts.for_each(|text| *text = hide(text));
                *whole = sentence(&hide(whole));
            }
            Self::Relayed { sentence: whole, .. }
            | Self::Refused { sentence: whole, .. }
            | Self::NotAnEndpoint { path: whole }
            | Self::Redirects { location: whole, .. } => *whole = sentence(&hide(whole)),
            Self::Unconfirmed { host, .. } => *host = hide(host),
            Self::NoTls { instead } => *instead = shown.replacen("wss:", "ws:", 1),
            Self::OnlyTls { instead } => *instead = shown.replacen("ws:", "wss:", 1),
            _ => {}
        }
        self
    }

    /// Text of the cause that has the address, query included, or may have it.
    pub(crate) fn url_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Mixed { instead }
            | Self::NoTls { instead }
            | Self::OnlyTls { instead }
            | Self::Malformed(instead)
            | Self::Imported(instead) => Some(instead),
            _ => None,
        }
    }

    /// True if a retry would fail for the same reason.
    fn is_permanent(&self) -> bool {
        match self {
            Self::Malformed(_)
            | Self::InvalidSubprotocol(_)
            | Self::Mixed { .. }
            | Self::BlockedPort(_)
            | Self::NoTls { .. }
            | Self::OnlyTls { .. }
            | Self::Subprotocol
            | Self::OtherSubprotocol(_)
            | Self::NotAnEndpoint { .. }
            | Self::RelayVersion
            | Self::RelayOff
            | Self::OptionsOfAnother(_)
            | Self::Untrusted { .. }
            | Self::Redirects { .. }
            | Self::Unconfirmed { .. } => true,
            Self::Relayed { cause: FailureCause::Status, status, .. }
            | Self::Refused { status, .. } => is_final(*status),
            Self::Relayed { cause, .. } => !matches!(
                cause,
                FailureCause::UnknownHost
                    | FailureCause::Unreachable
                    | FailureCause::TimedOut
                    | FailureCause::Proxy
                    | FailureCause::Tls
            ),
            Self::NoResponse { .. }
            | Self::Permission { .. }
            | Self::BlockedByBrowser { .. }
            | Self::Certificate { .. }
            | Self::Dropped { .. }
            | Self::BrokenOff
            | Self::RelayClosed(_)
            | Self::Imported(_)
            | Self::Overrun => false,
        }
    }
}

/// True if a retry would fail, too: the cause is known, and permanent.
#[must_use]
pub fn is_permanent(causes: &[Cause]) -> bool {
    matches!(causes, [cause] if cause.is_permanent())
}

/// True for an HTTP status that another attempt would get, too. Timeout, too early and too many requests
/// (RFC 9110, RFC 8470, RFC 6585) are not for good.
fn is_final(status: u16) -> bool {
    (300..500).contains(&status) && !matches!(status, 408 | 425 | 429)
}

/// Sentence about an HTTP status; the server's own, if it sent one.
fn refusal(status: u16, sentence: &str) -> String {
    match sentence {
        "" => format!("The server answered with HTTP status {status}."),
        sentence => format!("{status}: {sentence}"),
    }
}

/// Sentence about a redirect that is not followed.
fn redirect(status: u16, location: &str) -> String {
    match (status, location) {
        (0, _) => "The server redirects, which browsers do not follow. Connect through this server to follow."
            .to_owned(),
        (_, "") => format!("The server redirects (HTTP status {status}), but does not say where."),
        _ => format!("The server redirects to {location} (HTTP status {status}). Follow it, or turn on Follow redirects."),
    }
}

/// Phrase for a network to confirm.
fn reached(network: Network) -> &'static str {
    match network {
        Network::Loopback => "this machine",
        Network::Private => "the local network",
        Network::Public => "the internet",
    }
}

/// Phrase for an address space; public addresses are never blocked.
fn place(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Loopback => "this computer",
        AddressSpace::Local | AddressSpace::Public => "the local network",
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

/// Characters of a server's sentence, at most.
const MAX_SENTENCE: usize = 400;

/// Start of a text, on one line.
fn sentence(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown = words.chars().filter(|character| !is_invisible(*character));
    let mut sentence: String = shown.by_ref().take(MAX_SENTENCE).collect();
    if shown.next().is_some() {
        sentence.push('…');
    }
    sentence
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
    if address.is_secure() && !is_self_signed_likely {
        causes.push(certificate);
    }
    causes
}

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
    use crate::fixtures::{self, pairs};

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
                The server responded, but this path is not a WebSocket endpoint: /ws"]],
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
                The server responded, but this path is not a WebSocket endpoint: /"]],
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
    fn a_response_through_the_relay_says_what_it_would_to_a_browser() {
        let said = |status, body: &str, headers| {
            let (reason, body) = ("Reason".to_owned(), body.to_owned());
            let response = Response { status, reason, headers, body };
            let cause = Cause::answered("GET /s3cret?b=c HTTP/1.1\nHost: d", &response);
            cause.hiding("ws://d/s3cret?b=c", "ws://d/{{x}}?b=c").to_string()
        };
        assert_eq!(
            said(400, "Invalid\nvalue of /s3cret?b=c.\n", vec![]),
            "400: Invalid value of /{{x}}?b=c."
        );
        assert_eq!(said(404, " <html>", vec![]), "404: Reason");
        let not_an_endpoint = "The server responded, but this path is not a WebSocket endpoint: ";
        assert_eq!(said(200, "<html>", vec![]), format!("{not_an_endpoint}/{{{{x}}}}"));
        assert_eq!(
            said(302, "", pairs([("Location", "/b")])),
            "The server redirects to /b (HTTP status 302). Follow it, or turn on Follow redirects."
        );
        let nowhere = "The server redirects (HTTP status 302), but does not say where.";
        assert_eq!(said(302, "Found", vec![]), nowhere);
    }

    #[test]
    fn tls_at_the_wrong_port_is_told_with_the_other_scheme() {
        let told = |cause, url: &str, shown| {
            let failure = Failure { cause, times: Vec::new(), sentence: "corrupt".to_owned() };
            let cause = Cause::relayed(&failure, 0, "").hiding(url, shown);
            (cause.to_string(), is_permanent(&[cause]))
        };
        let plain = "The server does not use TLS on this port. Try ws://h:1/{{key}}";
        let found = told(FailureCause::NoTls, "wss://h:1/s3cret", "wss://h:1/{{key}}");
        assert_eq!(found, (plain.to_owned(), true));
        let tls = "The server uses TLS on this port. Try wss://h:1/";
        assert_eq!(told(FailureCause::OnlyTls, "ws://h:1/", "ws://h:1/"), (tls.to_owned(), true));
    }

    #[test]
    fn an_address_is_cut_only_once_it_is_hidden() {
        let (url, shown) = ("ws://s3cret.test/a?q=s3cret", "ws://{{key}}.test/a?q={{key}}");
        let start = "x".repeat(MAX_SENTENCE - 12);
        let failure = |cause| {
            let sentence = format!("{start} {url} is s3cret.test");
            let cause =
                Cause::relayed(&Failure { cause, times: Vec::new(), sentence }, 0, "s3cret.test");
            cause.hiding(url, shown)
        };
        let sentence = format!("{start} ws://{{{{key}}…");
        assert_eq!(failure(FailureCause::Unreachable).to_string(), sentence);
        let host = "{{key}}.test".to_owned();
        let unconfirmed = Cause::Unconfirmed { network: Network::Private, host };
        assert_eq!(failure(FailureCause::UnconfirmedPrivate), unconfirmed);
        let untrusted = |host: &str| {
            let (issuer, names) = (format!("CN={host}"), vec![host.to_owned()]);
            let subject = issuer.clone();
            let certificate = Certificate { subject, issuer, names, ..fixtures::certificate() };
            Cause::Untrusted { certificates: vec![certificate], sentence: String::new() }
        };
        assert_eq!(untrusted("s3cret.test").hiding(url, shown), untrusted("{{key}}.test"));
    }

    #[test]
    fn the_blocked_ports_can_be_searched() {
        assert!(BLOCKED_PORTS.is_sorted());
        assert!(BLOCKED_PORTS.binary_search(&2).is_err(), "tests count on it");
    }
}
