//! Run: every server under every load, in turns.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};

use crate::{
    Flags, client,
    cores::{self, Cores},
    idle,
    load::{self, Pace},
    machine::Machine,
    open::{self, Opened, Protocol},
    report::{IdleRow, LoadRow, Report, StartRow},
    server::{Contestant, Server, Setting},
    shape::{CLIENT_BAR, CLIENT_SHAPES, SCENARIO, SCENARIO_BAR, SHAPES, Shape},
    stats::{Spread, ratio},
};

/// Rounds of each row. An odd number, so that the median is one of them.
const ROUNDS: usize = 3;

/// Pace of a report.
const THOROUGH: Pace =
    Pace { warm_up: Duration::from_millis(500), measured: Duration::from_secs(3) };
/// Pace of `--quick`.
const QUICK: Pace =
    Pace { warm_up: Duration::from_millis(200), measured: Duration::from_millis(500) };

/// Rows of idle connections: their names, and true to offer permessage-deflate.
const IDLE: [(&str, bool); 2] = [("idle", false), ("idle-deflate", true)];

/// Bar of an idle connection's resident memory in KiB.
const IDLE_BAR: f64 = 1.5;

/// Row of starting servers, as `--only` takes it.
const START: &str = "start";

/// Bars of a start: milliseconds until the server accepts a connection, MiB of resident memory after it.
const START_BARS: (f64, f64) = (50.0, 12.0);

/// Values of `--only`.
pub(crate) fn row_names() -> Vec<&'static str> {
    let loads = SHAPES.iter().map(|shape| shape.name);
    let clients = CLIENT_SHAPES.map(|(_, name)| name);
    loads.chain(clients).chain([SCENARIO, START]).chain(IDLE.map(|(name, _)| name)).collect()
}

/// Measures the chosen rows, prints them, and writes the report. Rows that cannot be measured here
/// are notes.
pub(crate) fn run(flags: Flags) -> Result<()> {
    // Before this thread is kept on one core: a process sees the cores that it may use.
    let machine = Machine::read(flags.node_modules.as_deref());
    let cores = Cores::choose()?;
    cores::stay_on(cores.load)?;
    let pace = if flags.quick { QUICK } else { THOROUGH };
    let mut report = Report {
        machine,
        rounds: ROUNDS,
        seconds: pace.measured.as_secs_f64(),
        loads: Vec::new(),
        clients: Vec::new(),
        scenarios: Vec::new(),
        starts: Vec::new(),
        idle: Vec::new(),
        notes: Vec::new(),
    };
    if cores.server == cores.load {
        report.notes.push("A core of its own for the load: there is only one.".to_owned());
    }
    let mut contestants =
        vec![Contestant::raw_tcp(&flags.raw_tcp), Contestant::wsbench(&flags.program)];
    match (&flags.node_script, &flags.node_modules) {
        (Some(script), Some(modules)) => contestants.push(Contestant::node_ws(script, modules)),
        _ => report.notes.push("Node ws: npm is not there.".to_owned()),
    }
    contestants.extend(flags.also);

    let is_wanted = |name| flags.only.is_empty() || flags.only.iter().any(|only| only == name);
    for shape in SHAPES.iter().filter(|shape| is_wanted(shape.name)) {
        report.loads.extend(load_rows(shape, &contestants, pace, cores)?);
    }
    for (number, _) in CLIENT_SHAPES.iter().filter(|(_, name)| is_wanted(name)) {
        report.clients.extend(client_rows(&SHAPES[*number], &flags.program, pace, cores)?);
    }
    if is_wanted(SCENARIO) {
        report.scenarios.extend(scenario_rows(&flags.program, pace, cores)?);
    }
    if is_wanted(START) {
        report.starts = start_rows(&contestants, cores)?;
    }
    for count in flags.idle {
        for (_, offers_deflate) in IDLE.into_iter().filter(|(name, _)| is_wanted(name)) {
            if let Err(error) = idle::allow(count) {
                report.notes.push(format!("{count} idle connections: {error:#}."));
                break;
            }
            report.idle.extend(idle_rows(count, offers_deflate, &contestants, cores)?);
        }
    }
    println!("{}", report.markdown());
    report.write(&flags.report)?;
    eprintln!("Written to bench.md in {}", flags.report.display());
    Ok(())
}

/// Samples of each contestant. They take turns in each round, so that a change of the machine meets all.
fn in_turns<C, S>(contestants: &[C], sample: impl Fn(&C) -> Result<S>) -> Result<Vec<Vec<S>>> {
    let mut rounds: Vec<_> = contestants.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (contestant, samples) in contestants.iter().zip(&mut rounds) {
            samples.push(sample(contestant)?);
        }
    }
    Ok(rounds)
}

/// Rows of all servers under a shape, in turns.
fn load_rows(
    shape: &Shape,
    contestants: &[Contestant],
    pace: Pace,
    cores: Cores,
) -> Result<Vec<LoadRow>> {
    eprintln!("{}…", shape.title);
    let setting = Setting { deflate: false, raw_buffer: shape.raw_buffer };
    // Started once a shape: what a server has compiled or allocated in one round serves the next.
    let pairs = contestants.iter().map(|it| Ok((it, it.start(setting, cores)?)));
    let pairs = pairs.collect::<Result<Vec<_>>>()?;
    let rounds = in_turns(&pairs, |(contestant, server)| {
        load_sample(shape, contestant, server, pace)
            .with_context(|| format!("{}, {}", contestant.name, shape.title))
    })?;
    let rows = contestants.iter().zip(&rounds).map(|(contestant, samples)| {
        // The raw TCP echo is the first.
        let compared = (!contestant.is_raw).then_some(&rounds[0][..]);
        LoadRow::new(shape, &contestant.name, samples, compared, shape.bar)
    });
    rows.collect::<Option<_>>().context("nothing was measured")
}

