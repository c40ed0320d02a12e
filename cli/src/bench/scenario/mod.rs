//! `wsbench bench --scenario`: each connection is a person who runs a scenario file again and again.

mod person;
mod report;
mod socket;
mod tally;

use std::{cell::RefCell, time::Duration};

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use scenario::{Plan, Scenario};
use tokio::{
    sync::Semaphore,
    task::unconstrained,
    time::{Instant, interval, sleep_until, timeout},
};

use self::{
    person::{Person, Shared},
    tally::Tally,
};
use super::{
    exit_interrupted,
    flags::BenchFlags,
    load::{CONNECTING, REFRESH},
    progress::Progress,
    raise_open_files,
    series::INTERVAL,
};
use crate::{
    clock::Clock,
    connect::CLOSE_TIMEOUT,
    process::{Exit, Interrupt, fail, print_error},
    run::{self, Source},
};

/// Bytes of one read.
const READ: usize = 64 << 10;

/// Loads servers with a scenario, and prints the results. Ctrl-C ends the measurement. `Err` is a usage error.
pub(super) async fn run(flags: &BenchFlags) -> Result<Exit, String> {
    let Some(path) = &flags.scenario.scenario else { return Ok(Exit::Usage) };
    let (source, scenario) = match run::read(path) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    if !scenario.serves().is_empty() {
        return Err(format!("{} is a mock, which has nothing to send first", path.display()));
    }
    let plans: Vec<_> = run::chosen(&scenario, flags.scenario.only.as_deref())
        .into_iter()
        .map(|section| Plan::for_load(&scenario, section))
        .collect();
    if plans.is_empty() {
        let only = flags.scenario.only.as_deref().unwrap_or_default();
        return Err(format!("there is no section [{only}]"));
    }
    let secrets = flags.scenario.variables.secrets();
    load(flags, &source, &scenario, plans).await.map_err(|sentence| secrets.hide(&sentence))
}

async fn load(
    flags: &BenchFlags,
    source: &Source,
    scenario: &Scenario,
    plans: Vec<Plan>,
) -> Result<Exit, String> {
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => return Ok(fail(&format!("Cannot handle signals: {error}."))),
    };
    raise_open_files();
    let start = Instant::now();
    let from = start + flags.ramp + flags.warmup;
    let end = from + flags.duration;
    let shared = Shared {
        source,
        plans,
        variables: flags.scenario.variables.variables()?,
        handshake: &flags.handshake,
        targets: Default::default(),
        seed: flags.scenario.seed.unwrap_or_else(|| fastrand::u64(..)),
        clock: Clock::start(),
        connecting: Semaphore::new(CONNECTING),
        buffer: vec![0; READ].into(),
        tally: RefCell::new(Tally::new(from, end)),
        is_over: false.into(),
        mistake: RefCell::default(),
    };
    let mut progress = Progress::new(&source.path().display().to_string());
    progress.start(start..end);
    let persons = (0..flags.connections).map(|number| {
        Person::new(&shared, number, start + flags.ramp * number / flags.connections)
    });
    let mut persons: FuturesUnordered<_> = persons.collect();
    // Without tokio's budget of 128 operations per poll, which all persons would share.
    unconstrained(async {
        let mut refresh = interval(REFRESH);
        let mut interval_end = from + INTERVAL;
        loop {
            tokio::select! {
                biased;
                // One ends only because of a mistake in the file.
                _ = persons.next() => break,
                _ = refresh.tick() => {
                    let now = Instant::now();
                    let window = &mut shared.tally.borrow_mut().window;
                    progress.update(now, window.has_begun(now), window.received_messages());
                    if interval_end <= now {
                        window.take_interval(now, |_| ());
                        interval_end = now + INTERVAL;
                    }
                }
                () = sleep_until(end) => break,
                () = interrupt.raised() => break,
            }
        }
    })
    .await;
    progress.clear();
    let time = shared.tally.borrow_mut().end_at(Instant::now());
    shared.is_over.set(true);
    let persons = persons.into_iter().map(|mut person| {
        person.stop();
        person
    });
    let _ = timeout(CLOSE_TIMEOUT, unconstrained(join_all(persons))).await;
    if let Some(sentence) = shared.mistake.take() {
        return Err(sentence);
    }
    if time == Duration::ZERO {
        return Ok(exit_interrupted());
    }
    if interrupt.is_raised() {
        print_error("Interrupted: these are the results so far.");
    }
    Ok(report::print(flags, source, scenario, shared.tally.into_inner(), time))
}
