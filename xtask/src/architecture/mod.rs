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

/// Every rule about sources; `true` if the repository keeps it.
const RULES: [(Rule, bool); 8] = [
    (folders::openings, true),
    (folders::empty_names, true),
    (folders::sizes, true),
    (names::pure, true),
    (names::browser, true),
    (words::in_language_files, true),
    (docs::first_words, true),
    (circles::between_files, true),
];

/// Fails with a list of all breaches.
pub(crate) fn check() -> Result<()> {
    let rules = RULES.iter().filter(|(_, is_kept)| *is_kept).map(|(rule, _)| *rule);
    let breaches = breaches(rules)?;
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("The architecture (ARCHITECTURE.md) is broken:\n  {}", breaches.join("\n  "))
}

fn breaches(rules: impl Iterator<Item = Rule>) -> Result<Vec<String>> {
    let sources = source::all()?;
    let mut breaches = packages::breaches()?;
    for rule in rules {
        breaches.extend(rule(&sources));
    }
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_keeps_its_rules() {
        check().unwrap();
    }

    #[test]
    #[ignore = "the rules that the repository does not keep yet, too"]
    fn the_repository_keeps_all_rules() {
        let breaches = breaches(RULES.into_iter().map(|(rule, _)| rule)).unwrap();
        assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
    }
}
