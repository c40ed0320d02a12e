//! `/endpoints.json`: description of the enabled endpoints, and the list of faults.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{
    fault,
    options::{OptionInfo, Options, shorten},
    registry::ENDPOINTS,
    selection::Endpoints,
};

/// Similarity from which on an unknown fault is taken for a slip (Jaro-Winkler, 0 to 1).
const SIMILARITY: f64 = 0.7;

/// `/endpoints.json`, readable for pages of any origin.
pub(crate) fn list(selection: &Endpoints) -> Response {
    let enabled = ENDPOINTS.iter().filter(|endpoint| selection.check(endpoint).is_ok());
    let entries = enabled.map(|endpoint| {
        let mut options = Options::new("", None);
        let _ = endpoint.plan(&mut options);
        // An empty query has no wrong option.
        let infos = options.finish(endpoint.path).unwrap_or_default();
        json!({
            "path": endpoint.path,
            "summary": endpoint.summary,
            "details": endpoint.details,
            "group": endpoint.group.label(),
            "dangerous": endpoint.is_dangerous,
            "options": infos.iter().map(OptionInfo::json).collect::<Vec<_>>(),
        })
    });
    let text = json!({ "endpoints": entries.collect::<Vec<_>>() }).to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// HTTP 404 for `/chat/` without a room.
pub(crate) fn unnamed_room() -> Response {
    (StatusCode::NOT_FOUND, "Room name missing. Add one, such as /chat/lobby.\n").into_response()
}

/// HTTP 404 for an unknown path below `/fault/`.
pub(crate) fn unknown_fault(name: &str) -> Response {
    let (names, name) = (fault::names(), shorten(name));
    let nearest = scenario::similar(&name, names.iter().copied(), SIMILARITY)
        .map_or_else(String::new, |nearest| format!(" Did you mean /fault/{nearest}?"));
    let names = names.join(", ");
    let sentence = format!("Unknown fault '{name}'.{nearest} Known faults: {names}.\n");
    (StatusCode::NOT_FOUND, sentence).into_response()
}
