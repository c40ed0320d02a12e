//! Tally of a mock: what is served, and what was asked for (`/mock`).

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use scenario::{Serve, Span};
use serde_json::{Value, json};

use super::{Mock, Script, file::MockFile};

/// Number of misses listed, the last ones.
const LISTED: usize = 100;

/// Counts of one served path.
#[derive(Debug, Default)]
pub(super) struct ServeTally {
    pub(super) opened: AtomicU64,
    pub(super) refused: AtomicU64,
    /// Clients that passed the whole conversation.
    pub(super) passed: AtomicU64,
    /// Clients that said what the file does not.
    pub(super) deviated: AtomicU64,
    /// Clients that left before the last step.
    pub(super) left: AtomicU64,
    /// Steps and rules in the order of the file, with the number of times that each happened.
    steps: Vec<(Span, AtomicU64)>,
}

impl ServeTally {
    pub(super) fn new(serve: &Serve) -> Self {
        let steps = serve.steps().into_iter().map(|span| (span, AtomicU64::default())).collect();
        Self { steps, ..Self::default() }
    }

    /// Counts a step.
    pub(super) fn hit(&self, span: &Span) {
        if let Ok(index) = self.steps.binary_search_by_key(&span.start, |(step, _)| step.start) {
            self.steps[index].1.fetch_add(1, Relaxed);
        }
    }

    fn json(&self, file: &MockFile, serve: &Serve) -> Value {
        let count = |count: &AtomicU64| count.load(Relaxed);
        let ended = [&self.passed, &self.deviated, &self.left].map(count).iter().sum::<u64>();
        let steps = self.steps.iter().map(|(span, hits)| {
            json!({ "line": file.line(span), "step": file.step(span), "hits": count(hits) })
        });
        json!({
            "file": file.path.display().to_string(),
            "line": file.line(&serve.span),
            "path": serve.path,
            "connections": count(&self.opened),
            "open": count(&self.opened).saturating_sub(ended),
            "refused": count(&self.refused),
            "passed": count(&self.passed),
            "deviated": count(&self.deviated),
            "left": count(&self.left),
            "steps": steps.collect::<Vec<_>>(),
        })
    }
}

/// Requests and messages for which the files have no answer.
#[derive(Debug, Default)]
pub(super) struct Misses(Mutex<(u64, VecDeque<Value>)>);

impl Misses {
    /// Adds a miss. Its texts are bounded by the caller.
    pub(super) fn add(&self, miss: Value) {
        let mut misses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, list) = &mut *misses;
        *count += 1;
        if list.len() == LISTED {
            list.pop_front();
        }
        list.push_back(miss);
    }
}

/// `/mock`: what is served, what was missed, and what nobody asked for.
pub(crate) fn list(mock: &Mock) -> Response {
    let Some(script) = mock.script() else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, script.json().to_string()).into_response()
}

impl Script {
    fn json(&self) -> Value {
        let (mut served, mut never) = (Vec::new(), Vec::new());
        for file in &self.files {
            for (serve, tally) in file.scenario.serves().iter().zip(&file.tallies) {
                served.push(tally.json(file, serve));
                let is_asked = tally.opened.load(Relaxed) + tally.refused.load(Relaxed) > 0;
                let path = (!is_asked).then_some(&serve.span);
                let steps = tally.steps.iter().filter(|(_, hits)| hits.load(Relaxed) == 0);
                for span in path.into_iter().chain(steps.map(|(span, _)| span)) {
                    never.push(json!({ "at": file.place(span), "step": file.step(span) }));
                }
            }
        }
        let missed = self.misses.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, list) = &*missed;
        json!({ "served": served, "misses": count, "missed": list, "never": never })
    }
}
