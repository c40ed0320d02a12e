//! Addresses, their queries, and subprotocols.
//!
//! A valid address is its own normal form; a parameter set to its own value keeps it; names of
//! subprotocols are filled in one by one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::{
    compose::Values,
    connect::{Address, fill_subprotocols, parameters, with_value},
};

fuzz_target!(|typed: &str| {
    if let Ok(address) = Address::parse(typed, false) {
        assert_eq!(Address::parse(address.as_str(), false).as_ref(), Ok(&address));
    }
    for (index, parameter) in parameters(typed).iter().enumerate().take(8) {
        let Some(value) = &parameter.value else { continue };
        let same = with_value(typed, index, value);
        assert_eq!(parameters(&same)[index].value.as_ref(), Some(value));
    }
    let names: Vec<String> = typed.split(',').map(str::to_owned).collect();
    assert_eq!(fill_subprotocols(&names, &Values::new(1)).len(), names.len());
});
