//! HTTP/2 with prior knowledge: its preface on a connection without TLS (RFC 9113 section 3.4).

use std::{io, time::Duration};

use tokio::{net::TcpStream, time::sleep};

/// Beginning of the preface. No request of HTTP/1.1 has this method.
const PREFACE: &[u8] = b"PRI ";

/// Pause between looks at a preface of which less than this has arrived.
const PAUSE: Duration = Duration::from_millis(10);

/// True if the client begins with the preface of HTTP/2. Reads nothing: it waits for the first bytes
/// and looks at them, so that the stream is handed on as it is.
pub(super) async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut start = [0; PREFACE.len()];
    loop {
        let len = stream.peek(&mut start).await?;
        let start = &start[..len];
        if len == 0 || !PREFACE.starts_with(start) {
            return Ok(false);
        }
        if len == PREFACE.len() {
            return Ok(true);
        }
        // The kernel wakes a peek for bytes that it has seen already.
        sleep(PAUSE).await;
    }
}
