//! Pasted commands, and the command that is copied for them.
//!
//! Any text is parsed or refused. A copied command can be pasted, and has the same messages.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::{
    connect::Address,
    exchange::{parse_command, to_wsbench_command},
};

fuzz_target!(|text: &str| {
    let Ok(pasted) = parse_command(text) else { return };
    let Ok(address) = Address::parse(&pasted.address, false) else { return };
    if let Ok(copied) = to_wsbench_command(&address, &pasted.subprotocols, &pasted.relay, &pasted.messages) {
        let again = parse_command(&copied).expect("a copied command can be pasted");
        assert_eq!(again.messages, pasted.messages);
    }
});
