//! The arguments as they are typed, and what `--help` says of them.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use regex::bytes::Regex;

use crate::{
    exit::Exit,
    quantity::{duration, positive_duration, positive_size, size},
    target::{Address, Header, Proxy, Resolution, header_value, subprotocol},
};

const EXAMPLES: &str = "\
Examples:
  wsbench ws://localhost:8080                       type messages, read answers
  echo hi | wsbench ws://localhost:8080             send a line, print the answer
  wsbench ws://localhost:8080 -x hi --expect hi     send, wait for the answer, end
  wsbench bench ws://localhost:8080/echo            load it";

const MORE_EXAMPLES: &str = "
  wsbench wss://example.org/feed --count 10 --json </dev/null
  wsbench ws://localhost:8080 --binary --chunk 16KiB <photo.jpg --raw >same.jpg
  wsbench ws://localhost:8080 --json-input <exported.jsonl
  wsbench ws://localhost:8080 -H 'X-Id: 7' --bearer \"$TOKEN\" --subprotocol chat -v
  wsbench ws://localhost:8080 --ping 1s --show-control --reconnect";

/// Connects to a WebSocket server: each line of standard input is sent as a message, each message
/// that comes is printed as a line
///
/// At a terminal there is a prompt with editing and history; /help there lists its commands. In a
/// pipe nothing but messages is written to standard output; what is said about the connection goes
/// to standard error. Binary messages are printed as hexadecimal, unless --raw or --json is given.
///
/// When the input has ended and is sent, wsbench closes the connection as soon as all of it came
/// back, with or without "Echo: " before it; if the answers are others, when none has come for 2
/// seconds, or more have come than were sent, for 30 seconds. --wait, --expect and --count say
/// better when it is over. Ctrl-C closes the connection at once, a second one ends wsbench.
///
/// With -x standard input is not read. At a terminal nothing is read from the keyboard with --expect,
/// --count or --wait either: a script is not to wait for a person. What is typed at the prompt is remembered in wsbench/history in the folder
/// for such state; `WSBENCH_HISTORY` names another file, or none if it is empty.
#[derive(Parser)]
#[command(
    name = "wsbench",
    version,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = format!("{EXAMPLES}\n\n--help lists all options and exit statuses."),
    after_long_help = format!("{EXAMPLES}{MORE_EXAMPLES}\n\n{}", Exit::HELP),
)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) task: Option<Task>,
    #[command(flatten)]
    pub(crate) talk: TalkFlags,
}

