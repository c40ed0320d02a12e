//! Scenario file of a mock.

use std::{
    io,
    path::{Path, PathBuf},
};

use scenario::{Diagnostic, Mock, Source, Span};

use super::{scenario_files, tally::ServeTally};

/// Failure to read the files of a mock.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MockError {
    /// File that cannot be read.
    #[error("Cannot read {}: {error}.", path.display())]
    Io {
        /// Path of the file.
        path: PathBuf,
        /// Cause.
        error: io::Error,
    },
    /// All mistakes, each a line with its place.
    #[error("{}", .0.join("\n"))]
    Mistakes(Vec<String>),
}

/// Mistakes as lines, each with its place.
fn lines(source: &Source, mistakes: &[Diagnostic]) -> Vec<String> {
    let lines = mistakes.iter().map(|mistake| {
        let place = source.place(&mistake.span);
        let help = mistake.suggestion.as_deref().map(|help| format!(" {help}"));
        let help = help.unwrap_or_default();
        format!("{}:{}:{}: {mistake}{help}", place.file, place.at.line, place.at.column)
    });
    lines.collect()
}

/// Scenario file that serves paths.
#[derive(Debug)]
pub(super) struct MockFile {
    /// Path as it was given.
    pub(super) path: PathBuf,
    /// Text of the file and of its included files, for places in messages.
    source: Source,
    pub(super) mock: Mock,
    /// Counts of each path, in the order of [`scenario::Scenario::serves`].
    pub(super) tallies: Vec<ServeTally>,
}

impl MockFile {
    /// Reads a file, with the names of variables that are `given`.
    pub(super) fn read(
        path: &Path,
        own: &[&str],
        is_alone: bool,
        given: &[&str],
    ) -> Result<Self, MockError> {
        let text = scenario_files::read(path);
        let text = text.map_err(|error| MockError::Io { path: path.to_owned(), error })?;
        let mut source = Source::new(&path.display().to_string(), &text);
        let scenario = source
            .parse(scenario_files::include)
            .map_err(|mistakes| MockError::Mistakes(lines(&source, &mistakes)))?;
        let tallies = scenario.serves().iter().map(ServeTally::new).collect();
        let unknown = lines(&source, &scenario.unknown_variables(&source, None, given));
        let mock = Mock::new(scenario);
        let file = Self { path: path.to_owned(), source, mock, tallies };
        let mut mistakes = file.mistakes(own, is_alone);
        mistakes.extend(unknown);
        if mistakes.is_empty() { Ok(file) } else { Err(MockError::Mistakes(mistakes)) }
    }

    /// Mistakes of a valid file: nothing to serve, or a path that the server has itself.
    fn mistakes(&self, own: &[&str], is_alone: bool) -> Vec<String> {
        if self.mock.scenario().serves().is_empty() {
            let path = self.path.display();
            return vec![format!(
                "{path} is not a mock: it has no line like serve /rooms/{{room}}. For scenarios that connect, use wsbench run."
            )];
        }
        let clashes = self.mock.scenario().serves().iter().filter_map(|serve| {
            let path = own.iter().find(|path| serve.overlaps(path))?;
            let help = if is_alone {
                "Choose another path."
            } else {
                "Choose another path, or serve the file alone: wsbench mock FILE."
            };
            let at = self.place(&serve.span);
            Some(format!(
                "{at}: {} is already used: the server has {path} itself. {help}",
                serve.path
            ))
        });
        clashes.collect()
    }

    /// Line of a step, counted from 1.
    pub(super) fn line(&self, span: &Span) -> usize {
        self.source.place(span).at.line
    }

    /// `FILE:LINE` of a step, which may be one of an included file.
    pub(super) fn place(&self, span: &Span) -> String {
        let place = self.source.place(span);
        format!("{}:{}", place.file, place.at.line)
    }

    /// First line of a step, as it is written.
    pub(super) fn step(&self, span: &Span) -> &str {
        self.source.get(span).lines().next().unwrap_or_default().trim()
    }
}
