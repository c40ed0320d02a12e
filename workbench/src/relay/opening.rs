//! Opening of a connection, as the page's server saw it.

use std::{borrow::Cow, fmt};

use ::relay::{Event, Failure, FailureCause, Open, Opened, Response, Stage, Tls};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use session::{MASK, is_secret_name, is_secret_subprotocol};

use super::{RelayOptions, authorization::password_sent, certificate::texts};
use crate::{
    compose::{MIN_SECRET, mask_url},
    connect::{Cause, Target, decoded, hidden_hosts, hidden_path},
};

/// Requests that an opening keeps, at most: a first one, and one for each redirect, of which the server follows ten.
const MAX_EXCHANGES: usize = 12;

/// Addresses that an opening keeps of a name, at most.
const MAX_ADDRESSES: usize = 16;

/// Opening of a connection, complete or failed. Stored and sent as the events of the relay that it consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// Names that were resolved, with their IP addresses.
    pub resolved: Vec<(String, Vec<String>)>,
    /// IP address and port of the TCP connection.
    pub connected: Option<String>,
    /// Result of the last TLS handshake.
    pub tls: Option<Tls>,
    /// Requests and their responses, in order.
    pub exchanges: Vec<Exchange>,
    /// Address after redirects; empty without any, and of an opening that failed.
    pub url: String,
    /// Microseconds that each stage took; the last one failed if the opening did.
    pub times: Vec<(Stage, u64)>,
    /// Cause of an opening that failed.
    pub failed: Option<FailureCause>,
    /// Exchanges with their secrets. In memory only: they are neither stored nor sent.
    plain: Plain,
}

/// Exchanges with their secrets, which no debug output has.
#[derive(Clone, Default, PartialEq, Eq)]
struct Plain(Vec<Exchange>);

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Request, and the response to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Head of the request; secrets are `***`.
    pub request: String,
    /// Response, if one came; secrets are `***`.
    pub response: Option<Response>,
}

impl Opening {
    /// Exchanges, for an export: with their secrets, if those are asked for and were seen since the page was loaded.
    pub(crate) fn exported(&self, has_secrets: bool) -> &[Exchange] {
        if has_secrets && !self.plain.0.is_empty() { &self.plain.0 } else { &self.exchanges }
    }

    /// Cause of a failure that ended the opening, without the person's `secrets`.
    pub(super) fn cause(&self, failure: &Failure, secrets: &[(String, String)]) -> Cause {
        let sentence = redacted(failure.sentence.clone(), secrets);
        let failure = &Failure { sentence, ..failure.clone() };
        // What was looked up last is what is refused: target, proxy, or where a redirect led.
        let host = self.resolved.last().map_or("", |(host, _)| host);
        match (failure.cause, &self.tls, self.exchanges.last()) {
            (FailureCause::Certificate, Some(tls), _) => {
                let sentence = mask_url(&failure.sentence, MASK).into_owned();
                Cause::Untrusted { certificates: tls.certificates.clone(), sentence }
            }
            (FailureCause::Status, _, Some(Exchange { request, response: Some(response) })) => {
                if self.was_redirected() {
                    Cause::relayed(failure, response.status, host)
                } else {
                    Cause::answered(request, response)
                }
            }
            _ => Cause::relayed(failure, 0, host),
        }
    }

