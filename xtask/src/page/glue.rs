//! Glue between page and browser: the script of wasm-bindgen, and the names that WebAssembly imports from it.
//!
//! A name such as `__wbg_now_463ac581d2fc7ea3` ends in a hash, which no compression makes smaller, in the script and in
//! the module (figures in docs/decisions/0002). Names of the same length, without a hash, leave the module as it is.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Result;

use crate::workspace;

/// Start of an imported name, and hexadecimal digits of the hash at its end.
const START: &str = "__wbg_";
const HASH: usize = 16;

/// Renames the imports in the built page's script and module, and removes comments and indents from the script.
pub(super) fn shorten(folder: &Path) -> Result<()> {
    let files = workspace::files(folder)?;
    let of_kind = |kind: &'static str| {
        files.iter().filter(move |file| file.extension().is_some_and(|it| it == kind))
    };
    let mut names = BTreeMap::new();
    for script in of_kind("js") {
        names.extend(imports(&fs::read(script)?).map(|name| (name.to_vec(), Vec::new())));
    }
    for (number, (name, short)) in names.iter_mut().enumerate() {
        *short = format!("{:_<len$}", format!("w{number}"), len = name.len()).into_bytes();
    }
    for module in of_kind("wasm") {
        fs::write(module, renamed(&fs::read(module)?, &names))?;
    }
    for script in of_kind("js") {
        let short = String::from_utf8(renamed(&fs::read(script)?, &names))?;
        fs::write(script, without_comments(&short))?;
    }
    Ok(())
}

/// Names with a hash.
fn imports(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    words(content).filter(|word| {
        let hash = word.len().checked_sub(HASH).map(|at| &word[at..]);
        word.starts_with(START.as_bytes())
            && hash.is_some_and(|hash| hash.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Identifiers, and what is between them.
fn words(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    content.chunk_by(move |one, other| is_of_word(one) == is_of_word(other))
}

fn renamed(content: &[u8], names: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    // The length of a name in the module can be a letter: it belongs to the word, then.
    let rename = |word: &[u8]| {
        let at = word.windows(START.len()).position(|it| it == START.as_bytes()).unwrap_or(0);
        let (before, name) = word.split_at(at);
        [before, names.get(name).map_or(name, Vec::as_slice)].concat()
    };
    words(content).flat_map(rename).collect()
}

/// Script without documentation and indents. The script of wasm-bindgen has no text of several lines.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with(['*']) && *line != "/**");
    code.fold(String::new(), |code, line| code + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_have_the_same_short_name_in_script_and_module() {
        let script =
            "  /**\n   * Now.\n   */\n  __wbg_now_463ac581d2fc7ea3: now,\n  __wbg_ptr: 0,\n";
        let module = b"%__wbg_now_463ac581d2fc7ea3\0\x05Z__wbg_now_463ac581d2fc7ea3\0__wbg_x_463ac581d2fc7ea3";
        let names: Vec<_> = imports(script.as_bytes()).collect();
        assert_eq!(names, [b"__wbg_now_463ac581d2fc7ea3"]);
        let names = BTreeMap::from([(names[0].to_vec(), b"w0________________________".to_vec())]);
        let short = renamed(module, &names);
        assert_eq!(
            short,
            b"%w0________________________\0\x05Zw0________________________\0__wbg_x_463ac581d2fc7ea3"
        );
        let script = String::from_utf8(renamed(script.as_bytes(), &names)).unwrap();
        assert_eq!(without_comments(&script), "w0________________________: now,\n__wbg_ptr: 0,\n");
    }
}
