//! `wsbench bench --scenario`: each connection is a virtual user (`VirtualUser`) that runs a scenario
//! file again and again, or at the times of a rate.

mod report;
mod socket;
mod tally;
mod virtual_user;

use std::{cell::RefCell, time::Duration};

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use scenario::{Plan, Scenario};
use server::ScenarioClock;
use tokio::{
    sync::Semaphore,
    task::unconstrained,
    time::{Instant, interval, sleep_until, timeout},
};

use self::{
    tally::Tally,
    virtual_user::{PERSON, Shared, VirtualUser},
};
use super::{
    connection::Timetable,
    exit_interrupted,
    figures::Counts,
    flags::BenchFlags,
    hdr::{HdrLog, with_log},
    load::{CONNECTING, INTERRUPTED_WAIT, REFRESH},
    measure::Window,
    progress::Progress,
};
use crate::{
    connect::CLOSE_TIMEOUT,
    process::{EarlyExit, Exit, Interrupt, fail, print_error, raise_open_files},
    run::{self, ScenarioFile},
};

/// Loads servers with a scenario, and prints the results. Ctrl-C ends the measurement. Mocks are refused:
/// they send nothing by themselves.
pub(super) async fn run(flags: &BenchFlags) -> Result<Exit, EarlyExit> {
    let Some(path) = &flags.scenario.scenario else { return Ok(Exit::Usage) };
    let file = run::read(path)?;
    if !file.1.serves().is_empty() {
        return Err(format!("{} is a mock; use wsbench mock", path.display()).into());
    }
    run::check_variables(&file, &flags.scenario.run, PERSON)?;
    let (source, scenario) = file;
    let plans: Vec<_> = run::chosen(&scenario, flags.scenario.run.only.as_deref())
        .into_iter()
        .map(|section| Plan::for_load(&scenario, section))
        .collect();
    if plans.is_empty() {
        let only = flags.scenario.run.only.as_deref();
        return Err(run::no_section(only, std::iter::once(&scenario)).into());
    }
    load(flags, &source, &scenario, plans).await
}

/// Measures and prints, with the log of latencies if there is one.
async fn load(
    flags: &BenchFlags,
    source: &ScenarioFile,
    scenario: &Scenario,
    plans: Vec<Plan>,
) -> Result<Exit, EarlyExit> {
    let interrupt = Interrupt::listen()?;
    raise_open_files();
    let measured = with_log(flags.output.hdr.as_deref(), false, async |log| {
        let measured = measure(flags, source, plans, &interrupt, log).await;
        let counts =
            measured.as_ref().map_or_else(|_| Counts::default(), |it| it.0.window.counts());
        (measured, counts)
    });
    let (measured, log_error) = measured.await.map_err(|sentence| fail(&sentence))?;
    let secrets = flags.scenario.run.secrets();
    let (tally, time) = measured.map_err(|sentence| secrets.hide(&sentence))?;
    if time == Duration::ZERO {
        return Ok(exit_interrupted());
    }
    if interrupt.is_raised() {
        print_error("Interrupted: these are the results so far.");
    }
    let exit = report::print(flags, source, scenario, tally, time);
    Ok(log_error.map_or(exit, |sentence| fail(&sentence)))
}

/// Measures until the end, an interrupt, or a mistake in the file, which is the `Err`. Returns the
/// counts, and the length of the measurement.
///
/// All users run in one task. With a rate, iterations under way at the end may finish within the answer
/// timeout; then the connections are closed.
async fn measure(
    flags: &BenchFlags,
    source: &ScenarioFile,
    plans: Vec<Plan>,
    interrupt: &Interrupt,
    log: &mut Option<HdrLog<'_>>,
) -> Result<(Tally, Duration), String> {
    let start = Instant::now();
    let from = start + flags.ramp + flags.warmup;
    let end = from + flags.duration;
    let shared = Shared {
        source,
        plans,
        variables: flags.scenario.run.variables(),
        handshake: &flags.handshake,
        seed: flags.scenario.run.seed.unwrap_or_else(|| fastrand::u64(..)),
        clock: ScenarioClock::start(),
        connecting: Semaphore::new(CONNECTING),
        buffer: RefCell::default(),
        tally: RefCell::new(Tally::new(from, end, flags.model())),
        is_over: false.into(),
        mistake: RefCell::default(),
    };
    if let Some(log) = log {
        log.next_interval(from);
    }
    let mut progress = Progress::new(&source.path().display().to_string());
    progress.start(start..end, from);
    let users = (0..flags.connections).map(|number| {
        let begin = start + flags.ramp * number / flags.connections;
        let timetable = flags.rate.map(|rate| timetable(flags, rate, number, begin));
        VirtualUser::new(&shared, number, begin, timetable)
    });
    let mut users: FuturesUnordered<_> = users.collect();
    // Without tokio's budget of 128 operations per poll, which all virtual users would share.
    unconstrained(async {
        tokio::select! {
            biased;
            // One ends only because of a mistake in the file.
            _ = users.next() => {}
            () = follow(&shared, &mut progress, log) => {}
            () = sleep_until(end) => {}
            () = interrupt.raised() => {}
        }
    })
    .await;
    progress.clear();
    let time = shared.tally.borrow_mut().window.end_at(Instant::now());
    shared.is_over.set(true);
    let mut users: Vec<_> = users.into_iter().collect();
    if flags.rate.is_some() {
        // Otherwise the iterations that a stall delays would be left out.
        let limit = if interrupt.is_raised() { INTERRUPTED_WAIT } else { flags.answer_timeout };
        let _ = timeout(limit, unconstrained(join_all(&mut users))).await;
    }
    for user in &mut users {
        user.stop();
    }
    end_interval(log, &mut shared.tally.borrow_mut().window, end.min(Instant::now()));
    let _ = timeout(CLOSE_TIMEOUT, unconstrained(join_all(&mut users))).await;
    drop(users);
    match shared.mistake.take() {
        Some(sentence) => Err(sentence),
        None => Ok((shared.tally.into_inner(), time)),
    }
}

/// Shows the progress, and ends the intervals of the time series, forever.
async fn follow(shared: &Shared<'_>, progress: &mut Progress, log: &mut Option<HdrLog<'_>>) {
    let mut refresh = interval(REFRESH);
    loop {
        refresh.tick().await;
        let now = Instant::now();
        let window = &mut shared.tally.borrow_mut().window;
        if progress.update(now, window.has_begun(now), window.received_messages()) {
            end_interval(log, window, now);
        }
    }
}

/// Ends an interval of the time series, and writes its latencies to the log if there is one.
fn end_interval(log: &mut Option<HdrLog<'_>>, window: &mut Window, now: Instant) {
    match log {
        Some(log) => {
            log.write_interval("", window, now);
            log.next_interval(now);
        }
        None => window.end_interval(now, |_| ()),
    }
}

/// Times at which the iterations of a user are due, from `begin` on. Users are spread evenly over an
/// interval.
fn timetable(flags: &BenchFlags, rate: u32, number: u32, begin: Instant) -> Timetable {
    let interval = f64::from(flags.connections) / f64::from(rate);
    let phase =
        Duration::from_secs_f64(interval * f64::from(number) / f64::from(flags.connections));
    // Its own rate rises until the next virtual user joins in.
    Timetable::new(begin + phase, interval * 1e9, flags.ramp / flags.connections)
}
