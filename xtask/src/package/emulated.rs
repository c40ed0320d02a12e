//! Check of a program for 64-bit Arm, on a machine that is none: under QEMU.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{process, setup, workspace};

/// Emulator of the processor, for one program.
const QEMU: &str = "qemu-aarch64-static";
/// Size of the largest memory pages of 64-bit Arm kernels, in bytes: jemalloc, built for smaller
/// ones, would refuse to start.
const PAGE: &str = "65536";
/// Time limit for the server to listen, and for the echo: emulation is slow.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the program's `--version`, its server, and an echo from that server by its client. Skipped
/// with a warning where the emulator is missing.
pub(super) fn check(program: &Path) -> Result<()> {
    if let Err(error) = setup::package("qemu-user-static", QEMU) {
        return process::leave_out(&format!("{} was NOT RUN: {error:#}", program.display()));
    }
    let emulated = |arguments: &[&str]| {
        let mut qemu = Command::new(QEMU);
        qemu.args(["-p", PAGE]).arg(program).args(arguments);
        qemu
    };
    process::run(&mut emulated(&["--version"]))?;
    let port_file = workspace::target()?.join("package-port");
    let _ = fs::remove_file(&port_file);
    let path = port_file.to_string_lossy();
    let server = ["server", "--listen", "127.0.0.1:0", "--port-file", &*path];
    let _server = process::Running::start(&mut emulated(&server))?;
    let start = Instant::now();
    let port = loop {
        let port = fs::read_to_string(&port_file).unwrap_or_default();
        if port.ends_with('\n') {
            break port;
        }
        ensure!(start.elapsed() < LIMIT, "The server does not listen under {QEMU}");
        thread::sleep(Duration::from_millis(50));
    };
    let url = format!("ws://127.0.0.1:{}/echo", port.trim());
    process::run_within(LIMIT, &mut emulated(&[&url, "-x", "up", "--expect", "up"]))?;
    eprintln!("{} runs under {QEMU} with pages of {PAGE} bytes.", program.display());
    Ok(())
}
