//! Options in a query: each is read, or refused with a sentence of bounded length.
//!
//! Values are within their ranges even if the query is refused: an endpoint reads all before.

#![no_main]

// The server's own files, without the rest of it: that takes minutes to build.
#[allow(dead_code, reason = "no endpoint is there to read all kinds of options")]
#[path = "../../server/src/endpoints/options.rs"]
mod options;
#[allow(dead_code, reason = "no endpoint is there to read all kinds of options")]
#[path = "../../server/src/quantity.rs"]
mod quantity;
#[path = "../../server/src/endpoints/rate.rs"]
mod rate;
#[allow(dead_code, reason = "options refer to it")]
#[path = "../../server/src/websocket/handshake/refusal.rs"]
mod refusal;
mod websocket {
    pub(crate) mod handshake {
        pub(crate) use crate::refusal;
    }
}

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use options::{After, Options};

/// Longest sentence in bytes: names and values in it are shortened.
const MAX_SENTENCE: usize = 1_000;

fuzz_target!(|query: &str| {
    let mut options = Options::new(query, Some(query));
    let range = Duration::ZERO..=Duration::from_hours(1);
    assert!(range.contains(&options.time("delay", "", range.clone()).or(Duration::ZERO)));
    let jitter = options.time("jitter", "", range.clone()).optional();
    assert!(jitter.is_none_or(|it| range.contains(&it)));
    assert!((1..=64).contains(&options.size("size", "", 1..=64).or(1)));
    assert!(options.byte_rate_if("read", "").is_none_or(|it| it > 0));
    options.rate("rate", "", "1/s");
    assert!(options.integer("count", "", 1..=9).or(1) < 10);
    assert!((0.0..=1.0).contains(&options.probability("drop", "")));
    assert!(options.text("prefix", "", "", 8).len() <= 8);
    assert!(options.segment("room", "", 8).len() <= 8);
    options.choice("kind", "", &[("text", 0), ("json", 1)]);
    options.after("after", "").or(After::Messages(1));
    options.seed();
    if let Err(error) = options.finish("/fuzz") {
        assert!(error.to_string().len() < MAX_SENTENCE, "{error}");
    }
});
