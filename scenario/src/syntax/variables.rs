//! Variables of a file: the used ones, and those known before a run.

use std::collections::BTreeSet;

use super::{
    diagnostic::{DIAGNOSTICS, Diagnostic, Span},
    line::ConnectOption,
    matcher::{Matcher, Test},
    payload::Payload,
    scenario::{Block, Scenario, StatementKind, Variable},
    source::Source,
    step::{Action, Condition, Pattern},
    text::Text,
};

/// Variable of a mock with the number of the connection.
const CONNECTION: &str = "connection";

/// Names in a part of a file.
#[derive(Default)]
struct Names<'a> {
    /// Names in braces, with the places of their lines.
    used: Vec<(Span, &'a str)>,
    /// Names that are set or captured.
    known: BTreeSet<&'a str>,
}

impl Scenario {
    /// True if `{{name}}` stands anywhere in the file, or the file sets it.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        let [variables, opening] = [self.names_of_variables(), Names::of(&self.opening)];
        let parts = self.parts(None);
        let mut all = [variables, opening].into_iter().chain(parts);
        all.any(|names| {
            names.known.contains(name) || names.used.iter().any(|(_, used)| *used == name)
        })
    }

    /// Mistakes of variables that nothing can set: neither the file, above it or in the same
    /// section or path, nor one of `given`. With `only`, of the steps before the sections and of
    /// that section. Up to 20, each name once.
    #[must_use]
    pub fn unknown_variables(
        &self,
        source: &Source,
        only: Option<&str>,
        given: &[&str],
    ) -> Vec<Diagnostic> {
        let (opening, parts) = (Names::of(&self.opening), self.parts(only));
        let captured: BTreeSet<&str> =
            parts.iter().flat_map(|part| part.known.iter().copied()).collect();
        let set = self.variables.iter().map(|variable| &*variable.name);
        let elsewhere = captured.iter().chain(&opening.known).copied().chain(set).collect();
        let mut mistakes = Mistakes { source, elsewhere, seen: BTreeSet::new(), all: Vec::new() };
        let mut base: BTreeSet<&str> = given.iter().copied().collect();
        // A mock has these before the variables of the file; parameters, if each of its paths has them.
        if let Some((first, others)) = self.serves.split_first() {
            let is_in_each =
                |name: &&str| others.iter().all(|it| it.pattern.names().any(|its| its == *name));
            base.extend(first.pattern.names().filter(is_in_each).chain([CONNECTION]));
        }
        for variable in &*self.variables {
            let mut names = Names::default();
            names.text(&variable.span, &variable.value);
            mistakes.add(&names.used, &[&base]);
            base.insert(&variable.name);
        }
        // A rule above the sections may have what a section captures.
        mistakes.add(&opening.used, &[&base, &opening.known, &captured]);
        for part in &parts {
            mistakes.add(&part.used, &[&base, &opening.known, &part.known]);
        }
        mistakes.all.sort_by_key(|mistake| mistake.span.start);
        mistakes.all
    }

    /// Names of the variables that the file sets, and of the variables in their values.
    fn names_of_variables(&self) -> Names<'_> {
        let mut names = Names::default();
        for Variable { span, name, value } in &*self.variables {
            names.known.insert(name);
            names.text(span, value);
        }
        names
    }

    /// Names of each section, or of `only` one of them, and of each served path.
    fn parts(&self, only: Option<&str>) -> Vec<Names<'_>> {
        let sections = self.sections.iter().filter(|it| only.is_none_or(|only| it.name == only));
        let sections = sections.map(|section| Names::of(&section.steps));
        let serves = self.serves.iter().map(|serve| {
            let mut names = Names::of(&serve.steps);
            names.options(&serve.options);
            names.known.extend(serve.pattern.names().chain([CONNECTION]));
            names
        });
        sections.chain(serves).collect()
    }
}

/// Mistakes of variables, each name once.
struct Mistakes<'a> {
    /// Source of the file, to find a name in its line.
    source: &'a Source,
    /// Names set anywhere in the file, for the help.
    elsewhere: BTreeSet<&'a str>,
    /// Names with a mistake.
    seen: BTreeSet<&'a str>,
    /// At most [`DIAGNOSTICS`].
    all: Vec<Diagnostic>,
}

