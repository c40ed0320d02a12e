//! Event log: a rate-limited log line for each connection, disconnection and refusal.
//!
//! Of a request it names the path and the names of the query's options, never their values: tokens are
//! sent there.

use std::{borrow::Cow, time::Duration};

use axum::http::{HeaderMap, HeaderValue, Uri, header};

use super::{
    line_limit::LineLimit,
    record::{EndRecord, Tally},
};
use crate::accept::peer::PeerAddress;

/// Bytes of a path, header or close reason to show, at most.
const MAX_TEXT: usize = 200;

/// Rate-limited log of connections and refusals.
pub(crate) struct EventLog {
    /// Limit on lines about connections and disconnections.
    connections: LineLimit,
    /// Limit on lines about refusals, so that these cannot hide connections.
    refusals: LineLimit,
    /// Limit on lines about mocks.
    deviations: LineLimit,
    /// Limit on lines about the relay.
    relays: LineLimit,
}

/// Request as the log names it. Cheap to clone: its parts are shared with the request.
#[derive(Clone, Debug)]
pub(crate) struct RequestSummary {
    /// Address as requested; only path and names of options are shown.
    uri: Uri,
    /// `Origin`, as sent.
    origin: Option<HeaderValue>,
    /// `User-Agent`, as sent.
    user_agent: Option<HeaderValue>,
}

/// WebSocket as the log names it.
pub(crate) struct LoggedConnection {
    /// Number since the server's start.
    pub(crate) number: u64,
    pub(crate) peer: PeerAddress,
    /// Pattern of the path.
    pub(crate) endpoint: &'static str,
}

impl EventLog {
    /// Creates a log with a limit of its own for each kind of line.
    pub(crate) fn new() -> Self {
        Self {
            connections: LineLimit::new(
                "more connections and disconnections, not logged one by one",
            ),
            refusals: LineLimit::new("more refusals, not logged one by one"),
            deviations: LineLimit::on_warnings("more deviations from mocks, not logged one by one"),
            relays: LineLimit::new("more relayed connections, not logged one by one"),
        }
    }

    /// Logs an opened WebSocket.
    pub(crate) fn connected(&self, connection: u64, peer: PeerAddress, request: &RequestSummary) {
        self.connections.log(|| {
            let (path, origin) = (request.path(), request.origin());
            let (path, origin) = (path.as_str(), origin.as_deref());
            let user_agent = request.user_agent.as_ref().map(text);
            let user_agent = user_agent.as_deref();
            tracing::info!(connection, %peer, path, origin, user_agent, "Client connected");
        });
    }

    /// Logs the end of a WebSocket.
    pub(crate) fn disconnected(
        &self,
        connection: &LoggedConnection,
        end: &EndRecord,
        open_for: Duration,
        total: Tally,
    ) {
        self.connections.log(|| {
            let LoggedConnection { number, peer, endpoint } = connection;
            let EndRecord { code, closed_by, cause, reason } = end;
            let reason = bounded(reason);
            tracing::info!(
                connection = number,
                %peer,
                endpoint,
                code,
                closed_by,
                cause,
                reason = &*reason,
                seconds = (open_for.as_secs_f64() * 1_000.0).round() / 1_000.0,
                received = total.received,
                received_bytes = total.received_bytes,
                sent = total.sent,
                sent_bytes = total.sent_bytes,
                "Client disconnected"
            );
        });
    }

    /// Logs a refused connection, or request. `reason` is the label of `wsbench_refused_total`.
    pub(crate) fn refused(
        &self,
        reason: &'static str,
        peer: PeerAddress,
        request: Option<&RequestSummary>,
    ) {
        self.refusals.log(|| {
            let path = request.map(RequestSummary::path);
            let origin = request.and_then(RequestSummary::origin);
            let (path, origin) = (path.as_deref(), origin.as_deref());
            tracing::info!(reason, %peer, path, origin, "Refused");
        });
    }

    /// Logs a conversation of a mock that did not go as its file says.
    pub(crate) fn deviated(
        &self,
        connection: u64,
        at: &str,
        message: &str,
        differences: &[String],
        received: Option<&str>,
    ) {
        self.deviations.log(|| {
            let differences = differences.join("; ");
            let difference = Some(&*differences).filter(|it| !it.is_empty());
            tracing::warn!(connection, at, difference, received, "Mock: {message}");
        });
    }

    /// Logs how a relayed connection goes: the host and port of its target, and nothing else of it.
    pub(crate) fn relayed(&self, target: &str, outcome: &str) {
        self.relays.log(|| {
            let target = bounded(target);
            tracing::info!(target = &*target, outcome, "Relay");
        });
    }

    /// Runs forever: after each flood, logs the number of events left out.
    pub(crate) async fn report_skipped(&self) {
        tokio::join!(
            self.connections.report_skipped(),
            self.refusals.report_skipped(),
            self.deviations.report_skipped(),
            self.relays.report_skipped()
        );
    }

    /// Logs the number of events left out since the last report, if any.
    pub(crate) fn log_skipped(&self) {
        self.connections.log_skipped();
        self.refusals.log_skipped();
        self.deviations.log_skipped();
        self.relays.log_skipped();
    }
}

impl RequestSummary {
    /// Keeps the parts of a request that a log line may show.
    pub(crate) fn new(uri: &Uri, headers: &HeaderMap) -> Self {
        let header = |name| headers.get(name).cloned();
        Self {
            uri: uri.clone(),
            origin: header(header::ORIGIN),
            user_agent: header(header::USER_AGENT),
        }
    }

    /// Path, with the names of the query's options: `/echo?delay&drop`.
    fn path(&self) -> String {
        let mut path = self.uri.path().to_owned();
        let options = self.uri.query().into_iter().flat_map(|query| query.split('&'));
        // A part without a value may be a secret itself.
        let names = options.filter_map(|option| Some(option.split_once('=')?.0));
        for (index, name) in names.enumerate() {
            path.push(if index == 0 { '?' } else { '&' });
            path.push_str(name);
        }
        bounded(&path).into_owned()
    }

    /// Origin as text, cut at [`MAX_TEXT`].
    fn origin(&self) -> Option<String> {
        self.origin.as_ref().map(text)
    }
}

/// Text of a header.
fn text(value: &HeaderValue) -> String {
    bounded(&String::from_utf8_lossy(value.as_bytes())).into_owned()
}

/// Text of [`MAX_TEXT`] bytes at most. The log itself escapes characters that are not printable.
fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}… ({} bytes)", &text[..text.floor_char_boundary(MAX_TEXT)], text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(target: &str) -> RequestSummary {
        RequestSummary::new(&target.parse().unwrap(), &HeaderMap::new())
    }

    #[test]
    fn a_query_is_named_without_its_values() {
        for (target, named) in [
            ("/ws", "/ws"),
            ("/ws?", "/ws"),
            ("/echo?delay=1s&drop=0.1", "/echo?delay&drop"),
            ("/ws?s3cret&token=s3cret&=s3cret", "/ws?token&"),
            ("https://example.com/chat/a?x=s3cret", "/chat/a?x"),
        ] {
            assert_eq!(summary(target).path(), named);
        }
    }

    #[test]
    fn what_a_client_chooses_is_bounded() {
        let long = format!("/{}", "a".repeat(10_000));
        let path = summary(&long).path();
        assert!(path.ends_with("… (10001 bytes)") && path.len() < MAX_TEXT + 20, "{path}");
        let value = HeaderValue::from_bytes(&[0xff; 10_000]).unwrap();
        assert!(text(&value).len() < MAX_TEXT + 20);
    }
}
