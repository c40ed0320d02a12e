//! Every bound of the server, in one place.

use std::time::Duration;

/// How much of anything the server takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes in one message, after its fragments are joined. A larger one ends the connection.
    pub message: usize,
    /// Bytes read from a socket at once, which each idle connection holds. The engine's default of
    /// 128 KiB costs twice the CPU time per message and 25 times the memory.
    pub read_buffer: usize,
    /// Connections at once, WebSockets and others together. One more gets HTTP 503.
    pub connections: usize,
    /// Time for the head of a request to arrive, from the connection or from the request before.
    pub handshake: Duration,
    /// Bytes in the head of a request; a longer one gets HTTP 431. At least 8,192. hyper looks at
    /// it between reads, so that up to as much again may pass.
    pub request_head: usize,
    /// Header lines in a request; one more gets HTTP 431.
    pub headers: usize,
    /// A peer that sent no byte for this long is pinged; one that then stays silent for as long
    /// again, or takes no byte of its answers for as long, is dropped within twice to three times
    /// this. More than zero.
    pub ping: Duration,
    /// Time for the peer's answer to a Close frame.
    pub close_handshake: Duration,
    /// Time for all connections to end when the server stops.
    pub drain: Duration,
}

impl Limits {
    /// Right for a server on one's own machine, and safe on a network.
    pub const DEFAULT: Self = Self {
        message: 16 << 20,
        read_buffer: 8 << 10,
        connections: 65_536,
        handshake: Duration::from_secs(10),
        request_head: 64 << 10,
        headers: 100,
        ping: Duration::from_secs(30),
        close_handshake: Duration::from_secs(5),
        drain: Duration::from_secs(10),
    };
}
