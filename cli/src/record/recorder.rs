//! Facts of conversations, collected by connection.

use scenario::Recording;
use session::{EndReason, Fact};

/// Bytes that a fact takes beside its message: as many as the shortest line of a scenario file.
const FACT: usize = 4;

/// Recordings under way, of which no more is kept than a bound.
pub(super) struct Recorder {
    pub(super) recordings: Vec<Recording>,
    /// Headers of each request.
    headers: Vec<(String, String)>,
    /// Bytes that may still be kept.
    left: usize,
    /// True if facts were kept since [`Self::has_more`].
    has_more: bool,
}

impl Recorder {
    pub(super) fn new(headers: Vec<(String, String)>, bytes: usize) -> Self {
        Self { recordings: Vec::new(), headers, left: bytes, has_more: false }
    }

    /// Takes the next fact: each opening begins a connection. `fragment` are the bytes of a fragment of a message that
    /// was sent in fragments.
    pub(super) fn take(&mut self, fact: &Fact, fragment: Option<usize>) {
        let bytes = match fact {
            Fact::Message(_, message, _) => message.len(),
            Fact::Opened(_) | Fact::Close(..) | Fact::Ended(EndReason::Closed(_), ..) => 0,
            _ => return,
        };
        // A file has no room for more: what follows would only be cut.
        self.left = self.left.saturating_sub(bytes + FACT);
        if self.left == 0 {
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
            last.fragments.extend(fragment.map(|bytes| (last.facts.len(), bytes)));
            last.facts.push(fact.clone());
            self.has_more = true;
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
