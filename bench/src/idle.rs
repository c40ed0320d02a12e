//! Silent open connections, and their memory in the server.

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{
    frame::{self, Opcode},
    open::{Opened, Protocol, open},
    server::Server,
    stats::ratio,
};

/// Polling interval of memory.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Equal readings after which memory has settled.
const MIN_STEADY: usize = 10;
/// Time limit of settling; less than the half minute after which a server may ping its peers.
const SETTLE_LIMIT: Duration = Duration::from_secs(10);

/// Files that a process has open besides its connections, at most.
const OTHER_FILES: u64 = 100;

/// Result of one round.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// KiB of resident memory for one connection.
    pub(crate) kib: f64,
    /// True if permessage-deflate was negotiated.
    pub(crate) deflates: bool,
}

/// Opens `count` connections to a server that was just started, after a first one that is not
/// counted, and closes them again. A ping to each shows at the end that all are open.
pub(crate) fn measure(server: &Server, count: usize, protocol: Protocol) -> Result<Sample> {
    // What the first connection makes the server set up is not what each one costs.
    let first = open(server.port, 0, protocol)?;
    let deflates = first.deflates;
    let mut connections = vec![first];
    let before = settled(server)?;
    for number in 1..=count {
        let opened =
            open(server.port, number, protocol).with_context(|| format!("connection {number}"))?;
        ensure!(opened.deflates == deflates, "connection {number}: another answer than before");
        connections.push(opened);
    }
    let after = settled(server)?;
    for (number, connection) in connections.iter_mut().enumerate() {
        ping(connection).with_context(|| format!("connection {number} is not open any more"))?;
    }
    Ok(Sample { kib: ratio(after.saturating_sub(before), count), deflates })
}

/// KiB of resident memory, once settled or at the time limit.
pub(crate) fn settled(server: &Server) -> Result<usize> {
    let start = Instant::now();
    let (mut last, mut same) = (server.rss_kib()?, 0);
    while same < MIN_STEADY && start.elapsed() < SETTLE_LIMIT {
        thread::sleep(POLL_INTERVAL);
        let now = server.rss_kib()?;
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}

/// Sends a ping and checks its pong, which is the same with and without compression.
fn ping(connection: &mut Opened) -> Result<()> {
    let payload = b"open?";
    connection.stream.write_all(&frame::masked(Opcode::Ping, payload, [1, 2, 3, 4]))?;
    let pong = frame::unmasked(Opcode::Pong, payload);
    let mut answer = vec![0; pong.len()];
    connection.stream.read_exact(&mut answer)?;
    ensure!(answer == pong, "{answer:02x?} is not the pong");
    Ok(())
}

/// Lets this process and the servers that it starts open as many files as `count` connections need.
///
/// # Errors
/// A sentence when the system does not permit it.
pub(crate) fn allow(count: usize) -> Result<()> {
    let needed = count as u64 + OTHER_FILES;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= needed {
        return Ok(());
    }
    // Raising the hard limit needs privileges.
    if setrlimit(Resource::RLIMIT_NOFILE, needed, hard.max(needed)).is_err() {
        bail!(
            "this user may open {hard} files at most, and {count} connections need {needed}; \
             raise the hard limit (`ulimit -Hn {needed}`, or nofile in limits.conf)"
        );
    }
    Ok(())
}
