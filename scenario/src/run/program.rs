//! Steps as a list with jumps, so that a lane is a position in it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::syntax::{
    Action, Block, Condition, ConnectOption, Expectation, Pattern, Span, Statement, StatementKind,
    Text,
};

/// Instruction with the place of its step in the file.
#[derive(Clone, Debug)]
pub(super) struct Instruction {
    /// Place of the step, for failures.
    pub(super) span: Span,
    /// Step, or a jump that belongs to it.
    pub(super) operation: Operation,
}

/// Operation of a lane. Positions are indices into the program.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Begins a connection.
    Connect { name: Option<String>, url: Text, options: Arc<[(Span, ConnectOption)]> },
    /// Does a step of one connection.
    Act { name: Option<String>, action: Action },
    /// Waits for messages in any order, until so many expectations are met; for a single step, that
    /// one.
    Gather { needed: usize, expected: Vec<(Span, Option<String>, Expectation)> },
    /// Beginning of a loop.
    Begin(Rounds),
    /// End of the loop that begins there.
    Again(usize),
    /// Starts lanes at these positions; the lane continues at `after` once all have ended.
    Fork { lanes: Vec<usize>, after: usize },
    /// Waits until every lane of the block is at a barrier.
    Barrier,
    /// Waits for the end of the connection, after the last step of a mock.
    Linger,
    /// Ends the lane; the first one checks its connections before.
    End,
}

impl Operation {
    /// True for a step whose waiting time is of interest: it expects an event.
    pub(super) fn expects(&self) -> bool {
        matches!(self, Self::Gather { .. } | Self::Act { action: Action::Expect(_), .. })
    }

    /// True for a step that tests or captures headers of a server's response.
    pub(super) fn reads_headers(&self) -> bool {
        let Self::Act { action: Action::Expect(expectation), .. } = self else { return false };
        match &expectation.pattern {
            Pattern::Opened(conditions) | Pattern::Refused(conditions) => {
                !expectation.captures.is_empty()
                    || conditions.iter().any(|it| matches!(it, Condition::Header(..)))
            }
            _ => false,
        }
    }

    /// True for a step that waits for a Ping or Pong frame.
    pub(super) fn reads_control(&self) -> bool {
        matches!(
            self,
            Self::Act { action: Action::Expect(expectation), .. }
                if matches!(expectation.pattern, Pattern::Ping(_) | Pattern::Pong(_))
        )
    }
}

/// Rounds of a loop.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rounds {
    /// Number of rounds.
    Times(u32),
    /// Rounds that start at an interval, until a total time is over.
    Every { interval: Duration, total: Duration },
}

/// Compiles blocks that follow each other, with an end after the last one.
pub(super) fn compile<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<Instruction> {
    let mut program = Vec::new();
    for block in blocks {
        append(&mut program, block.iter());
    }
    program.push(Instruction { span: 0..0, operation: Operation::End });
    program
}

/// Appends the instructions of steps. Recursion is bounded by the depth of blocks, 8.
fn append<'a>(program: &mut Vec<Instruction>, steps: impl IntoIterator<Item = &'a Statement>) {
    for Statement { span, kind } in steps {
        let span = span.clone();
        let operation = match kind {
            StatementKind::Connect { name, url, options } => Operation::Connect {
                name: name.clone(),
                url: url.clone(),
                options: options.clone().into(),
            },
            StatementKind::Step { name, action: Action::Expect(expectation) }
                if expectation.pattern.is_message() =>
            {
                let expected = vec![(span.clone(), name.clone(), expectation.clone())];
                Operation::Gather { needed: 1, expected }
            }
            StatementKind::Step { name, action } => {
                Operation::Act { name: name.clone(), action: action.clone() }
            }
            StatementKind::Barrier => Operation::Barrier,
            StatementKind::Unordered(needed, steps) => {
                let expected: Vec<_> = steps.iter().filter_map(expectation).collect();
                Operation::Gather { needed: needed.unwrap_or(expected.len()), expected }
            }
            StatementKind::Repeat(rounds, steps) => {
                loop_over(program, span, Rounds::Times(*rounds), steps);
                continue;
            }
            StatementKind::Every(interval, total, steps) => {
                let rounds = Rounds::Every { interval: *interval, total: *total };
                loop_over(program, span, rounds, steps);
                continue;
            }
            StatementKind::Parallel(steps) => {
                fork(program, &span, steps);
                continue;
            }
        };
        program.push(Instruction { span, operation });
    }
}

/// Expectation of a step, with its place and connection; `None` for other steps.
fn expectation(step: &Statement) -> Option<(Span, Option<String>, Expectation)> {
    match &step.kind {
        StatementKind::Step { name, action: Action::Expect(expectation) } => {
            Some((step.span.clone(), name.clone(), expectation.clone()))
        }
        _ => None,
    }
}

/// Appends a loop: its beginning, its steps, and the jump back.
fn loop_over(program: &mut Vec<Instruction>, span: Span, rounds: Rounds, steps: &Block) {
    let begin = program.len();
    program.push(Instruction { span: span.clone(), operation: Operation::Begin(rounds) });
    append(program, steps);
    program.push(Instruction { span, operation: Operation::Again(begin) });
}

/// Appends a lane for each connection of the steps. A barrier is part of every lane.
fn fork(program: &mut Vec<Instruction>, span: &Span, steps: &Block) {
    let mut lanes: BTreeMap<Option<&str>, Vec<&Statement>> = BTreeMap::new();
    for name in steps.iter().flat_map(Statement::connections) {
        lanes.entry(name).or_default();
    }
    for step in steps {
        match step.connections().first() {
            Some(of) => lanes.entry(*of).or_default().push(step),
            None => lanes.values_mut().for_each(|lane| lane.push(step)),
        }
    }
    let begin = program.len();
    let operation = Operation::Fork { lanes: Vec::new(), after: 0 };
    program.push(Instruction { span: span.clone(), operation });
    let mut starts = Vec::new();
    for lane in lanes.into_values() {
        starts.push(program.len());
        append(program, lane);
        program.push(Instruction { span: span.clone(), operation: Operation::End });
    }
    let after = program.len();
    program[begin].operation = Operation::Fork { lanes: starts, after };
}