#[derive(Subcommand)]
pub(crate) enum Task {
    Bench(Box<BenchFlags>),
    /// Echo to Autobahn's fuzzing server, case after case
    ///
    /// Start it with `wstest -m fuzzingserver`; its reports say how wsbench did.
    #[command(after_help = "Example:\n  wsbench autobahn ws://127.0.0.1:9001")]
    Autobahn {
        /// The fuzzing server's address
        #[arg(value_name = "URL")]
        url: Address,
        /// Run these cases only, counted from 1
        #[arg(long, value_name = "N", value_delimiter = ',')]
        case: Vec<u32>,
        #[command(flatten)]
        handshake: Box<HandshakeFlags>,
    },
    /// Print a script that completes arguments in a shell
    #[command(after_help = "Example:\n  \
        wsbench completions bash >~/.local/share/bash-completion/completions/wsbench")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  wsbench man >~/.local/share/man/man1/wsbench.1\n  \
        wsbench man bench >~/.local/share/man/man1/wsbench-bench.1")]
    Man {
        /// The page of this command: bench, say
        command: Option<String>,
    },
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct TalkFlags {
    /// The server's address, like `ws://localhost:8080` or `wss://example.org/feed`
    #[arg(required = true, value_name = "URL")]
    pub(crate) url: Option<Address>,

    /// Send TEXT instead of standard input; can be given several times
    #[arg(short = 'x', long = "execute", value_name = "TEXT", help_heading = "For scripts")]
    pub(crate) execute: Vec<String>,
    /// End well when a message matches REGEX; given several times, one after the other
    ///
    /// The syntax is the regex crate's, close to Perl's. Others may come between. Without --timeout
    /// it is waited for until, after the end of the input, nothing went out and no answer came for 30
    /// seconds.
    #[arg(long, value_name = "REGEX", help_heading = "For scripts")]
    pub(crate) expect: Vec<Regex>,
    /// End well when N messages have come
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        help_heading = "For scripts"
    )]
    pub(crate) count: Option<u64>,
    /// Stay connected for TIME after the last message went out, however many come: for servers
    /// that answer late, or without being asked
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "For scripts", hide_short_help = true)]
    pub(crate) wait: Option<Duration>,
    /// End after TIME, connecting included, with status 3, or 1 if there was no connection
    ///
    /// What is under way then has two seconds more at most.
    #[arg(long, value_name = "TIME", value_parser = positive_duration, help_heading = "For scripts")]
    pub(crate) timeout: Option<Duration>,
    /// When the connection is lost, connect again, with growing pauses
    ///
    /// What was sent last before the loss may not have arrived. A close on purpose, any code but
    /// 1001, 1006 and 1011 to 1014, and a refusal are not tried again.
    #[arg(long, help_heading = "For scripts", hide_short_help = true)]
    pub(crate) reconnect: bool,

    /// Print one JSON object a line, of all that happens, control frames too (docs/json-lines.md)
    #[arg(long, conflicts_with_all = ["raw", "null"], help_heading = "Input and output")]
    pub(crate) json: bool,
    /// Print the bytes of messages and nothing between them
    #[arg(long, help_heading = "Input and output", hide_short_help = true)]
    pub(crate) raw: bool,
    /// Separate messages by NUL, in and out, so that they may hold line breaks
    #[arg(short = '0', long, help_heading = "Input and output", hide_short_help = true)]
    pub(crate) null: bool,
    /// Send again what was sent in a conversation that --json printed or the page exported
    ///
    /// Each line of standard input is one thing that happened, as docs/json-lines.md has it. Messages
    /// that went out are sent in their order, without the pauses between them; the rest is passed over.
    #[arg(
        long,
        conflicts_with_all = ["binary", "null", "execute"],
        help_heading = "Input and output"
    )]
    pub(crate) json_input: bool,
    /// Send standard input in binary messages
    #[arg(short, long, conflicts_with_all = ["null", "execute"], help_heading = "Input and output")]
    pub(crate) binary: bool,
    /// Bytes in a message of --binary
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = positive_size,
        default_value = "64KiB",
        requires = "binary",
        help_heading = "Input and output", hide_short_help = true)]
    pub(crate) chunk: usize,
    /// The largest message, in and out; a larger one is an error
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = positive_size,
        default_value = "256MiB",
        help_heading = "Input and output", hide_short_help = true)]
    pub(crate) max_message: usize,
    /// Print pings, pongs and Close frames
    #[arg(long, help_heading = "Input and output", hide_short_help = true)]
    pub(crate) show_control: bool,
    /// Send a ping every TIME and print its round trip
    #[arg(long, value_name = "TIME", value_parser = positive_duration, help_heading = "Input and output")]
    pub(crate) ping: Option<Duration>,
    /// When to colour (`NO_COLOR` is heeded too)
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Input and output",
        hide_short_help = true
    )]
    pub(crate) color: When,
    /// Say nothing about the connection but errors
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Input and output")]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) handshake: HandshakeFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Args)]
#[command(next_help_heading = "The handshake")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct HandshakeFlags {
    /// Add a header to the request; can be given several times
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<Header>,
    /// Authenticate with a name and a password; or set `WSBENCH_USER`
    #[arg(
        long,
        value_name = "NAME:PASSWORD",
        conflicts_with = "bearer",
        value_parser = header_value
    )]
    pub(crate) user: Option<String>,
    /// Authenticate with a token; or set `WSBENCH_BEARER`
    #[arg(long, value_name = "TOKEN", value_parser = header_value)]
    pub(crate) bearer: Option<String>,
    /// Say which site the request comes from, as browsers do
    #[arg(long, value_name = "URL", value_parser = header_value, hide_short_help = true)]
    pub(crate) origin: Option<String>,
    /// Offer a subprotocol; can be given several times, best first
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = subprotocol)]
    pub(crate) subprotocol: Vec<String>,
    /// Send a cookie; can be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = header_value, hide_short_help = true)]
    pub(crate) cookie: Vec<String>,
    /// Time for TCP, TLS and the handshake together
    #[arg(long, value_name = "TIME", value_parser = positive_duration, default_value = "10s", hide_short_help = true)]
    pub(crate) connect_timeout: Duration,
    /// Use IPv4 only
    #[arg(short = '4', long, conflicts_with_all = ["ipv6", "unix", "proxy"], hide_short_help = true)]
    pub(crate) ipv4: bool,
    /// Use IPv6 only
    #[arg(short = '6', long, conflicts_with_all = ["unix", "proxy"], hide_short_help = true)]
    pub(crate) ipv6: bool,
    /// Connect to ADDRESS instead of asking for HOST; can be given several times
    #[arg(long, value_name = "HOST:PORT:ADDRESS", conflicts_with_all = ["unix", "proxy"], hide_short_help = true)]
    pub(crate) resolve: Vec<Resolution>,
    /// Connect through a socket in the file system
    #[arg(long, value_name = "PATH", conflicts_with = "proxy", hide_short_help = true)]
    pub(crate) unix: Option<PathBuf>,
    /// Connect through a proxy: http://HOST:PORT or socks5://HOST:PORT
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub(crate) proxy: Option<Proxy>,
    /// Trust the certificates in FILE (PEM) instead of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure", hide_short_help = true)]
    pub(crate) cacert: Option<PathBuf>,
    /// Show the server the certificate in FILE (PEM)
    #[arg(long, value_name = "FILE", requires = "key", hide_short_help = true)]
    pub(crate) cert: Option<PathBuf>,
    /// The key of --cert (PEM)
    #[arg(long, value_name = "FILE", requires = "cert", hide_short_help = true)]
    pub(crate) key: Option<PathBuf>,
    /// Trust any certificate: anyone could be at the other end
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// Print the request and its answer
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Load a server that echoes, and measure how it answers
///
/// Each connection keeps --in-flight messages on their way: a message is sent for each that comes
/// back. The server must answer every message with one of any size; what it says before the first is
/// no answer. With --rate the messages are
/// sent on schedule instead, and latency counts from when each was due: a server that stalls is not
/// spared the messages that it kept from being sent (coordinated omission).
///
/// When the time is over, answers to what was sent are waited for, up to a second; what has none by
/// then is missing, and counts as having taken as long as it was waited for. Ctrl-C ends the
/// measuring and prints what there is.
///
/// The exit status is 1 when a connection could not be made, 5 when the server broke the protocol,
/// 3 when a connection got no answer while it was measured, 4 when one was closed or lost.
#[derive(Args)]
#[command(after_help = "\
Examples:
  wsbench bench ws://localhost:8080/echo
  wsbench bench ws://localhost:8080/echo --connections 1000 --rate 20000 --duration 30s
  wsbench bench ws://localhost:8080/echo --compare ws://localhost:9000/echo --json")]
