//! `wsbench bench`: loads servers that echo, and measures how they answer.
//!
//! One thread does it, so that what it costs is known: one core.

mod connection;
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

use self::{
    connection::{Loaded, Pace},
    frames::Outgoing,
    measure::{Measured, Trouble, Window, times},
    report::{Report, show_rate},
};
use crate::{
    connect::{ConnectError, Connection, Target, connect},
    exit::Exit,
    flags::BenchFlags,
    interrupt::Interrupt,
    output::{complain, escape_controls},
};

/// Connections that are being made at once: more would measure the queue of the server's listener.
const CONNECTING: usize = 64;

/// How long a greeting is waited for once all are made: what comes later counts as an answer.
const GREETING: Duration = Duration::from_millis(100);

/// Bytes read at once, into a buffer that all connections share.
const READ: usize = 256 << 10;

/// Between two looks at the progress.
const GLANCE: Duration = Duration::from_millis(100);

/// Loads `target`, and `other` in turns with it; prints what it measured. Ctrl-C ends the measuring.
pub(crate) async fn run(flags: &BenchFlags, target: Target, other: Option<Target>) -> Exit {
    let interrupt = match Interrupt::listen() {
        Ok(interrupt) => interrupt,
        Err(error) => return crate::fail(&format!("Cannot handle signals: {error}.")),
    };
    raise_open_files();
    let targets: Vec<_> = [Some(target), other].into_iter().flatten().collect();
    let turns = if targets.len() > 1 { flags.turns } else { 1 };
    let mut measured: Vec<Option<Measured>> = targets.iter().map(|_| None).collect();
    'turns: for turn in 1..=turns {
        for (target, all) in targets.iter().zip(&mut measured) {
            let title = match turns {
                1 => target.address.shown(),
                _ => format!("{} ({turn}/{turns})", target.address.shown()),
            };
            let one = load(flags, target, &title, &interrupt).await;
            match (all.as_mut(), one) {
                (Some(all), Some(one)) => all.add(one),
                (None, one) => *all = one,
                (Some(_), None) => {}
            }
            if interrupt.is_raised() {
                break 'turns;
            }
        }
    }
    let measured: Vec<Measured> = measured.into_iter().flatten().collect();
    if interrupt.is_raised() {
        if measured.is_empty() {
            complain("Interrupted before anything was measured.");
            return Exit::Interrupted;
        }
        complain("Interrupted: this is what was measured until then.");
    }
    let reports = targets.iter().zip(&measured).map(|(target, measured)| Report {
        url: target.address.shown(),
        measured,
        size: flags.size,
        is_scheduled: flags.rate.is_some(),
    });
    let reports: Vec<_> = reports.collect();
    let text = match (flags.json, &reports[..]) {
        (true, [one]) if flags.compare.is_none() => format!("{}\n", one.json()),
        (true, _) => format!("{}\n", report::json_of_both(&reports)),
        (false, _) => report::text_of_all(&reports),
    };
    match crate::print(|out| out.write_all(text.as_bytes())) {
        Exit::Done => exit(&measured),
        failed => failed,
    }
}

fn exit(measured: &[Measured]) -> Exit {
    let troubles = || measured.iter().flat_map(|measured| measured.troubles.keys());
    if troubles().any(|trouble| matches!(trouble, Trouble::Connect(_))) {
        Exit::Failed
    } else if troubles().any(|trouble| matches!(trouble, Trouble::Violation(_))) {
        Exit::Violation
    } else if troubles().any(|trouble| matches!(trouble, Trouble::Silent)) {
        Exit::Unmet
    } else if troubles().next().is_some() {
        Exit::Closed
    } else {
        Exit::Done
    }
}

