//! Licenses of the crates in a release, for the file beside the program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{process, workspace};

/// Packages of a release: the program, and the page in it.
const RELEASED: [&str; 2] = ["cli", "client"];

/// Starts of the names of files with a license, or a notice that it asks to pass on.
const TEXTS: [&str; 5] = ["copying", "copyright", "licence", "license", "notice"];

/// Crate in a release.
struct Crate {
    /// Name and version, with a space between.
    name: String,
    /// Licence as an SPDX expression, such as `MIT OR Apache-2.0`.
    license: String,
    /// URL of the sources; empty if the crate names none.
    repository: String,
    /// Folder of the downloaded crate, with its license files.
    folder: PathBuf,
}

/// Writes `THIRD-PARTY.md` beside the release and returns its path. `target/release` is created if
/// need be; a release itself is not.
pub(crate) fn write() -> Result<PathBuf> {
    let folder = workspace::target()?.join("release");
    fs::create_dir_all(&folder)?;
    let path = folder.join("THIRD-PARTY.md");
    fs::write(&path, notices(&crates()?)?)
        .with_context(|| format!("Cannot write {}", path.display()))?;
    Ok(path)
}

/// Crates that a release is built from, in order of name and version. Packages of this workspace
/// are left out, as are build scripts' and tests' crates.
fn crates() -> Result<Vec<Crate>> {
    let mut tree = workspace::cargo();
    tree.arg("tree").args(RELEASED.iter().flat_map(|package| ["-p", package]));
    tree.args(["--edges", "normal", "--target", "all", "--prefix", "none", "--format", "{p}"]);
    let tree = process::read(&mut tree)?;
    let used: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    let metadata =
        process::read(workspace::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` lists no packages")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut crates = Vec::new();
    for package in packages.iter().filter(|package| !package["source"].is_null()) {
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        if used.contains(&(&*name, &*version)) {
            let manifest = PathBuf::from(text(&package["manifest_path"]));
            crates.push(Crate {
                name: format!("{name} {version}"),
                license: text(&package["license"]),
                repository: text(&package["repository"]),
                folder: manifest.parent().context("A manifest is in no folder")?.to_owned(),
            });
        }
    }
    crates.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(crates)
}

/// `serde` and `1.0.0` in `serde v1.0.0 (proc-macro)`.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

/// List of the crates, and the texts in them, each once. A text that many crates share has all
/// their names in its heading.
fn notices(crates: &[Crate]) -> Result<String> {
    let mut notices = "# Third-party notices\n\nwsbench contains these crates.\n\n".to_owned();
    let mut texts = BTreeMap::<String, Vec<&str>>::new();
    for Crate { name, license, repository, folder } in crates {
        writeln!(notices, "- {name}: {license}, {repository}")?;
        for text in license_texts(folder)? {
            texts.entry(text).or_default().push(name);
        }
    }
    for (text, names) in texts {
        write!(notices, "\n## {}\n\n", names.join(", "))?;
        for line in text.lines() {
            // Indented, so that no line of a license is taken for a heading.
            writeln!(notices, "    {line}")?;
        }
    }
    Ok(notices)
}

/// Licenses and notices of a crate, at any depth of its folder; code is left out, such as
/// `license.rs`.
fn license_texts(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for file in workspace::files(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_code = file.extension().is_some_and(|it| it == "rs" || it == "toml");
        if !is_code && TEXTS.iter().any(|start| name.starts_with(start)) {
            texts.push(String::from_utf8_lossy(&fs::read(file)?).trim().to_owned());
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crate_of_a_release_has_a_license() {
        let crates = crates().unwrap();
        let notices = notices(&crates).unwrap();
        for name in ["axum ", "leptos ", "tokio-rustls "] {
            assert!(notices.contains(&format!("\n- {name}")), "{name}");
        }
        for name in ["proptest ", "tokio-tungstenite "] {
            assert!(!notices.contains(&format!("\n- {name}")), "{name}is of tests only");
        }
        assert!(notices.contains("Permission is hereby granted"));
        for Crate { name, license, .. } in &crates {
            assert!(!license.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_line_of_the_tree_is_a_name_and_a_version() {
        assert_eq!(name_and_version("serde v1.0.0 (proc-macro)"), Some(("serde", "1.0.0")));
        assert_eq!(name_and_version(""), None);
    }
}
