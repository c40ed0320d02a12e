//! Checks of a release: that it can be made again, and that its Debian package works in a clean root.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use super::release::Release;
use crate::{
    process::{self, Running},
    setup, workspace,
};

/// Makes the archive of `target` again from a copy of the sources, in another folder and without git, and
/// compares the bytes.
pub(super) fn again(target: &str, archive: &Path, release: &Release) -> Result<()> {
    let folder = workspace::target()?.join("package-again");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let sources = folder.join("sources");
    let listed = process::read(Command::new("git").current_dir(workspace::root()).arg("ls-files"))?;
    for file in listed.lines() {
        let copy = sources.join(file);
        fs::create_dir_all(copy.parent().context("A file is in no folder")?)?;
        fs::copy(workspace::root().join(file), copy)?;
    }
    let mut cargo = workspace::cargo();
    cargo.current_dir(&sources).args(["run", "-p", "xtask", "--", "package", "--target", target]);
    cargo.env("CARGO_TARGET_DIR", folder.join("target")).envs(release.variables());
    process::run(&mut cargo)?;
    let name = archive.file_name().context("The archive has no name")?;
    let (first, second) = (fs::read(archive)?, fs::read(folder.join("target/package").join(name))?);
    ensure!(first == second, "{} is not the same the second time", name.display());
    eprintln!("{} is the same, made in another folder without git.", name.display());
    Ok(fs::remove_dir_all(folder)?)
}

/// Installs the Debian package in a new root, starts its server by a socket that is handed over, asks it for an
/// echo, stops it, and removes the package. Needs Debian's debootstrap, and the rights of root.
pub(super) fn install(package: &Path) -> Result<()> {
    let root = workspace::target()?.join("package-root");
    remove(&root)?;
    if let Err(error) = setup::debian_root(&root) {
        eprintln!("The Debian package was NOT INSTALLED: {error:#}");
        return Ok(());
    }
    let copy = root.join("tmp/wsbench.deb");
    fs::copy(package, &copy)?;
    process::run(&mut inside(&root, &["dpkg", "--install", "/tmp/wsbench.deb"]))?;
    process::run(&mut inside(&root, &["wsbench", "--version"]))?;
    let result = serve(&root);
    process::run(&mut inside(&root, &["dpkg", "--purge", "wsbench"]))?;
    result?;
    for left in ["usr/bin/wsbench", "etc/default/wsbench", "usr/lib/systemd/system/wsbench.socket"]
    {
        ensure!(!root.join(left).exists(), "{left} is left after the package was purged");
    }
    eprintln!("{} was installed, started, stopped and removed.", package.display());
    remove(&root)
}

/// Starts the installed server with the first client of a socket, as systemd does, and stops it.
fn serve(root: &Path) -> Result<()> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    // `env` drops the rights of root, as DynamicUser= does.
    let server = inside(root, &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
    let mut activate = Command::new("systemd-socket-activate");
    activate.args(["--listen", &free, "--fdname=connections"]);
    activate.arg(server.get_program()).args(server.get_args()).args(["wsbench", "server"]);
    let mut running = Running::start(activate.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let said = running.0.stderr.take().context("It has no standard error")?;
    let mut said = BufReader::new(said).lines().map_while(Result::ok);
    // `Listening on 127.0.0.1:1234 as 3.`
    said.find(|line| line.contains("Listening on")).context("The socket does not listen")?;
    let echo = ["wsbench", &format!("ws://{free}/echo"), "-x", "up", "--expect", "up"];
    let answered = process::read(inside(root, &echo).args(["--timeout", "20"]))?;
    ensure!(answered.trim() == "up", "The installed server answered {answered:?}");
    let id = running.0.id().to_string();
    process::run(Command::new("kill").args(["-TERM", &id]))?;
    let status = running.0.wait()?;
    if !status.success() {
        bail!("The installed server ended with {status}");
    }
    Ok(())
}

/// Command in the root.
fn inside(root: &Path, command: &[&str]) -> Command {
    let mut chroot = Command::new("chroot");
    chroot.arg(root).args(command);
    chroot
}

fn remove(root: &PathBuf) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root).with_context(|| format!("Cannot remove {}", root.display()))?;
    }
    Ok(())
}
