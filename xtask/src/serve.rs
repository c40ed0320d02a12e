//! `cargo xtask run`: from nothing to a page that talks to the server.

use std::{ffi::OsString, process::Command};

use anyhow::Result;

use crate::{
    page, setup,
    workspace::{self, Profile},
};

pub(crate) fn run(open: bool, flags: &[OsString]) -> Result<()> {
    eprintln!("Looking for what the page is built with:");
    page::build(&setup::for_page()?)?;
    eprintln!("Building the server…");
    let mut server = Command::new(workspace::build("server", "wsbench-server", Profile::Release)?);
    server.args(flags).args(open.then_some("--open"));
    become_program(&mut server)
}

/// Hands this process over, so that Ctrl-C reaches the server alone and its exit status is ours.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;

    use anyhow::Context;
    Err(command.exec()).context("Cannot start the server")
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<()> {
    crate::process::run(command)
}
