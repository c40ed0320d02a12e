//! Connection through the page's server: events of its socket, for the session.

use session::{Attempt, Close, Direction, EndReason, Event, Message, Payload, State, Step, Time};

use super::{
    super::output::{Output, Outputs, SocketOutput},
    Connection,
};
use ::relay::{Command, TOKEN_LEN};

use crate::{
    compose::Framing,
    connect::{self, Answer, Cause, FilledTarget, Target},
    log::{Item, LogEvent},
    relay::{ConnectionEvent, ControlFrame, ControlKind, RelayEvent, Transport, command, send},
};

/// Bytes that are kept of bytes that were sent in no frame, at most: the first.
const RAW_BYTES: usize = 4_096;

impl Connection {
    /// True if the attempt takes the way through the page's server.
    pub(in super::super) fn is_relayed(&self) -> bool {
        self.relay.is_some()
    }

    /// True if the connection accepts a certificate that is not trusted.
    pub(in super::super) fn accepts_untrusted(&self) -> bool {
        let options = self.target.target.relay.as_ref().filter(|_| self.relay.is_some());
        options.is_some_and(|options| options.accepts_untrusted())
    }

    /// False while the target is not read from; `None` if no connection is open through the page's server.
    pub(in super::super) fn is_reading(&self) -> Option<bool> {
        let is_open = matches!(self.session.state(), State::Open(_));
        self.relay.as_ref().filter(|_| is_open).map(Transport::is_reading)
    }

    /// Reads from the target, or stops, if the connection is open through the page's server.
    pub(super) fn read(&mut self, is_reading: bool, outputs: &mut Outputs) {
        if let (State::Open(attempt), Some(relay)) = (self.session.state(), &mut self.relay) {
            let command = relay.read(is_reading);
            outputs.push_back(Output::Socket(SocketOutput::Send(*attempt, command)));
        }
    }

    /// Names of the client certificates that the page's server has; none before it told them.
    pub(in super::super) fn certificates(&self) -> &[String] {
        &self.certificates
    }

    /// Asks for the token of the relay, without which it opens nothing.
    pub(super) fn ask_for_token(&mut self, attempt: Attempt, outputs: &mut Outputs) {
        if let Some((question, _)) = self.page.relay() {
            self.asking = Some(attempt);
            outputs.push_back(Output::Socket(SocketOutput::Ask(attempt, question)));
        }
    }

    /// Takes the answer with the token, and opens a socket to the relay.
    pub(super) fn authorize(
        &mut self,
        attempt: Attempt,
        answer: Option<&Answer>,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        let token = answer.filter(|answer| answer.status == 200);
        let token = token.and_then(|answer| token_of(&answer.text));
        if let (Some(token), Some(relay), Some((_, url))) =
            (token, &mut self.relay, self.page.relay())
        {
            relay.authorize(token);
            let target = Target { url, ..Target::default() };
            outputs.push_back(Output::Socket(SocketOutput::Open(attempt, target)));
            return Vec::new();
        }
        self.causes = vec![answer.map_or_else(|| self.page.gone(), Cause::without_token)];
        self.end_failed(attempt, now, outputs)
    }

    /// Sends the relay's first message, once its own socket is open.
    pub(super) fn greet(&self, attempt: Attempt, outputs: &mut Outputs) {
        if let Some(relay) = self.relay.as_ref().filter(|relay| relay.attempt() == attempt) {
            outputs.push_back(Output::Socket(SocketOutput::Send(attempt, relay.hello())));
        }
    }

    /// Decodes a message of the relay.
    pub(in super::super) fn decode(
        &mut self,
        attempt: Attempt,
        message: &Message,
        outputs: &mut Outputs,
    ) -> Vec<RelayEvent> {
        let current = self.relay.as_mut().filter(|relay| relay.attempt() == attempt);
        let Some(relay) = current else { return Vec::new() };
        let (events, answer) = relay.receive(message);
        if let Some(names) = relay.take_certificates() {
            self.certificates = names;
        }
        if let Some(answer) = answer {
            outputs.push_back(Output::Socket(SocketOutput::Send(attempt, answer)));
        }
        events
    }

    /// Handles an event of the relayed connection. Returns the items to record.
    pub(in super::super) fn relayed(
        &mut self,
        attempt: Attempt,
        event: ConnectionEvent,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        match event {
            ConnectionEvent::Opened(negotiated) => {
                let mut items = self.handshake();
                items.extend(self.opened(attempt, negotiated, now, outputs));
                items
            }
            ConnectionEvent::Control(frame) => vec![Item::Event(LogEvent::Control(frame))],
            ConnectionEvent::Failed(cause) => {
                let mut items = self.handshake();
                let FilledTarget { target, shown } = &self.target;
                let cause = cause.hiding(&target.url, &shown.url);
                let ends = self.failed_for(cause, attempt, now, outputs);
                // One of a retry that failed again is no news.
                if ends.is_empty() {
                    return ends;
                }
                items.extend(ends);
                items
            }
            ConnectionEvent::Ended(close) => {
                self.handle(Event::Ended(attempt, EndReason::Closed(close)), now, outputs)
            }
        }
    }

