//! Share links: the content of a link can be shared again.
//!
//! The second link has the same text as the first, once empty parts are gone.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::exchange::ShareLink;

fuzz_target!(|fragment: &str| {
    if let Ok(Some(link)) = ShareLink::from_fragment(fragment)
        && let Ok(shared) = link.to_fragment()
    {
        // Empty parts are left out of a link.
        let again = ShareLink::from_fragment(&shared).expect("it is valid").expect("it is a link");
        assert_eq!(again.to_fragment(), Ok(shared));
    }
});
