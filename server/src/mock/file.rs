//! Scenario file of a mock.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use scenario::{Scenario, Span, TEXT_BYTES, parse};

use super::tally::ServeTally;

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

/// Scenario file that serves paths.
#[derive(Debug)]
pub(super) struct MockFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) scenario: Scenario,
    /// Counts of each path, in the order of [`Scenario::serves`].
    pub(super) tallies: Vec<ServeTally>,
    /// Positions of the line breaks.
    breaks: Vec<usize>,
}

impl MockFile {
    /// Reads a file. The inner `Err` are its mistakes.
    pub(super) fn read(
        path: &Path,
        own: &[&str],
        is_alone: bool,
    ) -> Result<Result<Self, Vec<String>>, MockError> {
        let error = |error| MockError::Io { path: path.to_owned(), error };
        // Before it is read: a wrong path may be that of a film.
        if fs::metadata(path).map_err(error)?.len() > TEXT_BYTES as u64 {
            let error = io::Error::other(format!("it is larger than {} MiB", TEXT_BYTES >> 20));
            return Err(MockError::Io { path: path.to_owned(), error });
        }
        let text = fs::read_to_string(path).map_err(error)?;
        let shown = path.display();
        let scenario = match parse(&text) {
            Ok(scenario) => scenario,
            Err(mistakes) => {
                let lines = mistakes.iter().map(|mistake| {
                    let (line, column) = mistake.place(&text);
                    let help = mistake.suggestion.as_deref().map(|help| format!(" {help}"));
                    format!("{shown}:{line}:{column}: {mistake}{}", help.unwrap_or_default())
                });
                return Ok(Err(lines.collect()));
            }
        };
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let breaks = breaks.map(|(index, _)| index).collect();
        let tallies = scenario.serves().iter().map(ServeTally::new).collect();
        let file = Self { path: path.to_owned(), text, scenario, tallies, breaks };
        let mistakes = file.mistakes(own, is_alone);
        Ok(if mistakes.is_empty() { Ok(file) } else { Err(mistakes) })
    }

    /// Mistakes of a valid file: nothing to serve, or a path that the server has itself.
    fn mistakes(&self, own: &[&str], is_alone: bool) -> Vec<String> {
        if self.scenario.serves().is_empty() {
            let path = self.path.display();
            return vec![format!(
                "{path} serves nothing: a mock has a line like serve /rooms/{{room}}. Scenarios that connect are for wsbench run."
            )];
        }
        let clashes = self.scenario.serves().iter().filter_map(|serve| {
            let path = own.iter().find(|path| serve.overlaps(path))?;
            let help = if is_alone {
                "Choose another path."
            } else {
                "Choose another path, or serve the file alone: wsbench mock FILE."
            };
            let at = self.place(&serve.span);
            Some(format!("{at}: {} is taken: the server has {path} itself. {help}", serve.path))
        });
        clashes.collect()
    }

    /// Line of a step, counted from 1.
    pub(super) fn line(&self, span: &Span) -> usize {
        self.breaks.partition_point(|&at| at < span.start) + 1
    }

    /// `FILE:LINE` of a step.
    pub(super) fn place(&self, span: &Span) -> String {
        format!("{}:{}", self.path.display(), self.line(span))
    }

    /// First line of a step, as it is written.
    pub(super) fn step(&self, span: &Span) -> &str {
        self.text.get(span.clone()).and_then(|step| step.lines().next()).unwrap_or_default().trim()
    }
}
