//! Plan: a section compiled once, and shared by its runs.

use std::{sync::Arc, time::Duration};

use workbench::compose::Values;

use super::{
    Run,
    program::{Instruction, compile},
};
use crate::syntax::{Requirement, Scenario, Side, Variable};

/// Section of a scenario, or a whole file that has none, ready to be run. A clone is the same plan.
#[derive(Clone, Debug)]
pub struct Plan(pub(super) Arc<Compiled>);

/// Content of a plan. Immutable once it is shared.
#[derive(Debug)]
pub(super) struct Compiled {
    /// Side that the file takes.
    pub(super) side: Side,
    /// Steps as instructions, with jumps.
    pub(super) program: Vec<Instruction>,
    /// Time limit of an expectation that has none of its own.
    pub(super) timeout: Duration,
    /// Time limit of a run.
    pub(super) limit: Duration,
    /// Variables of the file, in order.
    variables: Arc<Vec<Variable>>,
    /// Conditions on the latencies, of the file and of the section.
    requirements: Arc<Vec<Requirement>>,
    /// True if a step tests or captures headers of a server's response.
    pub(super) reads_headers: bool,
    /// True if a step waits for a Ping or Pong frame.
    pub(super) reads_control: bool,
    /// `true` to keep the last messages for the report of a failure.
    pub(super) notes_messages: bool,
}

impl Plan {
    /// Compiles a section of `scenario`, or the whole file if it has none.
    #[must_use]
    pub fn new(scenario: &Scenario, section: Option<usize>) -> Self {
        let section = section.and_then(|index| scenario.sections.get(index));
        let blocks = [&scenario.opening].into_iter().chain(section.map(|section| &section.steps));
        let mut plan = Self::of_program(scenario, compile(blocks));
        if let (Some(section), Some(compiled)) = (section, Arc::get_mut(&mut plan.0)) {
            compiled.timeout = section.timeout.unwrap_or(compiled.timeout);
            compiled.limit = section.limit.unwrap_or(compiled.limit);
            if !section.requirements.is_empty() {
                Arc::make_mut(&mut compiled.requirements).extend_from_slice(&section.requirements);
            }
        }
        plan
    }

    /// Compiles it for a load of many runs: none checks the requirements, which are on all of them together, or
    /// keeps messages for the report of a failure.
    #[must_use]
    pub fn for_load(scenario: &Scenario, section: Option<usize>) -> Self {
        let mut plan = Self::new(scenario, section);
        if let Some(compiled) = Arc::get_mut(&mut plan.0) {
            compiled.requirements = Arc::default();
            compiled.notes_messages = false;
        }
        plan
    }

    /// Plan of a program, with the settings of the file.
    pub(super) fn of_program(scenario: &Scenario, program: Vec<Instruction>) -> Self {
        let is_mock = !scenario.serves.is_empty();
        Self(Arc::new(Compiled {
            side: if is_mock { Side::Server } else { Side::Client },
            reads_headers: program.iter().any(|it| it.operation.reads_headers()),
            reads_control: program.iter().any(|it| it.operation.reads_control()),
            program,
            timeout: scenario.timeout,
            limit: scenario.limit,
            variables: Arc::clone(&scenario.variables),
            requirements: Arc::clone(&scenario.requirements),
            notes_messages: true,
        }))
    }

    /// Begins a run of it. Variables in `values` take precedence over the file's.
    ///
    /// # Errors
    /// A sentence, if a variable of the file refers to one that is not known.
    pub fn run(&self, mut values: Values) -> Result<Run, String> {
        set_variables(&self.0.variables, &mut values)?;
        Ok(Run::of_plan(self.clone(), values))
    }

    /// Conditions on the latencies of a run.
    pub(super) fn requirements(&self) -> &[Requirement] {
        &self.0.requirements
    }
}

/// Adds the variables of a file, in order: a later one may contain an earlier one. Those in
/// `values` take precedence. The error is a sentence that names the variable.
pub(super) fn set_variables(variables: &[Variable], values: &mut Values) -> Result<(), String> {
    for Variable { name, value, .. } in variables {
        let value = value.fill(values).map_err(|error| format!("@{name}: {error}"))?;
        let value = value.into_owned();
        values.variables.push((name.clone(), value));
    }
    Ok(())
}
