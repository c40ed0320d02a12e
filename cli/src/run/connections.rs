//! Connections of a run: a task each.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
};

use connector::{Header, ServerUrl, Target, connect, header_value, subprotocol};
use scenario::{BYTES_HELD, Connected, ConnectionId, Input, MESSAGES_HELD, Output, Span, Start};
use server::scenario_files;
use session::{Close, CloseCode, EndReason, Fact, Handshake, visible_line};
use tokio::{
    sync::{
        Semaphore, SemaphorePermit,
        mpsc::{Receiver, Sender, channel},
    },
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{
    HandshakeFlags,
    transcript::{ConnectionTranscript, Transcript},
};
use crate::{
    connect::{CLOSE_TIMEOUT, Compression, Socket, SocketEnd, SocketEvent, violation_sentence},
    handshake::failure,
    websocket::Outgoing,
};

/// Capacity of two queues: events of all connections for the run, and frames for one connection.
/// The sender waits at a full one.
const QUEUE: usize = 64;

/// Maximum number of connections that are open at the same time, over all sections that run
/// (`--jobs`): the usual limit of open files. More is a load, for `wsbench bench`.
const OPEN_CONNECTIONS: usize = 1_000;

/// Permits for open connections, shared by all sections.
static OPEN: Semaphore = Semaphore::const_new(OPEN_CONNECTIONS);

/// Output that cannot be performed, as a sentence.
pub(super) enum Broken {
    /// Mistake in an argument: ends the run without a verdict.
    Run(String),
    /// Step that cannot be done, for a value of a variable or for this machine: fails the run at the
    /// step.
    Step(Span, String),
}

/// Connections by their number, and the events of all.
pub(super) struct Connections<'a> {
    /// Flags of the handshake, for every connection.
    handshake: &'a HandshakeFlags,
    /// Scenario file: paths of files to send are relative to its folder.
    scenario: &'a Path,
    /// Maximum size of a received message, in bytes.
    max_message: usize,
    /// Transcript of the section, if one is written.
    transcript: Option<Transcript>,
    /// Connections that were begun and not dropped.
    open: HashMap<ConnectionId, Open>,
    /// End of the queue that each connection sends to.
    sender: Sender<(ConnectionId, Input)>,
    /// Events of all connections, in order of arrival.
    events: Receiver<(ConnectionId, Input)>,
    /// Events that arrived while a frame waited for its connection, at most [`MESSAGES_HELD`] and [`BYTES_HELD`], and
    /// one.
    waiting: VecDeque<(ConnectionId, Input)>,
    /// Payload bytes of these.
    held: usize,
}

/// Connection that was begun.
struct Open {
    /// Queue of frames; dropping it closes the connection.
    frames: Sender<Outgoing>,
    task: JoinHandle<()>,
    /// Transcript of the connection, for an end by this side.
    recorder: Option<ConnectionTranscript>,
}

impl<'a> Connections<'a> {
    /// Connections of a run that has made none yet.
    pub(super) fn new(
        handshake: &'a HandshakeFlags,
        scenario: &'a Path,
        max_message: usize,
        transcript: Option<Transcript>,
    ) -> Self {
        let (sender, events) = channel(QUEUE);
        Self {
            handshake,
            scenario,
            max_message,
            transcript,
            open: HashMap::new(),
            sender,
            events,
            waiting: VecDeque::new(),
            held: 0,
        }
    }

    /// Next event of any connection. Pending forever while there is none.
    pub(super) async fn event(&mut self) -> (ConnectionId, Input) {
        if let Some(event) = self.waiting.pop_front() {
            self.held -= payload_len(&event.1);
            return event;
        }
        match self.events.recv().await {
            Some(event) => event,
            // Unreachable: `self` holds a sender.
            None => std::future::pending().await,
        }
    }

    /// Performs an output. Connecting and sending continue in the connection's task, which reports
    /// the result as events.
    pub(super) async fn perform(&mut self, output: Output) -> Result<(), Broken> {
        match output {
            Output::Passed(..) => {}
            Output::Connect(connection, mut start) => {
                let name = start.name.take();
                let recorder = self.transcript.as_ref().map(|transcript| transcript.of(name));
                let span = start.span.clone();
                let in_file = |sentence| Broken::Step(span, sentence);
                let url = url(&start).map_err(in_file.clone())?;
                let target = self.handshake.target(url).map_err(Broken::Run)?;
                let target = target_of(target, start).map_err(in_file)?;
                let Ok(permit) = OPEN.try_acquire() else {
                    let sentence = format!(
                        "At most {OPEN_CONNECTIONS} connections can be open at the same time, over all \
                         running sections: lower --jobs."
                    );
                    let refused = Input::Connected(Connected::Refused(None, sentence));
                    self.waiting.push_back((connection, refused));
                    return Ok(());
                };
                let (frames, queue) = channel(QUEUE);
                let task = ConnectionTask {
                    connection,
                    socket: Socket::new(self.max_message),
                    queue,
                    events: self.sender.clone(),
                    shows_secrets: self.handshake.show_secrets,
                    recorder: recorder.clone(),
                    has_closed: false,
                    _permit: permit,
                };
                let task = tokio::spawn(task.run(target));
                self.open.insert(connection, Open { frames, task, recorder });
            }
            Output::Drop(connection) => {
                if let Some(Open { task, recorder, .. }) = self.open.remove(&connection) {
                    task.abort();
                    if let Some(recorder) = recorder {
                        let end = EndReason::Closed(Close::abnormal());
                        recorder.record(Fact::Ended(end, None, Handshake::default()));
                    }
                }
            }
            Output::Send(connection, outgoing) => {
                let outgoing = frame(self.scenario, outgoing);
                let outgoing = outgoing.map_err(|(span, why)| Broken::Step(span, why))?;
                self.queue(connection, outgoing).await;
            }
        }
        Ok(())
    }

