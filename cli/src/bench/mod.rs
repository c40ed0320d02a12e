//! `wsbench bench`: load generator for echo servers, measuring throughput and latency.
//!
//! Runs on one thread: its cost is one core.

mod connection;
mod flags;
mod frames;
mod measure;
mod report;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    ops::Range,
    pin::pin,
    time::Duration,
};

use futures::{
    StreamExt,
    future::{join_all, select},
    stream,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::{
    task::unconstrained,
    time::{Instant, interval, sleep_until, timeout},
};

pub(crate) use self::flags::BenchFlags;
use self::{
    connection::{BenchConnection, Schedule},
    frames::FrameBatch,
    measure::{Failure, Histogram, Results, Window},
    report::{Report, format_rate},
};
use crate::{
    connector::{ConnectError, Connection, Target, connect},
    process::{Exit, Interrupt, escape_controls, fail, print_document, print_error, print_notice},
    quantity::format_counted,
};

/// Concurrent connection attempts: more would measure the listener's backlog.
const CONNECTING: usize = 64;

/// Wait for greetings once all connections are open; later messages count as answers.
const GREETING_TIMEOUT: Duration = Duration::from_millis(100);

/// Size of the read buffer, shared by all connections.
const READ_BUFFER: usize = 256 << 10;

/// Refresh interval of the progress bar.
const REFRESH: Duration = Duration::from_millis(100);

/// Loads the server, with `--compare` two servers in turns, and prints the results. Ctrl-C ends the
/// measurement. `Err` is a usage error.
pub(crate) async fn run(flags: BenchFlags) -> Result<Exit, String> {
    let urls = [Some(flags.url.clone()), flags.compare.clone()];
    let targets = urls.into_iter().flatten().map(|url| flags.handshake.target(url));
    let targets = targets.collect::<Result<Vec<_>, _>>()?;
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => return Ok(fail(&format!("Cannot handle signals: {error}."))),
    };
    raise_open_files();
    let results = measure_in_turns(&flags, &targets, &interrupt).await;
    if interrupt.is_raised() {
        if results.is_empty() {
            print_error("Interrupted before anything was measured.");
            return Ok(Exit::Interrupted);
        }
        print_error("Interrupted: these are the results so far.");
    }
    let reports = targets.iter().zip(&results).map(|(target, results)| Report {
        url: target.url.to_string(),
        results,
        size: flags.size,
        is_scheduled: flags.rate.is_some(),
    });
    let reports: Vec<_> = reports.collect();
    let text = match (flags.json, &reports[..]) {
        (true, [one]) if flags.compare.is_none() => format!("{}\n", one.json()),
        (true, _) => format!("{}\n", report::json_of_both(&reports)),
        (false, _) => report::text_of_all(&reports),
    };
    Ok(match print_document(|out| out.write_all(text.as_bytes())) {
        Exit::Done => exit(&results),
        failed => failed,
    })
}

/// Results of each target; fewer if interrupted.
async fn measure_in_turns(
    flags: &BenchFlags,
    targets: &[Target],
    interrupt: &Interrupt,
) -> Vec<Results> {
    let turns = if targets.len() > 1 { flags.turns } else { 1 };
    let mut results: Vec<Option<Results>> = targets.iter().map(|_| None).collect();
    'turns: for turn in 1..=turns {
        for (target, total) in targets.iter().zip(&mut results) {
            let title = match turns {
                1 => target.url.to_string(),
                _ => format!("{} ({turn}/{turns})", target.url),
            };
            let one = measure(flags, target, &title, interrupt).await;
            match (total.as_mut(), one) {
                (Some(total), Some(one)) => total.add(one),
                (None, one) => *total = one,
                (Some(_), None) => {}
            }
            if interrupt.is_raised() {
                break 'turns;
            }
        }
    }
    results.into_iter().flatten().collect()
}

/// Exit status: the most severe failure of any connection.
fn exit(results: &[Results]) -> Exit {
    let failures = || results.iter().flat_map(|results| results.failures.keys());
    if failures().any(|failure| matches!(failure, Failure::Connect(_))) {
        Exit::Failed
    } else if failures().any(|failure| matches!(failure, Failure::Violation(_))) {
        Exit::Violation
    } else if failures().any(|failure| matches!(failure, Failure::NoAnswer)) {
        Exit::Unmet
    } else if failures().next().is_some() {
        Exit::Closed
    } else {
        Exit::Done
    }
}

