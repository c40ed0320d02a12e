//! Debian package: the static program with its documents, as a service (`packaging/systemd`).

use std::fs;

use anyhow::{Context, Result};

use super::{
    documents::Documents,
    release::Release,
    tree::{FILE, PROGRAM, Tree, gz},
};
use crate::workspace;

/// Folders of the completions, by shell.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/wsbench"),
    ("fish", "usr/share/fish/vendor_completions.d/wsbench.fish"),
    ("zsh", "usr/share/zsh/vendor-completions/_wsbench"),
];

/// Files of `packaging/` by their place in the system.
const SERVICE: [(&str, &str); 3] = [
    ("systemd/wsbench.service", "usr/lib/systemd/system/wsbench.service"),
    ("systemd/wsbench.socket", "usr/lib/systemd/system/wsbench.socket"),
    ("debian/default", CONFIGURATION),
];

/// Configuration of the service: an upgrade keeps the administrator's changes.
const CONFIGURATION: &str = "etc/default/wsbench";

/// Maintainer scripts, which `dpkg` runs around installation and removal (Debian Policy 6).
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Folder of the licenses and texts, which Debian keeps compressed (Debian Policy 12.3).
const DOCUMENTATION: &str = "usr/share/doc/wsbench";

/// Debian's name of the processor that `target` is for; `None` for other systems than Linux, and
/// for processors without a package.
pub(super) fn architecture(target: &str) -> Option<&'static str> {
    match target.split_once('-')? {
        ("x86_64", system) if system.contains("linux") => Some("amd64"),
        ("aarch64", system) if system.contains("linux") => Some("arm64"),
        _ => None,
    }
}

/// Makes the package: an `ar` archive of the format's version, of `control.tar.gz` and of
/// `data.tar.gz`, in this order (deb(5)). All times are the release's, so that the same sources
/// give the same bytes.
pub(super) fn package(
    architecture: &str,
    program: &[u8],
    documents: &Documents,
    release: &Release,
    homepage: Option<&str>,
) -> Result<Vec<u8>> {
    let data = data(program, documents)?;
    let mut control = Tree::default();
    control.add("control", FILE, control_file(architecture, &data, release, homepage));
    control.add("conffiles", FILE, format!("/{CONFIGURATION}\n"));
    for script in SCRIPTS {
        control.add(script, PROGRAM, packaging(&format!("debian/{script}"))?);
    }
    let mut package = b"!<arch>\n".to_vec();
    append(&mut package, "debian-binary", b"2.0\n", release.time);
    append(&mut package, "control.tar.gz", &control.tar_gz(release.time)?, release.time);
    append(&mut package, "data.tar.gz", &data.tar_gz(release.time)?, release.time);
    Ok(package)
}

/// Installed files, by their place in the system.
fn data(program: &[u8], documents: &Documents) -> Result<Tree> {
    let mut data = Tree::default();
    data.add("usr/bin/wsbench", PROGRAM, program);
    for (name, page) in &documents.man {
        data.add(format!("usr/share/man/man1/{name}.gz"), FILE, gz(page.as_bytes())?);
    }
    for (shell, text) in &documents.completions {
        let place = COMPLETIONS.iter().find(|(named, _)| named == shell);
        let (_, place) = place.with_context(|| format!("Debian has no folder for {shell}"))?;
        data.add(*place, FILE, text.as_bytes());
    }
    for (file, place) in SERVICE {
        data.add(place, FILE, packaging(file)?);
    }
    for (name, text) in &documents.texts {
        data.add(format!("{DOCUMENTATION}/{name}.gz"), FILE, gz(text.as_bytes())?);
    }
    data.add(format!("{DOCUMENTATION}/copyright"), FILE, copyright(documents)?);
    Ok(data)
}

/// Fields of the package, as `dpkg` reads them (deb-control(5)). The installed size is in KiB.
fn control_file(
    architecture: &str,
    data: &Tree,
    release: &Release,
    homepage: Option<&str>,
) -> String {
    let bytes: usize = data.files().map(|(_, content)| content.len()).sum();
    // A version of Debian's begins with a digit, and `~` sorts before the release.
    let version = release.version.replace('-', "~");
    let homepage = homepage.map(|url| format!("Homepage: {url}\n")).unwrap_or_default();
    format!(
        "Package: wsbench\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: {MAINTAINER}\n\
         Installed-Size: {}\n\
         Section: net\n\
         Priority: optional\n\
         {homepage}\
         Description: {}\n \
         One program: a server with test endpoints and a page to try any server from a\n \
         browser, a client for terminals and scripts, a load generator, and a test runner.\n",
        bytes.div_ceil(1 << 10),
        super::DESCRIPTION
    )
}

