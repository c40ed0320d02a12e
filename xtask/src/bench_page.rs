//! `cargo xtask bench-page`: benchmark of the page in browsers, beside pages that only count messages.

use std::process::Command;

use anyhow::Result;

use crate::{page, process, setup, test, workspace};

/// Browsers that are measured. Only Chromium is measured with all figures.
const BROWSERS: [&str; 3] = ["chromium", "firefox", "webkit"];

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// One short, less precise round; print the report instead of writing it
    #[arg(long)]
    quick: bool,
    /// Only the endless floods, for this many seconds each; print the report
    #[arg(long, value_name = "SECONDS")]
    floods: Option<u32>,
    /// Only in this browser; each has a report of its own
    #[arg(long, value_parser = BROWSERS)]
    browser: Option<String>,
}

/// Builds the page and the benchmark in release, and runs it in the browsers that are there, one after the
/// other. Sizes of the page's files go along, for the report.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    page::build(&setup::everything()?)?;
    // A release embeds the page that is in dist/ now.
    let build = ["build", "--release", "-p", "tests", "--bin", "bench-page"];
    process::run(workspace::cargo().args(build))?;
    let program = workspace::target()?.join("release/bench-page");
    let others = test::other_browsers();
    let weights = page::weights()?;
    let is_wanted = |name: &&str| flags.browser.as_deref().is_none_or(|only| only == *name);
    let mut result = Ok(());
    for browser in BROWSERS.into_iter().filter(is_wanted) {
        let mut bench = Command::new(&program);
        // Git is asked for the commit of this folder.
        bench.current_dir(workspace::root()).envs(others.clone()).args(["--browser", browser]);
        for page::Weight { file, brotli, .. } in &weights {
            bench.arg("--file").arg(format!("{file}={brotli}"));
        }
        if flags.quick {
            bench.arg("--quick");
        }
        if let Some(seconds) = flags.floods {
            bench.arg("--floods").arg(seconds.to_string());
        }
        if !flags.quick && flags.floods.is_none() {
            bench.arg("--report").arg("docs");
        }
        // One that fails does not keep the next from being measured.
        result = result.and(process::run(&mut bench));
    }
    result
}
