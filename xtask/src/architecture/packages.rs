//! Dependencies between the packages, and crates that pure packages must not pull in.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{page, process, workspace};

/// Packages of the workspace, each with the packages it may depend on. ARCHITECTURE.md draws the
/// same arrows. A package that is not here is a breach.
const ARROWS: [(&str, &[&str]); 13] = [
    ("session", &[]),
    ("workbench", &["relay", "session"]),
    ("scenario", &["session", "workbench"]),
    ("client", &["session", "workbench"]),
    ("protocol", &[]),
    ("connector", &["protocol", "session"]),
    ("relay", &["session"]),
    ("server", &["connector", "protocol", "relay", "scenario", "session", "workbench"]),
    ("cli", &["connector", "protocol", "scenario", "server", "session", "workbench"]),
    ("tests", &["relay", "server"]),
    ("bench", &[]),
    ("growth", &[]),
    ("xtask", &[]),
];

/// Packages without clock, socket, timer, file, thread or screen.
pub(super) const PURE: [&str; 5] = ["protocol", "relay", "scenario", "session", "workbench"];

/// Crates that a pure package must not depend on, directly or indirectly. Runtimes, sources of
/// randomness, and bindings to the browser.
const IMPURE_CRATES: [&str; 9] = [
    "async-std", "getrandom", "gloo-net", "js-sys", "leptos", "smol", "tokio", "wasm-bindgen",
    "web-sys",
];

/// Package of the workspace with its direct dependencies, without dev-dependencies.
#[derive(Debug)]
struct Package {
    /// Name, and folder in this workspace.
    name: String,
    /// Names of the crates in `[dependencies]` and `[build-dependencies]`, for any target.
    dependencies: Vec<String>,
}

/// Folders of the packages, from the root folder. The fuzz targets are a workspace of their own,
/// and not among them.
pub(super) fn folders() -> Result<Vec<String>> {
    // A package's folder has its name.
    Ok(packages()?.into_iter().map(|package| package.name).collect())
}

/// Lists each dependency that is not allowed. Fails if cargo cannot resolve the workspace.
pub(super) fn breaches() -> Result<Vec<String>> {
    let packages = packages()?;
    let mut breaches = wrong_arrows(&packages);
    breaches.extend(unwatched(&packages, &all_dependencies("client")?));
    for package in packages.iter().filter(|package| PURE.contains(&&*package.name)) {
        breaches.extend(impure_crates(&package.name, &all_dependencies(&package.name)?));
    }
    Ok(breaches)
}

/// Packages of the workspace, as `cargo metadata` describes them.
fn packages() -> Result<Vec<Package>> {
    let mut cargo = workspace::cargo();
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    parse(&process::read(&mut cargo)?)
}

/// Parses the JSON of `cargo metadata --no-deps`.
fn parse(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata["packages"].as_array().context("`cargo metadata` lists no packages")?;
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let package = |package: &Value| {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let of_product = dependencies.filter(|dependency| dependency["kind"] != "dev");
        Package { name: name(package), dependencies: of_product.map(name).collect() }
    };
    Ok(packages.iter().map(package).collect())
}

/// Packages without a line in [`ARROWS`], and dependencies between packages that their line does
/// not list.
fn wrong_arrows(packages: &[Package]) -> Vec<String> {
    let mut breaches = Vec::new();
    for Package { name, dependencies } in packages {
        let Some((_, allowed)) = ARROWS.iter().find(|(package, _)| package == name) else {
            breaches.push(format!("{name} is no package of ARCHITECTURE.md"));
            continue;
        };
        let ours = dependencies.iter().filter(|it| packages.iter().any(|ours| ours.name == **it));
        let wrong = ours.filter(|dependency| !allowed.contains(&&***dependency));
        breaches.extend(wrong.map(|dependency| format!("{name} depends on {dependency}")));
    }
    breaches
}