impl<'a> Mistakes<'a> {
    /// Adds the mistakes of names that none of `known` has.
    fn add(&mut self, used: &[(Span, &'a str)], known: &[&BTreeSet<&str>]) {
        for (span, name) in used {
            if self.all.len() == DIAGNOSTICS {
                return;
            }
            if known.iter().any(|known| known.contains(name)) || !self.seen.insert(name) {
                continue;
            }
            let placeholder = format!("{{{{{name}}}}}");
            let at = self.source.get(span).find(&placeholder).map(|at| span.start + at);
            let span = at.map_or(span.clone(), |at| at..at + placeholder.len());
            let all: Vec<&str> = known.iter().flat_map(|known| known.iter().copied()).collect();
            let mistake = Diagnostic::new(span, format!("Unknown variable {name}."));
            self.all.push(if self.elsewhere.contains(name) {
                mistake.with_help("It is set below, or in another section or path.")
            } else {
                mistake
                    .suggest(name, &all)
                    .or_help(&format!("Set it with @{name} = …, --set {name}=… or capture."))
            });
        }
    }
}

impl<'a> Names<'a> {
    /// Names in a block.
    fn of(block: &'a Block) -> Self {
        let mut names = Self::default();
        names.block(block);
        names
    }

    /// Adds the variables of a text that stands at `span`.
    fn text(&mut self, span: &Span, text: &'a Text) {
        self.used.extend(text.names().map(|name| (span.clone(), name)));
    }

    /// Adds the names of all steps. Recursion is bounded by the depth of blocks.
    fn block(&mut self, block: &'a Block) {
        for statement in block {
            let span = &statement.span;
            match &statement.kind {
                StatementKind::Connect { url, options, .. } => {
                    self.text(span, url);
                    self.options(options);
                }
                StatementKind::Step { action, .. } => self.action(span, action),
                StatementKind::Barrier => {}
                StatementKind::Repeat(_, steps)
                | StatementKind::Every(_, _, steps)
                | StatementKind::Unordered(_, steps)
                | StatementKind::Parallel(steps) => self.block(steps),
            }
        }
    }

    /// Adds the names of options, and of rules with their answers.
    fn options(&mut self, options: &'a [(Span, ConnectOption)]) {
        for (span, option) in options {
            match option {
                ConnectOption::Header(_, value) | ConnectOption::Query(_, value) => {
                    self.text(span, value);
                }
                ConnectOption::Subprotocols(names) => {
                    for name in names {
                        self.text(span, name);
                    }
                }
                ConnectOption::Refuse(_) | ConnectOption::Compression(_) => {}
                ConnectOption::Ignore(matcher) => self.matcher(span, matcher),
                ConnectOption::On(matcher, action) => {
                    self.matcher(span, matcher);
                    self.action(span, action);
                }
            }
        }
    }

    /// Adds the names in an action, captured ones too.
    fn action(&mut self, span: &Span, action: &'a Action) {
        match action {
            Action::Send(payload) => self.payload(span, payload),
            Action::Expect(expectation) => {
                self.pattern(span, &expectation.pattern);
                self.known.extend(expectation.captures.iter().map(|it| it.name.as_str()));
            }
            Action::Wait(_) | Action::Silent(_) | Action::Drop => {}
            Action::Never(matcher) => self.matcher(span, matcher),
            Action::Ping(text) | Action::Pong(text) | Action::Close(_, text) => {
                self.text(span, text);
            }
        }
    }

    /// Adds the names of a payload.
    fn payload(&mut self, span: &Span, payload: &'a Payload) {
        match payload {
            Payload::Text(text) | Payload::File(text) => self.text(span, text),
            Payload::Binary(_) => {}
            Payload::Fragments(_, payload) => self.payload(span, payload),
        }
    }

    /// Adds the names of an event.
    fn pattern(&mut self, span: &Span, pattern: &'a Pattern) {
        match pattern {
            Pattern::Message(matcher) => self.matcher(span, matcher),
            Pattern::Ping(Some(text)) | Pattern::Pong(Some(text)) => self.text(span, text),
            Pattern::Opened(conditions) | Pattern::Refused(conditions) => {
                for condition in conditions {
                    match condition {
                        Condition::Status(_) => {}
                        Condition::Subprotocol(text) => self.text(span, text),
                        Condition::Header(_, test) => self.test(span, test),
                    }
                }
            }
            _ => {}
        }
    }

    /// Adds the names of a matcher. Recursion is bounded by [`super::matcher`].
    fn matcher(&mut self, span: &Span, matcher: &'a Matcher) {
        match matcher {
            Matcher::Equals(text) | Matcher::Contains(text) => self.text(span, text),
            Matcher::Json(json) => self.text(span, json.text()),
            Matcher::Path(_, test) => self.test(span, test),
            Matcher::After(text, rest) => {
                self.text(span, text);
                self.matcher(span, rest);
            }
            Matcher::All(all) => {
                for matcher in all {
                    self.matcher(span, matcher);
                }
            }
            _ => {}
        }
    }

    /// Adds the names of a comparison.
    fn test(&mut self, span: &Span, test: &'a Test) {
        if let Test::Compares(_, text) = test {
            self.text(span, text);
        }
    }
}
