//! `cargo xtask bench-page`: benchmark of the page in a browser, beside pages that only count messages.

use std::process::Command;

use anyhow::Result;

use crate::{page, process, setup, test, workspace};

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// One short, less precise round; print the report instead of writing it
    #[arg(long)]
    quick: bool,
    /// Only the endless floods in three browsers, for this many seconds each; print the report
    #[arg(long, value_name = "SECONDS")]
    floods: Option<u32>,
    /// Only in this browser: chromium, firefox or webkit
    #[arg(long, requires = "floods")]
    browser: Option<String>,
}

/// Builds the page and the benchmark in release, and runs it in the browsers that are there. Sizes
/// of the page's files go along, for the report.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    page::build(&setup::everything()?)?;
    // A release embeds the page that is in dist/ now.
    let build = ["build", "--release", "-p", "tests", "--bin", "bench-page"];
    process::run(workspace::cargo().args(build))?;
    let mut bench = Command::new(workspace::target()?.join("release/bench-page"));
    // Git is asked for the commit of this folder.
    bench.current_dir(workspace::root());
    bench.envs(test::other_browsers());
    for page::Weight { file, brotli, .. } in page::weights()? {
        bench.arg("--file").arg(format!("{file}={brotli}"));
    }
    if flags.quick {
        bench.arg("--quick");
    }
    if let Some(seconds) = flags.floods {
        bench.arg("--floods").arg(seconds.to_string());
    }
    if let Some(browser) = &flags.browser {
        bench.arg("--browser").arg(browser);
    }
    if !flags.quick && flags.floods.is_none() {
        bench.arg("--report").arg("docs");
    }
    process::run(&mut bench)
}
