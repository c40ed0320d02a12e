//! Share links: what a link holds can be shared again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::exchange::ShareLink;

fuzz_target!(|fragment: &str| {
    if let Ok(Some(link)) = ShareLink::from_fragment(fragment)
        && let Ok(again) = link.to_fragment()
    {
        assert_eq!(ShareLink::from_fragment(&again), Ok(Some(link)));
    }
});
