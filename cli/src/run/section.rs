//! Section of a scenario file: one run, from its first step to its verdict.

use std::{collections::VecDeque, time::Duration};

use scenario::{Output, Run, Scenario, Verdict};
use server::ScenarioClock;
use tokio::time::{Instant, sleep_until, timeout_at};
use workbench::compose::Values;

use super::{
    connections::{Broken, Connections},
    flags::RunFlags,
    report::{Outcome, Progress},
    scenario_file::ScenarioFile,
    transcript::Transcripts,
};
use crate::{connect::CLOSE_TIMEOUT, quantity::format_duration};

/// Section to run, or a whole file that has none. The run is made by [`Self::run`].
#[derive(Clone, Copy)]
pub(super) struct SectionRun<'a> {
    /// Its file, for the lines of failures.
    pub(super) source: &'a ScenarioFile,
    pub(super) scenario: &'a Scenario,
    /// Index of the section; `None` for a whole file.
    pub(super) index: Option<usize>,
}

impl<'a> SectionRun<'a> {
    /// Name in brackets, if the file has sections.
    fn name(&self) -> Option<&'a str> {
        self.index.map(|index| &*self.scenario.sections()[index].name)
    }

    /// Runs it, until `end_of_file` at most. `Err` is a sentence about the variables of the file or
    /// an argument. A transcript that cannot be written fails a run that passed.
    pub(super) async fn run(
        self,
        flags: &RunFlags,
        transcripts: Option<&Transcripts>,
        end_of_file: Option<Instant>,
        mut progress: Progress<'a>,
    ) -> Result<Outcome<'a>, String> {
        let (clock, started) = (ScenarioClock::start(), Instant::now());
        let seed = flags.scenario.seed.unwrap_or_else(|| fastrand::u64(..));
        let mut values = Values::new(seed);
        values.variables = flags.scenario.variables();
        let mut run = Run::new(self.scenario, self.index, values)?;
        run.hide(flags.scenario.secrets());
        let unwritten = |run: &mut Run, error: std::io::Error| {
            run.fail_at(&(0..0), &format!("The transcript cannot be written: {error}."));
        };
        let transcript = transcripts.map(|transcripts| {
            let secrets = flags.scenario.secrets();
            transcripts.begin(self.source.path(), self.name(), &secrets, clock)
        });
        let transcript = transcript.transpose();
        let transcript = transcript.map_err(|error| unwritten(&mut run, error)).ok().flatten();
        let mut connections = Connections::new(
            &flags.handshake,
            self.source.path(),
            flags.max_message,
            transcript.clone(),
        );
        let end = end_of_file.zip(flags.limit);
        let mut verdict = drive(&mut run, &mut connections, clock, end, &mut progress).await?;
        let took = started.elapsed();
        connections.end().await;
        if let Some(Err(error)) = transcript.map(|transcript| transcript.finish())
            && verdict == Verdict::Passed
        {
            unwritten(&mut run, error);
            verdict = run.verdict().cloned().unwrap_or(verdict);
        }
        let (source, section, steps) = (self.source, self.name(), progress.into_kept());
        Ok(Outcome { source, section, verdict, took, seed, steps })
    }
}

/// Passes events and times to the state machine, and performs its outputs, until its verdict; at
/// most until the `end` of the file, the end of its time limit. `Err` is a sentence about an argument.
///
/// An output waits no longer than the run may take.
async fn drive(
    run: &mut Run,
    connections: &mut Connections<'_>,
    clock: ScenarioClock,
    end: Option<(Instant, Duration)>,
    progress: &mut Progress<'_>,
) -> Result<Verdict, String> {
    let end_of_file = end.map(|(at, _)| at);
    let mut event = None;
    loop {
        let outputs = match end {
            Some((at, limit)) if at <= Instant::now() => {
                let limit = format_duration(limit);
                run.fail(&format!("The file exceeded its time limit of {limit} (--limit)."))
            }
            _ => run.update(event.take(), clock.now()),
        };
        // A peer that does not read holds up what is sent no longer than the run may take.
        let patience = match (run.verdict(), run.end_of_limit()) {
            (None, Some(end)) => earliest(Some(clock.instant(end)), end_of_file),
            _ => None,
        };
        let patience = patience.unwrap_or_else(|| Instant::now() + CLOSE_TIMEOUT);
        let mut outputs = VecDeque::from(outputs);
        while let Some(output) = outputs.pop_front() {
            if let Output::Passed(span, _) = &output {
                progress.passed(span);
            }
            // Its time limit ends the run then.
            match timeout_at(patience, connections.perform(output)).await.unwrap_or(Ok(())) {
                Ok(()) => {}
                // The rest was to be done after that step.
                Err(Broken::Step(span, sentence)) => {
                    outputs = run.fail_at(&span, &sentence).into();
                }
                Err(Broken::Run(sentence)) => return Err(sentence),
            }
        }
        if let Some(verdict) = run.verdict() {
            return Ok(verdict.clone());
        }
        let deadline = run.deadline().map(|at| clock.instant(at));
        let deadline = earliest(deadline, end_of_file);
        event = tokio::select! {
            event = connections.event() => Some(event),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => None,
        };
    }
}

/// Earlier of two times, either of which may be missing.
fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}
