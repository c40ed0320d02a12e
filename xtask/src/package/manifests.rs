//! Manifests of other package managers: `packaging/manifests`, filled in for the archives of a release.

use std::{collections::BTreeMap, fs};

use anyhow::{Result, bail};

use super::release::Release;
use crate::workspace;

/// Archives by target, each with its file name and SHA-256.
pub(super) type Archives = BTreeMap<String, (String, String)>;

/// Fills in each manifest, as file name and text. One that names a missing archive is left out,
/// with a warning.
pub(super) fn fill_all(
    repository: &str,
    archives: &Archives,
    release: &Release,
) -> Result<Vec<(String, String)>> {
    let mut filled = Vec::new();
    for file in workspace::files(&workspace::root().join("packaging/manifests"))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match fill(&fs::read_to_string(&file)?, repository, archives, release) {
            Ok(text) => filled.push((name, text)),
            Err(error) => eprintln!("{name} is LEFT OUT: {error}"),
        }
    }
    Ok(filled)
}

/// Replaces `{version}`, `{description}`, `{repository}`, and for a target `{url:TARGET}` and
/// `{sha256:TARGET}`. Fails if an address remains: a manifest must not point to a file that was not
/// made.
fn fill(
    template: &str,
    repository: &str,
    archives: &Archives,
    release: &Release,
) -> Result<String> {
    let mut filled = template
        .replace("{version}", release.version)
        .replace("{description}", super::DESCRIPTION)
        .replace("{repository}", repository);
    for (target, (file, sum)) in archives {
        let url = format!("{repository}/releases/download/v{}/{file}", release.version);
        filled = filled.replace(&format!("{{url:{target}}}"), &url);
        filled = filled.replace(&format!("{{sha256:{target}}}"), sum);
    }
    if let Some((_, rest)) = filled.split_once("{url:") {
        bail!("there is no archive for {}", rest.split('}').next().unwrap_or_default());
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::Value;

    use super::*;
    use crate::process;

    /// Has the program that a manifest is for read `text`, where there is one.
    fn read(text: &str, extension: &str) {
        let [program, flag] = match extension {
            "json" => return drop(serde_json::from_str::<Value>(text).unwrap()),
            "nix" => ["nix-instantiate", "--parse"],
            "rb" => ["ruby", "-c"],
            other => panic!("nothing here reads .{other}"),
        };
        if process::read(Command::new(program).arg("--version")).is_err() {
            return eprintln!("LEFT OUT: there is no {program}");
        }
        let name = format!("wsbench-{}.{extension}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        process::read(Command::new(program).arg(flag).arg(&path)).unwrap();
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn each_manifest_can_be_filled_in_and_names_the_archives_it_needs() {
        let release = Release { version: "1.2.3", commit: String::new(), time: 0 };
        let folder = workspace::root().join("packaging/manifests");
        let files = workspace::files(&folder).unwrap();
        assert_eq!(files.len(), 3, "Homebrew, Nix and Scoop");
        for file in files {
            let template = fs::read_to_string(&file).unwrap();
            let error = fill(&template, "https://x.example", &Archives::new(), &release);
            assert!(error.unwrap_err().to_string().contains("there is no archive for "));
            let targets = [
                "x86_64-unknown-linux-musl",
                "aarch64-unknown-linux-musl",
                "x86_64-pc-windows-gnu",
            ];
            let archives =
                targets.map(|it| (it.to_owned(), (format!("{it}.tar.gz"), "5u3".into())));
            let filled = fill(&template, "https://x.example", &archives.into(), &release).unwrap();
            assert!(filled.contains("https://x.example/releases/download/v1.2.3/"), "{filled}");
            assert!(filled.contains("1.2.3") && filled.contains("5u3"), "{filled}");
            for left in ["{version}", "{description}", "{repository}", "{sha256:"] {
                assert!(!filled.contains(left), "{left} is left in {}", file.display());
            }
            read(&filled, &file.extension().unwrap().to_string_lossy());
        }
    }
}
