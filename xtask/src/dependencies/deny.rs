//! `cargo xtask deny`: advisories, licenses, bans and sources of the dependencies (`deny.toml`).

use std::time::Duration;

use anyhow::Result;

use crate::{process, setup};

/// Time limit for fetching the advisory database: without a network, git may wait for minutes.
const FETCH_LIMIT: Duration = Duration::from_mins(1);

/// Checks the dependencies with cargo-deny. Where the advisory database cannot be fetched, a
/// warning stands for that check, and the others decide.
pub(crate) fn run() -> Result<()> {
    let tools = setup::for_deny()?;
    let deny = |arguments: &[&str]| {
        let mut cargo = tools.cargo();
        cargo.arg("deny").args(arguments);
        cargo
    };
    process::run(&mut deny(&["check", "licenses", "bans", "sources"]))?;
    match process::run_within(FETCH_LIMIT, &mut deny(&["fetch", "db"])) {
        Ok(()) => process::run(&mut deny(&["--offline", "check", "advisories"])),
        Err(error) => {
            eprintln!(
                "Known advisories were NOT checked: their database cannot be fetched here ({error:#}). \
                 Run `cargo xtask deny` where github.com can be reached."
            );
            Ok(())
        }
    }
}
