//! Verdict: failed conditions of a run, and its exit status.

use std::io::Write;

use super::{
    flags::BenchFlags,
    measure::{Failure, Results, format_rate, per_second},
    threshold::Threshold,
};
use crate::{
    process::{Exit, print_document, print_error},
    quantity::{format_count, format_counted},
};

/// Share of the rate that counts as having reached it.
const REACHED: f64 = 0.99;

/// True if messages were sent at this rate, up to the tolerance of [`is_share_reached`].
pub(super) fn is_reached(rate: u32, results: &Results) -> bool {
    is_share_reached(results.counts.sent(), f64::from(rate) * results.time.as_secs_f64())
}

/// True if 99 % of the due number was done.
#[expect(clippy::cast_precision_loss, reason = "2^53 messages are more than are sent")]
pub(super) fn is_share_reached(done: u64, due: f64) -> bool {
    // One less may be due, as the measurement begins.
    done as f64 + 1.0 >= REACHED * due
}

/// Sentences about the failed conditions of a run: the rate, missing messages, errors, thresholds.
/// A threshold about one of them replaces the default.
pub(super) fn complaints(flags: &BenchFlags, results: &Results) -> Vec<String> {
    let thresholds = &flags.output.fail_if;
    let is_default = |is_about: fn(&Threshold) -> bool| !thresholds.iter().any(is_about);
    let counts = &results.counts;
    let mut complaints = Vec::new();
    // Rounds of a scenario have sentences of their own.
    let is_scenario = flags.scenario.scenario.is_some();
    if let Some(rate) = flags.rate.filter(|_| !is_scenario)
        && results.connections > 0
        && is_default(Threshold::is_about_rate)
        && !is_reached(rate, results)
    {
        complaints.push(format!(
            "The rate was not reached: {} of {} messages per second were sent.",
            format_rate(per_second(counts.sent(), results.time)),
            format_count(rate.into()),
        ));
    }
    if counts.missing() > 0 && !is_scenario && is_default(Threshold::is_about_missing) {
        complaints.push(format!(
            "{} of {} missing: {} not sent, {} not answered.",
            format_count(counts.missing()),
            format_counted(counts.due(), "message is", "messages are"),
            format_count(counts.not_sent),
            format_count(counts.unanswered),
        ));
    }
    if counts.errors > 0 && is_default(Threshold::is_about_errors) {
        complaints.push(if is_scenario {
            format!("{} failed.", format_counted(counts.errors, "step", "steps"))
        } else {
            let messages = format_counted(counts.errors, "message was", "messages were");
            format!("{messages} answered with an error.")
        });
    }
    if flags.message.receive_only && counts.pushes == 0 {
        complaints.push("Nothing was received.".to_owned());
    }
    complaints.extend(thresholds.iter().filter_map(|threshold| threshold.check(results)));
    complaints
}

/// Prints a report, then the failed conditions. Returns the exit status: by the most severe failure of a
/// connection, else by the conditions.
pub(super) fn print(report: &str, complaints: &[String], results: &[Results]) -> Exit {
    let printed = print_document(|out| out.write_all(report.as_bytes()));
    for complaint in complaints {
        print_error(complaint);
    }
    let failures: Vec<_> = results.iter().flat_map(|results| results.failures.keys()).collect();
    let any = |is: fn(&Failure) -> bool| failures.iter().any(|failure| is(failure));
    if printed != Exit::Done {
        printed
    } else if any(|failure| matches!(failure, Failure::Connect(_))) {
        Exit::Failed
    } else if any(|failure| matches!(failure, Failure::Violation(_))) {
        Exit::Violation
    } else if !failures.is_empty() {
        Exit::Closed
    } else if !complaints.is_empty() {
        Exit::Unmet
    } else {
        Exit::Done
    }
}
