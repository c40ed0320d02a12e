//! `/sink` and `/silent`: messages received and not sent back.
//!
//! `/sink` tests that a client has sent everything, unchanged and in order, a close included: the receipt
//! comes before the Close frame.

use std::{borrow::Cow, time::SystemTime};

use protocol::Kind;
use serde_json::json;
use session::hexadecimal;
use sha2::{Digest, Sha256};

use crate::{
    endpoints::{
        endpoint::{Endpoint, Group, Plan},
        streaming::time::rfc3339,
    },
    websocket::handler::{Handler, Responder},
};

/// Bytes of the text that requests a receipt, at most.
const MAX_DEMAND: usize = 1 << 10;

/// Declares `/sink`. Any text can request the receipt, so that a test may count `receipt`, too.
pub(in crate::endpoints) fn sink() -> Endpoint {
    let summary = "Receives messages; sends a receipt on demand";
    let details = "The receipt is JSON, also sent before the close: messages, bytes, first and last (times), \
                   sha256 of all payloads in order";
    Endpoint::new("/sink", Group::Echo, summary, |options| {
        let demand = options.text(
            "demand",
            "Text that requests a receipt; not counted itself",
            "receipt",
            MAX_DEMAND,
        );
        Plan::handler(move |_| Sink { demand, ..Sink::default() })
    })
    .details(details)
}

/// Declares `/silent`, which answers pings and the Close frame only.
pub(in crate::endpoints) fn silent() -> Endpoint {
    let summary = "Receives messages, never sends one";
    Endpoint::new("/silent", Group::Echo, summary, |_| Plan::handler(|_| Silent))
}

/// Handler that counts and hashes messages.
#[derive(Default)]
struct Sink {
    /// Text that requests a receipt.
    demand: String,
    /// Messages received, without requests of a receipt.
    messages: u64,
    /// Bytes of their payloads, uncompressed.
    bytes: u64,
    /// Times of the first and the last message.
    times: Option<(SystemTime, SystemTime)>,
    /// SHA-256 of the payloads so far, in the order of arrival.
    hash: Sha256,
}

impl Sink {
    /// Receipt as JSON.
    fn receipt(&self) -> String {
        let sha256 = hexadecimal(&self.hash.clone().finalize(), "");
        let (first, last) = self.times.map(|(first, last)| (rfc3339(first), rfc3339(last))).unzip();
        json!({
            "messages": self.messages,
            "bytes": self.bytes,
            "first": first,
            "last": last,
            "sha256": sha256,
        })
        .to_string()
    }
}

impl Handler for Sink {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        if kind == Kind::Text && *payload == *self.demand.as_bytes() {
            return self.before_close(responder);
        }
        self.messages += 1;
        self.bytes += payload.len() as u64;
        self.hash.update(&payload);
        let now = SystemTime::now();
        self.times = Some((self.times.map_or(now, |(first, _)| first), now));
    }

    fn is_active(&self) -> bool {
        false
    }

    fn before_close(&mut self, responder: &mut Responder<'_>) {
        responder.message(Kind::Text, self.receipt().into_bytes().into());
    }
}

/// Handler that does nothing.
struct Silent;

impl Handler for Silent {
    fn on_message(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Responder<'_>) {}

    fn is_active(&self) -> bool {
        false
    }
}
