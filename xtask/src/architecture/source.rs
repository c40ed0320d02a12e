//! Source file: path, text and syntax tree, read once for all rules.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::packages;
use crate::workspace;

/// Rust source file of the workspace.
pub(super) struct Source {
    /// Path from the root folder, such as `server/src/lib.rs`.
    pub(super) path: PathBuf,
    /// Text as it stands, for rules about comments, which the syntax tree does not keep.
    pub(super) text: String,
    /// Syntax tree, for rules about names.
    pub(super) syntax: syn::File,
}

impl Source {
    /// Parses `text`; fails, with the path, on code that is no Rust.
    pub(super) fn parse(path: impl Into<PathBuf>, text: impl Into<String>) -> Result<Self> {
        let (path, text) = (path.into(), text.into());
        let syntax =
            syn::parse_file(&text).with_context(|| format!("Cannot parse {}", path.display()))?;
        Ok(Self { path, text, syntax })
    }

    /// File name without `.rs`.
    pub(super) fn stem(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// Folder of the file.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// True if the file lies in `folder` of a package, at any depth.
    pub(super) fn is_in(&self, package: &str, folder: &str) -> bool {
        self.path.starts_with(Path::new(package).join(folder))
    }
}

/// Reads the sources of every package. Their tests, benchmarks and build scripts are included.
pub(super) fn all() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for package in packages::folders()? {
        for file in workspace::files(&workspace::root().join(&package))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&file)?;
                sources.push(Source::parse(file.strip_prefix(workspace::root())?, text)?);
            }
        }
    }
    Ok(sources)
}

/// Sources made up by a test, each a path and a text.
#[cfg(test)]
pub(super) fn made_up(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source::parse(*path, *text).unwrap()).collect()
}
