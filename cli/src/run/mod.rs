//! `wsbench run` and `wsbench fmt`: scenario files.

mod connections;
mod flags;
mod layout;
mod report;

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use scenario::{Failure, Run, Scenario, Verdict};
use session::Time;
use tokio::time::{Instant, sleep_until};
use workbench::compose::Values;

use self::{
    connections::Connections,
    report::{Report, Source},
};
pub(crate) use self::{
    flags::RunFlags,
    layout::{FmtFlags, format_files},
};
use crate::{
    process::{Exit, Interrupt, fail},
    target::HandshakeFlags,
};

/// Runs the files, one section after the other. `Err` is a usage error.
pub(crate) async fn run(flags: RunFlags) -> Result<Exit, String> {
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => return Ok(fail(&format!("Cannot handle signals: {error}."))),
    };
    let mut report = Report::new(&flags);
    let mut exit = Exit::Done;
    // All mistakes of all files, before anything is sent.
    let mut files = Vec::new();
    for path in &flags.files {
        match parse(path, &report) {
            Ok(file) => files.push(file),
            Err(of_file) => exit = worse(exit, of_file),
        }
    }
    if exit != Exit::Done || flags.dry_run {
        return Ok(exit);
    }
    let mut ran = 0;
    for (source, scenario) in &files {
        for section in chosen(scenario, flags.only.as_deref()) {
            ran += 1;
            let name = section.map(|index| &*scenario.sections()[index].name);
            let started = Instant::now();
            let seed = flags.seed.unwrap_or_else(|| fastrand::u64(..));
            let verdict = tokio::select! {
                verdict = run_section(source, scenario, section, seed, &flags, &report) => verdict?,
                () = interrupt.raised() => return Ok(Exit::Interrupted),
            };
            exit = worse(exit, exit_of(&verdict));
            report.ended(source, name, &verdict, started.elapsed(), seed);
        }
    }
    if ran == 0 {
        let only = flags.only.as_deref().unwrap_or_default();
        return Err(format!(
            "there is no section [{only}]; --dry-run checks the files without running them"
        ));
    }
    Ok(worse(exit, report.finish()))
}

/// Reads and checks a file. Prints its mistakes.
fn parse(path: &Path, report: &Report) -> Result<(Source, Scenario), Exit> {
    let mut source = Source::read(path).map_err(|sentence| fail(&sentence))?;
    match source.parse() {
        Ok(scenario) => Ok((source, scenario)),
        Err(mistakes) => {
            report.mistakes(&source, &mistakes);
            Err(Exit::Usage)
        }
    }
}

/// Checks files, and prints all their mistakes.
pub(crate) fn check(paths: &[PathBuf]) -> Result<(), Exit> {
    let report = Report::of_mistakes();
    let mut result = Ok(());
    // Each file, so that all mistakes are shown at once.
    for path in paths {
        result = result.and(parse(path, &report).map(drop));
    }
    result
}

/// Sections to run: those that are chosen, or the whole file if it has none.
fn chosen(scenario: &Scenario, only: Option<&str>) -> Vec<Option<usize>> {
    if scenario.sections().is_empty() {
        return if only.is_none() { vec![None] } else { Vec::new() };
    }
    let sections = scenario.sections().iter().enumerate();
    let sections = sections.filter(|(_, section)| only.is_none_or(|only| section.name == only));
    sections.map(|(index, _)| Some(index)).collect()
}

/// Worse of two exit statuses: a wrong file, then no connection, then a failed step.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit| match exit {
        Exit::Done => 0,
        Exit::Unmet => 1,
        Exit::Failed => 2,
        _ => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

fn exit_of(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Passed => Exit::Done,
        Verdict::Failed(Failure { is_connection: true, .. }) => Exit::Failed,
        Verdict::Failed(_) => Exit::Unmet,
    }
}

/// Runs one section to its verdict.
async fn run_section(
    source: &Source,
    scenario: &Scenario,
    section: Option<usize>,
    seed: u64,
    flags: &RunFlags,
    report: &Report,
) -> Result<Verdict, String> {
    let mut values = Values::new(seed);
    values.variables = flags.variables()?;
    let mut run = Run::new(scenario, section, values)?;
    run.hide(&flags.secrets());
    let mut connections = Connections::new(&flags.handshake, source.path(), flags.max_message);
    let clock = Clock::start();
    let mut outputs = run.update(None, clock.now());
    loop {
        for output in outputs {
            report.progress(source, &output);
            connections.perform(output).await?;
        }
        if let Some(verdict) = run.verdict() {
            let verdict = verdict.clone();
            connections.end().await;
            return Ok(verdict);
        }
        let deadline = run.deadline().map(|at| clock.instant(at));
        let event = tokio::select! {
            event = connections.event() => Some(event),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => None,
        };
        outputs = run.update(event, clock.now());
    }
}

/// Clock of a run: starts at the time of day, and is not set back.
struct Clock {
    started: Instant,
    at: Time,
}

impl Clock {
    fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = Time(u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
        Self { started: Instant::now(), at }
    }

    fn now(&self) -> Time {
        self.at.after(self.started.elapsed())
    }

    fn instant(&self, time: Time) -> Instant {
        // Rounded up: a timer that fires early would only be set again.
        self.started + time.since(self.at) + Duration::from_micros(1)
    }
}
