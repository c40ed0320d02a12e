//! Facts of conversations, collected by connection.

use scenario::Recording;
use session::{Direction, EndReason, Fact, Frame, FrameOpcode};

/// Bytes that a fact takes beside its message: as many as the shortest line of a scenario file.
const FACT: usize = 4;

/// Recordings under way, of which no more is kept than a bound.
pub(super) struct Recorder {
    pub(super) recordings: Vec<Recording>,
    /// Headers of each request.
    headers: Vec<(String, String)>,
    /// Bytes that may still be kept.
    left: usize,
    /// Bytes of a fragment of the message that arrives.
    arriving: Option<usize>,
    /// Index of the last message that was sent, in the facts of the last recording.
    sent: Option<usize>,
    /// True if facts were kept since [`Self::has_more`].
    has_more: bool,
}

impl Recorder {
    pub(super) fn new(headers: Vec<(String, String)>, bytes: usize) -> Self {
        let (recordings, arriving, sent, has_more) = (Vec::new(), None, None, false);
        Self { recordings, headers, left: bytes, arriving, sent, has_more }
    }

    /// Takes the next fact: each opening begins a connection.
    pub(super) fn take(&mut self, fact: &Fact) {
        let bytes = match fact {
            Fact::Frame(direction, frame) => return self.take_frame(*direction, frame),
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
            self.sent = None;
            return;
        }
        let url = match fact {
            Fact::Opened(handshake) => Some((&handshake.url, &handshake.subprotocol)),
            // What the page exports may begin after the opening.
            _ => self.recordings.is_empty().then_some((&None, &None)),
        };
        self.recordings.extend(url.map(|(url, subprotocol)| Recording {
            url: url.clone(),
            headers: self.headers.clone(),
            subprotocols: subprotocol.iter().cloned().collect(),
            ..Recording::default()
        }));
        if let Some(last) = self.recordings.last_mut() {
            let index = last.facts.len();
            match fact {
                Fact::Opened(_) => (self.sent, self.arriving) = (None, None),
                Fact::Message(Direction::Out, ..) => self.sent = Some(index),
                Fact::Message(Direction::In, ..) => {
                    last.fragments.extend(self.arriving.take().map(|bytes| (index, bytes)));
                }
                _ => {}
            }
            last.facts.push(fact.clone());
            self.has_more = true;
        }
    }

    /// Notes the size of a fragment: the first of its message with a payload. Frames come before a message that is
    /// received, and after one that is sent.
    fn take_frame(&mut self, direction: Direction, frame: &Frame) {
        let is_control =
            matches!(frame.opcode, FrameOpcode::Close | FrameOpcode::Ping | FrameOpcode::Pong);
        let bytes = frame.inflated.or(frame.size).and_then(|bytes| usize::try_from(bytes).ok());
        let Some(bytes @ 1..) = bytes.filter(|_| !frame.fin && !is_control) else { return };
        match (direction, self.sent, self.recordings.last_mut()) {
            (Direction::In, ..) => _ = self.arriving.get_or_insert(bytes),
            (Direction::Out, Some(index), Some(last)) => {
                last.fragments.entry(index).or_insert(bytes);
            }
            _ => {}
        }
    }

    /// `true` if there is more than at the last call.
    pub(super) fn has_more(&mut self) -> bool {
        std::mem::take(&mut self.has_more)
    }

    /// `true` once there was more than is kept.
    pub(super) fn is_full(&self) -> bool {
        self.left == 0
    }
}
