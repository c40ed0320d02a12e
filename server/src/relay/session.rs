//! Session: one WebSocket of the relay, from the page's first command to the end of the connection to the target.
//!
//! Messages of the page become commands, frames of the target become events. Each side is read only while the
//! other takes what it is sent, so that a slow one holds up the other, and neither fills memory.

use std::{
    borrow::Cow,
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use connector::Connection;
use futures::{FutureExt, future::BoxFuture};
use protocol::{CONTROL_LEN, Close, Kind, Opcode, REASON_LEN, Violation, close_code};
use relay::{
    Command, DecodeError, End, EndCause, Event, Failure, MAX_FRAMES, Open, Ready, Side, VERSION,
};
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        mpsc::{UnboundedReceiver, unbounded_channel},
    },
    time::{Sleep, sleep},
};

use super::{
    Relay,
    opening::open,
    sink::{Queue, Sink, WINDOW},
    target_socket::{Step, TargetSocket},
};
use crate::{
    memory::{account::Held, share::Share},
    state::Server,
    websocket::handler::{Finish, Handler, Responder},
};

/// Bytes received from the target after which other tasks of the thread get their turn.
const TURN: usize = 1 << 20;

/// Bytes received after which memory is accounted for, within a turn.
const SETTLE: usize = 64 << 10;

/// Maximum backlog with which a page is still told that its connection was closed for memory. With more, the page is
/// not reading: its WebSocket is dropped without an event.
const BACKLOG: usize = 64 << 10;

/// Relayed connection.
pub(super) struct Session {
    /// Token and limits of the relay.
    relay: Arc<Relay>,
    server: Arc<Server>,
    state: State,
    /// Host of the target, for the log.
    host: String,
    /// Bytes of a message from which on it is compressed.
    compress_from: usize,
    queue: Queue,
    /// True while the page wants no messages of the target.
    is_paused: bool,
    /// Side that began the closing handshake.
    closing: Option<Side>,
    /// Time limit of the first two commands, then of the closing handshake.
    timer: Option<Pin<Box<Sleep>>>,
    /// End of the relay's own WebSocket, once it is due.
    finish: Option<Finish>,
    /// Share in the memory of all relays.
    share: Option<Share>,
    /// One of the relay's permits, released on drop.
    _permit: OwnedSemaphorePermit,
}

/// State of a session.
enum State {
    /// Before [`Command::Hello`].
    Greeting,
    /// Before [`Command::Open`].
    Waiting,
    /// Between [`Command::Open`] and the end of the opening handshake.
    Opening(Opening),
    /// Open WebSocket, or one in its closing handshake.
    Open(Box<TargetSocket>),
    /// After the last event.
    Over,
}

/// Connection that is being opened, and the events of it. They are few: some for each redirect.
struct Opening {
    /// Connection attempt, dropped if the page leaves.
    connecting: BoxFuture<'static, Result<Connection, Failure>>,
    /// Steps of the attempt, sent on as they come.
    events: UnboundedReceiver<Event<'static>>,
}

/// Mistake of a page, in the Close frame to it.
#[derive(Debug, thiserror::Error)]
enum Mistake {
    #[error("Wrong token")]
    Token,
    /// Page of another version, such as one from a cache.
    #[error("The version is not that of this server: reload the page")]
    Version,
    /// Page that says nothing: [`Limits::handshake_timeout`](crate::Limits::handshake_timeout) bounds its first two
    /// commands.
    #[error("The first commands did not come in time")]
    Late,
    /// Bytes that are no command.
    #[error("{0}")]
    Undecodable(#[from] DecodeError),
    #[error("Commands are binary messages")]
    Text,
    #[error("Command out of order")]
    Order,
    /// Data of more than 125 bytes for a Ping, Pong or Close frame.
    #[error("A control frame has at most 125 bytes (RFC 6455 section 5.5)")]
    LongControl,
    /// More frames for one message of the page than the relay encodes at once.
    #[error("The commands of a message make more than {MAX_FRAMES} frames")]
    Frames,
    #[error("Acknowledged more bytes than were sent")]
    Taken,
}

impl Session {
    /// Session that waits for the page's first command.
    pub(super) fn new(
        relay: Arc<Relay>,
        server: Arc<Server>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let timer = Some(Box::pin(sleep(server.config.limits.handshake_timeout)));
        Self {
            relay,
            server,
            state: State::Greeting,
            host: String::new(),
            compress_from: 0,
            queue: Queue::default(),
            is_paused: false,
            closing: None,
            timer,
            finish: None,
            share: None,
            _permit: permit,
        }
    }

