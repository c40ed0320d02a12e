//! Packages for a registry of crates: those of the workspace, with names that a registry takes.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;

use crate::{process, workspace};

/// Packages that are published: the program, and the packages that it is built from.
const PUBLISHED: [&str; 8] =
    ["cli", "connector", "protocol", "relay", "scenario", "server", "session", "workbench"];

/// Files of the root folder that go into every package.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Makes the packages of the last commit, and builds each from its own content. `cargo publish --workspace
/// --allow-dirty` in the folder, `target/package-crates`, sends them.
pub(super) fn package(repository: Option<&str>) -> Result<()> {
    if !workspace::root().join(".git").exists() {
        return process::leave_out("The packages for a registry were NOT MADE: this is no clone.");
    }
    let folder = workspace::target()?.join("package-crates");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    // A clone: cargo notes the commit in a package, and the program's `--version` says it.
    process::run(
        Command::new("git").args(["clone", "--quiet"]).arg(workspace::root()).arg(&folder),
    )?;
    write_manifests(&folder, repository)?;
    // Kept from run to run, unlike the sources.
    let target = workspace::target()?.join("package-crates-build");
    forget_builds(&target)?;
    let mut cargo = workspace::cargo();
    cargo.current_dir(&folder).args(["package", "--workspace", "--allow-dirty"]);
    process::run(cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    let version = env!("CARGO_PKG_VERSION");
    let server = format!("{}-{version}", published_name("server"));
    let file = target.join("package").join(format!("{server}.crate"));
    let mut archive = tar::Archive::new(GzDecoder::new(fs::File::open(file)?));
    let page = Path::new(&server).join("page/index.html.br");
    let mut paths =
        archive.entries()?.filter_map(|entry| Some(entry.ok()?.path().ok()?.into_owned()));
    ensure!(paths.any(|path| path == page), "{server} carries no page");
    eprintln!("{} packages for a registry are in {}.", PUBLISHED.len(), folder.display());
    Ok(())
}

/// Removes what cargo has unpacked and built of earlier packages: of a version, it takes the first it saw, whatever
/// its content.
fn forget_builds(target: &Path) -> Result<()> {
    let mut folders = workspace::unpacked()?;
    // Only a registry in a folder has a name without a host.
    folders.retain(|folder| {
        folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"-"))
    });
    folders.push(target.join("debug/.fingerprint"));
    for folder in folders.iter().filter(|folder| folder.exists()) {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b"wsbench") {
                fs::remove_dir_all(entry.path())?;
            }
        }
    }
    Ok(())
}

/// Changes the manifests in a copy of the sources, and puts the licenses and the README beside
/// them.
fn write_manifests(folder: &Path, repository: Option<&str>) -> Result<()> {
    let manifest = folder.join("Cargo.toml");
    fs::write(&manifest, of_workspace(&fs::read_to_string(&manifest)?)?)?;
    for package in PUBLISHED {
        let place = folder.join(package);
        let manifest = place.join("Cargo.toml");
        fs::write(&manifest, of_package(&fs::read_to_string(&manifest)?, package, repository))?;
        for license in LICENSES {
            fs::copy(folder.join(license), place.join(license))?;
        }
    }
    fs::copy(folder.join("README.md"), folder.join("cli/README.md"))?;
    Ok(())
}

/// Name of a package in a registry: short names such as `server` and `session` are long taken
/// there.
fn published_name(package: &str) -> String {
    if package == "cli" { "wsbench".to_owned() } else { format!("wsbench-{package}") }
}

/// Manifest of a workspace of the published packages, where sources still call each by its short name.
fn of_workspace(manifest: &str) -> Result<String> {
    let members = manifest.lines().find(|line| line.starts_with("members = "));
    let members = members.context("The workspace names its members on no line")?;
    let mut changed = manifest.replace(members, &format!("members = {PUBLISHED:?}"));
    for package in PUBLISHED {
        let (name, version) = (published_name(package), env!("CARGO_PKG_VERSION"));
        let place = format!("{package} = {{ path = {package:?}");
        changed =
            changed.replace(&place, &format!("{place}, package = {name:?}, version = {version:?}"));
    }
    // For tests only.
    Ok(changed.replace("growth = { path = \"growth\" }\n", ""))
}

/// Manifest of a package as it is published: with its long name, its short one for the library, and
/// the repository's address if that is known.
fn of_package(manifest: &str, package: &str, repository: Option<&str>) -> String {
    let repository = repository.map(|url| format!("repository = {url:?}\n")).unwrap_or_default();
    let mut changed = manifest
        .replacen(
            &format!("name = {package:?}"),
            &format!("name = {:?}", published_name(package)),
            1,
        )
        .replace("publish.workspace = true\n", &repository)
        // For tests only, and stays here.
        .replace("growth.workspace = true\n", "");
    if package != "cli" {
        // Its own program and tests use the library by its short name, too.
        if !changed.contains("[lib]\n") {
            changed += "\n[lib]\n";
        }
        changed = changed.replace("[lib]\n", &format!("[lib]\nname = {package:?}\n"));
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(folder: &str) -> String {
        fs::read_to_string(workspace::root().join(folder).join("Cargo.toml")).unwrap()
    }

    #[test]
    fn a_published_package_has_a_name_of_its_own_and_a_library_with_the_short_one() {
        let server = of_package(&manifest("server"), "server", Some("https://x.example"));
        for line in [
            "name = \"wsbench-server\"",
            "repository = \"https://x.example\"",
            "[lib]\nname = \"server\"",
        ] {
            assert!(server.contains(&format!("\n{line}\n")), "{line}: {server}");
        }
        assert!(!server.contains("growth") && !server.contains("publish"), "{server}");
        let program = of_package(&manifest("cli"), "cli", None);
        assert!(
            program.starts_with("[package]\nname = \"wsbench\"\n") && !program.contains("[lib]"),
            "{program}"
        );
    }

    #[test]
    fn a_published_package_depends_on_published_ones() {
        let workspace = of_workspace(&manifest(".")).unwrap();
        let paths: Vec<_> = workspace.lines().filter(|line| line.contains("path = ")).collect();
        // All but the program.
        assert_eq!(paths.len(), PUBLISHED.len() - 1, "{paths:?}");
        let server = "server = { path = \"server\", package = \"wsbench-server\", version = ";
        assert!(paths.iter().any(|line| line.starts_with(server)), "{paths:?}");
        assert!(paths.iter().all(|line| line.contains("wsbench-")), "{paths:?}");
        assert!(workspace.contains(&format!("\nmembers = {PUBLISHED:?}\n")), "{workspace}");
    }
}
