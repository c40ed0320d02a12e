//! Messages of the relay, in both directions: decoded ones are encoded to the same bytes.
//!
//! So each message has one form only, and unknown flags are refused rather than lost.

#![no_main]

use libfuzzer_sys::fuzz_target;
use relay::{Command, Event};

fuzz_target!(|message: &[u8]| {
    let mut again = Vec::new();
    if let Ok(commands) = Command::decode_all(message).collect::<Result<Vec<_>, _>>() {
        commands.iter().for_each(|command| command.encode(&mut again));
        assert_eq!(again, message);
    }
    again.clear();
    if let Ok(events) = Event::decode_all(message).collect::<Result<Vec<_>, _>>() {
        events.iter().for_each(|event| event.encode(&mut again));
        assert_eq!(again, message);
    }
});
