//! Conversation of a mock with one client.

use std::{
    borrow::Cow,
    path::{Component, Path},
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll},
};

use protocol::{Close, Kind, REASON_LEN, close_code};
use scenario::{ConnectionId, Failure, Input, Outgoing, Output, Run, Verdict};
use serde_json::json;
use session::Message;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{Script, clock::ScenarioClock, file::MockFile, scenario_files, tally::ServeTally};
use crate::{
    endpoints::delivery::Delivery,
    memory::account::Held,
    state::Server,
    websocket::handler::{Abort, Finish, Handler, Responder},
};

/// Connection of the run.
const CLIENT: ConnectionId = ConnectionId(0);

/// Bytes of undelivered messages above which the run waits.
const UNDER_WAY: usize = 1 << 20;

/// Updates of the run in a turn, at most; then other tasks get theirs.
const UPDATES: usize = 16;

/// Handler of one client.
pub(super) struct Conversation {
    /// Interpreter of the file's lines for this client.
    run: Run,
    /// Messages on their way, under the conditions of the URL.
    delivery: Delivery,
    /// Ping and Pong frames to send.
    control: Vec<Outgoing>,
    /// Files as of the opening: a reload does not change an open conversation.
    script: Arc<Script>,
    path: ServedPath,
    /// Number of the connection, for the log and for `{{connection}}`.
    number: u64,
    /// Server, for its log and metrics.
    server: Arc<Server>,
    clock: ScenarioClock,
    /// Timer of the run's next deadline.
    timer: Pin<Box<Sleep>>,
    /// True once the run has had its first turn.
    is_begun: bool,
    /// True once the result is in the tally.
    is_counted: bool,
    /// End by the file, once all before it is sent.
    finish: Option<Finish>,
    /// End by a deviation.
    deviation: Option<Close>,
}

/// Path that a file serves, as indices.
#[derive(Clone, Copy)]
pub(super) struct ServedPath {
    /// Index of the file.
    pub(super) file: usize,
    /// Index of the path in the file.
    pub(super) serve: usize,
}

impl Conversation {
    /// Creates the conversation of a path of `script`.
    pub(super) fn new(
        run: Run,
        delivery: Delivery,
        script: Arc<Script>,
        path: ServedPath,
        number: u64,
        server: &Arc<Server>,
    ) -> Self {
        Self {
            run,
            delivery,
            control: Vec::new(),
            script,
            path,
            number,
            server: Arc::clone(server),
            clock: ScenarioClock::start(),
            timer: Box::pin(sleep_until(Instant::now())),
            is_begun: false,
            is_counted: false,
            finish: None,
            deviation: None,
        }
    }

    /// File that serves the path.
    fn file(&self) -> &MockFile {
        &self.script.files[self.path.file]
    }

    /// Counts of the served path.
    fn tally(&self) -> &ServeTally {
        &self.file().tallies[self.path.serve]
    }

    /// Gives an event or the time to the run, and carries out its outputs.
    fn update(&mut self, input: Option<Input>) {
        for output in self.run.update(input.map(|input| (CLIENT, input)), self.clock.now()) {
            match output {
                Output::Passed(span, _) => self.tally().hit(&span),
                Output::Drop(_) => {
                    self.finish.get_or_insert(Finish::Abort(Abort::Fin));
                }
                Output::Send(_, outgoing) => self.send(outgoing),
                // A mock has one connection.
                Output::Connect(..) => {}
            }
        }
        match self.run.verdict().cloned() {
            Some(Verdict::Failed(failure)) if !self.is_counted => self.failed(&failure),
            Some(Verdict::Passed) => self.count(|tally| tally.passed.fetch_add(1, Relaxed)),
            _ => {}
        }
    }

    /// Queues an item of the run. A file that cannot be read ends the connection with 1011.
    fn send(&mut self, outgoing: Outgoing) {
        match outgoing {
            // The run's own end: a deviation has a Close frame with its line.
            Outgoing::Close(..) if self.run.verdict().is_some() => {}
            Outgoing::Message(message) => self.deliver(message, None),
            Outgoing::Fragments(message, bytes) => self.deliver(message, Some(bytes)),
            Outgoing::File(path, span) => match self.read(&path) {
                Ok(message) => self.deliver(message, None),
                Err(sentence) => {
                    let place = self.file().place(&span);
                    self.broken(&place, &sentence);
                }
            },
            Outgoing::Ping(_) | Outgoing::Pong(_) => self.control.push(outgoing),
            Outgoing::Close(code, reason) => {
                let reason = bounded(reason);
                let answer = Input::Closed(Some((code, reason.clone())));
                let close = (code != close_code::NONE).then_some(Close { code, reason });
                self.finish.get_or_insert(Finish::Close(close));
                // The connection answers it: the client's own frame does not come here.
                self.update(Some(answer));
            }
        }
    }

    /// Queues a message under the conditions of the URL, in frames of `fragment` bytes at most.
    fn deliver(&mut self, message: Message, fragment: Option<usize>) {
        let (kind, payload) = match message {
            Message::Text(text) => (Kind::Text, text.into_bytes()),
            Message::Binary(bytes) => (Kind::Binary, bytes),
        };
        self.delivery.push_fragmented(kind, payload, fragment);
    }

