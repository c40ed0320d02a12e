//! Address that is waited for before a run (`--wait-for`).

use std::{fmt, str::FromStr, time::Duration};

use connector::{ServerUrl, Target, connect};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{
    handshake::{HandshakeFlags, failure},
    process::{EarlyExit, Exit},
    quantity::format_duration,
};

/// Time between two attempts to reach it. A local server is noticed at once.
const RETRY: Duration = Duration::from_millis(100);
/// Time limit of an attempt: a server that starts may accept a connection and not answer.
const ATTEMPT: Duration = Duration::from_secs(2);
/// Lowest status of a server that is not ready, such as 502 and 503 of a proxy before it.
const SERVER_ERROR: u16 = 500;
/// Bytes read of an HTTP response: the status line is first.
const STATUS_LINE: u64 = 64;

/// Address that answers once the program is ready. Its form follows its scheme.
#[derive(Clone, Debug)]
pub(super) enum WaitFor {
    /// A WebSocket opens.
    WebSocket(ServerUrl),
    /// A GET request has a status below 500.
    Http(ServerUrl),
    /// A TCP connection is accepted: `HOST:PORT`.
    Tcp(String),
}

impl FromStr for WaitFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(address) = text.strip_prefix("tcp://") {
            let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            port.ok_or("write tcp://HOST:PORT")?;
            return Ok(Self::Tcp(address.to_owned()));
        }
        let url: ServerUrl = text.parse()?;
        match url.typed_scheme() {
            Some("http") => Ok(Self::Http(url)),
            Some(_) => {
                Err("--wait-for does not support https://; write wss:// or tcp://".to_owned())
            }
            None => Ok(Self::WebSocket(url)),
        }
    }
}

impl fmt::Display for WaitFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WebSocket(url) | Self::Http(url) => url.fmt(f),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
        }
    }
}

impl WaitFor {
    /// Waits until it answers, for `limit` at most; then calls `fail` with the last cause.
    pub(super) async fn answer(
        &self,
        limit: Duration,
        handshake: &HandshakeFlags,
        fail: impl Fn(&str) -> Exit,
    ) -> Result<(), EarlyExit> {
        let target = match self {
            Self::WebSocket(url) => Some(handshake.target(url.clone())?),
            _ => None,
        };
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let attempt = timeout(ATTEMPT.min(left), self.attempt(target.as_ref())).await;
            let cause = match attempt {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(cause)) => cause,
                Err(_) => "no answer".to_owned(),
            };
            if Instant::now() + RETRY >= deadline {
                let limit = format_duration(limit);
                let sentence = format!("{self} was not ready within {limit}: {cause}");
                return Err(fail(&sentence).into());
            }
            sleep(RETRY).await;
        }
    }

    /// Makes one attempt. The error is its cause, as the end of a sentence.
    async fn attempt(&self, target: Option<&Target>) -> Result<(), String> {
        match self {
            Self::WebSocket(_) => match target {
                Some(target) => {
                    connect(target, &|_| {}).await.map(drop).map_err(|error| failure(&error, false))
                }
                None => Ok(()),
            },
            Self::Http(url) => match status(url).await {
                Ok(Some(status)) if status < SERVER_ERROR => Ok(()),
                Ok(Some(status)) => Err(format!("it answers with status {status}.")),
                Ok(None) => Err("it does not answer in HTTP.".to_owned()),
                Err(error) => Err(format!("{error}.")),
            },
            Self::Tcp(address) => {
                TcpStream::connect(address).await.map(drop).map_err(|error| format!("{error}."))
            }
        }
    }
}

/// HTTP status of a GET request, if there is one. `None` if the answer is no HTTP/1.x.
async fn status(url: &ServerUrl) -> std::io::Result<Option<u16>> {
    let mut stream = BufReader::new(TcpStream::connect((url.host(), url.port())).await?);
    let (resource, host) = (url.resource(), url.authority());
    let request = format!("GET {resource} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    stream.take(STATUS_LINE).read_until(b'\n', &mut head).await?;
    let head = String::from_utf8_lossy(&head);
    let status =
        head.strip_prefix("HTTP/1.").and_then(|head| head.split_whitespace().nth(1)?.parse().ok());
    Ok(status)
}
