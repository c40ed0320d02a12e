//! Soak test: peers that make a server hold memory, many at a time, and an echo beside them.
//!
//! Each attack has a server of its own. Memory is read before, at its peak and a minute after; the echo
//! is timed from before the attack to its end.

mod attack;
mod client;
mod companion;
mod http2;
mod report;

use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::{Parser, builder::PossibleValuesParser};

use self::{
    attack::{ATTACKS, Attack},
    client::{figure, open},
    companion::Companion,
    report::Row,
};
use crate::{
    idle,
    machine::Machine,
    open::DEFLATE,
    server::{Contestant, Setting},
};

/// Time for which a full attack is held.
const HELD: Duration = Duration::from_secs(20);

/// Time after the warm-up until memory is read: longer than the allocator keeps freed memory.
const SETTLE: Duration = Duration::from_secs(10);

/// Time after an attack until memory is read again.
const AFTER: Duration = Duration::from_mins(1);

/// Limit of the memory that the server holds for peers, half of [the bar](report::MAX_PEAK_KIB).
const MAX_MEMORY: &str = "256MiB";

/// Attack a server, and measure its memory and an echo beside. `cargo xtask soak` builds what it needs.
#[derive(Parser)]
#[command(name = "soak")]
struct Flags {
    /// The release binary of `wsbench`
    #[arg(long, value_name = "PATH")]
    program: PathBuf,
    /// Only this attack; can be given several times
    #[arg(
        long,
        value_name = "NAME",
        value_parser = PossibleValuesParser::new(ATTACKS.iter().map(|it| it.name))
    )]
    only: Vec<String>,
    /// A tenth of the peers
    #[arg(long)]
    quick: bool,
    /// File for the table
    #[arg(long, value_name = "FILE")]
    report: PathBuf,
}

/// Entry point of `soak`. Fails if an attack exceeds a bar.
#[must_use]
pub fn main() -> ExitCode {
    match run(&Flags::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nThe soak test failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Performs the chosen attacks, and writes the table. Returns true if all bars hold.
fn run(flags: &Flags) -> Result<bool> {
    let machine = Machine::read(None);
    let mut rows = Vec::new();
    for attack in ATTACKS {
        if flags.only.is_empty() || flags.only.iter().any(|name| name == attack.name) {
            eprintln!("{}: {}", attack.name, attack.title);
            let row = perform(attack, flags).with_context(|| attack.name)?;
            eprintln!("{}", row.cells().join("  "));
            rows.push(row);
        }
    }
    let text = report::markdown(&machine, MAX_MEMORY, &rows);
    if let Some(folder) = flags.report.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&flags.report, text).context("The report cannot be written")?;
    eprintln!("The table is in {}", flags.report.display());
    Ok(rows.iter().all(Row::is_within))
}

/// Starts a server, attacks it, and measures. Memory is read after as many peers had connected and
/// left, so that one-time setup does not count.
fn perform(attack: &Attack, flags: &Flags) -> Result<Row> {
    let peers = if flags.quick { attack.peers / 10 } else { attack.peers };
    idle::allow(peers)?;
    let limit = ["--max-memory", MAX_MEMORY].map(str::to_owned);
    let contestant = Contestant::wsbench_with(&flags.program, &limit);
    let server = contestant.start_here(Setting { deflate: true, raw_buffer: 0 })?;
    // What as many peers make a server set up once is not what an attack leaves behind.
    drop((0..peers).map(|_| open(server.port, "/echo", DEFLATE)).collect::<Result<Vec<_>>>()?);
    let companion = Companion::start(server.port)?;
    thread::sleep(SETTLE);
    let before = server.rss_kib()?;
    let began = Instant::now();
    let held = (attack.perform)(server.port, peers)?;
    let took = began.elapsed();
    thread::sleep(HELD);
    let echo = companion.stop()?;
    let kept = figure(server.port, "wsbench_memory_held_bytes")?;
    let shed = figure(server.port, "wsbench_shed_total{reason=\"memory\"}")?;
    drop(held);
    thread::sleep(AFTER);
    let after = server.rss_kib()?;
    let peak = server.peak_kib()?;
    let title = attack.title;
    Ok(Row { title, peers, before, peak, after, kept, shed, took, echo })
}
