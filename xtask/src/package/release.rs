//! Release: the version, commit and time that all of its files are made from.

use std::{env, fs, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{process, workspace};

/// Origin of a release.
pub(super) struct Release {
    /// Version of the workspace, without a `v`.
    pub(super) version: &'static str,
    /// Commit, marked if the work tree differs from it.
    pub(super) commit: String,
    /// Time of the commit, in seconds since 1970: that of every packed file.
    pub(super) time: u64,
}

/// Environment variable with the time, as <https://reproducible-builds.org/docs/source-date-epoch/> has it.
pub(super) const TIME: &str = "SOURCE_DATE_EPOCH";

/// Environment variable with the commit, read by the server's build script.
pub(super) const COMMIT: &str = "WSBENCH_COMMIT";

impl Release {
    /// Release of the work tree. Without git, the environment has to name both.
    pub(super) fn now() -> Result<Self> {
        let time = match env::var(TIME) {
            Ok(time) => time,
            Err(_) => git(&["log", "-1", "--format=%ct"])?,
        };
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            commit: env::var(COMMIT).or_else(|_| commit())?,
            time: time
                .parse()
                .with_context(|| format!("{TIME}={time} is not a time in seconds"))?,
        })
    }

    /// Variables for programs that make files of the release, and for a second run without git.
    pub(super) fn variables(&self) -> [(&'static str, String); 2] {
        [(COMMIT, self.commit.clone()), (TIME, self.time.to_string())]
    }
}

/// Section of `CHANGELOG.md` about this version. Fails while it is unreleased.
pub(super) fn notes() -> Result<String> {
    let changelog = fs::read_to_string(workspace::root().join("CHANGELOG.md"))?;
    section(&changelog, env!("CARGO_PKG_VERSION")).map(str::to_owned)
}

/// Text below the heading of `version`, such as `## 0.1.0 (2026-12-01)`.
fn section<'a>(changelog: &'a str, version: &str) -> Result<&'a str> {
    let mut sections = changelog.split("\n## ").filter_map(|section| section.split_once('\n'));
    let section = sections.find(|(heading, _)| heading.split(' ').next() == Some(version));
    let (heading, text) =
        section.with_context(|| format!("CHANGELOG.md has no section about {version}"))?;
    ensure!(
        !heading.ends_with("(unreleased)"),
        "CHANGELOG.md calls {version} unreleased: give it the date of the release"
    );
    Ok(text.trim())
}

/// Twelve digits of the commit, and `, modified` if a tracked file differs from it.
fn commit() -> Result<String> {
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Ok(if changes.is_empty() { commit } else { format!("{commit}, modified") })
}

/// Output of git in the root folder, without the newline at its end.
fn git(arguments: &[&str]) -> Result<String> {
    let answer = process::read(Command::new("git").current_dir(workspace::root()).args(arguments));
    let answer = answer.with_context(|| {
        format!("Without git, {COMMIT} and {TIME} have to name the commit and its time")
    })?;
    Ok(answer.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notes_are_those_of_the_version() {
        let changelog = "# Changelog\n\n## 0.2.0 (unreleased)\n\nNew.\n\n## 0.1.0 (2026-12-01)\n\nThe first.\n\n- one\n";
        assert_eq!(section(changelog, "0.1.0").unwrap(), "The first.\n\n- one");
        for version in ["0.2.0", "0.1", "0.3.0", ""] {
            assert!(section(changelog, version).is_err(), "{version}");
        }
    }
}
