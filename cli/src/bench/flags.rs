//! Flags of `wsbench bench`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum};
use connector::ServerUrl;
use session::Pattern;

use super::{measure::Model, threshold::Threshold};
use crate::{
    handshake::{HandshakeFlags, SERVER_URL},
    quantity::{parse_duration, parse_positive_duration, parse_size},
    run::ScenarioFlags,
};

/// Load servers and measure throughput and latency
///
/// Without --rate, the load is a closed model: each connection keeps --in-flight messages
/// unanswered, and sends another for each answer. With --rate, it is an open model: messages are sent
/// on a schedule, whether answered or not, and latency counts from the scheduled send time, so that a
/// stall is charged to every message that it delays (coordinated omission).
///
/// An answer is the echo of a message, with or without "Echo: " before it. A message carries a tag in
/// its first 16 bytes; a shorter one, or one of --text or --file, is recognized by its content, in
/// order. Any other message received is a push, and counted separately. With --answers any, each message
/// received is the answer to the oldest one sent.
///
/// At the end, answers are awaited for up to --answer-timeout. Ctrl-C ends the measurement and prints
/// the results so far. Several URLs share the connections in turn.
///
/// Exit status: 1 if a connection could not be made, 5 if a server violated the protocol, 4 if a
/// connection was closed or lost, 3 if messages were not sent, not answered or answered with an error,
/// if the rate was not reached, or if a --fail-if condition holds. A --fail-if about missing messages, errors or
/// the rate replaces the default.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  wsbench bench ws://localhost:8080/echo
  wsbench bench ws://localhost:8080/echo --connections 1000 --rate 20000 --duration 30s
  wsbench bench ws://localhost:8080/echo --rate 500 --fail-if 'p99>50ms' --fail-if 'missing>0.1%'
  wsbench bench ws://localhost:8080/echo --compare ws://localhost:9000/echo --json
  wsbench bench --scenario chat.ws --connections 1000 --fail-if 'errors>0.1%'
  wsbench bench --scenario chat.ws --connections 1000 --rate 200 --hdr chat.hlog
  wsbench bench merge one.hlog two.hlog"
)]
pub(crate) struct BenchFlags {
    #[command(subcommand)]
    pub(super) command: Option<BenchCommand>,
    /// Address of a server; several share the connections in turn
    #[arg(required_unless_present = "scenario", value_name = "URL", value_parser = SERVER_URL)]
    pub(super) urls: Vec<ServerUrl>,
    #[command(flatten)]
    pub(super) scenario: ScenarioFileFlags,
    /// Concurrent connections
    #[arg(
        long,
        short,
        value_name = "N",
        default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub(super) connections: u32,
    /// Unanswered messages per connection without --rate
    #[arg(
        long,
        short = 'i',
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=10_000)
    )]
    pub(super) in_flight: u32,
    /// Messages per second over all connections, answered or not; without it, as many as the server
    /// answers. With --scenario, iterations per second
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
    /// Ramp-up before the warm-up: open the connections evenly over TIME
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = parse_duration)]
    pub(super) ramp: Duration,
    /// Timeout of an answer: after it another message is sent, but a late answer still counts. With
    /// --scenario and --rate, time for the iterations under way at the end
    #[arg(
        long,
        value_name = "TIME",
        default_value = "5s",
        value_parser = parse_positive_duration
    )]
    pub(super) answer_timeout: Duration,
    #[command(flatten)]
    pub(super) message: MessageFlags,
    #[command(flatten)]
    pub(super) output: OutputFlags,
    /// Alternate with a second server and print the ratio of throughput, or of p99 with --rate
    #[arg(long, value_name = "URL2", value_parser = SERVER_URL)]
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
    #[command(flatten)]
    pub(super) handshake: HandshakeFlags,
}

impl BenchFlags {
    /// Model of the load.
    pub(super) fn model(&self) -> Model {
        if self.rate.is_some() { Model::Open } else { Model::Closed }
    }
}

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct ScenarioFileFlags {
    /// Run a scenario file instead: each connection is a virtual user that repeats its
    /// sections
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "urls", "in_flight", "size", "text", "file", "binary", "answers", "error", "receive_only", "compare"
        ]
    )]
    pub(super) scenario: Option<PathBuf>,
    #[command(flatten)]
    pub(super) run: ScenarioFlags,
}

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct MessageFlags {
    /// Size of a message
    #[arg(long, short, value_name = "SIZE", default_value = "32", value_parser = parse_size)]
    pub(super) size: usize,
    /// Send TEXT as each message
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["file", "size"])]
    pub(super) text: Option<String>,
    /// Send the content of FILE as each message
    #[arg(long, value_name = "FILE", conflicts_with = "size")]
    pub(super) file: Option<PathBuf>,
    /// Send binary messages instead of text
    #[arg(long, short)]
    pub(super) binary: bool,
    /// Messages that count as answers: echoes, or any
    #[arg(long, value_name = "WHICH", default_value = "echo")]
    pub(super) answers: Answers,
    /// Count a received message as an error if its first 4 KiB match REGEX; it answers the oldest
    /// message sent
    #[arg(long, value_name = "REGEX")]
    pub(super) error: Option<Pattern>,
    /// Send nothing, and count the messages that the server pushes
    #[arg(
        long,
        conflicts_with_all = [
            "rate", "in_flight", "size", "text", "file", "binary", "answers", "error", "compare"
        ]
    )]
    pub(super) receive_only: bool,
}

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct OutputFlags {
    /// Exit with status 3 if THRESHOLD holds, like 'p99>50ms'; repeatable
    ///
    /// A metric, < or > with or without =, and a value. Latencies: min, mean, p50, p99.9, max.
    /// Messages, as a number or a percentage of those due: missing, not-sent, unanswered,
    /// errors (answered with an error), pushes. Others: rate (answers per second), failed
    /// (connections).
    #[arg(long, value_name = "THRESHOLD")]
    pub(super) fail_if: Vec<Threshold>,
    /// Write the latencies of each second to FILE: an `HdrHistogram` log, version 2
    #[arg(long, value_name = "FILE")]
    pub(super) hdr: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// Messages that count as answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Answers {
    /// Echoes of what was sent
    Echo,
    /// Any message, in order
    Any,
}

impl Answers {
    /// Name in flags and reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Any => "any",
        }
    }
}

#[derive(Subcommand)]
pub(super) enum BenchCommand {
    /// Merge --hdr logs of several machines into one summary
    #[command(after_help = "Example:\n  wsbench bench merge one.hlog two.hlog")]
    Merge {
        /// Log written by --hdr
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}