    /// Queues a frame. Events are collected meanwhile, or both queues could wait for each other. Too
    /// many of them fail the connection that does not read, whoever sent them.
    async fn queue(&mut self, connection: ConnectionId, outgoing: Outgoing) {
        let Some(Open { frames, .. }) = self.open.get(&connection) else { return };
        loop {
            tokio::select! {
                // Room first: a connection that reads is not blamed for the events of others.
                biased;
                permit = frames.reserve() => {
                    // An error means that the connection is gone: its event says so.
                    if let Ok(permit) = permit {
                        permit.send(outgoing);
                    }
                    return;
                }
                Some(event) = self.events.recv() => {
                    self.held += payload_len(&event.1);
                    self.waiting.push_back(event);
                }
            }
            if self.waiting.len() > MESSAGES_HELD || self.held > BYTES_HELD {
                let sentence = format!(
                    "The peer does not read what is sent to it, and meanwhile more than {MESSAGES_HELD} \
                     messages or {} MiB arrived for this section.",
                    BYTES_HELD >> 20
                );
                self.waiting.push_front((connection, Input::Violated(sentence)));
                return;
            }
        }
    }

    /// Waits for the closing handshakes.
    pub(super) async fn end(mut self) {
        self.events.close();
        close_all(std::mem::take(&mut self.open).into_values()).await;
    }
}

/// Closes connections, and waits for their ends. After [`CLOSE_TIMEOUT`] the tasks are aborted.
async fn close_all(open: impl Iterator<Item = Open>) {
    let until = Instant::now() + CLOSE_TIMEOUT;
    // Collected: the queues of all are dropped before the first is waited for.
    let tasks: Vec<_> = open.map(|open| open.task).collect();
    for mut task in tasks {
        if timeout_at(until, &mut task).await.is_err() {
            task.abort();
        }
    }
}

/// Bytes of an event's payload.
fn payload_len(event: &Input) -> usize {
    match event {
        Input::Message(message) => message.len(),
        Input::Ping(data) | Input::Pong(data) => data.len(),
        _ => 0,
    }
}

/// Frame of an item to send. Files are read from the folder of `scenario`; the error is the place of the
/// step, and a sentence.
pub(crate) fn frame(
    scenario: &Path,
    outgoing: scenario::Outgoing,
) -> Result<Outgoing, (Span, String)> {
    Ok(match outgoing {
        scenario::Outgoing::Message(message) => Outgoing::Message(message),
        scenario::Outgoing::Fragments(message, bytes) => Outgoing::Fragments(message, bytes),
        scenario::Outgoing::Ping(data) => Outgoing::Ping(data.into_bytes()),
        scenario::Outgoing::Pong(data) => Outgoing::Pong(data.into_bytes()),
        scenario::Outgoing::Close(code, reason) => {
            Outgoing::Close(Close { code: CloseCode(code), reason })
        }
        // A blocking read: the file is small.
        scenario::Outgoing::File(path, span) => {
            let message = scenario_files::read_message(scenario, &path);
            Outgoing::Message(message.map_err(|sentence| (span, sentence))?)
        }
    })
}

/// One connection. It owns the socket, in a task of its own.
struct ConnectionTask {
    /// Number in the run, for its events.
    connection: ConnectionId,
    /// Socket of the opening handshake, then of the connection.
    socket: Socket,
    /// Frames to send; its end closes the connection.
    queue: Receiver<Outgoing>,
    /// Events for the run.
    events: Sender<(ConnectionId, Input)>,
    /// True to show credentials in errors.
    shows_secrets: bool,
    /// Transcript of the connection, if one is written.
    recorder: Option<ConnectionTranscript>,
    /// True once a Close frame was sent.
    has_closed: bool,
    /// Permit of [`OPEN`], returned at its end.
    _permit: SemaphorePermit<'static>,
}