    /// Seconds after which the last response asks to try again.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        let response = self.exchanges.last()?.response.as_ref()?;
        let mut headers = response.headers.iter();
        headers.find(|it| it.0.eq_ignore_ascii_case("retry-after"))?.1.trim().parse().ok()
    }

    /// True after a redirect, also one that leads back.
    pub(super) fn was_redirected(&self) -> bool {
        self.exchanges.len() > 1
    }

    /// Address after redirects, as [`hiding`](Self::hiding) has it.
    pub(crate) fn shown_url(&self, target: &Target, shown: &Target) -> String {
        let mut url = self.url.clone();
        hide(&hidden(target, shown), &mut url);
        url
    }

    /// Opening with the host, the path and the subprotocols that are `shown` in place of those of `target`, which may have
    /// secrets.
    pub(crate) fn hiding(&self, target: &Target, shown: &Target) -> Self {
        let hidden = hidden(target, shown);
        let hide = |text: &mut String| hide(&hidden, text);
        let mut opening = self.clone();
        for exchange in &mut opening.exchanges {
            let headers = exchange.response.iter_mut().flat_map(|response| &mut response.headers);
            headers.map(|(_, value)| value).chain([&mut exchange.request]).for_each(hide);
            let told = exchange.response.iter_mut().flat_map(|it| [&mut it.body, &mut it.reason]);
            told.for_each(hide);
        }
        hide(&mut opening.url);
        opening.resolved.iter_mut().map(|(host, _)| host).for_each(hide);
        for certificate in opening.tls.iter_mut().flat_map(|tls| &mut tls.certificates) {
            texts(certificate).for_each(hide);
        }
        opening
    }

    /// Opening of which only the heads are known, without the values of secret headers.
    pub(crate) fn of_heads(request: &str, response: Response) -> Self {
        let mut opening = Self::default();
        opening.request(request, &[]);
        opening.response(response, &[]);
        opening
    }

    /// Takes an event, without the values of secret headers and the person's `secrets`.
    pub(super) fn take(&mut self, event: Event<'_>, secrets: &[(String, String)]) {
        match event {
            Event::Resolved { host, mut addresses } if self.resolved.len() < MAX_EXCHANGES => {
                addresses.truncate(MAX_ADDRESSES);
                self.resolved.push((self.redirected(host, secrets), addresses));
            }
            Event::Connected(address) => self.connected = Some(address),
            Event::Tls(tls) => self.tls = Some(tls),
            Event::Request(head) => self.request(&head, secrets),
            Event::Response(response) => self.response(response, secrets),
            Event::Opened(Opened { url, times, .. }) => {
                self.url = masked_text(&url, secrets);
                self.times = times;
            }
            Event::Failed(Failure { cause, times, .. }) => {
                self.failed = Some(cause);
                self.times = times;
            }
            _ => {}
        }
    }

    /// Events of the opening.
    fn events(&self) -> Vec<Event<'static>> {
        let resolved = self.resolved.iter().cloned();
        let resolved = resolved.map(|(host, addresses)| Event::Resolved { host, addresses });
        let mut events: Vec<_> = resolved.collect();
        events.extend(self.connected.clone().map(Event::Connected));
        events.extend(self.tls.clone().map(Event::Tls));
        for Exchange { request, response } in &self.exchanges {
            events.push(Event::Request(request.clone()));
            events.extend(response.clone().map(Event::Response));
        }
        let (url, times) = (self.url.clone(), self.times.clone());
        events.push(match self.failed {
            Some(cause) => Event::Failed(Failure { cause, times, sentence: String::new() }),
            None => Event::Opened(Opened { url, times, ..Opened::default() }),
        });
        events
    }

    /// Begins an exchange. Values of secret headers, and of those among the person's `secrets`, are masked.
    fn request(&mut self, head: &str, secrets: &[(String, String)]) {
        if self.exchanges.len() < MAX_EXCHANGES {
            let request = head.trim_end().to_owned();
            self.plain.0.push(Exchange { request, response: None });
            let mut request = String::new();
            for line in head.trim_end().lines() {
                request += if request.is_empty() { "" } else { "\n" };
                match line.split_once(": ") {
                    // The request line has a path, and can have a colon.
                    Some((name, value)) if !request.is_empty() => {
                        let is_given = secrets.iter().any(|it| it.0.eq_ignore_ascii_case(name));
                        let value = if is_given { MASK.into() } else { masked(name, value) };
                        request.extend([name, ": ", &value]);
                    }
                    _ => request += &mask_url(line, MASK),
                }
            }
            let request = self.redirected(request, secrets);
            self.exchanges.push(Exchange { request, response: None });
        }
    }

    /// Text of a request or its host, without the person's `secrets` once a redirect may repeat them.
    fn redirected(&self, text: String, secrets: &[(String, String)]) -> String {
        if self.exchanges.is_empty() { text } else { redacted(text, secrets) }
    }

    fn response(&mut self, mut response: Response, secrets: &[(String, String)]) {
        if let Some(exchange) = self.plain.0.last_mut() {
            exchange.response = Some(response.clone());
        }
        for (name, value) in &mut response.headers {
            *value = redacted(masked(name, value).into_owned(), secrets);
        }
        for text in [&mut response.body, &mut response.reason] {
            *text = masked_text(text, secrets);
        }
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.response = Some(response);
        }
    }
}

