//! `/handshake`: the request as the server saw it.

use std::{
    borrow::Cow,
    mem,
    task::{Context, Poll},
};

use axum::http::{HeaderName, header};
use protocol::Kind;
use serde_json::{Value, json};

use super::{Endpoint, Opening, Plan};
use crate::{
    conduct::{Conduct, Finish, Speech},
    handshake::Terms,
    secured::Secured,
};

pub(super) fn endpoint() -> Endpoint {
    let summary = "Sends the handshake that it saw as JSON, at once and in answer to each message: \
                   path, query, headers, subprotocols, extensions, TLS, HTTP version, and what was \
                   agreed. Takes any query";
    Endpoint::new("/handshake", "Opens", summary, |ask| {
        ask.take_any();
        Plan::conduct(|opening| Report { text: report(opening).to_string(), is_said: false })
    })
}

fn report(opening: &Opening<'_>) -> Value {
    let parts = opening.parts;
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| [name.as_str().into(), text(value.as_bytes())]);
    let offered = |name: HeaderName| {
        let values = parts.headers.get_all(name).into_iter();
        let members = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        members.map(|member| text(member.trim_ascii())).collect::<Vec<_>>()
    };
    let agreed = opening.handshake.subprotocol(&Terms::default());
    json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": parts.uri.query(),
        "http": format!("{:?}", parts.version),
        "peer": opening.guest.peer.to_string(),
        "headers": headers.collect::<Vec<_>>(),
        "subprotocols": offered(header::SEC_WEBSOCKET_PROTOCOL),
        "extensions": offered(header::SEC_WEBSOCKET_EXTENSIONS),
        "tls": parts.extensions.get::<Secured>().map(Secured::json),
        "agreed": {
            "subprotocol": agreed.as_ref().map(|name| text(name.as_bytes())),
            "extensions": opening.deflate.map(|deflate| deflate.to_string()),
        },
    })
}

/// What is not UTF-8 is shown as well as it goes.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

struct Report {
    text: String,
    is_said: bool,
}

impl Report {
    fn say(&self, speech: &mut Speech<'_>) {
        speech.message(Kind::Text, self.text.as_bytes().into());
    }
}

impl Conduct for Report {
    fn answer(&mut self, _: Kind, _: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        self.say(speech);
    }

    fn poll(&mut self, _: &mut Context<'_>, speech: &mut Speech<'_>) -> Poll<Finish> {
        if !mem::replace(&mut self.is_said, true) {
            self.say(speech);
        }
        Poll::Pending
    }
}
