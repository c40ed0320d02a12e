//! Suite: the sections of all files, one after the other or several at a time.

use std::{
    cell::OnceCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use futures::{StreamExt, stream};
use scenario::{Failure, Scenario, Verdict};
use tokio::time::Instant;

use super::{
    flags::RunFlags,
    report::{Progress, Report},
    scenario_file::ScenarioFile,
    section::SectionRun,
    transcript::{Transcripts, is_folder},
    variables::ScenarioFlags,
    watch::Watch,
    worse,
};
use crate::process::{EarlyExit, Exit};

/// Maximum number of sections that an error names.
const SECTIONS_NAMED: usize = 20;

/// Checked files to run, in the order of the arguments.
pub(super) struct Suite(pub(super) Vec<(ScenarioFile, Scenario)>);

impl Suite {
    /// Reads and checks files, and adds their includes to `watch`. Prints all mistakes of all
    /// files.
    pub(super) fn read(
        paths: &[PathBuf],
        report: &Report,
        mut watch: Option<&mut Watch>,
    ) -> Result<Self, Exit> {
        let (mut files, mut exit) = (Vec::new(), Exit::Done);
        for path in paths {
            match parse(path, report, watch.as_deref_mut()) {
                Ok(file) => files.push(file),
                Err(of_file) => exit = worse(exit, of_file),
            }
        }
        if exit == Exit::Done { Ok(Self(files)) } else { Err(exit) }
    }

    /// Checks that all files are tests. Prints a sentence for each that is not. Mocks need a client
    /// to begin.
    pub(super) fn check_tests(&self, report: &Report) -> Result<(), Exit> {
        let mocks = self.0.iter().filter(|(_, scenario)| !scenario.serves().is_empty());
        let mocks = mocks.map(|(source, _)| source.path().display());
        let mocks = mocks.inspect(|path| {
            report.fail(&format!("{path} is a mock; use wsbench mock."));
        });
        if mocks.count() == 0 { Ok(()) } else { Err(Exit::Usage) }
    }

    /// Runs the sections, and reports each in its turn. `Err` is a sentence about an argument.
    /// `--jobs` of them run at the same time; one that ends early waits for its turn.
    pub(super) async fn run(&self, flags: &RunFlags, report: &Report) -> Result<Exit, String> {
        let jobs = usize::from(flags.jobs);
        let transcripts = match &flags.transcript {
            Some(path) if jobs > 1 && !is_folder(path) => {
                return Err("--transcript FILE takes one section at a time; with --jobs, give a \
                            folder that ends with a slash"
                    .to_owned());
            }
            Some(path) => Some(Transcripts::create(path).map_err(|error| {
                format!("--transcript: cannot write {}: {error}", path.display())
            })?),
            None => None,
        };
        // Begins of the files, for their limits.
        let begins: Vec<_> = self.0.iter().map(|_| OnceCell::new()).collect();
        let sections = self.0.iter().zip(&begins).flat_map(|((source, scenario), begin)| {
            let chosen = chosen(scenario, flags.scenario.only.as_deref()).into_iter();
            chosen.map(move |index| (SectionRun { source, scenario, index }, begin))
        });
        let mut outcomes = stream::iter(sections.enumerate())
            .map(|(number, (section, begin))| {
                let transcripts = transcripts.as_ref();
                async move {
                    let begin = *begin.get_or_init(Instant::now);
                    let end = flags.limit.map(|limit| begin + limit);
                    let progress = Progress::new(report, section.source, jobs == 1);
                    (number, section.run(flags, transcripts, end, progress).await)
                }
            })
            .buffer_unordered(jobs);
        let (mut exit, mut turn, mut early) = (Exit::Done, 0, BTreeMap::new());
        while let Some((number, outcome)) = outcomes.next().await {
            early.insert(number, outcome?);
            while let Some(outcome) = early.remove(&turn) {
                exit = worse(exit, exit_of(&outcome.verdict));
                report.ended(outcome);
                turn += 1;
            }
        }
        if turn == 0 {
            let scenarios = self.0.iter().map(|(_, scenario)| scenario);
            return Err(no_section(flags.scenario.only.as_deref(), scenarios));
        }
        Ok(exit)
    }
}

/// Error of a section that is `only` to be run, and that no file has.
pub(crate) fn no_section<'a>(
    only: Option<&str>,
    scenarios: impl Iterator<Item = &'a Scenario>,
) -> String {
    let names = scenarios.flat_map(Scenario::sections).map(|it| it.name.as_str());
    let names: Vec<_> = names.take(SECTIONS_NAMED).collect();
    let names = (!names.is_empty()).then(|| format!("; there are: {}", names.join(", ")));
    format!("no section [{}]{}", only.unwrap_or_default(), names.unwrap_or_default())
}

/// Checks that each given variable stands in a file, and that each one in a file can be known; `own`
/// is one that the command sets. Prints the mistakes.
pub(super) fn check_variables(
    files: &[(ScenarioFile, Scenario)],
    flags: &ScenarioFlags,
    own: Option<&str>,
    report: &Report,
) -> Result<(), EarlyExit> {
    let is_nowhere = |name: &&str| !files.iter().any(|(_, scenario)| scenario.mentions(name));
    if let Some(name) = flags.names().find(is_nowhere) {
        return Err(format!("no file uses {{{{{name}}}}}, which --set or --secret sets").into());
    }
    let given = flags.variables();
    let given: Vec<_> = given.iter().map(|(name, _)| name.as_str()).chain(own).collect();
    let mut result = Ok(());
    for (source, scenario) in files {
        let mistakes = scenario.unknown_variables(&source.text, flags.only.as_deref(), &given);
        if !mistakes.is_empty() {
            report.mistakes(source, &mistakes);
            result = Err(Exit::Usage.into());
        }
    }
    result
}

/// Reads and checks a file. Prints its mistakes. `Err` is the exit status.
pub(super) fn parse(
    path: &Path,
    report: &Report,
    watch: Option<&mut Watch>,
) -> Result<(ScenarioFile, Scenario), Exit> {
    let mut source = ScenarioFile::read(path).map_err(|sentence| report.fail(&sentence))?;
    match source.parse(watch) {
        Ok(scenario) => Ok((source, scenario)),
        Err(mistakes) => {
            report.mistakes(&source, &mistakes);
            Err(Exit::Usage)
        }
    }
}

/// Sections to run: those chosen by `only`, or the whole file if it has none.
pub(crate) fn chosen(scenario: &Scenario, only: Option<&str>) -> Vec<Option<usize>> {
    if scenario.sections().is_empty() {
        return if only.is_none() { vec![None] } else { Vec::new() };
    }
    let sections = scenario.sections().iter().enumerate();
    let sections = sections.filter(|(_, section)| only.is_none_or(|only| section.name == only));
    sections.map(|(index, _)| Some(index)).collect()
}

/// Exit status of a verdict. A failure to connect counts as this machine's, a failed step as the test's.
fn exit_of(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Passed => Exit::Done,
        Verdict::Failed(Failure { is_error: true, .. }) => Exit::Failed,
        Verdict::Failed(_) => Exit::Unmet,
    }
}
