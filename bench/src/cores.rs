//! CPU pinning: one core for the server, another for the load.

use anyhow::{Context, Result};
use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// The cores of this run; the same one if the machine has no other.
#[derive(Clone, Copy)]
pub(crate) struct Cores {
    pub(crate) server: usize,
    pub(crate) load: usize,
}

impl Cores {
    /// The first and the last of those that this process may use: where a core counts twice, its two
    /// halves are seldom these.
    pub(crate) fn choose() -> Result<Self> {
        let allowed = sched_getaffinity(this_thread()).context("cannot tell the cores")?;
        let is_allowed = |core: &usize| allowed.is_set(*core).unwrap_or(false);
        let mut cores = (0..CpuSet::count()).filter(is_allowed);
        let server = cores.next().context("this process may use no core")?;
        Ok(Self { server, load: cores.next_back().unwrap_or(server) })
    }
}

/// Keeps this thread, and the processes that it starts from now on, on one core.
pub(crate) fn stay_on(core: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(core)?;
    sched_setaffinity(this_thread(), &set).with_context(|| format!("cannot use core {core} alone"))
}

fn this_thread() -> Pid {
    Pid::from_raw(0)
}
