//! Opening handshake: any request is accepted, or refused with a sentence.
//!
//! Names come from a list, so that most inputs reach the checks of values.

#![no_main]

// The server's own files, without the rest of it: that takes minutes to build.
#[allow(dead_code, reason = "responses and flags are not fuzzed")]
#[path = "../../server/src/access/hosts.rs"]
mod hosts;
#[allow(dead_code, reason = "responses and flags are not fuzzed")]
#[path = "../../server/src/websocket/handshake/origins.rs"]
mod origins;
#[allow(dead_code, reason = "responses and flags are not fuzzed")]
#[path = "../../server/src/websocket/handshake/refusal.rs"]
mod refusal;
#[allow(dead_code, reason = "responses and flags are not fuzzed")]
#[path = "../../server/src/websocket/handshake/request.rs"]
mod request;
#[allow(dead_code, reason = "URLs are not fuzzed")]
#[path = "../../connector/src/server_url.rs"]
mod server_url;
mod access {
    pub(crate) use crate::hosts;
}
// What these files use of the connector.
extern crate self as connector;
pub(crate) use server_url::{is_localhost, unbracketed};

use axum::http::{HeaderName, HeaderValue, Request, Version};
use libfuzzer_sys::fuzz_target;

/// Header names that the checks know; others of the input are as good as none.
const NAMES: [&str; 9] = [
    "upgrade",
    "connection",
    "sec-websocket-version",
    "sec-websocket-key",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "origin",
    "host",
    "sec-fetch-site",
];

fuzz_target!(|input: (bool, bool, bool, Vec<(u8, &[u8])>)| {
    let (is_get, is_http2, has_origins, lines) = input;
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = if is_get { "GET" } else { "CONNECT" }.parse().expect("it is a method");
    if is_http2 {
        parts.version = Version::HTTP_2;
        parts.extensions.insert(hyper::ext::Protocol::from_static("websocket"));
    }
    for (name, value) in lines {
        let name = HeaderName::from_static(NAMES[usize::from(name) % NAMES.len()]);
        if let Ok(value) = HeaderValue::from_bytes(value) {
            parts.headers.append(name, value);
        }
    }
    parts.extensions.insert(hyper::upgrade::on(Request::new(())));
    let origins = if has_origins {
        origins::Origins::only(&["https://example.com"])
    } else {
        origins::Origins::default()
    };
    match request::Handshake::from_request(&mut parts, &origins) {
        Ok(handshake) => assert_eq!(handshake.is_http2(), is_http2),
        Err(refusal) => assert!(refusal.to_string().ends_with(['.', ')']), "{refusal}"),
    }
});
