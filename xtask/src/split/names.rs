//! Short names for what a module and its script have of each other. Those that wasm-bindgen gives hold
//! hashes, each in both files, and hashes do not compress.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, ensure};

use super::module::Module;

const HASH_LEN: usize = 16;

/// The short names, by the long ones.
pub(super) struct Names<'a>(HashMap<&'a str, String>);

impl<'a> Names<'a> {
    /// Finds names for `module` that mean nothing in `script` yet.
    pub(super) fn new(module: &Module<'a>, script: &str) -> Result<Self> {
        let long = module.imports.iter().chain(module.exports.keys()).filter(|name| has_hash(name));
        let mut long = long.copied().collect::<Vec<_>>();
        long.sort_unstable();
        let short = long.into_iter().zip(0..).map(|(name, number)| (name, format!("_{number}")));
        let names = Self(short.collect());
        let known = words(script).map(|(word, _)| word).collect::<HashSet<_>>();
        let is_new = |name: &String| !known.contains(name.as_str());
        ensure!(names.0.values().all(is_new), "the script uses a name like _0");
        Ok(names)
    }

    /// What `name` is called now.
    pub(super) fn of<'b>(&'b self, name: &'b str) -> &'b str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// `script` with the short names.
    pub(super) fn shorten(&self, script: &str) -> String {
        let shorter = |(word, after): (&str, &str)| [self.of(word), after].concat();
        words(script).map(shorter).collect()
    }
}

fn has_hash(name: &str) -> bool {
    let mut parts = name.split(|character: char| !character.is_ascii_hexdigit());
    parts.any(|part| part.len() == HASH_LEN)
}

/// The script's words, each with the character after it that is of none. Some are empty.
fn words(script: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_between =
        |character: char| !(character.is_alphanumeric() || matches!(character, '_' | '$'));
    script
        .split_inclusive(is_between)
        .map(move |piece| piece.split_at(piece.find(is_between).unwrap_or(piece.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_with_a_hash_are_shortened() {
        let long = "__wbg_close_0123456789abcdef";
        assert!(has_hash(long) && !has_hash("__wbindgen_malloc") && !has_hash("memory"));
        let names = Names(HashMap::from([(long, "_0".to_owned())]));
        let script = format!("$ = {{ {long}: function(é) {{}}, {long}2: wasm.{long} }}");
        let short = format!("$ = {{ _0: function(é) {{}}, {long}2: wasm._0 }}");
        assert_eq!(names.shorten(&script), short);
    }
}
