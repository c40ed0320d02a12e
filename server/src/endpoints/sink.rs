//! `/sink` and `/silent`: what takes messages and does not send them back.

use std::{borrow::Cow, fmt::Write, time::SystemTime};

use protocol::Kind;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Endpoint, Plan, time::shown};
use crate::conduct::{Conduct, Speech};

/// Bytes of the text that asks for a receipt, at most.
const DEMAND: usize = 1 << 10;

pub(super) fn sink() -> Endpoint {
    let summary = "Takes messages and gives a receipt for them as JSON, on demand and before the \
                   connection closes: messages, bytes, first and last (times), sha256 of all payloads, \
                   one after the other";
    Endpoint::new("/sink", "Answers", summary, |ask| {
        let demand = ask.text(
            "demand",
            "The text that asks for a receipt; it counts for nothing itself",
            "receipt",
            DEMAND,
        );
        Plan::conduct(move |_| Sink { demand, ..Sink::default() })
    })
}

pub(super) fn silent() -> Endpoint {
    let summary = "Takes messages and never sends one";
    Endpoint::new("/silent", "Answers", summary, |_| Plan::conduct(|_| Silent))
}

#[derive(Default)]
struct Sink {
    demand: String,
    messages: u64,
    bytes: u64,
    /// When the first and the last message came.
    times: Option<(SystemTime, SystemTime)>,
    hash: Sha256,
}

impl Sink {
    fn receipt(&self) -> String {
        let digest = self.hash.clone().finalize();
        let sha256 = digest.iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        let (first, last) = self.times.map(|(first, last)| (shown(first), shown(last))).unzip();
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

impl Conduct for Sink {
    fn answer(&mut self, kind: Kind, payload: Cow<'_, [u8]>, speech: &mut Speech<'_>) {
        if kind == Kind::Text && *payload == *self.demand.as_bytes() {
            return self.last_words(speech);
        }
        self.messages += 1;
        self.bytes += payload.len() as u64;
        self.hash.update(&payload);
        let now = SystemTime::now();
        self.times = Some((self.times.map_or(now, |(first, _)| first), now));
    }

    fn acts(&self) -> bool {
        false
    }

    fn last_words(&mut self, speech: &mut Speech<'_>) {
        speech.message(Kind::Text, self.receipt().into_bytes().into());
    }
}

struct Silent;

impl Conduct for Silent {
    fn answer(&mut self, _: Kind, _: Cow<'_, [u8]>, _: &mut Speech<'_>) {}

    fn acts(&self) -> bool {
        false
    }
}
