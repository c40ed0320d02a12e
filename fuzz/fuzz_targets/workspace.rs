//! Workspace files: a file that is read can be written and read again.
//!
//! Any text is read or refused. The second reading equals the first.

#![no_main]

use libfuzzer_sys::fuzz_target;
use workbench::exchange::Workspace;

fuzz_target!(|text: &str| {
    if let Ok(workspace) = Workspace::read(text) {
        assert_eq!(Workspace::read(&workspace.to_string()), Ok(workspace));
    }
});
