//! Parser of a whole file and its includes: each line to its place, if it may stand there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    TEXT_BYTES,
    cursor::Cursor,
    diagnostic::{DIAGNOSTICS, Diagnostic, Span},
    line::{BlockStart, ConnectOption, Line},
    scenario::{Block, Scenario, Section, Serve, Statement, StatementKind, Variable},
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
const DEPTH: usize = 8;
/// Maximum depth of files that include each other.
const INCLUDE_DEPTH: usize = 8;
/// Maximum number of served paths that each path below is compared with. Later ones are compared
/// with the first ones only, so that the work stays linear in the file.
const COMPARED: usize = 200;
/// Maximum number of included files, each counted as often as it is included.
const INCLUDES: usize = 100;

impl Source {
    /// Parses the file. For each `include`, the callback gets the name of the including file and
    /// the path as written; it returns the name of the included file, by which a circle is
    /// recognised, and its text, or a sentence.
    ///
    /// # Errors
    ///
    /// All mistakes, up to 20, in the order of the lines; also if the texts are larger than
    /// [`TEXT_BYTES`] together.
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
///
/// All mistakes, up to 20, in the order of the file; also if it is larger than [`TEXT_BYTES`].
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

/// Callback of [`Source::parse`].
type Include<'a> = dyn FnMut(&str, &str) -> Result<(String, String), String> + 'a;

/// File that is being parsed. The outermost is the file itself.
struct Included {
    /// Index of the file in the source.
    file: usize,
    /// Place of the line that includes it.
    span: Span,
    /// Number of blocks that were open there.
    open: usize,
}

/// Connections that steps may use. `None` stands for the one without a name.
#[derive(Default)]
struct Scope {
    /// Connections made.
    known: BTreeSet<Option<String>>,
    /// Connections that a step ended, with its place; without one, those that connected again.
    ended: BTreeMap<Option<String>, Option<Span>>,
}

/// State of parsing: settings and steps so far, open blocks, and names that are known.
struct Parser<'a> {
    /// Text of all files, to which included ones are added.
    source: &'a mut Source,
    include: &'a mut Include<'a>,
    /// Chain of includes down to this place: the file itself first, the innermost last.
    files: Vec<Included>,
    /// Number of files included so far.
    included: usize,
    /// Bytes of all files, each counted as often as it is included.
    bytes: usize,
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
    /// Connections of the steps before the sections.
    opening: Scope,
    /// Connections of this section or path. It goes before the opening.
    section: Scope,
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
            variables: Vec::new(),
            timeout: TIMEOUT,
            limit: LIMIT,
            requirements: Vec::new(),
            opening: Vec::new(),
            sections: Vec::new(),
            serves: Vec::new(),
        };
        Self {
            source,
            include,
            files: Vec::new(),
            included: 0,
            bytes: 0,
            scenario,
            open: Vec::new(),
            takes_options: false,
            timeout: None,
            limit: None,
            opening: Scope::default(),
            section: Scope::default(),
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
        let (start, text) = self.source.up_to_end(file);
        self.bytes += text.len() - start;
        if self.bytes > TEXT_BYTES {
            let limit = TEXT_BYTES >> 20;
            let message = if self.files.is_empty() {
                format!("The file is larger than {limit} MiB.")
            } else {
                format!("The file and its includes are larger than {limit} MiB.")
            };
            return Err(Diagnostic::new(span, message));
        }
        let open = self.open.len();
        self.files.push(Included { file, span, open });
        let mut at = start;
        while let Some((span, line, _)) = next_line(self.source.up_to_end(file).1, &mut at) {
            if let Err(mistake) = line.and_then(|line| self.line(span, line)) {
                self.note(mistake);
            }
            // After a mistake in a long JSON each line is one: the first ones tell enough.
            if self.diagnostics.len() >= DIAGNOSTICS {
                break;
            }
        }
        self.files.pop();
        if !self.files.is_empty() {
            self.unclosed(open);
        }
        Ok(())
    }

    /// Parses the file of an `include` in its place. Bounds: the depth of includes, their number,
    /// and their bytes. Circles are detected by file name.
    fn include(&mut self, span: &Span, path: &str) -> Result<(), Diagnostic> {
        if self.files.len() > INCLUDE_DEPTH {
            let message = format!("Includes can be nested at most {INCLUDE_DEPTH} deep.");
            return Err(Diagnostic::new(span.clone(), message));
        }
        self.included += 1;
        if self.included > INCLUDES {
            let message = format!("More than {INCLUDES} files are included.");
            return Err(Diagnostic::new(span.clone(), message));
        }
        let from = self.files.last().map_or(0, |included| included.file);
        let (name, text) = (self.include)(self.source.name(from), path)
            .map_err(|sentence| Diagnostic::new(span.clone(), sentence))?;
        let circle = self.files.iter().position(|included| self.source.name(included.file) == name);
        if let Some(first) = circle {
            return Err(self.circle(span, &self.files[first..]));
        }
        let file = self.source.add(name, &text);
        self.file(file, span.clone())
    }

    /// Mistake of files that include each other in a circle; the line at `span` closes it. Each
    /// step is named.
    fn circle(&self, span: &Span, files: &[Included]) -> Diagnostic {
        let lines = files.iter().skip(1).map(|included| &included.span).chain([span]);
        let names = files.iter().skip(1).chain(&files[..1]);
        let steps = lines.zip(names).map(|(line, included)| {
            let place = self.source.place(line);
            format!("{}:{} includes {}", place.file, place.at.line, self.source.name(included.file))
        });
        let steps = steps.collect::<Vec<_>>().join(", ");
        Diagnostic::new(span.clone(), format!("The files include each other in a circle: {steps}."))
    }

    /// Checks that the line is not one of an included file. `what` is its name in the sentence.
    fn is_outermost(&self, span: &Span, what: &str) -> Result<(), Diagnostic> {
        if self.files.len() <= 1 {
            return Ok(());
        }
        let message = format!(
            "An included file can have only settings and steps: {what} is not allowed here."
        );
        Err(Diagnostic::new(span.clone(), message))
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
                None => self.scenario.requirements.push(requirement),
            },
            Line::Include(path) => self.include(&span, &path)?,
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
        let is_included = self.files.len() > 1;
        if !is_included {
            self.outside(&span, "A variable")?;
        }
        if self.variable_names.insert(name.clone()) {
            self.scenario.variables.push(Variable { span, name, value });
        } else if !is_included {
            return Err(Diagnostic::new(span, format!("@{name} is already set above.")));
        }
        Ok(())
    }

    /// Adds a connection, which the steps below it may use.
    fn connect(&mut self, span: Span, name: Option<String>, url: Text) -> Result<(), Diagnostic> {
        self.expects_only(&span)?;
        self.is_test(&span, "connect")?;
        let scope = self.scope();
        scope.known.insert(name.clone());
        scope.ended.insert(name.clone(), None);
        self.push(span, StatementKind::Connect { name, url, options: Vec::new() });
        Ok(())
    }

    /// Adds a step of a connection; outside of parallel blocks, `wait` needs none.
    fn step(&mut self, span: Span, name: Option<String>, action: Action) -> Result<(), Diagnostic> {
        let is_message =
            matches!(&action, Action::Expect(expected) if expected.pattern.is_message());
        if !is_message {
            self.expects_only(&span)?;
        }
        let is_free = name.is_none() && matches!(action, Action::Wait(_)) && !self.is_in_parallel();
        if !is_free {
            self.check_known(&span, name.as_ref())?;
        }
        self.can_happen(&span, &action)?;
        self.is_after_end(&span, name.as_ref(), &action)?;
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

    /// Connections of the place that is parsed.
    fn scope(&mut self) -> &mut Scope {
        let Scenario { sections, serves, .. } = &self.scenario;
        let is_opening = sections.is_empty() && serves.is_empty();
        if is_opening { &mut self.opening } else { &mut self.section }
    }

    /// Connections that the steps of this place may use.
    fn known(&self) -> impl Iterator<Item = &Option<String>> {
        self.opening.known.iter().chain(&self.section.known)
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
    fn outside(&self, span: &Span, what: &str) -> Result<(), Diagnostic> {
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
            self.outside(span, what)?;
        }
        Ok(self.scenario.sections.last_mut())
    }

    /// Checks that the block is not one that takes expectations only. `unordered` and `any` count
    /// messages only.
    fn expects_only(&self, span: &Span) -> Result<(), Diagnostic> {
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

    /// Checks that a connection was made above, before the sections or in this one. Of a mock, only
    /// the client without a name is known.
    fn check_known(&self, span: &Span, name: Option<&String>) -> Result<(), Diagnostic> {
        let name = name.cloned();
        if self.opening.known.contains(&name) || self.section.known.contains(&name) {
            return Ok(());
        }
        if !self.scenario.serves.is_empty() {
            return Err(Diagnostic::new(span.clone(), "Steps of a mock have no connection name.")
                .with_help("Each client has its own run of the steps."));
        }
        let Some(name) = name else {
            let named = self.known().flatten().next();
            return Err(match named {
                Some(named) => Diagnostic::new(span.clone(), "The connection's name is missing.")
                    .with_help(format!("Write it before the step, like {named} > hi.")),
                None => Diagnostic::new(span.clone(), "There is no connection yet.")
                    .with_help("Add before it: connect ws://localhost:8080"),
            });
        };
        let known: Vec<&str> = self.known().flatten().map(String::as_str).collect();
        let end = span.start + name.len();
        Err(Diagnostic::new(span.start..end, format!("Unknown connection '{name}'."))
            .suggest(&name, &known)
            .or_help("Add before it: connect NAME URL"))
    }

    /// Begins a section: open blocks end, and connections of the section before are forgotten.
    fn section(&mut self, span: Span, name: String) -> Result<(), Diagnostic> {
        self.is_outermost(&span, "a section")?;
        self.is_test(&span, "a section")?;
        self.unclosed(0);
        self.connects();
        self.section = Scope::default();
        if !self.section_names.insert(name.clone()) {
            return Err(Diagnostic::new(span, format!("Section [{name}] already exists above.")));
        }
        let (requirements, steps) = (Vec::new(), Vec::new());
        let section = Section { name, span, timeout: None, limit: None, requirements, steps };
        self.scenario.sections.push(section);
        Ok(())
    }

    /// Notes the last section if it makes no connection, and there was none before the sections.
    fn connects(&mut self) {
        let Scenario { sections, serves, .. } = &self.scenario;
        if let Some(Section { name, span, .. }) = sections.last()
            && serves.is_empty()
            && self.known().next().is_none()
        {
            let message = format!("[{name}] has no connection: nothing to test.");
            self.untested.push(Diagnostic::new(span.clone(), message));
        }
    }

    /// Begins a served path. Its only connection is open from the beginning.
    fn serve(&mut self, span: Span, path: String, pattern: Path) -> Result<(), Diagnostic> {
        self.is_outermost(&span, "a served path")?;
        self.unclosed(0);
        if !self.scenario.opening.is_empty() || !self.scenario.sections.is_empty() {
            return Err(Diagnostic::new(
                span,
                "A file with connections or sections is a test: it cannot serve paths.",
            )
            .with_help("Put the mock in a separate file."));
        }
        self.section = Scope { known: [None].into(), ..Scope::default() };
        let (options, steps) = (Vec::new(), Vec::new());
        self.scenario.serves.push(Serve { span, path, pattern, options, steps });
        Ok(())
    }

    /// Checks that the file is not a mock.
    fn is_test(&self, span: &Span, what: &str) -> Result<(), Diagnostic> {
        if self.scenario.serves.is_empty() {
            return Ok(());
        }
        let message = format!("A file that serves paths is a mock: it cannot have {what}.");
        Err(Diagnostic::new(span.clone(), message))
    }

    /// Checks that a mock expects no opening or refusal: its connection is open before it begins.
    fn can_happen(&self, span: &Span, action: &Action) -> Result<(), Diagnostic> {
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

    /// Checks that nothing is sent after the end of the connection, and notes an end. A connection
    /// that connects again may send again. Loops are not followed.
    fn is_after_end(
        &mut self,
        span: &Span,
        name: Option<&String>,
        action: &Action,
    ) -> Result<(), Diagnostic> {
        let (ends, sends) = match action {
            Action::Close(..) => (true, true),
            Action::Drop => (true, false),
            Action::Send(_) | Action::Ping(_) | Action::Pong(_) => (false, true),
            _ => return Ok(()),
        };
        let name = name.cloned();
        let ended = self.section.ended.get(&name).or_else(|| self.opening.ended.get(&name));
        if let Some(Some(end)) = ended.filter(|_| sends) {
            let line = self.source.place(end).at.line;
            let message =
                format!("Nothing can be sent here: the step in line {line} ends the connection.");
            return Err(Diagnostic::new(span.clone(), message)
                .with_help("Connect again first, or move it before that step."));
        }
        if ends {
            self.scope().ended.insert(name, Some(span.clone()));
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
        self.expects_only(&span)?;
        let nested = start == BlockStart::Parallel && self.is_in_parallel();
        let too_deep = self.open.len() >= DEPTH;
        // Opened in any case, so that its end has a beginning.
        self.open.push((start, span.clone(), Vec::new()));
        if nested {
            return Err(Diagnostic::new(span, "Parallel blocks cannot be nested."));
        }
        if too_deep {
            return Err(Diagnostic::new(
                span,
                format!("Blocks can be nested at most {DEPTH} deep."),
            ));
        }
        Ok(())
    }

    /// Closes a block of this file, and adds it as a step. An empty block, and `any` of more than
    /// it has, are mistakes.
    fn closes(&mut self, end: Span) -> Result<(), Diagnostic> {
        let of_others = self.files.last().map_or(0, |included| included.open);
        let is_own = self.open.len() > of_others;
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

    /// Notes the paths that no client reaches: one above takes all their clients.
    fn unreachable(&mut self) {
        let mut taken: Vec<&Serve> = Vec::new();
        for serve in &self.scenario.serves {
            if let Some(above) = taken.iter().find(|above| above.pattern.covers(&serve.pattern)) {
                let place = self.source.place(&above.span);
                let message = format!(
                    "{} is unreachable: {} in line {} is served to every client.",
                    serve.path, above.path, place.at.line
                );
                self.diagnostics.push(Diagnostic::new(serve.span.clone(), message).with_help(
                    "Put the more specific path first: the one with a subprotocol, header or query, or without parameters.",
                ));
            }
            let is_condition = |(_, option): &(Span, ConnectOption)| {
                matches!(
                    option,
                    ConnectOption::Header(..)
                        | ConnectOption::Query(..)
                        | ConnectOption::Subprotocols(_)
                )
            };
            if taken.len() < COMPARED && !serve.options.iter().any(is_condition) {
                taken.push(serve);
            }
        }
        self.diagnostics.truncate(DIAGNOSTICS);
    }

    /// Reports mistakes, the most telling ones first: those of lines, then open blocks and
    /// unreachable paths, then sections without a connection. A mock without time limits gets the
    /// longest.
    fn finish(mut self) -> Result<Scenario, Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            self.unclosed(0);
            self.unreachable();
        }
        if self.diagnostics.is_empty() {
            self.connects();
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
