//! One WebSocket on a caller's TCP connection: TLS and opening handshake only, without the server's endpoints and
//! limits.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use hyper::{
    Request, body::Incoming, server::conn::http1, service::service_fn, upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use protocol::Deflate;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};

use super::handshake::{
    compression::Compression,
    origins::Origins,
    request::{Handshake, offers_subprotocol},
    response::{Negotiation, Subprotocol},
};
use crate::{accept::tls::Certificates, limits::Limits};

/// Stream after the opening handshake. Reads first the bytes that the client sent along with it.
pub type UpgradedStream = TokioIo<hyper::upgrade::Upgraded>;

/// Opening handshakes of one program.
#[derive(Debug)]
pub struct Acceptor {
    /// TLS certificate; plain text without one.
    pub tls: Option<Arc<Certificates>>,
    /// Origins allowed to connect from a browser.
    pub origins: Origins,
    /// Compression of messages.
    pub compression: Compression,
    /// Subprotocol to select if the client offers it; without one, the first that it offers.
    pub subprotocol: Option<String>,
    /// Time for TLS and request together.
    pub time: Duration,
}

/// WebSocket after the opening handshake.
#[derive(Debug)]
pub struct Accepted {
    /// Stream of frames.
    pub stream: UpgradedStream,
    /// Path and query that the client asked for.
    pub path: String,
    /// Subprotocol that was selected.
    pub subprotocol: Option<String>,
    /// Compression parameters that were agreed on.
    pub deflate: Option<Deflate>,
}

/// Connection that opened no WebSocket.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// TLS handshake failed, or the connection was lost.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// No HTTP request of version 1.1, or one that is not complete.
    #[error("unreadable HTTP request: {0}")]
    Http(#[from] hyper::Error),
    /// Connection closed without a request.
    #[error("no request")]
    NoRequest,
    /// Request refused, with the sentence that the client got.
    #[error("request refused: {0}")]
    Refused(String),
    /// Handshake not complete in time.
    #[error("opening handshake timed out after {}", humantime::format_duration(*.0))]
    TimedOut(Duration),
}

/// Request that is accepted, before its response is sent.
struct AcceptedRequest {
    /// Stream, once the response is sent.
    upgrade: OnUpgrade,
    /// Path and query.
    path: String,
    /// Subprotocol in the response.
    subprotocol: Option<String>,
    /// Compression parameters in the response.
    deflate: Option<Deflate>,
}

impl Acceptor {
    /// Accepts a WebSocket on `stream` within [`Acceptor::time`].
    ///
    /// # Errors
    /// [`AcceptError`]; a request that is refused is answered with the reason.
    pub async fn accept(&self, stream: TcpStream) -> Result<Accepted, AcceptError> {
        // Nagle's algorithm may hold a small answer back until the one before is acknowledged.
        let _ = stream.set_nodelay(true);
        let accepting = async {
            match &self.tls {
                None => self.shake_hands(stream).await,
                Some(tls) => {
                    let stream = tls.http1_acceptor().accept(stream).await?;
                    Box::pin(self.shake_hands(stream)).await
                }
            }
        };
        timeout(self.time, accepting).await.unwrap_or(Err(AcceptError::TimedOut(self.time)))
    }

    /// Answers the request, and unwraps the stream.
    async fn shake_hands<T>(&self, stream: T) -> Result<Accepted, AcceptError>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let limits = Limits::default();
        let answered = Mutex::new(None);
        let service = service_fn(|request: Request<Incoming>| {
            let (response, opening) = self.answer(request);
            *answered.lock() = Some(opening);
            async { Ok::<_, Infallible>(response) }
        });
        http1::Builder::new()
            // Limited by `accept`.
            .header_read_timeout(None)
            .max_headers(limits.headers)
            .max_buf_size(limits.request_head)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await?;
        let answered = answered.into_inner();
        let AcceptedRequest { upgrade, path, subprotocol, deflate } =
            answered.ok_or(AcceptError::NoRequest)?.map_err(AcceptError::Refused)?;
        Ok(Accepted { stream: TokioIo::new(upgrade.await?), path, subprotocol, deflate })
    }

    /// Response to a request, with the opening or the reason that there is none.
    fn answer(&self, request: Request<Incoming>) -> (Response, Result<AcceptedRequest, String>) {
        let (mut parts, _) = request.into_parts();
        let handshake = match Handshake::from_request(&mut parts, &self.origins) {
            Ok(handshake) => handshake,
            Err(refusal) => {
                let mut response = refusal.into_response();
                let close = HeaderValue::from_static("close");
                // Beside `upgrade`, which goes with the header of that name (RFC 9110 section 7.8).
                response.headers_mut().append(header::CONNECTION, close);
                return (response, Err(refusal.to_string()));
            }
        };
        let subprotocol = match &self.subprotocol {
            None => Subprotocol::First,
            Some(name) if offers_subprotocol(&parts.headers, name) => {
                name.parse().map_or(Subprotocol::Omitted, Subprotocol::Always)
            }
            Some(_) => Subprotocol::Omitted,
        };
        let negotiation = Negotiation { subprotocol, ..Negotiation::default() };
        let subprotocol = handshake.subprotocol(&negotiation);
        let subprotocol = subprotocol.and_then(|name| name.to_str().map(str::to_owned).ok());
        let (response, deflate, upgrade) = handshake.accept(negotiation, &self.compression);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        (response, Ok(AcceptedRequest { upgrade, path, subprotocol, deflate }))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn a_refusal_names_the_upgrade_and_ends_the_connection() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (here, _) = listener.accept().await.unwrap();
        let acceptor = Acceptor {
            tls: None,
            origins: Origins::default(),
            compression: Compression::default(),
            subprotocol: None,
            time: Duration::from_secs(30),
        };
        there.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        let (accepted, read) =
            tokio::join!(acceptor.accept(here), there.read_to_string(&mut answer));
        assert!(matches!(accepted, Err(AcceptError::Refused(_))), "{accepted:?}");
        read.unwrap();
        assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
        assert!(answer.contains("\r\nconnection: upgrade, close\r\n"), "{answer}");
    }
}
