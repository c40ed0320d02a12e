//! What those who run the server ask it: is it alive, is it ready, what did it count.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use crate::Server;

/// Prometheus takes this one since version 2.5.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) fn router() -> Router<Arc<Server>> {
    Router::new()
        .route("/healthz", get("ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// 503 from the moment the server is told to stop.
async fn ready(State(server): State<Arc<Server>>) -> impl IntoResponse {
    if server.shutdown.is_requested() {
        (StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn metrics(State(server): State<Arc<Server>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPEN_METRICS)], server.metrics.text())
}