    /// Carries out the commands of a message.
    fn run(&mut self, message: &[u8], responder: &mut Responder<'_>) -> Result<(), Mistake> {
        let mut frames = 0;
        for command in Command::decode_all(message) {
            let command = command?;
            frames += match &command {
                Command::Message(message) => message.fragments.frames(message.payload.len()),
                _ => 1,
            };
            if frames > MAX_FRAMES {
                return Err(Mistake::Frames);
            }
            self.carry_out(command, responder)?;
        }
        Ok(())
    }

    /// Performs a command, if the state allows it.
    fn carry_out(
        &mut self,
        command: Command<'_>,
        responder: &mut Responder<'_>,
    ) -> Result<(), Mistake> {
        match (&mut self.state, command) {
            (State::Over, _) => {}
            (State::Greeting, Command::Hello { version, token }) => {
                if !self.relay.token.is(&token) {
                    return Err(Mistake::Token);
                }
                if version != VERSION {
                    return Err(Mistake::Version);
                }
                self.state = State::Waiting;
                self.greet(responder);
            }
            (State::Greeting, _) => return Err(Mistake::Order),
            (State::Waiting, Command::Open(open)) => self.open(*open),
            // The answer to a Close frame is read.
            (_, Command::Pause) => self.is_paused = self.closing.is_none(),
            (_, Command::Resume) => self.is_paused = false,
            (_, Command::Taken(bytes)) if self.queue.acknowledge(bytes) => {}
            (_, Command::Taken(_)) => return Err(Mistake::Taken),
            (State::Open(target), command) => {
                let mut sink = self.queue.sink(responder);
                if send(&command, target, &mut sink)? {
                    self.is_paused = false;
                    self.closing.get_or_insert(Side::Page);
                    self.limit_close();
                }
            }
            _ => return Err(Mistake::Order),
        }
        Ok(())
    }

    /// Answers the first command.
    fn greet(&mut self, responder: &mut Responder<'_>) {
        let identities = &self.server.config.relay.identities;
        self.queue.sink(responder).event(&Event::Ready(Ready {
            version: VERSION,
            window: WINDOW,
            max_message: self.server.config.limits.message as u64,
            certificates: identities.iter().map(|identity| identity.name.clone()).collect(),
        }));
    }

    /// Begins to open the connection.
    fn open(&mut self, options: Open) {
        self.timer = None;
        self.host = options.url.parse().map_or_else(
            |_| "an address that cannot be used".to_owned(),
            |url: connector::ServerUrl| url.authority().to_owned(),
        );
        self.compress_from = usize::try_from(options.compress_from).unwrap_or(usize::MAX);
        let (sender, events) = unbounded_channel();
        let connecting = Box::pin(open(Arc::clone(&self.server), options, sender));
        self.state = State::Opening(Opening { connecting, events });
    }

    /// Continues the opening and reports its steps to the page.
    fn poll_opening(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) {
        let State::Opening(Opening { connecting, events }) = &mut self.state else { return };
        let result = connecting.poll_unpin(context);
        let mut sink = self.queue.sink(responder);
        // Sent while the opening was polled: there are none to wait for.
        while let Ok(event) = events.try_recv() {
            sink.event(&event);
        }
        match result {
            Poll::Pending => sink.flush(),
            Poll::Ready(Ok(connection)) => {
                sink.flush();
                self.server.event_log.relayed(&self.host, "open");
                let max_message = self.server.config.limits.message;
                let target = TargetSocket::new(connection, max_message, self.compress_from);
                self.state = State::Open(Box::new(target));
            }
            Poll::Ready(Err(failure)) => {
                let outcome = format!("failed: {:?}", failure.cause);
                self.server.event_log.relayed(&self.host, &outcome);
                sink.event(&Event::Failed(failure));
                sink.flush();
                self.finish();
            }
        }
    }

