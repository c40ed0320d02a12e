//! Report on a load by a scenario: the lines of any load, and one for each step.

use std::{fmt::Write as _, time::Duration};

use scenario::{Scenario, Secrets};
use serde_json::{Value, json};
use session::visible_line;

use super::tally::{Iterations, StepTally, Tally};
use crate::{
    bench::{
        figures::quantile,
        flags::BenchFlags,
        measure::{Results, format_rate, per_second},
        report::{
            counted_rate, latency, micros, object, outcome, quantiles, results_json, seconds,
        },
        threshold::Threshold,
        verdict,
    },
    process::Exit,
    quantity::{format_count, format_counted, format_duration},
    run::ScenarioFile,
};

/// Prints the report, then a sentence for each condition that fails the load. Returns the exit
/// status.
///
/// Conditions are those of the flags, of the rate, and of `require` lines of the file, which hold
/// for all iterations together.
pub(super) fn print(
    flags: &BenchFlags,
    source: &ScenarioFile,
    scenario: &Scenario,
    tally: Tally,
    time: Duration,
) -> Exit {
    let path = source.path().display().to_string();
    let mut results = Results::new();
    let Tally { window, iterations, steps, connect, failures, first_error, .. } = tally;
    results.fill(window, time);
    let secrets = flags.scenario.run.secrets();
    results.connections = flags.connections;
    (results.connect, results.failures) = (connect, failures);
    results.first_error = first_error.map(|error| secrets.hide(&error));
    let mut complaints = iterations.complaints(flags, time);
    complaints.extend(verdict::complaints(flags, &results));
    if iterations.passed + iterations.failed + results.counts.answered == 0 {
        complaints.push("No step passed during the measurement.".to_owned());
    }
    for requirement in scenario.requirements(flags.scenario.run.only.as_deref()) {
        let percentile = |share: u8| quantile(&results.latency, f64::from(share) / 100.0);
        complaints
            .extend(requirement.unmet(percentile).map(|it| format!("Required by the file: {it}")));
    }
    let steps: Vec<_> = steps.into_values().collect();
    let text = if flags.output.json {
        let steps = steps.iter().map(|step| step_json(source, step, &secrets));
        let mut report = results_json(&results, flags.rate.is_some());
        report.extend(object(json!({
            "scenario": path,
            "iterations": iterations.json(),
            "rate_reached": flags.rate.map(|rate| iterations.is_at_rate(rate, time)),
            "steps": steps.collect::<Value>(),
            "failed": complaints,
            "requested": requested_json(flags, &path),
        })));
        format!("{}\n", Value::from(report))
    } else {
        let mut text = text(flags, &path, &results, &iterations);
        for step in &steps {
            step_text(&mut text, source, step, &secrets);
        }
        text
    };
    verdict::print(&text, &complaints, &[results])
}

/// Flags of the load, for the part `requested` of the JSON.
fn requested_json(flags: &BenchFlags, path: &str) -> Value {
    json!({
        "scenario": path,
        "section": flags.scenario.run.only,
        "seed": flags.scenario.run.seed,
        "connections": flags.connections,
        "rate": flags.rate,
        "ramp_seconds": seconds(flags.ramp),
        "warmup_seconds": seconds(flags.warmup),
        "duration_seconds": seconds(flags.duration),
        "fail_if": flags.output.fail_if.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Summary lines, before the lines of the steps.
fn text(flags: &BenchFlags, path: &str, results: &Results, iterations: &Iterations) -> String {
    let connections =
        format_counted(u64::from(results.connections), "virtual user", "virtual users");
    let mut text = format!("{path}\n  {connections}, {}\n", format_duration(results.time));
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<10} {value}");
    };
    line("Iterations", &iterations.text(flags.rate.is_some(), results.time));
    let failed = format_count(results.counts.errors);
    let steps = counted_rate(results.counts.answered, results.time);
    line("Steps", &format!("{steps}; {failed} failed"));
    line("Latency", &latency(results, flags.rate.map(|_| "start of the iteration")));
    outcome(&mut line, results);
    text
}

impl Iterations {
    /// Iterations begun in the measurement.
    fn begun(&self) -> u64 {
        self.passed + self.failed + self.unfinished
    }

    /// True if iterations began at the rate, up to the tolerance of [`verdict::is_share_reached`].
    fn is_at_rate(&self, rate: u32, time: Duration) -> bool {
        verdict::is_share_reached(self.begun(), f64::from(rate) * time.as_secs_f64())
    }

    /// Sentences about iterations that the rate wanted, unless thresholds are about them.
    fn complaints(&self, flags: &BenchFlags, time: Duration) -> Vec<String> {
        let is_default =
            |is_about: fn(&Threshold) -> bool| !flags.output.fail_if.iter().any(is_about);
        let mut complaints = Vec::new();
        if let Some(rate) = flags.rate
            && is_default(Threshold::is_about_rate)
            && !self.is_at_rate(rate, time)
        {
            complaints.push(format!(
                "The rate was not reached: {} of {} iterations per second were started.",
                format_rate(per_second(self.begun(), time)),
                format_count(rate.into()),
            ));
        }
        if self.unfinished > 0 && is_default(Threshold::is_about_missing) {
            let iterations = format_counted(self.unfinished, "iteration", "iterations");
            complaints.push(format!("{iterations} did not finish."));
        }
        complaints
    }

    /// Numbers for the summary; iterations that did not end or begin with a rate only.
    fn text(&self, has_rate: bool, time: Duration) -> String {
        let failed = format_count(self.failed);
        let mut text = format!("{}; {failed} failed", counted_rate(self.passed, time));
        if has_rate {
            let [unfinished, not_begun] = [self.unfinished, self.not_begun].map(format_count);
            let _ = write!(text, ", {unfinished} not finished, {not_begun} not started");
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "passed": self.passed,
            "failed": self.failed,
            "unfinished": self.unfinished,
            "not_started": self.not_begun,
        })
    }
}

/// Lines of a step: its place and text, its numbers, its latency, and the first failure. Secrets
/// are hidden.
fn step_text(text: &mut String, source: &ScenarioFile, step: &StepTally, secrets: &Secrets) {
    let place = source.text.place(&step.span);
    let shown = source.text.get(&step.span).lines().next().unwrap_or_default();
    let latency = step.latency.as_ref().filter(|it| !it.is_empty()).map(quantiles);
    let latency = latency.map(|latency| format!("; {latency}")).unwrap_or_default();
    let _ = writeln!(
        text,
        "  {}:{} {}\n            {} passed, {} failed{latency}",
        place.file,
        place.at.line,
        visible_line(&secrets.hide(shown)),
        format_count(step.passed),
        format_count(step.failed),
    );
    if let Some(failure) = &step.first_failure {
        let _ = writeln!(text, "            first: {}", visible_line(&secrets.hide(failure)));
    }
}

/// Step for the JSON, with latencies in microseconds.
fn step_json(source: &ScenarioFile, step: &StepTally, secrets: &Secrets) -> Value {
    let place = source.text.place(&step.span);
    json!({
        "file": place.file,
        "line": place.at.line,
        "step": secrets.hide(source.text.get(&step.span)),
        "passed": step.passed,
        "failed": step.failed,
        "latency_us": step.latency.as_ref().map_or(Value::Null, micros),
        "first_failure": step.first_failure.as_deref().map(|it| secrets.hide(it)),
    })
}
