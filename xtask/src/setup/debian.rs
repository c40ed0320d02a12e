//! Debian packages, installed or unpacked to a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::process;

/// Suites to search for a version, from the most tested one with backports to the newest. Their
/// names outlive releases.
const SUITES: [&str; 4] = ["stable-backports", "stable", "testing", "unstable"];

/// Debian's keys, for a mirror of Debian on a system whose apt trusts others.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// True if apt manages the system's packages.
pub(super) fn is_here() -> bool {
    process::read(Command::new("apt-get").arg("--version")).is_ok()
}

/// Installs `packages` with apt. Needs the rights of root, or sudo without a password.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    eprintln!("  {}: installing with apt-get", packages.join(" and "));
    // A fresh machine has no package lists. Old ones may do.
    let _ = process::run(process::as_root("apt-get").args(["update", "--quiet"]));
    let mut apt = process::as_root("apt-get");
    process::run(apt.args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// Unpacks `package` in exactly the upstream `version` to `folder`, from the mirror of this
/// machine's apt, whose own lists and sources stay as they are. Returns the folder of the unpacked
/// tree.
pub(super) fn unpack(package: &str, version: &str, folder: &Path) -> Result<PathBuf> {
    let mirror = mirror()?;
    SUITES
        .iter()
        .find_map(|suite| {
            eprintln!("  {package}: looking in {suite}");
            let found = unpack_from(&mirror, suite, package, version, &folder.join(suite));
            found.inspect_err(|error| eprintln!("  {package}: not in {suite}: {error:#}")).ok()
        })
        .with_context(|| {
            format!("No suite of this machine's Debian mirror has {package} {version}")
        })
}

/// Unpacks `packages` in the version of `suite` to one folder below `folder`. Their dependencies
/// are not unpacked with them.
pub(super) fn unpack_of(suite: &str, packages: &[&str], folder: &Path) -> Result<PathBuf> {
    let apt = Apt::new(&mirror()?, suite, folder)?;
    process::read(apt.command("apt-get").arg("update"))?;
    download(&apt, packages, folder)
}

/// Installs a small system of this machine's Debian release, which can be booted, into `root`, from apt's mirror.
pub(super) fn bootstrap(root: &Path) -> Result<()> {
    for (program, package) in
        [("debootstrap", "debootstrap"), ("systemd-nspawn", "systemd-container")]
    {
        if process::read(Command::new(program).arg("--version")).is_err() {
            install(&[package])?;
        }
    }
    let mut debootstrap = process::as_root("debootstrap");
    debootstrap
        .args(["--variant=minbase", "--include=systemd,dbus", &suite()?])
        .arg(root)
        .arg(mirror()?);
    process::run(debootstrap.stdout(Stdio::null()))
}

/// Name of this machine's Debian release, such as `trixie`: its packages fit the system's libraries.
pub(super) fn suite() -> Result<String> {
    os_release("VERSION_CODENAME=")
}

/// Value of a field of os-release(5) without quotes.
fn os_release(field: &str) -> Result<String> {
    let text = fs::read_to_string("/etc/os-release")?;
    let value = text.lines().find_map(|line| line.strip_prefix(field));
    value.map(str::to_owned).with_context(|| format!("/etc/os-release has no {field}"))
}

/// Mirror of the system that apt is configured for, as `apt-get update --print-uris` prints it. Works without package
/// lists, which a fresh container lacks.
fn mirror() -> Result<String> {
    let said = process::read(Command::new("apt-get").args(["update", "--print-uris"]))?;
    let mirror =
        mirror_of(&said, &os_release("ID=")?).context("apt is configured for no mirror")?;
    // A list of mirrors, as on GitHub's runners: one a line, each with its priority (apt-transport-mirror(1)).
    let Some(list) = mirror.strip_prefix(MIRROR_LIST) else { return Ok(mirror.to_owned()) };
    let list = fs::read_to_string(list).with_context(|| format!("Cannot read {list}"))?;
    list.split_whitespace().next().map(str::to_owned).context("apt's list of mirrors is empty")
}

/// Start of the address of a file with mirrors.
const MIRROR_LIST: &str = "mirror+file:";

/// Address before `/dists/`, such as in
/// `'http://mirror/debian/dists/stable/InRelease' mirror_debian_dists_stable_InRelease 0`: preferably one that is named
/// after the `system`, as mirrors are, since other vendors have archives, too. That of security updates is none.
fn mirror_of<'a>(said: &'a str, system: &str) -> Option<&'a str> {
    let mirrors = said
        .lines()
        .filter_map(|line| Some(line.strip_prefix('\'')?.split_once("/dists/")?.0))
        .filter(|mirror| !mirror.contains("security"));
    let is_of_system = |mirror: &&str| {
        mirror.starts_with(MIRROR_LIST) || mirror.rsplit('/').next() == Some(system)
    };
    mirrors.clone().find(is_of_system).or_else(|| mirrors.clone().next())
}