/// Placeholder for a maintainer: `dpkg` requires one.
const MAINTAINER: &str = "WebSocket Workbench <wsbench@localhost>";

/// Text of `copyright`, which every package has to carry (Debian Policy 12.5).
fn copyright(documents: &Documents) -> Result<String> {
    let license = documents.texts.iter().find(|(name, _)| name == "LICENSE-MIT");
    let (_, license) = license.context("The MIT license is not among the documents")?;
    Ok(format!(
        "wsbench is under the MIT license below, or, as you like, under the Apache License 2.0\n\
         (/usr/share/common-licenses/Apache-2.0). The licenses of what it contains are in\n\
         THIRD-PARTY.md.gz beside this file.\n\n{license}"
    ))
}

/// Content of a file in `packaging/`.
fn packaging(file: &str) -> Result<Vec<u8>> {
    let path = workspace::root().join("packaging").join(file);
    fs::read(&path).with_context(|| format!("Cannot read {}", path.display()))
}

/// Appends a member of an `ar` archive: a header of 60 bytes, the content, and a newline if its
/// length is odd.
fn append(package: &mut Vec<u8>, name: &str, content: &[u8], time: u64) {
    let len = content.len();
    let header = format!("{name:<16}{time:<12}{:<6}{:<6}{:<8}{len:<10}`\n", 0, 0, "100644");
    package.extend(header.as_bytes());
    package.extend(content);
    if len % 2 == 1 {
        package.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::process;

    fn documents() -> Documents {
        let texts = [("LICENSE-MIT", "MIT"), ("THIRD-PARTY.md", "others")];
        Documents {
            man: vec![("wsbench.1".to_owned(), ".TH wsbench 1".to_owned())],
            completions: vec![("bash", "complete".to_owned())],
            texts: texts.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec(),
        }
    }

    /// `dpkg-deb` is the judge, where it is.
    #[test]
    fn dpkg_reads_the_package_and_finds_all_of_it() {
        let release =
            Release { version: "1.2.0-rc.1", commit: "abc".to_owned(), time: 1_700_000_000 };
        let package = || {
            let homepage = Some("https://x.example");
            super::package("amd64", b"program", &documents(), &release, homepage).unwrap()
        };
        let (package, again) = (package(), package());
        assert_eq!(package, again);
        let path = std::env::temp_dir().join(format!("wsbench-{}.deb", std::process::id()));
        fs::write(&path, package).unwrap();
        let dpkg = |option: &str, more: &[&str]| {
            process::read(Command::new("dpkg-deb").arg(option).arg(&path).args(more))
        };
        if process::read(Command::new("dpkg-deb").arg("--version")).is_ok() {
            let fields = dpkg("--field", &["Version", "Homepage"]).unwrap();
            assert_eq!(fields, "Version: 1.2.0~rc.1\nHomepage: https://x.example\n");
            let listed = dpkg("--contents", &[]).unwrap();
            for place in ["usr/bin/wsbench", "usr/share/man/man1/wsbench.1.gz", CONFIGURATION] {
                let line = listed.lines().find(|line| line.ends_with(place));
                assert!(line.is_some_and(|line| line.contains("root/root")), "{place}: {listed}");
            }
            let control = dpkg("--info", &["conffiles"]).unwrap();
            assert_eq!(control, format!("/{CONFIGURATION}\n"));
        } else {
            eprintln!("LEFT OUT: there is no dpkg-deb");
        }
        fs::remove_file(path).unwrap();
    }

    /// Exposure of the service, at most: `systemd-analyze security`.
    const MAX_EXPOSURE: f64 = 1.5;

    #[test]
    fn the_service_is_exposed_to_little() {
        let unit = workspace::root().join("packaging/systemd/wsbench.service");
        let analyze = process::read(
            Command::new("systemd-analyze")
                .args(["security", "--offline=true", "--no-pager"])
                .arg(unit),
        );
        match analyze {
            Ok(said) => {
                let (_, figure) = said.rsplit_once("wsbench.service: ").unwrap();
                let exposure: f64 = figure.split(' ').next().unwrap().parse().unwrap();
                assert!(exposure <= MAX_EXPOSURE, "{said}");
            }
            Err(error) => eprintln!("LEFT OUT: {error:#}"),
        }
    }

    #[test]
    fn a_machine_has_debians_name() {
        assert_eq!(architecture("x86_64-unknown-linux-musl"), Some("amd64"));
        assert_eq!(architecture("aarch64-unknown-linux-musl"), Some("arm64"));
        assert_eq!(architecture("x86_64-pc-windows-gnu"), None);
    }
}
