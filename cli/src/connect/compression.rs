//! Compression to offer, as typed: `--compression`.

use std::str::FromStr;

use protocol::Offer;

/// Offers of permessage-deflate, preferred first; none without compression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compression(pub(crate) Vec<Offer>);

impl Default for Compression {
    fn default() -> Self {
        Self(vec![Offer::BROWSER])
    }
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let offer = |parameters: &str| format!("permessage-deflate; {parameters}").parse::<Offer>();
        match text {
            "on" => Ok(Self::default()),
            "off" => Ok(Self(Vec::new())),
            parameters => {
                let offers = parameters.split(',').map(offer).collect::<Result<_, _>>();
                offers.map(Self).map_err(|error| format!("{error}; write on, off or parameters"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_offered_in_order() {
        let offers = |text: &str| {
            let compression = text.parse::<Compression>()?;
            let offers = compression.0.iter().map(Offer::to_string).collect::<Vec<_>>();
            Ok::<_, String>(offers.join(", "))
        };
        assert_eq!(offers("on").unwrap(), "permessage-deflate; client_max_window_bits");
        assert_eq!(offers("off").unwrap(), "");
        let two = "server_max_window_bits=8; client_no_context_takeover,client_max_window_bits";
        let written = "permessage-deflate; client_no_context_takeover; server_max_window_bits=8, \
                       permessage-deflate; client_max_window_bits";
        assert_eq!(offers(two).unwrap(), written);
        for wrong in ["", "yes", "server_max_window_bits=7", "client_no_context_takeover,"] {
            let error = offers(wrong).unwrap_err();
            assert!(error.ends_with("write on, off or parameters"), "{error}");
        }
    }
}
