//! Limits of the server: on sizes, counts and times, as flags and environment variables.

use std::time::Duration;

use bytesize::ByteSize;

use crate::{
    memory::system::default_limit,
    quantity::{
        format_exact_duration, format_size, parse_duration, parse_positive_duration,
        parse_positive_size, parse_size,
    },
};

/// Bytes of answers that a TLS connection holds encrypted until they are sent.
pub(crate) const TLS_BUFFER: usize = 64 << 10;

/// Memory of [`TLS_BUFFER`]: each record of 16 KiB is an allocation of 20. Besides, a TLS
/// connection holds 10 KiB of keys and state, a record received, and another decrypted.
pub(crate) const TLS_UNSENT: usize = TLS_BUFFER / 4 * 5;

/// Simultaneous requests, and so WebSockets, over one HTTP/2 connection.
pub(crate) const HTTP2_STREAMS: u32 = 100;

/// Bytes received over an HTTP/2 connection, of all its streams, that it holds until they are read.
pub(crate) const HTTP2_CONNECTION_WINDOW: u32 = 1 << 20;

/// Bytes received over one stream that it holds until they are read: enough for 20 Mbit/s over a
/// round trip of 100 ms.
pub(crate) const HTTP2_STREAM_WINDOW: u32 = 256 << 10;

/// Bytes of one stream that wait for the HTTP/2 connection. More are taken only while fewer wait.
pub(crate) const HTTP2_SEND_BUFFER: usize = 16 << 10;

/// Bytes of one write to a stream of HTTP/2.
pub(crate) const HTTP2_WRITE: usize = 16 << 10;

/// Bytes written to a stream of HTTP/2 that it holds at most: a full buffer, the write that passed its
/// limit, one that waits for room, and two in hyper's channel.
pub(crate) const HTTP2_UNSENT: usize = HTTP2_SEND_BUFFER + 4 * HTTP2_WRITE;

/// Minimum size of the request head buffer, required by hyper.
const MIN_REQUEST_HEAD: usize = 8 << 10;

