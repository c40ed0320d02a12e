//! One measurement: opens the connections, loads the servers, waits for the last answers.

use std::{cell::RefCell, ops::Range, pin::pin, time::Duration};

use connector::{ConnectError, Connection, OpeningStep, Target, connect};
use futures::{
    Stream, StreamExt,
    future::join_all,
    stream::{self, FuturesUnordered},
};
use tokio::{
    task::unconstrained,
    time::{Instant, interval, sleep_until, timeout},
};

use super::{
    connection::{BenchConnection, Payload, Schedule, Shared, Timetable},
    figures::record,
    flags::{Answers, BenchFlags},
    hdr::HdrLog,
    measure::{Failure, Results, Window},
    progress::Progress,
};
use crate::{
    handshake::{failure, step_lines},
    process::{Interrupt, escape_controls, print_notice},
};

/// Concurrent connection attempts: more would measure the listener's backlog. The listen backlog is
/// often 128.
pub(super) const CONNECTING: usize = 64;

/// Wait for greetings once all connections are open, if any later message counts as an answer.
const GREETING_TIMEOUT: Duration = Duration::from_millis(100);

/// Refresh interval of the progress bar.
pub(super) const REFRESH: Duration = Duration::from_millis(100);

/// Messages that all connections together may await: 64 MiB. Beyond, the oldest ones count as
/// unanswered. Each takes 16 bytes.
pub(super) const MAX_AWAITED: usize = 4 << 20;

/// Messages that each connection may await in any case. It keeps the bound from being too low for
/// thousands of connections.
const MIN_AWAITED: usize = 64;

/// Longest wait for the last answers after Ctrl-C.
pub(super) const INTERRUPTED_WAIT: Duration = Duration::from_secs(1);

/// Load as asked for. One for all servers and turns.
pub(super) struct Load<'a> {
    pub(super) flags: &'a BenchFlags,
    pub(super) payload: &'a Payload,
    pub(super) interrupt: &'a Interrupt,
}

impl Load<'_> {
    /// Loads the servers at the same time. Returns the results of each; `None` if interrupted before
    /// the measurement.
    pub(super) async fn measure(
        &self,
        targets: &[Target],
        title: &str,
        hdr: &mut Option<HdrLog<'_>>,
    ) -> Option<Vec<Results>> {
        let flags = self.flags;
        let burst = if flags.rate.is_some() { u32::MAX } else { flags.in_flight };
        let max_awaited = (MAX_AWAITED / flags.connections as usize)
            .max(MIN_AWAITED)
            .max(flags.in_flight as usize);
        let shared = Shared::new(self.payload, burst, flags.answer_timeout, max_awaited);
        let now = Instant::now();
        let windows: Vec<_> =
            targets.iter().map(|_| RefCell::new(Window::new(now, now, flags.model()))).collect();
        let mut run = Run {
            load: self,
            shared: &shared,
            windows: &windows,
            results: targets.iter().map(|_| Results::new()).collect(),
            progress: Progress::new(title),
            servers: super::names(flags, targets),
        };
        let time = run.load(targets, hdr).await;
        run.progress.clear();
        let mut results = run.results;
        let time = time?;
        for (results, window) in results.iter_mut().zip(windows) {
            results.fill(window.into_inner(), time);
        }
        Some(results)
    }

    /// Connects, in a ramp when it is the connection's turn. `number` counts the connections of all
    /// servers; the server is its remainder.
    async fn attempt(&self, targets: &[Target], number: u32, start: Instant) -> Attempt {
        let BenchFlags { ramp, connections, .. } = *self.flags;
        if !ramp.is_zero() {
            sleep_until(start + ramp * number / connections).await;
        }
        let is_traced = self.flags.handshake.verbose && number == 0;
        let trace = |step: OpeningStep<'_>| {
            let shows_secrets = self.flags.handshake.show_secrets;
            if is_traced && let Some(lines) = step_lines(step, shows_secrets) {
                print_notice(&lines);
            }
        };
        let server = number as usize % targets.len();
        let start = Instant::now();
        let result = connect(&targets[server], &trace).await;
        Attempt { number, server, result, took: start.elapsed() }
    }

    /// Schedule of the connection with this index among `connections`, opened at `now`. Their
    /// messages are spread evenly.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "under 2^53 ns")]
    fn schedule(&self, index: u32, connections: u32, start: Instant, now: Instant) -> Schedule {
        let flags = self.flags;
        let Some(rate) = flags.rate else {
            let is_idle = flags.message.receive_only;
            return if is_idle { Schedule::Idle } else { Schedule::WhenAnswered(flags.in_flight) };
        };
        let interval = f64::from(connections) * 1e9 / f64::from(rate);
        let phase = interval * f64::from(index) / f64::from(connections);
        // As if it had sent from the start on.
        let past = now.saturating_duration_since(start).as_secs_f64() * 1e9;
        let nanos = (past / interval).ceil() * interval + phase;
        // Its own rate rises until the next connection joins in.
        let ramp = flags.ramp / connections;
        let origin = start + Duration::from_nanos(nanos as u64);
        Schedule::Fixed(Timetable::new(origin, interval, ramp))
    }
}

