//! Listening sockets, and the opening handshakes on them.

use std::net::SocketAddr;

use futures::{FutureExt, future::select_all};
use protocol::Server;
use server::Acceptor;
use tokio::net::{TcpListener, TcpStream};

use crate::{connect::Opened, websocket::WebSocket};

/// Listening sockets of one address, and their terms of opening a WebSocket.
pub(super) struct Listener {
    /// Listening sockets: a name may have several addresses.
    pub(super) sockets: Vec<TcpListener>,
    /// Opening handshake, with TLS if there are certificates.
    pub(super) acceptor: Acceptor,
    /// URL without a path: `ws://HOST:PORT`.
    pub(super) url: String,
}

impl Listener {
    /// Next WebSocket. The error is a sentence about a connection without one.
    pub(super) async fn accept(&self, max_message: usize) -> Result<(Opened, WebSocket), String> {
        let (stream, address) = self.connection().await?;
        self.open(stream, address, max_message).await
    }

    /// Next TCP connection. The error is a sentence. From whichever socket has one.
    pub(super) async fn connection(&self) -> Result<(TcpStream, SocketAddr), String> {
        let accepting = self.sockets.iter().map(|socket| socket.accept().boxed());
        let (accepted, ..) = select_all(accepting).await;
        accepted.map_err(|error| format!("Cannot accept a connection: {error}."))
    }

    /// WebSocket on a TCP connection. The error is a sentence. Bounded by the acceptor's time
    /// limit.
    pub(super) async fn open(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        max_message: usize,
    ) -> Result<(Opened, WebSocket), String> {
        let accepted = self.acceptor.accept(stream).await;
        let accepted =
            accepted.map_err(|error| format!("Handshake with {address} failed: {error}"))?;
        let opened = Opened {
            url: format!("{}{}", self.url, accepted.path),
            address: Some(address),
            report: None,
            subprotocol: accepted.subprotocol,
            deflate: accepted.deflate,
        };
        let (stream, deflate) = (Box::new(accepted.stream), accepted.deflate);
        let from = self.acceptor.compression.from;
        Ok((opened, WebSocket::of_role(Server, stream, &[], deflate, max_message, from)))
    }
}