    /// Passes on the messages of both sides, as far as the other one reads. Returns the end, if it
    /// came.
    fn pass_on(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Option<End> {
        let State::Open(target) = &mut self.state else { return None };
        let mut sink = self.queue.sink(responder);
        let share = self
            .share
            .get_or_insert_with(|| Share::new(&self.relay.memory, context.waker().clone()));
        let (mut turn, mut unsettled) = (0, 0);
        let ended = loop {
            let _ = target.poll_write(context, &mut sink);
            if share.is_shed() {
                break Some(memory_end());
            }
            let is_closing = target.peers_close.is_some();
            let is_paused = self.is_paused && !target.is_broken();
            if !is_closing && (is_paused || !sink.has_room()) {
                break None;
            }
            match target.poll_receive(context, &mut sink) {
                Poll::Pending => break None,
                Poll::Ready(Step::Received(bytes)) => {
                    turn += bytes;
                    unsettled += bytes;
                    if unsettled >= SETTLE {
                        unsettled = 0;
                        share.set(Held::own(target.held() + sink.held()), target.received);
                    }
                    if turn >= TURN {
                        context.waker().wake_by_ref();
                        break None;
                    }
                }
                Poll::Ready(Step::Ended(error)) => {
                    break Some(end(self.closing, target.peers_close.take(), error));
                }
                Poll::Ready(Step::Violation(violation)) => {
                    // One attempt to write the Close frame: who breaks the protocol may not read either.
                    let _ = target.poll_write(context, &mut sink);
                    break Some(violation_end(violation));
                }
            }
        };
        sink.flush();
        share.set(Held::own(target.held() + sink.held()), target.received);
        // It may just have been chosen for its own growth, which wakes nobody.
        let ended = ended.or_else(|| share.is_shed().then(memory_end));
        if target.peers_close.is_some() {
            self.closing.get_or_insert(Side::Target);
            self.limit_close();
        }
        ended
    }

    /// Starts the time limit of the close handshake, unless it runs.
    fn limit_close(&mut self) {
        let limit = self.server.config.limits.close_timeout;
        self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
    }

    /// Ends the connection to the target, and tells the page.
    fn end(&mut self, end: End, responder: &mut Responder<'_>) {
        self.server
            .event_log
            .relayed(&self.host, &format!("end: {:?} by {:?}", end.cause, end.side));
        let mut sink = self.queue.sink(responder);
        if end.cause == EndCause::Memory {
            if sink.held() > BACKLOG {
                // A page that does not read would keep it until the time limit of the closing handshake: the
                // connection is given up, since the share stays shed.
                self.state = State::Over;
                return;
            }
            self.share = None;
            self.server.metrics.shed("memory");
        }
        sink.event(&Event::Ended(end));
        sink.flush();
        // What the page has not read counts on: it may be shed later.
        if let (Some(share), State::Open(target)) = (&self.share, &self.state) {
            share.set(Held::own(sink.held()), target.received);
        }
        self.finish();
    }

    /// Ends the relay's own WebSocket after the last event.
    fn finish(&mut self) {
        self.state = State::Over;
        let close = Close { code: close_code::NORMAL, reason: String::new() };
        self.finish = Some(Finish::Close(Some(close)));
    }

    /// End by the time limit that has passed.
    fn time_out(&mut self, responder: &mut Responder<'_>) {
        match &mut self.state {
            State::Open(target) => {
                let end = match target.peers_close.take() {
                    Some(close) => end(self.closing, Some(close), None),
                    None => End {
                        side: Side::Page,
                        cause: EndCause::Unanswered,
                        code: None,
                        reason: String::new(),
                    },
                };
                self.end(end, responder);
            }
            _ => self.fail(&Mistake::Late),
        }
    }

    /// Ends the relay's own WebSocket by a mistake of the page.
    fn fail(&mut self, mistake: &Mistake) {
        let code = match mistake {
            Mistake::Token | Mistake::Late => close_code::POLICY,
            _ => close_code::PROTOCOL,
        };
        self.finish = Some(Finish::Close(Some(Close { code, reason: mistake.to_string() })));
    }
}

impl Handler for Session {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, responder: &mut Responder<'_>) {
        if self.finish.is_some() {
            return;
        }
        let ran = match kind {
            Kind::Text => Err(Mistake::Text),
            Kind::Binary => self.run(&payload, responder),
        };
        self.queue.sink(responder).flush();
        if let Err(mistake) = ran {
            self.fail(&mistake);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        self.poll_opening(context, responder);
        if let Some(end) = self.pass_on(context, responder) {
            self.end(end, responder);
        }
        if self.finish.is_none()
            && let Some(timer) = &mut self.timer
            && timer.poll_unpin(context).is_ready()
        {
            self.timer = None;
            self.time_out(responder);
        }
        self.finish.take().map_or(Poll::Pending, Poll::Ready)
    }

