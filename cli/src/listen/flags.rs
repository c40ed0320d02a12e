//! Flags of `wsbench listen`.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use connector::subprotocol;
use server::{Compression, DEFAULT_ADDRESS, ListenAddress, Origins, TlsFlags};

use crate::{
    connect::MAX_MESSAGE,
    quantity::{parse_positive_duration, parse_positive_size},
};

/// Wait for WebSocket clients: talk with one, or answer many
///
/// Without --exec, --echo or --send, the first client that connects talks with the terminal, as with
/// wsbench URL: each line of standard input is sent, each message is printed. The end of standard input
/// does not end the conversation: the client or Ctrl-C does. Browsers are refused, except for pages of
/// --allow-origin.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(after_help = "\
Examples:
  wsbench listen                                    talk with one client on localhost:8080
  wsbench listen :9000 --exec 'grep --line-buffered -v secret'
  wsbench listen 9000 --echo -v
  wsbench listen 9000 --send feed.txt")]
pub(crate) struct ListenFlags {
    /// Address to listen on; PORT is localhost:PORT, :PORT all addresses, port 0 a free one
    #[arg(value_name = "HOST:PORT", default_value = DEFAULT_ADDRESS)]
    pub(super) address: ListenAddress,
    /// Run COMMAND in a shell for each client: it reads messages as lines of standard input, and its lines
    /// of standard output are sent as messages
    ///
    /// The connection is closed when COMMAND exits. When the connection ends, so does the standard input of
    /// COMMAND. What is left of its processes is killed when its shell has ended, after 2 seconds at the
    /// latest; at Ctrl-C at once.
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["echo", "send"])]
    pub(super) exec: Option<String>,
    /// Send each message back
    #[arg(long, conflicts_with = "send")]
    pub(super) echo: bool,
    /// Send the lines of FILE to each client, then close
    #[arg(long, value_name = "FILE")]
    pub(super) send: Option<PathBuf>,
    /// Subprotocol to select if the client offers it. Default: the first that it offers
    #[arg(long, value_name = "NAME", value_parser = subprotocol)]
    pub(super) subprotocol: Option<String>,
    /// Print every event as one JSON object per line (docs/json-lines.md); with --exec, --echo or --send, each
    /// has the number of its connection
    #[arg(long)]
    pub(super) json: bool,
    /// Print each frame: direction, opcode, flags, masking key, sizes on the wire and inflated; for one client
    #[arg(long, conflicts_with_all = ["exec", "echo", "send"])]
    pub(super) frames: bool,
    /// Print pings, pongs and Close frames; for one client
    #[arg(long, conflicts_with_all = ["exec", "echo", "send"])]
    pub(super) show_control: bool,
    /// Print each client that connects, the negotiated options, and refused clients
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Print no notices about connections, only errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Maximum simultaneous connections; further clients wait until one ends
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) max_connections: u16,
    /// Maximum message size, in and out
    #[arg(long, value_name = "SIZE", value_parser = parse_positive_size, default_value = MAX_MESSAGE)]
    pub(super) max_message: usize,
    /// Time for a client to complete TLS and the opening handshake
    #[arg(long, value_name = "TIME", value_parser = parse_positive_duration, default_value = "10s")]
    pub(super) handshake_timeout: Duration,
    /// Time for a client, or its COMMAND, to read a message; then its connection is dropped
    #[arg(long, value_name = "TIME", value_parser = parse_positive_duration, default_value = "30s")]
    pub(super) write_timeout: Duration,
    #[command(flatten)]
    pub(super) origins: Origins,
    #[command(flatten)]
    pub(super) compression: Compression,
    #[command(flatten)]
    pub(super) tls: TlsFlags,
}
