//! Admin paths: `/healthz`, `/readyz` and `/metrics`.
//!
//! On a listener of their own with `--admin`, else on the public one. Their own listener answers until
//! the last connection is drained, so that a probe sees `/readyz` turn to 503.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use crate::state::Server;

/// Content type of `OpenMetrics`, supported by Prometheus since version 2.5.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

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

/// Metrics in the format of `OpenMetrics`, whatever the request accepts.
async fn metrics(State(server): State<Arc<Server>>) -> impl IntoResponse {
    server.metrics.set_memory(server.memory.held(), server.memory.limit());
    ([(header::CONTENT_TYPE, OPEN_METRICS)], server.metrics.text())
}
