//! Connections that steps may use: those made above, as far as no step ended them.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::{
    diagnostic::{Diagnostic, Span},
    source::Source,
    step::Action,
};

/// Connections of one place. `None` stands for the one without a name.
#[derive(Default)]
struct Scope {
    /// Connections made.
    known: BTreeSet<Option<String>>,
    /// Connections that a step ended, with its place; without one, those that connected again.
    ended: BTreeMap<Option<String>, Option<Span>>,
}

/// Connections of a file, as far as it is parsed.
#[derive(Default)]
pub(super) struct Connections {
    /// Connections of the steps before the sections.
    opening: Scope,
    /// Connections of this section or path, if one has begun. It goes before the opening.
    section: Option<Scope>,
}

impl Connections {
    /// Begins a section: connections of the one before are forgotten.
    pub(super) fn begin_section(&mut self) {
        self.section = Some(Scope::default());
    }

    /// Begins a served path. Its only connection is open from the beginning.
    pub(super) fn begin_path(&mut self) {
        self.section = Some(Scope { known: [None].into(), ..Scope::default() });
    }

    /// Scopes of this place, the outermost first.
    fn scopes(&self) -> impl DoubleEndedIterator<Item = &Scope> {
        [&self.opening].into_iter().chain(&self.section)
    }

    /// Scope of the next step.
    fn innermost(&mut self) -> &mut Scope {
        self.section.as_mut().unwrap_or(&mut self.opening)
    }

    /// Connections that the steps of this place may use.
    fn known(&self) -> impl Iterator<Item = &Option<String>> {
        self.scopes().flat_map(|scope| &scope.known)
    }

    /// True if the steps of this place have no connection.
    pub(super) fn are_missing(&self) -> bool {
        self.known().next().is_none()
    }

    /// Adds a connection, which may send again if it had ended.
    pub(super) fn connect(&mut self, name: Option<String>) {
        let scope = self.innermost();
        scope.known.insert(name.clone());
        scope.ended.insert(name, None);
    }

    /// Checks that a connection was made above, before the sections or in this one. Of a mock, only the client
    /// without a name is known.
    pub(super) fn check_known(
        &self,
        span: &Span,
        name: Option<&String>,
        is_mock: bool,
    ) -> Result<(), Diagnostic> {
        let name = name.cloned();
        if self.scopes().any(|scope| scope.known.contains(&name)) {
            return Ok(());
        }
        if is_mock {
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

    /// Checks that nothing is sent after the end of the connection. One that connects again may send again. Loops
    /// are not followed.
    pub(super) fn check_not_ended(
        &self,
        source: &Source,
        span: &Span,
        name: Option<&String>,
        action: &Action,
    ) -> Result<(), Diagnostic> {
        let sends = matches!(
            action,
            Action::Close(..) | Action::Send(_) | Action::Ping(_) | Action::Pong(_)
        );
        let name = name.cloned();
        let ended = self.scopes().rev().find_map(|scope| scope.ended.get(&name));
        let Some(Some(end)) = ended.filter(|_| sends) else { return Ok(()) };
        let line = source.place(end).at.line;
        let message =
            format!("Nothing can be sent here: the step in line {line} ends the connection.");
        Err(Diagnostic::new(span.clone(), message)
            .with_help("Connect again first, or move it before that step."))
    }

    /// Notes the end of a connection, if the step is one.
    pub(super) fn note_end(&mut self, span: &Span, name: Option<&String>, action: &Action) {
        if matches!(action, Action::Close(..) | Action::Drop) {
            self.innermost().ended.insert(name.cloned(), Some(span.clone()));
        }
    }
}
