//! `cargo xtask run`: builds the page and the server, and starts the server.

use std::{ffi::OsString, process::Command};

use anyhow::Result;

use crate::{
    page, setup,
    workspace::{self, Profile},
};

/// Builds the page and the server, and becomes the server. `flags` go to it as they are; `open` has
/// it open the browser.
pub(crate) fn run(open: bool, flags: &[OsString]) -> Result<()> {
    eprintln!("Looking for the tools of the page:");
    page::build(&setup::for_page()?)?;
    eprintln!("Building the server…");
    let mut server = Command::new(workspace::build("cli", "wsbench", Profile::Release)?);
    server.arg("server").args(flags).args(open.then_some("--open"));
    become_program(&mut server)
}

/// Replaces this process by the server, so that Ctrl-C reaches it alone and its exit status is returned.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    use anyhow::Context;
    Err(command.exec()).context("Cannot start the server")
}

/// Runs the server as a child: only Unix can replace a process.
#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<()> {
    crate::process::run(command)
}
