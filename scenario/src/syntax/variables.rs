//! Variables of a file: those that it uses, and those that it can know before a run.

use std::collections::BTreeSet;

use super::{
    block::{Block, Kind, Scenario},
    diagnostic::{Diagnostic, Span},
    line::ConnectOption,
    matcher::{Matcher, Test},
    payload::Payload,
    source::Source,
    step::{Action, Condition, Pattern},
    text::Text,
};

/// Names in a file.
#[derive(Default)]
struct Names<'a> {
    /// Names in braces, with the lines that they stand in.
    used: Vec<(Span, &'a str)>,
    /// Names that the file sets, or captures.
    known: BTreeSet<&'a str>,
}

impl Scenario {
    /// `true` if `{{name}}` stands anywhere in the file, or the file sets it.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        let names = self.names(None);
        names.known.contains(name) || names.used.iter().any(|(_, used)| *used == name)
    }

    /// Mistakes of variables that nothing can set: neither the file, nor one of `given`. With `only`, those of the
    /// steps before the sections and of that section. Up to 20.
    #[must_use]
    pub fn unknown_variables(
        &self,
        source: &Source,
        only: Option<&str>,
        given: &[&str],
    ) -> Vec<Diagnostic> {
        let Names { used, mut known } = self.names(only);
        known.extend(given);
        let all: Vec<&str> = known.iter().copied().collect();
        let mut seen = BTreeSet::new();
        let unknown = used.into_iter().filter(|(_, name)| !known.contains(name));
        let unknown = unknown.filter(|(_, name)| seen.insert(*name));
        let mistakes = unknown.map(|(span, name)| {
            let placeholder = format!("{{{{{name}}}}}");
            let at = source.get(&span).find(&placeholder).map(|at| span.start + at);
            let span = at.map_or(span, |at| at..at + placeholder.len());
            Diagnostic::new(span, format!("There is no variable {name}."))
                .suggest(name, &all)
                .or_help(&format!("Set it by @{name} = …, --set {name}=… or capture."))
        });
        mistakes.take(super::diagnostic::DIAGNOSTICS).collect()
    }

    fn names(&self, only: Option<&str>) -> Names<'_> {
        let mut names = Names::default();
        for (name, value) in &self.variables {
            names.known.insert(name);
            names.text(&(0..0), value);
        }
        names.block(&self.opening);
        for section in &self.sections {
            if only.is_none_or(|only| section.name == only) {
                names.block(&section.steps);
            }
        }
        for serve in &self.serves {
            names.options(&serve.options);
            names.block(&serve.steps);
        }
        names
    }
}

impl<'a> Names<'a> {
    fn text(&mut self, span: &Span, text: &'a Text) {
        self.used.extend(text.names().map(|name| (span.clone(), name)));
    }

    fn block(&mut self, block: &'a Block) {
        for statement in block {
            let span = &statement.span;
            match &statement.kind {
                Kind::Connect { url, options, .. } => {
                    self.text(span, url);
                    self.options(options);
                }
                Kind::Step { action, .. } => self.action(span, action),
                Kind::Barrier => {}
                Kind::Repeat(_, steps)
                | Kind::Every(_, _, steps)
                | Kind::Unordered(_, steps)
                | Kind::Parallel(steps) => self.block(steps),
            }
        }
    }

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

    fn payload(&mut self, span: &Span, payload: &'a Payload) {
        match payload {
            Payload::Text(text) | Payload::File(text) => self.text(span, text),
            Payload::Binary(_) => {}
            Payload::Fragments(_, payload) => self.payload(span, payload),
        }
    }

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

    fn test(&mut self, span: &Span, test: &'a Test) {
        if let Test::Compares(_, text) = test {
            self.text(span, text);
        }
    }
}
