//! Compresses a release of the page, better than there is time for in each answer. Trunk has this done
//! when it has built the page.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};

use crate::page;

/// Puts beside each file in trunk's staging folder what the server sends of it.
pub(crate) fn run() -> Result<()> {
    let said = |name| {
        env::var(name).with_context(|| {
            format!(
                "{name} is not set: trunk calls this when it has built the page. Use `cargo xtask \
                 build`."
            )
        })
    };
    if said("TRUNK_PROFILE")? == "release" {
        page::compress(&PathBuf::from(said("TRUNK_STAGING_DIR")?))?;
    }
    Ok(())
}
