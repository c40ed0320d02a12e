//! Connections of a run: a task each.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
};

use connector::{Header, ServerUrl, Target, connect, header_value, subprotocol};
use scenario::{Connected, ConnectionId, Input, MESSAGES_HELD, Outgoing, Output, Span, Start};
use server::scenario_files;
use session::{Close, CloseCode, Direction, EndReason, Fact, Handshake};
use tokio::{
    sync::{
        Semaphore, SemaphorePermit,
        mpsc::{Receiver, Sender, channel},
    },
    task::JoinHandle,
    time::timeout,
};

use super::{
    HandshakeFlags,
    transcript::{Recorder, Transcript},
};
use crate::{
    connect::{
        self, CLOSE_TIMEOUT, Compression, Socket, SocketEnd, SocketEvent, violation_sentence,
    },
    handshake::failure,
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
    /// Mistake in the file, its variables or an argument: ends the run without a verdict.
    Run(String),
    /// Step that this machine cannot do: fails the run at the step.
    Step(Span, String),
}

impl From<String> for Broken {
    fn from(sentence: String) -> Self {
        Self::Run(sentence)
    }
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
    /// Events that arrived while a frame waited for its connection; at most [`MESSAGES_HELD`] and
    /// one.
    waiting: VecDeque<(ConnectionId, Input)>,
}

/// Connection that was begun.
struct Open {
    /// Queue of frames; dropping it closes the connection.
    frames: Sender<connect::Outgoing>,
    task: JoinHandle<()>,
    /// Recorder of the connection, for an end by this side.
    recorder: Option<Recorder>,
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
        }
    }

    /// Next event of any connection. Pending forever while there is none.
    pub(super) async fn event(&mut self) -> (ConnectionId, Input) {
        if let Some(event) = self.waiting.pop_front() {
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
                let target = self.target(start)?;
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
                let outgoing = self.frame(outgoing)?;
                self.queue(connection, outgoing).await?;
            }
        }
        Ok(())
    }

    /// Queues a frame. Events are collected meanwhile, or both queues could wait for each other.
    /// The error is a sentence about a peer that sends and does not read.
    async fn queue(
        &mut self,
        connection: ConnectionId,
        outgoing: connect::Outgoing,
    ) -> Result<(), String> {
        let Some(Open { frames, .. }) = self.open.get(&connection) else { return Ok(()) };
        loop {
            tokio::select! {
                permit = frames.reserve() => {
                    // An error means that the connection is gone: its event says so.
                    if let Ok(permit) = permit {
                        permit.send(outgoing);
                    }
                    return Ok(());
                }
                Some(event) = self.events.recv() => self.waiting.push_back(event),
            }
            if self.waiting.len() > MESSAGES_HELD {
                return Err(format!(
                    "the peer does not read, but has sent {MESSAGES_HELD} messages meanwhile"
                ));
            }
        }
    }

    /// Waits for the closing handshakes. Each has [`CLOSE_TIMEOUT`], then its task is aborted.
    pub(super) async fn end(mut self) {
        self.events.close();
        for Open { frames, task, .. } in std::mem::take(&mut self.open).into_values() {
            drop(frames);
            let abort = task.abort_handle();
            if timeout(CLOSE_TIMEOUT, task).await.is_err() {
                abort.abort();
            }
        }
    }

    /// Target of a connection. `Err` is a sentence.
    fn target(&self, start: Start) -> Result<Target, String> {
        let url = url(&start)?;
        target_of(self.handshake.target(url)?, start)
    }

    /// Converts an item to send into a frame. A file is read here.
    fn frame(&self, outgoing: Outgoing) -> Result<connect::Outgoing, Broken> {
        Ok(match outgoing {
            Outgoing::Message(message) => connect::Outgoing::Message(message),
            Outgoing::Fragments(message, bytes) => connect::Outgoing::Fragments(message, bytes),
            Outgoing::Ping(data) => connect::Outgoing::Ping(data.into_bytes()),
            Outgoing::Pong(data) => connect::Outgoing::Pong(data.into_bytes()),
            Outgoing::Close(code, reason) => {
                connect::Outgoing::Close(Close { code: CloseCode(code), reason })
            }
            // A blocking read: the file is small.
            Outgoing::File(path, span) => {
                let message = scenario_files::read_message(self.scenario, &path);
                connect::Outgoing::Message(
                    message.map_err(|sentence| Broken::Step(span, sentence))?,
                )
            }
        })
    }
}

/// One connection. It owns the socket, in a task of its own.
struct ConnectionTask {
    /// Number in the run, for its events.
    connection: ConnectionId,
    /// Socket of the opening handshake, then of the connection.
    socket: Socket,
    /// Frames to send; its end closes the connection.
    queue: Receiver<connect::Outgoing>,
    /// Events for the run.
    events: Sender<(ConnectionId, Input)>,
    /// True to show credentials in errors.
    shows_secrets: bool,
    /// Recorder of its transcript, if one is written.
    recorder: Option<Recorder>,
    /// Permit of [`OPEN`], returned at its end.
    _permit: SemaphorePermit<'static>,
}

/// URL of a connection, with its variables filled in. `Err` is a sentence.
pub(crate) fn url(start: &Start) -> Result<ServerUrl, String> {
    start.url.parse().map_err(|error| format!("'{}': {error}", start.url))
}

/// Target of a connection: the one of the flags, with its own headers and subprotocols. Headers of
/// the file replace those of the flags. `Err` is a sentence.
pub(crate) fn target_of(mut target: Target, start: Start) -> Result<Target, String> {
    if start.compression {
        target.request.offers = Compression::default().0;
    }
    for (name, value) in start.headers {
        let header: Header = format!("{name}: {}", header_value(&value)?).parse()?;
        target.request.headers.retain(|known| !known.name.eq_ignore_ascii_case(&name));
        target.request.headers.push(header);
    }
    if !start.subprotocols.is_empty() {
        let names = start.subprotocols.iter().map(|name| subprotocol(name));
        target.request.subprotocols = names.collect::<Result<_, _>>()?;
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
                    self.send(outgoing.unwrap_or_else(|| connect::Outgoing::Close(Close::normal())));
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
                SocketEvent::Ended(SocketEnd::Closed(_)) => return,
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

    /// Sends a frame or message, and records it; raw bytes have no record.
    fn send(&mut self, outgoing: connect::Outgoing) {
        if let Some(recorder) = &self.recorder {
            match &outgoing {
                connect::Outgoing::Message(message) | connect::Outgoing::Fragments(message, _) => {
                    recorder.record(Fact::Message(Direction::Out, message.clone(), None));
                }
                connect::Outgoing::Ping(data) => {
                    recorder.record(Fact::Ping(Direction::Out, data.clone()));
                }
                connect::Outgoing::Pong(data) => {
                    recorder.record(Fact::Pong(Direction::Out, data.clone(), None));
                }
                connect::Outgoing::Close(close) => {
                    recorder.record(Fact::Close(Direction::Out, close.clone()));
                }
                connect::Outgoing::Raw(_) => {}
            }
        }
        match outgoing {
            connect::Outgoing::Close(close) => {
                self.socket.close(close);
            }
            outgoing => self.socket.send(outgoing),
        }
    }

    /// Writes an event to the transcript.
    fn record(&self, event: &SocketEvent) {
        let Some(recorder) = &self.recorder else { return };
        match event {
            SocketEvent::Opened(opened) => recorder.opened(opened),
            SocketEvent::Failed(error) => recorder.failed(error, self.shows_secrets),
            event => {
                if let Some(fact) = event.fact() {
                    recorder.record(fact);
                }
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