/// Attempt to connect.
struct Attempt {
    /// Number of the connection, from 0; servers take turns.
    number: u32,
    /// Index of the server.
    server: usize,
    result: Result<Connection, ConnectError>,
    /// Time from the beginning of the attempt.
    took: Duration,
}

/// Measurement under way.
struct Run<'a> {
    load: &'a Load<'a>,
    shared: &'a Shared<'a>,
    /// Windows by server.
    windows: &'a [RefCell<Window>],
    /// Results by server.
    results: Vec<Results>,
    /// URLs by server, for the log of latencies.
    servers: Vec<String>,
    progress: Progress,
}

impl<'a> Run<'a> {
    /// Opens the connections, loads the servers, and waits for the last answers. Returns the length
    /// of the measurement; `None` if interrupted before it.
    ///
    /// Without a ramp, the load begins once all attempts have ended. Warm-up and ramp come before
    /// the measurement.
    async fn load(&mut self, targets: &[Target], hdr: &mut Option<HdrLog<'_>>) -> Option<Duration> {
        let (load, flags) = (self.load, self.load.flags);
        let opening = Instant::now();
        let mut start = opening;
        let attempts = stream::iter(0..flags.connections)
            .map(|number| load.attempt(targets, number, opening))
            .buffer_unordered(CONNECTING);
        let mut attempts = pin!(attempts);
        let mut connections = Vec::new();
        if flags.ramp.is_zero() {
            connections = self.open_all(&mut attempts).await?;
            start = Instant::now();
            let count = u32::try_from(connections.len()).unwrap_or(u32::MAX);
            let scheduled = connections.into_iter().zip(0..);
            let scheduled = scheduled.map(|(connection, index): (BenchConnection, _)| {
                connection.with_schedule(load.schedule(index, count, start, start))
            });
            connections = scheduled.collect();
        }
        let from = start + flags.ramp + flags.warmup;
        let mut end = from + flags.duration;
        for window in self.windows {
            window.replace(Window::new(from, end, flags.model()));
        }
        self.progress.start(start..end, from);
        // Without tokio's budget of 128 operations per poll, which all connections would share.
        let connections =
            unconstrained(self.run(connections, attempts, start, from..end, hdr)).await;
        self.count_unopened(targets.len());
        let is_interrupted = load.interrupt.is_raised();
        // Messages of a rate are due until the end, also after the loss of their connections.
        let has_due = flags.rate.is_some() && self.results.iter().any(|it| it.connections > 0);
        if is_interrupted || !has_due {
            end = end.min(Instant::now());
        }
        let limit = if is_interrupted { INTERRUPTED_WAIT } else { flags.answer_timeout };
        let wait = flags.answer_timeout.min(limit);
        let mut time = Duration::ZERO;
        for window in self.windows {
            time = window.borrow_mut().end_at(end);
        }
        let settled = connections.into_iter().map(|it| async move {
            let number = it.number();
            (number, it.settle(end, wait).await)
        });
        for (number, failure) in unconstrained(join_all(settled)).await {
            if let Some(failure) = failure {
                self.failed(number as usize % targets.len(), failure);
            }
        }
        self.end_interval(hdr, end);
        (!is_interrupted || !time.is_zero()).then_some(time)
    }

