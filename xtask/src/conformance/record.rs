//! Record: a checked-in file with the outcomes of the cases, as the baseline of later runs.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::report::{self, Grade, Outcome, Outcomes};

/// Header of the table of exceptions, which [`parse`] looks for.
const EXCEPTIONS: &str = "| Case | behavior | close |\n| --- | --- | --- |\n";

/// Worst outcome that is not recorded: the RFC leaves the behavior open.
const UNRECORDED: Outcome = Outcome { behavior: Grade::Informational, close: Grade::Informational };

/// Writes the record of `outcomes`; `peer` names the program under test.
pub(super) fn write(peer: &str, outcomes: &Outcomes) -> String {
    let table = report::table(outcomes);
    let mut exceptions = String::new();
    for (id, Outcome { behavior, close }) in exceptional(outcomes) {
        let _ = writeln!(exceptions, "| {id} | {behavior} | {close} |");
    }
    format!(
        "# Conformance of {peer}\n\n\
         Autobahn|Testsuite's cases, as `cargo xtask conformance` last recorded them.\n\n\
         {table}\n\
         Each case that is neither OK nor INFORMATIONAL. A run fails if a case goes worse than here.\n\n\
         {EXCEPTIONS}{exceptions}"
    )
}

/// Parses the recorded exceptions. The table is the last part of the file; the one by category
/// above is for readers.
pub(super) fn parse(file: &str) -> Result<Outcomes> {
    let (_, rows) = file.split_once(EXCEPTIONS).context("it has no table of cases")?;
    rows.lines().map(|row| parse_row(row).with_context(|| format!("`{row}`"))).collect()
}

/// Parses `| 6.4.1 | NON-STRICT | OK |`.
fn parse_row(row: &str) -> Result<(report::CaseId, Outcome)> {
    let cells = row.strip_prefix("| ").and_then(|row| row.strip_suffix(" |"));
    let cells: Vec<_> = cells.unwrap_or_default().split(" | ").collect();
    let [id, behavior, close] = cells[..] else { anyhow::bail!("not three cells") };
    Ok((id.parse()?, Outcome { behavior: behavior.parse()?, close: close.parse()? }))
}

/// Cases that are neither OK nor informational.
pub(super) fn exceptional(outcomes: &Outcomes) -> Outcomes {
    let exceptional = outcomes.iter().filter(|(_, outcome)| is_worse(**outcome, UNRECORDED));
    exceptional.map(|(id, outcome)| (id.clone(), *outcome)).collect()
}

/// Cases with a worse outcome than `recorded`. A case without a record is compared with
/// [`UNRECORDED`].
pub(super) fn worse(outcomes: &Outcomes, recorded: &Outcomes) -> Outcomes {
    let mut worse = outcomes.clone();
    worse.retain(|id, outcome| is_worse(*outcome, *recorded.get(id).unwrap_or(&UNRECORDED)));
    worse
}

/// Cases with a better outcome than `recorded`. Only exceptions are recorded, so any other case
/// cannot improve.
pub(super) fn better(outcomes: &Outcomes, recorded: &Outcomes) -> Outcomes {
    let mut better = outcomes.clone();
    better.retain(|id, outcome| recorded.get(id).is_some_and(|before| is_worse(*before, *outcome)));
    better
}

/// True if either grade is worse: the other does not make up for it.
fn is_worse(outcome: Outcome, than: Outcome) -> bool {
    outcome.behavior > than.behavior || outcome.close > than.close
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(cases: &[(&str, Grade, Grade)]) -> Outcomes {
        let cases = cases.iter();
        cases
            .map(|&(id, behavior, close)| (id.parse().unwrap(), Outcome { behavior, close }))
            .collect()
    }

    #[test]
    fn a_record_is_parsed_again() {
        let exceptions = outcomes(&[
            ("6.4.3", Grade::NonStrict, Grade::Ok),
            ("12.1.1", Grade::Unimplemented, Grade::Failed),
        ]);
        let mut all = outcomes(&[
            ("1.1.1", Grade::Ok, Grade::Ok),
            ("7.13.1", Grade::Informational, Grade::Informational),
        ]);
        all.extend(exceptions.clone());
        assert_eq!(parse(&write("the server", &all)).unwrap(), exceptions);
        assert_eq!(parse(&write("the server", &Outcomes::new())).unwrap(), Outcomes::new());
    }

    #[test]
    fn a_broken_record_is_an_error() {
        assert!(parse("").is_err());
        for row in ["6.4.3", "| 6.4.3 | OK |", "| 6.x | OK | OK |", "| 6.4.3 | OK | GOOD |"] {
            assert!(parse(&format!("{EXCEPTIONS}{row}\n")).is_err(), "{row}");
        }
    }

    #[test]
    fn behavior_and_close_are_compared_separately() {
        use Grade::{Failed, Informational, NonStrict, Ok, Unimplemented};
        let recorded = outcomes(&[("1.1", NonStrict, Ok), ("1.2", Unimplemented, Failed)]);
        let is_worse = |case| !worse(&outcomes(&[case]), &recorded).is_empty();
        let is_better = |case| !better(&outcomes(&[case]), &recorded).is_empty();
        for same in [("1.1", NonStrict, Ok), ("1.2", Unimplemented, Failed), ("9.9", Ok, Ok)] {
            assert!(!is_worse(same) && !is_better(same), "{same:?}");
        }
        for lower in [
            ("1.1", Unimplemented, Ok),
            ("1.1", Ok, NonStrict),
            ("1.2", Failed, Ok),
            ("9.9", NonStrict, Ok),
            ("9.9", Ok, Failed),
        ] {
            assert!(is_worse(lower), "{lower:?}");
        }
        for higher in [("1.1", Ok, Ok), ("1.2", Unimplemented, Ok)] {
            assert!(!is_worse(higher) && is_better(higher), "{higher:?}");
        }
        assert!(!is_worse(("9.9", Informational, Informational)));
    }
}
