//! Parser of a whole file and its includes: each line to its place, if it may stand there.

mod connections;
mod include;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use self::{
    connections::Connections,
    include::{Include, Includes},
};
use super::{
    cursor::{Cursor, is_token},
    diagnostic::{DIAGNOSTICS, Diagnostic, Span},
    line::{BlockStart, ConnectOption, Line},
    scenario::{Block, Scenario, Section, Serve, Statement, StatementKind, Variable, unreachable},
    source::Source,
    step::{Action, Pattern},
    text::Text,
};
use crate::{duration, path::Path};

/// Time limit of an expectation, unless the file or the step has another. Long enough for a server
/// under test on a slow machine.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Time limit of a section, unless the file has another.
const LIMIT: Duration = Duration::from_mins(1);

/// Maximum depth of blocks in each other. It bounds the recursion over blocks.
pub(super) const DEPTH: usize = 8;
/// Maximum number of barriers of a file, each counted once for each connection of its block: each of these is an
/// instruction, and the file is no bound on a product.
const BARRIERS: usize = 100_000;

impl Source {
    /// Parses the file. For each `include`, the callback gets the name of the including file and
    /// the path as written; it returns the name of the included file, by which a circle is
    /// recognised, and its text, or a sentence.
    ///
    /// # Errors
    /// All mistakes, up to 20, in the order of the lines; also if the texts are larger than
    /// [`TEXT_BYTES`](crate::TEXT_BYTES) together.
    pub fn parse(
        &mut self,
        mut include: impl FnMut(&str, &str) -> Result<(String, String), String>,
    ) -> Result<Scenario, Vec<Diagnostic>> {
        Parser::new(self, &mut include).parse()
    }
}

/// Parses a file that includes no others; [`Source::parse`] does one that may.
///
/// # Errors
/// All mistakes, up to 20, in the order of the file; also if it is larger than
/// [`TEXT_BYTES`](crate::TEXT_BYTES).
pub fn parse(text: &str) -> Result<Scenario, Vec<Diagnostic>> {
    Source::new("", text).parse(|_, _| Err("include is not allowed here.".to_owned()))
}

/// Line with its place and the places of its parts.
type ParsedLine = (Span, Result<Line, Diagnostic>, Vec<Span>);

/// Parses the line at `at`, and moves that to the next one; JSON may go on over several lines.
/// `None` at the end.
fn next_line(text: &str, at: &mut usize) -> Option<ParsedLine> {
    if *at >= text.len() {
        return None;
    }
    let end = text[*at..].find('\n').map_or(text.len(), |newline| *at + newline);
    let start = *at + (text[*at..end].len() - text[*at..end].trim_start().len());
    let mut cursor = Cursor::new(text, *at..end);
    let line = Line::parse(&mut cursor);
    let end = cursor.end();
    *at = end + 1;
    Some((start..end, line, cursor.into_atoms()))
}

/// Lines of a file, for its layout. Included files are not read.
pub(super) fn lines(text: &str) -> impl Iterator<Item = ParsedLine> {
    let mut at = 0;
    std::iter::from_fn(move || next_line(text, &mut at))
}

