//! Opening of connections: TCP, and for a WebSocket the opening handshake (RFC 6455 section 4).

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddrV4, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Socket, Type};

/// Protocol of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Bytes without frames.
    RawTcp,
    /// WebSocket at `/echo`.
    WebSocket {
        /// True to offer permessage-deflate (RFC 7692).
        offers_deflate: bool,
    },
}

/// Time for a server to accept, to answer the handshake, or to answer a ping.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Maximum size of the server's response head in bytes, ten times the usual one.
const MAX_HEAD_BYTES: usize = 4096;

/// Connections from one loopback address: fewer than Linux has ports to give (28,232).
const MAX_OF_SOURCE: usize = 20_000;

/// Key of every handshake: the example of RFC 6455 section 1.3, since randomness has no part in the
/// measurement.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// Value of `Sec-WebSocket-Accept` for [`KEY`].
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Offer of permessage-deflate.
pub(crate) const DEFLATE: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

/// Open connection with a blocking socket.
pub(crate) struct Opened {
    /// Stream after the opening handshake.
    pub(crate) stream: TcpStream,
    /// True if permessage-deflate was negotiated.
    pub(crate) deflates: bool,
}

/// Opens connection `number` to a port of 127.0.0.1. The number decides on its own address.
pub(crate) fn open(port: u16, number: usize, protocol: Protocol) -> Result<Opened> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_tcp_nodelay(true)?;
    // The port is chosen when both ends are known, or the addresses would share their ports.
    setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
    socket.bind(&SocketAddrV4::new(source(number)?, 0).into())?;
    socket
        .connect_timeout(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into(), ANSWER_LIMIT)
        .context("the server does not accept a connection")?;
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    let deflates = match protocol {
        Protocol::RawTcp => false,
        Protocol::WebSocket { offers_deflate } => {
            let offer = if offers_deflate { DEFLATE } else { "" };
            let head = shake_hands(&mut stream, "/echo", offer);
            head.and_then(|head| deflate_of(&head, offers_deflate))
                .context("the opening handshake failed")?
        }
    };
    Ok(Opened { stream, deflates })
}

/// Address of connection `number`: 127.0.0.1 for the first ones, then 127.0.0.2 and so on.
fn source(number: usize) -> Result<Ipv4Addr> {
    let last = u8::try_from(1 + number / MAX_OF_SOURCE).context("more connections than ports")?;
    Ok(Ipv4Addr::new(127, 0, 0, last))
}

/// Sends the request of an opening handshake, with more header `lines`. Returns the head of the response,
/// which is read byte by byte, since frames may follow.
pub(crate) fn shake_hands(stream: &mut TcpStream, path: &str, lines: &str) -> Result<String> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{lines}\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < MAX_HEAD_BYTES, "the answer has no end");
        stream.read_exact(&mut byte).context("no answer")?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// True if the response `head` accepts permessage-deflate.
fn deflate_of(head: &str, offered: bool) -> Result<bool> {
    ensure!(head.starts_with("HTTP/1.1 101 "), "the answer is {:?}", head.lines().next());
    let value = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    let accept = value("Sec-WebSocket-Accept");
    ensure!(accept == Some(ACCEPT), "Sec-WebSocket-Accept is {accept:?}, not {ACCEPT}");
    match value("Sec-WebSocket-Extensions") {
        None => Ok(false),
        Some(agreed) if offered && agreed.starts_with("permessage-deflate") => Ok(true),
        Some(agreed) => bail!("the server agreed to {agreed}, which was not offered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_right_answer_opens_a_connection() {
        let head = |rest: &str| {
            format!(
                "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {ACCEPT}\r\n{rest}\r\n"
            )
        };
        let deflate = head("Sec-WebSocket-Extensions: permessage-deflate; a=1\r\n");
        assert!(!deflate_of(&head(""), true).unwrap());
        assert!(deflate_of(&deflate, true).unwrap());
        assert!(deflate_of(&deflate, false).is_err());
        assert!(deflate_of(&head("").replace(ACCEPT, KEY), false).is_err());
        assert!(deflate_of(&head("").replace("101", "200"), false).is_err());
    }

    #[test]
    fn no_source_has_more_connections_than_ports() {
        assert_eq!(source(0).unwrap(), Ipv4Addr::LOCALHOST);
        assert_eq!(source(49_999).unwrap(), Ipv4Addr::new(127, 0, 0, 3));
        assert!(source(usize::MAX).is_err());
    }
}
