//! Checks of a release: that it can be made again, and that its Debian package works in a clean root.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail, ensure};

use super::release::Release;
use crate::{process, setup, workspace};

/// Makes the files for `target` again from a copy of the sources, in another folder and without git, and compares the
/// bytes with those in `made`.
pub(super) fn again(
    target: &str,
    made: &Path,
    release: &Release,
    repository: Option<&str>,
) -> Result<()> {
    let folder = workspace::target()?.join("package-again");
    workspace::empty(&folder)?;
    let sources = folder.join("sources");
    let listed = process::read(Command::new("git").current_dir(workspace::root()).arg("ls-files"))?;
    for file in listed.lines() {
        let copy = sources.join(file);
        fs::create_dir_all(copy.parent().context("A file is in no folder")?)?;
        fs::copy(workspace::root().join(file), copy)?;
    }
    let mut cargo = workspace::cargo();
    cargo.current_dir(&sources).args(["run", "-p", "xtask", "--", "package", "--target", target]);
    cargo.args(repository.into_iter().flat_map(|url| ["--repository", url]));
    cargo.env("CARGO_TARGET_DIR", folder.join("target")).envs(release.variables());
    process::run(&mut cargo)?;
    for file in super::files(&folder.join("target/package"))? {
        let name = file.file_name().context("A file has no name")?;
        // The sums are of fewer files.
        if name != super::SUMS {
            let (first, second) = (fs::read(made.join(name))?, fs::read(&file)?);
            ensure!(first == second, "{} is not the same the second time", name.display());
            eprintln!("{} is the same, made in another folder without git.", name.display());
        }
    }
    Ok(fs::remove_dir_all(folder)?)
}

/// Installs the Debian package in a new root, boots that, starts, reloads and stops the service there
/// (`packaging/debian/try.sh`), and removes the package. Needs Debian's debootstrap and systemd-nspawn, and the
/// rights of root.
pub(super) fn install(package: &Path) -> Result<()> {
    let root = workspace::target()?.join("package-root");
    remove(&root)?;
    if let Err(error) = setup::debian_root(&root) {
        return process::leave_out(&format!("The Debian package was NOT INSTALLED: {error:#}"));
    }
    copy_into(&root, package, "/root/wsbench.deb")?;
    process::run(&mut inside(&root, &["dpkg", "--install", "/root/wsbench.deb"]))?;
    process::run(&mut inside(&root, &["wsbench", "--version"]))?;
    boot(&root)?;
    process::run(&mut inside(&root, &["dpkg", "--purge", "wsbench"]))?;
    for left in ["usr/bin/wsbench", "etc/default/wsbench", "usr/lib/systemd/system/wsbench.socket"]
    {
        ensure!(!root.join(left).exists(), "{left} is left after the package was purged");
    }
    eprintln!("{} was installed, started, stopped and removed.", package.display());
    remove(&root)
}

/// Boots the root, without a network of the machine, and has it try the service.
fn boot(root: &Path) -> Result<()> {
    let scripts = workspace::root().join("packaging/debian");
    copy_into(root, &scripts.join("try.sh"), "/root/try.sh")?;
    copy_into(root, &scripts.join("try.service"), "/etc/systemd/system/try.service")?;
    process::run(&mut inside(root, &["systemctl", "enable", "try.service"]))?;
    // In control groups of its own: where no systemd runs, the container would take those of this process.
    let mut shell = process::as_root("sh");
    shell.args(["-c", NSPAWN]).arg(root);
    let booted = process::run_within(BOOT_LIMIT, &mut shell);
    let tried = process::read(&mut inside(root, &["cat", "/root/tried"])).unwrap_or_default();
    if process::read(&mut inside(root, &["test", "-e", "/root/passed"])).is_err() {
        booted.with_context(|| tried.clone())?;
        bail!("The service does not do what it should:\n{tried}");
    }
    Ok(())
}

/// Script that boots the root in `$0` in a container without a network. Where no systemd runs,
/// the container is not registered, and gets control groups here.
const NSPAWN: &str = "\
options=
if [ ! -d /run/systemd/system ]; then
    options='--register=no --keep-unit'
    for controller in /sys/fs/cgroup/*/cgroup.procs; do
        group=${controller%/*}/wsbench-package
        mkdir -p $group && echo $$ >$group/cgroup.procs || true
    done 2>/dev/null
fi
exec timeout --kill-after=10 180 systemd-nspawn --quiet --directory \"$0\" --boot $options --private-network --console=pipe </dev/null";

/// Time limit for the boot, the trial and the shutdown, past that of [`NSPAWN`], which has the rights to kill the
/// container.
const BOOT_LIMIT: Duration = Duration::from_secs(200);

/// Command in the root, by `chroot`.
fn inside(root: &Path, command: &[&str]) -> Command {
    let mut chroot = process::as_root("chroot");
    chroot.arg(root).args(command);
    chroot
}

/// Copies a file into the root, which belongs to the user root.
fn copy_into(root: &Path, file: &Path, to: &str) -> Result<()> {
    process::run(process::as_root("cp").arg(file).arg(root.join(&to[1..])))
}

/// Removes a root of an earlier run, or of this one.
fn remove(root: &Path) -> Result<()> {
    if root.exists() {
        process::run(process::as_root("rm").args(["-r", "--one-file-system"]).arg(root))?;
    }
    Ok(())
}
