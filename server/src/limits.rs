//! Every bound of the server, in one place: as a value, as flags, and as environment variables.

use std::time::Duration;

use bytesize::ByteSize;

/// hyper's own least, which it insists on.
const LEAST_REQUEST_HEAD: usize = 8 << 10;

/// How much of anything the server takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Bytes in one message, its frames joined and inflated; a larger one is closed with 1009
    #[arg(
        long = "max-message",
        env = "WSBENCH_MAX_MESSAGE",
        value_name = "SIZE",
        value_parser = size,
        default_value = "16MiB"
    )]
    pub message: usize,
    /// Bytes in one frame, as it was sent; a larger one is closed with 1009
    #[arg(
        long = "max-frame",
        env = "WSBENCH_MAX_FRAME",
        value_name = "SIZE",
        value_parser = size,
        default_value = "16MiB"
    )]
    pub frame: usize,
    /// Bytes that wait for one peer to take them, past which nothing more is read from it. The
    /// answer that goes past it is kept whole
    #[arg(
        long = "max-waiting",
        env = "WSBENCH_MAX_WAITING",
        value_name = "SIZE",
        value_parser = size,
        default_value = "1MiB"
    )]
    pub waiting: usize,
    /// Connections at once, WebSockets and others together; one more gets HTTP 503. Fewer where
    /// the operating system allows fewer open files
    #[arg(
        long = "max-connections",
        env = "WSBENCH_MAX_CONNECTIONS",
        value_name = "COUNT",
        default_value = "65536"
    )]
    pub connections: usize,
    /// Connections at once from one address; one more gets HTTP 503. Without it, any number
    #[arg(
        long = "max-connections-per-address",
        env = "WSBENCH_MAX_CONNECTIONS_PER_ADDRESS",
        value_name = "COUNT"
    )]
    pub connections_per_address: Option<usize>,
    /// Time for a TLS handshake, and for the head of a request, from the connection or from the
    /// request before
    #[arg(
        long = "handshake-timeout",
        env = "WSBENCH_HANDSHAKE_TIMEOUT",
        value_name = "TIME",
        value_parser = duration,
        default_value = "10s"
    )]
    pub handshake: Duration,
    /// Bytes in the head of a request; a longer one gets HTTP 431. hyper looks at it between reads,
    /// so that up to as much again may pass
    #[arg(
        long = "max-request-head",
        env = "WSBENCH_MAX_REQUEST_HEAD",
        value_name = "SIZE",
        value_parser = request_head,
        default_value = "64KiB"
    )]
    pub request_head: usize,
    /// Header lines in a request; one more gets HTTP 431
    #[arg(
        long = "max-headers",
        env = "WSBENCH_MAX_HEADERS",
        value_name = "COUNT",
        default_value = "100"
    )]
    pub headers: usize,
    /// Time without a byte from a peer after which it is pinged: this at least, twice this at most
    #[arg(
        long = "ping",
        env = "WSBENCH_PING",
        value_name = "TIME",
        value_parser = duration,
        default_value = "30s"
    )]
    pub ping: Duration,
    /// Time for a pong, or any other byte, after a ping; and for a peer that is owed answers to
    /// take some of them. Past it the peer is dropped
    #[arg(
        long = "pong",
        env = "WSBENCH_PONG",
        value_name = "TIME",
        value_parser = duration,
        default_value = "30s"
    )]
    pub pong: Duration,
    /// Time without a message after which a connection is closed with 1001. Without it, never
    #[arg(long = "idle", env = "WSBENCH_IDLE", value_name = "TIME", value_parser = duration)]
    pub idle: Option<Duration>,
    /// Time for the peer's answer to a Close frame
    #[arg(
        long = "close-timeout",
        env = "WSBENCH_CLOSE_TIMEOUT",
        value_name = "TIME",
        value_parser = duration,
        default_value = "5s"
    )]
    pub close_handshake: Duration,
    /// Time for all connections to end when the server stops
    #[arg(
        long = "drain",
        env = "WSBENCH_DRAIN",
        value_name = "TIME",
        value_parser = duration,
        default_value = "10s"
    )]
    pub drain: Duration,
}

impl Limits {
    /// What the flags say when none is given: right for a server on one's own machine, and safe on
    /// a network.
    pub const DEFAULT: Self = Self {
        message: 16 << 20,
        frame: 16 << 20,
        waiting: 1 << 20,
        connections: 65_536,
        connections_per_address: None,
        handshake: Duration::from_secs(10),
        request_head: 64 << 10,
        headers: 100,
        ping: Duration::from_secs(30),
        pong: Duration::from_secs(30),
        idle: None,
        close_handshake: Duration::from_secs(5),
        drain: Duration::from_secs(10),
    };
}

/// `16MiB`, `64KiB`, `1000`: a count of bytes, more than none.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let ByteSize(bytes) =
        text.parse().map_err(|_| "write a size, such as 64KiB, 16MiB or 1000".to_owned())?;
    match usize::try_from(bytes) {
        Ok(0) => Err("the size must be more than 0".to_owned()),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err("the size is more than this machine can address".to_owned()),
    }
}

fn request_head(text: &str) -> Result<usize, String> {
    match size(text)? {
        LEAST_REQUEST_HEAD.. => size(text),
        _ => Err(format!("the least is {}", ByteSize(LEAST_REQUEST_HEAD as u64))),
    }
}

/// `30s`, `250ms`, `1m 30s`: more than nothing.
fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("the time must be more than 0".to_owned()),
        Ok(duration) => Ok(duration),
        Err(_) => Err("write a time with its unit, such as 30s, 250ms or 2m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn parsed(flags: &[&str]) -> Result<Limits, clap::Error> {
        let arguments = std::iter::once("server").chain(flags.iter().copied());
        let matches =
            Limits::augment_args(Command::new("server")).try_get_matches_from(arguments)?;
        Limits::from_arg_matches(&matches)
    }

    #[test]
    fn no_flags_are_the_defaults() {
        assert_eq!(parsed(&[]).unwrap(), Limits::DEFAULT);
    }

    #[test]
    fn sizes_and_times_have_units() {
        let limits =
            parsed(&["--max-message", "64KiB", "--ping", "250ms", "--idle", "1m"]).unwrap();
        assert_eq!(limits.message, 64 << 10);
        assert_eq!(limits.ping, Duration::from_millis(250));
        assert_eq!(limits.idle, Some(Duration::from_mins(1)));
        assert_eq!(parsed(&["--max-message", "1000"]).unwrap().message, 1000);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        for (flags, words) in [
            (["--max-message", "many"], "write a size"),
            (["--max-message", "0"], "more than 0"),
            (["--max-request-head", "8191"], "the least is 8.0 KiB"),
            (["--ping", "30"], "with its unit"),
            (["--ping", "0s"], "more than 0"),
            (["--drain", "soon"], "with its unit"),
        ] {
            let error = parsed(&flags).unwrap_err().to_string();
            assert!(error.contains(words), "{flags:?}: {error}");
        }
    }
}
