//! `cargo xtask`: the commands for working on this repository, from set-up to test.

mod architecture;
mod bench;
mod bench_page;
mod conformance;
mod dependencies;
mod fuzz;
mod lint;
mod package;
mod page;
mod process;
mod serve;
mod server;
mod setup;
mod soak;
mod test;
mod workspace;

use std::{ffi::OsString, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use dependencies::{deny, minimum};

/// Set up, build, run, test and lint WebSocket Workbench.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up, build and start the server with the page; prints its address
    Run {
        /// Open the page in the browser
        #[arg(long)]
        open: bool,
        /// Flags for the server, after `--`; see `cargo run server -- --help`
        #[arg(last = true)]
        server: Vec<OsString>,
    },
    /// Set up and run all tests, or one suite
    Test {
        /// Suite to run [default: all]
        #[arg(value_name = "NAME")]
        suite: Option<test::Suite>,
        /// Run the main scenarios of the page in another browser instead
        #[arg(long, value_name = "BROWSER", conflicts_with = "suite")]
        browser: Option<test::Browser>,
        /// Arguments for the test program, after `--`, such as part of a test's name
        #[arg(last = true, requires = "suite")]
        arguments: Vec<OsString>,
    },
    /// Run Autobahn|Testsuite; fails if a case is neither OK nor informational
    Conformance(conformance::Flags),
    /// Check formatting, lints (native and wasm32), documentation and architecture
    Lint,
    /// Check the dependencies: known advisories, licenses, sources
    Deny,
    /// Check that the oldest Rust that Cargo.toml promises builds the programs
    Minimum,
    /// Fuzz what takes input from peers, pages and files
    Fuzz(fuzz::Flags),
    /// Build the page and the release binary, and print their sizes
    Build,
    /// Make a release in target/package: archives, a Debian package, a container's folder
    Package(package::Flags),
    /// Put the built page into the server's package, for `cargo install`
    Carry {
        /// Only check that the page there is of the current sources
        #[arg(long)]
        check: bool,
    },
    /// Benchmark the release server beside a raw TCP echo and npm's ws: docs/bench.md
    Bench {
        /// Options, such as --quick, --only 32x1 or --program PATH; the report goes to target/bench then
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Attack the release server at ten times the size that once took gigabytes: docs/soak.md
    Soak {
        /// Options, such as --quick, --only chat or --program PATH; the report goes to target/soak then
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<OsString>,
    },
    /// Update the tables of docs/endpoints.md and the screenshots of the READMEs
    Document,
    /// Benchmark the page in headless browsers: docs/bench-page*.md
    BenchPage(bench_page::Flags),
    /// Find or install the tools for building and testing
    Setup,
    /// Run trunk with this project's tools on PATH, such as `cargo xtask trunk serve`
    Trunk {
        /// Arguments for trunk
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Remove the installed tools, and a wasm32 target built from source
    CleanTools,
}

/// Prints an error with its causes in one line, and exits with 1.
fn main() -> ExitCode {
    match perform(Flags::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs `command` to its end.
fn perform(command: Command) -> Result<()> {
    match command {
        Command::Run { open, server } => serve::run(open, &server),
        Command::Test { browser: Some(browser), .. } => test::run_in(browser),
        Command::Test { suite, arguments, .. } => test::run(suite, &arguments),
        Command::Conformance(flags) => conformance::run(&flags),
        Command::Lint => lint::run(),
        Command::Deny => deny::run(),
        Command::Minimum => minimum::run(),
        Command::Fuzz(flags) => fuzz::run(&flags),
        Command::Build => page::build_everything(),
        Command::Package(flags) => package::run(&flags),
        Command::Carry { check: true } => package::carried::require_current(),
        Command::Carry { check: false } => package::carried::write(),
        Command::Bench { options } => bench::run(&options),
        Command::Soak { options } => soak::run(&options),
        Command::Document => test::document(),
        Command::BenchPage(flags) => bench_page::run(&flags),
        Command::Setup => setup::everything().map(drop),
        Command::Trunk { args } => process::run(setup::for_page()?.trunk().args(args)),
        Command::CleanTools => setup::clean(),
    }
}
