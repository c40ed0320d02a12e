//! `cargo xtask fuzz`: the targets of `fuzz/`, with libFuzzer.

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{process, setup, workspace};

/// Seconds for a target in a short run: all of them in a minute.
const SHORT: u64 = 5;

/// Seconds for one input after which it is an error: the slowest bounds allow a tenth of it.
const HANG: u64 = 10;

/// Targets to fuzz, and the time for each.
#[derive(Args)]
pub(crate) struct Flags {
    /// Targets, the files in `fuzz/fuzz_targets` [default: all]
    targets: Vec<String>,
    /// Time for each target, in seconds
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 60)]
    time: u64,
    /// Run each target for a few seconds, as CI does
    #[arg(long, conflicts_with = "time")]
    short: bool,
}

/// Fuzzes one target after the other, and stops at the first that fails. libFuzzer leaves the
/// failing input in `fuzz/artifacts`.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let known = targets()?;
    for target in &flags.targets {
        ensure!(
            known.contains(target),
            "There is no target {target}; there are {}",
            known.join(", ")
        );
    }
    let tools = setup::for_fuzzing()?;
    let time = if flags.short { SHORT } else { flags.time };
    // The sanitizer is a feature of nightly compilers, and there in stable ones.
    let fuzz = |arguments: &[&str]| {
        let mut cargo = tools.cargo();
        cargo.arg("fuzz").args(arguments).env("RUSTC_BOOTSTRAP", "1");
        cargo
    };
    process::run(&mut fuzz(&["build", "--release"]))?;
    let limits = [
        format!("-max_total_time={time}"),
        format!("-timeout={HANG}"),
        "-print_final_stats=1".to_owned(),
        "-verbosity=0".to_owned(),
    ];
    for target in if flags.targets.is_empty() { &known } else { &flags.targets } {
        eprintln!("Fuzzing {target} for {time} s:");
        process::run(fuzz(&["run", "--release", target, "--"]).args(&limits)).with_context(|| {
            format!("{target} failed. `cargo fuzz run --release {target} FILE`, with the file named above, repeats it")
        })?;
    }
    Ok(())
}

/// Names of the targets, in order. Each is a file of `fuzz/fuzz_targets`; `fuzz/Cargo.toml` has to
/// list it, too.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for file in
        fs::read_dir(&folder).with_context(|| format!("Cannot read {}", folder.display()))?
    {
        names.extend(file?.path().file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_is_built() {
        let manifest = fs::read_to_string(workspace::root().join("fuzz/Cargo.toml")).unwrap();
        for target in targets().unwrap() {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
        }
    }
}
