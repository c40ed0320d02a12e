//! The rules of ARCHITECTURE.md that a machine can check: which room may know of what.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{page, process, workspace};

/// The workspace's packages and the ones of them that each may depend on.
const ARROWS: [(&str, &[&str]); 9] = [
    ("session", &[]),
    ("workbench", &["session"]),
    ("client", &["session", "workbench"]),
    ("cli", &["protocol", "server", "session"]),
    ("protocol", &[]),
    ("server", &["protocol"]),
    ("tests", &["protocol", "server"]),
    ("bench", &[]),
    ("xtask", &[]),
];

/// The packages without clock, socket, timer, file, thread or screen.
const PURE: [&str; 3] = ["protocol", "session", "workbench"];

/// What they must not pull in, however indirectly.
const IMPURE_CRATES: [&str; 9] = [
    "async-std",
    "getrandom",
    "gloo-net",
    "js-sys",
    "leptos",
    "smol",
    "tokio",
    "wasm-bindgen",
    "web-sys",
];

/// What they must not name: clocks, sockets, timers, files, threads, the screen.
const IMPURE_NAMES: [&str; 11] = [
    "Instant",
    "SystemTime",
    "std::net",
    "std::fs",
    "std::io",
    "std::env",
    "std::thread",
    "std::process",
    "println!",
    "print!",
    "dbg!",
];

/// The browser's APIs, and where in the client they may be used.
const BROWSER_NAMES: [&str; 4] = ["web_sys::", "js_sys::", "gloo_net::", "wasm_bindgen::"];
const BROWSER_FOLDERS: [&str; 8] = [
    "client/src/browser",
    "client/src/engine",
    "client/src/ui",
    "client/src/connect/presets.rs",
    "client/src/detail/viewport.rs",
    "client/src/messages/viewport.rs",
    "client/src/lib.rs",
    "client/src/rest.rs",
];

