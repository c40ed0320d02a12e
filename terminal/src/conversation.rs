//! An open connection: lines go out, answers come in, until one side has enough.

use std::{cell::Cell, pin::pin, time::Duration};

use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::{
    io::{AsyncBufRead, Lines},
    sync::Notify,
    time::timeout,
};
use tokio_tungstenite::tungstenite::{
    self, Message,
    protocol::{CloseFrame, frame::coding::CloseCode as FrameCode},
};
use workbench::{Close, CloseCode};

use crate::output::Output;

/// After the last line, how long nothing may come before it is taken that nothing will.
const QUIET: Duration = Duration::from_secs(2);

/// How long answers are waited for after the last line, however steadily they come.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long the server's answer to a Close frame is waited for.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(5);

/// Sends `first`, then each of `lines`, and prints what comes, until the server closes, the lines
/// and their answers are through, or `interrupted` resolves. Returns how the connection was closed,
/// or a sentence if it broke.
///
/// Sending and printing go on side by side: a server that cannot get rid of its answers stops
/// reading, and waiting for it without reading would be waiting for ever.
pub(crate) async fn converse<S>(
    socket: S,
    output: Output,
    first: Vec<String>,
    lines: Lines<impl AsyncBufRead + Unpin>,
    interrupted: impl Future<Output = ()>,
) -> Result<Close, String>
where
    S: Stream<Item = tungstenite::Result<Message>> + Sink<Message, Error = tungstenite::Error>,
{
    let (mut sink, mut stream) = socket.split();
    let progress = Progress::default();
    let sending = async {
        send_all(&mut sink, first, lines, &progress).await?;
        let _ = timeout(LONGEST_WAIT, progress.answers()).await;
        Ok::<_, String>(())
    };
    let mut printing = pin!(print_all(&mut stream, output, &progress));
    tokio::select! {
        close = &mut printing => return close,
        sent = sending => sent?,
        () = interrupted => {}
    }
    let frame = CloseFrame { code: FrameCode::Normal, reason: "".into() };
    // If it cannot be sent any more, what is read says why.
    let closing = async { futures::join!(sink.send(Message::Close(Some(frame))), printing).1 };
    timeout(CLOSE_HANDSHAKE, closing).await.unwrap_or_else(|_| Ok(Close::abnormal()))
}

/// How many messages went each way.
#[derive(Default)]
struct Progress {
    sent: Cell<u64>,
    received: Cell<u64>,
    message_came: Notify,
}

impl Progress {
    /// Resolves when as many messages came as were sent, or nothing has come for [`QUIET`].
    async fn answers(&self) {
        while self.received < self.sent
            && timeout(QUIET, self.message_came.notified()).await.is_ok()
        {}
    }
}

/// Sends until the lines end; a connection that ends earlier is left to [`print_all`] to report.
async fn send_all<S>(
    sink: &mut S,
    first: Vec<String>,
    mut lines: Lines<impl AsyncBufRead + Unpin>,
    progress: &Progress,
) -> Result<(), String>
where
    S: Sink<Message, Error = tungstenite::Error> + Unpin,
{
    let mut first = first.into_iter();
    loop {
        let text = match first.next() {
            Some(text) => Some(text),
            None => lines
                .next_line()
                .await
                .map_err(|error| format!("Cannot read standard input: {error}."))?,
        };
        let Some(text) = text else { return Ok(()) };
        if sink.send(Message::text(text)).await.is_err() {
            // The connection is at its end, and what is read says how.
            return std::future::pending().await;
        }
        progress.sent.update(|sent| sent + 1);
    }
}

/// Prints each message until the connection has ended; returns how.
async fn print_all<S>(stream: &mut S, output: Output, progress: &Progress) -> Result<Close, String>
where
    S: Stream<Item = tungstenite::Result<Message>> + Unpin,
{
    while let Some(message) = stream.next().await {
        match message.map_err(|error| broken(&error))? {
            Message::Text(text) => output.line(&format!("Received: {text}")),
            Message::Binary(bytes) => {
                output.line(&format!("Received: {} bytes of binary data", bytes.len()));
            }
            Message::Close(frame) => {
                // The engine answers it while reading on; then the server ends the TCP connection.
                let _ = timeout(CLOSE_HANDSHAKE, async { while stream.next().await.is_some() {} })
                    .await;
                return Ok(close_of(frame));
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        }
        progress.received.update(|received| received + 1);
        progress.message_came.notify_one();
    }
    Ok(Close::abnormal())
}

fn close_of(frame: Option<CloseFrame>) -> Close {
    frame.map_or(Close { code: CloseCode::NO_STATUS, reason: String::new() }, |frame| Close {
        code: CloseCode(frame.code.into()),
        reason: frame.reason.to_string(),
    })
}

fn broken(error: &tungstenite::Error) -> String {
    format!("The connection broke: {error}.")
}
