//! Negotiation of permessage-deflate (RFC 7692 section 7.1): offers of a client, and the response to them.

use std::{fmt, ops::RangeInclusive, str::FromStr};

/// Name of the extension (RFC 7692 section 7).
const NAME: &str = "permessage-deflate";

/// Parameter without value (section 7.1.1.1).
const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
/// Parameter without value (section 7.1.1.2).
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
/// Parameter with 8 to 15 (section 7.1.2.1).
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
/// Parameter with 8 to 15, or without a value in an offer (section 7.1.2.2).
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// Window sizes of the extension, as logarithms (RFC 7692 section 7.1.2).
const WINDOW_BITS: RangeInclusive<u8> = 8..=15;
/// Default window.
const DEFAULT_BITS: u8 = 15;

/// Offer of permessage-deflate by a client (RFC 7692 section 7.1). [`Display`](fmt::Display) writes it as
/// an element of `Sec-WebSocket-Extensions`, [`FromStr`] parses one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The server is to reset its window after each message (section 7.1.1.1).
    pub server_no_context_takeover: bool,
    /// The client will reset its window after each message (section 7.1.1.2).
    pub client_no_context_takeover: bool,
    /// Largest window of the server as a logarithm, 8 to 15 (section 7.1.2.1).
    pub server_max_window_bits: Option<u8>,
    /// Limit of the client's window (section 7.1.2.2).
    pub client_max_window_bits: ClientWindow,
}

/// Parameter `client_max_window_bits` of an [`Offer`] (RFC 7692 section 7.1.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientWindow {
    /// Not offered: the server must not limit the client's window.
    #[default]
    Absent,
    /// Without a value: the server may limit the client's window.
    Any,
    /// Logarithm, 8 to 15: the client uses no larger window, whether the server limits it or not.
    AtMost(u8),
}

/// Negotiated parameters of permessage-deflate. [`Display`](fmt::Display) writes the server's response:
/// the value of `Sec-WebSocket-Extensions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deflate {
    /// The server resets its window after each message.
    pub server_no_context_takeover: bool,
    /// The client resets its window after each message.
    pub client_no_context_takeover: bool,
    /// Logarithm of the server's window, 8 to 15, if there is a limit to it.
    pub server_max_window_bits: Option<u8>,
    /// Logarithm of the client's window, 8 to 15, if there is a limit to it.
    pub client_max_window_bits: Option<u8>,
}

/// Window of one side, as negotiated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// Logarithm of its size, 8 to 15.
    pub(crate) bits: u8,
    /// True if it is kept from message to message.
    pub(crate) context_takeover: bool,
}

/// Offer or response that is not permessage-deflate as RFC 7692 defines it, or a response to no offer. The
/// connection must fail by it (sections 5.1 and 7.1). Texts are as received.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// Extension that was not offered (RFC 6455 section 4.1).
    #[error("the extension {0} was not offered")]
    NotOffered(String),
    /// More than one response to the offers.
    #[error("the extension permessage-deflate is accepted more than once")]
    Repeated,
    /// Parameter that the extension does not have.
    #[error("permessage-deflate has no parameter {0}")]
    UnknownParameter(String),
    /// Parameter that occurs more than once.
    #[error("the parameter {0} of permessage-deflate appears more than once")]
    RepeatedParameter(&'static str),
    /// Parameter without the value that it needs, or with a wrong one.
    #[error("the parameter {0} of permessage-deflate has a value that is not allowed")]
    Value(&'static str),
    /// Response that fits no offer: a limit that was offered is missing or exceeded, or the client's window
    /// is limited though it did not offer that.
    #[error("permessage-deflate was not offered with parameters that '{0}' fits")]
    Unfit(Offer),
}

/// Accepts the first offer that the server supports (RFC 7692 section 5.1). `offers` are the values of
/// `Sec-WebSocket-Extensions`, in order.
///
/// Invalid offers, and those of other extensions, are declined, not errors (section 7.1).
#[must_use]
pub fn negotiate<'a>(offers: impl IntoIterator<Item = &'a str>) -> Option<Deflate> {
    elements(offers).find_map(|offer| offer.parse().ok()).map(Deflate::accept)
}

