//! Connection through the page's server: events of its socket, for the session.

use session::{Attempt, Close, CloseCode, Direction, EndReason, Event, Message, Outcome, State};

use super::{super::output::SocketOutput, Connection, Turn};
use ::relay::{Command, TOKEN_LEN};

use crate::{
    compose::Framing,
    connect::{Answer, Cause, FilledTarget, Target},
    log::{Item, LogEvent},
    payload::decode_hex,
    relay::{ConnectionEvent, ControlFrame, ControlKind, RelayEvent, encoded, encoded_message},
};

/// Bytes that are kept of bytes that were sent in no frame, at most: the first.
const MAX_RAW_BYTES: usize = 4_096;

impl Connection {
    /// True if the attempt takes the way through the page's server.
    pub(in super::super) fn is_relayed(&self) -> bool {
        self.relay.is_some()
    }

    /// Reads from the target, or stops, if the connection is open through the page's server.
    pub(super) fn read(&mut self, is_reading: bool, turn: &mut Turn<'_>) {
        if let (State::Open(attempt), Some(relay)) = (self.session.state(), &mut self.relay) {
            turn.call(SocketOutput::Send(*attempt, relay.read(is_reading)));
        }
    }

    /// Asks for the token of the relay, without which it opens nothing.
    pub(super) fn ask_for_token(&mut self, attempt: Attempt, turn: &mut Turn<'_>) {
        if let Some((question, _)) = self.page.relay() {
            self.asking = Some(attempt);
            turn.call(SocketOutput::Ask(attempt, question));
        }
    }

    /// Takes the answer with the token, and opens a socket to the relay.
    pub(super) fn authorize(
        &mut self,
        attempt: Attempt,
        answer: Option<&Answer>,
        turn: &mut Turn<'_>,
    ) {
        let token = answer.filter(|answer| answer.status == 200);
        let token = token.and_then(|answer| token_of(&answer.text));
        if let (Some(token), Some(relay), Some((_, url))) =
            (token, &mut self.relay, self.page.relay())
        {
            relay.authorize(token);
            let target = Target { url, ..Target::default() };
            return turn.call(SocketOutput::Open(attempt, target));
        }
        let cause = answer.map_or_else(|| self.page.no_response(), Cause::without_token);
        self.failed_for(cause, attempt, turn);
    }

    /// Sends the relay's first message, once its own socket is open.
    pub(super) fn greet(&self, attempt: Attempt, turn: &mut Turn<'_>) {
        if let Some(relay) = self.relay.as_ref().filter(|relay| relay.attempt() == attempt) {
            turn.call(SocketOutput::Send(attempt, relay.hello()));
        }
    }

    /// Decodes a message of the relay.
    pub(in super::super) fn decode(
        &mut self,
        attempt: Attempt,
        message: &Message,
        turn: &mut Turn<'_>,
    ) -> Vec<RelayEvent> {
        let current = self.relay.as_mut().filter(|relay| relay.attempt() == attempt);
        let Some(relay) = current else { return Vec::new() };
        let (events, answer) = relay.receive(message);
        if let Some(names) = relay.take_certificates() {
            self.certificates = names;
        }
        if let Some(answer) = answer {
            turn.call(SocketOutput::Send(attempt, answer));
        }
        events
    }

    /// Handles an event of the relayed connection.
    pub(in super::super) fn relayed(
        &mut self,
        attempt: Attempt,
        event: ConnectionEvent,
        turn: &mut Turn<'_>,
    ) {
        match event {
            ConnectionEvent::Opened(negotiated) => {
                turn.items.extend(self.handshake());
                self.opened(attempt, negotiated, turn);
            }
            ConnectionEvent::Control(frame) => turn.record(LogEvent::Control(frame)),
            ConnectionEvent::Failed(cause) => {
                let (handshake, before) = (self.handshake(), turn.items.len());
                self.put_off_retry(self.relay.as_ref().and_then(|it| it.opening().retry_after()));
                let FilledTarget { target, shown } = &self.target;
                let cause = cause.hiding(&target.url, &shown.url);
                self.failed_for(cause, attempt, turn);
                // One of a retry that failed again is no news.
                if turn.items.len() > before {
                    turn.items.splice(before..before, handshake);
                }
            }
            ConnectionEvent::Ended(close) => {
                self.handle(Event::Ended(attempt, EndReason::Closed(close)), turn);
            }
        }
    }

