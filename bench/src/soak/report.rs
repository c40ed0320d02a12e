//! Table of the attacks, with the bars that each is held to.

use std::time::Duration;

use super::companion::EchoTimes;
use crate::{machine::Machine, report::table};

/// Bar of the peak of resident memory: twice the limit of memory held for peers.
pub(super) const MAX_PEAK_KIB: usize = 512 << 10;

/// Bar of the 99th percentile of echoes beside an attack, in milliseconds.
const MAX_P99_MS: f64 = 50.0;

/// Bar of the memory after an attack: percentage over the memory before it. Code that had not run
/// before and the allocator's index of pages take some.
const RETURN: usize = 10;
/// Minimum of this bar in KiB.
const RETURN_KIB: usize = 4 << 10;

/// Columns of the report.
const HEAD: [&str; 12] = [
    "attack", "peers", "took", "before", "peak", "held", "after", "closed", "echoes", "p50 ms",
    "p99 ms", "max ms",
];

/// Result of an attack. Memory in KiB.
pub(super) struct Row {
    /// Description of the attack.
    pub(super) title: &'static str,
    /// Number of attacking connections.
    pub(super) peers: usize,
    /// Resident memory of the server before the attack.
    pub(super) before: usize,
    /// Largest resident memory during the attack.
    pub(super) peak: usize,
    /// Resident memory of the server a minute after the peers are gone.
    pub(super) after: usize,
    /// Bytes that the server counts as held at the end of the attack.
    pub(super) kept: u64,
    /// Connections closed for memory.
    pub(super) shed: u64,
    /// Time to open and send everything.
    pub(super) took: Duration,
    /// Times of the echoes beside it.
    pub(super) echo: EchoTimes,
}

impl Row {
    /// True if every bar holds.
    pub(super) fn is_within(&self) -> bool {
        self.peak_fits() && self.echo_fits() && self.returns()
    }

    /// True if the peak is within [`MAX_PEAK_KIB`].
    fn peak_fits(&self) -> bool {
        self.peak <= MAX_PEAK_KIB
    }

    /// True if echoes are within [`MAX_P99_MS`].
    fn echo_fits(&self) -> bool {
        self.echo.p99 <= MAX_P99_MS
    }

    /// True if memory is back within [`RETURN`] percent, or [`RETURN_KIB`].
    fn returns(&self) -> bool {
        self.after <= self.before + (self.before * RETURN / 100).max(RETURN_KIB)
    }

    /// Cells in the order of [`HEAD`].
    pub(super) fn cells(&self) -> Vec<String> {
        let mib = |kib: usize| kib.div_ceil(1 << 10);
        let EchoTimes { count, p50, p99, max } = self.echo;
        vec![
            self.title.to_owned(),
            self.peers.to_string(),
            format!("{:.1} s", self.took.as_secs_f64()),
            mib(self.before).to_string(),
            format!("{} {}", mib(self.peak), mark(self.peak_fits())),
            self.kept.div_ceil(1 << 20).to_string(),
            format!("{} {}", mib(self.after), mark(self.returns())),
            self.shed.to_string(),
            count.to_string(),
            format!("{p50:.1}"),
            format!("{p99:.1} {}", mark(self.echo_fits())),
            format!("{max:.0}"),
        ]
    }
}

/// Sign of a bar.
fn mark(fits: bool) -> &'static str {
    if fits { "✓" } else { "✗" }
}

pub(super) fn markdown(machine: &Machine, max_memory: &str, rows: &[Row]) -> String {
    format!(
        "# Soak test\n\n\
         Written by `cargo xtask soak`. Each attack has a server of its own, with `--max-memory \
         {max_memory}`. Memory\nis resident memory in MiB: before the attack (as many peers had connected and left), at its peak, and a minute \
         after the peers are gone. Held is\nwhat the server counts (`wsbench_memory_held_bytes`) while \
         the peers are there; closed, how many of\nthem it closed with 1013. Beside each attack one \
         peer asks for an echo every 5 ms.\n\n\
         The bars: a peak of {} MiB, 99 of 100 echoes within {MAX_P99_MS} ms, and memory back within \
         {RETURN} % or {} MiB of before.\n\n{}\n{}",
        MAX_PEAK_KIB >> 10,
        RETURN_KIB >> 10,
        machine.list(),
        table(&HEAD, rows.iter().map(Row::cells)),
    )
}
