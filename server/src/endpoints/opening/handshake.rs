//! `/handshake`: a report of the client's request.
//!
//! Shows a client's headers, its offers, and the negotiated parameters, after proxies have changed
//! them. Any query is accepted: it is part of the report.

use std::{
    borrow::Cow,
    mem,
    task::{Context, Poll},
};

use axum::http::{HeaderName, header};
use protocol::Kind;
use serde_json::{Value, json};

use crate::{
    accept::tls_info::TlsInfo,
    endpoints::endpoint::{Endpoint, Group, HandlerContext, Plan},
    websocket::{
        handler::{Finish, Handler, Responder},
        handshake::response::Negotiation,
    },
};

/// Declares `/handshake`. Unknown options are no error here.
pub(in crate::endpoints) fn endpoint() -> Endpoint {
    let summary = "Sends the received handshake as JSON";
    let details = "At once, and in answer to each message: path, query, headers, subprotocols, extensions, TLS, \
                   HTTP version, negotiated values. Accepts any query";
    Endpoint::new("/handshake", Group::Handshake, summary, |options| {
        options.allow_any();
        Plan::handler(|context| Report { text: report(context).to_string(), is_sent: false })
    })
    .details(details)
}

/// Report as JSON. Headers are pairs in an array, in order, as names may repeat.
fn report(context: &HandlerContext<'_>) -> Value {
    let parts = context.parts;
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| [name.as_str().into(), text(value.as_bytes())]);
    let offered = |name: HeaderName| {
        let values = parts.headers.get_all(name).into_iter();
        let members = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        members.map(|member| text(member.trim_ascii())).collect::<Vec<_>>()
    };
    let subprotocol = context.handshake.subprotocol(&Negotiation::default());
    json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query(),
        "http": format!("{:?}", parts.version),
        "peer": context.peer.address.to_string(),
        "headers": headers.collect::<Vec<_>>(),
        "subprotocols": offered(header::SEC_WEBSOCKET_PROTOCOL),
        "extensions": offered(header::SEC_WEBSOCKET_EXTENSIONS),
        "tls": parts.extensions.get::<TlsInfo>().map(TlsInfo::json),
        "agreed": {
            "subprotocol": subprotocol.as_ref().map(|name| text(name.as_bytes())),
            "extensions": context.deflate.map(|deflate| deflate.to_string()),
        },
    })
}

/// Text of a header; invalid UTF-8 is replaced.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Handler that sends the report, unasked and in answer to each message.
struct Report {
    /// Report in JSON, made once, when the WebSocket opens.
    text: String,
    /// True once it was sent unasked.
    is_sent: bool,
}

impl Report {
    /// Sends the report as a text message.
    fn send(&self, responder: &mut Responder<'_>) {
        responder.message(Kind::Text, self.text.as_bytes().into());
    }
}

impl Handler for Report {
    fn on_message(&mut self, _: Kind, _: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        self.send(responder);
    }

    fn poll(&mut self, _: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        if !mem::replace(&mut self.is_sent, true) {
            self.send(responder);
        }
        Poll::Pending
    }
}
