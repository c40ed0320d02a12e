//! The opening handshake, and what can go wrong with it in words.

use std::{io, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, http::StatusCode},
};
use url::Url;

/// Time for all of TCP and the opening handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why there is no connection, as one sentence that says what to do next.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("'{url}' is not a WebSocket address: {why}. Write it like ws://localhost:8080.")]
    Url { url: String, why: String },
    #[error("{url} needs TLS, which this version does not have; use a ws:// address.")]
    NoTls { url: String },
    #[error("Nothing answers at {url}: {source}. Is the server running?")]
    Unreachable { url: String, source: io::Error },
    #[error("{url} did not answer within {} s. Is it a WebSocket server?", HANDSHAKE.as_secs())]
    Silent { url: String },
    #[error(
        "{url} answered with HTTP status {status} instead of opening a WebSocket. \
         Is the path right?"
    )]
    Refused { url: String, status: StatusCode },
    #[error("The server at {url} does not complete the WebSocket handshake: {source}.")]
    Handshake { url: String, source: tungstenite::Error },
}

/// Connects to `url`.
pub(crate) async fn connect(url: &str) -> Result<Socket, ConnectError> {
    let url = url.to_owned();
    let parsed = match Url::parse(&url) {
        Ok(parsed) => parsed,
        Err(why) => return Err(ConnectError::Url { url, why: why.to_string() }),
    };
    // The engine looks at the scheme only when TCP is connected already.
    match parsed.scheme() {
        "ws" => {}
        "wss" => return Err(ConnectError::NoTls { url }),
        _ => return Err(ConnectError::Url { url, why: "it does not begin with ws://".into() }),
    }
    match timeout(HANDSHAKE, connect_async(parsed.as_str())).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(tungstenite::Error::Io(source))) => Err(ConnectError::Unreachable { url, source }),
        Ok(Err(tungstenite::Error::Http(answer))) => {
            Err(ConnectError::Refused { url, status: answer.status() })
        }
        Ok(Err(source)) => Err(ConnectError::Handshake { url, source }),
        Err(_) => Err(ConnectError::Silent { url }),
    }
}