impl Serialize for Opening {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        self.events().iter().for_each(|event| event.encode(&mut bytes));
        to.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Opening {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bytes = Vec::<u8>::deserialize(from)?;
        let mut opening = Self::default();
        Event::decode_all(&bytes).flatten().for_each(|event| opening.take(event, &[]));
        opening.plain = Plain::default();
        Ok(opening)
    }
}

/// Parts of a target that may have secrets, each with what is shown in its place.
fn hidden(target: &Target, shown: &Target) -> Vec<(String, String)> {
    let mut hidden = hidden_path(&target.url, &shown.url);
    let names = target.subprotocols.iter().cloned().zip(shown.subprotocols.iter().cloned());
    hidden.extend(names);
    hidden.extend(hidden_hosts(&target.url, &shown.url));
    hidden.retain(|(secret, shown)| !secret.is_empty() && secret != shown);
    hidden
}

fn hide(hidden: &[(String, String)], text: &mut String) {
    for (secret, shown) in hidden {
        *text = text.replace(secret, shown);
    }
}

/// Secrets that the person gave with a request, with their names: headers, of the query and the password of the proxy,
/// both as typed and decoded, the password of the sign-in, and tokens among the subprotocols.
pub(super) fn secrets_of(options: &RelayOptions, open: &Open) -> Vec<(String, String)> {
    let query = open.url.split(['?', '&', '#']).skip(1).filter_map(|it| it.split_once('='));
    let query = query.filter(|(name, _)| is_secret_name(name));
    let query = query.flat_map(|(name, value)| {
        [value.to_owned(), decoded(value)].map(|it| (name.to_owned(), it))
    });
    let tokens = open.subprotocols.iter().filter(|name| is_secret_subprotocol(name));
    let tokens = tokens.map(|token| ("token".to_owned(), token.clone()));
    let (user, _) = options.proxy.rsplit_once('@').unwrap_or_default();
    let password = user.rsplit([':', '/']).next().unwrap_or_default();
    let of_sign_in = open.headers.iter().filter_map(|(name, value)| password_sent(name, value));
    let passwords = [password.to_owned(), decoded(password)].into_iter().chain(of_sign_in);
    let passwords = passwords.map(|password| ("password".to_owned(), password));
    options.secrets().cloned().chain(query).chain(tokens).chain(passwords).collect()
}

/// Text of the server without what may be secret: in a URL, and the person's `secrets`, if they are repeated.
fn masked_text(text: &str, secrets: &[(String, String)]) -> String {
    let lines = text.lines().map(|line| mask_url(line, MASK));
    redacted(lines.collect::<Vec<_>>().join("\n"), secrets)
}

/// Text without the person's `secrets`.
fn redacted(mut text: String, secrets: &[(String, String)]) -> String {
    for (name, value) in secrets {
        // Of `Bearer abc` and `id=abc` as well what follows the word.
        let rest = match value.split_once(' ') {
            Some((scheme, rest)) if scheme.bytes().all(|it| it.is_ascii_alphabetic()) => rest,
            _ => &**value,
        };
        let parts = rest.split([' ', ',', ';']).filter(|_| is_secret_name(name));
        let parts = parts.flat_map(|part| [Some(part), part.split_once('=').map(|it| it.1)]);
        for secret in [&**value].into_iter().chain(parts.flatten()) {
            if secret.len() >= MIN_SECRET && text.contains(secret) {
                text = text.replace(secret, MASK);
            }
        }
    }
    text
}