    /// Handles the end of the relay's own socket. It tells nothing about the target.
    pub(super) fn relay_ended(
        &mut self,
        attempt: Attempt,
        close: Close,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        if *self.session.state() == State::Connecting(attempt) {
            return self.failed_for(Cause::RelayClosed(close), attempt, now, outputs);
        }
        let reason = EndReason::Closed(Close::abnormal());
        self.handle(Event::Ended(attempt, reason), now, outputs)
    }

    /// Takes a received message. Returns the item to record; `None` once the connection closes.
    pub(in super::super) fn receive_relayed(
        &mut self,
        attempt: Attempt,
        message: Message,
        now: Time,
    ) -> Option<Item> {
        let size = message.len() as u64;
        let item = self.session.receive(attempt, message)?;
        // The relay holds the peer back: a flood does not lag.
        if self.congestion.received(size, now) == connect::Step::Probe {
            self.congestion.answered();
        }
        Some(self.item(item, false, now))
    }

    /// Sends a message in other frames, whose length is checked. Returns the items to record: of control frames
    /// the relay tells.
    pub(in super::super) fn send_framed(
        &mut self,
        message: Message,
        framing: Framing,
        now: Time,
        outputs: &mut Outputs,
    ) -> Vec<Item> {
        let (State::Open(attempt), Some(relay)) = (self.session.state(), &mut self.relay) else {
            return Vec::new();
        };
        let attempt = *attempt;
        let bytes = match message.payload() {
            Payload::Text(text) => text.as_bytes(),
            Payload::Binary(bytes) => bytes,
        };
        let (sends, item) = match framing {
            Framing::Uncompressed(_) | Framing::FragmentBytes(_) | Framing::FragmentCount(_) => {
                let compress = !matches!(framing, Framing::Uncompressed(_));
                let sends = send(&message, framing.fragments(message.len()), compress);
                let Ok(Step { item, .. }) = self.session.send(message) else { return Vec::new() };
                (sends, item.map(|item| self.item(item, false, now)))
            }
            Framing::Ping => (command(&Command::Ping(bytes)), None),
            Framing::Pong => (command(&Command::Pong(bytes)), None),
            Framing::Raw => {
                let payload = bytes[..bytes.len().min(RAW_BYTES)].to_vec();
                let (direction, kind) = (Direction::Out, ControlKind::Raw);
                let frame = ControlFrame { direction, kind, payload, frame: None, time: 0 };
                (command(&Command::Raw(bytes)), Some(Item::Event(LogEvent::Control(frame))))
            }
            Framing::Close(code) => {
                let close = relay.close_with(code, bytes);
                return self.disconnect(close, now, outputs);
            }
        };
        self.buffered = self.buffered.map(|waiting| waiting + sends.len() as u64);
        outputs.push_back(Output::Socket(SocketOutput::Send(attempt, sends)));
        Vec::from_iter(item)
    }

    /// Opening as it was seen, to record.
    fn handshake(&self) -> Vec<Item> {
        let Some(relay) = &self.relay else { return Vec::new() };
        let FilledTarget { target, shown } = &self.target;
        vec![Item::Event(LogEvent::Handshake(Box::new(relay.opening().hiding(target, shown))))]
    }

    /// Closes the socket to the relay, once the session is done with the attempt.
    pub(super) fn leave_relay(&mut self, outputs: &mut Outputs) {
        let attempt = match *self.session.state() {
            State::Connecting(_) | State::Open(_) | State::Closing(_) => return,
            State::Waiting { .. } | State::Idle(_) => self.relay.take().map(|it| it.attempt()),
        };
        // It holds for the attempts that follow one click.
        if let (State::Idle(_), Some(options)) =
            (self.session.state(), &mut self.target.target.relay)
        {
            **options = options.checked();
        }
        if let Some(attempt) = attempt {
            let close = SocketOutput::Close(attempt, Close::normal());
            outputs.push_back(Output::Socket(close));
        }
    }
}

/// Token in an answer: 32 hexadecimal digits.
fn token_of(text: &str) -> Option<[u8; TOKEN_LEN]> {
    let digits = text.trim().as_bytes();
    let mut token = [0; TOKEN_LEN];
    if digits.len() != 2 * token.len() {
        return None;
    }
    for (byte, pair) in token.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(token)
}
