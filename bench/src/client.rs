//! `wsbench bench` as a client: its CPU time for a message, beside the generator of this program,
//! which sends frames built beforehand over mio.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use nix::{
    sys::resource::{UsageWho, getrusage},
    time::ClockId,
};
use serde::Deserialize;

use crate::{load::Sample, shape::Shape};

/// Fields of the client's JSON report. Others are ignored.
#[derive(Deserialize)]
struct Summary {
    answered: u32,
    /// Length of the measurement.
    seconds: f64,
}

/// Loads the server on `port` for `time`, on the core of this thread, which the client inherits.
///
/// # Errors
/// A failed client, or one that prints no report.
pub(crate) fn measure(program: &Path, port: u16, shape: &Shape, time: Duration) -> Result<Sample> {
    let mut bench = Command::new(program);
    bench
        .args(["bench", &format!("ws://127.0.0.1:{port}/echo")])
        .args(["--in-flight", &shape.in_flight.to_string()])
        .args(["--size", &shape.len.to_string()]);
    run(&mut bench, program, shape, time)
}

/// Measures as [`measure`] does, with virtual users that run a scenario file: a message and its
/// echo, again and again.
///
/// # Errors
/// Those of [`measure`], and a file that cannot be written.
pub(crate) fn measure_scenario(
    program: &Path,
    port: u16,
    shape: &Shape,
    time: Duration,
) -> Result<Sample> {
    let path = std::env::temp_dir().join(format!("wsbench-{port}.ws"));
    let text = "x".repeat(shape.len);
    let scenario = format!(
        "limit 1h\nconnect ws://127.0.0.1:{port}/echo\nrepeat 1000000 {{\n  > {text}\n  < \"{text}\"\n}}\n"
    );
    fs::write(&path, scenario).with_context(|| format!("cannot write {}", path.display()))?;
    let mut bench = Command::new(program);
    bench.args(["bench", "--scenario"]).arg(&path);
    let sample = run(&mut bench, program, shape, time);
    let _ = fs::remove_file(path);
    sample
}

/// Runs the client with the flags of any load, and reads its report and CPU time.
fn run(bench: &mut Command, program: &Path, shape: &Shape, time: Duration) -> Result<Sample> {
    let before = children_cpu()?;
    // The time to start and to connect counts as well: a hundredth.
    let output = bench
        .args(["--json", "--warmup", "0s", "--connections", &shape.connections.to_string()])
        .args(["--duration", &format!("{}ms", time.as_millis())])
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let computed = children_cpu()?.saturating_sub(before).as_secs_f64();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let Summary { answered, seconds } =
        serde_json::from_slice(&output.stdout).context("its report cannot be read")?;
    ensure!(answered > 0, "no echo came in {seconds} s");
    let answered = f64::from(answered);
    Ok(Sample {
        cpu_us: computed * 1e6 / answered,
        echoes_per_s: answered / seconds,
        busy: computed / seconds,
    })
}

/// User and system time of this process.
pub(crate) fn own_cpu() -> Result<Duration> {
    let now = ClockId::CLOCK_PROCESS_CPUTIME_ID.now();
    Ok(now.context("this program's CPU clock cannot be read")?.into())
}

/// User and system time of the child processes that have ended. A difference is that of one client.
fn children_cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = [usage.user_time(), usage.system_time()]
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec());
    Ok(Duration::from_micros(micros.iter().sum::<i64>().try_into()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::SHAPES;

    #[test]
    fn a_client_that_fails_or_says_nothing_is_not_measured() {
        let error = |program: &str| {
            let sample = measure(Path::new(program), 1, &SHAPES[0], Duration::ZERO);
            format!("{:#}", sample.map(|sample| sample.cpu_us).unwrap_err())
        };
        assert!(error("/nonexistent").starts_with("cannot start"));
        assert!(error("true").starts_with("its report cannot be read"));
        measure(Path::new("false"), 1, &SHAPES[0], Duration::ZERO).map(drop).unwrap_err();
    }

    #[test]
    fn the_time_of_ended_processes_is_theirs() {
        let before = children_cpu().unwrap();
        Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 99999 ]; do i=$((i+1)); done"])
            .status()
            .unwrap();
        assert!(children_cpu().unwrap() > before);
        assert!(own_cpu().unwrap() > Duration::ZERO);
    }
}
