//! Browsers for the tests, with their drivers.

use std::{env, process::Command};

use anyhow::{Result, bail};

use super::tool::version_in;
use crate::process;

/// Names of Chromium on different systems.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";

/// Commands of package managers that install Chromium and its driver. CI uses the first; the others follow their
/// documentation.
const PACKAGE_MANAGERS: [(&str, &[&str]); 3] = [
    ("apt-get", &["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]),
    ("dnf", &["install", "--assumeyes", "chromium", "chromedriver"]),
    ("pacman", &["-S", "--noconfirm", "chromium"]),
];

/// Provides Chromium and ChromeDriver of the same major version.
pub(super) fn provide() -> Result<()> {
    if let Some(version) = matching_version() {
        eprintln!("  chromium and chromedriver: {version}");
        return Ok(());
    }
    for (manager, arguments) in PACKAGE_MANAGERS {
        if process::read(Command::new(manager).arg("--version")).is_err() {
            continue;
        }
        eprintln!("  chromium and chromedriver: installing with {manager}");
        if manager == "apt-get" {
            // A fresh machine has no package lists. Old ones may do.
            let _ = process::run(as_root(manager).args(["update", "--quiet"]));
        }
        match process::run(as_root(manager).args(arguments)) {
            Ok(()) => break,
            Err(error) => eprintln!("  chromium and chromedriver: that did not work: {error:#}"),
        }
    }
    let Some(version) = matching_version() else {
        bail!(
            "The tests need Chromium (or Chrome) and ChromeDriver of the same major version. \
             Install them, put both on PATH, and run this again."
        );
    };
    eprintln!("  chromium and chromedriver: {version}");
    Ok(())
}

/// Provides Firefox, `WebKitGTK` with its driver, or a virtual screen: a Debian package, unless one of its `programs`
/// is on `PATH`.
pub(super) fn provide_package(package: &str, programs: &[&str]) -> Result<()> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let is_there = |it: &&&str| env::split_paths(&folders).any(|folder| folder.join(it).is_file());
    if !programs.iter().any(|it| is_there(&it)) {
        eprintln!("  {package}: installing with apt-get");
        let _ = process::run(as_root("apt-get").args(["update", "--quiet"]));
        let install = ["install", "--yes", "--no-install-recommends", package];
        process::run(as_root("apt-get").args(install))?;
    }
    match programs.iter().find(is_there) {
        Some(program) => eprintln!("  {program}: on PATH"),
        None => bail!("Install {}, put it on PATH, and run this again.", programs.join(" or ")),
    }
    Ok(())
}

/// Package manager with root rights, if they need no password.
fn as_root(manager: &str) -> Command {
    let is_root = process::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if is_root {
        Command::new(manager)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", manager]);
        sudo
    }
}

/// Major version that the browser and the driver share.
fn matching_version() -> Option<String> {
    let driver = major_version(DRIVER)?;
    BROWSERS.iter().filter_map(|browser| major_version(browser)).find(|browser| *browser == driver)
}

fn major_version(program: &str) -> Option<String> {
    major(&process::read(Command::new(program).arg("--version")).ok()?)
}

/// `156` in `Chromium 156.0.8078.73 built on …`.
fn major(said: &str) -> Option<String> {
    version_in(said)?.split('.').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_browsers_say() {
        assert_eq!(major("Chromium 156.0.8078.73 built on Debian").as_deref(), Some("156"));
        assert_eq!(major("ChromeDriver 156.0.8078.73 (abc)").as_deref(), Some("156"));
        assert_eq!(major("Google Chrome 156.0.1.2").as_deref(), Some("156"));
    }
}
