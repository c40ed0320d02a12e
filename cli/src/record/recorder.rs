//! Facts of conversations, collected by connection.

use std::collections::HashMap;

use scenario::Recording;
use session::{Direction, EndReason, Fact, Frame, FrameOpcode, Handshake};

/// Bytes that a fact takes beside its message: as many as the shortest line of a scenario file.
const FACT: usize = 4;

/// Recordings under way, bounded in bytes.
pub(super) struct Recorder {
    /// Recordings in the order of their openings; each opening begins another one.
    pub(super) recordings: Vec<Recording>,
    /// Index of each fact's recording, in the order of the facts.
    pub(super) order: Vec<usize>,
    /// Headers of each request, for `header` lines.
    headers: Vec<(String, String)>,
    /// Bytes that may still be kept.
    left: usize,
    /// Connections by name, of several the latest; the empty name for connections without one.
    latest: HashMap<String, Latest>,
    /// True if facts were kept since [`Self::has_more`].
    has_more: bool,
}

/// Latest connection of a name.
struct Latest {
    /// Index of its recording.
    index: usize,
    /// Bytes of a fragment of the message under way.
    arriving: Option<usize>,
    /// Index of the last message that was sent, in the facts of the recording.
    sent: Option<usize>,
}

impl Recorder {
    /// Recorder without a recording, of at most `bytes`.
    pub(super) fn new(headers: Vec<(String, String)>, bytes: usize) -> Self {
        Self {
            recordings: Vec::new(),
            order: Vec::new(),
            headers,
            left: bytes,
            latest: HashMap::new(),
            has_more: false,
        }
    }

    /// Records the next fact of a connection, which may have a name. An opening begins another
    /// recording. At the bound, recording ends for good.
    pub(super) fn record(&mut self, name: Option<&str>, fact: &Fact) {
        let name = name.unwrap_or_default();
        let bytes = match fact {
            Fact::Frame(direction, frame) => return self.record_frame(name, *direction, frame),
            Fact::Message(_, message, _) => message.len(),
            Fact::Ping(Direction::Out, data) | Fact::Pong(Direction::In, data, Some(_)) => {
                data.len()
            }
            Fact::Opened(_) | Fact::Close(..) | Fact::Ended(EndReason::Closed(_), ..) => 0,
            _ => return,
        };
        // A file has no room for more: what follows would only be cut.
        self.left = self.left.saturating_sub(bytes + FACT);
        if self.left == 0 {
            self.latest.clear();
            return;
        }
        if let Fact::Opened(handshake) = fact {
            self.begin(name, handshake);
        } else if !self.latest.contains_key(name) {
            // What the page exports may begin after the opening.
            self.begin(name, &Handshake::default());
        }
        let Some(latest) = self.latest.get_mut(name) else { return };
        let recording = &mut self.recordings[latest.index];
        let index = recording.facts.len();
        match fact {
            Fact::Message(Direction::Out, ..) => latest.sent = Some(index),
            Fact::Message(Direction::In, ..) => {
                recording.fragments.extend(latest.arriving.take().map(|bytes| (index, bytes)));
            }
            _ => {}
        }
        recording.facts.push(fact.clone());
        self.order.push(latest.index);
        self.has_more = true;
    }

    /// Begins a recording. A subprotocol is the selected one.
    fn begin(&mut self, name: &str, handshake: &Handshake) {
        let index = self.recordings.len();
        self.recordings.push(Recording {
            name: Some(name.to_owned()),
            url: handshake.url.clone(),
            headers: self.headers.clone(),
            subprotocols: handshake.subprotocol.iter().cloned().collect(),
            ..Recording::default()
        });
        self.latest.insert(name.to_owned(), Latest { index, arriving: None, sent: None });
    }

    /// Notes the size of a fragment: the first of its message with a payload. Frames come before a message that is
    /// received, and after one that is sent.
    fn record_frame(&mut self, name: &str, direction: Direction, frame: &Frame) {
        let is_control =
            matches!(frame.opcode, FrameOpcode::Close | FrameOpcode::Ping | FrameOpcode::Pong);
        let bytes = frame.inflated.or(frame.size).and_then(|bytes| usize::try_from(bytes).ok());
        let Some(bytes @ 1..) = bytes.filter(|_| !frame.fin && !is_control) else { return };
        let Some(latest) = self.latest.get_mut(name) else { return };
        match (direction, latest.sent) {
            (Direction::In, _) => _ = latest.arriving.get_or_insert(bytes),
            (Direction::Out, Some(sent)) => {
                self.recordings[latest.index].fragments.entry(sent).or_insert(bytes);
            }
            _ => {}
        }
    }

    /// True if there is more than at the last call.
    pub(super) fn has_more(&mut self) -> bool {
        std::mem::take(&mut self.has_more)
    }

    /// True once there was more than the bound.
    pub(super) fn is_full(&self) -> bool {
        self.left == 0
    }
}
