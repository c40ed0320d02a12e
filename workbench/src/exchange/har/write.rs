//! Archive writer: an entry for each connection.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use session::{Close, Direction, EndReason, MASK, Negotiated, Payload, Time};

use super::{BINARY, TEXT};
use crate::{
    compose::{mask_secrets, mask_url},
    connect::{Target, parameters},
    log::{Content, Ended, Entry, LogEvent, Opened},
    relay::{ControlFrame, ControlKind, Exchange, Opening, Response as HttpResponse, Stage},
};

/// Seconds since the epoch, as [`time`](super::time) reads them.
struct Seconds(Time);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0.0 / 1_000_000, self.0.0 % 1_000_000)
    }
}

/// Current position of the writer in the archive.
#[derive(Clone, Copy, Debug)]
enum Position {
    /// Before the first entry: no comma needed.
    First,
    /// Behind an entry.
    Between,
    /// In an entry's messages; with whether there is one, and the start time.
    Inside(bool, Time),
}

/// Archive writer: one entry per connection.
#[derive(Debug)]
pub(in crate::exchange) struct Writer {
    /// Address, unless the connection has one, and the offered subprotocols.
    target: Target,
    position: Position,
    /// Opening of the next connection, if the page's server saw it.
    opening: Option<SeenOpening>,
    /// Times of the opening of this connection.
    times: Times,
    /// Secrets of exchanges are written, too.
    has_secrets: bool,
}

/// Opening of a connection, as the page's server saw it.
#[derive(Debug, Default)]
struct SeenOpening {
    /// Requests and responses: redirects that were followed, and the last one.
    exchanges: Vec<Exchange>,
    /// IP address of the server, or of the proxy.
    server: Option<String>,
    times: Times,
}

/// Times of an opening in microseconds, as HAR divides them: those that are known.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    dns: Option<u64>,
    /// TCP, proxy and TLS.
    connect: Option<u64>,
    ssl: Option<u64>,
    wait: u64,
}

impl SeenOpening {
    fn of(opening: &Opening, has_secrets: bool) -> Self {
        let address = opening.connected.as_deref().and_then(|it| it.rsplit_once(':'));
        Self {
            exchanges: opening.exported(has_secrets).to_vec(),
            server: address.map(|(host, _)| host.trim_matches(['[', ']']).to_owned()),
            times: Times::of(&opening.times),
        }
    }
}

impl Times {
    fn of(stages: &[(Stage, u64)]) -> Self {
        let of = |stage| stages.iter().find(|(it, _)| *it == stage).map(|(_, micros)| *micros);
        let connect = [Stage::Tcp, Stage::Proxy, Stage::Tls].into_iter().filter_map(of);
        Self {
            dns: of(Stage::Name),
            connect: connect.reduce(u64::saturating_add),
            ssl: of(Stage::Tls),
            wait: of(Stage::Http).unwrap_or(0),
        }
    }

    fn whole(self) -> u64 {
        let all = [self.dns, self.connect, Some(self.wait)];
        all.into_iter().flatten().fold(0, u64::saturating_add)
    }
}

/// Milliseconds of a `timings` member; -1 for what did not take place.
struct Millis(Option<u64>);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(micros) => write!(f, "{}.{:03}", micros / 1_000, micros % 1_000),
            None => f.write_str("-1"),
        }
    }
}

/// Writes the header.
pub(in crate::exchange) fn begin(out: &mut String) {
    out.push_str(concat!(
        r#"{"log":{"version":"1.2","creator":{"name":"WebSocket Workbench","version":""#,
        env!("CARGO_PKG_VERSION"),
        "\"},\"pages\":[],\"entries\":["
    ));
}

impl Writer {
    pub(in crate::exchange) fn new(target: &Target, has_secrets: bool) -> Self {
        let mut target = target.clone();
        if !has_secrets {
            mask_secrets(&mut target.url);
        }
        let times = Times::default();
        Self { target, position: Position::First, opening: None, times, has_secrets }
    }

    pub(in crate::exchange) fn entry(&mut self, entry: &Entry<'_>, out: &mut String) {
        match entry.content {
            Content::Event(LogEvent::Opened(Opened { address, negotiated, .. })) => {
                self.close(entry.at, None, out);
                self.open(entry.at, address, Some(negotiated), out);
            }
            Content::Message(direction, payload) => {
                self.open_if_none_is(entry.at, "", Some(&Negotiated::default()), out);
                self.message(entry.at, direction, payload, out);
            }
            Content::Event(LogEvent::Ended(ended)) => {
                // A connection that never opened has no response.
                let negotiated = Negotiated::default();
                let answer = matches!(ended.reason, EndReason::Closed(_)).then_some(&negotiated);
                self.open_if_none_is(entry.at, &ended.address, answer, out);
                self.close(entry.at, Some(ended), out);
            }
            Content::Event(LogEvent::Control(frame)) => self.control(entry.at, frame, out),
            Content::Event(LogEvent::Handshake(opening)) => {
                self.opening = Some(SeenOpening::of(opening, self.has_secrets));
            }
            Content::Event(..) => {}
        }
    }

