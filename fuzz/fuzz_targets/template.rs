//! Drafts with variables: any text is parsed or refused, and an escaped one is filled in as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::compose::{Template, Values};

fuzz_target!(|text: &str| {
    let _ = Template::parse(text);
    let escaped = Template::parse(Template::escaped(text)).expect("nothing in it is a variable");
    assert_eq!(escaped.fill(&mut Values::new(7)).as_deref(), Ok(text));
});
