//! Report of Autobahn|Testsuite: the outcome of each case.

use std::{collections::BTreeMap, fmt, iter, str::FromStr};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Categories by number. There is no 8 and no 11. Autobahn|Testsuite numbers them, and leaves the
/// gaps.
const CATEGORIES: [(u16, &str); 11] = [
    (1, "Framing"),
    (2, "Pings and pongs"),
    (3, "Reserved bits"),
    (4, "Opcodes"),
    (5, "Fragmentation"),
    (6, "UTF-8"),
    (7, "Closing"),
    (9, "Limits and performance"),
    (10, "Automatic fragmentation"),
    (12, "Compression of different payloads"),
    (13, "Compression with different parameters"),
];

/// Case number, such as 6.4.1. The first part is the category.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct CaseId(Vec<u16>);

/// Grade of a case, best first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Grade {
    /// As RFC 6455 demands.
    Ok,
    /// Behaviour that the RFC leaves open.
    Informational,
    /// Allowed, although not as the RFC recommends, such as a late failure on invalid UTF-8.
    NonStrict,
    /// Feature that the peer does not offer, such as compression.
    Unimplemented,
    /// Against the RFC, or an end that wstest has another word for.
    Failed,
}

/// Outcome of a case: its grades for behavior while open, and for the close.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Outcome {
    /// Grade of the exchange while the connection is open.
    pub(super) behavior: Grade,
    /// Grade of the closing handshake and of the TCP close after it.
    pub(super) close: Grade,
}

/// Outcomes in order of the case numbers.
pub(super) type Outcomes = BTreeMap<CaseId, Outcome>;

/// Parses `index.json`, the report on one peer. The file has an object by peer, and in it one by
/// case, with `behavior` and `behaviorClose`.
pub(super) fn parse(json: &str) -> Result<Outcomes> {
    let peers: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(json).context("wstest's report is not what it used to be")?;
    ensure!(peers.len() == 1, "wstest reports on {} peers, which should be one", peers.len());
    let grade = |case: &Value, key: &str| -> Result<Grade> {
        case[key].as_str().map(Grade::from_wstest).with_context(|| format!("A case has no {key}"))
    };
    let cases = peers.into_values().flatten().map(|(id, case)| {
        let (behavior, close) = (grade(&case, "behavior")?, grade(&case, "behaviorClose")?);
        Ok((id.parse()?, Outcome { behavior, close }))
    });
    cases.collect()
}

/// Markdown table with a row a category, and the sums.
pub(super) fn table(outcomes: &Outcomes) -> String {
    let head = ["Category", "cases", "OK", "info", "non-strict", "unimpl.", "failed"];
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::ASCII_MARKDOWN).set_header(head);
    let cells = |name, counts: [usize; 6]| iter::once(name).chain(counts.map(|it| it.to_string()));
    for (number, name) in CATEGORIES {
        let of_category = outcomes.iter().filter(|(id, _)| id.0.first() == Some(&number));
        let counts = count(of_category.map(|(_, outcome)| outcome));
        if counts[0] > 0 {
            table.add_row(cells(format!("{number} {name}"), counts));
        }
    }
    table.add_row(cells("All".to_owned(), count(outcomes.values())));
    format!("{table}\n")
}

/// Number of all cases, and of the cases with each grade. A case counts by the worse of its two
/// grades.
fn count<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> [usize; 6] {
    let mut counts = [0; 6];
    for outcome in outcomes {
        counts[0] += 1;
        counts[1 + outcome.worst() as usize] += 1;
    }
    counts
}

impl Outcome {
    /// Worse of the two grades.
    fn worst(self) -> Grade {
        self.behavior.max(self.close)
    }

    /// True unless the peer does what the RFC demands, or leaves open.
    pub(super) fn is_exceptional(self) -> bool {
        self.worst() > Grade::Informational
    }
}

impl Grade {
    /// Grade by wstest's word. An unknown one counts as failed: wstest has several for a wrong
    /// close, such as `UNCLEAN` and `WRONG CODE`.
    fn from_wstest(word: &str) -> Self {
        [Self::Ok, Self::Informational, Self::NonStrict, Self::Unimplemented]
            .into_iter()
            .find(|grade| grade.to_string() == word)
            .unwrap_or(Self::Failed)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(match self {
            Self::Ok => "OK",
            Self::Informational => "INFORMATIONAL",
            Self::NonStrict => "NON-STRICT",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Failed => "FAILED",
        })
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let parts: Vec<_> = self.0.iter().map(u16::to_string).collect();
        formatter.pad(&parts.join("."))
    }
}

impl FromStr for CaseId {
    type Err = anyhow::Error;

    fn from_str(id: &str) -> Result<Self> {
        let parts: Result<_, _> = id.split('.').map(str::parse).collect();
        parts.map(Self).with_context(|| format!("`{id}` is no number of a case"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{ "server": {
        "1.1.2": { "behavior": "OK", "behaviorClose": "OK", "duration": 1 },
        "1.1.10": { "behavior": "OK", "behaviorClose": "WRONG CODE", "duration": 1 },
        "12.1.1": { "behavior": "UNIMPLEMENTED", "behaviorClose": "OK", "duration": 1 }
    } }"#;

    #[test]
    fn cases_are_in_numerical_order() {
        let outcomes = parse(REPORT).unwrap();
        let ids: Vec<_> = outcomes.keys().map(CaseId::to_string).collect();
        assert_eq!(ids, ["1.1.2", "1.1.10", "12.1.1"]);
        let last = Outcome { behavior: Grade::Unimplemented, close: Grade::Ok };
        assert_eq!(outcomes.values().last(), Some(&last));
    }

    #[test]
    fn an_invalid_report_is_an_error() {
        let no_close = r#"{ "server": { "1.1.1": { "behavior": "OK" } } }"#;
        let no_number = r#"{ "server": { "a": { "behavior": "OK", "behaviorClose": "OK" } } }"#;
        for wrong in ["", "[]", "{}", r#"{ "a": {}, "b": {} }"#, no_close, no_number] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_close_is_a_failure() {
        let table = table(&parse(REPORT).unwrap());
        let lines: Vec<_> = table.lines().skip(2).map(words).collect();
        assert_eq!(
            lines,
            [
                "| 1 Framing | 2 | 1 | 0 | 0 | 0 | 1 |",
                "| 12 Compression of different payloads | 1 | 0 | 0 | 0 | 1 | 0 |",
                "| All | 3 | 1 | 0 | 0 | 1 | 1 |",
            ]
        );
    }

    #[test]
    fn only_ok_and_informational_pass() {
        for (word, passes) in
            [("OK", true), ("INFORMATIONAL", true), ("NON-STRICT", false), ("UNCLEAN", false)]
        {
            let grade = Grade::from_wstest(word);
            for outcome in [
                Outcome { behavior: grade, close: Grade::Ok },
                Outcome { behavior: Grade::Ok, close: grade },
            ] {
                assert_eq!(!outcome.is_exceptional(), passes, "{word}");
            }
        }
    }

    fn words(line: &str) -> String {
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