/// Limits on sizes (bytes), counts and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Maximum message size, joined and inflated; a larger one closes the connection with 1009
    #[arg(
        long = "max-message",
        env = "WSBENCH_MAX_MESSAGE",
        value_name = "SIZE",
        value_parser = parse_positive_size,
        default_value = format_size(Self::DEFAULT.message)
    )]
    pub message: usize,
    /// Maximum frame size, as sent; a larger one closes the connection with 1009
    #[arg(
        long = "max-frame",
        env = "WSBENCH_MAX_FRAME",
        value_name = "SIZE",
        value_parser = parse_positive_size,
        default_value = format_size(Self::DEFAULT.frame)
    )]
    pub frame: usize,
    /// Maximum bytes waiting for a peer to read them. Above this the server stops reading from the peer;
    /// an answer that exceeds it is kept whole
    #[arg(
        long = "max-waiting",
        env = "WSBENCH_MAX_WAITING",
        value_name = "SIZE",
        value_parser = parse_positive_size,
        default_value = format_size(Self::DEFAULT.waiting)
    )]
    pub waiting: usize,
    /// Maximum memory held for all WebSockets: incomplete messages, backlogs, delayed echoes, and the state of
    /// compression; not requests. Above three quarters of it, compression is no longer negotiated; above it, the
    /// connections that hold most for each byte they sent are closed with 1013. Default: a quarter of
    /// the memory of the machine or control group
    #[arg(
        long = "max-memory",
        env = "WSBENCH_MAX_MEMORY",
        value_name = "SIZE",
        value_parser = parse_positive_size,
        default_value_t = default_limit(),
        hide_default_value = true
    )]
    pub memory: usize,
    /// Maximum connections, WebSocket and HTTP; further ones get HTTP 503. Lowered if the system's limit on
    /// open files requires it
    #[arg(
        long = "max-connections",
        env = "WSBENCH_MAX_CONNECTIONS",
        value_name = "COUNT",
        default_value_t = Self::DEFAULT.connections
    )]
    pub connections: usize,
    /// Maximum connections from one IP address, or one IPv6 network (/64); further ones get HTTP 503.
    /// Behind a --trusted-proxy, WebSockets and requests of one client. Default: no limit
    #[arg(
        long = "max-connections-per-address",
        env = "WSBENCH_MAX_CONNECTIONS_PER_ADDRESS",
        value_name = "COUNT"
    )]
    pub connections_per_address: Option<usize>,
    /// Timeout of a TLS handshake, and of a request head, from the connection or the previous request
    #[arg(
        long = "handshake-timeout",
        env = "WSBENCH_HANDSHAKE_TIMEOUT",
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = format_exact_duration(Self::DEFAULT.handshake_timeout)
    )]
    pub handshake_timeout: Duration,
    /// Maximum size of a request head; a larger one gets HTTP 431. Checked between reads, so that up to
    /// twice as much may pass
    #[arg(
        long = "max-request-head",
        env = "WSBENCH_MAX_REQUEST_HEAD",
        value_name = "SIZE",
        value_parser = request_head,
        default_value = format_size(Self::DEFAULT.request_head)
    )]
    pub request_head: usize,
    /// Maximum header lines of an HTTP/1.1 request; more get HTTP 431
    #[arg(
        long = "max-headers",
        env = "WSBENCH_MAX_HEADERS",
        value_name = "COUNT",
        default_value_t = Self::DEFAULT.headers
    )]
    pub headers: usize,
    /// Interval of keep-alive checks; a peer silent for a whole interval is pinged
    #[arg(
        long = "ping",
        env = "WSBENCH_PING",
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = format_exact_duration(Self::DEFAULT.ping)
    )]
    pub ping: Duration,
    /// Timeout of a pong, or any other byte, after a ping; and of a peer that reads nothing while
    /// answers wait (write timeout). The peer is dropped
    #[arg(
        long = "pong",
        env = "WSBENCH_PONG",
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = format_exact_duration(Self::DEFAULT.pong)
    )]
    pub pong: Duration,
    /// Idle timeout: closes a connection without messages with 1001. Default: none
    #[arg(long = "idle", env = "WSBENCH_IDLE", value_name = "TIME", value_parser = parse_positive_duration)]
    pub idle: Option<Duration>,
    /// Timeout of a message, from its first byte to its last; a slower one closes the connection with 1008.
    /// The default is enough for 16 MiB at 1.2 Mbit/s
    #[arg(
        long = "message-timeout",
        env = "WSBENCH_MESSAGE_TIMEOUT",
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = format_exact_duration(Self::DEFAULT.message_timeout)
    )]
    pub message_timeout: Duration,
    /// Timeout of the closing handshake: of the peer's answer to a Close frame
    #[arg(
        long = "close-timeout",
        env = "WSBENCH_CLOSE_TIMEOUT",
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = format_exact_duration(Self::DEFAULT.close_timeout)
    )]
    pub close_timeout: Duration,
    /// Delay between SIGTERM and closing the listeners; /readyz returns 503 meanwhile, so that load balancers
    /// stop sending
    #[arg(
        long = "lame-duck",
        env = "WSBENCH_LAME_DUCK",
        value_name = "TIME",
        value_parser = parse_duration,
        default_value = format_exact_duration(Self::DEFAULT.lame_duck)
    )]
    pub lame_duck: Duration,
    /// Maximum time for connections to close on shutdown
    #[arg(
        long = "drain",
        env = "WSBENCH_DRAIN",
        value_name = "TIME",
        value_parser = parse_positive_duration,
        default_value = format_exact_duration(Self::DEFAULT.drain)
    )]
    pub drain: Duration,
}

impl Limits {
    /// Defaults of the flags: for a server on your own machine, and safe on a network. Only the default
    /// of `memory` depends on the machine; here it is 1 GiB.
    pub const DEFAULT: Self = Self {
        message: 16 << 20,
        frame: 16 << 20,
        waiting: 1 << 20,
        memory: 1 << 30,
        connections: 65_536,
        connections_per_address: None,
        handshake_timeout: Duration::from_secs(10),
        request_head: 64 << 10,
        headers: 100,
        ping: Duration::from_secs(30),
        pong: Duration::from_secs(30),
        idle: None,
        message_timeout: Duration::from_mins(2),
        close_timeout: Duration::from_secs(5),
        lame_duck: Duration::ZERO,
        drain: Duration::from_secs(10),
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Parses a size that hyper accepts for its buffer.
fn request_head(text: &str) -> Result<usize, String> {
    match parse_size(text)? {
        size @ MIN_REQUEST_HEAD.. => Ok(size),
        _ => Err(format!("the minimum is {}", ByteSize(MIN_REQUEST_HEAD as u64))),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    #[test]
    fn without_flags_the_limits_are_the_defaults() {
        let command = Limits::augment_args(Command::new("server"));
        let limits = Limits::from_arg_matches(&command.get_matches_from(["server"])).unwrap();
        assert_eq!(limits, Limits { memory: default_limit(), ..Limits::DEFAULT });
    }
}
