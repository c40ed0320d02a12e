//! HAR files as Chromium's developer tools write them.

use serde_json::{Value, json};

/// HAR of one WebSocket that received `count` numbered messages of some 110 bytes, one a millisecond.
#[must_use]
pub fn har(count: u32) -> Value {
    let messages: Vec<_> = (0..count)
        .map(|number| {
            let time = 1_767_323_045.0 + f64::from(number) / 1e3;
            let data = format!("message {number} {}", "x".repeat(100));
            json!({ "type": "receive", "time": time, "opcode": 1, "data": data })
        })
        .collect();
    json!({ "log": {
        "version": "1.2", "creator": { "name": "WebInspector", "version": "537.36" }, "pages": [],
        "entries": [{
            "_resourceType": "websocket", "startedDateTime": "2026-01-02T03:04:05.678Z", "time": 1,
            "request": { "method": "GET", "url": "ws://localhost:1/feed", "headers": [] },
            "response": { "status": 101, "headers": [] }, "_webSocketMessages": messages,
        }],
    } })
}
