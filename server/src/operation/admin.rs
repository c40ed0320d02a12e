//! Admin paths: `/healthz`, `/readyz` and `/metrics`.
//!
//! On a listener of their own with `--admin`, else on the public one. Their own listener answers until
//! the last connection is drained, so that a probe sees `/readyz` turn to 503.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use super::text_format::{self, OPEN_METRICS, TEXT};
use crate::state::Server;

/// Routes of the admin paths. Liveness is 200 as long as the process runs.
pub(crate) fn router() -> Router<Arc<Server>> {
    Router::new()
        .route("/healthz", get("ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Readiness: 200, or 503 from the signal to stop on, [`Limits::lame_duck`](crate::Limits) before the
/// shutdown.
async fn ready(State(server): State<Arc<Server>>) -> impl IntoResponse {
    if server.shutdown.is_announced() {
        (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// Metrics in the format of `OpenMetrics` for clients that accept it, else in the text format of
/// Prometheus.
async fn metrics(State(server): State<Arc<Server>>, headers: HeaderMap) -> impl IntoResponse {
    let metrics = &server.metrics;
    metrics.set_memory(server.memory.held(), server.memory.limit());
    metrics.set_network_connections(server.connections.open_count());
    if let Some(certificates) = &server.config.tls {
        metrics.certificate_expiry.set(certificates.expiry());
    }
    let is_open = |value: &[u8]| value.starts_with(b"application/openmetrics-text");
    let accepts_open_metrics = headers.get_all(header::ACCEPT).iter().any(|value| {
        value.as_bytes().split(|byte| *byte == b',').any(|kind| is_open(kind.trim_ascii()))
    });
    let (kind, text) = if accepts_open_metrics {
        (OPEN_METRICS, metrics.text())
    } else {
        (TEXT, text_format::from_open_metrics(&metrics.text()))
    };
    ([(header::CONTENT_TYPE, kind), (header::VARY, "accept")], text)
}