/// Loads one server once. Nothing is measured when it is interrupted before the window.
async fn load(
    flags: &BenchFlags,
    target: &Target,
    title: &str,
    interrupt: &Interrupt,
) -> Option<Measured> {
    let progress = progress(title);
    let mut connect_times = times();
    let mut troubles = BTreeMap::new();
    let mut count = |trouble: Trouble| *troubles.entry(trouble).or_default() += 1;
    let mut first_failure = None;
    let mut connections = Vec::new();
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
                connect_times.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
                connections.push(connection);
            }
            Some(Err(error)) => {
                first_failure.get_or_insert_with(|| escape_controls(&error.to_string()));
                count(Trouble::Connect(error.kind()));
            }
            None => break,
        }
        progress.set_message(format!("{} connections", connections.len()));
    }
    let connected = u32::try_from(connections.len()).unwrap_or(u32::MAX);
    let outgoing = Outgoing::new(flags.size, flags.binary, flags.in_flight);
    let buffer = RefCell::new(vec![0; READ]);
    let now = Instant::now();
    let window = RefCell::new(Window::new(now, now));
    let mut loaded: Vec<_> = connections
        .into_iter()
        .map(|connection| Loaded::new(connection, &outgoing, &window, &buffer, flags.in_flight))
        .collect();
    // They are idle yet, and take a greeting for one.
    let _ = timeout(GREETING, join_all(loaded.iter_mut().map(Loaded::load))).await;

    let start = Instant::now();
    let from = start + flags.warmup;
    let mut end = from + flags.duration;
    window.replace(Window::new(from, end));
    for (index, loaded) in loaded.iter_mut().enumerate() {
        loaded.set_pace(pace(flags, connected, index, start));
    }
    // tokio would let this task do 128 things at a time, for all connections together.
    let loading = unconstrained(join_all(loaded.iter_mut().map(Loaded::load)));
    let watching = watch(&progress, &window, start..end, interrupt);
    select(pin!(loading), pin!(watching)).await;
    if interrupt.is_raised() {
        end = end.min(Instant::now());
    }
    let time = window.borrow_mut().end_at(end);
    let settled = join_all(loaded.into_iter().map(|loaded| loaded.settle(end))).await;
    settled.into_iter().flatten().for_each(count);
    progress.finish_and_clear();
    (!time.is_zero()).then(|| Measured {
        time,
        connections: connected,
        window: window.into_inner(),
        connect: connect_times,
        troubles,
        first_failure,
    })
}

async fn timed_connect(
    target: &Target,
    is_shown: bool,
) -> Result<(Connection, Duration), ConnectError> {
    let tell = |text: &str| {
        if is_shown {
            complain(&escape_controls(text));
        }
    };
    let start = Instant::now();
    let connection = connect(target, &tell).await?;
    Ok((connection, start.elapsed()))
}

/// The schedules of the connections are spread over the time between two messages of one.
fn pace(flags: &BenchFlags, connections: u32, index: usize, start: Instant) -> Pace {
    let Some(rate) = flags.rate else { return Pace::AsAnswered };
    let every = Duration::from_secs(1) * connections / rate;
    let place = u32::try_from(index).unwrap_or_default();
    Pace::Scheduled { first: start + every * place / connections, every }
}

fn progress(title: &str) -> ProgressBar {
    let is_seen = io::stderr().is_terminal();
    let target = if is_seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let progress = ProgressBar::with_draw_target(Some(1), target);
    // The template is right.
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {msg}") {
        progress.set_style(style.progress_chars("=> "));
    }
    progress.set_prefix(title.to_owned());
    progress
}

/// Shows how far it is. Resolves at the end of `time`, or when it is interrupted.
async fn watch(
    progress: &ProgressBar,
    window: &RefCell<Window>,
    time: Range<Instant>,
    interrupt: &Interrupt,
) {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    progress.set_length(millis(time.end - time.start));
    let mut glances = interval(GLANCE);
    let mut before = (time.start, 0);
    loop {
        tokio::select! {
            _ = glances.tick() => {}
            () = sleep_until(time.end) => return,
            () = interrupt.raised() => return,
        }
        let now = Instant::now();
        let window = window.borrow();
        progress.set_position(millis(now - time.start));
        if window.has_begun(now) {
            let rate = measure::a_second(window.messages - before.1, now - before.0);
            progress.set_message(format!("{} messages a second", show_rate(rate)));
        } else {
            progress.set_message("warming up");
        }
        before = (now, window.messages);
    }
}

/// Each connection takes a file descriptor, of which programs begin with few.
fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        // If it cannot be, the connections that are too many say so.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}
