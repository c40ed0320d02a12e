//! `wsbench` and its server with other programs: WebSocket libraries of other languages, proxies, and the servers
//! that the examples talk to. Those that are not installed are left out, with a sentence.

mod compression;
mod examples;
mod grammar;
mod peer;
mod proxies;
mod relayed;

use std::io::Write;

use harness::{output, wsbench};

/// Prints that a test is left out, past the capture of a test's output.
fn left_out(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {what}: {why}.");
}