impl Offer {
    /// Offer of a browser: all windows may have any size.
    pub const BROWSER: Self = Self {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: None,
        client_max_window_bits: ClientWindow::Any,
    };

    /// Parameters by `response`, if it accepts this offer. It may have parameters of the server that were
    /// not offered (RFC 7692 sections 7.1.1.1 and 7.1.2.1) and must have those that were; of the client's
    /// it may leave all out. aiohttp leaves out the server's 15 bits, too, which say nothing.
    fn accepted_by(self, response: Self) -> Option<Deflate> {
        let keeps_context = self.server_no_context_takeover && !response.server_no_context_takeover;
        let bits = |parameters: &Self| parameters.server_max_window_bits.unwrap_or(DEFAULT_BITS);
        let is_larger = bits(&response) > bits(&self);
        let client_max_window_bits =
            match (self.client_max_window_bits, response.client_max_window_bits) {
                (ClientWindow::Absent, ClientWindow::AtMost(_)) => return None,
                // The client keeps to its own limit whatever the server says.
                (ClientWindow::AtMost(own), ClientWindow::AtMost(bits)) => Some(own.min(bits)),
                (_, ClientWindow::AtMost(bits)) | (ClientWindow::AtMost(bits), _) => Some(bits),
                _ => None,
            };
        if keeps_context || is_larger {
            return None;
        }
        Some(Deflate {
            server_no_context_takeover: response.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover
                || response.client_no_context_takeover,
            server_max_window_bits: response.server_max_window_bits,
            client_max_window_bits,
        })
    }
}

impl Deflate {
    /// Accepts an offer with everything that it asks for.
    fn accept(offer: Offer) -> Self {
        Self {
            server_no_context_takeover: offer.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover,
            server_max_window_bits: offer.server_max_window_bits,
            // Without a value the server may choose the client's window, and need not.
            client_max_window_bits: match offer.client_max_window_bits {
                ClientWindow::AtMost(bits) => Some(bits),
                ClientWindow::Absent | ClientWindow::Any => None,
            },
        }
    }

    /// Checks a server's response against the `offers` of the client. `response` are the values of
    /// `Sec-WebSocket-Extensions`; `None` if they accept no offer. A response fits the first offer that it
    /// can be an answer to.
    ///
    /// # Errors
    /// [`ExtensionError`] for an extension that was not offered, or permessage-deflate with parameters that
    /// were not, or that are invalid.
    pub fn from_response<'a>(
        offers: &[Offer],
        response: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<Self>, ExtensionError> {
        let mut accepted = None;
        for element in elements(response) {
            let response = element.parse::<Offer>()?;
            if offers.is_empty() {
                return Err(ExtensionError::NotOffered(NAME.to_owned()));
            }
            if accepted.is_some() {
                return Err(ExtensionError::Repeated);
            }
            // Only an offer has it without a value.
            if response.client_max_window_bits == ClientWindow::Any {
                return Err(ExtensionError::Value(CLIENT_MAX_WINDOW_BITS));
            }
            accepted = offers.iter().find_map(|offer| offer.accepted_by(response));
            if accepted.is_none() {
                return Err(ExtensionError::Unfit(response));
            }
        }
        Ok(accepted)
    }

    /// Window of the server.
    pub(crate) fn server(self) -> Window {
        Window {
            bits: self.server_max_window_bits.unwrap_or(DEFAULT_BITS),
            context_takeover: !self.server_no_context_takeover,
        }
    }

    /// Window of the client.
    pub(crate) fn client(self) -> Window {
        Window {
            bits: self.client_max_window_bits.unwrap_or(DEFAULT_BITS),
            context_takeover: !self.client_no_context_takeover,
        }
    }
}

impl FromStr for Offer {
    type Err = ExtensionError;

