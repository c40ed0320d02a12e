//! Scenario files: parsed or diagnosed, and laid out once and for all.
//!
//! Places of mistakes lie within the text, in included files, too. A valid file can begin to run,
//! and its layout is valid and does not change a second time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scenario::{Run, Source, format};
use session::Time;
use workbench::compose::Values;

fuzz_target!(|text: &str| {
    let mut source = Source::new("a", text);
    // Each file includes the second half of the text, under few names: there are circles, too.
    let half = text.get(text.len() / 2..).unwrap_or_default();
    let included = source.parse(|_, path| Ok((path.chars().take(1).collect(), half.to_owned())));
    for mistake in included.err().iter().flatten() {
        let place = source.place(&mistake.span);
        assert!(place.text.get(place.span).is_some());
    }
    match scenario::parse(text) {
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
