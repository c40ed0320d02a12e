//! `wsbench bench`: load generator, measuring throughput and latency.
//!
//! Runs on one thread: its cost is one core.

mod connection;
mod figures;
mod flags;
mod hdr;
mod load;
mod measure;
mod merge;
mod progress;
mod report;
mod series;
mod threshold;
mod verdict;
mod virtual_users;

use connector::Target;
use server::read_bounded;

pub(crate) use self::flags::BenchFlags;
use self::{
    connection::Payload,
    flags::{Answers, BenchCommand},
    hdr::{HdrLog, with_log},
    load::{Load, MAX_AWAITED},
    measure::Results,
    report::{Report, Requested},
};
use crate::{
    handshake::shown_url,
    process::{EarlyExit, Exit, Interrupt, fail, print_error, raise_open_files},
};

/// Largest file sent as a message. It is in memory as a whole.
const MAX_FILE: u64 = 1 << 30;

/// Loads the servers, with `--compare` two servers in turns, and prints the results. Ctrl-C ends
/// the measurement. Refuses contradictions of flags that clap cannot tell.
pub(crate) async fn run(flags: BenchFlags) -> Result<Exit, EarlyExit> {
    if let Some(BenchCommand::Merge { files, json }) = &flags.command {
        return Ok(merge::run(files, *json));
    }
    if flags.scenario.scenario.is_some() {
        return virtual_users::run(&flags).await;
    }
    if !flags.scenario.run.is_empty() {
        return Err("--only, --seed, --set and --secret require --scenario FILE".to_owned().into());
    }
    let awaited = flags.connections as usize * flags.in_flight as usize;
    if flags.rate.is_none() && awaited > MAX_AWAITED {
        let sentence = format!(
            "--connections times --in-flight is {awaited}; at most {MAX_AWAITED} messages can be in \
             flight"
        );
        return Err(sentence.into());
    }
    if flags.compare.is_some() && flags.urls.len() > 1 {
        return Err("--compare compares two servers; give one URL besides it".to_owned().into());
    }
    let urls = flags.urls.iter().chain(&flags.compare).cloned();
    let targets = urls.map(|url| flags.handshake.target(url)).collect::<Result<Vec<_>, _>>()?;
    let payload = payload(&flags)?;
    let interrupt = Interrupt::listen()?;
    raise_open_files();
    let load = Load { flags: &flags, payload: &payload, interrupt: &interrupt };
    let measured = with_log(flags.output.hdr.as_deref(), targets.len() > 1, async |log| {
        let results = measure_all(&load, &targets, log).await;
        let counts = Results::sum(&results).counts;
        (results, counts)
    });
    let (results, log_error) = measured.await.map_err(|sentence| fail(&sentence))?;
    if interrupt.is_raised() && !results.is_empty() {
        print_error("Interrupted: these are the results so far.");
    }
    let exit = print_results(&flags, &targets, &payload, &results);
    Ok(match log_error {
        Some(error) => fail(&error),
        None if results.is_empty() => exit_interrupted(),
        None => exit,
    })
}

/// Exit status of a load without results, with its sentence.
fn exit_interrupted() -> Exit {
    print_error("Interrupted before anything was measured.");
    Exit::Interrupted
}

/// Payload by the flags: text, file or a generated message. The error is a sentence.
fn payload(flags: &BenchFlags) -> Result<Payload, String> {
    let message = &flags.message;
    let payload = match (&message.text, &message.file) {
        (Some(text), _) => Payload::given(text.clone().into_bytes(), message.binary),
        (_, Some(path)) => {
            let bytes = read_bounded(path, MAX_FILE)
                .map_err(|error| format!("--file {}: {error}", path.display()))?;
            if !message.binary && std::str::from_utf8(&bytes).is_err() {
                let path = path.display();
                return Err(format!("--file {path}: not UTF-8; use --binary to send bytes"));
            }
            Payload::given(bytes, message.binary)
        }
        _ => Payload::generated(message.size, message.binary),
    };
    Ok(payload.answered_by(message.answers == Answers::Any, message.error.clone()))
}

/// URLs of servers as they are shown.
fn names(flags: &BenchFlags, targets: &[Target]) -> Vec<String> {
    let shows_secrets = flags.handshake.show_secrets;
    targets.iter().map(|target| shown_url(&target.url, shows_secrets)).collect()
}

/// Results of each server: of all at the same time, or with `--compare` in turns. Empty if
/// interrupted before the first measurement; with `--compare`, one of the two may be there.
async fn measure_all(
    load: &Load<'_>,
    targets: &[Target],
    log: &mut Option<HdrLog<'_>>,
) -> Vec<Results> {
    let flags = load.flags;
    if flags.compare.is_none() {
        let title = names(flags, targets).join(" ");
        return load.measure(targets, &title, log).await.unwrap_or_default();
    }
    let mut results: Vec<Option<Results>> = targets.iter().map(|_| None).collect();
    'turns: for turn in 1..=flags.turns {
        for (target, total) in targets.iter().zip(&mut results) {
            let title = names(flags, std::slice::from_ref(target)).join(" ");
            let title = format!("{title} ({turn}/{})", flags.turns);
            let one = load.measure(std::slice::from_ref(target), &title, log).await;
            let one = one.and_then(|mut results| results.pop());
            match (total.as_mut(), one) {
                (Some(total), Some(one)) => total.add_turn(&one),
                (None, one) => *total = one,
                (Some(_), None) => {}
            }
            if load.interrupt.is_raised() {
                break 'turns;
            }
        }
    }
    results.into_iter().flatten().collect()
}

/// Prints the report, then a sentence for each condition that fails the run. Returns the exit
/// status.
fn print_results(
    flags: &BenchFlags,
    targets: &[Target],
    payload: &Payload,
    results: &[Results],
) -> Exit {
    if results.is_empty() {
        return Exit::Failed;
    }
    let urls = names(flags, targets);
    let requested = Requested { flags, urls: &urls, size: payload.size() };
    let reports = urls.iter().zip(results).map(|(url, it)| Report::new(&requested, url, it));
    let mut reports: Vec<_> = reports.collect();
    let sum = Results::sum(results);
    let mut total = Report::new(&requested, &urls.join(" "), &sum);
    let complaints = if flags.compare.is_some() {
        reports.iter_mut().flat_map(Report::judge).collect()
    } else {
        total.judge()
    };
    let parts = if reports.len() > 1 { &reports[..] } else { &[] };
    let text = match (flags.compare.is_some(), flags.output.json) {
        (true, true) => format!("{}\n", report::json_of_both(&reports)),
        (true, false) => report::text_of_both(&reports),
        (false, true) => format!("{}\n", total.json_with(parts)),
        (false, false) => total.text_with(parts),
    };
    verdict::print(&text, &complaints, results)
}
