//! Negotiation of permessage-deflate: what is agreed on can be read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::negotiate;

fuzz_target!(|offers: Vec<String>| {
    if let Some(agreed) = negotiate(offers.iter().map(String::as_str)) {
        assert_eq!(negotiate([&*agreed.to_string()]), Some(agreed));
    }
});