/// Rows of this program's own generator and of `wsbench bench`, at the same server.
fn client_rows(shape: &Shape, program: &Path, pace: Pace, cores: Cores) -> Result<[LoadRow; 2]> {
    eprintln!("Clients, {}…", shape.title);
    let contestant = Contestant::wsbench(program);
    let server = contestant.start(Setting::default(), cores)?;
    let protocol = contestant.protocol(false);
    let (mut frames, mut bench) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let opened = open_all(shape, server.port, protocol)?;
        frames.push(load::measure(opened, &shape.script(protocol), pace, client::own_cpu)?);
        bench.push(
            client::measure(program, server.port, shape, pace.measured).context("wsbench bench")?,
        );
    }
    compared(shape, ("prebuilt frames over mio", &frames), ("wsbench bench", &bench), CLIENT_BAR)
}

/// Rows of `wsbench bench` and of virtual users with the same messages, at the same server.
fn scenario_rows(program: &Path, pace: Pace, cores: Cores) -> Result<[LoadRow; 2]> {
    let shape = &SHAPES[0];
    eprintln!("Scenario, {}…", shape.title);
    let server = Contestant::wsbench(program).start(Setting::default(), cores)?;
    let (mut bench, mut scenario) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bench.push(client::measure(program, server.port, shape, pace.measured)?);
        scenario.push(client::measure_scenario(program, server.port, shape, pace.measured)?);
    }
    let scenario = ("wsbench bench --scenario", &scenario[..]);
    compared(shape, ("wsbench bench", &bench), scenario, SCENARIO_BAR)
}

/// Rows of two clients; the ratio is the second's to the first.
fn compared(
    shape: &Shape,
    one: (&'static str, &[load::Sample]),
    other: (&'static str, &[load::Sample]),
    bar: f64,
) -> Result<[LoadRow; 2]> {
    let first = LoadRow::new(shape, one.0, one.1, None, bar);
    let second = LoadRow::new(shape, other.0, other.1, Some(one.1), bar);
    first.zip(second).map(Into::into).context("nothing was measured")
}

fn open_all(shape: &Shape, port: u16, protocol: Protocol) -> Result<Vec<Opened>> {
    (0..shape.connections).map(|number| open::open(port, number, protocol)).collect()
}

/// One round of a server: new connections to a server that runs already.
fn load_sample(
    shape: &Shape,
    contestant: &Contestant,
    server: &Server,
    pace: Pace,
) -> Result<load::Sample> {
    let protocol = contestant.protocol(false);
    let opened = open_all(shape, server.port, protocol)?;
    load::measure(opened, &shape.script(protocol), pace, || server.cpu())
}

/// Rows of all servers as they start, in turns.
fn start_rows(contestants: &[Contestant], cores: Cores) -> Result<Vec<StartRow>> {
    eprintln!("Starts…");
    let rounds = in_turns(contestants, |contestant| {
        let server = contestant.start(Setting::default(), cores)?;
        Ok((server.start_up.as_secs_f64() * 1e3, ratio(idle::settled(&server)?, 1 << 10)))
    })?;
    let rows = contestants.iter().zip(&rounds).map(|(contestant, samples)| {
        Some(StartRow {
            server: contestant.name.clone(),
            ms: Spread::of(samples.iter().map(|(ms, _)| *ms))?,
            rss_mib: Spread::of(samples.iter().map(|(_, mib)| *mib))?,
            bars: START_BARS,
        })
    });
    rows.collect::<Option<_>>().context("nothing was measured")
}

/// Rows of all servers but the raw TCP echo with silent connections. Each round has a new server.
fn idle_rows(
    count: usize,
    offers_deflate: bool,
    contestants: &[Contestant],
    cores: Cores,
) -> Result<Vec<IdleRow>> {
    eprintln!(
        "{count} idle connections, deflate {}offered…",
        if offers_deflate { "" } else { "not " }
    );
    // Its buffers are what it was told, and so no measure of anything.
    let contestants: Vec<_> = contestants.iter().filter(|contestant| !contestant.is_raw).collect();
    let setting = Setting { deflate: offers_deflate, raw_buffer: 0 };
    let rounds = in_turns(&contestants, |contestant| {
        // Anew each time: memory that was used once does not count as new.
        let server = contestant.start(setting, cores)?;
        idle::measure(&server, count, contestant.protocol(offers_deflate))
            .with_context(|| format!("{}, {count} idle connections", contestant.name))
    })?;
    let rows = contestants.iter().zip(&rounds).map(|(contestant, samples)| {
        Some(IdleRow {
            connections: count,
            server: contestant.name.clone(),
            offers_deflate,
            agrees_to_deflate: samples.first()?.deflates,
            rss_kib_per_connection: Spread::of(samples.iter().map(|sample| sample.kib))?,
            bar: IDLE_BAR,
        })
    });
    rows.collect::<Option<_>>().context("nothing was measured")
}
