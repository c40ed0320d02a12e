//! Scenario: the parts of a file, from its settings to its steps.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    diagnostic::{Diagnostic, Span},
    line::{ConnectOption, Requirement},
    source::Source,
    step::Action,
    text::Text,
};
use crate::path::Path;

/// Maximum number of served paths that each path below is compared with. Later ones are compared
/// with the first ones only, so that the work stays linear in the file.
const COMPARED: usize = 200;

/// Parsed scenario file. Every name in it is checked, but for variables
/// ([`Scenario::unknown_variables`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Variables of the file, in order; shared with its plans.
    pub(crate) variables: Arc<Vec<Variable>>,
    /// Time limit of an expectation; [a day](crate::duration::LONGEST) in a mock that sets none.
    pub(crate) timeout: Duration,
    /// Time limit of a section or of a client of a mock, likewise.
    pub(crate) limit: Duration,
    /// Conditions on latencies that hold for each section; shared with the plans.
    pub(crate) requirements: Arc<Vec<Requirement>>,
    /// Steps before the first section: they begin each section.
    pub(crate) opening: Block,
    /// Test cases, in the order of the file.
    pub(crate) sections: Vec<Section>,
    /// Served paths. A file with any is a mock, and has no other steps.
    pub(crate) serves: Vec<Serve>,
}

/// Variable that a file sets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    /// Place of its line, for mistakes in its value.
    pub(crate) span: Span,
    /// Name without its sign `@`.
    pub(crate) name: String,
    /// Value, which may contain variables above it.
    pub(crate) value: Text,
}

/// Conversation of a mock with each client of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Serve {
    /// Place of its line.
    pub span: Span,
    /// Path as it is written: `/rooms/{room}`.
    pub path: String,
    /// Parsed path, which requests are compared with.
    pub(crate) pattern: Path,
    /// Conditions on a client, rules, and a refusal, with their places.
    pub(crate) options: Vec<(Span, ConnectOption)>,
    pub(crate) steps: Block,
}

impl Serve {
    /// True if only clients with a header, query or subprotocol are served.
    fn has_conditions(&self) -> bool {
        self.options.iter().any(|(_, option)| {
            matches!(
                option,
                ConnectOption::Header(..)
                    | ConnectOption::Query(..)
                    | ConnectOption::Subprotocols(_)
            )
        })
    }
}

/// Mistakes of the paths that no client reaches: one above takes all their clients.
pub(super) fn unreachable(serves: &[Serve], source: &Source) -> Vec<Diagnostic> {
    let (mut mistakes, mut taken) = (Vec::new(), Vec::<&Serve>::new());
    for serve in serves {
        if let Some(above) = taken.iter().find(|above| above.pattern.covers(&serve.pattern)) {
            let message = format!(
                "{} is unreachable: {} in line {} is served to every client.",
                serve.path,
                above.path,
                source.place(&above.span).at.line
            );
            mistakes.push(Diagnostic::new(serve.span.clone(), message).with_help(
                "Put the more specific path first: the one with a subprotocol, header or query, or without parameters.",
            ));
        }
        if taken.len() < COMPARED && !serve.has_conditions() {
            taken.push(serve);
        }
    }
    mistakes
}

/// Test case of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Name in brackets.
    pub name: String,
    /// Place of its line.
    pub(crate) span: Span,
    /// Time limit of an expectation, in place of the file's.
    pub(crate) timeout: Option<Duration>,
    /// Time limit of the section, in place of the file's.
    pub(crate) limit: Option<Duration>,
    /// Conditions of its own, beside the file's.
    pub(crate) requirements: Vec<Requirement>,
    /// Steps, after the steps before the first section.
    pub(crate) steps: Block,
}

/// Steps that follow each other.
pub(crate) type Block = Vec<Statement>;

/// Step with its place in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// Place of its line, or of the first line of a block.
    pub(crate) span: Span,
    /// Step, or block with its steps.
    pub(crate) kind: StatementKind,
}

/// Step, or block of steps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatementKind {
    /// `connect`, with the options below it.
    Connect { name: Option<String>, url: Text, options: Vec<(Span, ConnectOption)> },
    /// Action of one connection.
    Step { name: Option<String>, action: Action },
    /// Meeting of all lanes of a parallel block.
    Barrier,
    /// Rounds, and the steps of one.
    Repeat(u32, Block),
    /// Interval of the rounds, their total time, and the steps of one.
    Every(Duration, Duration, Block),
    /// Expectations in any order: all of them, or this number.
    Unordered(Option<usize>, Block),
    /// Steps in a lane for each connection.
    Parallel(Block),
}

impl Statement {
    /// Names of the connections of this step, or of the steps in it. `None` stands for a connection
    /// without a name.
    pub(crate) fn connections(&self) -> BTreeSet<Option<&str>> {
        match &self.kind {
            StatementKind::Connect { name, .. } | StatementKind::Step { name, .. } => {
                [name.as_deref()].into()
            }
            StatementKind::Barrier => BTreeSet::new(),
            StatementKind::Repeat(_, steps)
            | StatementKind::Every(_, _, steps)
            | StatementKind::Unordered(_, steps)
            | StatementKind::Parallel(steps) => steps.iter().flat_map(Self::connections).collect(),
        }
    }
}

impl Scenario {
    /// Test cases. A file without sections is one test case.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Conditions on latencies: the file's, then those of its sections, or of `only` one of them.
    pub fn requirements(&self, only: Option<&str>) -> impl Iterator<Item = &Requirement> {
        let chosen = self.sections.iter().filter(move |it| only.is_none_or(|only| it.name == only));
        self.requirements.iter().chain(chosen.flat_map(|section| &section.requirements))
    }

    /// Served paths, in order. A file that has any is a mock; without, it is a test.
    #[must_use]
    pub fn serves(&self) -> &[Serve] {
        &self.serves
    }
}
