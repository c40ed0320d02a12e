//! `/mock`: the served paths, with counts of requests and of each line.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use scenario::Serve;
use serde_json::{Value, json};

use super::{Mock, Script, file::MockFile, tally::ServeTally};

/// Response of `/mock`: served paths, misses, and lines that never happened. HTTP 404 without a
/// mock.
pub(crate) fn list(mock: &Mock) -> Response {
    let Some(script) = mock.script() else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, script.json().to_string()).into_response()
}

impl Script {
    /// List of the served paths with their counts, of the last misses, and of the lines that never
    /// happened.
    fn json(&self) -> Value {
        let (mut served, mut never) = (Vec::new(), Vec::new());
        for file in &self.files {
            for (serve, tally) in file.mock.scenario().serves().iter().zip(&file.tallies) {
                served.push(entry(tally, file, serve));
                let is_asked = tally.opened.load(Relaxed) + tally.refused.load(Relaxed) > 0;
                let path = (!is_asked).then_some(&serve.span);
                let steps = tally.steps.iter().filter(|(_, hits)| hits.load(Relaxed) == 0);
                for span in path.into_iter().chain(steps.map(|(span, _)| span)) {
                    never.push(json!({ "at": file.place(span), "step": file.step(span) }));
                }
            }
        }
        let (count, missed) = self.misses.list();
        json!({ "served": served, "misses": count, "missed": missed, "never": never })
    }
}

/// Counts of one served path.
fn entry(tally: &ServeTally, file: &MockFile, serve: &Serve) -> Value {
    let count = |count: &AtomicU64| count.load(Relaxed);
    // Read once, ends before openings: connections open and end meanwhile.
    let [passed, deviated, left] = [&tally.passed, &tally.deviated, &tally.left].map(count);
    let opened = count(&tally.opened);
    let steps = tally.steps.iter().map(|(span, hits)| {
        json!({ "at": file.place(span), "line": file.line(span), "step": file.step(span), "hits": count(hits) })
    });
    json!({
        "file": file.path.display().to_string(),
        "line": file.line(&serve.span),
        "path": serve.path,
        "connections": opened,
        "open": opened.saturating_sub(passed + deviated + left),
        "refused": count(&tally.refused),
        "passed": passed,
        "deviated": deviated,
        "left": left,
        "steps": steps.collect::<Vec<_>>(),
    })
}
