//! Server that floods its clients with numbered messages, and serves the bare pages.

use std::{io, time::Duration};

use futures::{FutureExt, SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, interval, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{Error, Message},
};

/// Messages for each one with the [`WORD`].
pub(crate) const WORD_EVERY: u32 = 100;
/// Search word.
pub(crate) const WORD: &str = "needle";

/// Upper limit for the messages of a flood.
const MOST: u32 = 2_000_000;
/// Time limit of a connection.
const LONGEST: Duration = Duration::from_mins(5);
/// Messages between two checks for a Close frame.
const BATCH: u32 = 64;
/// Interval of a flood with a rate.
const TICK: Duration = Duration::from_millis(5);
/// Bytes of a request's head that are read.
const HEAD: usize = 4_096;

const BARE: &str = include_str!("bare.html");
const COUNTER: &str = include_str!("counter.js");

/// Number of messages, and messages a second; without a rate, as fast as the client reads.
#[derive(Clone, Copy)]
pub(crate) struct Flood {
    pub(crate) count: u32,
    pub(crate) rate: Option<u32>,
}

impl Flood {
    fn path(self) -> String {
        format!("/flood/{}/{}", self.count, self.rate.unwrap_or(0))
    }

    fn read(path: &str) -> Option<Self> {
        let (count, rate) = path.strip_prefix("/flood/")?.split_once('/')?;
        let (count, rate) = (count.parse::<u32>().ok()?, rate.parse().ok()?);
        Some(Self { count: count.min(MOST), rate: Some(rate).filter(|rate| *rate > 0) })
    }
}

/// Running server. Ends with the runtime.
pub(crate) struct Flooder {
    port: u16,
}

impl Flooder {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Failures show in the browser.
                tokio::spawn(timeout(LONGEST, serve(stream)));
            }
        });
        Self { port }
    }

    /// The WebSocket address of a flood.
    pub(crate) fn ws(&self, flood: Flood) -> String {
        format!("ws://127.0.0.1:{}{}", self.port, flood.path())
    }

    /// Address of the bare page.
    pub(crate) fn bare(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

async fn serve(mut stream: TcpStream) -> Result<(), Error> {
    // On loopback, the head of a browser's request comes in one piece.
    let mut head = [0; HEAD];
    let len = stream.peek(&mut head).await?;
    let head = String::from_utf8_lossy(&head[..len]);
    let path = head.split(' ').nth(1).unwrap_or_default();
    if let Some(flood) = Flood::read(path) {
        return pour(accept_async(stream).await?, flood).await;
    }
    let (kind, body) = match path {
        "/counter.js" => ("text/javascript", COUNTER),
        _ => ("text/html", BARE),
    };
    answer(&mut stream, len, kind, body).await.map_err(Error::Io)
}

async fn answer(stream: &mut TcpStream, head: usize, kind: &str, body: &str) -> io::Result<()> {
    stream.read_exact(&mut vec![0; head]).await?;
    let len = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

async fn pour(mut socket: WebSocketStream<TcpStream>, flood: Flood) -> Result<(), Error> {
    let begin = Instant::now();
    let mut ticks = interval(TICK);
    let mut sent = 0;
    while sent < flood.count {
        let due = match flood.rate {
            Some(rate) => {
                ticks.tick().await;
                let due = begin.elapsed().as_millis() * u128::from(rate) / 1_000;
                u32::try_from(due).unwrap_or(MOST)
            }
            None => sent + BATCH,
        };
        for number in sent..due.min(flood.count) {
            socket.feed(message(number)).await?;
        }
        sent = due.min(flood.count);
        socket.flush().await?;
        if socket.next().now_or_never().is_some() {
            // The browser says nothing before it closes.
            break;
        }
    }
    // Open until the browser has had enough. Reading also answers its Close frame.
    while let Some(Ok(_)) = socket.next().await {}
    Ok(())
}

/// 32 bytes that begin with the number.
fn message(number: u32) -> Message {
    let word = if number.is_multiple_of(WORD_EVERY) { WORD } else { "hay" };
    Message::text(format!("{number:07} {word:-<24}"))
}
