//! Connections of a run: a task each.

use std::{
    collections::{HashMap, VecDeque},
    path::PathBuf,
};

use connector::{Header, Target, connect, header_value, subprotocol};
use scenario::{Connected, Connection, Input, MESSAGES_HELD, Outgoing, Output, Start};
use session::{Close, CloseCode, Message};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
    time::timeout,
};

use super::HandshakeFlags;
use crate::{
    connect::{self, CLOSE_TIMEOUT, Socket, SocketEnd, SocketEvent},
    wording::failure,
};

/// Events of all connections that may wait for the run, and frames that may wait for one connection: the
/// peer, or the run, waits then.
const QUEUE: usize = 64;

/// Connections by their number, and the events of all.
pub(super) struct Connections<'a> {
    handshake: &'a HandshakeFlags,
    /// Folder of the scenario: paths of files are relative to it.
    folder: PathBuf,
    max_message: usize,
    open: HashMap<Connection, (Sender<connect::Outgoing>, JoinHandle<()>)>,
    sender: Sender<(Connection, Input)>,
    events: Receiver<(Connection, Input)>,
    /// Events taken while a frame waited for its connection.
    waiting: VecDeque<(Connection, Input)>,
}

impl<'a> Connections<'a> {
    pub(super) fn new(handshake: &'a HandshakeFlags, folder: PathBuf, max_message: usize) -> Self {
        let (sender, events) = channel(QUEUE);
        Self {
            handshake,
            folder,
            max_message,
            open: HashMap::new(),
            sender,
            events,
            waiting: VecDeque::new(),
        }
    }

    /// Next event of any connection.
    pub(super) async fn event(&mut self) -> (Connection, Input) {
        if let Some(event) = self.waiting.pop_front() {
            return event;
        }
        match self.events.recv().await {
            Some(event) => event,
            // `self` holds a sender.
            None => std::future::pending().await,
        }
    }

    /// Does what the run asks for. `Err` is a sentence about the file or its variables.
    pub(super) async fn perform(&mut self, output: Output) -> Result<(), String> {
        match output {
            Output::Passed(_) => {}
            Output::Connect(connection, start) => {
                let target = self.target(start)?;
                let (frames, queue) = channel(QUEUE);
                let peer = Peer {
                    connection,
                    socket: Socket::new(self.max_message),
                    queue,
                    events: self.sender.clone(),
                    shows_secrets: self.handshake.show_secrets,
                };
                self.open.insert(connection, (frames, tokio::spawn(peer.run(target))));
            }
            Output::Drop(connection) => {
                if let Some((_, task)) = self.open.remove(&connection) {
                    task.abort();
                }
            }
            Output::Send(connection, outgoing) => {
                let outgoing = self.frame(outgoing).await?;
                self.queue(connection, outgoing).await?;
            }
        }
        Ok(())
    }

    /// Queues a frame. Events are taken meanwhile, or both queues could wait for each other.
    async fn queue(
        &mut self,
        connection: Connection,
        outgoing: connect::Outgoing,
    ) -> Result<(), String> {
        let Some((frames, _)) = self.open.get(&connection) else { return Ok(()) };
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
                    "the peer does not read what is sent, and has sent {MESSAGES_HELD} messages meanwhile"
                ));
            }
        }
    }

    /// Waits for the close handshakes.
    pub(super) async fn end(mut self) {
        self.events.close();
        for (frames, task) in std::mem::take(&mut self.open).into_values() {
            drop(frames);
            let abort = task.abort_handle();
            if timeout(CLOSE_TIMEOUT, task).await.is_err() {
                abort.abort();
            }
        }
    }

    fn target(&self, start: Start) -> Result<Target, String> {
        let url = start.url.parse().map_err(|error| format!("'{}': {error}", start.url))?;
        let mut target = self.handshake.target(url)?;
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

    async fn frame(&self, outgoing: Outgoing) -> Result<connect::Outgoing, String> {
        Ok(match outgoing {
            Outgoing::Message(message) => connect::Outgoing::Message(message),
            Outgoing::Ping(data) => connect::Outgoing::Ping(data.into_bytes()),
            Outgoing::Pong(data) => connect::Outgoing::Pong(data.into_bytes()),
            Outgoing::Close(code, reason) => {
                connect::Outgoing::Close(Close { code: CloseCode(code), reason })
            }
            Outgoing::File(path) => {
                let path = self.folder.join(path);
                let bytes = tokio::fs::read(&path).await;
                let bytes =
                    bytes.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                let message = String::from_utf8(bytes).map(Message::Text);
                connect::Outgoing::Message(
                    message.unwrap_or_else(|error| Message::Binary(error.into_bytes())),
                )
            }
        })
    }
}

/// One connection.
struct Peer {
    connection: Connection,
    socket: Socket,
    queue: Receiver<connect::Outgoing>,
    events: Sender<(Connection, Input)>,
    shows_secrets: bool,
}

impl Peer {
    /// Runs from the opening handshake to the end of the connection, or of the run.
    async fn run(mut self, target: Target) {
        self.socket.open(async move { connect(&target, &|_| {}).await });
        loop {
            let is_ready = self.socket.is_ready();
            let event = tokio::select! {
                outgoing = self.queue.recv(), if is_ready => {
                    match outgoing {
                        Some(connect::Outgoing::Close(close)) => { self.socket.close(close); }
                        Some(outgoing) => self.socket.send(outgoing),
                        // The run is over.
                        None => { self.socket.close(Close { code: CloseCode::NORMAL, reason: String::new() }); }
                    }
                    continue;
                }
                event = self.socket.event() => event,
            };
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
                SocketEvent::Ended(_) => (Input::Closed(None), true),
            };
            // Nobody listens once the run is over; the close handshake goes on.
            let _ = self.events.send((self.connection, input)).await;
            if is_end {
                return;
            }
        }
    }
}
