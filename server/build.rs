//! Names the commit and the target in `--version`.
//!
//! The commit is that of `WSBENCH_COMMIT` for whoever builds without git, else git's, else the one that
//! `cargo package` noted.

use std::{env, fs, path::Path, process::Command};

/// Characters of a commit that are shown.
const SHOWN: usize = 12;

fn main() {
    println!("cargo::rerun-if-env-changed=WSBENCH_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let commit = given().or_else(of_git).or_else(of_package);
    let commit = commit.unwrap_or_else(|| "unknown commit".to_owned());
    println!("cargo::rustc-env=WSBENCH_COMMIT={commit}");
    println!("cargo::rustc-env=WSBENCH_TARGET={}", env::var("TARGET").unwrap_or_default());
}

fn given() -> Option<String> {
    env::var("WSBENCH_COMMIT").ok().filter(|commit| !commit.is_empty())
}

/// Commit of this repository: a package that was unpacked within another one must not name that.
fn of_git() -> Option<String> {
    if !Path::new("../.git").exists() {
        return None;
    }
    // Changes with every commit and every checkout; elsewhere in a linked work tree.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    git(&["rev-parse", &format!("--short={SHOWN}"), "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git").args(arguments).output().ok()?;
    let text = answer.status.success().then(|| String::from_utf8(answer.stdout).ok())??;
    Some(text.trim().to_owned())
}

/// `{"git": {"sha1": "0123…"}, …}`
fn of_package() -> Option<String> {
    let noted = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = noted.split_once("\"sha1\"")?;
    Some(rest.split('"').nth(1)?.get(..SHOWN)?.to_owned())
}
