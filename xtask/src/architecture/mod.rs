//! The rules of ARCHITECTURE.md that a program can check. They speak of folders, never of single files.

mod circles;
mod docs;
mod folders;
mod names;
mod packages;
mod paths;
mod source;
mod words;

use anyhow::{Result, bail};

use self::source::Source;

/// Checks sources and returns the breaches, one sentence each.
type Rule = fn(&[Source]) -> Vec<String>;

/// Rules about sources. Rules about dependencies, which need cargo's word, are in [`packages`].
const RULES: [Rule; 8] = [
    folders::openings,
    folders::empty_names,
    folders::sizes,
    names::pure,
    names::browser,
    words::in_language_files,
    docs::first_words,
    circles::between_files,
];

/// Fails with a list of all breaches. All rules run, so that one run shows every breach.
pub(crate) fn check() -> Result<()> {
    let sources = source::all()?;
    let mut breaches = packages::breaches()?;
    breaches.extend(RULES.iter().flat_map(|rule| rule(&sources)));
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("The architecture (ARCHITECTURE.md) is broken:\n  {}", breaches.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_keeps_its_rules() {
        check().unwrap();
    }
}
