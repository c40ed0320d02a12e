//! Finishes a release of the page. Trunk has this done when it has built one.

use std::{env, path::Path};

use anyhow::{Context, Result};

use crate::{compress, split};

/// Takes apart and compresses what lies in trunk's staging folder. A build for development stays as it
/// is.
pub(crate) fn finish() -> Result<()> {
    let said = |name| {
        env::var(name).with_context(|| {
            format!(
                "{name} is not set: trunk calls this when it has built the page. Use `cargo xtask \
                 build`."
            )
        })
    };
    if said("TRUNK_PROFILE")? != "release" {
        return Ok(());
    }
    let staging = said("TRUNK_STAGING_DIR")?;
    let staging = Path::new(&staging);
    if let Some(recorded) = env::var_os(split::RECORDED) {
        return split::record(staging, Path::new(&recorded));
    }
    split::run(staging)?;
    compress::files(staging)
}
