//! Negotiation of permessage-deflate (RFC 7692 section 7.1).

use std::{fmt, ops::RangeInclusive};

const NAME: &str = "permessage-deflate";

/// Window sizes of the extension, as logarithms (RFC 7692 section 7.1.2).
const WINDOW_BITS: RangeInclusive<u8> = 8..=15;
/// Smallest window of the compressor: zlib has none of 256 bytes.
const MIN_SERVER_BITS: u8 = 9;
/// Default window.
const DEFAULT_BITS: u8 = 15;

/// Negotiated parameters of permessage-deflate. [`Display`](fmt::Display) writes the server's response:
/// the value of `Sec-WebSocket-Extensions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deflate {
    /// The server resets its window after each message.
    pub server_no_context_takeover: bool,
    /// The client resets its window after each message.
    pub client_no_context_takeover: bool,
    /// Logarithm of the server's window, 9 to 15, if the client requested one.
    pub server_max_window_bits: Option<u8>,
    /// Logarithm of the client's window, 8 to 15, if the client stated one.
    pub client_max_window_bits: Option<u8>,
}

/// Accepts the first offer that the server supports (RFC 7692 section 5.1). `offers` are the values of
/// `Sec-WebSocket-Extensions`, in order.
///
/// Invalid offers, and those of other extensions, are declined, not errors (section 7.1).
#[must_use]
pub fn negotiate<'a>(offers: impl IntoIterator<Item = &'a str>) -> Option<Deflate> {
    offers.into_iter().flat_map(|value| value.split(',')).find_map(Deflate::accept)
}

impl Deflate {
    /// Accepts one offer; `None` to decline it.
    fn accept(offer: &str) -> Option<Self> {
        // A quoted value is a token, too (RFC 6455 section 9.1): it contains neither `,` nor `;`.
        let mut parts = offer.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(NAME) {
            return None;
        }
        let mut accepted = Self::default();
        let mut seen = Vec::new();
        for parameter in parts {
            let (name, value) = match parameter.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(unquote(value.trim_start()))),
                None => (parameter, None),
            };
            // Each parameter may occur once (section 7.1).
            if seen.contains(&name) {
                return None;
            }
            seen.push(name);
            match (name, value) {
                ("server_no_context_takeover", None) => accepted.server_no_context_takeover = true,
                ("client_no_context_takeover", None) => accepted.client_no_context_takeover = true,
                ("server_max_window_bits", Some(bits)) => {
                    let bits = window_bits(bits).filter(|bits| *bits >= MIN_SERVER_BITS)?;
                    accepted.server_max_window_bits = Some(bits);
                }
                // Without a value the server may choose the client's window, and need not.
                ("client_max_window_bits", None) => {}
                ("client_max_window_bits", Some(bits)) => {
                    accepted.client_max_window_bits = Some(window_bits(bits)?);
                }
                _ => return None,
            }
        }
        Some(accepted)
    }

    /// Logarithm of the server's window.
    pub(crate) fn server_bits(self) -> u8 {
        self.server_max_window_bits.unwrap_or(DEFAULT_BITS)
    }
}

impl fmt::Display for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={bits}")?;
        }
        if let Some(bits) = self.client_max_window_bits {
            write!(f, "; client_max_window_bits={bits}")?;
        }
        Ok(())
    }
}

fn unquote(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// Parses "a decimal integer value without leading zeroes between 8 to 15 inclusive" (section 7.1.2).
fn window_bits(value: &str) -> Option<u8> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    value.parse().ok().filter(|bits| plain && WINDOW_BITS.contains(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(offer: &str) -> Option<String> {
        negotiate([offer]).map(|accepted| accepted.to_string())
    }

    #[track_caller]
    fn accepts(offer: &str, expected: &str) {
        assert_eq!(answer(offer).as_deref(), Some(expected), "{offer}");
    }

    #[test]
    fn common_offers_are_accepted() {
        accepts("permessage-deflate", "permessage-deflate");
        // Chrome and Firefox.
        accepts("permessage-deflate; client_max_window_bits", "permessage-deflate");
        accepts(
            "PerMessage-Deflate;client_max_window_bits=\"10\"",
            "permessage-deflate; client_max_window_bits=10",
        );
        accepts(
            "permessage-deflate; server_max_window_bits = 9; server_no_context_takeover; \
             client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=9",
        );
    }

    #[test]
    fn the_first_supported_offer_is_accepted() {
        accepts(
            "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=8, \
             permessage-deflate; server_max_window_bits=10, permessage-deflate",
            "permessage-deflate; server_max_window_bits=10",
        );
        let lines = ["permessage-deflate; unknown", "permessage-deflate"];
        assert_eq!(negotiate(lines), Some(Deflate::default()));
    }

    #[test]
    fn invalid_offers_are_declined() {
        for offer in [
            "",
            "permessage-bzip2",
            "permessage-deflate; unknown",
            "permessage-deflate;",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_max_window_bits=7",
        ] {
            assert_eq!(answer(offer), None, "{offer}");
        }
    }
}