    /// Parses `permessage-deflate` with its parameters, each of which may occur once (RFC 7692 section 7.1).
    fn from_str(element: &str) -> Result<Self, ExtensionError> {
        // A quoted value is a token, too (RFC 6455 section 9.1): it contains neither `,` nor `;`.
        let mut parts = element.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        if !name.eq_ignore_ascii_case(NAME) {
            return Err(ExtensionError::NotOffered(name.to_owned()));
        }
        let mut offer = Self::default();
        for parameter in parts {
            let (name, value) = match parameter.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(unquote(value.trim_start()))),
                None => (parameter, None),
            };
            offer.set(name, value)?;
        }
        Ok(offer)
    }
}

impl Offer {
    /// Sets a parameter, which must not be set yet.
    fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), ExtensionError> {
        let flag = |field: &mut bool, name| match value {
            Some(_) => Err(ExtensionError::Value(name)),
            None if *field => Err(ExtensionError::RepeatedParameter(name)),
            None => {
                *field = true;
                Ok(())
            }
        };
        let bits = |name| value.and_then(window_bits).ok_or(ExtensionError::Value(name));
        match name {
            SERVER_NO_CONTEXT_TAKEOVER => {
                flag(&mut self.server_no_context_takeover, SERVER_NO_CONTEXT_TAKEOVER)
            }
            CLIENT_NO_CONTEXT_TAKEOVER => {
                flag(&mut self.client_no_context_takeover, CLIENT_NO_CONTEXT_TAKEOVER)
            }
            SERVER_MAX_WINDOW_BITS => {
                let bits = bits(SERVER_MAX_WINDOW_BITS)?;
                match self.server_max_window_bits.replace(bits) {
                    Some(_) => Err(ExtensionError::RepeatedParameter(SERVER_MAX_WINDOW_BITS)),
                    None => Ok(()),
                }
            }
            CLIENT_MAX_WINDOW_BITS => {
                if self.client_max_window_bits != ClientWindow::Absent {
                    return Err(ExtensionError::RepeatedParameter(CLIENT_MAX_WINDOW_BITS));
                }
                self.client_max_window_bits = match value {
                    Some(_) => ClientWindow::AtMost(bits(CLIENT_MAX_WINDOW_BITS)?),
                    None => ClientWindow::Any,
                };
                Ok(())
            }
            unknown => Err(ExtensionError::UnknownParameter(unknown.to_owned())),
        }
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            write!(f, "; {SERVER_NO_CONTEXT_TAKEOVER}")?;
        }
        if self.client_no_context_takeover {
            write!(f, "; {CLIENT_NO_CONTEXT_TAKEOVER}")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; {SERVER_MAX_WINDOW_BITS}={bits}")?;
        }
        match self.client_max_window_bits {
            ClientWindow::Absent => Ok(()),
            ClientWindow::Any => write!(f, "; {CLIENT_MAX_WINDOW_BITS}"),
            ClientWindow::AtMost(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

impl fmt::Display for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.client_max_window_bits;
        Offer {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: bits.map_or(ClientWindow::Absent, ClientWindow::AtMost),
        }
        .fmt(f)
    }
}

/// Elements of a list over several header lines. Empty ones do not count (RFC 9110 section 5.6.1).
fn elements<'a>(lines: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let elements = lines.into_iter().flat_map(|line| line.split(','));
    elements.filter(|element| !element.trim().is_empty())
}