pub(crate) struct BenchFlags {
    /// The server's address
    pub(crate) url: Address,
    /// Connections at once
    #[arg(long, short, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) connections: u32,
    /// Messages on their way on each connection, at most
    #[arg(long, short = 'i', value_name = "D", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) in_flight: u32,
    /// Bytes in a message
    #[arg(long, short, value_name = "SIZE", default_value = "32", value_parser = size)]
    pub(crate) size: usize,
    /// Messages a second on all connections together; without it, as many as the server answers
    #[arg(long, short, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) rate: Option<u32>,
    /// How long is measured
    #[arg(long, short, value_name = "TIME", default_value = "10s", value_parser = positive_duration)]
    pub(crate) duration: Duration,
    /// How long is loaded before that
    #[arg(long, short, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub(crate) warmup: Duration,
    /// Send binary messages instead of text
    #[arg(long, short)]
    pub(crate) binary: bool,
    /// Run URL2 in turns with the first, and print the ratio: of messages, with --rate of the p99
    #[arg(long, value_name = "URL2")]
    pub(crate) compare: Option<Address>,
    /// Turns of each server with --compare
    #[arg(long, value_name = "N", default_value_t = 3, requires = "compare", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) turns: u32,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) handshake: HandshakeFlags,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_fit_together() {
        Flags::command().debug_assert();
    }
}
