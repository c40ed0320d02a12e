//! Flags of `wsbench URL`.

use std::time::Duration;

use clap::{ArgMatches, Args, ValueEnum};
use connector::{Header, ServerUrl};
use session::Pattern;

use super::{address::Address, compression::Compression, expected_close::ExpectedClose};
use crate::{
    handshake::HandshakeFlags,
    quantity::{parse_duration, parse_positive_duration, parse_positive_size},
};

/// Default maximum size of a message.
pub(crate) const MAX_MESSAGE: &str = "256MiB";

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(crate) struct ConnectFlags {
    /// Address of the server, like `ws://localhost:8080` or `wss://example.org/feed`
    ///
    /// Without a scheme, as in localhost:8080, it is `ws://`; `http://` and `https://` stand for `ws://` and
    /// `wss://`.
    #[arg(required = true, value_name = "URL", value_parser = Address)]
    pub(super) url: Option<ServerUrl>,
    // Caught for a better error than that of a subcommand.
    #[arg(hide = true)]
    pub(super) second_url: Option<String>,

    #[command(flatten)]
    pub(super) script: ScriptFlags,
    #[command(flatten)]
    pub(super) streams: StreamFlags,
    /// Compress messages: on offers permessage-deflate (RFC 7692) as browsers do, PARAMETERS with these
    /// parameters
    ///
    /// On by default, but messages of --binary are sent uncompressed. PARAMETERS are separated by semicolons,
    /// such as `client_max_window_bits=10; server_no_context_takeover`; a comma
    /// separates offers, preferred first.
    #[arg(
        long,
        value_name = "on|off|PARAMETERS",
        help_heading = "Handshake",
        hide_short_help = true
    )]
    pub(super) compression: Option<Compression>,

    #[command(flatten)]
    pub(super) handshake: HandshakeFlags,
}

// No doc comment, as above.
#[derive(Args)]
#[command(next_help_heading = "For scripts")]
pub(super) struct ScriptFlags {
    /// Send TEXT instead of standard input; repeatable
    ///
    /// After an --expect, TEXT is sent once that has matched, as in -x a --expect a -x b.
    #[arg(short = 'x', long = "execute", value_name = "TEXT")]
    pub(super) execute: Vec<String>,
    /// Number of patterns of `expect` to match before each of `execute` is sent.
    #[arg(skip)]
    pub(super) expected_before: Vec<usize>,
    /// Exit 0 once a message matches REGEX; repeatable, to match in order
    ///
    /// The syntax is that of Rust's regex crate, close to Perl's; \b is ASCII only. Other messages may arrive in
    /// between.
    /// Without --timeout, gives up after 30 seconds of silence once the input has ended.
    #[arg(long, value_name = "REGEX")]
    pub(super) expect: Vec<Pattern>,
    /// Exit 0 once the server closes with CODE, and a reason that matches REGEX
    ///
    /// 1005 stands for a close without a code, 1006 for a lost connection. With --expect or --count, those
    /// must be met first.
    #[arg(long, value_name = "CODE[/REGEX/]", hide_short_help = true)]
    pub(super) expect_close: Option<ExpectedClose>,
    /// Exit 3 as soon as a message matches REGEX; repeatable
    #[arg(long, value_name = "REGEX", hide_short_help = true)]
    pub(super) fail_on: Vec<Pattern>,
    /// Exit 0 once N messages have been received
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) count: Option<u64>,
    /// Stay connected for TIME after the last message is sent, whatever arrives: for servers that
    /// answer late or push messages
    ///
    /// By default, if nothing is expected, wsbench waits for the echo of each message: up to 2 seconds
    /// without a message, or 30 seconds without an answer.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    pub(super) wait: Option<Duration>,
    /// Exit after TIME, connecting included, with status 3, or 1 without a connection
    ///
    /// Pending output and the closing handshake get up to 2 more seconds.
    #[arg(long, value_name = "TIME", value_parser = parse_positive_duration)]
    pub(super) timeout: Option<Duration>,
    /// Reconnect with growing pauses when the connection is lost
    ///
    /// Messages sent shortly before the loss may not have arrived. There is no retry after a refusal,
    /// or a close with any code but 1001, 1006 and 1011 to 1014.
    #[arg(long, hide_short_help = true)]
    pub(super) reconnect: bool,
    /// Give up after N retries in a row; without it, never
    #[arg(long, value_name = "N", requires = "reconnect", hide_short_help = true)]
    pub(super) retries: Option<u32>,
}

