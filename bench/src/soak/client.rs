//! Clients: an opening handshake, frames that are never answered, and the server's metrics.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddrV4, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Socket, Type};

use crate::open::shake_hands;

/// Time for an answer of the server.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Receive buffer in bytes of a peer that reads nothing: everything beyond waits in the server.
const RECEIVE_BUFFER: usize = 16 << 10;

/// Connects, with a receive buffer that is soon full.
pub(super) fn connect(port: u16) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.set_tcp_nodelay(true)?;
    let here = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    socket.connect_timeout(&here.into(), ANSWER_LIMIT)?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    Ok(stream)
}

/// Opens a WebSocket at `path`, with more header `lines`.
pub(super) fn open(port: u16, path: &str, lines: &str) -> Result<TcpStream> {
    let mut stream = connect(port)?;
    let head = shake_hands(&mut stream, path, lines)?;
    ensure!(head.starts_with("HTTP/1.1 101 "), "the answer is {head:?}");
    Ok(stream)
}

/// Figure of `/metrics`; 0 if it was never counted.
pub(super) fn figure(port: u16, name: &str) -> Result<u64> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context("no answer from /metrics")?;
    let value = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.map_or(Ok(0), |value| value.trim().parse().context("a figure is no whole number"))
}