    /// Handles the end of the relay's own socket. It tells nothing about the target.
    pub(super) fn relay_ended(&mut self, attempt: Attempt, close: Close, turn: &mut Turn<'_>) {
        if *self.session.state() == State::Connecting(attempt) {
            // What it cannot decode is of another version.
            let cause = match close.code {
                CloseCode::PROTOCOL => Cause::RelayVersion,
                _ => Cause::RelayClosed(close),
            };
            return self.failed_for(cause, attempt, turn);
        }
        let reason = EndReason::Closed(Close::abnormal());
        self.handle(Event::Ended(attempt, reason), turn);
    }

    /// Sends a message in other frames, whose length is checked. Control frames are recorded when the relay tells
    /// of them.
    pub(in super::super) fn send_framed(
        &mut self,
        message: Message,
        framing: Framing,
        turn: &mut Turn<'_>,
    ) {
        let (State::Open(attempt), Some(relay)) = (self.session.state(), &mut self.relay) else {
            return;
        };
        let attempt = *attempt;
        let bytes = message.payload().as_bytes();
        let sends = match framing {
            Framing::Uncompressed(_) | Framing::FragmentBytes(_) | Framing::FragmentCount(_) => {
                let compress = !matches!(framing, Framing::Uncompressed(_));
                let sends = encoded_message(&message, framing.fragments(message.len()), compress);
                let Ok(Outcome { item, .. }) = self.session.send(message) else { return };
                turn.items.extend(item.map(|item| self.item(item, false, turn.now)));
                sends
            }
            Framing::Ping => encoded(&Command::Ping(bytes)),
            Framing::Pong => encoded(&Command::Pong(bytes)),
            Framing::Raw => {
                let payload = bytes[..bytes.len().min(MAX_RAW_BYTES)].to_vec();
                let (direction, kind) = (Direction::Out, ControlKind::Raw);
                let frame = ControlFrame { direction, kind, payload, frame: None, time: 0 };
                turn.record(LogEvent::Control(frame));
                encoded(&Command::Raw(bytes))
            }
            Framing::Close(code) => {
                let close = relay.close_with(code, bytes);
                return self.disconnect(close, turn);
            }
        };
        self.buffered = self.buffered.map(|waiting| waiting + sends.len() as u64);
        turn.call(SocketOutput::Send(attempt, sends));
    }

    /// Opening as it was seen, to record.
    fn handshake(&self) -> Option<Item> {
        let FilledTarget { target, shown } = &self.target;
        let opening = self.relay.as_ref()?.opening().hiding(target, shown);
        Some(Item::Event(LogEvent::Handshake(Box::new(opening))))
    }

    /// Closes the socket to the relay, once the session is done with the attempt.
    pub(super) fn leave_relay(&mut self, turn: &mut Turn<'_>) {
        let attempt = match *self.session.state() {
            State::Connecting(_) | State::Open(_) | State::Closing(_) => return,
            State::Waiting { .. } | State::Idle(_) => self.relay.take().map(|it| it.attempt()),
        };
        // It holds for the attempts that follow one click.
        if let (State::Idle(_), Some(options)) =
            (self.session.state(), &mut self.target.target.relay)
        {
            **options = options.without_exceptions();
        }
        if let Some(attempt) = attempt {
            turn.call(SocketOutput::Close(attempt, Close::normal()));
        }
    }
}

/// Token in an answer: 32 hexadecimal digits.
fn token_of(text: &str) -> Option<[u8; TOKEN_LEN]> {
    decode_hex(text.trim()).ok()?.try_into().ok()
}