/// Value of a header without possible secrets, by its name, in a URL, or as a subprotocol.
fn masked<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    if name.eq_ignore_ascii_case("sec-websocket-protocol") {
        let names = value.split(", ");
        let shown = names.map(|it| if is_secret_subprotocol(it) { MASK } else { it });
        return shown.collect::<Vec<_>>().join(", ").into();
    }
    if is_secret_name(name) { MASK.into() } else { mask_url(value, MASK) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, pair, pairs};

    #[test]
    fn secrets_are_masked_in_both_heads() {
        let mut opening = Opening::default();
        let secrets = pairs([("X-Key", "k")]);
        opening.request("GET /a HTTP/1.1\r\nCookie: a=b\r\nX-Key: k\r\nHost: c\r\n\r\n", &secrets);
        let headers = pairs([("Set-Cookie", "a=b")]);
        opening.response(Response { status: 101, headers, ..Response::default() }, &[]);
        let [exchange] = &opening.exchanges[..] else { panic!("one request") };
        assert_eq!(exchange.request, "GET /a HTTP/1.1\nCookie: ***\nX-Key: ***\nHost: c");
        let response = exchange.response.as_ref().expect("a response");
        assert_eq!(response.headers, pairs([("Set-Cookie", "***")]));
        // For who asks for them, and only where they were seen.
        let [plain] = opening.exported(true) else { panic!("one exchange") };
        assert!(plain.request.contains("Cookie: a=b\r\nX-Key: k"), "{}", plain.request);
        assert_eq!(opening.exported(false), opening.exchanges);
        let stored: Opening = crate::decode(&crate::encode(&opening)).expect("an opening");
        assert_eq!(stored.exported(true), stored.exchanges);
    }

    #[test]
    fn what_the_person_gave_is_masked_where_a_body_repeats_it() {
        let secrets = pairs([
            ("Authorization", "Bearer abcde1"),
            ("Cookie", "theme=dark; sid=s3cret"),
            ("X-Pin", "4711"),
            ("X-Version", "1"),
            ("X-Token", "Bearer hunterpass"),
        ]);
        let body = "{\"token\": \"abcde1\", \"pin\": 4711, \"code\": 1}\nBearer abcde1 with s3cret: no Bearer, hunterpass";
        let masked =
            "{\"token\": \"***\", \"pin\": ***, \"code\": 1}\n*** with ***: no Bearer, ***";
        assert_eq!(masked_text(body, &secrets), masked);
    }

    #[test]
    fn what_the_person_gave_is_masked_wherever_the_server_repeats_it() {
        let given = pairs([("X-Pin", "PIN4711")]);
        let mut opening = Opening::default();
        opening.request("GET / HTTP/1.1\r\nx-pin: PIN4711\r\nX-Tenant: acme\r\n\r\n", &given);
        let response = Response {
            status: 302,
            reason: "Not PIN4711".to_owned(),
            headers: pairs([("Location", "ws://a/PIN4711"), ("X-Tenant", "acme")]),
            ..Response::default()
        };
        opening.take(Event::Response(response), &given);
        let (host, addresses) = ("PIN4711.test".to_owned(), Vec::new());
        opening.take(Event::Resolved { host, addresses }, &given);
        opening.take(Event::Request("GET /PIN4711 HTTP/1.1".to_owned()), &given);
        assert_eq!(opening.resolved[0].0, "***.test");
        assert_eq!(opening.exchanges[1].request, "GET /*** HTTP/1.1");
        let opened = Opened { url: "ws://a/PIN4711".to_owned(), ..Opened::default() };
        opening.take(Event::Opened(opened), &given);
        let exchange = &opening.exchanges[0];
        assert_eq!(exchange.request, "GET / HTTP/1.1\nx-pin: ***\nX-Tenant: acme");
        let Response { reason, headers, .. } = exchange.response.as_ref().expect("a response");
        assert_eq!(*headers, pairs([("Location", "ws://a/***"), ("X-Tenant", "acme")]));
        assert_eq!(reason, "Not ***");
        assert_eq!(opening.url, "ws://a/***");
        let failure = Failure {
            cause: FailureCause::Handshake,
            times: Vec::new(),
            sentence: "it is not HTTP but 'PIN4711'".to_owned(),
        };
        let cause = opening.cause(&failure, &given).to_string();
        assert!(cause.contains("'***'") && !cause.contains("4711"), "{cause}");
    }

    #[test]
    fn secrets_of_query_sign_in_and_subprotocols_are_masked_where_a_body_repeats_them() {
        let token = "t0k3n".repeat(8);
        let open = Open {
            url: "wss://a/b?token=qu3ry%2Bs3cret&page=first&key=".to_owned(),
            // `me:p4ss{{word` and `s3cretkey:`
            headers: ["Basic bWU6cDRzc3t7d29yZA==", "basic czNjcmV0a2V5Og=="]
                .map(|value| pair("authorization", value))
                .into(),
            subprotocols: vec!["chat".to_owned(), token.clone()],
            ..Open::default()
        };
        let mut opening = Opening::default();
        opening.request("GET /b HTTP/1.1", &[]);
        let body = format!(
            "qu3ry%2Bs3cret, that is qu3ry+s3cret, {token}, p4ss{{{{word and s3cretkey: no first chat"
        );
        let response = Response { status: 401, body, ..Response::default() };
        opening.take(Event::Response(response), &secrets_of(&RelayOptions::default(), &open));
        let response = opening.exchanges[0].response.as_ref().expect("a response");
        assert_eq!(response.body, "***, that is ***, ***, *** and ***: no first chat");
    }

    #[test]
    fn an_opening_is_read_back_as_it_was_written() {
        let text = str::to_owned;
        let response = Response {
            status: 101,
            reason: text("OK"),
            headers: pairs([("A", "b: c")]),
            body: text("d"),
        };
        let opening = Opening {
            resolved: vec![(text("a"), vec![text("::1"), text("127.0.0.1")]), (text("b"), vec![])],
            connected: Some(text("127.0.0.1:1")),
            tls: Some(fixtures::tls()),
            exchanges: vec![
                Exchange {
                    request: text("GET / HTTP/1.1\nHost: a:1\nCookie: ***"),
                    response: None,
                },
                Exchange { request: text("GET /?key=*** HTTP/1.1"), response: Some(response) },
            ],
            url: text("ws://b/"),
            times: vec![(Stage::Name, 1), (Stage::Http, 1 << 40)],
            failed: None,
            plain: Plain::default(),
        };
        let failed =
            Opening { url: String::new(), failed: Some(FailureCause::TimedOut), ..opening.clone() };
        for opening in [opening, failed] {
            assert_eq!(crate::decode(&crate::encode(&opening)), Some(opening));
        }
        assert_eq!(crate::decode(&crate::encode(&Opening::default())), Some(Opening::default()));
    }

    #[test]
    fn secrets_of_a_redirect_and_in_subprotocols_are_masked() {
        let token = "t0k3n".repeat(8);
        let mut opening = Opening::default();
        let head = format!(
            "GET /a/s3cret?access_token=abc&b=c HTTP/1.1\r\nHost: c\r\nSec-WebSocket-Protocol: chat, v1.s3cret, {token}\r\n\r\n"
        );
        opening.request(&head, &[]);
        let headers = pairs([
            ("Location", "wss://me:pw@d/a/s3cret?access_token=abc&b=c"),
            ("Sec-WebSocket-Protocol", "v1.s3cret"),
        ]);
        let body = "<a href=\"wss://d/a/s3cret?access_token=abc\">".to_owned();
        let reason = "a/s3cret".to_owned();
        opening.response(Response { status: 302, reason, headers, body }, &[]);
        let [target, shown] = ["s3cret", "{{key}}"].map(|key| Target {
            url: format!("wss://c/a/{key}?access_token=abc&b=c"),
            subprotocols: vec!["chat".to_owned(), format!("v1.{key}")],
            relay: None,
        });
        let shown = opening.hiding(&target, &shown);
        assert_eq!(
            shown.exchanges[0].request,
            "GET /a/{{key}}?access_token=***&b=c HTTP/1.1\nHost: c\n\
             Sec-WebSocket-Protocol: chat, v1.{{key}}, ***"
        );
        let response = shown.exchanges[0].response.as_ref().expect("a response");
        assert_eq!(response.body, "<a href=\"wss://d/a/{{key}}?access_token=***\">");
        assert_eq!(response.reason, "a/{{key}}");
        assert_eq!(
            response.headers,
            pairs([
                ("Location", "wss://***@d/a/{{key}}?access_token=***&b=c"),
                ("Sec-WebSocket-Protocol", "v1.{{key}}"),
            ])
        );
    }
}
