//! Attempts to connect to the addresses of a host, one beside the other (Happy Eyeballs, RFC 8305).

use std::{io, net::SocketAddr, time::Duration};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, time::sleep};

use crate::opening_step::{OpeningStep, Trace};

/// Connection attempt delay between the addresses of a host (RFC 8305 section 5): one that drops
/// packets does not hold up the others.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first address that answers. If none does, returns the error of the first.
pub(super) async fn dial_any(
    addresses: &[SocketAddr],
    trace: Trace<'_>,
) -> io::Result<(TcpStream, SocketAddr)> {
    let mut waiting = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    let mut first_error = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(async move { (address, TcpStream::connect(address).await) });
        } else if attempts.is_empty() {
            return Err(first_error.unwrap_or_else(|| io::ErrorKind::NotFound.into()));
        }
        let attempt_delay = async {
            match waiting.len() {
                0 => std::future::pending().await,
                _ => sleep(ATTEMPT_DELAY).await,
            }
        };
        tokio::select! {
            Some((address, result)) = attempts.next() => match result {
                Ok(stream) => {
                    trace(OpeningStep::Connected(*address));
                    // Fails on macOS where the peer has reset already, of which reading tells.
                    let _ = stream.set_nodelay(true);
                    return Ok((stream, *address));
                }
                Err(error) => {
                    trace(OpeningStep::Unanswered(*address, &error));
                    first_error = first_error.or(Some(error));
                }
            },
            () = attempt_delay => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_address_that_refuses_does_not_hold_up_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        // Bound and let go: nothing listens there.
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert_eq!(dial_any(&[closed, open], &|_| {}).await.unwrap().1, open);
        dial_any(&[closed], &|_| {}).await.unwrap_err();
    }

    /// Linux drops the packets to a listener whose queue is full.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_address_that_drops_packets_does_not_hold_up_the_next() {
        use tokio::{net::TcpSocket, time::timeout};

        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let full = socket.listen(1).unwrap();
        let dropping = full.local_addr().unwrap();
        let mut queued = Vec::new();
        let second = Duration::from_secs(1);
        while let Ok(stream) = timeout(second, TcpStream::connect(dropping)).await {
            queued.push(stream.unwrap());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        let dialed = timeout(10 * second, dial_any(&[dropping, open], &|_| {})).await;
        assert_eq!(dialed.expect("it is not held up").unwrap().1, open);
    }
}