    fn pending_bytes(&self) -> usize {
        match &self.state {
            State::Open(target) => target.unwritten(),
            _ => 0,
        }
    }

    fn held(&self) -> Held {
        match &self.state {
            State::Open(target) => Held::own(target.held()),
            _ => Held::default(),
        }
    }

    fn is_shed(&self) -> bool {
        self.share.as_ref().is_some_and(Share::is_shed)
    }

    fn discard(&mut self) {
        self.state = State::Over;
        self.share = None;
    }

    fn logs_messages(&self) -> bool {
        false
    }
}

/// Tells the target that its page is gone.
impl Drop for Session {
    fn drop(&mut self) {
        if let State::Open(target) = mem::replace(&mut self.state, State::Over) {
            self.server.event_log.relayed(&self.host, "end: the page is gone");
            self.server.tasks.spawn(target.leave());
        }
    }
}

/// Carries out a command that sends something. True if it begins the close handshake.
fn send(
    command: &Command<'_>,
    target: &mut TargetSocket,
    sink: &mut Sink<'_, '_>,
) -> Result<bool, Mistake> {
    let mut closes = false;
    match command {
        Command::Message(message) => target.send_message(message, sink),
        Command::Ping(payload) | Command::Pong(payload) if payload.len() > CONTROL_LEN => {
            return Err(Mistake::LongControl);
        }
        Command::Close { reason, .. } if reason.len() > REASON_LEN => {
            return Err(Mistake::LongControl);
        }
        Command::Ping(payload) => target.send_control(Opcode::Ping, payload, sink),
        Command::Pong(payload) => target.send_control(Opcode::Pong, payload, sink),
        Command::Close { code, reason } => {
            target.send_close(*code, reason, sink);
            closes = true;
        }
        Command::Raw(bytes) => target.send_raw(bytes),
        _ => return Err(Mistake::Order),
    }
    target.end_command();
    Ok(closes)
}

/// End of a connection that is lost, or over after the target's Close frame.
fn end(closing: Option<Side>, close: Option<Close>, error: Option<io::Error>) -> End {
    let side = closing.unwrap_or(Side::Target);
    if let Some(Close { code, reason }) = close {
        let code = (code != close_code::NONE).then_some(code);
        return End { side, cause: EndCause::Closed, code, reason };
    }
    let reason = error.map_or(String::new(), |error| error.to_string());
    End { side, cause: EndCause::Lost, code: None, reason }
}

/// End by a violation of the target, with the close code that answers it.
fn violation_end(violation: Violation) -> End {
    let cause = match violation {
        Violation::LargeFrame(_) | Violation::LargeMessage(_) => EndCause::TooLarge,
        _ => EndCause::Violation,
    };
    let code = Some(violation.close_code());
    End { side: Side::Relay, cause, code, reason: violation.to_string() }
}

/// End to free memory, when all relays hold too much.
fn memory_end() -> End {
    let reason =
        "Too much memory is held for relayed connections, most of it for this one.".to_owned();
    End { side: Side::Relay, cause: EndCause::Memory, code: None, reason }
}