/// Unpacks the package from one suite. The error for another version names those that the suite
/// has.
fn unpack_from(
    mirror: &str,
    suite: &str,
    package: &str,
    version: &str,
    folder: &Path,
) -> Result<PathBuf> {
    let apt = Apt::new(mirror, suite, folder)?;
    process::read(apt.command("apt-get").arg("update"))?;
    let listed = process::read(apt.command("apt-cache").args(["madison", package]))?;
    let full = full_version(&listed, version)
        .with_context(|| format!("it has {}", versions(&listed).collect::<Vec<_>>().join(", ")))?;
    download(&apt, &[&format!("{package}={full}")], folder)
}

/// Downloads the packages to `folder` and unpacks all of them to `unpacked` in it. Nothing is
/// installed, and no script of a package runs.
fn download(apt: &Apt, packages: &[&str], folder: &Path) -> Result<PathBuf> {
    process::read(apt.command("apt-get").current_dir(folder).arg("download").args(packages))?;
    let unpacked = folder.join("unpacked");
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            process::run(Command::new("dpkg-deb").arg("-x").arg(path).arg(&unpacked))?;
        }
    }
    ensure!(unpacked.exists(), "apt downloaded nothing");
    Ok(unpacked)
}

/// Debian version with the upstream part `version`, from the lines of `apt-cache madison`.
fn full_version<'a>(listed: &'a str, version: &str) -> Option<&'a str> {
    versions(listed).find(|full| {
        full.strip_prefix(version).is_some_and(|rest| rest.starts_with(['+', '-', '~']))
    })
}

/// Versions in the lines of `apt-cache madison`: `rust-src | 1.95.0+dfsg1-1 | …`.
fn versions(listed: &str) -> impl Iterator<Item = &str> {
    listed.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim)
}

/// apt with its own package lists, cache and source, so that neither root nor the system's state is
/// touched.
struct Apt {
    /// Settings for `-o`, which override the system's files.
    options: [String; 7],
}

impl Apt {
    /// Writes a source list for `suite` of `mirror` into `folder`, beside the lists and the cache.
    fn new(mirror: &str, suite: &str, folder: &Path) -> Result<Self> {
        let lists = folder.join("lists");
        let archives = folder.join("cache");
        fs::create_dir_all(lists.join("partial"))?;
        fs::create_dir_all(archives.join("archives/partial"))?;
        let signed = if Path::new(KEYRING).exists() {
            format!("[signed-by={KEYRING}] ")
        } else {
            String::new()
        };
        let sources = folder.join("sources.list");
        fs::write(&sources, format!("deb {signed}{mirror} {suite} main\n"))?;
        let options = [
            format!("Dir::Etc::SourceList={}", sources.display()),
            "Dir::Etc::SourceParts=/dev/null".to_owned(),
            format!("Dir::State::Lists={}", lists.display()),
            format!("Dir::Cache={}", archives.display()),
            // apt's own user cannot write to the user's folders.
            "APT::Sandbox::User=".to_owned(),
            // Package lists only, and an error instead of an old list.
            "Acquire::Languages=none".to_owned(),
            "APT::Update::Error-Mode=any".to_owned(),
        ];
        Ok(Self { options })
    }

    /// Command for one of apt's programs with these settings.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_that_of_the_system() {
        let lines = [
            "'http://mirror/debian-security/dists/stable-security/InRelease' a 0",
            "'https://vendor/debian/12/prod/dists/stable/InRelease' b 0",
            "'http://mirror/debian/dists/stable/InRelease' c 0",
            "'mirror+file:/etc/apt/mirrors.txt/dists/noble/InRelease' d 0",
        ];
        let of = |lines: &[&str], system| mirror_of(&lines.join("\n"), system).map(str::to_owned);
        assert_eq!(of(&lines, "debian").unwrap(), "http://mirror/debian");
        assert_eq!(of(&lines, "ubuntu").unwrap(), "mirror+file:/etc/apt/mirrors.txt");
        assert_eq!(of(&lines[..2], "debian").unwrap(), "https://vendor/debian/12/prod");
        assert_eq!(of(&lines[..1], "debian"), None);
    }

    #[test]
    fn the_version_is_matched_whole() {
        let listed = " rust-src | 1.9.1+dfsg1-1 | suite\n rust-src | 1.9+dfsg1-1~bpo13+1 | suite\n";
        assert_eq!(full_version(listed, "1.9"), Some("1.9+dfsg1-1~bpo13+1"));
        assert_eq!(full_version(listed, "1.9.1"), Some("1.9.1+dfsg1-1"));
        assert_eq!(full_version(listed, "1"), None);
    }
}
