//! Listening sockets, and the opening handshakes on them.

use std::{net::SocketAddr, time::Duration};

use futures::{FutureExt, StreamExt, future::select_all, stream::FuturesUnordered};
use protocol::Server;
use server::Acceptor;
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};

use crate::{connect::Opened, websocket::WebSocket};

/// Pause after a connection that could not be accepted: the machine may be out of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Handshakes at the same time, of which the first that opens a WebSocket counts.
const HANDSHAKES: usize = 16;

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
    /// Next WebSocket. Sentences about connections without one go to `report`. A client that is slow
    /// does not hold up the next one; others whose handshake is under way then are given up.
    pub(super) async fn accept(
        &self,
        max_message: usize,
        report: impl Fn(&str),
    ) -> (Opened, WebSocket) {
        let mut handshakes = FuturesUnordered::new();
        loop {
            let sentence = tokio::select! {
                accepted = self.connection(), if handshakes.len() < HANDSHAKES => match accepted {
                    Ok((stream, address)) => {
                        handshakes.push(self.open(stream, address, max_message));
                        continue;
                    }
                    Err(sentence) => sentence,
                },
                Some(opened) = handshakes.next() => match opened {
                    Ok(opened) => return opened,
                    Err(sentence) => sentence,
                },
            };
            report(&sentence);
        }
    }

    /// Next TCP connection, from whichever socket has one. The error is a sentence, after a pause.
    pub(super) async fn connection(&self) -> Result<(TcpStream, SocketAddr), String> {
        let accepting = self.sockets.iter().map(|socket| socket.accept().boxed());
        let (accepted, ..) = select_all(accepting).await;
        if accepted.is_err() {
            sleep(ACCEPT_PAUSE).await;
        }
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
