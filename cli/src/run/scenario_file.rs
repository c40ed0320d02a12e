//! Scenario file as an argument of the program.

use std::path::{Path, PathBuf};

use scenario::{Diagnostic, Scenario};
use server::scenario_files;

use super::watch::Watch;

/// Scenario file as it was read, with the files that it includes. It stays as it was read, for the
/// lines of failures.
pub(crate) struct ScenarioFile {
    /// Path as given.
    path: PathBuf,
    /// Texts of the file and of its includes.
    pub(crate) text: scenario::Source,
}

impl ScenarioFile {
    /// Reads a file. `Err` is a sentence. A name in errors and reports is the path as given.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display().to_string();
        let text = scenario_files::read(path);
        let text = text.map_err(|error| format!("Cannot read {shown}: {error}."))?;
        Ok(Self { path: path.to_owned(), text: scenario::Source::new(&shown, &text) })
    }

    /// Parses it, and reads its includes, which are watched from then on, also those that are missing. `Err` holds all
    /// mistakes.
    pub(super) fn parse(
        &mut self,
        mut watch: Option<&mut Watch>,
    ) -> Result<Scenario, Vec<Diagnostic>> {
        self.text.parse(|from, path| {
            if let Some(watch) = &mut watch {
                watch.add(scenario_files::included(from, path));
            }
            scenario_files::include(from, path)
        })
    }

    /// Path as given; files to send are relative to its folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// True if its text has a built-in random variable: a report then gives the seed.
    pub(super) fn is_random(&self) -> bool {
        ["{{random", "{{uuid"].iter().any(|variable| self.text.text().contains(variable))
    }
}
