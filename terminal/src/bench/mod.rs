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
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use futures::{StreamExt, future::join_all, stream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use tokio::{
    task::unconstrained,
    time::{Instant, interval},
};

use self::{
    connection::{Loaded, Pace},
    frames::Outgoing,
    measure::{Measured, Trouble, Window, times},
    report::{Report, show_rate},
};
use crate::{
    connect::{Connection, Target, connect},
    exit::Exit,
    flags::BenchFlags,
    output::escape_controls,
};

/// Connections that are being made at once: more would measure the queue of the server's listener.
const CONNECTING: usize = 64;

/// Bytes read at once, into a buffer that all connections share.
const READ: usize = 256 << 10;

/// Between two looks at the progress.
const GLANCE: Duration = Duration::from_millis(100);

/// Loads `target`, and `other` in turns with it; prints what it measured.
pub(crate) async fn run(flags: &BenchFlags, target: Target, other: Option<Target>) -> Exit {
    raise_open_files();
    let targets: Vec<_> = [Some(target), other].into_iter().flatten().collect();
    let turns = if targets.len() > 1 { flags.turns } else { 1 };
    let mut measured: Vec<Option<Measured>> = targets.iter().map(|_| None).collect();
    for turn in 1..=turns {
        for (target, all) in targets.iter().zip(&mut measured) {
            let title = match turns {
                1 => target.address.shown(),
                _ => format!("{} ({turn}/{turns})", target.address.shown()),
            };
            let one = load(flags, target, &title).await;
            match all {
                Some(all) => all.add(one),
                None => *all = Some(one),
            }
        }
    }
    let measured: Vec<Measured> = measured.into_iter().flatten().collect();
    let reports = targets.iter().zip(&measured).map(|(target, measured)| Report {
        url: target.address.shown(),
        measured,
        size: flags.size,
        is_scheduled: flags.rate.is_some(),
    });
    let text = text(&reports.collect::<Vec<_>>(), flags.json);
    // A reader that has gone has read enough.
    let _ = io::stdout().write_all(text.as_bytes());
    exit(&measured)
}

fn text(reports: &[Report], is_json: bool) -> String {
    let ratio = match reports {
        [one, other] => Some(one.measured.messages_a_second() / other.measured.messages_a_second()),
        _ => None,
    };
    if is_json {
        let value = match (reports, ratio) {
            ([one], _) => one.json(),
            (_, ratio) => json!({
                "servers": reports.iter().map(Report::json).collect::<Vec<_>>(),
                "ratio": ratio,
            }),
        };
        return format!("{value}\n");
    }
    let mut text = reports.iter().map(Report::text).collect::<Vec<_>>().join("\n");
    if let Some(ratio) = ratio {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\nThe first answers {ratio:.2} times as many messages.");
    }
    text
}

fn exit(measured: &[Measured]) -> Exit {
    let troubles = || measured.iter().flat_map(|measured| measured.troubles.keys());
    if troubles().any(|trouble| matches!(trouble, Trouble::Connect(_))) {
        Exit::Failed
    } else if troubles().any(|trouble| matches!(trouble, Trouble::Violation(_))) {
        Exit::Violation
    } else if troubles().next().is_some() {
        Exit::Closed
    } else {
        Exit::Done
    }
}

/// Loads one server once.
async fn load(flags: &BenchFlags, target: &Target, title: &str) -> Measured {
    let progress = progress(title);
    let mut connect_times = times();
    let mut troubles = BTreeMap::new();
    let mut count = |trouble: Trouble| *troubles.entry(trouble).or_default() += 1;
    let mut connections = Vec::new();
    let mut attempts = stream::iter(0..flags.connections)
        .map(|number| timed_connect(target, flags.handshake.verbose && number == 0))
        .buffer_unordered(CONNECTING);
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok((connection, took)) => {
                connect_times.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
                connections.push(connection);
            }
            Err(trouble) => count(trouble),
        }
        progress.set_message(format!("{} connections", connections.len()));
    }
    let loaded = u32::try_from(connections.len()).unwrap_or(u32::MAX);
    let start = Instant::now();
    let end = start + flags.warmup + flags.duration;
    let window = RefCell::new(Window::new(start + flags.warmup, end));
    if loaded > 0 {
        let outgoing = Outgoing::new(flags.size, flags.binary, flags.in_flight);
        let buffer = RefCell::new(vec![0; READ]);
        let connections = connections.into_iter().enumerate().map(|(index, connection)| {
            let pace = pace(flags, loaded, index, start);
            let loaded =
                Loaded::new(connection, &outgoing, &window, &buffer, pace, flags.in_flight);
            async move { loaded?.run(end).await }
        });
        // tokio would let this task do 128 things at a time, for all connections together.
        let loading = unconstrained(join_all(connections));
        let watching = watch(&progress, &window, start, end);
        let (results, ()) = futures::join!(loading, watching);
        results.into_iter().filter_map(Result::err).for_each(count);
    }
    progress.finish_and_clear();
    Measured {
        time: flags.duration,
        connections: loaded,
        window: window.into_inner(),
        connect: connect_times,
        troubles,
    }
}

async fn timed_connect(target: &Target, is_shown: bool) -> Result<(Connection, Duration), Trouble> {
    let tell = |text: &str| {
        if is_shown {
            eprintln!("{}", escape_controls(text));
        }
    };
    let start = Instant::now();
    match connect(target, &tell).await {
        Ok(connection) => Ok((connection, start.elapsed())),
        Err(error) => Err(Trouble::Connect(error.to_string())),
    }
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

async fn watch(progress: &ProgressBar, window: &RefCell<Window>, start: Instant, end: Instant) {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    progress.set_length(millis(end - start));
    let mut glances = interval(GLANCE);
    let mut before = (start, 0);
    while Instant::now() < end {
        glances.tick().await;
        let now = Instant::now();
        let messages = window.borrow().messages;
        progress.set_position(millis(now - start));
        if messages == 0 {
            progress.set_message("warming up");
        } else {
            let rate = measure::a_second(messages - before.1, now - before.0);
            progress.set_message(format!("{} messages a second", show_rate(rate)));
        }
        before = (now, messages);
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