/// Names of all crates that `package` depends on, directly or indirectly, on any target.
/// Dependencies of tests and of build scripts are left out: they are no part of the result.
fn all_dependencies(package: &str) -> Result<Vec<String>> {
    let mut cargo = workspace::cargo();
    cargo.args(["tree", "-p", package, "--edges", "normal", "--target", "all", "--prefix", "none"]);
    let tree = process::read(cargo.args(["--format", "{p}"]))?;
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    Ok(tree.lines().skip(1).map(name).collect())
}

/// Packages that are compiled into the page and are no source of it in [`page::SOURCES`]: a change
/// in them would not build the page anew.
fn unwatched(packages: &[Package], dependencies: &[String]) -> Vec<String> {
    let ours = packages.iter().filter(|package| dependencies.contains(&package.name));
    let unwatched = ours.filter(|package| !page::SOURCES.contains(&&*package.name));
    unwatched
        .map(|package| {
            format!("{} is part of the page, and no source in xtask/src/page", package.name)
        })
        .collect()
}

/// Crates of [`IMPURE_CRATES`] among the `dependencies` of a pure package.
fn impure_crates(package: &str, dependencies: &[String]) -> Vec<String> {
    let impure = IMPURE_CRATES.iter().filter(|impure| dependencies.iter().any(|it| it == *impure));
    impure.map(|impure| format!("{package} is pure, and depends on {impure}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `cargo metadata` of packages, each a name and its dependencies: `server` or `server (dev)`.
    fn metadata(packages: &[(&str, &[&str])]) -> String {
        let dependency = |dependency: &&str| {
            let (name, kind) = dependency.split_once(' ').unwrap_or((dependency, ""));
            let kind = kind.strip_prefix('(').and_then(|kind| kind.strip_suffix(')'));
            json!({ "name": name, "kind": kind })
        };
        let package = |(name, dependencies): &(&str, &[&str])| {
            let dependencies: Vec<_> = dependencies.iter().map(dependency).collect();
            json!({ "name": name, "dependencies": dependencies })
        };
        let packages: Vec<_> = packages.iter().map(package).collect();
        json!({ "packages": packages }).to_string()
    }

    fn arrows(packages: &[(&str, &[&str])]) -> Vec<String> {
        wrong_arrows(&parse(&metadata(packages)).unwrap())
    }

    #[test]
    fn an_allowed_dependency_is_no_breach() {
        assert_eq!(arrows(&[("protocol", &[]), ("server", &["protocol", "axum"])]), [""; 0]);
    }

    #[test]
    fn a_dependency_against_the_arrows_is_a_breach() {
        let wrong = arrows(&[("protocol", &["server"]), ("server", &[])]);
        assert_eq!(wrong, ["protocol depends on server"]);
        let wrong = arrows(&[("bench", &["server (build)"]), ("server", &[])]);
        assert_eq!(wrong, ["bench depends on server"]);
    }

    #[test]
    fn a_dependency_of_tests_only_is_no_breach() {
        assert_eq!(arrows(&[("bench", &["server (dev)"]), ("server", &[])]), [""; 0]);
    }

    #[test]
    fn an_unknown_package_is_a_breach() {
        assert_eq!(arrows(&[("common", &[])]), ["common is no package of ARCHITECTURE.md"]);
    }

    #[test]
    fn a_package_of_the_page_that_is_no_source_of_it_is_a_breach() {
        let packages = parse(&metadata(&[("relay", &[]), ("server", &[])])).unwrap();
        let parts = ["relay", "leptos"].map(str::to_owned);
        assert_eq!(unwatched(&packages, &parts), [""; 0]);
        let parts = ["server", "leptos"].map(str::to_owned);
        let said = "server is part of the page, and no source in xtask/src/page";
        assert_eq!(unwatched(&packages, &parts), [said]);
    }

    #[test]
    fn an_impure_crate_is_a_breach() {
        let dependencies = ["bytes", "tokio"].map(str::to_owned);
        assert_eq!(
            impure_crates("protocol", &dependencies),
            ["protocol is pure, and depends on tokio"]
        );
    }
}
