//! `soak`: see the library's module, which is for Linux alone.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    bench::soak::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("The soak test reads memory from /proc. Run it on Linux.");
    ExitCode::FAILURE
}
