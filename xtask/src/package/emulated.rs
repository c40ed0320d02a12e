//! Check of a program for another machine or system, under an emulator.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Result, ensure};

use crate::{process, server::Server, setup, workspace};

/// Emulator of a target.
struct Emulator {
    target: &'static str,
    /// Debian's package with the program.
    package: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
}

/// Emulators by target. 64-bit Arm has memory pages of the largest size that its kernels have: jemalloc, built for
/// smaller ones, would refuse to start.
const EMULATORS: [Emulator; 2] = [
    Emulator {
        target: "aarch64-unknown-linux-musl",
        package: "qemu-user-static",
        program: "qemu-aarch64-static",
        arguments: &["-p", "65536"],
    },
    Emulator { target: "x86_64-pc-windows-gnu", package: WINE, program: WINE, arguments: &[] },
];

/// Windows' interfaces on Linux: the name of the program and of its package.
const WINE: &str = "wine";
/// Oldest Wine that runs a program of today's Rust, whose random numbers are from `ProcessPrng`.
const MIN_WINE: u32 = 9;

/// Time limit for the echo: emulation is slow.
const LIMIT: Duration = Duration::from_mins(1);

/// Runs the program's `--version`, its server, and an echo from that server by its client. Does nothing for the
/// `host` and for a target without an emulator; skipped with a warning where the emulator is missing.
pub(super) fn check(target: &str, program: &Path, host: &str) -> Result<()> {
    let emulator = EMULATORS.iter().find(|emulator| emulator.target == target && target != host);
    let Some(Emulator { package, program: emulator, arguments, .. }) = emulator else {
        return Ok(());
    };
    let provided = setup::package(package, emulator)
        .and_then(|()| if *emulator == WINE { check_wine() } else { Ok(()) });
    if let Err(error) = provided {
        return process::leave_out(&format!("{} was NOT RUN: {error:#}", program.display()));
    }
    let scratch = workspace::target()?.join("package-emulated");
    fs::create_dir_all(&scratch)?;
    let emulated = |flags: &[&str]| {
        let mut command = Command::new(emulator);
        command.args(*arguments).arg(program).args(flags).current_dir(&scratch);
        // Wine's own folder, and not a word of its fonts and sound.
        command.env("WINEPREFIX", scratch.join("wine")).env("WINEDEBUG", "-all");
        command
    };
    process::run(&mut emulated(&["--version"]))?;
    let server = Server::start(&mut emulated(&[]), &scratch)?;
    let url = format!("{}/echo", server.url);
    process::run_within(LIMIT, &mut emulated(&[&url, "-x", "up", "--expect", "up"]))?;
    eprintln!("{} runs under {emulator} {}.", program.display(), arguments.join(" "));
    Ok(())
}

/// Fails for an older Wine than [`MIN_WINE`].
fn check_wine() -> Result<()> {
    let said = process::read(Command::new(WINE).arg("--version"))?;
    let major = said.strip_prefix("wine-").and_then(|version| version.split('.').next());
    let is_new = major.and_then(|major| major.parse().ok()).is_some_and(|it: u32| it >= MIN_WINE);
    ensure!(is_new, "{} is older than Wine {MIN_WINE}", said.trim());
    Ok(())
}
