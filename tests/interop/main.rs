//! `wsbench` and its server with other programs: WebSocket libraries of other languages, proxies, and the servers
//! that the examples talk to. Those that are not installed are left out, with a sentence.

mod compression;
mod examples;
mod grammar;
mod peer;
mod proxies;
mod relayed;

use std::{io::Write, process::Stdio};

use harness::{binary, soon};
use tokio::process::Command;

/// Prints that a test is left out, past the capture of a test's output.
fn left_out(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {what}: {why}.");
}

/// Status and output of `command`, whose input is empty.
async fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let command = command.stdin(Stdio::null()).kill_on_drop(true);
    let output = soon("the program's end", command.output()).await.expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// `wsbench` with these arguments, independent of the environment.
fn wsbench(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary("cli", "wsbench"));
    command.args(arguments);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "GITHUB_ACTIONS"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command
}
