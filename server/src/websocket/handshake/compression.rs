//! Compression settings (permessage-deflate, RFC 7692). The negotiation itself is in `protocol`.

use crate::quantity;

/// Compression of messages by permessage-deflate (RFC 7692).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Compression")]
pub struct Compression {
    /// Compress messages for clients that offer permessage-deflate (RFC 7692). Takes up to 368 KiB
    /// per connection, freed after one or two --ping intervals without messages
    #[arg(
        long = "compression",
        env = "WSBENCH_COMPRESSION",
        value_name = "on|off",
        value_parser = on_or_off,
        action = clap::ArgAction::Set,
        default_value = "on"
    )]
    pub offered: bool,
    /// Minimum size of a message to compress
    #[arg(
        long = "compress-from",
        env = "WSBENCH_COMPRESS_FROM",
        value_name = "SIZE",
        value_parser = quantity::parse_positive_size,
        default_value = "1KiB"
    )]
    pub from: usize,
}

impl Default for Compression {
    fn default() -> Self {
        Self { offered: true, from: 1 << 10 }
    }
}

/// Parses `on` or `off`.
fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}
