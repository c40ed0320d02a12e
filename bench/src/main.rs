//! `bench`: see the library, which is for Linux alone.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    bench::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("The bench reads CPU time and memory from /proc. Run it on Linux.");
    ExitCode::FAILURE
}
