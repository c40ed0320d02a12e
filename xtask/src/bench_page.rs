//! `cargo xtask bench-page`: the page measured in a browser, beside pages that only count.

use std::process::Command;

use anyhow::Result;

use crate::{page, process, setup, workspace};

/// How much is measured.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// One short round, which says less; the report is printed, not written
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(flags: &Flags) -> Result<()> {
    page::build(&setup::everything()?)?;
    // Built in release, the server carries the page that lies in dist/ now.
    let build = ["build", "--release", "-p", "tests", "--bin", "bench-page"];
    process::run(workspace::cargo().args(build))?;
    let mut bench = Command::new(workspace::target()?.join("release/bench-page"));
    // The commit is that of this repository.
    bench.current_dir(workspace::root());
    for page::Weight { file, brotli, .. } in page::weights()? {
        bench.arg("--file").arg(format!("{file}={brotli}"));
    }
    if flags.quick {
        bench.arg("--quick");
    } else {
        bench.arg("--report").arg("docs");
    }
    process::run(&mut bench)
}