    /// Reads a file to send, anew each time, since tests change it. Blocks a worker for as long as the disk takes.
    fn read(&self, path: &str) -> Result<Message, String> {
        // A client may have chosen a part of the path.
        let is_below = Path::new(path).components().all(|it| matches!(it, Component::Normal(_)));
        if !is_below {
            return Err(format!("{path} is outside the folder of the scenario."));
        }
        scenario_files::read_message(&self.file().path, path)
    }

    /// Ends the connection for a mistake that shows only when it is sent.
    fn broken(&mut self, place: &str, sentence: &str) {
        tracing::error!(connection = self.number, "Mock {place}: {sentence}");
        let close = Close { code: close_code::INTERNAL, reason: bounded(sentence.to_owned()) };
        self.deviation.get_or_insert(close);
    }

    /// Counts a conversation that did not come to its end, and ends the connection.
    fn failed(&mut self, failure: &Failure) {
        if failure.is_early_end {
            return self.count(|tally| tally.left.fetch_add(1, Relaxed));
        }
        self.count(|tally| tally.deviated.fetch_add(1, Relaxed));
        let Failure { span, message, differences, recent, .. } = failure;
        let (place, step) = (self.file().place(span), self.file().step(span).to_owned());
        let received = recent.iter().rfind(|seen| !seen.sent).map(|seen| &*seen.text);
        self.server.metrics.mock_deviations.inc();
        self.server.event_log.deviated(self.number, &place, message, differences, received);
        self.script.misses.add(json!({
            "at": place,
            "step": step,
            "connection": self.number,
            "message": message,
            "differences": differences,
            "received": received,
        }));
        // Without its folders: a reason is short.
        let place = place.rsplit(std::path::is_separator).next().unwrap_or_default();
        let reason = format!("{place}: {message}");
        self.deviation = Some(Close { code: close_code::POLICY, reason: bounded(reason) });
    }

    /// Counts the result of the conversation, the first one only.
    fn count(&mut self, count: impl FnOnce(&ServeTally) -> u64) {
        if !std::mem::replace(&mut self.is_counted, true) {
            count(self.tally());
        }
    }

    /// Lets the run go on where it waits for the time.
    fn go_on(&mut self, context: &mut Context<'_>, responder: &Responder<'_>) {
        if !std::mem::replace(&mut self.is_begun, true) {
            self.update(None);
        }
        for _ in 0..UPDATES {
            // A client that reads slowly slows the mock down.
            let has_room = responder.has_room() && self.delivery.pending_bytes() < UNDER_WAY;
            let Some(at) = self.run.deadline().filter(|_| has_room) else { return };
            let due = self.clock.instant(at);
            if self.timer.deadline() != due {
                self.timer.as_mut().reset(due);
            }
            if self.timer.as_mut().poll(context).is_pending() {
                return;
            }
            self.update(None);
        }
        context.waker().wake_by_ref();
    }
}

/// Reason of a Close frame, cut where it is too long.
fn bounded(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(REASON_LEN));
    reason
}

impl Handler for Conversation {
    fn on_message(&mut self, kind: Kind, payload: Cow<'_, [u8]>, _: &mut Responder<'_>) {
        let payload = payload.into_owned();
        let message = match kind {
            // Checked by the protocol.
            Kind::Text => Message::Text(String::from_utf8(payload).unwrap_or_default()),
            Kind::Binary => Message::Binary(payload),
        };
        self.update(Some(Input::Message(message)));
    }

    fn on_ping(&mut self, payload: &[u8], responder: &mut Responder<'_>) {
        responder.outbox.pong(payload);
        self.update(Some(Input::Ping(payload.to_vec())));
    }

    fn on_pong(&mut self, payload: &[u8]) {
        self.update(Some(Input::Pong(payload.to_vec())));
    }

    fn on_close(&mut self, close: Option<&Close>) {
        let end = close.map(|close| (close.code, close.reason.clone()));
        self.update(Some(Input::Closed(Some(end.unwrap_or((close_code::NONE, String::new()))))));
    }

    fn poll(&mut self, context: &mut Context<'_>, responder: &mut Responder<'_>) -> Poll<Finish> {
        self.go_on(context, responder);
        for frame in self.control.drain(..) {
            match frame {
                Outgoing::Ping(data) => responder.outbox.ping(data.as_bytes()),
                Outgoing::Pong(data) => responder.outbox.pong(data.as_bytes()),
                _ => {}
            }
        }
        if let Some(close) = self.deviation.take() {
            return Poll::Ready(Finish::Close(Some(close)));
        }
        if self.finish.is_some() {
            self.delivery.release_window();
        }
        match (self.delivery.poll(context, responder), self.finish.take()) {
            (Poll::Ready(()), Some(finish)) => Poll::Ready(finish),
            (_, finish) => {
                self.finish = finish;
                Poll::Pending
            }
        }
    }

    fn pending_bytes(&self) -> usize {
        self.delivery.pending_bytes() + self.run.held()
    }

    fn held(&self) -> Held {
        Held::own(self.pending_bytes() + self.run.variable_bytes())
    }

    fn discard(&mut self) {
        self.delivery.discard();
    }

    fn before_close(&mut self, responder: &mut Responder<'_>) {
        self.delivery.flush(responder);
    }
}

impl Drop for Conversation {
    /// Counts a client that left, or whose connection was lost.
    fn drop(&mut self) {
        self.update(Some(Input::Closed(None)));
        self.count(|tally| tally.left.fetch_add(1, Relaxed));
    }
}
