//! Documents beside the program: man pages, completions, licenses.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use super::tree::{FILE, Tree};
use crate::{dependencies::notices, process, workspace};

/// Shells with completions, each with the customary name of its file.
pub(super) const COMPLETIONS: [(&str, &str); 3] =
    [("bash", "wsbench.bash"), ("fish", "wsbench.fish"), ("zsh", "_wsbench")];

/// Files of the root folder that go with the program, as the documents in `docs/` do, which `--help` names.
const TEXTS: [&str; 4] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Documents of the program, the same for every target.
pub(super) struct Documents {
    /// Man pages by file name, such as `wsbench-server.1`.
    pub(super) man: Vec<(String, String)>,
    /// Completions by shell.
    pub(super) completions: Vec<(&'static str, String)>,
    /// Licenses, notices and texts by file name.
    pub(super) texts: Vec<(String, String)>,
}

impl Documents {
    /// Has `program` write its man pages and completions, and reads the other texts. It has to run
    /// on this machine, whatever target it was built for.
    pub(super) fn of(program: &Path) -> Result<Self> {
        let say = |arguments: &[&str]| process::read(Command::new(program).args(arguments));
        let first = say(&["man"])?;
        let mut man = Vec::new();
        for command in commands(&first)? {
            man.push((format!("wsbench-{command}.1"), say(&["man", &command])?));
        }
        man.push(("wsbench.1".to_owned(), first));
        let completions = COMPLETIONS.map(|(shell, _)| Ok((shell, say(&["completions", shell])?)));
        let completions = completions.into_iter().collect::<Result<_>>()?;
        let mut texts = vec![("THIRD-PARTY.md".to_owned(), fs::read_to_string(notices::write()?)?)];
        texts.extend(texts_of(workspace::root())?);
        // The C library in the static programs.
        let musl = workspace::root().join("packaging/LICENSE-musl");
        texts.push(("LICENSE-musl".to_owned(), fs::read_to_string(musl)?));
        Ok(Self { man, completions, texts })
    }

    /// Files of an archive with `program`, whose file is `name`. All are in one `folder`, so that
    /// unpacking makes no mess.
    pub(super) fn archive(&self, folder: &str, name: &str, program: &[u8]) -> Tree {
        let mut tree = Tree::default();
        tree.add(format!("{folder}/{name}"), super::tree::PROGRAM, program);
        for (name, page) in &self.man {
            tree.add(format!("{folder}/man/{name}"), FILE, page.as_bytes());
        }
        for ((_, text), (_, name)) in self.completions.iter().zip(COMPLETIONS) {
            tree.add(format!("{folder}/completions/{name}"), FILE, text.as_bytes());
        }
        for (name, text) in &self.texts {
            tree.add(format!("{folder}/{name}"), FILE, text.as_bytes());
        }
        tree
    }
}

/// Texts of the project in `root` that go with the program, by path.
fn texts_of(root: &Path) -> Result<Vec<(String, String)>> {
    let docs = root.join("docs");
    let mut files = workspace::files(&docs)?;
    // Not the records of decisions and conformance, in folders.
    files.retain(|it| it.parent() == Some(&docs) && it.extension().is_some_and(|it| it == "md"));
    files.extend(TEXTS.map(|name| root.join(name)));
    let named = files.into_iter().map(|file| {
        let name = file.strip_prefix(root)?.display().to_string();
        Ok((name, fs::read_to_string(file)?))
    });
    named.collect()
}

/// Commands that have a page of their own, as the page of the program lists them at its end:
/// `\fBwsbench\-bench\fR(1), \fBwsbench\-run\fR(1)`.
fn commands(page: &str) -> Result<Vec<String>> {
    let (_, list) = page.rsplit_once(".SH \"SEE ALSO\"\n").context("The page names no others")?;
    let names = list.trim().split(", ").map(|page| {
        let name = page.strip_prefix(r"\fBwsbench\-").and_then(|it| it.strip_suffix(r"\fR(1)"));
        name.map(|name| name.replace('\\', "")).with_context(|| format!("Not a page: {page}"))
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_that_help_names_go_with_the_program() {
        let texts = texts_of(workspace::root()).unwrap();
        let has = |name: &str| texts.iter().any(|(it, _)| it == name);
        assert!(has("docs/scenario.md") && has("docs/json-lines.md") && has("README.md"));
        assert!(!has("docs/decisions/0020-install.md"));
    }

    #[test]
    fn the_commands_are_those_of_the_pages_that_the_main_page_names() {
        let page =
            ".SH NAME\n.SH \"SEE ALSO\"\n\\fBwsbench\\-bench\\fR(1), \\fBwsbench\\-run\\fR(1)\n";
        assert_eq!(commands(page).unwrap(), ["bench", "run"]);
        assert!(commands(".SH \"SEE ALSO\"\nls(1)").is_err());
        assert!(commands("").is_err());
    }
}
