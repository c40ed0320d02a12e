//! Hyper service of one connection: passes its requests to the routes.

use std::{
    future::pending,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use axum::{Router, http::StatusCode, response::Response};
use hyper::body::Incoming;
use hyper_util::service::TowerToHyperService;
use tokio::time::sleep;

use super::{
    http2_connection::Http2Connection,
    no_response::{Dropped, NoResponse},
    peer::Peer,
    tls_info::TlsInfo,
    write_timeout::{Progress, Stall},
};
use crate::{access::response_headers, state::Server};

/// Bytes written to an HTTP/2 connection per idle period that show that the client still reads a response: more than
/// pings and their answers come to.
const RESPONDING: usize = 1 << 10;

/// Service of one connection. Adds [`Peer`] and [`TlsInfo`] to a request's extensions.
#[derive(Clone)]
pub(super) struct Service {
    /// Peer for the extensions of each request.
    pub(super) peer: Peer,
    /// Parameters of the TLS handshake; `None` over plain TCP.
    tls: Option<TlsInfo>,
    /// Handle to end the connection, with HTTP/2 only.
    http2: Option<Http2Connection>,
    /// Set when a response is to stall.
    pub(super) stall: Stall,
    app: Router,
    /// Requests so far.
    pub(super) requests: Arc<AtomicUsize>,
}

impl Service {
    /// Service for HTTP/1.1 without TLS.
    pub(super) fn new(peer: Peer, app: Router) -> Self {
        Self {
            peer,
            tls: None,
            http2: None,
            stall: Stall::default(),
            app,
            requests: Arc::default(),
        }
    }

    /// Adds the parameters of a TLS handshake to the requests.
    pub(super) fn with_tls(self, tls: TlsInfo) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Marks the requests as carried by an HTTP/2 connection.
    pub(super) fn with_http2(self, http2: Http2Connection) -> Self {
        Self { http2: Some(http2), ..self }
    }

    /// Resolves when no request came for [`Limits::handshake_timeout`](crate::Limits::handshake_timeout), none is
    /// open, and no response is read; on shutdown as soon as none is open. For HTTP/2: hyper has no such timeout there.
    pub(super) async fn idle(self, server: &Server, progress: &Progress) {
        // This clone, and the one that hyper has.
        let is_idle = || Arc::strong_count(&self.peer.permit) <= 2 && !progress.is_waiting();
        let (mut before, mut written_before) = (0, 0);
        loop {
            let shut_down = async {
                server.shutdown.requested().await;
                if !is_idle() {
                    pending::<()>().await;
                }
            };
            tokio::select! {
                () = sleep(server.config.limits.handshake_timeout) => {}
                () = shut_down => return,
            }
            let (requests, written) = (self.requests.load(Relaxed), progress.written());
            let is_responding = written.wrapping_sub(written_before) >= RESPONDING;
            if requests == before && !is_responding && is_idle() {
                if requests == 0 {
                    server.refused("slow", self.peer.address, None);
                }
                return;
            }
            (before, written_before) = (requests, written);
        }
    }
}

impl hyper::service::Service<hyper::Request<Incoming>> for Service {
    type Response = Response;
    type Error = Dropped;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Dropped>> + Send>>;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        self.requests.fetch_add(1, Relaxed);
        request.extensions_mut().insert(self.peer.clone());
        if let Some(tls) = &self.tls {
            request.extensions_mut().insert(tls.clone());
        }
        if let Some(http2) = &self.http2 {
            request.extensions_mut().insert(http2.clone());
        }
        let responding = TowerToHyperService::new(self.app.clone()).call(request);
        let stall = Arc::clone(&self.stall);
        Box::pin(async move {
            let Ok(mut response) = responding.await;
            match response.extensions().get() {
                None => {}
                Some(NoResponse::Drop) => return Err(Dropped),
                Some(NoResponse::Stall(time)) => {
                    // A connection that stalls already need not be told again.
                    let _ = stall.set(*time);
                }
            }
            // Nothing reads them on a WebSocket.
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                response_headers::add_to(response.headers_mut());
            }
            Ok(response)
        })
    }
}
