//! Negotiation of permessage-deflate: the two sides agree on the same, and no response is taken that was not
//! offered.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{ClientWindow, Deflate, Offer, negotiate};

fuzz_target!(|input: (Vec<String>, Vec<String>)| {
    let (offered, response) = input;
    let accepted = negotiate(offered.iter().map(String::as_str));
    if let Some(accepted) = accepted {
        assert_eq!(negotiate([&*accepted.to_string()]), Some(accepted));
    }
    let elements = offered.iter().flat_map(|line| line.split(','));
    let offers = elements.filter_map(|it| it.parse().ok()).collect::<Vec<Offer>>();
    for offer in &offers {
        assert_eq!(offer.to_string().parse(), Ok(*offer));
    }
    // A client agrees with what its own server accepts.
    let answer = accepted.map(|accepted| accepted.to_string());
    assert_eq!(Deflate::from_response(&offers, answer.as_deref()), Ok(accepted));
    // And to anything else only within what it offered.
    if let Ok(Some(agreed)) = Deflate::from_response(&offers, response.iter().map(String::as_str)) {
        assert!(offers.iter().any(|offer| is_within(agreed, offer)), "{agreed} of {offers:?}");
    }
});

/// True if every parameter agreed on is one of the offer, or a stricter one (RFC 7692 section 7.1).
fn is_within(agreed: Deflate, offer: &Offer) -> bool {
    let limit = |agreed: Option<u8>, limit| agreed.is_some_and(|bits| bits <= limit);
    agreed.server_no_context_takeover >= offer.server_no_context_takeover
        && agreed.client_no_context_takeover >= offer.client_no_context_takeover
        && offer.server_max_window_bits.is_none_or(|bits| limit(agreed.server_max_window_bits, bits))
        && match offer.client_max_window_bits {
            ClientWindow::Absent => agreed.client_max_window_bits.is_none(),
            ClientWindow::Any => true,
            ClientWindow::AtMost(bits) => limit(agreed.client_max_window_bits, bits),
        }
}