    /// Opens all connections, and waits for greetings. `None` if interrupted. A greeting counts as
    /// no answer, so that it must not come later.
    async fn open_all(
        &mut self,
        attempts: &mut (impl Stream<Item = Attempt> + Unpin),
    ) -> Option<Vec<BenchConnection<'a>>> {
        let mut connections = Vec::new();
        loop {
            let attempt = tokio::select! {
                attempt = attempts.next() => attempt,
                () = self.load.interrupt.raised() => return None,
            };
            let Some(attempt) = attempt else { break };
            connections.extend(self.opened(attempt));
        }
        if self.load.flags.message.answers == Answers::Any {
            let _ = timeout(GREETING_TIMEOUT, join_all(connections.iter_mut())).await;
        }
        Some(connections)
    }

    /// Records an attempt to connect, and returns the idle connection if there is one.
    fn opened(&mut self, attempt: Attempt) -> Option<BenchConnection<'a>> {
        let Attempt { number, server, result, took } = attempt;
        let shows_secrets = self.load.flags.handshake.show_secrets;
        let results = &mut self.results[server];
        let connection = match result {
            Ok(connection) => connection,
            Err(error) => {
                results
                    .first_error
                    .get_or_insert_with(|| escape_controls(&failure(&error, shows_secrets)));
                self.failed(server, Failure::Connect(error.kind().to_string()));
                return None;
            }
        };
        results.connections += 1;
        record(&mut results.connect, took, 1);
        self.progress.opened(self.results.iter().map(|it| u64::from(it.connections)).sum());
        Some(BenchConnection::new(number, connection, self.shared, &self.windows[server]))
    }

    /// Counts attempts to connect that a ramp did not finish.
    fn count_unopened(&mut self, servers: usize) {
        let mut unopened = vec![0_u64; servers];
        for number in 0..self.load.flags.connections as usize {
            unopened[number % servers] += 1;
        }
        for (results, count) in self.results.iter_mut().zip(unopened) {
            let unopened = count - u64::from(results.connections) - results.failed();
            if unopened > 0 && !self.load.interrupt.is_raised() {
                let failure = Failure::Connect("not open before the end".to_owned());
                results.failures.insert(failure, unopened);
            }
        }
    }

    /// Counts a failure of a connection of this server.
    fn failed(&mut self, server: usize, failure: Failure) {
        *self.results[server].failures.entry(failure).or_default() += 1;
    }

    /// Runs the connections until the end of `time`, an interrupt, or the end of all. Connections
    /// of `attempts`, in a ramp, join in. Returns all of them.
    async fn run(
        &mut self,
        connections: Vec<BenchConnection<'a>>,
        mut attempts: impl Stream<Item = Attempt> + Unpin,
        start: Instant,
        time: Range<Instant>,
        hdr: &mut Option<HdrLog<'_>>,
    ) -> Vec<BenchConnection<'a>> {
        let load = self.load;
        let mut is_ramp = !load.flags.ramp.is_zero();
        let mut running: FuturesUnordered<_> =
            connections.into_iter().map(|it| Running(Some(it))).collect();
        let mut ended = Vec::new();
        let mut refresh = interval(REFRESH);
        let mut over = pin!(async {
            tokio::select! {
                () = sleep_until(time.end) => {}
                () = load.interrupt.raised() => {}
            }
        });
        if let Some(hdr) = hdr {
            hdr.next_interval(time.start);
        }
        while is_ramp || !running.is_empty() {
            tokio::select! {
                biased;
                Some(connection) = running.next(), if !running.is_empty() => {
                    ended.extend(connection);
                }
                attempt = attempts.next(), if is_ramp => match attempt {
                    Some(attempt) => {
                        let index = attempt.number;
                        if let Some(connection) = self.opened(attempt) {
                            let schedule =
                                load.schedule(index, load.flags.connections, start, Instant::now());
                            running.push(Running(Some(connection.with_schedule(schedule))));
                        }
                    }
                    None => is_ramp = false,
                },
                _ = refresh.tick() => self.refresh(hdr),
                () = &mut over => break,
            }
        }
        ended.extend(running.into_iter().filter_map(|it| it.0));
        ended
    }

    /// Updates the progress bar, and the log of latencies. Called ten times a second; an interval
    /// of the log ends each second.
    fn refresh(&mut self, hdr: &mut Option<HdrLog<'_>>) {
        let now = Instant::now();
        let is_measuring = self.windows[0].borrow().has_begun(now);
        let messages = self.windows.iter().map(|it| it.borrow().received_messages()).sum();
        if self.progress.update(now, is_measuring, messages) {
            self.end_interval(hdr, now);
        }
    }

    /// Ends the interval of the time series, and of the log of latencies. Without a log and without
    /// `--json`, nothing is kept.
    fn end_interval(&self, hdr: &mut Option<HdrLog<'_>>, now: Instant) {
        match hdr {
            Some(hdr) => {
                for (server, window) in self.servers.iter().zip(self.windows) {
                    hdr.write_interval(server, &mut window.borrow_mut(), now);
                }
                hdr.next_interval(now);
            }
            None if self.load.flags.output.json => {
                for window in self.windows {
                    window.borrow_mut().end_interval(now, |_| ());
                }
            }
            None => {}
        }
    }
}

/// Running connection. As a future, it resolves to the connection once that fails, and leaves
/// `None` in its place.
struct Running<'a>(Option<BenchConnection<'a>>);

impl<'a> Future for Running<'a> {
    type Output = Option<BenchConnection<'a>>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        let Some(connection) = &mut self.0 else { return std::task::Poll::Ready(None) };
        std::pin::Pin::new(connection).poll(context).map(|()| self.0.take())
    }
}
