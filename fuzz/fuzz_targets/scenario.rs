//! Scenario files: parsed or diagnosed, and laid out once and for all.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scenario::{Run, format, parse};
use session::Time;
use workbench::compose::Values;

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(scenario) => {
            let laid_out = format(text).expect("it was parsed");
            assert_eq!(format(&laid_out).expect("it is still valid"), laid_out);
            if let Ok(mut run) = Run::new(&scenario, None, Values::new(1)) {
                run.update(None, Time::default());
            }
        }
        Err(mistakes) => assert!(!mistakes.is_empty()),
    }
});