    /// Writes the end of the archive.
    pub(in crate::exchange) fn end(&mut self, out: &mut String) {
        if let Position::Inside(_, began) = self.position {
            self.close(began, None, out);
        }
        out.push_str("\n]}}\n");
    }

    fn open_if_none_is(
        &mut self,
        at: Time,
        address: &str,
        answer: Option<&Negotiated>,
        out: &mut String,
    ) {
        if !matches!(self.position, Position::Inside(..)) {
            self.open(at, address, answer, out);
        }
    }

    fn open(&mut self, at: Time, address: &str, answer: Option<&Negotiated>, out: &mut String) {
        if matches!(self.position, Position::Between) {
            out.push(',');
        }
        let SeenOpening { mut exchanges, server, times } = self.opening.take().unwrap_or_default();
        let exchange = exchanges.pop();
        self.times = times;
        let began = Time(at.0.saturating_sub(times.whole()));
        let mut facts = String::new();
        // Writing to a String cannot fail, here and below.
        if let Some(ip) = server {
            let _ = write!(facts, r#""serverIPAddress":{},"#, json(&ip));
        }
        if answer.is_some() && times.whole() > 0 {
            let _ = write!(facts, r#""_webSocketOpened":{},"#, Seconds(at));
        }
        // Of one that opened, the address is where redirects led.
        let was_led = answer.is_some() && !exchanges.is_empty();
        let first = if was_led { &self.target.url } else { address };
        let mut scheme = if first.starts_with("wss:") { "wss" } else { "ws" };
        for Exchange { request, response } in &exchanges {
            let Some(response) = response else { continue };
            let request = self.request(&address_of(request, scheme), Some(request));
            Self::exchange(began, "", &request, response, out);
            out.push_str(r#","time":0,"timings":{"send":0,"wait":0,"receive":0}},"#);
            scheme = match value(response, "location").split_once("://") {
                Some((led, _))
                    if ["wss", "https"].iter().any(|it| led.eq_ignore_ascii_case(it)) =>
                {
                    "wss"
                }
                Some(_) => "ws",
                None => scheme,
            };
        }
        let (request, response) =
            exchange.map_or((None, None), |it| (Some(it.request), it.response));
        let response = response.unwrap_or_else(|| without_head(answer));
        // The address is that of the first one, or without the secrets that the head has.
        let failed_behind = answer.is_none() && !exchanges.is_empty();
        let has_other = |head: &&str| failed_behind || self.has_secrets && !head.contains(MASK);
        let led = request.as_deref().filter(|head| head.contains("\nHost: ") && has_other(head));
        let led = led.map(|head| address_of(head, scheme));
        let request = self.request(led.as_deref().unwrap_or(address), request.as_deref());
        Self::exchange(began, &facts, &request, &response, out);
        out.push_str(r#","_webSocketMessages":["#);
        self.position = Position::Inside(false, at);
    }

    /// Writes an entry up to its messages and timings.
    fn exchange(
        began: Time,
        facts: &str,
        request: &str,
        response: &HttpResponse,
        out: &mut String,
    ) {
        let HttpResponse { status, reason, headers: answered, body } = response;
        let answered = answered.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let (kind, text) = match &**body {
            "" => ("x-unknown", String::new()),
            body => (value(response, "content-type"), format!(r#","text":{}"#, json(&body))),
        };
        let is_redirect = matches!(status, 301..=303 | 307 | 308);
        let location = if is_redirect { value(response, "location") } else { "" };
        let _ = write!(
            out,
            concat!(
                "\n",
                r#"{{"_resourceType":"websocket","startedDateTime":"{}",{}"request":{},"#,
                r#""response":{{"status":{},"statusText":{},"httpVersion":"http/1.1","headers":{},"#,
                r#""cookies":[],"content":{{"size":{},"mimeType":{}{}}},"redirectURL":{},"#,
                r#""headersSize":-1,"bodySize":-1}},"cache":{{}}"#,
            ),
            began,
            facts,
            request,
            status,
            json(reason),
            headers(answered),
            body.len(),
            json(&kind),
            text,
            json(&location),
        );
    }

    fn message(&mut self, at: Time, way: Direction, payload: Payload<'_>, out: &mut String) {
        let (opcode, data) = match payload {
            Payload::Text(text) => (TEXT, Cow::from(text)),
            Payload::Binary(bytes) => (BINARY, BASE64_STANDARD.encode(bytes).into()),
        };
        self.frame(at, way, opcode, &data, out);
    }

    /// Control frame of an open connection: with its opcode, as a message has one.
    fn control(&mut self, at: Time, frame: &ControlFrame, out: &mut String) {
        let opcode = match frame.kind {
            ControlKind::Close => 8,
            ControlKind::Ping => 9,
            ControlKind::Pong => 10,
            ControlKind::Raw => return,
        };
        if matches!(self.position, Position::Inside(..)) {
            self.frame(at, frame.direction, opcode, &BASE64_STANDARD.encode(&frame.payload), out);
        }
    }

    fn frame(&mut self, at: Time, way: Direction, opcode: i32, data: &str, out: &mut String) {
        let way = match way {
            Direction::In => "receive",
            Direction::Out => "send",
        };
        if let Position::Inside(has_message, _) = &mut self.position {
            out.push_str(if *has_message { ",\n" } else { "\n" });
            *has_message = true;
        }
        let (time, data) = (Seconds(at), json(&data));
        let _ = write!(out, r#"{{"type":"{way}","time":{time},"opcode":{opcode},"data":{data}}}"#);
    }

    /// `request` of a connection, with the headers of its `head` if that was seen.
    fn request(&self, address: &str, head: Option<&str>) -> String {
        let own = self.target.url.as_str();
        let is_own = address.is_empty() || self.has_secrets && mask_url(own, MASK) == address;
        let url = if is_own { own } else { address };
        let query: Vec<_> = parameters(url)
            .into_iter()
            .map(|parameter| (parameter.name, parameter.value.unwrap_or_default()))
            .collect();
        let offered = self.target.subprotocols.join(", ");
        let sent = match head {
            Some(head) => headers(head.lines().skip(1).filter_map(|line| line.split_once(": "))),
            None => headers([("Sec-WebSocket-Protocol", offered.as_str())].into_iter()),
        };
        format!(
            r#"{{"method":"GET","url":{},"httpVersion":"http/1.1","headers":{},"queryString":{},"cookies":[],"headersSize":-1,"bodySize":0}}"#,
            json(&url),
            sent,
            pairs(query.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        )
    }

    /// Writes the end of the entry, if there is one.
    fn close(&mut self, at: Time, ended: Option<&Ended>, out: &mut String) {
        let Position::Inside(_, began) = self.position else { return };
        out.push(']');
        if let Some(ended) = ended {
            let _ = write!(out, r#","_webSocketClosed":{{"time":{},"event":"#, Seconds(at));
            let _ = match &ended.reason {
                EndReason::Failed => write!(out, r#""failed""#),
                EndReason::Cancelled => write!(out, r#""cancelled""#),
                EndReason::Closed(Close { code, reason }) => {
                    write!(out, r#""closed","code":{code},"reason":{}"#, json(reason))
                }
            };
            if let Some(side) = ended.closed_by() {
                let side = if side == Direction::Out { "out" } else { "in" };
                let _ = write!(out, r#","direction":"{side}""#);
            }
            if let Some(cause) = ended.cause() {
                let _ = write!(out, r#","cause":{}"#, json(&cause));
            }
            out.push('}');
        }
        let millis = at.since(began).as_millis();
        let Times { dns, connect, ssl, wait } = self.times;
        let open = u64::try_from(millis).unwrap_or(u64::MAX).saturating_mul(1_000);
        let whole = self.times.whole().saturating_add(open);
        let [whole, dns, connect, ssl, wait] =
            [Some(whole), dns, connect, ssl, Some(wait)].map(Millis);
        let _ = write!(out, r#","time":{whole},"timings":{{"dns":{dns},"connect":{connect},"#);
        let _ = write!(out, r#""ssl":{ssl},"send":0,"wait":{wait},"receive":{millis}}}}}"#);
        self.position = Position::Between;
    }
}

/// Response of a connection whose head nobody saw.
fn without_head(answer: Option<&Negotiated>) -> HttpResponse {
    let Negotiated { subprotocol, extensions } = answer.cloned().unwrap_or_default();
    let (status, reason) = answer.map_or((0, ""), |_| (101, "Switching Protocols"));
    let headers =
        [("Sec-WebSocket-Protocol", subprotocol), ("Sec-WebSocket-Extensions", extensions)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
    HttpResponse { status, reason: reason.to_owned(), headers, body: String::new() }
}

/// Value of the first header of this name; empty if there is none.
fn value<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
    let header = response.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
    header.map_or("", |(_, value)| value)
}

/// Address that the head of a request is for.
fn address_of(head: &str, scheme: &str) -> String {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let host = head.lines().find_map(|line| line.strip_prefix("Host: "));
    format!("{scheme}://{}{path}", host.unwrap_or_default())
}

/// Non-empty headers in HAR form.
fn headers<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    pairs(headers.filter(|(_, value)| !value.is_empty()))
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs
        .map(|(name, value)| format!(r#"{{"name":{},"value":{}}}"#, json(&name), json(&value)));
    format!("[{}]", pairs.collect::<Vec<_>>().join(","))
}

/// Value in JSON.
pub(in crate::exchange) fn json(value: &impl Serialize) -> String {
    // Fails on maps with odd keys, on NaN and on writers that fail, and here is none.
    serde_json::to_string(value).unwrap_or_default()
}