/// Loads one server once. `None` if interrupted before the measurement.
async fn measure(
    flags: &BenchFlags,
    target: &Target,
    title: &str,
    interrupt: &Interrupt,
) -> Option<Results> {
    let progress = progress_bar(title);
    let opened = open_connections(flags, target, &progress, interrupt).await?;
    let connected = u32::try_from(opened.connections.len()).unwrap_or(u32::MAX);
    let mut failures = opened.failures;
    let frames = FrameBatch::new(flags.size, flags.binary, flags.in_flight);
    let buffer = RefCell::new(vec![0; READ_BUFFER]);
    let now = Instant::now();
    let window = RefCell::new(Window::new(now, now));
    let mut connections: Vec<_> = opened
        .connections
        .into_iter()
        .map(|it| BenchConnection::new(it, &frames, &window, &buffer, flags.in_flight))
        .collect();
    // Still idle: messages received now are greetings.
    let greetings = join_all(connections.iter_mut().map(BenchConnection::run));
    let _ = timeout(GREETING_TIMEOUT, greetings).await;

    let start = Instant::now();
    let from = start + flags.warmup;
    let mut end = from + flags.duration;
    window.replace(Window::new(from, end));
    for (index, connection) in connections.iter_mut().enumerate() {
        connection.set_schedule(schedule(flags, connected, index, start));
    }
    // Without tokio's budget of 128 operations per poll, which all connections would share.
    let load = unconstrained(join_all(connections.iter_mut().map(BenchConnection::run)));
    let watch = watch(&progress, &window, start..end, interrupt);
    select(pin!(load), pin!(watch)).await;
    if interrupt.is_raised() {
        end = end.min(Instant::now());
    }
    let time = window.borrow_mut().end_at(end);
    let settled = join_all(connections.into_iter().map(|it| it.settle(end))).await;
    for failure in settled.into_iter().flatten() {
        *failures.entry(failure).or_default() += 1;
    }
    progress.finish_and_clear();
    (!time.is_zero()).then(|| Results {
        time,
        connections: connected,
        window: window.into_inner(),
        connect: opened.times,
        failures,
        first_error: opened.first_error,
    })
}

/// Result of opening all connections.
struct Opened {
    connections: Vec<Connection>,
    /// Of the successful attempts, in nanoseconds.
    times: Histogram,
    failures: BTreeMap<Failure, u64>,
    first_error: Option<String>,
}

/// Opens the connections. `None` if interrupted.
async fn open_connections(
    flags: &BenchFlags,
    target: &Target,
    progress: &ProgressBar,
    interrupt: &Interrupt,
) -> Option<Opened> {
    let mut opened = Opened {
        connections: Vec::new(),
        times: measure::histogram(),
        failures: BTreeMap::new(),
        first_error: None,
    };
    let mut attempts = stream::iter(0..flags.connections)
        .map(|number| timed_connect(target, flags.handshake.verbose && number == 0))
        .buffer_unordered(CONNECTING);
    loop {
        let attempt = tokio::select! {
            attempt = attempts.next() => attempt,
            () = interrupt.raised() => return None,
        };
        match attempt {
            Some(Ok((connection, took))) => {
                let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
                opened.times.saturating_record(nanos);
                opened.connections.push(connection);
            }
            Some(Err(error)) => {
                opened.first_error.get_or_insert_with(|| escape_controls(&error.to_string()));
                *opened.failures.entry(Failure::Connect(error.kind())).or_default() += 1;
            }
            None => return Some(opened),
        }
        let count = opened.connections.len() as u64;
        progress.set_message(format_counted(count, "connection", "connections"));
    }
}

/// Connects and measures the time it takes. With `verbose`, prints request and response.
async fn timed_connect(
    target: &Target,
    verbose: bool,
) -> Result<(Connection, Duration), ConnectError> {
    let trace = |text: &str| {
        if verbose {
            print_notice(text);
        }
    };
    let start = Instant::now();
    let connection = connect(target, &trace).await?;
    Ok((connection, start.elapsed()))
}

/// Schedule of one connection. Their starts are spread evenly over an interval.
fn schedule(flags: &BenchFlags, connections: u32, index: usize, start: Instant) -> Schedule {
    let Some(rate) = flags.rate else { return Schedule::WhenAnswered };
    let interval = Duration::from_secs(1) * connections / rate;
    let index = u32::try_from(index).unwrap_or_default();
    Schedule::Fixed { next: start + interval * index / connections, interval }
}

/// Progress bar on standard error; hidden unless that is a terminal.
fn progress_bar(title: &str) -> ProgressBar {
    let is_visible = io::stderr().is_terminal();
    let target =
        if is_visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let progress = ProgressBar::with_draw_target(Some(1), target);
    // The template is valid.
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {msg}") {
        progress.set_style(style.progress_chars("=> "));
    }
    progress.set_prefix(title.to_owned());
    progress
}

/// Updates the progress bar. Resolves at the end of `time`, or when interrupted.
async fn watch(
    progress: &ProgressBar,
    window: &RefCell<Window>,
    time: Range<Instant>,
    interrupt: &Interrupt,
) {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    progress.set_length(millis(time.end - time.start));
    let mut refresh = interval(REFRESH);
    let mut before = (time.start, 0);
    loop {
        tokio::select! {
            _ = refresh.tick() => {}
            () = sleep_until(time.end) => return,
            () = interrupt.raised() => return,
        }
        let now = Instant::now();
        let window = window.borrow();
        progress.set_position(millis(now - time.start));
        if window.has_begun(now) {
            let rate = measure::per_second(window.messages - before.1, now - before.0);
            progress.set_message(format!("{} messages/s", format_rate(rate)));
        } else {
            progress.set_message("warming up");
        }
        before = (now, window.messages);
    }
}

/// Raises the limit on open files to the maximum: a connection is one.
fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // If this fails, the excess connections report it.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}