/// URL of a connection, with its variables filled in. `Err` is a sentence.
pub(crate) fn url(start: &Start) -> Result<ServerUrl, String> {
    start.url.parse().map_err(|error| format!("'{}': {error}.", visible_line(&start.url)))
}

/// Target of a connection: the one of the flags, with its own headers and subprotocols. Headers of
/// the file replace those of the flags. `Err` is a sentence.
pub(crate) fn target_of(mut target: Target, start: Start) -> Result<Target, String> {
    if start.compression {
        target.request.offers = Compression::default().0;
    }
    for (name, value) in start.headers {
        let header = header_value(&value).and_then(|value| format!("{name}: {value}").parse());
        let header: Header = header.map_err(|why| format!("header {name}: {why}."))?;
        target.request.headers.retain(|known| !known.name.eq_ignore_ascii_case(&name));
        target.request.headers.push(header);
    }
    if !start.subprotocols.is_empty() {
        let names = start.subprotocols.iter().map(|name| subprotocol(name));
        let names = names.collect::<Result<_, _>>().map_err(|why| format!("{why}."));
        target.request.subprotocols = names?;
    }
    Ok(target)
}

impl ConnectionTask {
    /// Runs from the opening handshake to the end of the connection, or of the run. After the end
    /// of the run it continues until the closing handshake is over.
    async fn run(mut self, target: Target) {
        self.socket.open(async move { connect(&target, &|_| {}).await });
        loop {
            let is_ready = self.socket.is_ready();
            let event = tokio::select! {
                outgoing = self.queue.recv(), if is_ready => {
                    // Without one, the run is over.
                    self.send(outgoing.unwrap_or_else(|| Outgoing::Close(Close::normal())));
                    continue;
                }
                event = self.socket.event() => event,
            };
            self.record(&event);
            if let Some(headers) = headers(&event) {
                let _ = self.events.send((self.connection, Input::Headers(headers))).await;
            }
            let (input, is_end) = match event {
                SocketEvent::Opened(opened) => {
                    (Input::Connected(Connected::Open(opened.subprotocol)), false)
                }
                SocketEvent::Failed(error) => {
                    let sentence = failure(&error, self.shows_secrets);
                    (Input::Connected(Connected::Refused(error.status(), sentence)), true)
                }
                SocketEvent::Received(message) => (Input::Message(message), false),
                SocketEvent::Ping(data) => (Input::Ping(data), false),
                SocketEvent::Pong(data) => (Input::Pong(data), false),
                SocketEvent::Close(close) => {
                    (Input::Closed(Some((close.code.0, close.reason))), false)
                }
                SocketEvent::Ready | SocketEvent::Frames(_) => continue,
                SocketEvent::Ended(SocketEnd::Closed { .. }) => return,
                SocketEvent::Ended(SocketEnd::Violation(violation)) => {
                    (Input::Violated(violation_sentence(violation)), true)
                }
                SocketEvent::Ended(SocketEnd::Lost { .. }) => (Input::Closed(None), true),
            };
            // Nobody listens once the run is over; the closing handshake continues.
            let _ = self.events.send((self.connection, input)).await;
            if is_end {
                return;
            }
        }
    }

    /// Sends a frame or message, and records it.
    fn send(&mut self, outgoing: Outgoing) {
        if let Some(recorder) = &self.recorder {
            outgoing.fact().into_iter().for_each(|fact| recorder.record(fact));
        }
        match outgoing {
            Outgoing::Close(close) => {
                self.has_closed = true;
                self.socket.close(close);
            }
            outgoing => self.socket.send(outgoing),
        }
    }

    /// Writes an event to the transcript, and the frame by which the socket answers it.
    fn record(&self, event: &SocketEvent) {
        let Some(recorder) = &self.recorder else { return };
        match event {
            SocketEvent::Opened(opened) => recorder.opened(opened, self.shows_secrets),
            SocketEvent::Failed(error) => recorder.failed(error, self.shows_secrets),
            event => {
                let facts = event.fact().into_iter().chain(event.answer(self.has_closed));
                facts.for_each(|fact| recorder.record(fact));
            }
        }
    }
}

/// Headers of the response to an opening handshake; `None` for other events.
fn headers(event: &SocketEvent) -> Option<Vec<(String, String)>> {
    let response = match event {
        SocketEvent::Opened(opened) => opened.report.as_ref()?.response.as_ref()?,
        SocketEvent::Failed(error) => error.opening().response.as_ref()?,
        _ => return None,
    };
    Some(response.head.to_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn connections_that_do_not_close_are_waited_for_together() {
        let open = std::iter::repeat_with(|| Open {
            frames: channel(1).0,
            task: tokio::spawn(std::future::pending()),
            recorder: None,
        });
        let start = Instant::now();
        close_all(open.take(100)).await;
        assert!(start.elapsed() < 2 * CLOSE_TIMEOUT, "{:?}", start.elapsed());
    }
}
