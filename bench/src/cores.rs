//! CPU pinning: one core for the server, another for the load.

use anyhow::{Context, Result};
use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// Cores of a run; twice the same one if the machine has no other.
#[derive(Clone, Copy)]
pub(crate) struct Cores {
    /// Core of the server, by the system's number.
    pub(crate) server: usize,
    /// Core of this process, which makes the load.
    pub(crate) load: usize,
}

impl Cores {
    /// Chooses the first and the last core that this process may use: two threads of one core are
    /// seldom these.
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

/// ID that stands for the calling thread.
fn this_thread() -> Pid {
    Pid::from_raw(0)
}
