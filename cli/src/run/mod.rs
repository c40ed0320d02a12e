//! `wsbench run` and `wsbench fmt`: scenario files.

mod connections;
mod flags;
mod fmt;
mod program_under_test;
mod report;
mod scenario_file;
mod section;
mod suite;
mod transcript;
mod variables;
mod wait_for;
mod watch;

use std::path::{Path, PathBuf};

use scenario::Scenario;

pub(crate) use self::{
    connections::{frame, target_of, url},
    flags::RunFlags,
    fmt::{FmtFlags, format_files},
    scenario_file::ScenarioFile,
    suite::{chosen, no_section},
    variables::ScenarioFlags,
};
use self::{program_under_test::ProgramUnderTest, report::Report, suite::Suite, watch::Watch};
use crate::{
    handshake::HandshakeFlags,
    process::{EarlyExit, Exit, Interrupt, print_notice, raise_open_files},
};

/// Runs the files, and with `--watch` again when one is saved. Starts the program under test
/// before, and ends it after, if there is one.
pub(crate) async fn run(flags: RunFlags) -> Result<Exit, EarlyExit> {
    let interrupt = Interrupt::listen()?;
    if flags.with.is_some() {
        interrupt.raise_at_hangup()?;
    }
    let report = Report::new(&flags)?;
    let mut program = None;
    let result = tokio::select! {
        result = run_and_watch(&flags, &mut program, &report) => result,
        () = interrupt.raised() => Ok(Exit::Interrupted),
    };
    match &result {
        Err(sentence) => report.note(sentence),
        Ok(Exit::Interrupted) => report.note("The run was interrupted."),
        Ok(_) => {}
    }
    let mut exit = *result.as_ref().unwrap_or(&Exit::Usage);
    if let Some(program) = program {
        exit = program.end(exit, &flags.scenario.secrets(), &report).await;
    }
    exit = worse(exit, report.finish());
    Ok(result.map(|_| exit)?)
}

/// Runs the files once, or with `--watch` until the program ends. An error is shown with its
/// secrets hidden; while watching, it only waits for the next save.
async fn run_and_watch(
    flags: &RunFlags,
    program: &mut Option<ProgramUnderTest>,
    report: &Report,
) -> Result<Exit, String> {
    loop {
        let mut watch = flags.watch.then(|| Watch::begin(&flags.files));
        let result = match run_once(flags, program, report, watch.as_mut()).await {
            Ok(exit) | Err(EarlyExit::Printed(exit)) => Ok(exit),
            // A sentence may quote a URL with its variables replaced.
            Err(EarlyExit::Usage(sentence)) => Err(flags.scenario.secrets().hide(&sentence)),
        };
        let Some(watch) = watch else { return result };
        if let Err(sentence) = &result {
            print_notice(&format!("error: {sentence}"));
            report.note(sentence);
        }
        report.finish();
        report.say("Waiting for a file to be saved. Ctrl-C stops.");
        let saved = async {
            match program {
                Some(program) => tokio::select! {
                    saved = watch.saved() => Some(saved),
                    () = program.ended() => None,
                },
                None => Some(watch.saved().await),
            }
        };
        let Some(saved) = saved.await else { return Ok(Exit::Failed) };
        report.say(&format!("\n──── {} was saved ────", saved.display()));
    }
}

/// Checks all files, starts the program if it does not run, and runs the files. The order matters:
/// mistakes in a file cost no start of a program.
async fn run_once(
    flags: &RunFlags,
    program: &mut Option<ProgramUnderTest>,
    report: &Report,
    watch: Option<&mut Watch>,
) -> Result<Exit, EarlyExit> {
    if !flags.dry_run {
        report.open()?;
    }
    let suite = Suite::read(&flags.files, report, watch)?;
    suite.check_tests(report)?;
    suite::check_variables(&suite.0, &flags.scenario, None, report)?;
    if flags.dry_run {
        return Ok(Exit::Done);
    }
    if program.is_none() {
        let command = flags.with.as_deref();
        *program = command.map(|line| ProgramUnderTest::start(line, report)).transpose()?;
        if let Some(wait_for) = &flags.wait_for {
            let answer = wait_for
                .answer(flags.wait_timeout, &flags.handshake, |sentence| report.fail(sentence));
            match program {
                Some(program) => tokio::select! {
                    answer = answer => answer?,
                    () = program.ended() => return Ok(Exit::Failed),
                },
                None => answer.await?,
            }
        }
    }
    // The program keeps the limit that it would have by itself.
    raise_open_files();
    Ok(suite.run(flags, report).await?)
}

/// Reads and checks one file. Prints its mistakes; `Err` is the exit status.
pub(crate) fn read(path: &Path) -> Result<(ScenarioFile, Scenario), Exit> {
    suite::parse(path, &Report::of_mistakes(), None)
}

/// Checks that each variable of `flags` stands in a file, and that each one of it can be known; `own` is
/// one that the command sets. Prints the mistakes.
pub(crate) fn check_variables(
    file: &(ScenarioFile, Scenario),
    flags: &ScenarioFlags,
    own: &str,
) -> Result<(), EarlyExit> {
    let files = std::slice::from_ref(file);
    suite::check_variables(files, flags, Some(own), &Report::of_mistakes())
}

/// Checks files, and prints all their mistakes. `Err` is the exit status.
pub(crate) fn check(paths: &[PathBuf]) -> Result<(), Exit> {
    Suite::read(paths, &Report::of_mistakes(), None).map(drop)
}

/// Worse of two exit statuses: a wrong file, then no connection, then a failed step. A wrong file
/// is worst, since no test says anything then.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit| match exit {
        Exit::Done => 0,
        Exit::Unmet => 1,
        Exit::Failed => 2,
        _ => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}
