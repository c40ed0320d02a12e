//! `cargo xtask package`: a release. Archives, a Debian package, the folder of a container image, manifests of
//! package managers, and their checksums, in `target/package`.

pub(crate) mod carried;
mod check;
mod container;
mod debian;
mod documents;
mod emulated;
mod manifests;
mod program;
mod registry;
mod release;
mod tree;

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use self::{documents::Documents, manifests::Archives, release::Release};
use crate::{page, process, setup, workspace};

/// One line about the program, for package managers.
pub(crate) const DESCRIPTION: &str = "WebSocket server, client, load generator and test runner";

/// Flags of `cargo xtask package`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Target to build for; repeatable [default: static ones for Linux, Windows, and this machine's if it is another]
    #[arg(long, value_name = "TRIPLE")]
    target: Vec<String>,
    /// Address of the repository whose release the manifests of package managers name
    #[arg(long, value_name = "URL", env = "WSBENCH_REPOSITORY")]
    repository: Option<String>,
    /// Install and run what was made, and make it again in another folder to compare it
    #[arg(long)]
    check: bool,
    /// Fail if this is not the tag of the version
    #[arg(long, value_name = "TAG", env = "WSBENCH_TAG")]
    tag: Option<String>,
    /// Make nothing, but publish what was made as the release of this tag, with GitHub's `gh`
    #[arg(long, value_name = "TAG", conflicts_with_all = ["target", "check"])]
    upload: Option<String>,
    /// Only compile for this target; repeatable
    #[arg(long, value_name = "TRIPLE", conflicts_with = "target")]
    compile: Vec<String>,
    /// Only make the packages for a registry of crates, of the last commit
    #[arg(long, conflicts_with_all = ["target", "check", "upload", "compile"])]
    crates: bool,
}

/// Makes the release of the work tree. `target/package` is emptied first; a check runs once
/// everything is made, and fails the command.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    if let Some(tag) = flags.upload.as_ref().or(flags.tag.as_ref()) {
        // Manifests have its addresses.
        let expected = concat!("v", env!("CARGO_PKG_VERSION"));
        ensure!(tag == expected, "The tag is {tag}; that of this version is {expected}");
        release::notes()?;
    }
    if !flags.compile.is_empty() {
        return flags.compile.iter().try_for_each(|target| program::check(target));
    }
    if flags.crates {
        return registry::package(flags.repository.as_deref());
    }
    let folder = workspace::target()?.join("package");
    if let Some(tag) = &flags.upload {
        return upload(&folder, tag);
    }
    let release = Release::now()?;
    let host = program::host()?;
    page::build(&setup::for_page()?)?;
    workspace::empty(&folder)?;
    let programs = programs(&flags.target, &host, &release)?;
    let here = of_this_machine(&programs, &host)?;
    let documents = Documents::of(&here.1)?;
    let repository = flags.repository.as_deref();
    let mut archives = Archives::new();
    let mut debian = None;
    for (target, program) in &programs {
        let bytes = fs::read(program)?;
        let name = format!("wsbench-{}-{target}", release.version);
        let file = program.file_name().context("The program has no name")?.to_string_lossy();
        let packed = documents.archive(&name, &file, &bytes).tar_gz(release.time)?;
        let archive = format!("{name}.tar.gz");
        fs::write(folder.join(&archive), &packed)?;
        archives.insert(target.clone(), (archive, workspace::sum(&packed)));
        let Some(architecture) = debian::architecture(target).filter(|_| is_static(target)) else {
            continue;
        };
        let package = debian::package(architecture, &bytes, &documents, &release, repository)?;
        let file = folder.join(format!("wsbench_{}_{architecture}.deb", release.version));
        fs::write(&file, package)?;
        if *target == here.0 {
            let held = container::write(&folder.join("container"), program, &documents)?;
            eprintln!("The container image holds {held} bytes.");
            debian = Some((target, file));
        }
    }
    match repository {
        Some(repository) => {
            for (name, text) in manifests::fill_all(repository, &archives, &release)? {
                fs::write(folder.join(name), text)?;
            }
        }
        None => eprintln!("Manifests of package managers are LEFT OUT: give --repository URL."),
    }
    write_sums(&folder)?;
    if flags.check {
        let (target, package) = debian.context("There is no static program for this machine")?;
        check::install(&package)?;
        for (target, program) in &programs {
            emulated::check(target, program, &host)?;
        }
        container::check(&folder.join("container"), &release)?;
        carried::check()?;
        registry::package(repository)?;
        check::again(target, &folder, &release, repository)?;
    }
    Ok(())
}

/// Programs by target. Without targets in `asked`, those that cannot be built here are left out,
/// with a warning.
fn programs(asked: &[String], host: &str, release: &Release) -> Result<Vec<(String, PathBuf)>> {
    if !asked.is_empty() {
        let build = |target: &String| Ok((target.clone(), program::build(target, host, release)?));
        return asked.iter().map(build).collect();
    }
    // A static program runs on any Linux.
    let own = Some(host).filter(|it| !it.contains("linux") && !program::TARGETS.contains(it));
    let mut programs = Vec::new();
    for target in program::TARGETS.into_iter().chain(own) {
        match program::build(target, host, release) {
            Ok(program) => programs.push((target.to_owned(), program)),
            Err(error) => process::leave_out(&format!("{target} is LEFT OUT: {error:#}"))?,
        }
    }
    Ok(programs)
}

/// Program that this machine runs, preferably a static one: it writes the documents, and is tried.
fn of_this_machine<'a>(
    programs: &'a [(String, PathBuf)],
    host: &str,
) -> Result<&'a (String, PathBuf)> {
    let (machine, _) = host.split_once('-').context("The host has no machine")?;
    let runs = |target: &str| target == host || (target.starts_with(machine) && is_static(target));
    let found =
        programs.iter().filter(|(target, _)| runs(target)).max_by_key(|(it, _)| is_static(it));
    found.with_context(|| {
        format!("No program runs here to write its man pages: add --target {host}")
    })
}

/// Publishes the files as a release on GitHub, whose tag has to exist.
fn upload(folder: &Path, tag: &str) -> Result<()> {
    let mut gh = Command::new("gh");
    gh.args(["release", "create", tag, "--verify-tag", "--notes", &release::notes()?]);
    process::run(gh.args(files(folder)?))
}

/// Files of the release, in order; the container's folder is left out.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// True for a target whose programs need no shared library, and so run on any Linux.
fn is_static(target: &str) -> bool {
    target.ends_with("-linux-musl")
}

/// File with the checksums of the others.
const SUMS: &str = "SHA256SUMS";

/// Writes [`SUMS`], for `sha256sum --check`, and prints the size of each file.
fn write_sums(folder: &Path) -> Result<()> {
    let mut sums = String::new();
    for path in files(folder)? {
        let content = fs::read(&path)?;
        let name = path.file_name().unwrap_or_default().display();
        writeln!(sums, "{}  {name}", workspace::sum(&content))?;
        println!("{:>12}  {name}", content.len());
    }
    ensure!(!sums.is_empty(), "Nothing was made");
    Ok(fs::write(folder.join(SUMS), sums)?)
}
