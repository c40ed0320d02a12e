//! HTTP/2 with prior knowledge: its preface on a connection without TLS (RFC 9113 section 3.4).

use std::{io, time::Duration};

use tokio::{net::TcpStream, time::sleep};

/// Beginning of the preface. No request of HTTP/1.1 has this method.
const PREFACE: &[u8] = b"PRI ";

/// First pause between looks at a preface of which less than this has arrived. Each is twice as long as the one
/// before: who waits on purpose costs little.
const PAUSE: Duration = Duration::from_millis(10);

/// Longest pause, so that the rest is seen soon after it has come.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// True if the client begins with the preface of HTTP/2. Reads nothing: it waits for the first bytes
/// and looks at them, so that the stream is handed on as it is.
pub(super) async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut start = [0; PREFACE.len()];
    let mut pause = PAUSE;
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
        sleep(pause).await;
        pause = MAX_PAUSE.min(pause * 2);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, net::Ipv4Addr, pin::pin};

    use tokio::{io::AsyncWriteExt, net::TcpListener, time::timeout};

    use super::*;

    #[tokio::test]
    async fn a_preface_that_does_not_go_on_is_looked_at_seldom() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (here, _) = listener.accept().await.unwrap();
        there.write_all(b"P").await.unwrap();
        here.readable().await.unwrap();
        tokio::time::pause();
        let mut looking = pin!(begins_http2(&here));
        let mut polls = 0;
        let counting = poll_fn(|context| {
            polls += 1;
            looking.as_mut().poll(context)
        });
        assert!(timeout(Duration::from_secs(10), counting).await.is_err(), "it goes on waiting");
        assert!(polls < 50, "{polls} looks");
    }
}