// No doc comment, as above.
#[derive(Args)]
#[command(next_help_heading = "Input and output")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct StreamFlags {
    /// Print every event, control frames included, as one JSON object per line (docs/json-lines.md)
    #[arg(long, conflicts_with_all = ["raw", "null"])]
    pub(super) json: bool,
    /// Print the bytes of messages with nothing between them; they can control a terminal
    #[arg(long, hide_short_help = true)]
    pub(super) raw: bool,
    /// Separate messages by NUL, in and out, so that they can contain line breaks
    #[arg(short = '0', long, hide_short_help = true)]
    pub(super) null: bool,
    /// Read JSON Lines: a script, or a recording made by --json or exported from the page
    ///
    /// Each line of standard input is one event (docs/json-lines.md). Sent messages of a recording are
    /// sent again in order, without the pauses between them; everything else is skipped. Lines without
    /// a time are a script: `{"text":"hi"}`, `{"base64":"AP8="}`, `{"kind":"ping"}`, `{"pause_ms":500}`,
    /// `{"kind":"close","code":4001}`.
    #[arg(long, conflicts_with_all = ["binary", "null", "execute"])]
    pub(super) json_input: bool,
    /// Send standard input as binary messages
    #[arg(short, long, conflicts_with_all = ["null", "execute"])]
    pub(super) binary: bool,
    /// Size of a message with --binary
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = parse_positive_size,
        default_value = "64KiB",
        requires = "binary",
        hide_short_help = true
    )]
    pub(super) chunk: usize,
    /// Maximum message size, in and out; a larger message is an error
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = parse_positive_size,
        default_value = MAX_MESSAGE,
        hide_short_help = true
    )]
    pub(super) max_message: usize,
    /// Print pings, pongs and Close frames
    #[arg(long, hide_short_help = true)]
    pub(super) show_control: bool,
    /// Print each frame: direction, opcode, FIN, RSV1, masking key, size of header and payload on the wire,
    /// and inflated
    #[arg(long, hide_short_help = true)]
    pub(super) frames: bool,
    /// Send a ping every TIME and print its round-trip time
    #[arg(long, value_name = "TIME", value_parser = parse_positive_duration)]
    pub(super) ping: Option<Duration>,
    /// Use colors; auto also respects `NO_COLOR`
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
    pub(super) color: When,
    /// Print no notices about the connection, only errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
}

impl ConnectFlags {
    /// Headers that are added to the request.
    pub(crate) fn headers(&self) -> Result<Vec<Header>, String> {
        // clap requires a URL.
        self.url.as_ref().map_or(Ok(Vec::new()), |url| self.handshake.headers(url))
    }

    /// Counts the `--expect` before each `-x`, by their order on the command line, which clap's
    /// values do not keep. Those before the first `-x` do not count: flags whose order does not
    /// matter are usually there.
    pub(crate) fn note_order(&mut self, matches: &ArgMatches) {
        let indices = |id| matches.indices_of(id).into_iter().flatten().collect::<Vec<_>>();
        let (execute, expect) = (indices("execute"), indices("expect"));
        let expected_before = |index: &usize| {
            let before = expect.iter().take_while(|expect| *expect < index);
            let is_between = before.clone().any(|expect| Some(expect) > execute.first());
            if is_between { before.count() } else { 0 }
        };
        self.script.expected_before = execute.iter().map(expected_before).collect();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
}