/// Where the page's words are, and the names that read like words but are the browser's.
const WORDS: &str = "client/src/language";
const KEYS: [&str; 21] = [
    "Aa",
    "Alt",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "ArrowUp",
    "Delete",
    "End",
    "Enter",
    "Esc",
    "Escape",
    "Files",
    "Home",
    "Key",
    "Mac",
    "PageDown",
    "PageUp",
    "PgDn",
    "PgUp",
    "Shift",
    "Tab",
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["common", "helper", "helpers", "misc", "util", "utils"];

pub(crate) fn check() -> Result<()> {
    let mut broken = Vec::new();
    for (package, allowed) in ARROWS {
        check_arrows(package, allowed, &mut broken)?;
    }
    for package in ARROWS.map(|(package, _)| package) {
        let mut files = page::files(&workspace::root().join(package))?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
        for file in files {
            let text = fs::read_to_string(&file)?;
            let name = file.strip_prefix(workspace::root())?;
            broken.extend(broken_rules(name, &text));
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!("The architecture (ARCHITECTURE.md) is broken:\n  {}", broken.join("\n  "))
}

fn check_arrows(package: &str, allowed: &[&str], broken: &mut Vec<String>) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["tree", "-p", package, "--edges", "normal", "--target", "all", "--prefix", "none"]);
    let tree = process::read(cargo.args(["--format", "{p}"]))
        .with_context(|| format!("Every package of ARROWS must exist; {package} may not"))?;
    for line in tree.lines().skip(1) {
        let dependency = line.split(' ').next().unwrap_or_default();
        let is_ours = ARROWS.iter().any(|(ours, _)| *ours == dependency);
        if is_ours && dependency != package && !allowed.contains(&dependency) {
            broken.push(format!("{package} depends on {dependency}"));
        }
        if PURE.contains(&package) && IMPURE_CRATES.contains(&dependency) {
            broken.push(format!("{package} is pure, and depends on {dependency}"));
        }
    }
    Ok(())
}

/// What a file of this name and text breaks.
fn broken_rules(file: &Path, text: &str) -> Vec<String> {
    let shown = file.display();
    let mut broken = Vec::new();
    if !text.starts_with("//!") {
        broken.push(format!("{shown} does not open with a //! line that says what it owns"));
    }
    let stem = file.file_stem().unwrap_or_default();
    if EMPTY_NAMES.iter().any(|name| *name == stem) {
        broken.push(format!("{shown} has a name that says nothing"));
    }
    let code = || text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let mut forbid = |names: &[&str], why: &str| {
        for name in names {
            if code().any(|line| line.contains(name)) {
                broken.push(format!("{shown} names {name}: {why}"));
            }
        }
    };
    if PURE.iter().any(|package| file.starts_with(format!("{package}/src"))) {
        forbid(&IMPURE_NAMES, "the package is pure; let who uses it pass it in");
    }
    let is_shell = BROWSER_FOLDERS.iter().any(|name| file.starts_with(name));
    if file.starts_with("client/src") && !is_shell {
        forbid(&BROWSER_NAMES, "views reach the browser through the shell");
    }
    let has_words = file.starts_with(WORDS) || file.iter().any(|folder| folder == "words");
    if file.starts_with("client/src") && !has_words {
        let reads_words = |line: &&str| !line.contains("reason = ");
        for words in code().filter(reads_words).flat_map(literals).filter(|it| are_words(it)) {
            broken.push(format!(
                "{shown} says {words:?}: words of the page are in a folder words/, or in {WORDS}"
            ));
        }
    }
    broken
}

/// What stands between quotes in a line, as far as that can be told without a parser.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// Whether a person reads it: it begins like a sentence, or is a piece of one. Names of classes and
/// the like do neither.
fn are_words(literal: &str) -> bool {
    let mut characters = literal.chars();
    let (first, second) = (characters.next(), characters.next());
    let is_sentence = first.is_some_and(char::is_uppercase)
        && second.is_some_and(|it| it.is_lowercase() || it == ' ');
    // What stands in braces is filled in.
    let mut shown = literal.split(['{', '}']).step_by(2);
    let is_piece = literal.trim() != literal && shown.any(|it| it.contains(char::is_alphabetic));
    // Keys may be pressed together, or be several: `Shift+Enter`, `PgDn PgUp`.
    let mut keys = literal.split(['+', ' ', '{', '}']).filter(|it| it.chars().count() > 1);
    (is_sentence || is_piece) && !keys.all(|key| KEYS.contains(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(file: &str, text: &str) -> usize {
        broken_rules(Path::new(file), text).len()
    }

    #[test]
    fn the_repository_keeps_its_rules() {
        check().unwrap();
    }

    #[test]
    fn impure_names_in_the_core_are_seen() {
        assert_eq!(rules("workbench/src/a.rs", "//! A.\nuse std::time::Instant;"), 1);
        assert_eq!(rules("protocol/src/a.rs", "//! A.\nuse std::net::TcpStream;"), 1);
        assert_eq!(rules("workbench/src/a.rs", "//! A.\n// Not an Instant."), 0);
        assert_eq!(rules("server/src/a.rs", "//! A.\nuse std::time::Instant;"), 0);
    }

    #[test]
    fn the_browser_is_reached_through_the_shell() {
        assert_eq!(rules("client/src/composer.rs", "//! A.\nweb_sys::window();"), 1);
        assert_eq!(rules("client/src/browser/clock.rs", "//! A.\nweb_sys::window();"), 0);
    }

    #[test]
    fn words_of_the_page_are_in_its_languages() {
        for words in ["<b>\"Send\"</b>", "title=\"A word\"", "{count} \" rows\"", "\"of \""] {
            assert_eq!(rules("client/src/composer.rs", &format!("//! A.\n{words}")), 1, "{words}");
            assert_eq!(rules("client/src/composer/words/en.rs", &format!("//! A.\n{words}")), 0);
        }
        for other in [
            "class=\"row left-out\"",
            "\"Enter\" =>",
            "\" {a} {b}\"",
            "\"UTF-8\"",
            "\" \"",
            "\"×\"",
        ] {
            assert_eq!(rules("client/src/composer.rs", &format!("//! A.\n{other}")), 0, "{other}");
        }
    }

    #[test]
    fn a_file_says_what_it_owns() {
        assert_eq!(rules("server/src/a.rs", "fn a() {}"), 1);
        assert_eq!(rules("server/src/utils.rs", "//! A."), 1);
    }
}
