//! Report on a load by a scenario: that of other loads, and a line for each step.

use std::{fmt::Write as _, io::Write as _, time::Duration};

use scenario::Scenario;
use serde_json::{Value, json};
use session::visible_line;

use super::tally::{Step, Tally};
use crate::{
    bench::{
        figures::quantile,
        flags::BenchFlags,
        measure::Results,
        report::{Report, Requested, counted_rate, micros, quantiles, seconds},
        verdict,
    },
    process::{Exit, print_document, print_error},
    quantity::{format_count, format_counted, format_duration},
    run::Source,
    variables::Secrets,
};

/// Prints the report, and sentences about what makes the load fail. Returns the exit status.
pub(super) fn print(
    flags: &BenchFlags,
    source: &Source,
    scenario: &Scenario,
    tally: Tally,
    time: Duration,
) -> Exit {
    let path = source.path().display().to_string();
    let mut results = Results::new();
    let Tally { window, passed, failed, steps, connect, failures, first_error, .. } = tally;
    results.take(window, time);
    let secrets = flags.scenario.variables.secrets();
    results.connections = flags.connections;
    (results.connect, results.failures) = (connect, failures);
    results.first_error = first_error.map(|error| secrets.hide(&error));
    let mut complaints = verdict::complaints(flags, &results);
    if passed + failed + results.counts.answered == 0 {
        complaints.push("No step passed in the measurement.".to_owned());
    }
    for requirement in scenario.requirements() {
        let percentile = |share: u8| quantile(&results.latency, f64::from(share) / 100.0);
        complaints.extend(
            requirement.unmet(percentile).map(|it| format!("As required by the file: {it}")),
        );
    }
    let steps: Vec<_> = steps.into_values().collect();
    let text = if flags.output.json {
        let requested = Requested { flags, urls: &[], size: 0 };
        let mut report = Report::new(&requested, &path, &results).json_with(&[]);
        if let Value::Object(object) = &mut report {
            for key in
                ["url", "size", "bytes_out_per_second", "rate_reached", "latency_from_schedule"]
            {
                object.remove(key);
            }
            let steps = steps.iter().map(|step| step_json(source, step, &secrets));
            object.insert("scenario".to_owned(), path.clone().into());
            object.insert("rounds".to_owned(), json!({ "passed": passed, "failed": failed }));
            object.insert("steps".to_owned(), steps.collect());
            object.insert("failed".to_owned(), json!(complaints));
            object.insert("requested".to_owned(), requested_json(flags, &path));
        }
        format!("{report}\n")
    } else {
        let mut text = text(&path, &results, (passed, failed));
        for step in &steps {
            step_text(&mut text, source, step, &secrets);
        }
        text
    };
    let printed = print_document(|out| out.write_all(text.as_bytes()));
    for complaint in &complaints {
        print_error(complaint);
    }
    match printed {
        Exit::Done => verdict::exit([&results].into_iter(), !complaints.is_empty()),
        failed => failed,
    }
}

fn requested_json(flags: &BenchFlags, path: &str) -> Value {
    json!({
        "scenario": path,
        "section": flags.scenario.only,
        "seed": flags.scenario.seed,
        "connections": flags.connections,
        "ramp_seconds": seconds(flags.ramp),
        "warmup_seconds": seconds(flags.warmup),
        "duration_seconds": seconds(flags.duration),
        "fail_if": flags.output.fail_if.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn text(path: &str, results: &Results, (passed, failed): (u64, u64)) -> String {
    let connections = format_counted(u64::from(results.connections), "person", "persons");
    let mut text = format!("{path}\n  {connections}, {}\n", format_duration(results.time));
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<9} {value}");
    };
    let failed = format_count(failed);
    line("Rounds", &format!("{}; {failed} failed", counted_rate(passed, results.time)));
    let failed = format_count(results.counts.errors);
    let steps = counted_rate(results.counts.answered, results.time);
    line("Steps", &format!("{steps}; {failed} failed"));
    line("Latency", &quantiles(&results.latency));
    line("Connect", &quantiles(&results.connect));
    if results.failures.is_empty() {
        line("Errors", "none");
    }
    for (failure, count) in &results.failures {
        line("Errors", &format!("{} × {}", format_count(*count), failure.kind()));
    }
    if let Some(error) = &results.first_error {
        line("First error:", error);
    }
    text
}

fn step_text(text: &mut String, source: &Source, step: &Step, secrets: &Secrets) {
    let place = source.text.place(&step.span);
    let shown = source.text.get(&step.span).lines().next().unwrap_or_default();
    let latency = step.latency.as_ref().filter(|it| !it.is_empty()).map(quantiles);
    let latency = latency.map(|latency| format!("; {latency}")).unwrap_or_default();
    let _ = writeln!(
        text,
        "  {}:{} {}\n            {} passed, {} failed{latency}",
        place.file,
        place.line,
        visible_line(&secrets.hide(shown)),
        format_count(step.passed),
        format_count(step.failed),
    );
    if let Some(failure) = &step.first_failure {
        let _ = writeln!(text, "            first: {}", visible_line(&secrets.hide(failure)));
    }
}

fn step_json(source: &Source, step: &Step, secrets: &Secrets) -> Value {
    let place = source.text.place(&step.span);
    json!({
        "file": place.file,
        "line": place.line,
        "step": secrets.hide(source.text.get(&step.span)),
        "passed": step.passed,
        "failed": step.failed,
        "latency_us": step.latency.as_ref().map_or(Value::Null, micros),
        "first_failure": step.first_failure.as_deref().map(|it| secrets.hide(it)),
    })
}
