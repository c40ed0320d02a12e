//! HTTP on an accepted connection: TLS handshake, HTTP version, time limits, graceful shutdown.
//!
//! ALPN selects HTTP/2 over TLS (RFC 7301); without TLS a client speaks it with prior knowledge (RFC
//! 9113 section 3.3), as proxies do. Both versions are served by hyper itself rather than by axum: its
//! accept loop has no time limit for a request head, and no connection limit.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::Accept;

use super::{
    http2_connection::Http2Connection,
    peer::{Peer, PeerAddress},
    preface::begins_http2,
    service::Service,
    tls_info::TlsInfo,
    write_timeout::{Stall, WriteTimeout},
};
use crate::{
    limits::{
        HTTP2_CONNECTION_WINDOW, HTTP2_SEND_BUFFER, HTTP2_STREAM_WINDOW, HTTP2_STREAMS, Limits,
        TLS_BUFFER,
    },
    state::Server,
};

/// Serves one connection, over TLS if the server has a certificate.
pub(super) async fn serve(stream: TcpStream, peer: Peer, app: Router, server: Arc<Server>) {
    let service = Service::new(peer, app);
    match &server.config.tls {
        None => serve_plain(stream, service, &server).await,
        // Boxed: it takes several times the memory.
        Some(certificates) => {
            let handshake = certificates.acceptor().accept(stream);
            Box::pin(serve_tls(handshake, service, &server)).await;
        }
    }
}

/// Serves one connection of the admin listener, without TLS and without regard to shutdown.
/// Failures are not logged: probes may hang up at any time.
pub(super) fn serve_admin(
    stream: TcpStream,
    peer: Peer,
    app: Router,
    limits: &Limits,
) -> impl Future<Output = ()> + use<> {
    let connection = http1(stream, Service::new(peer, app), limits);
    async {
        let _ = connection.await;
    }
}

/// Serves one connection without TLS, in the HTTP version that the client begins to speak within
/// [`Limits::handshake_timeout`].
async fn serve_plain(stream: TcpStream, service: Service, server: &Server) {
    let is_http2 = tokio::select! {
        begun = timeout(server.config.limits.handshake_timeout, begins_http2(&stream)) => begun,
        () = server.shutdown.requested() => return,
    };
    match is_http2 {
        Ok(Ok(false)) => serve_http1(stream, service, server).await,
        // Boxed: it is rare, and takes more memory.
        Ok(Ok(true)) => Box::pin(serve_http2(stream, service, server)).await,
        Ok(Err(_)) => {}
        Err(_) => server.refused("slow", service.peer.address, None),
    }
}

/// Completes the TLS handshake within [`Limits::handshake_timeout`], and serves the protocol that ALPN
/// selects.
async fn serve_tls(handshake: Accept<TcpStream>, service: Service, server: &Server) {
    let handshake = timeout(server.config.limits.handshake_timeout, handshake);
    let stream = tokio::select! {
        stream = handshake => stream,
        () = server.shutdown.requested() => return,
    };
    match stream {
        Ok(Ok(mut stream)) => {
            let session = stream.get_mut().1;
            session.set_buffer_limit(Some(TLS_BUFFER));
            let is_http2 = session.alpn_protocol() == Some(b"h2");
            let service = service.with_tls(TlsInfo::new(session));
            if is_http2 {
                serve_http2(stream, service, server).await;
            } else {
                serve_http1(stream, service, server).await;
            }
        }
        Ok(Err(error)) => {
            server.refused("tls", service.peer.address, None);
            tracing::debug!(peer = %service.peer.address, "TLS handshake failed: {error}");
        }
        Err(_) => server.refused("slow", service.peer.address, None),
    }
}

/// Serves HTTP/1.1 until the connection ends or becomes a WebSocket.
async fn serve_http1<T>(stream: T, service: Service, server: &Server)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (peer, requests) = (service.peer.address, Arc::clone(&service.requests));
    let connection = http1(stream, service, &server.config.limits);
    let shutdown = http1::UpgradeableConnection::graceful_shutdown;
    drive(connection, shutdown, peer, &requests, server).await;
}

/// HTTP/1.1 connection with the limits on request heads and the write timeout.
fn http1<T>(
    stream: T,
    service: Service,
    limits: &Limits,
) -> http1::UpgradeableConnection<TokioIo<WriteTimeout<T>>, Service>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = WriteTimeout::new(stream, limits.pong, Arc::clone(&service.stall));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.handshake_timeout)
        .max_headers(limits.headers)
        .max_buf_size(limits.request_head)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
}

/// Serves HTTP/2, with pings of its own, until the connection ends or is idle.
async fn serve_http2<T>(stream: T, service: Service, server: &Server)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = &server.config.limits;
    let http2 = Http2Connection::default();
    let service = service.with_http2(http2.clone());
    let head = u32::try_from(limits.request_head).unwrap_or(u32::MAX);
    let stream = WriteTimeout::new(stream, limits.pong, Stall::default());
    let progress = stream.progress();
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        // WebSockets over HTTP/2 (RFC 8441 section 3).
        .enable_connect_protocol()
        .keep_alive_interval(limits.ping)
        .keep_alive_timeout(limits.pong)
        .max_concurrent_streams(HTTP2_STREAMS)
        .max_header_list_size(head)
        .initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .max_send_buf_size(HTTP2_SEND_BUFFER)
        .serve_connection(TokioIo::new(stream), service.clone());
    let (peer, requests) = (service.peer.address, Arc::clone(&service.requests));
    tokio::select! {
        () = drive(connection, http2::Connection::graceful_shutdown, peer, &requests, server) => {}
        () = service.idle(server, &progress) => {}
        () = http2.closed() => {}
    }
}

/// Runs a connection until it ends or becomes a WebSocket; on shutdown, until the requests in
/// progress are answered. One that had `requests` and is idle is not slow.
async fn drive<C>(
    connection: C,
    graceful_shutdown: fn(Pin<&mut C>),
    peer: PeerAddress,
    requests: &AtomicUsize,
    server: &Server,
) where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = server.shutdown.requested() => {
            graceful_shutdown(connection.as_mut());
            connection.await
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            if requests.load(Relaxed) == 0 {
                server.refused("slow", peer, None);
            }
        } else if error.is_parse() {
            server.refused("malformed", peer, None);
        }
        tracing::debug!("HTTP connection failed: {error}");
    }
}