/// Content of a quoted string; any other value unchanged.
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
        // The smallest window, which zlib does not have.
        accepts(
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=8",
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
            "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=7, \
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
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_max_window_bits=7",
        ] {
            assert_eq!(answer(offer), None, "{offer}");
        }
    }

    /// Parameters that a client takes from `response` to `offers`.
    fn agreed(offers: &str, response: &[&str]) -> Result<Option<String>, ExtensionError> {
        let offers = elements([offers]).map(|it| it.parse().unwrap()).collect::<Vec<Offer>>();
        let agreed = Deflate::from_response(&offers, response.iter().copied())?;
        Ok(agreed.map(|agreed| agreed.to_string()))
    }

    #[test]
    fn a_response_says_what_is_kept() {
        const PLAIN: &str = "permessage-deflate";
        for (offers, response, expected) in [
            (PLAIN, PLAIN, PLAIN),
            // The server may limit itself, and forget, unasked; it may also ask the client to forget.
            (
                PLAIN,
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=10",
            ),
            (
                PLAIN,
                "permessage-deflate; client_no_context_takeover",
                "permessage-deflate; client_no_context_takeover",
            ),
            // The client's window is limited where it said that it may be.
            (
                "permessage-deflate; client_max_window_bits",
                "PERMESSAGE-DEFLATE;client_max_window_bits=\"8\"",
                "permessage-deflate; client_max_window_bits=8",
            ),
            // What the client said of itself holds, whatever the server says.
            (
                "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
                PLAIN,
                "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
            ),
            (
                "permessage-deflate; client_max_window_bits=9",
                "permessage-deflate; client_max_window_bits=12",
                "permessage-deflate; client_max_window_bits=9",
            ),
            (
                "permessage-deflate; server_max_window_bits=12",
                "permessage-deflate; server_max_window_bits=9",
                "permessage-deflate; server_max_window_bits=9",
            ),
            ("permessage-deflate; server_max_window_bits=15", PLAIN, PLAIN),
            // The second offer is the one that is accepted.
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", PLAIN, PLAIN),
        ] {
            assert_eq!(agreed(offers, &[response]), Ok(Some(expected.to_owned())), "{response}");
        }
        for none in [&[][..], &[""], &[" , ", ","]] {
            assert_eq!(agreed(PLAIN, none), Ok(None));
        }
    }

    #[test]
    fn a_response_that_was_not_offered_or_is_malformed_is_an_error() {
        let fits_not = |offers, response: &str| {
            let unfit = ExtensionError::Unfit(response.parse().unwrap());
            assert_eq!(agreed(offers, &[response]), Err(unfit), "{response}");
        };
        fits_not("permessage-deflate", "permessage-deflate; client_max_window_bits=15");
        fits_not("permessage-deflate; server_no_context_takeover", "permessage-deflate");
        fits_not("permessage-deflate; server_max_window_bits=10", "permessage-deflate");
        fits_not(
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=11",
        );
        let other = || ExtensionError::NotOffered("x-other".to_owned());
        let bits = CLIENT_MAX_WINDOW_BITS;
        for (response, expected) in [
            (&["permessage-deflate", "x-other"][..], other()),
            (&["x-other; a=b"], other()),
            (&["permessage-deflate, permessage-deflate"], ExtensionError::Repeated),
            (&["permessage-deflate", "permessage-deflate"], ExtensionError::Repeated),
            (&["permessage-deflate; a"], ExtensionError::UnknownParameter("a".to_owned())),
            (&["permessage-deflate;"], ExtensionError::UnknownParameter(String::new())),
            (&["permessage-deflate; client_max_window_bits"], ExtensionError::Value(bits)),
            (&["permessage-deflate; client_max_window_bits=7"], ExtensionError::Value(bits)),
            (
                &["permessage-deflate; server_max_window_bits"],
                ExtensionError::Value(SERVER_MAX_WINDOW_BITS),
            ),
            (
                &["permessage-deflate; server_no_context_takeover=1"],
                ExtensionError::Value(SERVER_NO_CONTEXT_TAKEOVER),
            ),
            (
                &["permessage-deflate; client_max_window_bits=9; client_max_window_bits=9"],
                ExtensionError::RepeatedParameter(bits),
            ),
        ] {
            let agreed = agreed("permessage-deflate; client_max_window_bits", response);
            assert_eq!(agreed, Err(expected), "{response:?}");
        }
        let without_offers = ExtensionError::NotOffered(NAME.to_owned());
        assert_eq!(agreed("", &["permessage-deflate"]), Err(without_offers));
    }
}