/// State of parsing: settings and steps so far, open blocks, and names that are known.
struct Parser<'a> {
    /// Text of all files, to which included ones are added.
    source: &'a mut Source,
    /// Files down to this place.
    includes: Includes<'a>,
    /// Result so far.
    scenario: Scenario,
    /// Blocks that are open, the outermost first: their start, and the steps so far.
    open: Vec<(BlockStart, Span, Block)>,
    /// True if options of a connection may follow: below its line, or another option.
    takes_options: bool,
    /// Timeout of the file, if it sets one.
    timeout: Option<Duration>,
    /// Limit of the file, if it sets one.
    limit: Option<Duration>,
    /// Barriers so far, counted as for [`BARRIERS`].
    barriers: usize,
    /// Connections that the next step may use.
    connections: Connections,
    /// Names of the variables that the file sets.
    variable_names: BTreeSet<String>,
    /// Names of the sections.
    section_names: BTreeSet<String>,
    /// At most [`DIAGNOSTICS`] and one.
    diagnostics: Vec<Diagnostic>,
    /// Sections without a connection. They are reported only if there is no other mistake, which
    /// may be the cause.
    untested: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    /// State at the beginning of a file.
    fn new(source: &'a mut Source, include: &'a mut Include<'a>) -> Self {
        let scenario = Scenario {
            variables: Arc::default(),
            timeout: TIMEOUT,
            limit: LIMIT,
            requirements: Arc::default(),
            opening: Vec::new(),
            sections: Vec::new(),
            serves: Vec::new(),
        };
        Self {
            source,
            includes: Includes::new(include),
            scenario,
            open: Vec::new(),
            takes_options: false,
            timeout: None,
            limit: None,
            barriers: 0,
            connections: Connections::default(),
            variable_names: BTreeSet::new(),
            section_names: BTreeSet::new(),
            diagnostics: Vec::new(),
            untested: Vec::new(),
        }
    }

    /// Parses to the end of the file, or to the last mistake that is reported.
    fn parse(mut self) -> Result<Scenario, Vec<Diagnostic>> {
        let mistake = self.file(0, 0..0).err();
        self.diagnostics.extend(mistake);
        self.finish()
    }

    /// Parses the lines of a file, which the line at `span` includes. Blocks that it leaves open
    /// are a mistake of it.
    fn file(&mut self, file: usize, span: Span) -> Result<(), Diagnostic> {
        let open = self.open.len();
        self.includes.begin(self.source, file, span, open)?;
        let mut at = self.source.up_to_end(file).0;
        while let Some((span, line, _)) = next_line(self.source.up_to_end(file).1, &mut at) {
            if let Err(mistake) = line.and_then(|line| self.line(span, line)) {
                self.note(mistake);
            }
            // After a mistake in a long JSON each line is one: the first ones tell enough.
            if self.diagnostics.len() >= DIAGNOSTICS {
                break;
            }
        }
        if self.includes.is_included() {
            self.unclosed(open);
        }
        self.includes.end();
        Ok(())
    }

    /// Parses the file of an `include` in its place.
    fn include(&mut self, span: Span, path: &str) -> Result<(), Diagnostic> {
        let file = self.includes.read(self.source, &span, path)?;
        self.file(file, span)
    }

    /// Adds a line to the scenario, if it may stand at its place: settings at the top, options
    /// below their connection, steps after their connection was made.
    fn line(&mut self, span: Span, line: Line) -> Result<(), Diagnostic> {
        let took_options = self.takes_options;
        if !matches!(line, Line::Empty | Line::Include(_)) {
            self.takes_options = matches!(line, Line::Connect(..) | Line::Serve(..))
                || took_options && matches!(line, Line::Option(_));
        }
        match line {
            Line::Empty => {}
            Line::Variable(name, value) => self.variable(span, name, value)?,
            Line::Timeout(timeout) => match self.setting(&span, "timeout")? {
                Some(section) => section.timeout = Some(timeout),
                None => self.timeout = Some(timeout),
            },
            Line::Limit(limit) => match self.setting(&span, "limit")? {
                Some(section) => section.limit = Some(limit),
                None => self.limit = Some(limit),
            },
            Line::Require(requirement) => match self.setting(&span, "require")? {
                Some(section) => section.requirements.push(requirement),
                None => Arc::make_mut(&mut self.scenario.requirements).push(requirement),
            },
            Line::Include(path) => self.include(span, &path)?,
            Line::Section(name) => self.section(span, name)?,
            Line::Option(option) => self.option(span, option, took_options)?,
            Line::Serve(path, pattern) => self.serve(span, path, pattern)?,
            Line::Connect(name, url) => self.connect(span, name, url)?,
            Line::Step(name, action) => self.step(span, name, action)?,
            Line::Barrier => self.barrier(span)?,
            Line::Opens(start) => self.opens(span, start)?,
            Line::Closes => self.closes(span)?,
        }
        Ok(())
    }

    /// Adds a variable of the file. One of an included file that is set above is left out.
    fn variable(&mut self, span: Span, name: String, value: Text) -> Result<(), Diagnostic> {
        let is_included = self.includes.is_included();
        if !is_included {
            self.check_at_top(&span, "A variable")?;
        }
        if self.variable_names.insert(name.clone()) {
            Arc::make_mut(&mut self.scenario.variables).push(Variable { span, name, value });
        } else if !is_included {
            return Err(Diagnostic::new(span, format!("@{name} is already set above.")));
        }
        Ok(())
    }

    /// Adds a connection, which the steps below it may use.
    fn connect(&mut self, span: Span, name: Option<String>, url: Text) -> Result<(), Diagnostic> {
        self.check_allows_steps(&span)?;
        self.check_is_test(&span, "connect")?;
        self.connections.connect(name.clone());
        self.push(span, StatementKind::Connect { name, url, options: Vec::new() });
        Ok(())
    }

    /// Adds a step of a connection; outside of parallel blocks, `wait` needs none.
    fn step(&mut self, span: Span, name: Option<String>, action: Action) -> Result<(), Diagnostic> {
        let is_message =
            matches!(&action, Action::Expect(expected) if expected.pattern.is_message());
        if !is_message {
            self.check_allows_steps(&span)?;
        }
        let is_free = name.is_none() && matches!(action, Action::Wait(_)) && !self.is_in_parallel();
        if !is_free {
            let is_mock = !self.scenario.serves.is_empty();
            self.connections.check_known(&span, name.as_ref(), is_mock)?;
        }
        self.check_possible(&span, &action)?;
        self.connections.check_not_ended(self.source, &span, name.as_ref(), &action)?;
        self.connections.note_end(&span, name.as_ref(), &action);
        self.push(span, StatementKind::Step { name, action });
        Ok(())
    }

    /// Adds a barrier to its parallel block.
    fn barrier(&mut self, span: Span) -> Result<(), Diagnostic> {
        if !matches!(self.open.last(), Some((BlockStart::Parallel, ..))) {
            return Err(Diagnostic::new(span, "barrier is only allowed in a parallel block."));
        }
        self.push(span, StatementKind::Barrier);
        Ok(())
    }

    /// Adds a step to the innermost block.
    fn push(&mut self, span: Span, kind: StatementKind) {
        self.steps().push(Statement { span, kind });
    }

    /// Steps that a line is added to: those of the innermost block, path or section.
    fn steps(&mut self) -> &mut Block {
        if let Some((.., steps)) = self.open.last_mut() {
            return steps;
        }
        let Scenario { opening, sections, serves, .. } = &mut self.scenario;
        let served = serves.last_mut().map(|serve| &mut serve.steps);
        let section = sections.last_mut().map(|section| &mut section.steps);
        served.or(section).unwrap_or(opening)
    }

    /// Checks that the line stands before all blocks, sections and paths.
    fn check_at_top(&self, span: &Span, what: &str) -> Result<(), Diagnostic> {
        let Scenario { sections, serves, .. } = &self.scenario;
        if self.open.is_empty() && sections.is_empty() && serves.is_empty() {
            return Ok(());
        }
        Err(Diagnostic::new(
            span.clone(),
            format!("{what} applies to the whole file: put it before the first section or path."),
        ))
    }

    /// Section that a setting belongs to; `None` before the first section, where it is one of the
    /// file.
    fn setting(&mut self, span: &Span, what: &str) -> Result<Option<&mut Section>, Diagnostic> {
        if !self.open.is_empty() {
            let message = format!("{what} applies to the whole section: put it outside the block.");
            return Err(Diagnostic::new(span.clone(), message));
        }
        if self.scenario.sections.is_empty() {
            self.check_at_top(span, what)?;
        }
        Ok(self.scenario.sections.last_mut())
    }

    /// Checks that the block is not one that takes expectations only. `unordered` and `any` count
    /// messages only.
    fn check_allows_steps(&self, span: &Span) -> Result<(), Diagnostic> {
        match self.open.last() {
            Some((BlockStart::Unordered | BlockStart::Any(_), ..)) => Err(Diagnostic::new(
                span.clone(),
                "This block can contain only expected messages: lines with '<'.",
            )),
            _ => Ok(()),
        }
    }

    /// True inside of a parallel block, at any depth.
    fn is_in_parallel(&self) -> bool {
        self.open.iter().any(|(start, ..)| *start == BlockStart::Parallel)
    }

    /// Begins a section: open blocks end, and connections of the section before are forgotten.
    fn section(&mut self, span: Span, name: String) -> Result<(), Diagnostic> {
        self.includes.check_outermost(&span, "a section")?;
        self.check_is_test(&span, "a section")?;
        self.unclosed(0);
        self.note_unconnected();
        self.connections.begin_section();
        if !self.section_names.insert(name.clone()) {
            return Err(Diagnostic::new(span, format!("Section [{name}] already exists above.")));
        }
        let (requirements, steps) = (Vec::new(), Vec::new());
        let section = Section { name, span, timeout: None, limit: None, requirements, steps };
        self.scenario.sections.push(section);
        Ok(())
    }

    /// Notes the last section if it makes no connection, and there was none before the sections.
    fn note_unconnected(&mut self) {
        let Scenario { sections, serves, .. } = &self.scenario;
        if let Some(Section { name, span, .. }) = sections.last()
            && serves.is_empty()
            && self.connections.are_missing()
        {
            let message = format!("[{name}] has no connection: nothing to test.");
            self.untested.push(Diagnostic::new(span.clone(), message));
        }
    }

    /// Begins a served path. Its only connection is open from the beginning.
    fn serve(&mut self, span: Span, path: String, pattern: Path) -> Result<(), Diagnostic> {
        self.includes.check_outermost(&span, "a served path")?;
        self.unclosed(0);
        if !self.scenario.opening.is_empty() || !self.scenario.sections.is_empty() {
            return Err(Diagnostic::new(
                span,
                "A file with connections or sections is a test: it cannot serve paths.",
            )
            .with_help("Put the mock in a separate file."));
        }
        self.connections.begin_path();
        let (options, steps) = (Vec::new(), Vec::new());
        self.scenario.serves.push(Serve { span, path, pattern, options, steps });
        Ok(())
    }

    /// Checks that the file is not a mock.
    fn check_is_test(&self, span: &Span, what: &str) -> Result<(), Diagnostic> {
        if self.scenario.serves.is_empty() {
            return Ok(());
        }
        let message = format!("A file that serves paths is a mock: it cannot have {what}.");
        Err(Diagnostic::new(span.clone(), message))
    }

    /// Checks that a mock expects no opening or refusal: its connection is open before it begins.
    fn check_possible(&self, span: &Span, action: &Action) -> Result<(), Diagnostic> {
        let is_opening = matches!(action, Action::Expect(expected)
            if matches!(expected.pattern, Pattern::Opened(_) | Pattern::Refused(_)));
        if is_opening && !self.scenario.serves.is_empty() {
            return Err(Diagnostic::new(
                span.clone(),
                "A mock starts when its connection is open: do not expect opened or refused.",
            ));
        }
        Ok(())
    }

    /// Adds an option to its connection, or to the served path. `allowed` is true below their
    /// lines.
    fn option(
        &mut self,
        span: Span,
        option: ConnectOption,
        allowed: bool,
    ) -> Result<(), Diagnostic> {
        if let Some(serve) = self.scenario.serves.last_mut().filter(|_| allowed) {
            if matches!(option, ConnectOption::Compression(_)) {
                let message =
                    "Clients offer compression. For a mock, use wsbench mock --compression.";
                return Err(Diagnostic::new(span, message));
            }
            serve.options.push((span, option));
            return Ok(());
        }
        match self.steps().last_mut() {
            Some(Statement { kind: StatementKind::Connect { options, .. }, .. }) if allowed => {
                if matches!(option, ConnectOption::Query(..) | ConnectOption::Refuse(_)) {
                    return Err(Diagnostic::new(
                        span,
                        "This belongs to a served path: put it below a serve line.",
                    ));
                }
                if let ConnectOption::Header(name, _) = &option
                    && (session::is_of_handshake(name) || !is_token(name))
                {
                    return Err(Diagnostic::is_not(name, span, "a header that can be set."));
                }
                options.push((span, option));
                Ok(())
            }
            _ => Err(Diagnostic::new(
                span,
                "This belongs to a connection: put it below its connect or serve line.",
            )),
        }
    }

    /// Opens a block. One that is nested too deep is opened all the same, so that its end closes
    /// it.
    fn opens(&mut self, span: Span, start: BlockStart) -> Result<(), Diagnostic> {
        let allowed = self.check_allows_steps(&span);
        let nested = start == BlockStart::Parallel && self.is_in_parallel();
        let too_deep = self.open.len() >= DEPTH;
        // Opened in any case, so that its end has a beginning.
        self.open.push((start, span.clone(), Vec::new()));
        allowed?;
        if nested {
            return Err(Diagnostic::new(span, "Parallel blocks cannot be nested."));
        }
        if too_deep {
            return Err(nested_too_deep(span));
        }
        Ok(())
    }

    /// Closes a block of this file, and adds it as a step. An empty block, and `any` of more than
    /// it has, are mistakes.
    fn closes(&mut self, end: Span) -> Result<(), Diagnostic> {
        let is_own = self.open.len() > self.includes.open_before();
        let Some((start, span, steps)) = is_own.then(|| self.open.pop()).flatten() else {
            return Err(Diagnostic::new(end, "No block to close here."));
        };
        if steps.is_empty() {
            return Err(Diagnostic::new(span, "The block is empty."));
        }
        let kind = match start {
            BlockStart::Repeat(rounds) => StatementKind::Repeat(rounds, steps),
            BlockStart::Every(interval, total) => StatementKind::Every(interval, total, steps),
            BlockStart::Unordered => StatementKind::Unordered(None, steps),
            BlockStart::Any(count) if count > steps.len() => {
                let message = format!("The block has only {} expectations.", steps.len());
                return Err(Diagnostic::new(span, message));
            }
            BlockStart::Any(count) => StatementKind::Unordered(Some(count), steps),
            BlockStart::Parallel => {
                for statement in &steps {
                    if statement.connections().len() > 1 {
                        let span = statement.span.clone();
                        return Err(Diagnostic::new(
                            span,
                            "Inside a parallel block, a block can have steps of only one connection.",
                        ));
                    }
                }
                let connections: BTreeSet<_> =
                    steps.iter().flat_map(Statement::connections).collect();
                let barriers = steps.iter().filter(|step| step.kind == StatementKind::Barrier);
                self.barriers += connections.len() * barriers.count();
                if self.barriers > BARRIERS {
                    let message = format!(
                        "A file can have at most {BARRIERS} barriers, each counted once for each \
                         connection of its block."
                    );
                    return Err(Diagnostic::new(span, message));
                }
                StatementKind::Parallel(steps)
            }
        };
        self.push(span, kind);
        Ok(())
    }

    /// Notes the blocks that are not closed, after the first `of_others`.
    fn unclosed(&mut self, of_others: usize) {
        for (_, span, _) in self.open.split_off(of_others) {
            self.note(Diagnostic::new(span, "The block is not closed: a '}' is missing."));
        }
    }

    /// Notes a mistake once: a file that is included twice has it twice.
    fn note(&mut self, mistake: Diagnostic) {
        if !self.diagnostics.contains(&mistake) {
            self.diagnostics.push(mistake);
        }
    }

    /// Reports mistakes, the most telling ones first: those of lines, then open blocks and
    /// unreachable paths, then sections without a connection. A mock without time limits gets the
    /// longest.
    fn finish(mut self) -> Result<Scenario, Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            self.unclosed(0);
            self.diagnostics.extend(unreachable(&self.scenario.serves, self.source));
            self.diagnostics.truncate(DIAGNOSTICS);
        }
        if self.diagnostics.is_empty() {
            self.note_unconnected();
            let Scenario { opening, sections, serves, .. } = &self.scenario;
            if opening.is_empty() && sections.is_empty() && serves.is_empty() {
                let message = "The file has no steps: nothing to test or to serve.";
                self.untested.push(Diagnostic::new(0..0, message));
            }
            self.untested.truncate(DIAGNOSTICS);
            self.diagnostics.append(&mut self.untested);
        }
        // A client of a mock may take its time, unless the file says otherwise.
        let is_mock = !self.scenario.serves.is_empty();
        let default = |of_test| if is_mock { duration::LONGEST } else { of_test };
        self.scenario.timeout = self.timeout.unwrap_or(default(TIMEOUT));
        self.scenario.limit = self.limit.unwrap_or(default(LIMIT));
        if self.diagnostics.is_empty() { Ok(self.scenario) } else { Err(self.diagnostics) }
    }
}

/// Mistake of a block in too many others.
pub(super) fn nested_too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(span, format!("Blocks can be nested at most {DEPTH} deep."))
}
