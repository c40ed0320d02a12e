//! Which functions run in a first load, as [recorded](super::recording) in a browser.

use std::{collections::BTreeSet, fmt::Write, fs, path::PathBuf};

use anyhow::{Context, Result};

use super::module::Module;
use crate::workspace;

/// Part of the functions of a profile that may be missing in a build before that is said.
const STALE: f64 = 0.1;

const HEAD: &str = "\
# The functions that run in a first load, as hashes (32 bits, FNV-1a) of their names: see
# docs/decisions/0010-parts.md. Written by `cargo xtask profile`.
";

/// Functions by the hashes of their names: the names are half a megabyte.
pub(super) struct Profile(BTreeSet<u32>);

impl Profile {
    /// Reads the one that is kept with the sources.
    pub(super) fn read() -> Result<Self> {
        let file = file();
        let text =
            fs::read_to_string(&file).with_context(|| format!("Cannot read {}", file.display()))?;
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let hashes = lines.map(|line| u32::from_str_radix(line, 16)).collect::<Result<_, _>>();
        Ok(Self(hashes.with_context(|| format!("{} is no profile", file.display()))?))
    }

    /// One of these functions of `module`.
    pub(super) fn of(module: &Module<'_>, functions: impl IntoIterator<Item = u32>) -> Self {
        let names = functions.into_iter().filter_map(|function| module.name(function));
        Self(names.map(hash).collect())
    }

    /// Keeps it with the sources.
    pub(super) fn write(&self) -> Result<()> {
        let mut text = HEAD.to_owned();
        for hash in &self.0 {
            writeln!(text, "{hash:08x}")?;
        }
        let file = file();
        fs::write(&file, text).with_context(|| format!("Cannot write {}", file.display()))
    }

    /// Whether `function` runs in a first load. Of those without a name, which wasm-bindgen makes,
    /// that is not known: they are small.
    pub(super) fn has(&self, module: &Module<'_>, function: u32) -> bool {
        module.name(function).is_none_or(|name| self.0.contains(&hash(name)))
    }

    /// Whether so much of it is missing in `module` that it should be recorded again.
    pub(super) fn is_stale(&self, module: &Module<'_>) -> bool {
        let there = Self::of(module, module.defined());
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let missing = self.0.difference(&there.0).count() as f64 / self.0.len().max(1) as f64;
        missing > STALE
    }
}

fn file() -> PathBuf {
    workspace::root().join("client/first-load.profile")
}

fn hash(name: &str) -> u32 {
    const BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    name.bytes().fold(BASIS, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_fnv_1a() {
        // From the reference's test vectors.
        assert_eq!(hash(""), 0x811c_9dc5);
        assert_eq!(hash("foobar"), 0xbf9c_f968);
    }
}
