//! Browsers for the tests, with their drivers.

use std::{env, process::Command};

use anyhow::{Result, bail};

use super::{debian, tool::version_in};
use crate::process;

/// Names of Chromium's and Chrome's program on different systems.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Program that drives either by the WebDriver protocol.
const DRIVER: &str = "chromedriver";

/// Commands of package managers other than apt that install Chromium and its driver, by their documentation.
const PACKAGE_MANAGERS: [(&str, &[&str]); 2] = [
    ("dnf", &["install", "--assumeyes", "chromium", "chromedriver"]),
    ("pacman", &["-S", "--noconfirm", "chromium"]),
];

/// Provides Chromium and ChromeDriver of the same major version. Others fail with an error of the
/// driver in each test, so they are not accepted.
pub(super) fn provide() -> Result<()> {
    if let Some(version) = matching_version() {
        eprintln!("  chromium and chromedriver: {version}");
        return Ok(());
    }
    if let Err(error) = install() {
        eprintln!("  chromium and chromedriver: that did not work: {error:#}");
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

/// Provides Firefox, `WebKitGTK` with its driver, or a virtual screen: a Debian package, unless one
/// of its `programs` is on `PATH`. Any version will do: tests do not depend on its number.
pub(super) fn provide_package(package: &str, programs: &[&str]) -> Result<()> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let is_there = |it: &&&str| env::split_paths(&folders).any(|folder| folder.join(it).is_file());
    if !programs.iter().any(|it| is_there(&it)) {
        debian::install(&[package])?;
    }
    match programs.iter().find(is_there) {
        Some(program) => eprintln!("  {program}: on PATH"),
        None => bail!("Install {}, put it on PATH, and run this again.", programs.join(" or ")),
    }
    Ok(())
}

/// Installs Chromium and its driver with the first package manager that is there. Fails without
/// one, as on systems whose user installs browsers by hand.
fn install() -> Result<()> {
    if debian::is_here() {
        return debian::install(&["chromium", "chromium-driver"]);
    }
    for (manager, arguments) in PACKAGE_MANAGERS {
        if process::read(Command::new(manager).arg("--version")).is_ok() {
            eprintln!("  chromium and chromedriver: installing with {manager}");
            return process::run(process::as_root(manager).args(arguments));
        }
    }
    bail!("there is no package manager that is known here")
}

/// Major version that the browser and the driver share. `None` if either is missing, or if no
/// browser has the driver's version.
fn matching_version() -> Option<String> {
    let driver = major_version(DRIVER)?;
    BROWSERS.iter().filter_map(|browser| major_version(browser)).find(|browser| *browser == driver)
}

/// Major version that `program --version` prints; `None` if it does not run.
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
