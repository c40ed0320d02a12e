//! Container image: the folder to build it from, and a test of the image where a builder is.

use std::{fs, path::Path, process::Command, thread, time::Duration};

use anyhow::{Context, Result, bail, ensure};

use super::{documents::Documents, release::Release, tree::gz};
use crate::{process, workspace};

/// Upper bound of the image's content, in bytes.
const MAX_BYTES: u64 = 15_000_000;

/// Programs that build and run images, by one command line.
const BUILDERS: [&str; 2] = ["docker", "podman"];

/// Words of a runtime on a machine that lets it run nothing, such as one that is a container itself.
const REFUSALS: [&str; 2] = ["setrlimit", "cgroups"];

/// Number of health checks until the server counts as broken, a second apart.
const ATTEMPTS: u32 = 20;

/// Writes the folder, and returns the bytes of its files. It holds the program, its licenses and
/// the Containerfile, and is the whole context of a build. The notices of crates are compressed: as text they are
/// a twentieth of the image. Fails above [`MAX_BYTES`].
pub(super) fn write(folder: &Path, program: &Path, documents: &Documents) -> Result<u64> {
    let licenses = folder.join("licenses");
    fs::create_dir_all(&licenses)?;
    fs::copy(workspace::root().join("packaging/Containerfile"), folder.join("Containerfile"))?;
    fs::copy(program, folder.join("wsbench"))?;
    for (name, text) in documents.texts.iter().filter(|(name, _)| is_license(name)) {
        if name.starts_with("THIRD-PARTY") {
            fs::write(licenses.join(format!("{name}.gz")), gz(text.as_ref())?)?;
        } else {
            fs::write(licenses.join(name), text)?;
        }
    }
    let files = workspace::files(folder)?;
    let bytes = files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum::<Result<u64>>()?;
    ensure!(bytes <= MAX_BYTES, "The image would hold {bytes} bytes; {MAX_BYTES} are the most");
    Ok(bytes)
}

/// True for the program's licenses, and for the notices of the crates in it.
fn is_license(name: &str) -> bool {
    name.starts_with("LICENSE") || name.starts_with("THIRD-PARTY")
}

/// Builds the image, starts it, and asks it for an echo as its health check does. A machine without
/// a builder, or with one that may start nothing, skips the check with a warning.
pub(super) fn check(folder: &Path, release: &Release) -> Result<()> {
    let works = |builder: &&&str| process::read(Command::new(**builder).arg("info")).is_ok();
    let Some(builder) = BUILDERS.iter().find(works) else {
        return process::leave_out(
            "The image was NOT BUILT: there is neither a running docker nor podman.",
        );
    };
    let image = format!("wsbench:{}", release.version);
    let mut build = Command::new(builder);
    build.current_dir(folder).args(["build", "--tag", &image, "--file", "Containerfile", "."]);
    process::run(&mut build)?;
    let started = process::read(Command::new(builder).args(["run", "--detach", "--rm", &image]));
    let started = match started {
        Err(error) if REFUSALS.iter().any(|refusal| error.to_string().contains(refusal)) => {
            return process::leave_out(&format!("The image was built and NOT RUN: {error}"));
        }
        started => started?,
    };
    let container = started.trim();
    let well = wait_until_well(builder, container);
    process::run(Command::new(builder).args(["stop", container]))?;
    well
}

/// Runs the health check of the Containerfile in the container until it succeeds, [`ATTEMPTS`]
/// times at most. The command is read from the file, so that the check itself is tested.
fn wait_until_well(builder: &str, container: &str) -> Result<()> {
    let file = fs::read_to_string(workspace::root().join("packaging/Containerfile"))?;
    let (_, check) = file.split_once("HEALTHCHECK").context("It has no health check")?;
    let (_, check) = check.split_once("CMD ").context("The health check has no command")?;
    let check: Vec<String> = serde_json::from_str(check.lines().next().unwrap_or_default())?;
    for _ in 0..ATTEMPTS {
        if process::read(Command::new(builder).args(["exec", container]).args(&check)).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_secs(1));
    }
    bail!("The container's health check failed {ATTEMPTS} times")
}
