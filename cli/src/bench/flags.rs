//! Flags of `wsbench bench`.

use std::time::Duration;

use clap::Args;

use crate::{
    connector::ServerUrl,
    quantity::{parse_duration, parse_positive_duration, parse_size},
    target::HandshakeFlags,
};

/// Load an echo server and measure its throughput and latency
///
/// Each connection keeps --in-flight messages on their way: one is sent for each that comes back.
/// The server must answer every message with one message of any size; a greeting before the first is
/// ignored. With --rate, messages are sent on a schedule instead, and latency counts from the
/// scheduled send time, so that a stall is charged to every message it delays (coordinated omission).
///
/// At the end, answers are awaited for up to a second. A message without one counts as missing, with
/// the time waited as its latency. Ctrl-C ends the measurement and prints the results so far.
///
/// Exit status: 1 if a connection could not be made, 5 if the server violated the protocol, 3 if a
/// connection got no answer while measured, 4 if one was closed or lost.
#[derive(Args)]
#[command(after_help = "\
Examples:
  wsbench bench ws://localhost:8080/echo
  wsbench bench ws://localhost:8080/echo --connections 1000 --rate 20000 --duration 30s
  wsbench bench ws://localhost:8080/echo --compare ws://localhost:9000/echo --json")]
pub(crate) struct BenchFlags {
    /// Address of the server
    pub(super) url: ServerUrl,
    /// Concurrent connections
    #[arg(
        long,
        short,
        value_name = "N",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub(super) connections: u32,
    /// Maximum number of unanswered messages per connection
    #[arg(
        long,
        short = 'i',
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub(super) in_flight: u32,
    /// Size of a message
    #[arg(long, short, value_name = "SIZE", default_value = "32", value_parser = parse_size)]
    pub(super) size: usize,
    /// Messages per second over all connections; without it, as many as the server answers
    #[arg(
        long,
        short,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=10_000_000)
    )]
    pub(super) rate: Option<u32>,
    /// Length of the measurement
    #[arg(
        long,
        short,
        value_name = "TIME",
        default_value = "10s",
        value_parser = parse_positive_duration
    )]
    pub(super) duration: Duration,
    /// Load before the measurement
    #[arg(long, short, value_name = "TIME", default_value = "1s", value_parser = parse_duration)]
    pub(super) warmup: Duration,
    /// Send binary messages instead of text
    #[arg(long, short)]
    pub(super) binary: bool,
    /// Alternate with a second server and print the ratio of throughput, or of p99 with --rate
    #[arg(long, value_name = "URL2")]
    pub(super) compare: Option<ServerUrl>,
    /// Turns of each server with --compare
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        requires = "compare",
        value_parser = clap::value_parser!(u32).range(1..=100)
    )]
    pub(super) turns: u32,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) handshake: HandshakeFlags,
}
